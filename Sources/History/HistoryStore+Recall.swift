import DNS
import Foundation
import GRDB
import Propagation

extension HistoryStore {
    /// What earlier runs left about a domain, placed in the present timeline.
    package struct Recalled: Sendable {
        package var recollection: Recollection
        /// How far the wall clock is behind its time at that look; `nil` if it did not go back.
        package var clockWentBack: Duration?
    }

    /// What earlier runs left about a domain with the same target; `nil` if there is nothing.
    ///
    /// - Throws: `HistoryError` if the file cannot be read.
    package func recall(
        _ domain: DomainName, target: Target, at now: ClockReading
    ) throws(HistoryError) -> Recalled? {
        let present = ClockAnchor(boot: boot, reading: now)
        return try reading { db in
            guard
                let subject = try Row.fetchOne(
                    db.cachedStatement(sql: Self.subjectMemory), arguments: [domain.key, target.key])
            else { return nil }
            var reader = MemoryReader(present: present)
            let memory: DomainMemory = try reader.read(subject)
            // A resolver that is not asked any more has an older one.
            let wentBack = reader.wentBack
            var resolvers: [Endpoint: ResolverMemory] = [:]
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: Self.resolverMemories), arguments: [subject["id"] as Int64])
            while let row = try rows.next() {
                guard let endpoint = Endpoint(row["address"] as String) else { continue }
                resolvers[endpoint] = try reader.read(row)
            }
            note(ahead: reader.ahead, at: now)
            return Recalled(
                recollection: Recollection(domain: memory, resolvers: resolvers),
                clockWentBack: wentBack)
        }
    }

    private static let subjectMemory = """
        SELECT subject.id, memory, boot.name AS boot_name, instant, wall, ahead
        FROM subject JOIN boot ON boot.id = subject.boot WHERE domain = ? AND target_key = ?
        """
    private static let resolverMemories = """
        SELECT address, memory, boot.name AS boot_name, instant, wall, ahead
        FROM resolver JOIN boot ON boot.id = resolver.boot WHERE subject = ?
        """

    func reading<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw HistoryError(error, path: path)
        }
    }
}

/// Reads the core's own state, each row in its own timeline.
private struct MemoryReader {
    let present: ClockAnchor
    private(set) var wentBack: Duration?
    private(set) var ahead: Duration = .zero

    init(present: ClockAnchor) { self.present = present }

    mutating func read<Memory: Decodable>(_ row: Row) throws -> Memory {
        let taken = ClockReading(
            instant: Instant(nanoseconds: row["instant"]), wall: WallTime(milliseconds: row["wall"]))
        let anchor = ClockAnchor(
            boot: row["boot_name"], reading: taken, ahead: .milliseconds(row["ahead"] as Int64))
        let relation = present.relation(to: anchor)
        ahead = max(ahead, relation.ahead)
        wentBack = [wentBack, relation.wentBack].compactMap { $0 }.max()
        let decoder = JSONDecoder()
        decoder.userInfo[.instantShift] = relation.shift
        return try decoder.decode(Memory.self, from: Data((row["memory"] as String).utf8))
    }
}
