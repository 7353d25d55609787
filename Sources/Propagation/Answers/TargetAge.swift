import DNS

/// Since when a resolver has copies of the target, by their age: the authoritative TTL less the TTL left
/// (§2).
struct TargetAge: Sendable, Hashable, Codable {
    /// One copy, as it was shown.
    struct Copy: Sendable, Hashable, Codable {
        var shown: Instant
        var remaining: TTL
        var expiry: Instant { shown + remaining.duration }
    }

    /// The latest fetch of a dated copy; `nil` until one is dated.
    private(set) var since: Instant?
    /// The undated copy that expires last: it waits for the authoritative servers' TTL.
    private(set) var undated: Copy?
    /// When the first copy expires. Later ones may be what the same cache fetched next.
    private var firstExpiry: Instant

    init(_ copy: Copy) {
        firstExpiry = copy.expiry
        undated = copy
    }

    /// Takes in one more copy without another MX in between.
    mutating func note(_ copy: Copy) {
        guard copy.shown < firstExpiry else { return }
        firstExpiry = min(firstExpiry, copy.expiry)
        if undated.map({ $0.expiry < copy.expiry }) ?? true { undated = copy }
    }

    mutating func date(fetched: Instant) {
        since = max(since ?? fetched, fetched)
        undated = nil
    }
}

extension AuthorityState {
    /// When a copy of the target was fetched; when it was shown, if its age does not tell.
    ///
    /// - Returns: `nil` while no server serves the target, so that its TTL is unknown.
    func fetchInstant(of copy: TargetAge.Copy) -> Instant? {
        let ttls = servers.compactMap { server -> TTL? in
            guard let reading = effectiveReading(of: server), reading.state == .target else { return nil }
            // From a cache the TTL runs down.
            return server.frontEnds.isCache ? server.frontEnds.greatestTTL ?? reading.ttl : reading.ttl
        }
        guard !ttls.isEmpty else { return nil }
        guard let ttl = ttls.filter({ $0 >= copy.remaining }).min() else { return copy.shown }
        let fetched = copy.expiry - ttl.duration
        // A resolver that caps TTLs shows copies that look older than the change.
        return noTargetAt.map { fetched < $0 } ?? false ? copy.shown : fetched
    }
}
