import DNS
import DequeModule

/// Deadlines in the order of departure. That is also the order of the deadlines, because all tries last equally long.
struct DeadlineQueue {
    struct Entry {
        var deadline: Instant
        var slot: Int
        var generation: UInt32
    }

    private var entries = Deque<Entry>()
    var first: Entry? { entries.first }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func dropStale(_ isAlive: (Entry) -> Bool) {
        while let entry = entries.first, !isAlive(entry) { entries.removeFirst() }
    }

    mutating func popExpired(at now: Instant) -> Entry? {
        guard let entry = entries.first, entry.deadline <= now else { return nil }
        return entries.removeFirst()
    }
}
