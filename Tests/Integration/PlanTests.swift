import Foundation
import Testing

extension RealServers {
    /// `plan` on real servers, the days before a switch.
    @Suite("plan", .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
    struct PlanTests {
        @Test("A TTL that is lowered meanwhile: fix, then wait for the copy that a cache holds, then ready")
        func lowering() async throws {
            try await World.with(.before(ttl: 86_400), caches: [.unbound]) { world in
                let arguments =
                    try ["plan", Zone.origin, "--format", "json", "--no-history"] + world.options()
                let long = try PlanDocument(await Propaga.run(arguments))
                #expect(long.exitCode == 1)
                #expect(try long.domain.obstacles == ["mx_ttl: fix", "ttl_lowered: wait"])
                #expect(
                    try long.domain.ttl == 86_400
                        && long.domain.mx.map(\.exchange) == ["mail.old-provider.zz"])
                #expect(try long.domain["present_mx"]?.text.contains("127.0.0.1") == true)
                let wait = try #require(try long.domain["ttl_lowered"]?.until)
                #expect(abs(wait.timeIntervalSince(long.generatedAt) - 2 * 86_400) < 30)

                for server in world.authorities {
                    try await server.switchZone(to: .before(serial: 2026_01_05, ttl: 900))
                }
                let told = arguments + ["--previous-ttl", "900"]
                let lowered = try PlanDocument(await Propaga.run(told))
                #expect(lowered.exitCode == 1)
                #expect(try lowered.domain.obstacles == ["ttl_lowered: wait", "cached_copies: wait"])
                // The copy that dig sees in the cache is what is waited for.
                let copy = try #require(try await Dig.mail(world.caches[0]).ttl("MX"))
                let until = try #require(try lowered.domain["cached_copies"]?.until)
                #expect(abs(until.timeIntervalSinceNow - Double(copy)) < 5)
                #expect(try lowered.domain.timeline?.earliestSwitch == lowered.domain["ttl_lowered"]?.until)

                let fresh = try await Server.start(.unbound, asking: world.primary, in: world.folder)
                try "\(fresh.endpoint)\n".write(
                    toFile: try world.resolversFile(), atomically: true, encoding: .utf8)
                let ready = try PlanDocument(await Propaga.run(told))
                let unknown = try PlanDocument(await Propaga.run(arguments))
                await fresh.stop()
                #expect(ready.exitCode == 0)
                #expect(try ready.domain.obstacles.isEmpty, "\(ready)")
                let timeline = try #require(try ready.domain.timeline)
                let pass = try #require(timeline["only_pass"])
                #expect(pass.timeIntervalSince(timeline.switchAt) == 900 + 7200)
                // Who does not know since when is told how to say it.
                #expect(unknown.exitCode == 2)
                #expect(try unknown.domain["ttl_lowered"]?.remedy?.contains("--lowered-at") == true)
            }
        }

        @Test("What an earlier plan saw counts: since when the TTL is low, and what it was before")
        func remembered() async throws {
            try await World.with(.before(ttl: 3600), caches: [.unbound]) { world in
                let plan = ["plan", Zone.origin, "--format", "json"]
                let long = try PlanDocument(await world.run(plan))
                #expect(try long.domain["mx_ttl"]?.status == "fix")
                for server in world.authorities {
                    try await server.switchZone(to: .before(serial: 2026_01_05, ttl: 900))
                }
                let lowered = try PlanDocument(await world.run(plan))
                #expect(lowered.exitCode == 1)
                let until = try #require(try lowered.domain["ttl_lowered"]?.until)
                #expect(abs(until.timeIntervalSince(lowered.generatedAt) - 2 * 86_400) < 30)
                // The wait ends when it ends, whoever looks again.
                let again = try PlanDocument(await world.run(plan))
                #expect(try again.domain["ttl_lowered"]?.until == until)
                // And the watch after the switch knows of the longer TTL without being told.
                for server in world.authorities {
                    try await server.switchZone(to: .after(serial: 2026_01_06, ttl: 900))
                }
                let check = try await world.run([
                    "check", Zone.origin, "--format", "json", "--previous-ttl", "900",
                ]).status()
                let bound = try #require(try check.domain.secondPass.bound)
                let seen = try Date(bound, strategy: .iso8601).timeIntervalSince(lowered.generatedAt)
                #expect(abs(seen - 3600) < 30, "the copy that was fetched before the TTL was lowered")
            }
        }

        @Test("A subdomain that moves along has a past of its own, which a later plan remembers")
        func rememberedSubdomain() async throws {
            func zone(_ serial: UInt32, ttl: Int) -> Zone {
                var zone = Zone.before(serial: serial, ttl: 900)
                zone.more = "news \(ttl) MX 10 mail.old-provider.zz."
                return zone
            }
            try await World.with(zone(2026_01_01, ttl: 3600), caches: [.unbound]) { world in
                let plan = ["plan", Zone.origin, "--also", "news.\(Zone.origin)", "--format", "json"]
                func subdomain(_ run: Propaga.Run) throws -> [PlanDocument.Check] {
                    try PlanDocument(run).domain.checks.filter { $0.check == "subdomain" }
                }
                let long = try await subdomain(world.run(plan))
                #expect(long.map(\.status) == ["fix", "wait"] && long[0].text.contains("3600 s"))
                for server in world.authorities {
                    try await server.switchZone(to: zone(2026_01_05, ttl: 900))
                }
                let lowered = try await world.run(plan)
                let line = try #require(try subdomain(lowered).first)
                #expect(line.status == "wait" && line.text.contains("has been this low since"), "\(line)")
                // Two days from when it was seen, whoever looks again; the domain itself was never seen to change.
                let again = try await subdomain(world.run(plan))
                #expect(again.first?.until == line.until)
            }
        }

        @Test(
            "A recipe for forwarding: of these domains, or of every connection to the new exchange's address")
        func forwarding() async throws {
            try await World.with(.before(ttl: 900), caches: [.unbound]) { world in
                // No server is asked where no address is needed.
                let postfix = try await Propaga.run([
                    "plan", "--forwarding", "postfix", Zone.origin, "--resolvers", "/dev/null",
                ])
                #expect(postfix.ending == .exited(78), "the list is read all the same")
                let asked = try await world.run(["plan", "--forwarding", "postfix", Zone.origin])
                #expect(asked.ending == .exited(0))
                #expect(asked.output.contains(Zone.origin) && asked.output.contains("mx01.cbsolt.net"))
                let connections = try await world.run(["plan", "--forwarding", "nftables", Zone.origin])
                #expect(connections.ending == .exited(0), "\(connections.errors)")
                #expect(connections.output.contains("127.0.0.1"))
                let custom = try await world.run([
                    "plan", "--forwarding", "postfix", Zone.origin, "--mx", "mx.new.zz", "--also",
                    "news.\(Zone.origin)",
                ])
                #expect(custom.output.contains("news.\(Zone.origin) relay:[mx.new.zz]"), "\(custom.output)")
                #expect(custom.output.contains("watch --until decommission --mx mx.new.zz --resolvers "))
                let present = try await world.run(["plan", "--forwarding", "haproxy", Zone.origin])
                #expect(present.output.contains("    bind 127.0.0.1:25\n"), "\(present.errors)")
                for server in world.authorities { try await server.switchZone(to: .after(ttl: 900)) }
                let switched = try await world.run(["plan", "--forwarding", "haproxy", Zone.origin])
                #expect(switched.ending == .exited(2) && switched.output.isEmpty)
                #expect(
                    switched.errors.contains("has switched already")
                        && switched.errors.contains("--old-server"))
                let told = try await world.run([
                    "plan", "--forwarding", "haproxy", "--old-server", "198.51.100.7", Zone.origin,
                ])
                #expect(told.output.contains("    bind 198.51.100.7:25\n"), "\(told.errors)")
                let underscore = try await world.run(["plan", "--forwarding", "exim", "a_b.\(Zone.origin)"])
                #expect(underscore.ending == .exited(64) && underscore.errors.contains("takes no '_'"))
                // A recipe is no look at a domain.
                #expect(!FileManager.default.fileExists(atPath: world.historyFile.path))
            }
        }

        @Test("A second server that is left behind, and a silent one, are named")
        func servers() async throws {
            try await World.with(.before(ttl: 900), caches: [.unbound]) { world in
                let arguments =
                    try ["plan", Zone.origin, "--format", "json", "--previous-ttl", "900", "--timeout", "1s"]
                    + world.options()
                try await world.primary.switchZone(to: .before(serial: 2026_01_05, ttl: 900))
                let behind = try PlanDocument(await Propaga.run(arguments))
                #expect(try behind.domain["authority"]?.text.contains("has an old zone") == true)
                #expect(behind.exitCode == 1)
                await world.secondary.stop()
                let silent = try PlanDocument(await Propaga.run(arguments))
                #expect(try silent.domain["authority"]?.status == "fix")
                #expect(try silent.domain["authority"]?.text.contains("does not answer") == true)
                await world.primary.stop()
                let dark = try PlanDocument(await Propaga.run(arguments))
                #expect(dark.exitCode == 2)
                #expect(try dark.domain.timeline == nil)
            }
        }

        @Test("Every command of a runbook runs as it stands, and leads through the switch")
        func runbook() async throws {
            try await World.with(.before(ttl: 900), caches: [.unbound]) { world in
                let options =
                    try ["--previous-ttl", "900", "--settle", "100s", "--timeout", "1500ms"] + world.options()
                let run = try await Propaga.run(["plan", Zone.origin, "--format", "markdown"] + options)
                #expect(run.ending == .exited(0), "\(run.errors)")
                let commands = Self.commands(in: run.output)
                #expect(commands.map(\.command) == ["plan", "watch", "plan", "watch", "watch", "watch"])
                for place in commands.indices {
                    #expect(commands[place].line.contains(" --settle 100s --timeout 1500ms "))
                }
                let said = try await shell(commands[0].line, in: world.folder)
                #expect(said.output == "ready: switch now\n", "\(said.errors)")
                for server in world.authorities { try await server.switchZone(to: .after(ttl: 5)) }
                let published = try await shell(commands[1].line, in: world.folder)
                #expect(published.ending == .exited(0), "\(published.errors)")
                let recipe = try await shell(commands[2].line, in: world.folder)
                #expect(recipe.ending == .exited(0), "\(recipe.errors)")
                #expect(recipe.output.contains("\(Zone.origin) relay:["))
                // The others are no wrong usage: with a deadline they say "not yet".
                for place in [3, 4, 5] {
                    let ended = try await shell(commands[place].line + " --deadline 1s", in: world.folder)
                    #expect(ended.ending == .exited(1), "\(commands[place].line)\n\(ended.errors)")
                }
            }
        }

        @Test("The calendar is one to another program, with the steps of the document")
        func calendar() async throws {
            try await World.with(.before(ttl: 86_400), caches: [.unbound]) { world in
                let shared = try [Zone.origin, "--strategy", "two-pass"] + world.options()
                let calendar = try await Propaga.run(["plan", "--format", "ics"] + shared)
                let document = try PlanDocument(await Propaga.run(["plan", "--format", "json"] + shared))
                #expect(calendar.ending == .exited(1), "\(calendar.errors)")
                let events = try await events(in: calendar.output, world.folder)
                let steps = try #require(try document.domain.timeline?.steps)
                #expect(events.map(\.uid) == steps.map { "\($0.step).\(Zone.origin)@plan.propaga" })
                for (event, step) in zip(events, steps) {
                    // Two runs are some seconds apart.
                    #expect(abs(event.start - step.notBefore.timeIntervalSince1970) < 30, "\(step.step)")
                }
                #expect(
                    events.first { $0.uid.hasPrefix("switch") }?.description.contains("propaga watch") == true
                )
            }
        }

        @Test("The JSON is valid by its own schema, as another program judges")
        func schema() async throws {
            try await World.with(.before(ttl: 86_400), caches: [.unbound, .named]) { world in
                let schema = try await Propaga.run(["plan", "--schema"])
                // One resolver is silent, so that absent knowledge is judged too.
                await world.caches[0].stop()
                let plan = try await Propaga.run(
                    ["plan", Zone.origin, "zz", "old-provider.zz", "--format", "json", "--timeout", "1s"]
                        + world.options())
                let verdict = try await Schema.validate(plan.output, by: schema.output, in: world.folder)
                #expect(verdict == .exited(0), "\(plan.output)")
                let broken = plan.output.replacing("\"readiness\"", with: "\"readyness\"")
                #expect(try await Schema.validate(broken, by: schema.output, in: world.folder) != .exited(0))
            }
        }

        @Test("Many domains are a row each, or all of each with --verbose; the worst decides")
        func manyDomains() async throws {
            try await World.with(.before(ttl: 900), caches: [.unbound]) { world in
                let arguments =
                    try ["plan", Zone.origin, "old-provider.zz", "--previous-ttl", "900"] + world.options()
                let rows = try await Propaga.run(arguments)
                #expect(rows.output.contains("EARLIEST SWITCH"))
                #expect(rows.output.split(separator: "\n").count == 4, "\(rows.output)")
                #expect(rows.output.contains("2 of 2 domains are ready. (exit code 0)"), "\(rows.output)")
                let all = try await Propaga.run(arguments + ["--verbose"])
                #expect(
                    all.output.components(separatedBy: "Ready to switch: YES").count == 3, "\(all.output)")
                let quiet = try await Propaga.run(arguments + ["-q"])
                #expect(quiet.ending == .exited(0) && quiet.output.isEmpty)
            }
        }

        @Test(
            "What does not exist, has switched, or has no zone of its own gets its answer",
            .enabled(if: DelegatedWorld.canRun, "needs port 53 of \(DelegatedWorld.Place.all)"))
        func discovery() async throws {
            let (nowhere, switched, below) = try await DelegatedWorld.with { world in
                (
                    try PlanDocument(await world.run("plan", "nowhere.zz")),
                    try PlanDocument(await world.run("plan", "example.zz")),
                    try PlanDocument(await world.run("plan", "news.example.zz"))
                )
            }
            #expect(nowhere.exitCode == 1)
            #expect(try nowhere.domain.checks.map(\.check) == ["domain"] && nowhere.domain.timeline == nil)
            #expect(try nowhere.domain["domain"]?.text.contains("nowhere.zz does not exist") == true)

            #expect(try switched.domain.switched && switched.domain.timeline == nil)
            #expect(try switched.domain["domain"]?.text.contains("switched already") == true)
            // The delegation is not in order there, and one server lags.
            #expect(try switched.domain["delegation"]?.status == "fix")
            #expect(try switched.domain["authority"]?.status == "fix")

            #expect(try below.domain.zone == "example.zz")
            #expect(try below.domain["zone"]?.text.contains("no zone of its own") == true)
        }
    }
}

// MARK: - Helpers

extension RealServers.PlanTests {
    /// The lines of a runbook that run propaga, each with the command of it.
    private static func commands(in runbook: String) -> [(command: String, line: String)] {
        runbook.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 2, words[0] == "propaga", line.hasPrefix("   ") else { return nil }
            return (String(words[1]), words.joined(separator: " "))
        }
    }

    private func shell(_ command: String, in folder: URL) async throws -> Propaga.Run {
        let place = URL(filePath: Executable.propaga).deletingLastPathComponent().path
        let child = try Child(
            "/bin/sh", ["-c", "cd '\(folder.path)' && PATH='\(place)':$PATH && \(command)"], name: "sh",
            folder: folder, environment: ["NO_COLOR": "1", "XDG_STATE_HOME": folder.path])
        let ending = try await child.end(within: .seconds(60))
        return Propaga.Run(ending: ending, output: child.output, errors: child.errors)
    }

    private struct Event: Decodable {
        var uid: String
        var start: Double
        var description: String
    }

    /// The events of a calendar, in its order, as Python's icalendar reads them.
    private func events(in calendar: String, _ folder: URL) async throws -> [Event] {
        let file = folder.appending(path: "plan.ics")
        try calendar.write(to: file, atomically: true, encoding: .utf8)
        let program = """
            import json, sys, icalendar
            calendar = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
            assert str(calendar["VERSION"]) == "2.0" and str(calendar["PRODID"]), "no calendar"
            events = []
            for event in calendar.walk("VEVENT"):
                assert not event.errors, event.errors
                assert event["DTSTAMP"].dt.utcoffset().total_seconds() == 0, "DTSTAMP is not UTC"
                start = event["DTSTART"].dt
                assert start.utcoffset().total_seconds() == 0, "DTSTART is not UTC"
                assert event["DURATION"].dt.total_seconds() > 0, "no duration"
                assert len(event.walk("VALARM")) == 1, "no reminder"
                events.append({"uid": str(event["UID"]), "start": start.timestamp(),
                               "description": str(event["DESCRIPTION"])})
            print(json.dumps(events))
            """
        let python = try Child(
            "/usr/bin/python3", ["-W", "ignore", "-c", program, file.path], name: "icalendar", folder: folder)
        guard try await python.end(within: .seconds(30)) == .exited(0) else {
            throw HarnessError("icalendar takes it for no calendar\n\(python.transcript)")
        }
        return try JSONDecoder().decode([Event].self, from: Data(python.output.utf8))
    }
}
