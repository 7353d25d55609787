import DNS
import GRDB
import Propagation
import Storytelling

// MARK: - Resolvers

extension EntryWriter {
    /// Marks all resolvers as not asked any more. To be called before the present ones are written.
    func delist(_ subject: Int64) throws {
        try db.cachedStatement(sql: "UPDATE resolver SET is_listed = 0 WHERE subject = ?")
            .execute(arguments: [subject])
    }

    func write(resolver index: Int, _ subject: Int64) throws {
        let state = tracker.resolvers[index]
        let record = RecordedResolver(state, of: tracker, at: entry.clock)
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
                    exclusion, target_since, old_until, caches_seen, checked_at, memory, boot, instant, wall,
                    ahead)
                VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (subject, address) DO UPDATE SET name = excluded.name, position = excluded.position,
                    is_listed = 1, state = excluded.state, is_clear = excluded.is_clear, is_overdue = excluded.is_overdue,
                    exclusion = excluded.exclusion, target_since = excluded.target_since,
                    old_until = excluded.old_until, caches_seen = excluded.caches_seen,
                    checked_at = excluded.checked_at, memory = excluded.memory, boot = excluded.boot,
                    instant = excluded.instant, wall = excluded.wall, ahead = excluded.ahead
                """)
        try statement.execute(arguments: [
            subject, address, record.server.name, index, record.state.rawValue, record.isClear,
            record.isOverdue, try record.exclusion.map(json), record.targetSince?.milliseconds,
            record.oldUntil?.milliseconds, record.cachesSeen, record.checkedAt?.milliseconds,
            try json(tracker.memory(ofResolver: index, at: entry.clock.instant)), boot,
            entry.clock.instant.nanoseconds, now.milliseconds, ahead,
        ])
    }
}

// MARK: - Events

extension EntryWriter {
    func insert(_ event: Event, at instant: Instant, _ subject: Int64) throws {
        let at = entry.clock.wallTime(at: instant)
        guard case .transition(let index, let from, let to) = event else {
            if case .level(let level) = event { try insertLevel(level, at: at, subject) }
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

    private func insertLevel(_ level: LevelChange, at: WallTime, _ subject: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO event (subject, at, kind) VALUES (?, ?, ?)")
        try statement.execute(arguments: [subject, at.milliseconds, level.rawValue])
        try dropOldEvents(of: nil, subject, keeping: Self.eventsPerDomain)
    }

    private func insert(_ kind: String, _ server: ServerLabel, _ value: Bool, _ subject: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO event (subject, at, kind, address, name, value) VALUES (?, ?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            subject, now.milliseconds, kind, server.endpoint.description, server.name, value ? 1 : 0,
        ])
        try dropOldEvents(of: server, subject)
    }

    /// Keeps the first few changes, which tell when a resolver flipped, and the latest.
    ///
    /// - Parameter server: `nil` for the events of the domain as a whole.
    private func dropOldEvents(
        of server: ServerLabel?, _ subject: Int64, keeping count: Int = eventsPerServer
    ) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM event WHERE id IN (
                    SELECT id FROM event WHERE subject = ?1 AND address IS ?2
                    ORDER BY id DESC LIMIT -1 OFFSET ?3)
                AND id NOT IN (
                    SELECT id FROM event WHERE subject = ?1 AND address IS ?2 ORDER BY id LIMIT ?3)
                RETURNING mail_set
                """)
        let dropped = try Int64?.fetchAll(
            statement, arguments: [subject, server?.endpoint.description, count / 2])
        try dropMailSets(dropped)
    }

    /// Removes sets that nothing uses any more: a hostile server may invent new ones for ever.
    private func dropMailSets(_ candidates: [Int64?]) throws {
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM mail_set WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM event WHERE mail_set = ?1)
                AND NOT EXISTS (SELECT 1 FROM served WHERE mail_set = ?1)
                """)
        for id in Set(candidates.compactMap { $0 }) { try statement.execute(arguments: [id]) }
    }
}

// MARK: - What authoritative servers serve

extension EntryWriter {
    /// If a server serves the same as at the last look, its span goes on. Otherwise the span ends and a new one begins.
    func write(_ server: AuthorityServerState, _ subject: Int64) throws {
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
        let statement = try db.cachedStatement(
            sql: """
                DELETE FROM served WHERE id IN (
                    SELECT id FROM served WHERE subject = ? AND address = ?
                    ORDER BY id DESC LIMIT -1 OFFSET ?)
                RETURNING mail_set
                """)
        try dropMailSets(
            try Int64?.fetchAll(statement, arguments: [subject, address, Self.spansPerServer]))
    }
}
