import DNS
import Foundation
import GRDB
import Propagation
import Storytelling

extension HistoryStore {
    /// Writes entries, all of them or none; they are on disk when this returns.
    ///
    /// - Throws: `HistoryError`; nothing of the entries has been written then.
    package func save(_ entries: [HistoryEntry]) throws(HistoryError) {
        do {
            try queue.write { db in
                for entry in entries {
                    try EntryWriter(entry, boot: boot, ahead: ahead(at: entry.clock), db: db)?.write()
                }
            }
        } catch {
            throw HistoryError(error, path: path)
        }
    }

    /// Records that the wall clock was behind a recorded instant; once per step, so there are few of them.
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

/// How a target is stored.
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
