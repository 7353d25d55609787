import DNS

/// What happened to one domain, as runs of any length and number have recorded it: the whole story that a
/// report tells. Instants are wall times, since the monotonic clock ends with the machine's last start.
package struct Chronicle: Sendable, Equatable {
    package var domain: DomainName
    package var target: RecordedTarget
    /// When the domain was first and last asked about.
    package var firstLook: WallTime
    package var lastLook: WallTime
    /// How far the domain had come at the last look, and since when.
    package var standing: RecordedStanding
    /// What was seen to happen, in order of time.
    package var entries: [Entry]
    /// What the authoritative servers were seen to serve, in order of `firstSeen`.
    package var served: [ServedSpan]
    /// The resolvers as they were seen last, in the order in which they were first asked.
    package var resolvers: [RecordedResolver]
    /// When somebody looked, in order of time: what happened between two looks was seen only afterwards. Empty
    /// where that was not recorded.
    package var looks: [Look]

    package init(
        domain: DomainName, target: RecordedTarget, firstLook: WallTime, lastLook: WallTime,
        standing: RecordedStanding, entries: [Entry] = [], served: [ServedSpan] = [],
        resolvers: [RecordedResolver] = [], looks: [Look] = []
    ) {
        self.domain = domain
        self.target = target
        self.firstLook = firstLook
        self.lastLook = lastLook
        self.standing = standing
        self.entries = entries
        self.served = served
        self.resolvers = resolvers
        self.looks = looks
    }

    /// A stretch of time in which the domain was looked at without a pause over `Look.longestPause`.
    package struct Look: Sendable, Hashable {
        /// A pause between two runs that leaves the story whole: three times the longest interval between two
        /// samples of one resolver, so that cron may run every 5 or 10 minutes.
        package static let longestPause: Duration = Schedule.longestInterval * 3

        package var from: WallTime
        package var to: WallTime

        package init(from: WallTime, to: WallTime) {
            self.from = from
            self.to = to
        }
    }

    /// Something that happened.
    package struct Entry: Sendable, Equatable {
        package var at: WallTime
        package var kind: Kind

        package init(at: WallTime, _ kind: Kind) {
            self.at = at
            self.kind = kind
        }
    }

    package enum Kind: Sendable, Equatable {
        case level(LevelChange)
        /// What a resolver shows changed; `from` is `nil` where nothing was known before.
        case transition(ServerLabel, from: MailState?, to: MailState, Shown)
        /// A resolver became clear, or is so no more.
        case clear(ServerLabel, Bool)
        /// A resolver began to serve a copy past its time, or no longer does.
        case overdue(ServerLabel, Bool)
        /// The wall clock was found to stand by so much before the last recorded instant: seconds.
        case clockWentBack(Int64)
    }

    /// A level that was reached or taken back.
    package enum LevelChange: String, Sendable, Hashable, CaseIterable {
        case published, regression, propagated, unpropagated
        case secondPassSafe = "second_pass_safe"
        case secondPassUnsafe = "second_pass_unsafe"
        case decommissionSafe = "decommission_safe"
    }

    /// What a server gave.
    package struct Shown: Sendable, Equatable {
        package var exchanges: [ReadExchange]
        /// Seconds; what a resolver's copy had left.
        package var ttl: UInt32?

        package init(exchanges: [ReadExchange] = [], ttl: UInt32? = nil) {
            self.exchanges = exchanges
            self.ttl = ttl
        }
    }
}

/// How far one domain has come: a chronicle without its story, as lists have it.
package struct ChronicleSummary: Sendable, Equatable {
    package var domain: DomainName
    package var target: RecordedTarget
    package var firstLook: WallTime
    package var lastLook: WallTime
    /// When anything was last seen to change.
    package var lastChange: WallTime?
    package var standing: RecordedStanding

    package init(
        domain: DomainName, target: RecordedTarget, firstLook: WallTime, lastLook: WallTime,
        lastChange: WallTime? = nil, standing: RecordedStanding
    ) {
        self.domain = domain
        self.target = target
        self.firstLook = firstLook
        self.lastLook = lastLook
        self.lastChange = lastChange
        self.standing = standing
    }
}

extension Chronicle {
    package var summary: ChronicleSummary {
        ChronicleSummary(
            domain: domain, target: target, firstLook: firstLook, lastLook: lastLook,
            lastChange: entries.last?.at, standing: standing)
    }
}

/// A server's name and address. The name is the configuration's, or comes from the network: escape it for display.
package struct ServerLabel: Sendable, Hashable {
    package var name: String
    package var endpoint: Endpoint

    package init(name: String, endpoint: Endpoint) {
        self.name = name
        self.endpoint = endpoint
    }
}

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

/// The levels that a domain has reached, and what is awaited.
package struct RecordedStanding: Sendable, Equatable {
    package var phase: Phase
    package var basis: Basis
    package var publishedAt: WallTime?
    package var propagatedAt: WallTime?
    package var secondPassAt: WallTime?
    package var decommissionAt: WallTime?
    /// The instant after which no cache that respects TTLs can hold another MX; `nil` until it is published.
    package var bound: WallTime?
    package var counted: Int
    package var clear: Int

    /// What the tracker knows, be it from this run or an earlier one.
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

/// What one authoritative server served without interruption, as far as it was looked at: one MX RRset (or its
/// absence) with one TTL.
package struct ServedSpan: Sendable, Equatable {
    package var server: ServerLabel
    package var state: MailState
    package var exchanges: [ReadExchange]
    package var ttl: TTL?
    package var firstSeen: WallTime
    package var lastSeen: WallTime
    /// When the server was first seen to serve something else; `nil` while it was not.
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

/// A resolver as it was seen last.
package struct RecordedResolver: Sendable, Equatable {
    package var server: ServerLabel
    package var state: MailState
    package var isClear: Bool
    package var isOverdue: Bool
    /// Why it does not count; `nil` where it does.
    package var exclusion: Exclusion?
    /// Since when it has shown the target without interruption.
    package var targetSince: WallTime?
    /// The latest instant until which a copy of anything else that was seen can live.
    package var oldUntil: WallTime?
    package var cachesSeen: Int
    /// Until when it is known to have been asked.
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
