import Foundation
import Testing

extension RealServers {
    /// `check` against what `dig` sees, before, during and after a switch of the zone.
    @Suite(
        "check on a real switch",
        .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
    struct SwitchTests {
        /// Long enough for the sweeps while the old copies live, short enough to wait for their end.
        static let oldTTL = 15

        @Test("check agrees with dig at every step, and its exit code goes from 1 to 0")
        func wholeSwitch() async throws {
            let (before, after) = (Zone.before(ttl: Self.oldTTL), Zone.after(ttl: 5))
            try await World.with(before) { world in
                let unpublished = try await Agreement.check(world, exit: 1)
                #expect(unpublished.phase == "unpublished")
                #expect(!unpublished.published.reached && !unpublished.propagated.reached)
                #expect(unpublished.resolvers.allSatisfy { $0.state == "previous" && $0.clear == false })

                try await world.primary.switchZone(to: after)
                let publishing = try await Agreement.check(world, exit: 1)
                #expect(publishing.phase == "publishing")
                #expect(publishing.authority.consistent == false)
                #expect(publishing.authority.servers.map(\.state) == ["target", "previous"])

                try await world.secondary.switchZone(to: after)
                let propagating = try await Agreement.check(world, exit: 1)
                #expect(propagating.phase == "propagating")
                #expect(propagating.published.reached && propagating.published.basis == "authority")
                #expect(!propagating.propagated.reached)

                try await untilNoOldCopy(world, after: after)
                let propagated = try await Agreement.check(world, exit: 0)
                #expect(propagated.phase == "propagated")
                #expect(propagated.propagated.reached && propagated.conditionMet)
                #expect(propagated.resolversClear == world.caches.count)
            }
        }

        @Test("An old exchange that stays as a backup is mixed, and never done")
        func backup() async throws {
            var zone = Zone.after(ttl: 5)
            zone.mx.append((90, "mail.old-provider.zz"))
            try await World.with(zone, caches: [.unbound]) { world in
                let domain = try await Agreement.check(world, exit: 1)
                #expect(domain.resolvers.map(\.state) == ["mixed"])
                #expect(!domain.published.reached)
            }
        }

        @Test("A resolver that is gone is silence, and silence is no yes")
        func silence() async throws {
            try await World.with(.after(ttl: 5), caches: [.unbound]) { world in
                let options = try world.options()
                await world.caches[0].stop()
                let run = try await Propaga.run(
                    ["check", Zone.origin, "--format", "json", "--timeout", "1s"] + options)
                #expect(run.ending == .exited(2))
                let domain = try run.status().domain
                #expect(domain.phase == "undetermined")
                #expect(domain.resolvers.map(\.state) == ["silent"])
            }
        }

        private func untilNoOldCopy(_ world: World, after: Zone) async throws {
            for cache in world.caches {
                try await eventually("\(cache.name) has forgotten the old MX", within: .seconds(40)) {
                    let answer = try await Dig.mail(cache)
                    return answer.data("MX") == after.exchanges && answer.serial == after.serial ? true : nil
                }
            }
        }
    }
}

/// One run of `check` between two looks with `dig`.
enum Agreement {
    /// - Returns: the status of the domain.
    /// - Throws: when `dig` itself saw a change three times while `check` ran.
    static func check(_ world: World, exit code: Int32) async throws -> StatusDocument.Domain {
        let options = try world.options()
        for _ in 1...3 {
            let first = try await look(world)
            let run = try await Propaga.run(["check", Zone.origin, "--format", "json"] + options)
            let second = try await look(world)
            // A copy that expired meanwhile proves nothing either way: look again.
            guard zip(first, second).allSatisfy({ isSame($0, $1) }) else { continue }

            #expect(run.ending == .exited(code), "\(run.errors)")
            let status = try run.status()
            #expect(status.schema == "propaga/status/1")
            #expect(status.condition == "propagated")
            #expect(status.exitCode == Int(code))
            let domain = try status.domain
            #expect(domain.domain == Zone.origin)
            let entries = domain.authority.servers + domain.resolvers
            try #require(entries.map(\.address) == world.servers.map(\.endpoint))
            for (index, entry) in entries.enumerated() {
                compare(entry, world.servers[index], first[index], second[index])
            }
            return domain
        }
        throw HarnessError("dig saw a change during each of three checks")
    }

    private static func look(_ world: World) async throws -> [DigAnswer] {
        var answers: [DigAnswer] = []
        for server in world.servers { answers.append(try await Dig.mail(server)) }
        return answers
    }

    private static func isSame(_ first: DigAnswer, _ second: DigAnswer) -> Bool {
        first.code == second.code && first.data("MX") == second.data("MX") && first.serial == second.serial
            // One that counts up was fetched anew in between.
            && (second.ttl("MX") ?? 0) <= (first.ttl("MX") ?? 0)
    }

    private static func compare(
        _ entry: StatusDocument.ServerEntry, _ server: Server, _ first: DigAnswer, _ second: DigAnswer
    ) {
        let comment: Comment = "\(server.name)"
        #expect(entry.exchanges == first.data("MX"), comment)
        #expect(entry.soaSerial == first.serial, comment)
        #expect(entry.state == state(of: first), comment)
        #expect(entry.error == nil, comment)
        // The copy runs down between the two looks; each program rounds in its own way.
        let (upper, lower) = ((first.ttl("MX") ?? 0) + 1, (second.ttl("MX") ?? 0) - 1)
        #expect((lower...max(lower, upper)).contains(entry.ttl ?? -1), comment)
    }

    /// The class of an answer, worked out anew from what `dig` prints.
    private static func state(of answer: DigAnswer) -> String {
        let accepted = answer.data("MX").map {
            $0.hasSuffix(".qboxmail.com.") || $0.hasSuffix(".cbsolt.net.")
        }
        if accepted.isEmpty { return "no_mx" }
        return accepted.allSatisfy(\.self) ? "target" : accepted.contains(true) ? "mixed" : "previous"
    }
}
