import Foundation
import Testing

/// Everything here runs real name servers, so one test at a time.
@Suite("With real name servers", .serialized)
enum RealServers {}

extension RealServers {
    /// The ground that the other tests stand on.
    @Suite("The harness")
    struct ServerTests {
        @Test(
            "dig sees at every server what the zone says, and the switch where it should",
            .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
        func serve() async throws {
            let (before, after) = (Zone.before(ttl: 2), Zone.after(ttl: 2))
            try await World.with(before) { world in
                for server in world.servers {
                    let answer = try await Dig.mail(server)
                    #expect(answer.code == "NOERROR", "\(server.name)")
                    #expect(answer.data("MX") == before.exchanges, "\(server.name)")
                    #expect(answer.serial == before.serial, "\(server.name)")
                    #expect((0...2).contains(answer.ttl("MX") ?? -1), "\(server.name)")
                }
                try await world.primary.switchZone(to: after)
                #expect(try await Dig.mail(world.primary).data("MX") == after.exchanges)
                #expect(try await Dig.mail(world.secondary).data("MX") == before.exchanges)
                try await world.secondary.switchZone(to: after)
                for cache in world.caches {
                    try await eventually("\(cache.name) has forgotten the old MX", within: .seconds(20)) {
                        try await Dig.mail(cache).data("MX") == after.exchanges ? true : nil
                    }
                }
            }
        }

        @Test("A program that outlives its limit is ended, and says so")
        func limit() async throws {
            try await withTemporaryFolder { folder in
                let sleeper = try Child("/bin/sleep", ["60"], name: "sleep", folder: folder)
                await #expect(throws: HarnessError.self) { try await sleeper.end(within: .milliseconds(50)) }
                #expect(sleeper.poll() == .killed(signal: SIGTERM))
            }
        }

        @Test("A child's whole group is gone when its owner is")
        func group() async throws {
            let pid = try await withTemporaryFolder { folder in
                let shell = try Child(
                    "/bin/sh", ["-c", "sleep 60 & echo $!; wait"], name: "sh", folder: folder)
                let text = try await eventually("the shell tells", within: .seconds(5)) {
                    shell.output.hasSuffix("\n") ? shell.output : nil
                }
                return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            }
            try await eventually("the grandchild is gone", within: .seconds(5)) {
                isRunning(pid) ? nil : true
            }
        }

        /// A zombie that nobody has collected yet does not run.
        private func isRunning(_ pid: pid_t) -> Bool {
            guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
                return false
            }
            return status.split(separator: ")").last?.first { !$0.isWhitespace } != "Z"
        }
    }
}
