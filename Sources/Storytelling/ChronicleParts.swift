import DNS
import Propagation

/// The accepted exchanges that a domain was judged by.
package struct RecordedTarget: Sendable, Hashable {
    package var name: String
    package var primary: DomainName
    /// Whole names and `*.suffix` patterns.
    package var accepted: [String]

    package init(_ target: Target) {
        self.init(name: target.name, primary: target.primary, accepted: target.patterns)
    }

    package init(name: String, primary: DomainName, accepted: [String]) {
        self.name = name
        self.primary = primary
        self.accepted = accepted
    }
}

/// The levels that a domain has reached.
package struct RecordedStanding: Sendable, Equatable {
    package var phase: Phase
    package var basis: Basis
    package var publishedAt: WallTime?
    package var propagatedAt: WallTime?
    package var secondPassAt: WallTime?
    package var decommissionAt: WallTime?
    /// `nil` until publication.
    package var bound: WallTime?
    package var counted: Int
    package var clear: Int

    /// What the tracker knows, from this run or an earlier one.
    package init(_ tracker: DomainTracker, at clock: ClockReading) {
        let counted = tracker.countedResolvers
        self.init(
            phase: tracker.levelPhase, basis: tracker.basis, counted: counted.count,
            clear: counted.count { $0.isClear(at: clock.instant, policy: tracker.policy) })
        publishedAt = tracker.publishedAt.map(clock.wallTime)
        propagatedAt = tracker.propagatedAt.map(clock.wallTime)
        secondPassAt = tracker.secondPassAt.map(clock.wallTime)
        decommissionAt = tracker.decommissionAt.map(clock.wallTime)
        bound = tracker.bound.map { clock.wallTime(at: $0.at) }
    }

    package init(phase: Phase, basis: Basis, counted: Int = 0, clear: Int = 0) {
        self.phase = phase
        self.basis = basis
        self.counted = counted
        self.clear = clear
    }
}

/// What one authoritative server was seen to serve without interruption: one MX RRset, or none, with one TTL.
package struct ServedSpan: Sendable, Equatable {
    package var server: ServerLabel
    package var state: MailState
    package var exchanges: [ReadExchange]
    package var ttl: TTL?
    package var firstSeen: WallTime
    package var lastSeen: WallTime
    /// When the server was first seen to serve something else; `nil` until then.
    package var goneAt: WallTime?

    package init(
        server: ServerLabel, state: MailState, exchanges: [ReadExchange], ttl: TTL?, firstSeen: WallTime,
        lastSeen: WallTime, goneAt: WallTime? = nil
    ) {
        self.server = server
        self.state = state
        self.exchanges = exchanges
        self.ttl = ttl
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.goneAt = goneAt
    }
}

/// A resolver as last seen.
package struct RecordedResolver: Sendable, Equatable {
    package var server: ServerLabel
    package var state: MailState
    package var isClear: Bool
    package var isOverdue: Bool
    /// Why it does not count; `nil` where it does.
    package var exclusion: Exclusion?
    /// Since when it shows the target without interruption.
    package var targetSince: WallTime?
    /// Until when copies of anything else that it showed can live.
    package var oldUntil: WallTime?
    package var cachesSeen: Int
    /// When it was last asked.
    package var checkedAt: WallTime?

    package init(
        server: ServerLabel, state: MailState, isClear: Bool = false, isOverdue: Bool = false,
        exclusion: Exclusion? = nil, targetSince: WallTime? = nil, oldUntil: WallTime? = nil,
        cachesSeen: Int = 1, checkedAt: WallTime? = nil
    ) {
        self.server = server
        self.state = state
        self.isClear = isClear
        self.isOverdue = isOverdue
        self.exclusion = exclusion
        self.targetSince = targetSince
        self.oldUntil = oldUntil
        self.cachesSeen = cachesSeen
        self.checkedAt = checkedAt
    }
}

extension RecordedResolver {
    package init(_ resolver: ResolverState, of tracker: DomainTracker, at clock: ClockReading) {
        let now = clock.instant
        self.init(
            server: ServerLabel(resolver.identity), state: resolver.state(at: now),
            isClear: resolver.isClear(at: now, policy: tracker.policy),
            isOverdue: resolver.isOverdue(publishedAt: tracker.publishedAt, bound: tracker.bound?.at),
            exclusion: resolver.exclusion, targetSince: resolver.targetSince(at: now).map(clock.wallTime),
            oldUntil: resolver.oldUntil.map(clock.wallTime), cachesSeen: resolver.cachesSeen,
            checkedAt: resolver.checkedAt.map(clock.wallTime))
    }
}

extension ServerLabel {
    package init(_ identity: ResolverIdentity) {
        self.init(name: identity.name, endpoint: identity.endpoint)
    }

    package init(_ identity: AuthorityIdentity) {
        self.init(
            name: identity.name?.description ?? identity.endpoint.description, endpoint: identity.endpoint)
    }
}
