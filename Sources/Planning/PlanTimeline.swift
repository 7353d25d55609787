import DNS
import Propagation

/// The days of a migration, step by step (G2 to G8). Every instant but the switch is an estimate: not before.
package struct PlanTimeline: Sendable, Hashable {
    package enum Step: String, Sendable, Hashable, CaseIterable, Encodable {
        case lowerTTL = "lower_ttl"
        case firstPass = "first_pass"
        case switchMX = "switch"
        case forward
        case propagated
        /// The one pass of those who copy after the change.
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
    /// By when no cache that respects TTLs holds the previous MX.
    package let bound: Instant
    /// What the operator's wish costs.
    package let costs: [PlanCost]
    /// What a watch that begins at the switch is to be told with `--previous-ttl`, so that it comes to `bound`
    /// as well: so long may copies live that stand in caches then.
    package let longestAtSwitch: TTL
    /// Whether it is known since when the TTL is low, of every name that moves.
    package let isLoweringKnown: Bool

    package subscript(step: Step) -> Instant? { entries.first { $0.step == step }?.notBefore }
}

/// What is lost where the switch is wanted earlier than is good.
package enum PlanCost: Sendable, Hashable {
    /// Copies with the long TTL are still out there: mail may reach the old server for so much longer.
    case longCopies(until: Instant, longer: Duration, isAssumed: Bool)
    /// The guide's two days since the TTL was lowered have not passed.
    case lessThanTwoDays(end: Instant)
    /// The first pass has only so long before the switch.
    case shortFirstPass(Duration)
}

extension PlanTimeline {
    /// - Parameters:
    ///   - lifetimes: of the domain, and of the names that move along; at least one.
    ///   - delegationLifetime: how long the former name servers are asked, where they change as well.
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
            // Former name servers may go on serving the previous MX to resolvers that know them (§4).
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
    /// Whole seconds; what is left over counts as one more.
    fileprivate var roundedUp: Int64 {
        let (seconds, rest) = components
        return rest > 0 ? seconds + 1 : seconds
    }
}
