import ArgumentParser
import DNS
import Glibc
import History
import Monitoring

/// Where what is seen is kept, and whether.
struct HistoryOptions: ParsableArguments {
    @Option(
        name: .customLong("history"),
        help: ArgumentHelp(
            "The file that keeps what was seen, from run to run.",
            discussion: "Default: $XDG_STATE_HOME/propaga/history.sqlite, or the same in ~/.local/state.",
            valueName: "file"))
    var files: [String] = []

    @Flag(name: .long, help: "Neither read nor write a history; what earlier runs saw does not count.")
    var noHistory = false

    func validate() throws {
        guard files.count <= 1 else {
            throw ValidationError("--history is given \(files.count) times; give one file")
        }
        if noHistory, !files.isEmpty {
            throw ValidationError("--history and --no-history exclude each other; give one of them")
        }
        if let file = files.first, file.isEmpty {
            throw ValidationError("--history: expected a file's name")
        }
    }

    /// Opens the file for a run that is to be remembered; `nil` with `--no-history`.
    ///
    /// - Throws: exit code 73 where it cannot be made, 74 where it cannot be used.
    func open() throws -> HistoryStore? { noHistory ? nil : try HistoryFile.open(files.first) }
}

/// Finds and opens history files.
enum HistoryFile {
    static let name = "propaga/history.sqlite"

    /// - Throws: exit code 73 or 74, with the reason on standard error.
    static func open(_ given: String?) throws -> HistoryStore {
        let path = try given ?? standardPath()
        do {
            return try HistoryStore(path: path, boot: MachineStart.name)
        } catch {
            throw failure(error, "; --history FILE takes another place, --no-history none")
        }
    }

    /// For a command about what was kept: there must be something.
    ///
    /// - Throws: exit code 66 where there is no file, 74 where it cannot be used.
    static func openExisting(_ given: String?) throws -> HistoryStore {
        let path = try given ?? standardPath()
        do {
            return try HistoryStore(path: path, access: .existing, boot: MachineStart.name)
        } catch  where error.code == .missing {
            throw propaga.failure(
                ExitStatus.missingInput,
                "no history yet: \(escaped(path)) does not exist; 'check' and 'watch' begin one")
        } catch {
            throw failure(error, "; --history FILE takes another file")
        }
    }

    /// Says what is wrong with a history, and gives the exit code to throw.
    static func failure(_ error: HistoryError, _ remedy: String = "") -> ExitCode {
        propaga.failure(
            error.code == .cannotCreate ? ExitStatus.cannotCreate : ExitStatus.outputError,
            "the history \(escaped(error.description))\(remedy)")
    }

    /// - Throws: exit code 73 where this user has no home.
    private static func standardPath() throws -> String {
        // The XDG base directory specification ignores a path that is not absolute.
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return "\(state)/\(name)" }
        guard let home = environment("HOME") ?? homeOfUser else {
            throw propaga.failure(
                ExitStatus.cannotCreate,
                "no place for the history: neither XDG_STATE_HOME nor HOME is set; give --history FILE or --no-history"
            )
        }
        return "\(home)/.local/state/\(name)"
    }

    /// Services of a system's own often have no HOME.
    private static var homeOfUser: String? {
        getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
    }
}

/// Which start of this machine the monotonic clock counts from.
enum MachineStart {
    /// Linux's boot ID; where that is hidden, a name that no other run has.
    static let name: String = {
        let text = (try? InputFiles.quietText(of: "/proc/sys/kernel/random/boot_id")) ?? ""
        let name = text.filter { !$0.isWhitespace }
        return name.isEmpty ? "unknown-\(UInt64.random(in: .min ... .max))" : name
    }()
}
