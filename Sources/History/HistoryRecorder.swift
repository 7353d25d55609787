import DNS
import Dispatch
import Propagation
import Synchronization

/// Writes what a watch learns, in parallel: no question waits for the disk. But a message to people waits until its
/// facts are written, so that nothing reported can be lost. One recorder serves one run, in which all domains have
/// the same target.
///
///     put(entry, then:) ──► pending ──► one transaction ──► `then` of each, in order, on a queue of its own:
///                              ▲               │            printing may be slower than the disk
///                              └── kept if it cannot be written, and tried again later
package final class HistoryRecorder: Sendable {
    /// Problems with the file, and their end, while a watch runs.
    package enum Notice: Sendable {
        /// The history cannot be written now; the watch continues.
        case failing(HistoryError)
        /// The entries that could not be written before are written now.
        case recovered(path: String)
        /// The file is not at its place any more, and the recorder has started a new one.
        case replaced(path: String)
    }

    private struct Pending {
        var entries: [DomainName: HistoryEntry] = [:]
        /// The domains in the order in which they came.
        var order: [DomainName] = []
        var actions: [@Sendable () -> Void] = []
        var isScheduled = false
        var isEmpty: Bool { entries.isEmpty && actions.isEmpty }

        mutating func add(_ entry: HistoryEntry) {
            let domain = entry.tracker.domain
            if entries[domain]?.merge(entry) != nil { return }
            entries[domain] = entry
            order.append(domain)
        }
    }

    /// Used only by the writing queue.
    private struct Writing {
        var store: HistoryStore
        /// The entries that could not be written.
        var unwritten = Pending()
        var failedAt: Instant?
        /// Domains that are complete in the file: the first entry of each is written as a whole.
        var known: Set<DomainName> = []
    }

    private let pending = Mutex(Pending())
    private let writing: Mutex<Writing>
    private let queue = DispatchQueue(label: "propaga.history")
    private let telling = DispatchQueue(label: "propaga.telling")
    /// How many entries are written and not printed yet. If the reader of the output stops reading, the watch waits for
    /// it: otherwise unprinted entries would fill the memory. The watch never waits for the disk.
    private let untold = Atomic<Int>(0)
    private static let mostUntold = 4_096
    private let notify: @Sendable (Notice) -> Void

    /// How long to wait after a failure before the next try.
    private static let pause: Duration = .seconds(10)

    package init(_ store: HistoryStore, notify: @escaping @Sendable (Notice) -> Void) {
        writing = Mutex(Writing(store: store))
        self.notify = notify
    }

    /// Takes an entry to write, if there is one, and an action for afterwards. It returns at once, unless thousands of
    /// actions still wait.
    package func put(_ entry: HistoryEntry?, then action: @escaping @Sendable () -> Void) {
        if untold.load(ordering: .relaxed) > Self.mostUntold { telling.sync {} }
        let schedules = pending.withLock { pending in
            if let entry { pending.add(entry) }
            pending.actions.append(action)
            defer { pending.isScheduled = true }
            return !pending.isScheduled
        }
        if schedules { queue.async { self.drain() } }
    }

    /// Waits until everything is written and done, and tries once more to write the rest.
    ///
    /// - Returns: why something is not written.
    package func finish() async -> HistoryError? {
        await withCheckedContinuation { continuation in
            queue.async {
                self.drain()
                let error = self.writing.withLock { self.writeRest(&$0) }
                self.telling.async { continuation.resume(returning: error) }
            }
        }
    }

    private func drain() {
        while true {
            let taken = pending.withLock { pending in
                let taken = pending
                pending = Pending(isScheduled: !taken.isEmpty)
                return taken
            }
            guard !taken.isEmpty else { return }
            writing.withLock { write(taken, &$0) }
            untold.add(taken.actions.count, ordering: .relaxed)
            telling.async {
                for action in taken.actions {
                    action()
                    self.untold.subtract(1, ordering: .relaxed)
                }
            }
        }
    }
}

// MARK: - On the queue

extension HistoryRecorder {
    private func write(_ taken: Pending, _ writing: inout Writing) {
        guard !taken.entries.isEmpty else { return }
        for domain in taken.order {
            guard let entry = taken.entries[domain] else { continue }
            writing.unwritten.add(entry)
        }
        let now = taken.entries.values.map(\.clock.instant).max()
        if let failedAt = writing.failedAt, let now, now - failedAt < Self.pause { return }
        if let error = writeRest(&writing) {
            if writing.failedAt == nil { notify(.failing(error)) }
            writing.failedAt = now
        }
    }

    private func writeRest(_ writing: inout Writing) -> HistoryError? {
        guard !writing.unwritten.entries.isEmpty else { return nil }
        do {
            try replaceIfGone(&writing)
            let entries = writing.unwritten.order.compactMap { domain in
                writing.unwritten.entries[domain].map { entry in
                    guard !writing.known.contains(domain) else { return entry }
                    _ = writing.store.own(domain, target: entry.tracker.target)
                    var entry = entry
                    entry.scope = .everything
                    return entry
                }
            }
            try writing.store.save(entries)
        } catch {
            return error
        }
        writing.known.formUnion(writing.unwritten.order)
        writing.unwritten = Pending()
        if writing.failedAt != nil {
            writing.failedAt = nil
            notify(.recovered(path: writing.store.path))
        }
        return nil
    }

    /// Without this check, entries would go into a removed file that nobody will ever read.
    private func replaceIfGone(_ writing: inout Writing) throws(HistoryError) {
        guard !writing.store.isInPlace else { return }
        writing.store = try HistoryStore(path: writing.store.path, boot: writing.store.boot)
        writing.known = []
        notify(.replaced(path: writing.store.path))
    }
}
