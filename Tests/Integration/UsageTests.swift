import Foundation
import Testing

/// What a person gets who asks wrongly. No server is needed.
@Suite("Usage errors")
struct UsageTests {
    @Test(
        "Wrong usage is 64",
        arguments: [
            ["check"], ["check", "--no-such-option", "example.zz"], ["check", "two..dots"],
            ["check", "example.zz", "--until", "tomorrow"],
            ["check", "example.zz", "--authority", "nowhere"],
            ["watch", "example.zz", "--deadline", "soon"], ["nonsense"], ["demo", "--format", "live"],
            ["watch", "example.zz", "--format", "live"],
            ["plan", "--forwarding", "qmail", "example.zz"],
            ["plan", "--forwarding", "exim", "--format", "json", "example.zz"],
            ["plan", "--forwarding", "exim", "--old-server", "192.0.2.1", "example.zz"],
            ["plan", "--forwarding", "haproxy", "--old-server", "mail.old.zz", "example.zz"],
            ["plan", "--old-server", "192.0.2.1", "example.zz"],
            ["plan", "--forwarding", "exim", "--also", "news.other.zz", "example.zz"],
            ["report"], ["report", "two..dots"], ["report", "example.zz", "--format", "pdf"],
            ["plan"], ["plan", "two..dots"], ["plan", "example.zz", "--switch-at", "soon"],
            ["plan", "example.zz", "--switch-at", "2020-01-01T00:00:00Z"],
            ["plan", "example.zz", "--switch-at", "2199-01-01T00:00:00Z"],
            ["plan", "example.zz", "--lowered-at", "2199-01-01T00:00:00Z"],
            ["plan", "example.zz", "--strategy", "before"], ["plan", "example.zz", "--format", "nagios"],
            ["plan", "example.zz", "--also", "news.other.zz"],
            ["plan", "example.zz", "--also", "example.zz"],
            ["plan", "example.zz", "--also", "two..dots"], ["plan", "example.zz", "--until", "published"],
        ])
    func usage(arguments: [String]) async throws {
        let run = try await Propaga.run(arguments)
        #expect(run.ending == .exited(64))
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }

    @Test(
        "A command or an option that is none is called that, and the nearest is named",
        arguments: [
            (["chek", "x.zz"], "unknown command 'chek'; did you mean 'check'?"),
            (["chek", "--quorum", "80", "x.zz"], "unknown command 'chek'; did you mean 'check'?"),
            (["frobnicate"], "unknown command 'frobnicate'; 'propaga' has plan, check, "),
            (["x.zz"], "unknown command 'x.zz'; put the domain after a command, as in 'propaga check x.zz'"),
            (["history", "lst"], "unknown command 'lst'; did you mean 'list'?"),
            (["check", "--quorom", "80", "x.zz"], "unknown option '--quorom'; did you mean '--quorum'?"),
            (["check", "--quorom=80", "x.zz"], "unknown option '--quorom'; did you mean '--quorum'?"),
            (["check", "-quorum", "80", "x.zz"], "unknown option '-quorum'; did you mean '--quorum'?"),
            (["check", "--conf", "3", "x.zz"], "unknown option '--conf'; did you mean '--confirmations'?"),
            (
                ["check", "--tls-ca", "ca.pem", "x.zz"],
                "unknown option '--tls-ca'; 'propaga check --help' lists the options"
            ),
            (["check", "-qx", "x.zz"], "unknown option '-qx'; 'propaga check --help' lists the options"),
            (
                ["check", "--timeout", "5", "--trys", "2", "x.zz"],
                "unknown option '--trys'; did you mean '--tries'?"
            ),
            (["history", "--formt", "json"], "unknown option '--formt'; did you mean '--format'?"),
            (["history", "show", "--formt", "json"], "unknown option '--formt'; did you mean '--format'?"),
            (
                ["--no-color", "check", "x.zz"],
                "unknown option '--no-color'; put options after the command"
            ),
        ] as [([String], String)])
    func unknownWord(arguments: [String], message: String) async throws {
        let run = try await Propaga.run(arguments)
        #expect(run.ending == .exited(64))
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("propaga: \(message)"), "\(run.errors)")
        #expect(run.errors.count { $0.isNewline } == 1)
    }

    @Test(
        "What is known is not called unknown, whatever else is wrong",
        arguments: [
            ["check", "-qv", "two..dots"], ["check", "--file", "-", "--", "--quorom"],
            ["check", "--settle", "-5s", "x.zz"], ["history", "list", "x.zz"],
            ["--generate-completion-script", "tcl"],
        ])
    func knownWords(arguments: [String]) async throws {
        let run = try await Propaga.run(arguments)
        #expect(run.ending == .exited(64))
        #expect(!run.errors.contains("propaga: unknown"), "\(run.errors)")
    }

    @Test("A duration without a unit is asked for it", arguments: ["--timeout", "--settle", "--deadline"])
    func noUnit(option: String) async throws {
        let run = try await Propaga.run(["watch", option, "5", "x.zz"])
        #expect(run.ending == .exited(64))
        #expect(
            run.errors.contains("'\(option) <duration>': 5 has no unit: write 5s, 5m, 5h or 5d"),
            "\(run.errors)")
    }

    @Test("Every bad line of a file is told at once", arguments: [("--file", 64), ("--resolvers", 78)])
    func badLines(option: String, code: Int32) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "list.txt")
            try "a..b\n\n; of old\nc..d\n".write(to: file, atomically: true, encoding: .utf8)
            let run = try await Propaga.run(["check", "example.zz", option, file.path])
            #expect(run.ending == .exited(code))
            let lines = run.errors.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(
                lines.first?.hasPrefix("propaga: \(file.path):1: 'a..b' is not a") == true, "\(run.errors)")
            #expect(
                lines.last?.hasPrefix("propaga: \(file.path):4: 'c..d' is not a") == true, "\(run.errors)")
        }
    }

    @Test("A switch in the past is refused with what it wants")
    func switchInThePast() async throws {
        let time = "2020-01-01T00:00:00Z"
        let run = try await Propaga.run(["plan", "example.zz", "--switch-at", time])
        #expect(
            run.errors.contains("--switch-at \(time): it is in the past; give a future time, or earliest"))
        #expect(run.errors.contains("propaga watch --published-at \(time)"))
    }

    @Test("A missing file is 66, and named", arguments: ["--file", "--resolvers"])
    func missingFile(option: String) async throws {
        let run = try await Propaga.run(["check", "example.zz", option, "not-there.txt"])
        #expect(run.ending == .exited(66))
        #expect(run.errors.contains("not-there.txt"))
    }

    @Test("A malformed resolvers.conf is 78, with file and line")
    func malformedResolvers() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "bad.conf")
            try "127.0.0.1 fine\n127.0.0.2 name colour=red\n".write(
                to: file, atomically: true, encoding: .utf8)
            let run = try await Propaga.run(["check", "example.zz", "--resolvers", file.path])
            #expect(run.ending == .exited(78))
            #expect(run.errors.contains("bad.conf:2"))
            #expect(run.errors.contains("colour"))
        }
    }

    @Test(
        "Help and version need nothing",
        arguments: [
            ["--help"], ["check", "--help"], ["watch", "--help"], ["plan", "--help"], ["--version"],
        ])
    func help(arguments: [String]) async throws {
        let run = try await Propaga.run(arguments)
        #expect(run.ending == .exited(0))
        #expect(!run.output.isEmpty)
    }
}
