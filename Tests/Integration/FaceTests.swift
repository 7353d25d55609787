import Foundation
import Testing

extension RealServers {
    /// The formats, on a world with one cache.
    @Suite("Formats", .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
    struct FaceTests {
        @Test("nagios: one line, and the plugins' codes")
        func nagios() async throws {
            try await World.with(.before(ttl: 3), caches: [.unbound]) { world in
                let arguments = try ["check", Zone.origin, "--format", "nagios"] + world.options()
                let notYet = try await Propaga.run(arguments)
                #expect(notYet.ending == .exited(1))
                #expect(
                    notYet.output.wholeMatch(of: /MX WARNING - [^\n]+ \| [^\n]+\n/) != nil, "\(notYet.output)"
                )

                for server in world.authorities { try await server.switchZone(to: .after(ttl: 3)) }
                let done = try await eventually("check is content", within: .seconds(20)) {
                    let run = try await Propaga.run(arguments)
                    return run.ending == .exited(0) ? run : nil
                }
                #expect(done.output.wholeMatch(of: /MX OK - [^\n]+ \| [^\n]+\n/) != nil, "\(done.output)")
            }
        }

        @Test("nagios: what cannot be told is UNKNOWN")
        func nagiosUnknown() async throws {
            try await World.with(.after(ttl: 3), caches: [.unbound]) { world in
                let options = try world.options()
                await world.caches[0].stop()
                let run = try await Propaga.run(
                    ["check", Zone.origin, "--format", "nagios", "--timeout", "1s"] + options)
                #expect(run.ending == .exited(3))
                #expect(run.output.hasPrefix("MX UNKNOWN - "))
            }
        }

        @Test("The table names the domain, every server and what each serves; quiet says nothing")
        func table() async throws {
            try await World.with(.before(ttl: 30), caches: [.unbound, .named]) { world in
                let options = try world.options()
                let table = try await Propaga.run(["check", Zone.origin] + options)
                #expect(table.ending == .exited(1))
                for text in [Zone.origin, "unbound", "named", "mail.old-provider.zz", "previous"] {
                    #expect(table.output.contains(text), "\(text) is not in:\n\(table.output)")
                }
                #expect(!table.output.contains("\u{1B}"), "escape sequences without a terminal")

                let quiet = try await Propaga.run(["check", "-q", Zone.origin] + options)
                #expect(quiet.ending == .exited(1))
                #expect(quiet.output.isEmpty)
                let published = try await Propaga.run(
                    ["check", "-q", "--until", "published", Zone.origin] + options)
                #expect(published.ending == .exited(1))
            }
        }

        @Test("Many domains are one document, in the order given, and the worst decides")
        func manyDomains() async throws {
            try await World.with(.after(ttl: 30), caches: [.unbound]) { world in
                let file = world.folder.appending(path: "domains.txt")
                // The other two have no MX at all: not the target, and certain.
                let text =
                    "# those that move\n\(Zone.origin)\nold-provider.zz # the old one\n\nqboxmail.com\n"
                try text.write(to: file, atomically: true, encoding: .utf8)
                let run = try await Propaga.run(
                    ["check", "--file", file.path, "--format", "json"] + world.options())
                #expect(run.ending == .exited(1))
                let domains = try run.status().domains
                #expect(domains.map(\.domain) == [Zone.origin, "old-provider.zz", "qboxmail.com"])
                #expect(domains.map(\.conditionMet) == [true, false, false])
                #expect(domains.dropFirst().allSatisfy { $0.resolvers.map(\.state) == ["no_mx"] })
            }
        }

        @Test("The JSON is valid by its own schema, as another program judges", arguments: [true, false])
        func schema(withAuthority: Bool) async throws {
            try await World.with(.before(ttl: 30)) { world in
                let schema = try await Propaga.run(["check", "--schema"])
                #expect(schema.ending == .exited(0))
                // One resolver is silent, so that absent knowledge is judged too.
                await world.caches[0].stop()
                let options =
                    withAuthority
                    ? try world.options() : ["--resolvers", try world.resolversFile(), "--no-authority"]
                let status = try await Propaga.run(
                    ["check", Zone.origin, "old-provider.zz", "--format", "json", "--timeout", "1s"]
                        + options)
                let verdict = try await Schema.validate(status.output, by: schema.output, in: world.folder)
                #expect(verdict == .exited(0), "\(status.output)")
                // A validator that accepts everything would prove nothing.
                let broken = status.output.replacing("\"exit_code\"", with: "\"exit_kode\"")
                #expect(try await Schema.validate(broken, by: schema.output, in: world.folder) != .exited(0))
            }
        }
    }
}
