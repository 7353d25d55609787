import Foundation
import Testing

extension RealServers {
    /// Runs that go on from one another, on real servers.
    @Suite(
        "History on a real switch",
        .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
    struct HistoryRunTests {
        private static let gate = [
            "check", Zone.origin, "--until", "second-pass", "--settle", "2s", "--previous-ttl", "3",
        ]

        @Test(
            "A gate from cron opens when the second pass is safe, and says nothing", .timeLimit(.minutes(2)))
        func cronGate() async throws {
            try await World.with(.before(ttl: 3), caches: [.unbound, .kresd]) { world in
                let before = try await world.run(Self.gate + ["-q"])
                #expect(before.ending == .exited(1))
                for server in world.authorities { try await server.switchZone(to: .after(ttl: 3)) }
                var codes: [Child.Ending] = []
                try await eventually("the gate opens", within: .seconds(60)) {
                    let run = try await world.run(Self.gate + ["-q"])
                    #expect(run.output.isEmpty && run.errors.isEmpty, "\(run)")
                    codes.append(run.ending)
                    return run.ending == .exited(0) ? true : nil
                }
                #expect(codes.dropLast().allSatisfy { $0 == .exited(1) }, "\(codes)")
                #expect(codes.count > 2)
                // Without what was seen before, one check cannot know.
                let forgetful = try await world.run(Self.gate + ["--no-history"])
                #expect(forgetful.ending == .exited(1))
                let levels = try await world.history().events.map(\.event)
                    .filter { ["published", "propagated", "second_pass_safe"].contains($0) }
                #expect(levels == ["published", "propagated", "second_pass_safe"])
            }
        }

        /// Five minutes pass between two checks, as far as the history knows, and each finds another serial.
        @Test(
            "From cron every five minutes, a zone that is edited each time comes no later than another",
            .timeLimit(.minutes(5)), arguments: [1_795_000_000, 2026_11_27_01] as [UInt32])
        func cronOfBusyZone(first: UInt32) async throws {
            let gate = [
                "check", Zone.origin, "--until", "second-pass", "--settle", "2s", "--previous-ttl", "600",
                "--format", "json",
            ]
            // Unix time, or a new day.
            let step: UInt32 = first < 2_000_000_000 ? 300 : 100
            try await World.with(.before(serial: first, ttl: 3), caches: [.unbound]) { world in
                #expect(try await world.run(gate).ending == .exited(1))
                var codes: [Child.Ending] = []
                for look in 1...5 {
                    try await world.changeHistory(
                        "UPDATE boot SET name = 'another' || name;"
                            + "UPDATE subject SET wall = wall - 300000; UPDATE resolver SET wall = wall - 300000"
                    )
                    let zone = Zone.after(serial: first + UInt32(look) * step, ttl: 3)
                    for server in world.authorities { try await server.switchZone(to: zone) }
                    // A look of its own may find the old copy in the cache: another is taken until it is gone.
                    let run = try await eventually("the cache has the new MX", within: .seconds(30)) {
                        let run = try await world.run(gate)
                        return try run.status().domain.propagated.reached ? run : nil
                    }
                    codes.append(run.ending)
                    #expect(!run.output.contains("did not see what it served"), "\(run)")
                }
                // At the second look 600 s have passed since the check before the switch: no cache can hold what was
                // served before that.
                #expect(codes == [.exited(1)] + Array(repeating: .exited(0), count: 4))
            }
        }

        @Test("A check beside a watch reads what that has seen, and says who writes", .timeLimit(.minutes(2)))
        func besideAWatch() async throws {
            try await World.with(.before(ttl: 3), caches: [.unbound]) { world in
                let watch = try Propaga.start(
                    ["watch", Zone.origin, "--format", "ndjson"] + world.options(), in: world.folder)
                try await eventually("the watch has begun to write", within: .seconds(20)) {
                    let run = try await world.run(["history", "show", Zone.origin], options: false)
                    return run.ending == .exited(0) ? true : nil
                }
                let run = try await world.run(["check", Zone.origin])
                #expect(run.ending == .exited(1))
                #expect(run.errors.contains("followed by another propaga"))
                let forgetting = try await world.run(["history", "forget", Zone.origin], options: false)
                #expect(forgetting.ending == .exited(1))
                #expect(forgetting.errors.contains("followed by another propaga"))
                watch.signal(SIGTERM)
                #expect(try await watch.end(within: .seconds(10)) == .exited(143))
                let forgotten = try await world.run(["history", "forget", Zone.origin], options: false)
                #expect(forgotten.ending == .exited(0))
            }
        }

        @Test(
            "A watch whose history is removed goes on, says so, and begins a new one", .timeLimit(.minutes(2))
        )
        func removed() async throws {
            try await World.with(.before(ttl: 3), caches: [.unbound]) { world in
                let watch = try Propaga.start(
                    ["watch", Zone.origin, "--format", "ndjson", "--until", "published"] + world.options(),
                    in: world.folder)
                try await eventually("the watch has begun to write", within: .seconds(20)) {
                    FileManager.default.fileExists(atPath: world.historyFile.path + "-wal") ? true : nil
                }
                for ending in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: world.historyFile.path + ending)
                }
                for server in world.authorities { try await server.switchZone(to: .after(ttl: 3)) }
                #expect(try await watch.end(within: .seconds(60)) == .exited(0), "\(watch.transcript)")
                #expect(watch.errors.contains("was removed or replaced. We start a new one"))
                #expect(try await world.history().events.map(\.event).contains("published"))
            }
        }

        @Test(
            "A clock that went back is noticed, and nothing expires earlier for it", .timeLimit(.minutes(5)))
        func clockWentBack() async throws {
            try await World.with(.before(ttl: 600), caches: [.unbound]) { world in
                let first = try await world.run(["check", Zone.origin, "--format", "json"])
                let before = try first.status().domain.resolvers[0]
                // As if that run had been three hours ahead, on the machine's start before this one.
                try await world.changeHistory(
                    "UPDATE boot SET name = 'another';"
                        + "UPDATE subject SET wall = wall + 10800000; UPDATE resolver SET wall = wall + 10800000"
                )
                let run = try await world.run(["check", Zone.origin, "--format", "json"])
                #expect(run.ending == .exited(1))
                #expect(run.errors.contains("the clock is 3h behind the last look"), "\(run.errors)")
                let after = try run.status().domain.resolvers[0]
                #expect(try #require(after.ttlRemaining) >= #require(before.ttlRemaining) - 1)
                #expect(try await world.history().events.map(\.event).contains("clock_went_back"))
            }
        }

        @Test(
            "What cannot be recalled of one domain keeps no other from being asked about",
            .timeLimit(.minutes(5)))
        func damagedMemory() async throws {
            try await World.with(.before(ttl: 60), caches: [.unbound]) { world in
                let both = ["check", Zone.origin, "www.\(Zone.origin)", "--format", "json"]
                #expect(try await world.run(both).ending == .exited(1))
                try await world.changeHistory(
                    "UPDATE subject SET memory = '{}' WHERE domain = '\(Zone.origin)'")
                let run = try await world.run(both)
                #expect(run.ending == .exited(74))
                #expect(run.errors.contains("Start again with 'propaga history forget \(Zone.origin)'"))
                #expect(try run.status().domains.map(\.domain) == [Zone.origin, "www.\(Zone.origin)"])
                let nagios = try await world.run(["check", Zone.origin, "--format", "nagios"])
                #expect(nagios.ending == .exited(3))
                #expect(
                    try await world.run(["history", "forget", Zone.origin], options: false).ending
                        == .exited(0))
                #expect(try await world.run(both).ending == .exited(1))
            }
        }

        @Test(
            "A disk that is full, or may not be written, is said to be so",
            .enabled(if: MountNamespace.isPossible, "needs to mount a file system"), .timeLimit(.minutes(5)))
        func fullDisk() async throws {
            try await World.with(.before(ttl: 60), caches: [.unbound]) { world in
                let disk = world.folder.appending(path: "disk")
                try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
                let check =
                    (["check", Zone.origin, "--history", "\(disk.path)/h.sqlite"] + (try world.options()))
                let full = try await MountNamespace.run(
                    "mount -t tmpfs -o size=48k none \(disk.path)", check, in: world.folder)
                #expect(full.ending == .exited(74))
                #expect(full.errors.contains("the disk is full"), "\(full)")
                let readOnly = try await MountNamespace.run(
                    "mount -t tmpfs none \(disk.path) && mount -o remount,ro \(disk.path)", check,
                    in: world.folder)
                #expect(readOnly.ending == .exited(73))
                #expect(
                    readOnly.errors.contains("cannot be written") && readOnly.errors.contains("--no-history")
                )
            }
        }
    }
}

/// Files that are no history. Nobody is asked: the history is opened first.
@Suite("Histories that cannot be used")
struct HistoryFileTests {
    private static func check(_ history: URL) async throws -> Propaga.Run {
        try await withTemporaryFolder { folder in
            let resolvers = folder.appending(path: "resolvers.conf")
            try "127.0.0.1:9 nobody\n".write(to: resolvers, atomically: true, encoding: .utf8)
            return try await Propaga.run([
                "check", "example.zz", "--no-authority", "--resolvers", resolvers.path, "--history",
                history.path,
            ])
        }
    }

    @Test("A file that is no database: 74, and what to do")
    func noDatabase() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "notes.txt")
            try String(repeating: "my notes\n", count: 200).write(to: file, atomically: true, encoding: .utf8)
            let run = try await Self.check(file)
            #expect(run.ending == .exited(74))
            #expect(run.errors.contains(file.path) && run.errors.contains("not a propaga database"))
            #expect(run.errors.contains("Use another place with --history FILE, or none with --no-history"))
        }
    }

    @Test("A newer version's file: 74, and what to do")
    func newer() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "h.sqlite")
            #expect(try await Self.check(file).ending == .exited(2))
            try await Python.run(
                "import sqlite3,sys; c = sqlite3.connect(sys.argv[1]);"
                    + "c.execute(\"INSERT INTO grdb_migrations VALUES ('99')\"); c.commit()", file.path)
            let run = try await Self.check(file)
            #expect(run.ending == .exited(74))
            #expect(run.errors.contains("a newer version of propaga has written it"))
        }
    }

    @Test("A place where no file can be made: 73, and what to do")
    func cannotCreate() async throws {
        let run = try await Self.check(URL(filePath: "/proc/propaga/h.sqlite"))
        #expect(run.ending == .exited(73))
        #expect(run.errors.contains("/proc/propaga") && run.errors.contains("--no-history"))
    }

    @Test(
        "Commands about a history that is not there: 66",
        arguments: [["list"], ["show", "example.zz"], ["export"]])
    func missing(command: [String]) async throws {
        let run = try await Propaga.run(["history"] + command)
        #expect(run.ending == .exited(66))
        #expect(run.errors.contains("no history yet"))
    }

    @Test(
        "Wrong usage is 64",
        arguments: [
            ["check", "example.zz", "--history", "a", "--no-history"], ["history", "prune"],
            ["history", "show", "two..dots"], ["history", "prune", "--older-than", "long"],
            ["check", "example.zz", "--history", ""],
        ])
    func usage(arguments: [String]) async throws {
        let run = try await Propaga.run(arguments)
        #expect(run.ending == .exited(64), "\(run)")
    }
}

/// The parts of `propaga/history/1` that the tests compare.
struct HistoryDocument: Decodable, Sendable {
    struct Event: Decodable, Sendable {
        var at: String
        var event: String
        var resolver: String?
    }

    struct Domain: Decodable, Sendable {
        var phase: String
        var publishedAt: String?
        var propagatedAt: String?
        var secondPassAt: String?
        var events: [Event]
    }

    var domains: [Domain]
}

extension World {
    /// Where `propaga` keeps its history in this world, unless told otherwise.
    var historyFile: URL { folder.appending(path: "propaga/history.sqlite") }

    /// Runs it to its end in this world's folder, so that runs know of each other.
    func run(_ arguments: [String], options: Bool = true) async throws -> Propaga.Run {
        let child = try Propaga.start(arguments + (options ? self.options() : []), in: folder)
        let ending = try await child.end(within: .seconds(30))
        return Propaga.Run(ending: ending, output: child.output, errors: child.errors)
    }

    /// What is remembered of the one domain.
    func history() async throws -> HistoryDocument.Domain {
        let run = try await run(["history", "show", Zone.origin, "--format", "json"], options: false)
        guard run.ending == .exited(0) else { throw HarnessError("no history: \(run)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try #require(
            try decoder.decode(HistoryDocument.self, from: Data(run.output.utf8)).domains.first)
    }

    func changeHistory(_ statements: String) async throws {
        try await Python.run(
            "import sqlite3,sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()",
            historyFile.path, statements)
    }
}

/// Debian's Python.
enum Python {
    static func run(_ program: String, _ arguments: String...) async throws {
        try await withTemporaryFolder { folder in
            let child = try Child(
                "/usr/bin/python3", ["-c", program] + arguments, name: "python3", folder: folder)
            let ending = try await child.end(within: .seconds(20))
            guard ending == .exited(0) else { throw HarnessError("python3: \(child.transcript)") }
        }
    }
}

/// A program in a mount namespace of its own, so that it can be given a small or a read-only disk.
enum MountNamespace {
    /// Containers may forbid it.
    static let isPossible: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    static func run(_ mount: String, _ arguments: [String], in folder: URL) async throws -> Propaga.Run {
        let child = try Child(
            "/usr/bin/unshare",
            ["-m", "/bin/sh", "-c", "\(mount) && exec \"$0\" \"$@\"", Executable.propaga]
                + arguments, name: "unshare", folder: folder, environment: ["NO_COLOR": "1"])
        let ending = try await child.end(within: .seconds(30))
        return Propaga.Run(ending: ending, output: child.output, errors: child.errors)
    }
}
