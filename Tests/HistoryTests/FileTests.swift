import DNS
import Foundation
import GRDB
import Propagation
import Testing

@testable import History

@Suite("Files that are no history of ours, or cannot be used")
struct FileTests {
    private static func error(opening path: String, access: HistoryStore.Access = .create) -> HistoryError? {
        error { _ = try HistoryStore(path: path, access: access, boot: "a") }
    }

    private static func error(_ body: () throws -> Void) -> HistoryError? {
        do {
            try body()
            return nil
        } catch {
            return error as? HistoryError
        }
    }

    @Test("A file that is no database is refused, and not touched")
    func noDatabase() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "notes.txt")
            let text = Data(String(repeating: "not a database\n", count: 100).utf8)
            try text.write(to: file)
            #expect(Self.error(opening: file.path)?.code == .foreign)
            #expect(try Data(contentsOf: file) == text)
        }
    }

    @Test("Somebody else's database is refused, and not touched")
    func foreignDatabase() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "bookmarks.sqlite")
            do {
                let other = try DatabaseQueue(path: file.path)
                try await other.write { try $0.execute(sql: "CREATE TABLE bookmark (title TEXT)") }
            }
            let before = try Data(contentsOf: file)
            #expect(Self.error(opening: file.path)?.code == .foreign)
            #expect(try Data(contentsOf: file) == before)
            #expect(!FileManager.default.fileExists(atPath: file.path + "-wal"))
        }
    }

    @Test("A newer version's file is refused, and not touched")
    func newerVersion() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            do {
                let store = try HistoryStore(path: path, boot: "a")
                try await store.queue.write {
                    try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99')")
                }
            }
            let error = try #require(Self.error(opening: path))
            #expect(error.code == .newer)
            #expect(error.description.contains("newer version"))
        }
    }

    @Test("A damaged file is said to be damaged")
    func damaged() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            do {
                let store = try HistoryStore(path: path, boot: "a")
                var tracker = Make.tracker()
                let events = tracker.see("mail.old.it", at: 1_000)
                try store.save([HistoryEntry(tracker, at: Make.clock(1_000), events: events)])
            }
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: 4_096)
            try handle.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4_096))
            try handle.close()
            let error = Self.error {
                let store = try HistoryStore(path: path, boot: "a")
                _ = try store.recall(Make.domain, target: .qboxmail, at: Make.clock(1_001))
            }
            #expect(error?.code == .damaged)
        }
    }

    @Test("Memory that cannot be read is said to be damaged")
    func damagedMemory() async throws {
        try await withStore { store in
            var tracker = Make.tracker()
            let events = tracker.see("mail.old.it", at: 1_000)
            try store.save([HistoryEntry(tracker, at: Make.clock(1_000), events: events)])
            try await store.queue.write {
                try $0.execute(sql: "UPDATE resolver SET memory = '{\"state\":7}'")
            }
            let error = Self.error {
                _ = try store.recall(Make.domain, target: .qboxmail, at: Make.clock(1_001))
            }
            #expect(error?.code == .damaged)
        }
    }

    @Test("Where there is no folder it is made, for the user alone")
    func makesFolder() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "state/propaga/h.sqlite").path
            #expect(Self.error(opening: path, access: .existing)?.code == .missing)
            #expect(Self.error(opening: path) == nil)
            let attributes = try FileManager.default.attributesOfItem(
                atPath: folder.appending(path: "state/propaga").path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            let file = try FileManager.default.attributesOfItem(atPath: path)
            #expect(file[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("A folder that cannot be made is named")
    func cannotCreate() async throws {
        try await withFolder { folder in
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            let error = try #require(Self.error(opening: file.appending(path: "sub/h.sqlite").path))
            #expect(error.code == .cannotCreate)
            #expect(error.description.contains(file.path))
        }
    }

    @Test("A full disk is said to be one, and leaves what was written before")
    func full() async throws {
        try await withStore { store in
            var tracker = Make.tracker()
            let events = tracker.see("mail.old.it", at: 1_000)
            try store.save([HistoryEntry(tracker, at: Make.clock(1_000), events: events)])
            try await store.queue.write {
                let pages = try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0
                try $0.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
            let many = (0..<200).map {
                Make.tracker(DomainName(uncheckedWire: [3] + Array("\($0 + 100)".utf8) + [0]))
            }
            let entries = many.map { tracker in
                var tracker = tracker
                let events = tracker.see("mail.old.it", at: 1_000)
                return HistoryEntry(tracker, at: Make.clock(1_000), events: events)
            }
            let error = Self.error { try store.save(entries) }
            #expect(error?.code == .full)
            #expect(try store.summaries().map(\.domain) == [Make.domain])
        }
    }
}
