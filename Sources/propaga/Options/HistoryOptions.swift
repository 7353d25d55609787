import ArgumentParser
import DNS
import Glibc
import History
import Monitoring

/// Whether propaga remembers what it sees, and where.
struct HistoryOptions: ParsableArguments {
    @Option(
        name: .customLong("history"),
        help: ArgumentHelp(
            "The file in which propaga remembers what it sees, from run to run.",
            discussion: "Default: $XDG_STATE_HOME/propaga/history.sqlite, or the same in ~/.local/state.",
            valueName: "file"))
    var files: [String] = []

    @Flag(name: .long, help: "Remember nothing, and use nothing that earlier runs saw.")
    var noHistory = false

    func validate() throws {
        guard files.count <= 1 else {
            throw ValidationError("you gave --history \(files.count) times: give one file")
        }
        if noHistory, !files.isEmpty {
            throw ValidationError("--history and --no-history contradict each other: give one of them")
        }
        if let file = files.first, file.isEmpty {
            throw ValidationError("--history: expected a file's name")
        }
    }

    /// Opens the history file; `nil` with `--no-history`.
    ///
    /// - Throws: exit code 73 if it cannot be created, 74 if it cannot be used.
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
            throw failure(error, ". Use another place with --history FILE, or none with --no-history")
        }
    }

    /// For a command that only reads: the file must exist.
    ///
    /// - Throws: exit code 66 if there is no file, 74 if it cannot be used.
    static func openExisting(_ given: String?) throws -> HistoryStore {
        let path = try given ?? standardPath()
        do {
            return try HistoryStore(path: path, access: .existing, boot: MachineStart.name)
        } catch  where error.code == .missing {
            throw propaga.failure(
                ExitStatus.missingInput,
                "no history yet: \(escaped(path)) does not exist. 'check', 'watch' and 'plan' create it")
        } catch {
            throw failure(error, ". Use another file with --history FILE")
        }
    }

    /// Says what is wrong with a history, and gives the exit code to throw.
    static func failure(_ error: HistoryError, _ remedy: String = "") -> ExitCode {
        propaga.failure(
            error.code == .cannotCreate ? ExitStatus.cannotCreate : ExitStatus.outputError,
            "the history \(escaped(error.description))\(remedy)")
    }

    /// - Throws: exit code 73 if this user has no home.
    private static func standardPath() throws -> String {
        // The XDG base directory specification ignores a path that is not absolute.
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return "\(state)/\(name)" }
        guard let home = environment("HOME") ?? homeOfUser else {
            throw propaga.failure(
                ExitStatus.cannotCreate,
                "no place for the history: add --history FILE or --no-history (neither XDG_STATE_HOME nor HOME is set)"
            )
        }
        return "\(home)/.local/state/\(name)"
    }

    /// System services often have no HOME.
    private static var homeOfUser: String? {
        unsafe getpwuid(getuid()).flatMap { unsafe $0.pointee.pw_dir }.map { unsafe String(cString: $0) }
    }
}

/// Which start of this machine the monotonic clock counts from.
enum MachineStart {
    /// Linux's boot ID; if that is hidden, a name that no other run has.
    static let name: String = {
        let text = (try? InputFiles.quietText(of: "/proc/sys/kernel/random/boot_id")) ?? ""
        let name = text.filter { !$0.isWhitespace }
        return name.isEmpty ? "unknown-\(UInt64.random(in: .min ... .max))" : name
    }()
}
