import DNS
import Propagation

/// An event that a watch reports.
package struct ReportedEvent: Sendable, Equatable {
    package var at: WallTime
    package var domain: DomainName
    /// `nil` if the event concerns the domain as a whole.
    package var resolver: ResolverIdentity?
    package var kind: Kind

    package enum Kind: Sendable, Equatable {
        case sample(Sample)
        /// With what the resolver shows now, and since when it has shown the target.
        case transition(from: MailState?, to: MailState, Sample, targetSince: WallTime? = nil)
        case level(LevelChange)
        /// The zone was edited at least so often between two looks, and nobody saw what it served in between.
        case doubt(edits: Int, from: WallTime, until: WallTime)
    }

    /// What one sample told, or what a resolver shows.
    package struct Sample: Encodable, Sendable, Equatable {
        package var state: MailState
        package var mx: [ReadExchange]
        /// Seconds.
        package var ttl: UInt32?
        package var roundTrip: Milliseconds?
        /// Escaped.
        package var error: String?

        /// The state has another name in each event.
        private enum CodingKeys: String, CodingKey {
            case mx, ttl
            case roundTrip = "rttMs"
            case error
        }

        package init(_ reading: Reading, roundTrip: Duration?) {
            state = reading.state
            mx = reading.exchanges
            ttl = reading.ttl?.seconds
            self.roundTrip = roundTrip.map(Milliseconds.init)
            error = reading.error?.escapedForDisplay
        }
    }

    package init(at: WallTime, domain: DomainName, resolver: ResolverIdentity? = nil, kind: Kind) {
        self.at = at
        self.domain = domain
        self.resolver = resolver
        self.kind = kind
    }

    /// What the core concluded, at the instant at which it did.
    package init(_ event: Event, in tracker: DomainTracker, at clock: ClockReading) {
        self.init(at: clock.wall, domain: tracker.domain, kind: .level(.published))
        switch event {
        case .level(let level): kind = .level(level)
        case .doubt(let doubt):
            kind = .doubt(
                edits: doubt.edits, from: clock.wallTime(at: doubt.from),
                until: clock.wallTime(at: doubt.until))
        case .transition(let index, let from, let to):
            let state = tracker.resolvers[index]
            let shown = state.shown(at: clock.instant) ?? state.last ?? Reading(state: to)
            resolver = state.identity
            // Before the authoritative servers have told their TTL nobody knows.
            let isKnown = !(tracker.isAwaitingAuthority && state.isUndated)
            let since = isKnown ? state.targetSince(at: clock.instant) : nil
            kind = .transition(
                from: from, to: to, Sample(shown, roundTrip: state.roundTrip),
                targetSince: since.map(clock.wallTime))
        }
    }
}
