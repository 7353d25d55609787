import DNS
import Propagation

/// A *chronicle*: what happened to one domain, as all runs recorded it; a report tells its story. Instants
/// are wall times, since the monotonic clock starts anew with the machine.
package struct Chronicle: Sendable, Equatable {
    package var domain: DomainName
    package var target: RecordedTarget
    /// When the domain was first and last asked about.
    package var firstLook: WallTime
    package var lastLook: WallTime
    /// How far the domain had come at the last look.
    package var standing: RecordedStanding
    /// In order of time.
    package var entries: [Entry]
    /// What the authoritative servers served, in order of `firstSeen`.
    package var served: [ServedSpan]
    /// The resolvers as last seen, in the order in which they were first asked.
    package var resolvers: [RecordedResolver]
    /// In order of time: what happened between two looks was seen afterwards. Empty where not recorded.
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

    /// A time in which the domain was asked about without a pause over `longestPause`.
    package struct Look: Sendable, Hashable {
        /// The longest pause that leaves the story whole: three times the longest interval between two
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
        /// A resolver became clear, or no longer is.
        case clear(ServerLabel, Bool)
        /// A resolver became overdue, or no longer is.
        case overdue(ServerLabel, Bool)
        /// The wall clock was found so many seconds before the last recorded instant.
        case clockWentBack(Int64)
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

/// How far one domain has come: a chronicle without its entries, for lists.
package struct ChronicleSummary: Sendable, Equatable {
    package var domain: DomainName
    package var target: RecordedTarget
    package var firstLook: WallTime
    package var lastLook: WallTime
    /// When anything was last seen to change.
    package var lastChange: WallTime?
    package var standing: RecordedStanding
    /// Since when the last of the resolvers that count has shown the target; `nil` while one does not.
    package var targetSince: WallTime?

    package init(
        domain: DomainName, target: RecordedTarget, firstLook: WallTime, lastLook: WallTime,
        lastChange: WallTime? = nil, standing: RecordedStanding, targetSince: WallTime? = nil
    ) {
        self.domain = domain
        self.target = target
        self.firstLook = firstLook
        self.lastLook = lastLook
        self.lastChange = lastChange
        self.standing = standing
        self.targetSince = targetSince
    }
}

extension Chronicle {
    package var summary: ChronicleSummary {
        ChronicleSummary(
            domain: domain, target: target, firstLook: firstLook, lastLook: lastLook,
            lastChange: entries.last?.at, standing: standing,
            targetSince: listedResolvers.filter { $0.exclusion == nil }.map(\.targetSince).latestOfAll())
    }

    /// The resolvers that the last look asked.
    package var listedResolvers: [RecordedResolver] { resolvers.filter { $0.checkedAt == lastLook } }
}

/// A server's name and address. The name may come from the network: escape it for display.
package struct ServerLabel: Sendable, Hashable {
    package var name: String
    package var endpoint: Endpoint

    package init(name: String, endpoint: Endpoint) {
        self.name = name
        self.endpoint = endpoint
    }
}

extension Array {
    /// The latest of all; `nil` where one is not known, or there is none.
    package func latestOfAll<Time: Comparable>() -> Time? where Element == Time? {
        let known = compactMap { $0 }
        return known.count == count ? known.max() : nil
    }
}
