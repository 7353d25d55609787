import DNS
import Foundation
import GRDB
import Propagation
import Storytelling

extension HistoryStore {
    /// All domains, by name. A domain with several targets is there several times.
    package func summaries() throws(HistoryError) -> [ChronicleSummary] {
        try reading { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT *, (
                        SELECT CASE WHEN count(target_since) = count(*) THEN max(target_since) END
                        FROM resolver WHERE subject = subject.id AND is_listed AND exclusion IS NULL
                    ) AS latest_since
                    FROM subject ORDER BY domain, id
                    """
            ).map(Self.summary)
        }
    }

    /// The stories of one domain, one per target, the latest look last.
    package func chronicles(of domain: DomainName) throws(HistoryError) -> [Chronicle] {
        try reading { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM subject WHERE domain = ? ORDER BY last_look, id",
                arguments: [domain.key]
            ).map { try Self.chronicle(of: $0, db) }
        }
    }

    /// The story of a domain as judged by one target; `nil` if there is none.
    package func chronicle(of domain: DomainName, target: Target) throws(HistoryError) -> Chronicle? {
        try reading { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM subject WHERE domain = ? AND target_key = ?",
                arguments: [domain.key, target.key]
            ).map { try Self.chronicle(of: $0, db) }
        }
    }

    /// Hands over every story, by domain. It reads each story separately: the receiver may be slow, and a long read
    /// would stop writers from cleaning up the file.
    package func forEachChronicle(_ body: (Chronicle) throws -> Void) throws {
        let ids = try reading { try Int64.fetchAll($0, sql: "SELECT id FROM subject ORDER BY domain, id") }
        for id in ids {
            let chronicle = try reading { db in
                try Row.fetchOne(db, sql: "SELECT * FROM subject WHERE id = ?", arguments: [id]).map {
                    try Self.chronicle(of: $0, db)
                }
            }
            if let chronicle { try body(chronicle) }
        }
    }

    package enum Forgetting: Sendable {
        case forgotten
        /// The history had nothing about it.
        case unknown
        /// Another process writes about it, and would write it again.
        case followed
    }

    /// Forgets everything about a domain, with all its targets.
    package func forget(_ domain: DomainName) throws(HistoryError) -> Forgetting {
        try changing { db in
            let keys = try String.fetchAll(
                db, sql: "SELECT target_key FROM subject WHERE domain = ?", arguments: [domain.key])
            if keys.isEmpty { return .unknown }
            guard keys.allSatisfy({ own(domain, targetKey: $0) }) else { return .followed }
            try db.execute(sql: "DELETE FROM subject WHERE domain = ?", arguments: [domain.key])
            return .forgotten
        }
    }

    /// Forgets the domains that nobody has asked about since then, and frees their space.
    ///
    /// - Returns: their number.
    package func prune(before instant: WallTime) throws(HistoryError) -> Int {
        let count = try changing { db in
            let old = try Row.fetchAll(
                db, sql: "SELECT id, domain, target_key FROM subject WHERE last_look < ?",
                arguments: [instant.milliseconds])
            var count = 0
            for row in old {
                let (domain, key) = (
                    try DomainName(presentation: row["domain"] as String), row["target_key"] as String
                )
                // Another process writes about it: its story would go on without the first half.
                guard own(domain, targetKey: key) else { continue }
                try db.execute(sql: "DELETE FROM subject WHERE id = ?", arguments: [row["id"] as Int64])
                count += 1
            }
            try db.execute(
                sql: """
                    DELETE FROM boot WHERE id NOT IN
                        (SELECT boot FROM subject UNION SELECT boot FROM resolver)
                    """)
            try db.execute(
                sql: """
                    DELETE FROM mail_set WHERE id NOT IN
                        (SELECT mail_set FROM event WHERE mail_set NOT NULL UNION SELECT mail_set FROM served)
                    """)
            return count
        }
        do {
            if count > 0 { try queue.vacuum() }
        } catch {
            throw HistoryError(error, path: path)
        }
        return count
    }

    private func changing<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do {
            return try queue.write(body)
        } catch {
            throw HistoryError(error, path: path)
        }
    }
}

// MARK: - Rows

extension HistoryStore {
    private static func summary(_ row: Row) throws -> ChronicleSummary {
        ChronicleSummary(
            domain: try domain(row), target: try target(row), firstLook: row.time("first_look"),
            lastLook: row.time("last_look"), lastChange: row.optionalTime("last_change"),
            standing: standing(row), targetSince: row.optionalTime("latest_since"))
    }

    private static func chronicle(of row: Row, _ db: Database) throws -> Chronicle {
        let id: Int64 = row["id"]
        let entries = try Row.fetchAll(
            db,
            sql: """
                SELECT event.*, exchanges FROM event LEFT JOIN mail_set ON mail_set.id = mail_set
                WHERE subject = ? ORDER BY event.id
                """, arguments: [id])
        let served = try Row.fetchAll(
            db,
            sql: """
                SELECT served.*, exchanges FROM served JOIN mail_set ON mail_set.id = mail_set
                WHERE subject = ? ORDER BY first_seen, served.id
                """, arguments: [id])
        let looks = try Row.fetchAll(
            db, sql: "SELECT * FROM look WHERE subject = ? ORDER BY id", arguments: [id])
        let lastLook = row.time("last_look")
        let resolvers = try Row.fetchAll(
            db, sql: "SELECT * FROM resolver WHERE subject = ? ORDER BY position, address", arguments: [id])
        return Chronicle(
            domain: try domain(row), target: try target(row), firstLook: row.time("first_look"),
            lastLook: lastLook, standing: standing(row), entries: try entries.compactMap(entry),
            served: try served.compactMap(span),
            resolvers: try resolvers.compactMap { try resolver($0, lastLook: lastLook) },
            looks: looks.map { Chronicle.Look(from: $0.time("began"), to: $0.time("ended")) })
    }

    private static func domain(_ row: Row) throws -> DomainName {
        try DomainName(presentation: row["domain"] as String)
    }

    private static func target(_ row: Row) throws -> RecordedTarget {
        try decoded(KeptTarget.self, row["target"]).recorded
    }

    private static func standing(_ row: Row) -> RecordedStanding {
        var standing = RecordedStanding(
            phase: Phase(rawValue: row["phase"]) ?? .undetermined,
            basis: Basis(rawValue: row["basis"]) ?? .authority, counted: row["counted"], clear: row["clear"])
        standing.publishedAt = row.optionalTime("published_at")
        standing.propagatedAt = row.optionalTime("propagated_at")
        standing.secondPassAt = row.optionalTime("second_pass_at")
        standing.decommissionAt = row.optionalTime("decommission_at")
        standing.bound = row.optionalTime("bound")
        return standing
    }

    /// `nil` for a kind that this version does not know.
    private static func entry(_ row: Row) throws -> Chronicle.Entry? {
        let kind: String = row["kind"]
        let server = server(row)
        let isTrue = row["value"] as Int64? == 1
        let happened: Chronicle.Kind? =
            if let level = LevelChange(rawValue: kind) {
                .level(level)
            } else if kind == "clock_went_back" {
                .clockWentBack(row["value"] ?? 0)
            } else if let server {
                switch kind {
                case "transition": try transition(row, of: server)
                case "clear": .clear(server, isTrue)
                case "overdue": .overdue(server, isTrue)
                default: nil
                }
            } else {
                nil
            }
        return happened.map { Chronicle.Entry(at: row.time("at"), $0) }
    }

    private static func transition(_ row: Row, of server: ServerLabel) throws -> Chronicle.Kind? {
        guard let to = MailState(rawValue: row["to_state"] ?? "") else { return nil }
        let exchanges = try decoded([ReadExchange].self, row["exchanges"] ?? "[]")
        return .transition(
            server, from: (row["from_state"] as String?).flatMap(MailState.init), to: to,
            Chronicle.Shown(exchanges: exchanges, ttl: row["ttl"]))
    }

    private static func span(_ row: Row) throws -> ServedSpan? {
        guard let server = server(row), let state = MailState(rawValue: row["state"]) else { return nil }
        return ServedSpan(
            server: server, state: state, exchanges: try decoded([ReadExchange].self, row["exchanges"]),
            ttl: (row["ttl"] as UInt32?).map(TTL.init(wire:)), firstSeen: row.time("first_seen"),
            lastSeen: row.time("last_seen"), goneAt: row.optionalTime("gone_at"))
    }

    /// Samples without news are not recorded. So a listed resolver was asked until the last look.
    private static func resolver(_ row: Row, lastLook: WallTime) throws -> RecordedResolver? {
        guard let server = server(row), let state = MailState(rawValue: row["state"]) else { return nil }
        return RecordedResolver(
            server: server, state: state, isClear: row["is_clear"], isOverdue: row["is_overdue"],
            exclusion: try (row["exclusion"] as String?).map { try decoded(Exclusion.self, $0) },
            targetSince: row.optionalTime("target_since"), oldUntil: row.optionalTime("old_until"),
            cachesSeen: row["caches_seen"],
            checkedAt: row["is_listed"] ? lastLook : row.optionalTime("checked_at"))
    }

    private static func server(_ row: Row) -> ServerLabel? {
        guard let address: String = row["address"], let endpoint = Endpoint(address) else { return nil }
        return ServerLabel(name: row["name"] ?? address, endpoint: endpoint)
    }

    private static func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

extension Row {
    fileprivate func time(_ column: String) -> WallTime { WallTime(milliseconds: self[column]) }
    fileprivate func optionalTime(_ column: String) -> WallTime? {
        (self[column] as Int64?).map(WallTime.init(milliseconds:))
    }
}
