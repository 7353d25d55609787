import DNS

/// The lifetimes of copies of anything but the target, as a domain's authoritative servers were seen to serve
/// it, and when last. They bound what may have been served unseen.
struct ServedLifetimes: Sendable, Codable {
    private struct Entry: Codable {
        var lifetime: TTL
        var last: Instant
    }

    private var entries: [Entry] = []
    private(set) var longest: TTL?

    /// Real zones have two or three; a hostile server's inventions must not pile up.
    private static let capacity = 16

    mutating func note(_ lifetime: TTL, at instant: Instant) {
        longest =
            PlantedFault.lastTTLInsteadOfLongest.isPlanted ? lifetime : max(longest ?? lifetime, lifetime)
        if let index = entries.firstIndex(where: { $0.lifetime == lifetime }) {
            entries[index].last = max(entries[index].last, instant)
        } else {
            if entries.count == Self.capacity { mergeShortest() }
            entries.append(Entry(lifetime: lifetime, last: instant))
        }
    }

    /// Until when copies can live of what a server may have served unseen before it was in step at `stop`:
    /// each lifetime for as long as others served it, and `lag` longer (§3). `nil` where there is none.
    ///
    /// - Parameters:
    ///   - lag: how far it may lag behind the others.
    ///   - since: what the others stopped serving by then, this server stopped too.
    func bound(unseenUntil stop: Instant, lag: Duration, since: Instant? = nil) -> Instant? {
        entries.lazy.filter { entry in since.map { entry.last > $0 } ?? true }
            .map { min(stop, $0.last + lag) + $0.lifetime.duration }.max()
    }

    /// Merges the two shortest into one that bounds both.
    private mutating func mergeShortest() {
        guard let shortest = entries.indices.min(by: { entries[$0].lifetime < entries[$1].lifetime }) else {
            return
        }
        let last = entries.remove(at: shortest).last
        guard let next = entries.indices.min(by: { entries[$0].lifetime < entries[$1].lifetime }) else {
            return
        }
        entries[next].last = max(entries[next].last, last)
    }
}
