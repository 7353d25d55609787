import Foundation
import Synchronization

/// A program that runs in a process group of its own, its output going to files.
///
/// Whatever happens to the test, the whole group is killed: by `stop`, by `deinit`, or when the test
/// process ends.
final class Child: Sendable {
    /// How a program came to its end.
    enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    let name: String
    let pid: pid_t
    private let outputFile: URL
    private let errorFile: URL
    private let ending = Mutex<Ending?>(nil)

    /// - Parameters:
    ///   - path: an absolute path.
    ///   - folder: an existing folder where the output files are made.
    init(
        _ path: String, _ arguments: [String], name: String, folder: URL, environment: [String: String] = [:]
    ) throws {
        self.name = name
        let stem = "\(name)-\(UUID().uuidString.prefix(8))"
        outputFile = folder.appending(path: "\(stem).out")
        errorFile = folder.appending(path: "\(stem).err")
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        pid = try Self.spawn(
            path, arguments, variables, output: outputFile.path, errors: errorFile.path)
        LiveGroups.add(pid)
    }

    deinit {
        // `stop` cannot be awaited here; a group already gone makes these calls fail harmlessly.
        if ending.withLock({ $0 }) == nil {
            kill(-pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        LiveGroups.remove(pid)
    }

    /// What it has written to standard output so far.
    var output: String { Self.text(outputFile) }
    /// What it has written to standard error so far.
    var errors: String { Self.text(errorFile) }

    /// Its ending, or `nil` while it runs.
    func poll() -> Ending? {
        ending.withLock { ending in
            if ending != nil { return ending }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            let signal = status & 0x7F
            ending = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
            return ending
        }
    }

    /// Waits for its end.
    ///
    /// - Throws: `HarnessError` with its output when it still runs after `limit`; it is killed then.
    func end(within limit: Duration) async throws -> Ending {
        do {
            return try await eventually("\(name) ends", within: limit) { self.poll() }
        } catch {
            await stop()
            throw HarnessError("\(error)\n\(transcript)")
        }
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Ends the whole group: politely, and after two seconds not.
    func stop() async {
        if poll() == nil {
            kill(-pid, SIGTERM)
            _ = try? await eventually("it ends", within: .seconds(2)) { self.poll() }
        }
        kill(-pid, SIGKILL)
        if poll() == nil { _ = try? await eventually("it ends", within: .seconds(5)) { self.poll() } }
        LiveGroups.remove(pid)
    }

    /// The last lines of both outputs, for the message of a failed test.
    var transcript: String {
        [("standard output", output), ("standard error", errors)].filter { !$1.isEmpty }
            .map { "--- \(name), \($0) ---\n" + $1.split(separator: "\n").suffix(40).joined(separator: "\n") }
            .joined(separator: "\n")
    }

    private static func text(_ file: URL) -> String {
        (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String], output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // The sockets of tests that run beside this one would stay open in the child when those close them.
        closeAllAbove(&actions, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // A test runner may ignore signals, and a child would inherit that.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
        guard failure == 0 else {
            throw HarnessError("\(path) does not start: \(String(cString: strerror(failure)))")
        }
        return pid
    }
}

/// Has a program begin without the descriptors above `last`.
///
/// `posix_spawn_file_actions_addclosefrom_np` of glibc, whose header shows it only where _GNU_SOURCE is defined.
private func closeAllAbove(_ actions: inout posix_spawn_file_actions_t, _ last: Int32) {
    typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
    _ = unsafeBitCast(symbol, to: Function.self)(&actions, last + 1)
}

/// The process groups that run now; killed when the test process ends, also by `exit` within a test.
private final class LiveGroups: @unchecked Sendable {
    private static let shared = LiveGroups()
    private static let killsAtExit: Void = {
        atexit { LiveGroups.shared.change { $0.forEach { kill(-$0, SIGKILL) } } }
    }()

    // A lock that the thread sanitizer knows.
    private let lock = NSLock()
    private var groups: Set<pid_t> = []

    static func add(_ group: pid_t) {
        _ = killsAtExit
        shared.change { $0.insert(group) }
    }

    static func remove(_ group: pid_t) {
        shared.change { $0.remove(group) }
    }

    private func change(_ body: (inout Set<pid_t>) -> some Any) {
        lock.lock()
        defer { lock.unlock() }
        _ = body(&groups)
    }
}
