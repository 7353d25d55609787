import DNS

/// How long a resolver keeps its answers.
package struct CachePolicy: Hashable, Sendable {
    /// The longest a positive answer is kept, whatever its TTL, as large resolvers do (RFC 8767 §4 caps at
    /// seven days; public ones cap at hours).
    package var cap: TTL
    /// The shortest an answer is kept: above 0 it stretches TTLs, against RFC 2181 §8, as some do.
    package var floor: TTL
    /// The longest a negative answer is kept (RFC 2308 §5 suggests one to three hours).
    package var negativeCap: TTL
    /// Whether a question in the last tenth of an entry's life makes the resolver fetch it again at once (Unbound's
    /// `prefetch`).
    package var prefetches: Bool
    /// How it serves entries past their TTL; `nil` if they are gone then.
    package var serveStale: ServeStale?

    /// Serving answers past their TTL (RFC 8767).
    package struct ServeStale: Hashable, Sendable {
        /// The TTL of a stale answer; RFC 8767 §4 recommends 30 s.
        package var ttl: TTL
        /// How long past its TTL an entry may be served (the maximum stale timer, 1 to 3 days in RFC 8767 §5).
        package var maximumAge: Duration
        /// How long after the first question past expiry the entry is refreshed in the background; until
        /// then all get the stale one. Zero: only the first one does (Unbound's `serve-expired`). While
        /// no authoritative server answers, it stays stale.
        package var refreshesAfter: Duration
        /// Whether the answer says that it is stale (RFC 8914 §4.4).
        package var saysSo: Bool

        package init(
            ttl: TTL = TTL(seconds: 30), maximumAge: Duration = .seconds(86_400),
            refreshesAfter: Duration = .zero, saysSo: Bool = true
        ) {
            self.ttl = ttl
            self.maximumAge = maximumAge
            self.refreshesAfter = refreshesAfter
            self.saysSo = saysSo
        }
    }

    package init(
        cap: TTL = TTL(wire: TTL.maximum), floor: TTL = TTL(seconds: 0),
        negativeCap: TTL = TTL(seconds: 10_800),
        prefetches: Bool = false, serveStale: ServeStale? = nil
    ) {
        self.cap = cap
        self.floor = floor
        self.negativeCap = negativeCap
        self.prefetches = prefetches
        self.serveStale = serveStale
    }

    /// Whether no entry ever outlives the TTL that it came with.
    package var respectsTTL: Bool { floor.seconds == 0 && serveStale == nil }

    /// How long a finding is kept: the RRset's lowest TTL (RFC 2181 §5.2), or the lesser of the SOA's TTL
    /// and MINIMUM (RFC 2308 §5), within the policy's limits. `nil`: not at all.
    func lifetime(of finding: LabFinding) -> TTL? {
        switch finding {
        case .records(let records): records.map(\.ttl).min().map { max(floor, min($0, cap)) }
        case .alias(let record, to: _): max(floor, min(record.ttl, cap))
        case .noData(let start), .nameError(let start):
            max(floor, min(Self.negativeTTL(of: start), negativeCap))
        case .referral, .failure: nil
        }
    }

    private static func negativeTTL(of record: ResourceRecord) -> TTL {
        guard case .soa(let start) = record.data else { return record.ttl }
        return min(record.ttl, TTL(wire: start.minimum))
    }
}
