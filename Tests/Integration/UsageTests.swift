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

    @Test("A switch in the past is refused with what it wants")
    func switchInThePast() async throws {
        let time = "2020-01-01T00:00:00Z"
        let run = try await Propaga.run(["plan", "example.zz", "--switch-at", time])
        #expect(
            run.errors.contains("--switch-at \(time): it lies in the past; give a time to come, or earliest"))
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
