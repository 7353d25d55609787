import DNS
import Propagation

/// The days of a migration (G2 to G8). Every instant but the switch is an estimate, "not before".
package struct PlanTimeline: Sendable, Hashable {
    package enum Step: String, Sendable, Hashable, CaseIterable, Encodable {
        case lowerTTL = "lower_ttl"
        case firstPass = "first_pass"
        case switchMX = "switch"
        case forward
        case propagated
        /// The one pass of `MigrationStrategy.after`.
        case onlyPass = "only_pass"
        case secondPass = "second_pass"
        case raiseTTL = "raise_ttl"
        case decommission
    }

    package struct Entry: Sendable, Hashable {
        package var step: Step
        package var notBefore: Instant

        package init(_ step: Step, _ notBefore: Instant) {
            self.step = step
            self.notBefore = notBefore
        }
    }

    /// In the order of time.
    package let entries: [Entry]
    /// The earliest good moment for the switch.
    package let earliest: Instant
    package let switchAt: Instant
    /// As `Bound`, for the switch at `switchAt`.
    package let bound: Instant
    /// What the operator's wish costs.
    package let costs: [PlanCost]
    /// The longest lifetime left in caches at the switch, for `--previous-ttl` of a watch that begins then.
    package let longestAtSwitch: TTL
    /// Whether it is known, for every name that moves, since when its TTL is low.
    package let isLoweringKnown: Bool

    package subscript(step: Step) -> Instant? { entries.first { $0.step == step }?.notBefore }
}

/// What an early switch costs.
package enum PlanCost: Sendable, Hashable {
    /// Copies with the long TTL are still alive: mail may reach the old server for so much longer.
    case longCopies(until: Instant, longer: Duration, isAssumed: Bool)
    /// The guide's two days since the TTL was lowered are not over.
    case lessThanTwoDays(end: Instant)
    /// The first pass has only so long before the switch.
    case shortFirstPass(Duration)
}

extension PlanTimeline {
    /// - Parameters:
    ///   - lifetimes: of the domain and the subdomains that move along; at least one.
    ///   - delegationLifetime: how long former name servers are asked, if they change too.
    ///   - forwards: whether mail goes anywhere now.
    init(
        _ lifetimes: [PlanLifetimes], _ wishes: PlanWishes, settle: Duration,
        delegationLifetime: TTL?, forwards: Bool, at now: Instant
    ) {
        let ready = lifetimes.compactMap(\.readyAt).reduce(now, max)
        let isTwoPass = wishes.strategy == .twoPass
        earliest = isTwoPass ? max(ready, now + PlanGuide.firstPassAhead) : ready
        let switchAt = wishes.switchAt ?? earliest
        self.switchAt = switchAt
        let atSwitch = lifetimes.map(\.atSwitch).max() ?? TTL(seconds: 0)
        let propagated = lifetimes.map { $0.propagated(switchingAt: switchAt) }.reduce(switchAt, max)
        var bound = lifetimes.map { $0.bound(switchingAt: switchAt) }.reduce(switchAt, max)
        let longest = max(atSwitch.duration, (lifetimes.map(\.goneBy).max() ?? switchAt) - switchAt)
        longestAtSwitch = TTL(seconds: Int(clamping: longest.roundedUp))
        if let delegationLifetime {
            // Former name servers may serve the previous MX to resolvers that know them (§4).
            bound = max(bound, switchAt + delegationLifetime.duration + atSwitch.duration)
        }
        self.bound = bound
        isLoweringKnown = lifetimes.allSatisfy { $0.isLoweringKnown(at: now) }
        let pass = max(propagated, bound) + settle
        var entries: [Entry] = []
        if lifetimes.contains(where: { !$0.isLowered }) { entries.append(Entry(.lowerTTL, now)) }
        if isTwoPass { entries.append(Entry(.firstPass, max(now, switchAt - PlanGuide.firstPassAhead))) }
        entries.append(Entry(.switchMX, switchAt))
        if forwards { entries.append(Entry(.forward, switchAt)) }
        entries += [
            Entry(.propagated, propagated), Entry(isTwoPass ? .secondPass : .onlyPass, pass),
            Entry(.raiseTTL, pass), Entry(.decommission, max(switchAt + Policy.senderPatience, pass)),
        ]
        self.entries = entries
        costs = Self.costs(lifetimes, wishes, switchAt: switchAt, atSwitch: atSwitch, now: now)
    }

    private static func costs(
        _ lifetimes: [PlanLifetimes], _ wishes: PlanWishes, switchAt: Instant, atSwitch: TTL, now: Instant
    ) -> [PlanCost] {
        var costs: [PlanCost] = []
        let usual = switchAt + atSwitch.duration
        if let last = lifetimes.filter(\.isLongBefore).max(by: { $0.goneBy < $1.goneBy }), last.goneBy > usual
        {
            costs.append(
                .longCopies(until: last.goneBy, longer: last.goneBy - usual, isAssumed: last.isAssumed))
        }
        let guide = lifetimes.filter { $0.isLongBefore && $0.isAssumed }.compactMap(\.loweredAt).max()
            .map { $0 + PlanGuide.loweredAhead }
        if let guide, switchAt < guide { costs.append(.lessThanTwoDays(end: guide)) }
        if wishes.strategy == .twoPass, switchAt - PlanGuide.firstPassAhead < now {
            costs.append(.shortFirstPass(switchAt - now))
        }
        return costs
    }
}

extension Duration {
    /// In whole seconds, rounded up.
    fileprivate var roundedUp: Int64 {
        let (seconds, rest) = components
        return rest > 0 ? seconds + 1 : seconds
    }
}
