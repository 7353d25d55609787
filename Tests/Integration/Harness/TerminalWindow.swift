import Foundation

/// A terminal with a shell in it, kept by a tmux server of its own.
struct TerminalWindow: Sendable {
    /// For files that the shell writes.
    let folder: URL
    private let socket: String
    private let server: Child
    /// Of the clients too: a session's programs get that of the client that made it.
    private let environment: [String: String]

    static let programs = ["tmux", "bash", "stty"]
    /// Long enough for a machine that builds something else at the same time.
    private static let patience: Duration = .seconds(60)

    /// Opens a window, runs `body`, and ends the server, whatever happens. Where `body` throws, what the
    /// window showed last is printed.
    static func with(
        columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
        _ body: (TerminalWindow) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let socket = folder.appending(path: "tmux").path
            let unhandled = ["segv", "abort", "sigbus", "sigfpe", "sigill", "sigtrap"]
                .map { "handle_\($0)=0" }.joined(separator: ":")
            let variables = [
                "LC_ALL": "C.UTF-8", "NO_COLOR": "", "TERM": "screen-256color", "TMUX": "",
                // A crash's backtrace takes its time, and is not what these tests are about.
                "SWIFT_BACKTRACE": "enable=no",
                // Nor a sanitizer's report of it.
                "ASAN_OPTIONS": "detect_leaks=0:\(unhandled)", "TSAN_OPTIONS": unhandled,
                "XDG_STATE_HOME": folder.path,
            ].merging(environment) { $1 }
            // In the foreground, so that it belongs to a group that is killed in any case.
            let server = try Child(
                try Executable.require("tmux"), ["-S", socket, "-f", "/dev/null", "-D"], name: "tmux",
                folder: folder, environment: variables)
            let window = TerminalWindow(
                folder: folder, socket: socket, server: server, environment: variables)
            do {
                try await window.open(columns: columns, rows: rows)
                try await body(window)
            } catch {
                print((try? await window.lines().joined(separator: "\n")) ?? "no window")
                _ = try? await window.tmux(["kill-server"])
                await server.stop()
                throw error
            }
            _ = try? await window.tmux(["kill-server"])
            await server.stop()
        }
    }

    private func open(columns: Int, rows: Int) async throws {
        try await eventually("tmux opens a window", within: Self.patience) {
            try await tmuxIfItCan([
                "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c", folder.path,
                "PS1='$ ' exec bash --norc --noprofile",
            ])
        }
        try await wait("the shell is there") { $0.contains { $0.hasPrefix("$") } }
    }
}

// MARK: - What a person does

extension TerminalWindow {
    /// Types text as it stands.
    func type(_ text: String) async throws { _ = try await tmux(["send-keys", "-l", text]) }

    /// Presses keys by tmux's names: `Enter`, `Down`, `C-c`, `NPage`.
    func press(_ keys: String...) async throws { _ = try await tmux(["send-keys"] + keys) }

    func enter(_ command: String) async throws {
        try await type(command)
        try await press("Enter")
    }

    func resize(columns: Int, rows: Int) async throws {
        _ = try await tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// What stands on the screen, line by line.
    func lines(withColor: Bool = false) async throws -> [String] {
        let text = try await tmux(["capture-pane", "-p"] + (withColor ? ["-e"] : []))
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    @discardableResult
    func wait(_ what: String, until isThere: ([String]) throws -> Bool) async throws -> [String] {
        try await eventually(what, within: Self.patience) {
            let lines = try await lines()
            return try isThere(lines) ? lines : nil
        }
    }
}

// MARK: - Programs in it

extension TerminalWindow {
    /// Starts `propaga` in the foreground; its exit code is shown when it has ended.
    ///
    /// - Returns: its process.
    func start(_ arguments: String, redirecting: String = "") async throws -> pid_t {
        let script = folder.appending(path: "run")
        try "echo $$ > pid\nexec \(Executable.propaga) \(arguments)\n".write(
            to: script, atomically: true, encoding: .utf8)
        try await enter("clear; bash run \(redirecting); echo \"code $?\"")
        return try await eventually("propaga runs", within: Self.patience) {
            let text = try? String(contentsOf: folder.appending(path: "pid"), encoding: .utf8)
            return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
    }

    func waitForEnd(code: Int32) async throws -> [String] {
        try await wait("propaga ends with \(code)") { $0.contains("code \(code)") }
    }

    /// What is not as it was before a screen was drawn; empty where all is well.
    func faults() async throws -> [String] {
        var faults: [String] = []
        for (format, expected) in [("alternate_on", "0"), ("cursor_flag", "1"), ("wrap_flag", "1")] {
            let value = try await tmux(["display-message", "-p", "#{\(format)}"]).trimmed
            if value != expected { faults.append("\(format) is \(value)") }
        }
        // The shell's line editor has modes of its own; what it gives to programs is what counts.
        try await enter("stty -a > modes; mv modes modes.txt")
        let modes = try await eventually("stty tells the modes", within: Self.patience) {
            try? String(contentsOf: folder.appending(path: "modes.txt"), encoding: .utf8)
        }
        let words = Set(modes.split { $0.isWhitespace || $0 == ";" }.map(String.init))
        for mode in ["echo", "icanon", "isig", "iexten", "ixon"] where !words.contains(mode) {
            faults.append("\(mode) is off")
        }
        return faults
    }
}

// MARK: - tmux

extension TerminalWindow {
    private func tmux(_ arguments: [String]) async throws -> String {
        let client = try Child(
            try Executable.require("tmux"), ["-S", socket] + arguments, name: "tmux-client", folder: folder,
            environment: environment)
        guard try await client.end(within: Self.patience) == .exited(0) else {
            throw HarnessError("tmux \(arguments.joined(separator: " "))\n\(client.transcript)")
        }
        return client.output
    }

    private func tmuxIfItCan(_ arguments: [String]) async throws -> String? {
        if let ending = server.poll() {
            throw HarnessError("tmux ended at once: \(ending)\n\(server.transcript)")
        }
        return try? await tmux(arguments)
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
