import DNS

/// The lifetimes of copies of what is not the target, as the authoritative servers of a domain were seen to
/// serve it, and when last. From them follows what may have been served where nobody looked.
struct ServedLifetimes: Sendable {
    private struct Entry {
        var lifetime: TTL
        var last: Instant
    }

    private var entries: [Entry] = []
    /// The longest of all.
    private(set) var longest: TTL?

    /// Real zones have two or three; the TTLs that a hostile server makes up must not pile up.
    private static let capacity = 16

    mutating func note(_ lifetime: TTL, at instant: Instant) {
        longest = max(longest ?? lifetime, lifetime)
        if let index = entries.firstIndex(where: { $0.lifetime == lifetime }) {
            entries[index].last = max(entries[index].last, instant)
        } else {
            if entries.count == Self.capacity { mergeShortest() }
            entries.append(Entry(lifetime: lifetime, last: instant))
        }
    }

    /// How long copies live of what a server may have served unseen until `instant`: the longest that any
    /// server had shortly before; else what was served last. `nil` where nothing but the target was ever seen.
    ///
    /// - Parameter lag: how far the server may be behind the others, an hour at most (§3).
    func unseen(until instant: Instant, lag: Duration = AuthorityState.longestBlock) -> TTL? {
        let recent = entries.lazy.filter { $0.last + lag >= instant }.map(\.lifetime)
        return recent.max() ?? entries.max { $0.last < $1.last }?.lifetime
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
