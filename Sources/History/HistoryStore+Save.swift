import DNS
import Foundation
import GRDB
import Propagation

extension HistoryStore {
    /// Writes entries, all of them or none; they are on disk when this returns.
    ///
    /// - Throws: `HistoryError`; nothing of the entries has been written then.
    package func save(_ entries: [HistoryEntry]) throws(HistoryError) {
        do {
            try queue.write { db in
                for entry in entries { try EntryWriter(entry, boot: boot, db: db)?.write() }
            }
        } catch {
            throw HistoryError(error, path: path)
        }
    }

    /// Notes that the wall clock was found behind a recorded instant.
    package func noteClockWentBack(
        by missing: Duration, domain: DomainName, target: Target, at now: WallTime
    ) throws(HistoryError) {
        do {
            try queue.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO event (subject, at, kind, value)
                        SELECT id, ?, 'clock_went_back', ? FROM subject WHERE domain = ? AND target_key = ?
                        """,
                    arguments: [now.milliseconds, missing.components.seconds, domain.key, target.key])
            }
        } catch {
            throw HistoryError(error, path: path)
        }
    }
}

/// Writes one entry within a transaction.
private struct EntryWriter {
    let entry: HistoryEntry
    let db: Database
    let boot: Int64
    let verdict: Verdict
    private let encoder: JSONEncoder

    /// How many changes of one resolver, and how many different RRsets of one authoritative server, are kept: a
    /// flapping cache must not fill the disk.
    static let eventsPerServer = 30
    static let spansPerServer = 30
    /// How many stretches of looks are kept of one domain: one who looks once an hour makes 24 a day.
    static let looks = 500

    /// `nil` where there is nothing worth a trace.
    init?(_ entry: HistoryEntry, boot: String, db: Database) throws {
        guard entry.hasSubstance else { return nil }
        self.entry = entry
        self.db = db
        self.boot = try Self.id(ofBoot: boot, db)
        encoder = JSONEncoder()
        // What is kept is compared with what comes later, as text.
        encoder.outputFormatting = .sortedKeys
        verdict = entry.tracker.verdict(at: entry.clock.instant)
    }

    private var now: WallTime { entry.clock.wall }
    private var tracker: DomainTracker { entry.tracker }

    func write() throws {
        let known = try knownSubject()
        let subject = try known ?? insertSubject()
        if known != nil { try updateSubject(subject) }
        try noteLook(subject)
        if case .everything = entry.scope { try delist(subject) }
        // Levels and transitions first, then what they brought about.
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

    fileprivate func mailSet(_ exchanges: [ReadExchange]) throws -> Int64 {
        let text = try json(exchanges)
        let find = try db.cachedStatement(sql: "SELECT id FROM mail_set WHERE exchanges = ?")
        if let id = try Int64.fetchOne(find, arguments: [text]) { return id }
        try db.execute(sql: "INSERT INTO mail_set (exchanges) VALUES (?)", arguments: [text])
        return db.lastInsertedRowID
    }

    fileprivate func json(_ value: some Encodable) throws -> String {
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
                    memory, boot, instant, wall)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                tracker.domain.key, tracker.target.key, try json(target), now.milliseconds,
            ] + lookArguments(lastChange: now) + memoryArguments())
        return db.lastInsertedRowID
    }

    private func updateSubject(_ id: Int64) throws {
        let change = entry.events.last.map { entry.clock.wallTime(at: $0.at) }
        // Without news of the domain itself its memory is what it was.
        let keepsMemory = !entry.concernsDomain
        let statement = try db.cachedStatement(
            sql: """
                UPDATE subject SET last_look = ?, last_change = coalesce(?, last_change), phase = ?, basis = ?,
                    published_at = ?, propagated_at = ?, second_pass_at = ?, decommission_at = ?, bound = ?,
                    counted = ?, clear = ?\(keepsMemory ? "" : ", memory = ?, boot = ?, instant = ?, wall = ?")
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
            now.milliseconds,
        ]
    }
}

// MARK: - Looks

extension EntryWriter {
    /// A look prolongs the last stretch, or begins another where nobody had looked for a while.
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

// MARK: - Resolvers

extension EntryWriter {
    /// Before all that are asked now are written: what is not among them is asked no longer.
    private func delist(_ subject: Int64) throws {
        try db.cachedStatement(sql: "UPDATE resolver SET is_listed = 0 WHERE subject = ?")
            .execute(arguments: [subject])
    }

    private func write(resolver index: Int, _ subject: Int64) throws {
        let state = tracker.resolvers[index]
        let record = RecordedResolver(state, at: entry.clock, policy: tracker.policy, verdict: verdict)
        let address = record.server.endpoint.description
        let before = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT is_clear, is_overdue FROM resolver WHERE subject = ? AND address = ?"),
            arguments: [subject, address])
        let wasClear = before?["is_clear"] as Bool? ?? false
        let wasOverdue = before?["is_overdue"] as Bool? ?? false
        if wasClear != record.isClear { try insert("clear", record.server, record.isClear, subject) }
        if wasOverdue != record.isOverdue { try insert("overdue", record.server, record.isOverdue, subject) }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO resolver (subject, address, name, position, is_listed, state, is_clear, is_overdue,
                    exclusion, target_since, old_until, caches_seen, checked_at, memory, boot, instant, wall)
                VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (subject, address) DO UPDATE SET name = excluded.name, position = excluded.position,
                    is_listed = 1, state = excluded.state, is_clear = excluded.is_clear, is_overdue = excluded.is_overdue,
                    exclusion = excluded.exclusion, target_since = excluded.target_since,
                    old_until = excluded.old_until, caches_seen = excluded.caches_seen,
                    checked_at = excluded.checked_at, memory = excluded.memory, boot = excluded.boot,
                    instant = excluded.instant, wall = excluded.wall
                """)
        try statement.execute(arguments: [
            subject, address, record.server.name, index, record.state.rawValue, record.isClear,
            record.isOverdue, try record.exclusion.map(json), record.targetSince?.milliseconds,
            record.oldUntil?.milliseconds, record.cachesSeen, record.checkedAt?.milliseconds,
            try json(tracker.memory(ofResolver: index)), boot, entry.clock.instant.nanoseconds,
            now.milliseconds,
        ])
    }
}

// MARK: - Events

extension EntryWriter {
    private func insert(_ event: Event, at instant: Instant, _ subject: Int64) throws {
        let at = entry.clock.wallTime(at: instant)
        guard case .transition(let index, let from, let to) = event else {
            if let level = Chronicle.LevelChange(event) { try insertLevel(level, at: at, subject) }
            return
        }
        let state = tracker.resolvers[index]
        let shown = state.shown(at: instant)
        let server = ServerLabel(state.identity)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO event (subject, at, kind, address, name, from_state, to_state, mail_set, ttl)
                VALUES (?, ?, 'transition', ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            subject, at.milliseconds, server.endpoint.description, server.name, from?.rawValue, to.rawValue,
            try mailSet(shown?.exchanges ?? []), shown?.ttl?.seconds,
        ])
        try dropOldEvents(of: server, subject)
    }

    private func insertLevel(_ level: Chronicle.LevelChange, at: WallTime, _ subject: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO event (subject, at, kind) VALUES (?, ?, ?)")
        try statement.execute(arguments: [subject, at.milliseconds, level.rawValue])
    }

    private func insert(_ kind: String, _ server: ServerLabel, _ value: Bool, _ subject: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO event (subject, at, kind, address, name, value) VALUES (?, ?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            subject, now.milliseconds, kind, server.endpoint.description, server.name, value ? 1 : 0,
        ])
        try dropOldEvents(of: server, subject)
    }

    /// Keeps a resolver's first few changes, which tell when it flipped, and its latest.
    private func dropOldEvents(of server: ServerLabel, _ subject: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM event WHERE id IN (
                    SELECT id FROM event WHERE subject = ?1 AND address = ?2
                    ORDER BY id DESC LIMIT -1 OFFSET ?3)
                AND id NOT IN (
                    SELECT id FROM event WHERE subject = ?1 AND address = ?2 ORDER BY id LIMIT ?3)
                """)
        try statement.execute(arguments: [subject, server.endpoint.description, Self.eventsPerServer / 2])
    }
}

// MARK: - What authoritative servers serve

extension EntryWriter {
    /// The same as at the last look prolongs its span; anything else ends that and begins another.
    private func write(_ server: AuthorityServerState, _ subject: Int64) throws {
        guard server.identity.alias == nil, let checkedAt = server.checkedAt,
            let reading = tracker.authority.effectiveReading(of: server)
        else { return }
        let at = entry.clock.wallTime(at: checkedAt).milliseconds
        let label = ServerLabel(server.identity)
        let address = label.endpoint.description
        let mailSet = try mailSet(reading.exchanges)
        let last = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id, name, state, mail_set, ttl FROM served
                    WHERE subject = ? AND address = ? ORDER BY id DESC LIMIT 1
                    """), arguments: [subject, address])
        if let last {
            let isSame =
                last["state"] == reading.state.rawValue && last["mail_set"] == mailSet
                && last["ttl"] == reading.ttl?.seconds && last["name"] == label.name
            let id: Int64 = last["id"]
            let statement = try db.cachedStatement(
                sql: isSame
                    ? "UPDATE served SET last_seen = max(last_seen, ?) WHERE id = ?"
                    : "UPDATE served SET gone_at = ? WHERE id = ?")
            try statement.execute(arguments: [at, id])
            if isSame { return }
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO served (subject, address, name, state, mail_set, ttl, first_seen, last_seen)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            subject, address, label.name, reading.state.rawValue, mailSet, reading.ttl?.seconds, at, at,
        ])
        try db.cachedStatement(
            sql: """
                DELETE FROM served WHERE id IN (
                    SELECT id FROM served WHERE subject = ? AND address = ?
                    ORDER BY id DESC LIMIT -1 OFFSET ?)
                """
        ).execute(arguments: [subject, address, Self.spansPerServer])
    }
}

/// How a target is kept.
struct KeptTarget: Codable {
    var name: String
    var primary: DomainName
    var accepted: [String]

    init(_ target: RecordedTarget) {
        name = target.name
        primary = target.primary
        accepted = target.accepted
    }

    var recorded: RecordedTarget { RecordedTarget(name: name, primary: primary, accepted: accepted) }
}

extension Chronicle.LevelChange {
    /// `nil` for what is no change of a level.
    init?(_ event: Event) {
        switch event {
        case .published: self = .published
        case .regression: self = .regression
        case .propagated: self = .propagated
        case .unpropagated: self = .unpropagated
        case .secondPassSafe: self = .secondPassSafe
        case .secondPassUnsafe: self = .secondPassUnsafe
        case .decommissionSafe: self = .decommissionSafe
        case .transition: return nil
        }
    }
}
