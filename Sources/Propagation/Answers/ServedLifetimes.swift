import DNS

/// The lifetimes of copies of what is not the target, as the authoritative servers of a domain were seen to
/// serve it, and when last. From them follows what may have been served where nobody looked.
struct ServedLifetimes: Sendable, Codable {
    private struct Entry: Codable {
        var lifetime: TTL
        var last: Instant
    }

    private var entries: [Entry] = []
    /// The longest of all.
    private(set) var longest: TTL?

    /// Real zones have two or three; the TTLs that a hostile server makes up must not pile up.
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

    /// Until when copies can live of what a server may have served unseen that is taken to be in step from `stop`
    /// on: of each lifetime, for as long as others had it, and for as long again as the server may be behind
    /// them (§3). `nil` where there is nothing of the kind.
    ///
    /// - Parameters:
    ///   - lag: how far it may be behind the others.
    ///   - since: what the others stopped to serve before then, the server has stopped to serve as well.
    func bound(unseenUntil stop: Instant, lag: Duration, since: Instant? = nil) -> Instant? {
        entries.lazy.filter { entry in since.map { entry.last > $0 } ?? true }
            .map { min(stop, $0.last + lag) + $0.lifetime.duration }.max()
    }

    /// Two entries become one that claims no less than either.
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
