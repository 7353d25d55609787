import DNS
import Foundation
import GRDB
import Propagation
import Storytelling

/// Writes one entry within a transaction.
struct EntryWriter {
    let entry: HistoryEntry
    let db: Database
    let boot: Int64
    /// How much further time had gone than the wall clock told, in milliseconds.
    let ahead: Int64
    private let encoder: JSONEncoder

    /// How many changes of one resolver, and how many different RRsets of one authoritative server, are kept: a
    /// flapping cache must not fill the disk.
    static let eventsPerServer = 30
    static let spansPerServer = 30
    /// How many changes of levels are kept.
    static let eventsPerDomain = 400
    /// How many spans of looks are kept for one domain: one look per hour makes 24 spans per day.
    static let looks = 500

    /// `nil` if there is nothing worth a trace.
    init?(_ entry: HistoryEntry, boot: String, ahead: Int64, db: Database) throws {
        guard entry.hasSubstance else { return nil }
        self.entry = entry
        self.db = db
        self.ahead = ahead
        self.boot = try Self.id(ofBoot: boot, db)
        encoder = JSONEncoder()
        // The stored text is compared with later text.
        encoder.outputFormatting = .sortedKeys
    }

    var now: WallTime { entry.clock.wall }
    var tracker: DomainTracker { entry.tracker }

    func write() throws {
        let known = try knownSubject()
        let subject = try known ?? insertSubject()
        if known != nil { try updateSubject(subject) }
        try noteLook(subject)
        if case .everything = entry.scope { try delist(subject) }
        // Levels and transitions first, then their effects.
        for (instant, event) in entry.events { try insert(event, at: instant, subject) }
        for index in entry.changedResolvers { try write(resolver: index, subject) }
        if entry.concernsDomain {
            for server in tracker.authority.servers { try write(server, subject) }
        }
    }

    private static func id(ofBoot name: String, _ db: Database) throws -> Int64 {
        let find = try db.cachedStatement(sql: "SELECT id FROM boot WHERE name = ?")
        if let id = try Int64.fetchOne(find, arguments: [name]) { return id }
        try db.execute(sql: "INSERT INTO boot (name) VALUES (?)", arguments: [name])
        return db.lastInsertedRowID
    }

    func mailSet(_ exchanges: [ReadExchange]) throws -> Int64 {
        let text = try json(exchanges)
        let find = try db.cachedStatement(sql: "SELECT id FROM mail_set WHERE exchanges = ?")
        if let id = try Int64.fetchOne(find, arguments: [text]) { return id }
        try db.execute(sql: "INSERT INTO mail_set (exchanges) VALUES (?)", arguments: [text])
        return db.lastInsertedRowID
    }

    func json(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

// MARK: - The domain

extension EntryWriter {
    private func knownSubject() throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM subject WHERE domain = ? AND target_key = ?"),
            arguments: [tracker.domain.key, tracker.target.key])
    }

    private func insertSubject() throws -> Int64 {
        let target = KeptTarget(RecordedTarget(tracker.target))
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO subject (domain, target_key, target, first_look, last_look, last_change, phase, basis,
                    published_at, propagated_at, second_pass_at, decommission_at, bound, counted, clear,
                    memory, boot, instant, wall, ahead)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                tracker.domain.key, tracker.target.key, try json(target), now.milliseconds,
            ] + lookArguments(lastChange: now) + memoryArguments())
        return db.lastInsertedRowID
    }

    private func updateSubject(_ id: Int64) throws {
        let change = entry.events.last.map { entry.clock.wallTime(at: $0.at) }
        // Without news of the domain itself, its memory does not change.
        let keepsMemory = !entry.concernsDomain
        let statement = try db.cachedStatement(
            sql: """
                UPDATE subject SET last_look = ?, last_change = coalesce(?, last_change), phase = ?, basis = ?,
                    published_at = ?, propagated_at = ?, second_pass_at = ?, decommission_at = ?, bound = ?,
                    counted = ?, clear = ?\(keepsMemory ? "" : ", memory = ?, boot = ?, instant = ?, wall = ?, ahead = ?")
                WHERE id = ?
                """)
        let memory = keepsMemory ? [] : try memoryArguments()
        try statement.execute(arguments: lookArguments(lastChange: change) + memory + [id])
    }

    private func lookArguments(lastChange: WallTime?) -> StatementArguments {
        let standing = RecordedStanding(tracker, at: entry.clock)
        return [
            now.milliseconds, lastChange?.milliseconds, standing.phase.rawValue, standing.basis.rawValue,
            standing.publishedAt?.milliseconds, standing.propagatedAt?.milliseconds,
            standing.secondPassAt?.milliseconds, standing.decommissionAt?.milliseconds,
            standing.bound?.milliseconds, standing.counted, standing.clear,
        ]
    }

    private func memoryArguments() throws -> StatementArguments {
        [
            try json(tracker.memory(at: entry.clock.instant)), boot, entry.clock.instant.nanoseconds,
            now.milliseconds, ahead,
        ]
    }
}

// MARK: - Looks

extension EntryWriter {
    /// A look makes the last span longer, or begins a new one if nobody had looked for a while.
    private func noteLook(_ subject: Int64) throws {
        let pause = Chronicle.Look.longestPause.components.seconds * 1_000
        try db.cachedStatement(
            sql: """
                UPDATE look SET ended = max(ended, ?1) WHERE id = (SELECT max(id) FROM look WHERE subject = ?2)
                AND ?1 - ended <= ?3
                """
        ).execute(arguments: [now.milliseconds, subject, pause])
        guard db.changesCount == 0 else { return }
        try db.cachedStatement(sql: "INSERT INTO look (subject, began, ended) VALUES (?1, ?2, ?2)")
            .execute(arguments: [subject, now.milliseconds])
        try db.cachedStatement(
            sql: """
                DELETE FROM look WHERE id IN
                    (SELECT id FROM look WHERE subject = ? ORDER BY id DESC LIMIT -1 OFFSET ?)
                """
        ).execute(arguments: [subject, Self.looks])
    }
}
