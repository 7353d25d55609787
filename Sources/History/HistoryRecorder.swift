import DNS
import Dispatch
import Propagation
import Synchronization

/// Writes what a watch learns, beside it: nothing that is asked waits for the disk. What is told to people waits
/// for what it rests on to be written, so that nothing that was told can be lost. One serves one run, whose
/// domains are all judged by the same target.
///
///     put(entry, then:) ──► pending ──► one transaction ──► `then` of each, in order, on a queue of its own:
///                              ▲               │            who prints may be slower than the disk
///                              └── kept where it cannot be written, and tried again later
package final class HistoryRecorder: Sendable {
    /// What goes wrong, and comes right again, while a watch goes on.
    package enum Notice: Sendable {
        /// It cannot be written now; the watch goes on.
        case failing(HistoryError)
        /// What could not be written before has been.
        case recovered(path: String)
        /// The file is not at its place any more, and a new one has been begun.
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

    /// Known to the writing queue alone.
    private struct Writing {
        var store: HistoryStore
        /// What could not be written.
        var unwritten = Pending()
        var failedAt: Instant?
        /// Domains of which everything is in the file: the first entry of each is written whole.
        var known: Set<DomainName> = []
    }

    private let pending = Mutex(Pending())
    private let writing: Mutex<Writing>
    private let queue = DispatchQueue(label: "propaga.history")
    private let telling = DispatchQueue(label: "propaga.telling")
    /// Written, and still to be told. Where a reader takes nothing any more, the watch waits for it, rather than
    /// pile up what is to be told; it never waits for the disk.
    private let untold = Atomic<Int>(0)
    private static let mostUntold = 4_096
    private let notify: @Sendable (Notice) -> Void

    /// How long after a failure the next try comes.
    private static let pause: Duration = .seconds(10)

    package init(_ store: HistoryStore, notify: @escaping @Sendable (Notice) -> Void) {
        writing = Mutex(Writing(store: store))
        self.notify = notify
    }

    /// Takes in what is to be written, if anything, and what is to be done afterwards. Returns at once, unless
    /// thousands are still to be told.
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

    /// Waits until all that was put is written and done, and tries once more what could not be written.
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

    /// A file that was removed goes on taking what nobody will ever read.
    private func replaceIfGone(_ writing: inout Writing) throws(HistoryError) {
        guard !writing.store.isInPlace else { return }
        writing.store = try HistoryStore(path: writing.store.path, boot: writing.store.boot)
        writing.known = []
        notify(.replaced(path: writing.store.path))
    }
}
