import DNS
import Foundation
import Propagation
import Synchronization
import Testing

@testable import History

@Suite("Writing beside a watch")
struct RecorderTests {
    /// What a recorder told and did, in order.
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }

        func add(_ notice: HistoryRecorder.Notice) {
            switch notice {
            case .failing: add("failing")
            case .recovered: add("recovered")
            case .replaced: add("replaced")
            }
        }
    }

    private static func entry(_ tracker: DomainTracker, _ seconds: Int64) -> HistoryEntry {
        HistoryEntry(tracker, at: Make.clock(seconds), scope: .domain([]))
    }

    private static func known() -> DomainTracker {
        var tracker = Make.tracker()
        _ = tracker.see("mail.old.it", at: 1_000)
        return tracker
    }

    @Test("What is told is in the file by then, and in order")
    func order() async throws {
        try await withStore { store in
            let log = Log()
            let recorder = HistoryRecorder(store) { log.add($0) }
            var tracker = Make.tracker(policy: Policy(confirmationSpread: .zero))
            for seconds in [1_000, 2_000, 3_000] as [Int64] {
                let exchange: DomainName = seconds == 1_000 ? "mail.old.it" : "mx01.cbsolt.net"
                let events = tracker.see(exchange, serial: UInt32(seconds), at: seconds)
                let entry = HistoryEntry(tracker, at: Make.clock(seconds), events: events)
                recorder.put(entry) {
                    let looked = try? store.summaries().first?.lastLook
                    log.add("\(seconds) \((looked ?? nil).map { $0 >= Make.clock(seconds).wall } ?? false)")
                }
                recorder.put(nil) { log.add("after \(seconds)") }
            }
            #expect(await recorder.finish() == nil)
            #expect(
                log.all == [
                    "1000 true", "after 1000", "2000 true", "after 2000", "3000 true", "after 3000",
                ])
        }
    }

    @Test("The first entry of a domain is written whole, whatever it says of itself")
    func firstIsWhole() async throws {
        try await withStore { store in
            let recorder = HistoryRecorder(store) { _ in }
            recorder.put(HistoryEntry(Self.known(), at: Make.clock(1_000), scope: .resolvers([1]))) {}
            #expect(await recorder.finish() == nil)
            let chronicles = try store.chronicles(of: Make.domain)
            #expect(chronicles.first?.resolvers.count == 3)
        }
    }

    @Test("What cannot be written is said once, tried again after a while, and not lost")
    func recovers() async throws {
        try await withStore { store in
            let log = Log()
            let recorder = HistoryRecorder(store) { log.add($0) }
            try await store.queue.write { try $0.execute(sql: "PRAGMA query_only = 1") }
            let tracker = Self.known()
            for seconds in [1_000, 1_001, 1_020, 1_040] as [Int64] {
                recorder.put(Self.entry(tracker, seconds)) { log.add("told \(seconds)") }
                // Each on its own, as they come in a watch.
                if seconds < 1_040 { #expect(await recorder.finish() != nil) }
                if seconds == 1_020 {
                    try await store.queue.writeWithoutTransaction {
                        try $0.execute(sql: "PRAGMA query_only = 0")
                    }
                }
            }
            #expect(await recorder.finish() == nil)
            #expect(
                log.all == ["failing", "told 1000", "told 1001", "told 1020", "recovered", "told 1040"])
            #expect(try store.summaries().first?.lastLook == Make.clock(1_040).wall)
        }
    }

    @Test("A file that was removed is begun anew, with all that is known")
    func replaced() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            let log = Log()
            let recorder = HistoryRecorder(try HistoryStore(path: path, boot: "a")) { log.add($0) }
            recorder.put(Self.entry(Self.known(), 1_000)) {}
            #expect(await recorder.finish() == nil)
            for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
            recorder.put(Self.entry(Self.known(), 1_060)) {}
            #expect(await recorder.finish() == nil)
            #expect(log.all == ["replaced"])
            let store = try HistoryStore(path: path, boot: "a")
            #expect(try store.chronicles(of: Make.domain).first?.resolvers.count == 3)
        }
    }
}
