import DNS

/// The copies seen at one resolver's address that are alive. Copies that differ in expiry or NSID are in
/// different caches: one address is often many machines that share nothing (§2).
struct CachedCopies: Sendable, Codable {
    /// A *copy*: an RRset, or a negative answer, in one cache.
    struct Copy: Sendable, Equatable, Codable {
        var expiry: Instant
        var nsid: [UInt8]?
        var isTarget: Bool
    }

    /// Those alive at the last sample.
    private(set) var alive: [Copy] = []
    /// The most alive at once.
    private(set) var most = 0

    /// Copies whose expiries differ by more than this are in different caches: answers carry whole seconds,
    /// and the way back takes up to about one.
    static let sameCopyTolerance: Duration = .seconds(2)
    /// How many live copies are kept; far more caches than samples can distinguish.
    static let capacity = 64

    /// The earliest expiry, after `now`, of a copy that is not the target.
    func nextExpiry(after now: Instant) -> Instant? {
        alive.lazy.filter { !$0.isTarget && $0.expiry > now }.map(\.expiry).min()
    }

    /// Takes in what a sample showed at `instant`.
    mutating func note(_ reading: Reading, at instant: Instant) {
        let copy = Copy(
            expiry: instant + (reading.ttl ?? TTL(seconds: 0)).duration, nsid: reading.nsid,
            isTarget: reading.state == .target)
        alive.removeAll { $0.expiry + Self.sameCopyTolerance < instant }
        let isKnown = alive.contains {
            $0.nsid == copy.nsid && $0.isTarget == copy.isTarget
                && ($0.expiry - copy.expiry).magnitude <= Self.sameCopyTolerance
        }
        if !isKnown, alive.count < Self.capacity { alive.append(copy) }
        // A copy that has just expired is kept for comparison only: its cache holds another by now.
        most = max(most, 1, alive.count { $0.expiry > instant })
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
