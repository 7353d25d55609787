import DNS
import Propagation

/// A *plan*: whether a domain is ready for its switch, and the days after, by facts, wishes and instant.
package struct Plan: Sendable {
    package let domain: DomainName
    package let madeAt: Instant
    package let target: Target
    package let policy: Policy
    package let wishes: PlanWishes
    package let zone: DomainName?
    /// The exchanges that get the mail now.
    package let present: [ReadExchange]
    package let presentFacts: [ExchangeFacts]
    /// `nil` where no authoritative server told.
    package let lifetimes: PlanLifetimes?
    package let subdomains: [DomainName]
    /// Whether there is no MX yet: negative answers live as long as the SOA says.
    package let isWithoutMX: Bool
    /// Whether every authoritative server serves the target, and no subdomain is left to move.
    package let isSwitched: Bool
    package let lines: [PlanLine]
    /// `nil` where there is nothing to switch, or the present MX is unknown.
    package let timeline: PlanTimeline?

    /// Whether the domain can be switched now.
    package enum Readiness: String, Sendable, Hashable, CaseIterable, Encodable {
        case ready
        /// Something certainly has to be waited for or done.
        case notYet = "not_yet"
        case unknown
    }

    package var readiness: Readiness {
        let isNotYet = lines.contains { line in
            switch line.status {
            case .wait, .fix: true
            case .ok, .unknown: false
            }
        }
        if isNotYet { return .notYet }
        return lines.contains { $0.status == .unknown } ? .unknown : .ready
    }

    /// The exit code of `propaga plan`: 0 ready, 1 not yet, 2 cannot tell.
    package var exitCode: Int32 {
        switch readiness {
        case .ready: 0
        case .notYet: 1
        case .unknown: 2
        }
    }

    package init(_ facts: PlanFacts, _ wishes: PlanWishes, at now: Instant) {
        let tracker = facts.tracker
        let authority = tracker.authority
        domain = tracker.domain
        madeAt = now
        target = tracker.target
        policy = tracker.policy
        self.wishes = wishes
        zone = authority.zone
        subdomains = facts.subdomains.map(\.domain)
        let lifetimes = PlanLifetimes(tracker, loweredSince: facts.loweredSince, at: now)
        self.lifetimes = lifetimes
        isSwitched = authority.agree && !facts.subdomains.contains(where: \.movesAlong)
        present = authority.presentReading?.exchanges ?? []
        presentFacts = facts.present
        let reading = authority.presentReading
        isWithoutMX = reading?.state == .noMX && reading?.absence != .nullMX
        let timeline = Self.timeline(facts, wishes, lifetimes, at: now)
        self.timeline = timeline
        let looks = PlanLooks(facts: facts, wishes: wishes, lifetimes: lifetimes, now: now)
        lines = looks.lines + (timeline.map(Self.passLines) ?? [])
    }

    /// With two passes, the first comes before the switch, and DNS shows nothing of it.
    private static func passLines(_ timeline: PlanTimeline) -> [PlanLine] {
        guard let start = timeline[.firstPass] else { return [] }
        return [PlanLine(.wait(until: timeline.switchAt), .firstPass(from: start))]
    }

    private static func timeline(
        _ facts: PlanFacts, _ wishes: PlanWishes, _ lifetimes: PlanLifetimes?, at now: Instant
    ) -> PlanTimeline? {
        let authority = facts.tracker.authority
        guard let lifetimes, !authority.isDenied else { return nil }
        let others = facts.subdomains.filter(\.movesAlong).compactMap { $0.lifetimes(at: now) }
        let moving = (authority.agree ? [] : [lifetimes]) + others
        guard !moving.isEmpty else { return nil }
        let delegation = authority.nameServerTTL ?? Policy.assumedNameServerTTL
        return PlanTimeline(
            moving, wishes, settle: facts.tracker.policy.settle,
            delegationLifetime: wishes.leavesNameServers ? delegation : nil,
            forwards: facts.tracker.getsMail || !others.isEmpty, at: now)
    }
}

extension DomainTracker {
    /// Whether mail for the name is delivered: by its MX, or to its own addresses (RFC 5321 §5.1).
    fileprivate var getsMail: Bool {
        let absence = authority.presentReading?.absence
        return absence == nil || absence == .noData
    }
}

extension AuthorityState {
    /// What the servers serve now; where they differ, something other than the target.
    package var presentReading: Reading? {
        let readings = servers.compactMap(effectiveReading)
        return readings.first { $0.state != .target } ?? readings.first
    }
}
