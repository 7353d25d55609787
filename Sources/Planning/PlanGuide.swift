import DNS
import Propagation

/// The numbers of the migration guide that a plan uses.
package enum PlanGuide {
    /// The TTL that the MX should have before the switch (G2).
    package static let timeToLive = TTL(seconds: 600)...TTL(seconds: 1800)
    /// How long before the switch the TTL should be lowered if the former TTL is unknown (G2).
    package static let loweredAhead: Duration = .seconds(2 * 86_400)
    /// How long before the switch the first of two passes runs (G7).
    package static let firstPassAhead: Duration = .seconds(86_400)
}

/// When the mailboxes are copied.
package enum MigrationStrategy: String, Sendable, Hashable, CaseIterable, Encodable {
    /// After the change, in one pass: what the guide recommends (G6).
    case after
    /// For large mailboxes: once a day before the change, and again after it has propagated (G7).
    case twoPass = "two-pass"
}

/// What the operator wants, and knows.
package struct PlanWishes: Sendable, Hashable {
    /// When to change the MX; `nil` for the earliest good moment.
    package var switchAt: Instant?
    package var strategy: MigrationStrategy
    /// The zone moves to other name servers at the switch as well.
    package var leavesNameServers: Bool
    /// The operator saw that the MTA-STS policy lists the new exchanges.
    package var hasCheckedPolicy: Bool

    package init(
        switchAt: Instant? = nil, strategy: MigrationStrategy = .after, leavesNameServers: Bool = false,
        hasCheckedPolicy: Bool = false
    ) {
        self.switchAt = switchAt
        self.strategy = strategy
        self.leavesNameServers = leavesNameServers
        self.hasCheckedPolicy = hasCheckedPolicy
    }
}
