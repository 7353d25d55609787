import GRDB

/// Why a history could not be opened, read or written.
package struct HistoryError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure. Open: kinds may be added.
    package struct Code: Sendable, Hashable {
        private let rawValue: Int
        /// The file or its folder cannot be created.
        package static let cannotCreate = Code(rawValue: 0)
        /// There is no such file, and this command does not create one.
        package static let missing = Code(rawValue: 1)
        /// The file is not an SQLite database, or one of another program.
        package static let foreign = Code(rawValue: 2)
        /// A later version of this program has written it.
        package static let newer = Code(rawValue: 3)
        /// The file cannot be written.
        package static let readOnly = Code(rawValue: 4)
        /// The disk is full.
        package static let full = Code(rawValue: 5)
        /// Another process kept it locked for too long.
        package static let busy = Code(rawValue: 6)
        /// Its data cannot be read.
        package static let damaged = Code(rawValue: 7)
        /// Anything else.
        package static let failed = Code(rawValue: 8)
    }

    package var code: Code
    /// The database's file.
    package var path: String
    /// What is wrong and what to do, in a sentence without capital and full stop; not escaped.
    package var reason: String

    package var description: String { "\(path): \(reason)" }

    package init(_ code: Code, path: String, _ reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }
}

extension HistoryError {
    /// Makes one from an error of the database, of a decoder or of this module.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as HistoryError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        case is DecodingError:
            self.init(.damaged, path: path, "it has data that no version of propaga writes")
        default: self.init(.failed, path: path, "\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let text = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_NOTADB:
            self.init(.foreign, path: path, "it is not a propaga database; give another file")
        case .SQLITE_CORRUPT:
            self.init(
                .damaged, path: path,
                "the database is damaged (\(text)); move it away, and propaga starts a new one")
        case .SQLITE_FULL: self.init(.full, path: path, "the disk is full")
        case .SQLITE_READONLY: self.init(.readOnly, path: path, "it cannot be written (\(text))")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, path: path, "another process has locked it (\(text))")
        case .SQLITE_CANTOPEN: self.init(.cannotCreate, path: path, "it cannot be opened (\(text))")
        default: self.init(.failed, path: path, text)
        }
    }
}
