import DNS

/// Since when a resolver has copies of the target, as their age tells (§2): a copy is as old as its TTL is below the one
/// that the authoritative servers give.
struct TargetAge: Sendable, Hashable, Codable {
    /// One copy, as it was shown.
    struct Copy: Sendable, Hashable, Codable {
        var shown: Instant
        var remaining: TTL
        var expiry: Instant { shown + remaining.duration }
    }

    /// The latest fetch among the copies; `nil` until one is dated.
    private(set) var since: Instant?
    /// Of the copies that wait for the authoritative servers' TTL, the one that expires last.
    private(set) var undated: Copy?
    /// When the first copy expires. What is shown later may be what the same cache has fetched next.
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
    /// When a copy of the target was fetched. Where its age does not tell: when it was shown.
    ///
    /// - Returns: `nil` while no server serves the target, so that nobody knows with which TTL.
    func fetchInstant(of copy: TargetAge.Copy) -> Instant? {
        let ttls = servers.compactMap { server -> TTL? in
            guard let reading = effectiveReading(of: server), reading.state == .target else { return nil }
            // Behind a cache it runs down.
            return server.frontEnds.isCache ? server.frontEnds.greatestTTL ?? reading.ttl : reading.ttl
        }
        guard !ttls.isEmpty else { return nil }
        guard let ttl = ttls.filter({ $0 >= copy.remaining }).min() else { return copy.shown }
        let fetched = copy.expiry - ttl.duration
        // A resolver that gives less than the TTL shows copies that look older than the change.
        return noTargetAt.map { fetched < $0 } ?? false ? copy.shown : fetched
    }
}
