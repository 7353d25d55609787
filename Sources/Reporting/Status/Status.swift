import DNS
import Propagation

/// The one status value that every face shows: the document `propaga/status/1`.
///
/// Members are declared in the document's order, whose names are theirs in snake case (`append(json:)`). Absent
/// knowledge is `nil` here and `null` in JSON, never 0 or an empty string. All text in it that came over the
/// network is escaped already.
package struct Status: Codable, Equatable, Sendable {
    package static let schemaIdentifier = "propaga/status/1"

    package var schema = Status.schemaIdentifier
    package var generatedAt: Timestamp
    package var condition: Condition
    package var target: TargetStatus
    package var domains: [DomainStatus]
    /// What the program exits with: the worst domain's code.
    package var exitCode: Int32
    package var deadlinePassed: Bool

    /// - Parameter exitCode: if it is not the worst domain's, such as after an interruption.
    package init(
        generatedAt: WallTime, condition: Condition, target: Target, domains: [DomainStatus],
        exitCode: Int32? = nil, deadlinePassed: Bool = false
    ) {
        self.generatedAt = Timestamp(generatedAt)
        self.condition = condition
        self.exitCode = exitCode ?? domains.map(\.exitCode).max() ?? 0
        self.deadlinePassed = deadlinePassed
        self.target = TargetStatus(target)
        self.domains = domains
    }

    /// What stands before the domains, where these are written one by one.
    package struct Head: Encodable {
        let schema = Status.schemaIdentifier
        let generatedAt: Timestamp
        let condition: Condition
        let target: TargetStatus

        package init(generatedAt: WallTime, condition: Condition, target: Target) {
            self.generatedAt = Timestamp(generatedAt)
            self.condition = condition
            self.target = TargetStatus(target)
        }
    }

    /// What stands behind them.
    package struct Tail: Encodable {
        let exitCode: Int32
        let deadlinePassed: Bool

        package init(exitCode: Int32, deadlinePassed: Bool) {
            self.exitCode = exitCode
            self.deadlinePassed = deadlinePassed
        }
    }
}

/// Where mail is meant to go.
package struct TargetStatus: Codable, Equatable, Sendable {
    package var name: String
    package var primary: DomainName
    /// Whole names and `*.suffix` patterns.
    package var accepted: [String]

    package init(_ target: Target) {
        name = target.name.escapedForDisplay
        primary = target.primary
        accepted = target.patterns
    }
}

/// One domain at one instant.
package struct DomainStatus: Codable, Equatable, Sendable {
    package var domain: DomainName
    package var phase: Phase
    package var conditionMet: Bool
    package var published: PublishedStatus
    package var propagated: PropagatedStatus
    package var secondPass: SecondPassStatus
    package var decommission: DecommissionStatus
    /// What we wait for, or why no verdict is possible: one sentence each.
    package var reasons: [String]
    /// Warnings that do not change the verdict: one sentence each.
    package var warnings: [String]
    /// What the verdict assumes; empty before publication.
    package var assumptions: AssumptionTexts
    package var resolversCounted: Int
    package var resolversClear: Int
    package var resolversExcluded: Int
    package var authority: AuthorityStatus
    package var resolvers: [ResolverStatus]

    /// The exit code for this domain: 0 met, 1 certainly not yet, 2 cannot tell.
    package var exitCode: Int32 { conditionMet ? 0 : phase == .undetermined ? 2 : 1 }

    /// The longest time in seconds that a copy seen at any resolver still lives; `nil` if none is known.
    package var longestRemaining: Int64? { resolvers.compactMap(\.ttlRemaining).max() }

    /// Since when the last of the resolvers that count has pointed at the target; `nil` while one does not.
    package var latestTargetSince: Timestamp? {
        resolvers.filter { $0.excluded == nil }.map(\.targetSince).latestOfAll()
    }
}

/// Whether the change is made, since when, and on whose word.
package struct PublishedStatus: Codable, Equatable, Sendable {
    package var reached: Bool
    package var at: Timestamp?
    package var basis: Basis
}

/// Whether every resolver that counts has only the new MX.
package struct PropagatedStatus: Codable, Equatable, Sendable {
    package var reached: Bool
    package var at: Timestamp?
    /// An estimate, until it comes.
    package var notBefore: Timestamp?
}

/// Whether the second pass may start: no cache that respects TTLs has another MX, and the waiting period is over.
package struct SecondPassStatus: Codable, Equatable, Sendable {
    package var safe: Bool
    package var at: Timestamp?
    /// An estimate, until it comes.
    package var notBefore: Timestamp?
    /// The instant after which no cache that respects TTLs can hold another MX; `nil` until it is published.
    package var bound: Timestamp?
    /// Seconds.
    package var settle: Int64
}

/// Whether the old provider can delete the domain: all queued mail has arrived, or its senders have given up.
package struct DecommissionStatus: Codable, Equatable, Sendable {
    package var safe: Bool
    /// When it became so, or an estimate until then.
    package var notBefore: Timestamp?
}
