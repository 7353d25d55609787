import DNS
import Lab
import Propagation

/// What really is so in a world: what every server that resolvers may ask serves and when, and so until when
/// anybody's cache can hold something other than the target. No answer that the watch got goes into it.
///
/// The caches that nobody polls are the worst there can be: one fetches from every server just before each
/// of its changes, and just before the end of a former delegation that it holds, and keeps the copy for
/// exactly its TTL.
package struct WorldTruth: Sendable {
    /// Something other than the target at one server, while resolvers may ask it.
    package struct Span: Hashable, Sendable {
        package var server: Int
        package var from: Instant
        /// `nil` where it goes on for ever.
        package var until: Instant?
        /// How long a copy lives: the greatest TTL of a CNAME chain and the RRset, or the negative TTL.
        package var lifetime: TTL

        /// The end of the copy that was fetched last.
        package var lastCopyEnd: Instant? { until.map { $0 + lifetime.duration } }
    }

    package let spans: [Span]

    package init(_ world: SimulatedWorld) {
        spans = world.lab.authorities.indices.filter(world.carriesDomain).flatMap { server in
            Self.served(by: server, in: world).flatMap { span in
                Self.windows(of: server, in: world).compactMap { Self.clip(span, to: $0) }
            }
        }
    }

    /// Servers that resolvers may ask at `now`, and that serve something else.
    package func serversElsewhere(at now: Instant) -> [Int] {
        spans.filter { $0.from <= now && $0.until.map { now < $0 } ?? true }.map(\.server)
    }

    /// Until when copies may live of what was served before `now`; `nil` where something else is served still.
    package func lastCopyEnd(at now: Instant) -> Instant? {
        var last = Instant(nanoseconds: .min)
        for span in spans where span.from <= now {
            guard let until = span.until, until <= now, let end = span.lastCopyEnd else { return nil }
            last = max(last, end)
        }
        return last
    }

    /// The last instant of all at which something else can be in a cache; `nil` where there is no end.
    package var end: Instant? {
        var last = Instant(nanoseconds: .min)
        for span in spans {
            guard let end = span.lastCopyEnd else { return nil }
            last = max(last, end)
        }
        return last
    }
}

extension WorldTruth {
    /// Whether a cache that has this gives its clients the target.
    package static func isTarget(_ finding: LabFinding, _ target: Target) -> Bool {
        finding.exchanges?.allSatisfy { target.accepts($0.exchange) } ?? false
    }

    /// All that is not the target at one server, by the zones' own history.
    private static func served(by server: Int, in world: SimulatedWorld) -> [Span] {
        let authority = world.lab.authorities[server]
        let changes = Set(authority.zones.flatMap(\.changes)).sorted().map { $0 + authority.lag }
        let starts = [Instant(seconds: 0)] + changes
        var spans: [Span] = []
        for (index, start) in starts.enumerated() {
            let until = index + 1 < starts.count ? starts[index + 1] : nil
            guard let lifetime = lifetimeElsewhere(authority, world, at: start) else { continue }
            if let last = spans.last, last.until == start, last.lifetime == lifetime {
                spans[spans.count - 1].until = until
            } else {
                spans.append(Span(server: server, from: start, until: until, lifetime: lifetime))
            }
        }
        return spans
    }

    /// How long a copy of what a server says at `instant` lives; `nil` where that is the target, or nothing.
    private static func lifetimeElsewhere(
        _ authority: LabAuthority, _ world: SimulatedWorld, at instant: Instant
    ) -> TTL? {
        var name = world.domain
        var longest = TTL(seconds: 0)
        for _ in 0...8 {
            switch authority.find(Question(name, .mx), at: instant) {
            case .alias(let record, let target):
                longest = max(longest, record.ttl)
                guard authority.zone(for: target) != nil else { return longest }
                name = target
            case .records(let records):
                if isTarget(.records(records), world.watch.target) { return nil }
                return max(longest, records.map(\.ttl).min() ?? longest)
            case .noData(let record), .nameError(let record):
                guard case .soa(let start) = record.data else { return longest }
                return max(longest, min(record.ttl, TTL(wire: start.minimum)))
            case .referral, .failure: return nil
            }
        }
        return longest
    }

    /// When resolvers may ask a server: while the parent delegates to it, and as long as a cache may hold that
    /// delegation.
    private static func windows(of server: Int, in world: SimulatedWorld) -> [Range<Instant>] {
        let delegations = world.lab.sources.delegations
        guard !delegations.isEmpty else { return [.always] }
        return delegations.indices.filter { delegations[$0].servers.contains(server) }.map { index in
            guard index + 1 < delegations.count else { return .from(delegations[index].since) }
            let end = delegations[index + 1].since + delegations[index].longestTTL.duration
            return delegations[index].since..<end
        }
    }

    private static func clip(_ span: Span, to window: Range<Instant>) -> Span? {
        var span = span
        span.from = max(span.from, window.lowerBound)
        if window.upperBound != Range<Instant>.always.upperBound {
            span.until = min(span.until ?? window.upperBound, window.upperBound)
        }
        guard let until = span.until else { return span }
        return span.from < until ? span : nil
    }
}
