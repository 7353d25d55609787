import DNS
import GRDB
import Glibc
import Propagation
import Synchronization

/// What all runs have seen, in one SQLite file that several processes may use at once (WAL).
///
///     open ──► follow a domain: recall it, and own it if nobody else does ──► save ──► …
///
/// Every save is one transaction that is on disk when it returns. So a killed process loses nothing that it had
/// reported.
package final class HistoryStore: Sendable {
    package let path: String
    /// Which start of the machine this process's monotonic clock counts from.
    let boot: String
    let queue: DatabaseQueue
    private let owners: OwnerLocks
    private let file: FileIdentity?
    private let reckoning = Mutex<ClockReading?>(nil)

    /// Whether it may create a file.
    package enum Access: Sendable { case create, existing }

    /// How long to wait for another process's write, in seconds.
    private static let patience = 10.0

    /// Opens the file, creates it if there is none, and updates a file of an older version.
    ///
    /// - Parameter boot: identifies this start of this machine.
    package init(path: String, access: Access = .create, boot: String) throws(HistoryError) {
        self.path = path
        self.boot = boot
        do {
            switch access {
            case .existing:
                guard unsafe Glibc.access(path, F_OK) == 0 else {
                    throw HistoryError(.missing, path: path, Self.errnoText(errno))
                }
            case .create:
                try Self.makeFolder(of: path)
                Self.makeFile(path)
            }
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.patience)
            // The file may belong to another program: change nothing before that is clear.
            configuration.prepareDatabase { try Self.checkOwnership(of: $0, path: path) }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            owners = try OwnerLocks(path: path + "-owners")
            let queue = queue
            try owners.exclusively {
                try queue.writeWithoutTransaction(Self.setUpJournal)
                try Self.migrate(queue, path: path)
            }
            file = FileIdentity(of: path)
        } catch {
            throw Self.explained(error, path: path)
        }
    }

    /// Whether the file that was opened is still the one at its path.
    package var isInPlace: Bool { FileIdentity(of: path) == file && file != nil }

    /// Makes this process the one that writes about a domain, until it ends or lets go.
    ///
    /// - Returns: whether it is now; another process may be already.
    package func own(_ domain: DomainName, target: Target) -> Bool {
        own(domain, targetKey: target.key)
    }

    func own(_ domain: DomainName, targetKey: String) -> Bool {
        owners.take(Self.ownerSlot(domain, targetKey))
    }

    package func disown(_ domain: DomainName, target: Target) {
        owners.release(Self.ownerSlot(domain, target.key))
    }

    /// Notes that time has gone further than the wall clock tells.
    func note(ahead: Duration, at clock: ClockReading) {
        let wall = WallTime(milliseconds: clock.wall.milliseconds + ahead.wholeNanoseconds / 1_000_000)
        let latest = ClockReading(instant: clock.instant, wall: wall)
        reckoning.withLock { known in
            if let known, known.wallTime(at: clock.instant) >= wall { return }
            known = latest
        }
    }

    /// How much further time has gone than the wall clock tells, in milliseconds.
    func ahead(at clock: ClockReading) -> Int64 {
        let reckoned = reckoning.withLock { $0 }?.wallTime(at: clock.instant) ?? clock.wall
        return max(reckoned.milliseconds - clock.wall.milliseconds, 0)
    }

    private static func ownerSlot(_ domain: DomainName, _ targetKey: String) -> Int64 {
        // FNV-1a: the same in every process, unlike Swift's hashes.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for octet in "\(domain.key) \(targetKey)".utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
        return Int64(hash >> 2)
    }
}

// MARK: - Opening

extension HistoryStore {
    private static func checkOwnership(of db: Database, path: String) throws {
        // Look at the tables before the mark: a process that creates the file right now sets both at once. Only the
        // migrator's own table comes before, and a process that was killed then has left no more.
        let tables =
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0
        let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard id != HistorySchema.applicationID else { return }
        guard id == 0, tables == 0 else {
            throw HistoryError(.foreign, path: path, "it is a database of another program; give another file")
        }
    }

    /// Readers and a writer work at the same time, and a commit is on disk when it returns: a reported level survives a
    /// power cut. This is set by hand, because GRDB's own way writes to the file each time it is opened.
    private static func setUpJournal(_ db: Database) throws {
        if try String.fetchOne(db, sql: "PRAGMA journal_mode") != "wal" {
            try db.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try db.execute(sql: "PRAGMA synchronous = FULL")
    }

    private static func migrate(_ queue: DatabaseQueue, path: String) throws {
        let (isNewer, isCurrent) = try queue.read { db in
            (
                try HistorySchema.migrator.hasBeenSuperseded(db),
                try HistorySchema.migrator.hasCompletedMigrations(db)
            )
        }
        guard !isNewer else {
            throw HistoryError(
                .newer, path: path,
                "a newer version of propaga has written it; use that one, or give another file")
        }
        if !isCurrent { try HistorySchema.migrator.migrate(queue) }
    }

    private static func explained(_ error: any Error, path: String) -> HistoryError {
        var explained = HistoryError(error, path: path)
        // If the folder cannot be written, SQLite says only that it cannot open the file.
        if explained.code == .cannotCreate || explained.code == .readOnly {
            let exists = unsafe Glibc.access(path, F_OK) == 0
            let folder = folder(of: path)
            if exists, unsafe Glibc.access(path, W_OK) != 0 {
                explained = HistoryError(.readOnly, path: path, "it cannot be written")
            } else if unsafe Glibc.access(folder, W_OK) != 0 {
                let reason = "its folder cannot be written"
                explained = HistoryError(exists ? .readOnly : .cannotCreate, path: path, reason)
            }
        }
        return explained
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Creates the folders of the file. Only the user can read them, because the file tells whose mail moves.
    private static func makeFolder(of path: String) throws {
        let folder = folder(of: path)
        if unsafe Glibc.access(folder, F_OK) == 0 { return }
        var made = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            made += "/" + part
            if unsafe mkdir(made, 0o700) != 0, errno != EEXIST {
                throw HistoryError(
                    .cannotCreate, path: path, "the folder \(made) cannot be created: \(errnoText(errno))")
            }
        }
    }

    /// Only the user can read the file too; SQLite gives its other files the same rights. This also gives the reason
    /// if something goes wrong.
    private static func makeFile(_ path: String) {
        // Do not open an existing file: closing it would drop this process's locks on it.
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    static func errnoText(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}

/// Which file a path leads to.
private struct FileIdentity: Equatable {
    var device: UInt64
    var node: UInt64

    init?(of path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        node = UInt64(status.st_ino)
    }
}

extension DomainName {
    /// The name for the look-up, in lower case.
    var key: String { description.lowercased() }
}

extension Target {
    /// Two targets are the same if they accept the same set, in any order. The verdict depends on that set, so the
    /// history keeps each set apart.
    var key: String { patterns.map { $0.lowercased() }.sorted().joined(separator: " ") }
}
