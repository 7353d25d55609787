import DNS
import Judging
import Lab
import Propagation
import Simulation
import Testing

/// Worlds drawn from seeds, in all their variety; `make simulate` runs thousands.
@Suite("Seeded worlds", .timeLimit(.minutes(5)))
struct WorldTests {
    @Test("No claim is wrong, and each verdict comes", arguments: 0..<8)
    func worlds(block: UInt64) {
        let tally = Tally(seeds: (1 + block * 10)..<(11 + block * 10))
        #expect(tally.worlds == 10)
        #expect(tally.falseAlarms.map(\.seed) == [])
        #expect(tally.falseClaims.map(\.seed) == [])
        #expect(tally.missing == [])
    }

    /// Each of them once had a wrong claim, or a late verdict.
    @Test("Worlds that found something", arguments: [37, 433, 545, 1329, 3537, 80_875] as [UInt64])
    func found(seed: UInt64) {
        let run = WorldRun(SimulatedWorld(seed: seed))
        #expect(run.nature == .lawful)
        #expect(run.falseClaims == [])
        #expect(run.isComplete)
    }

    @Test("The same seed gives the same timeline", arguments: [3, 8, 37] as [UInt64])
    func replay(seed: UInt64) {
        let first = Timeline(SimulatedWorld(seed: seed)).lines
        #expect(first == Timeline(SimulatedWorld(seed: seed)).lines)
        #expect(first.count > 10)
        #expect(first != Timeline(SimulatedWorld(seed: seed + 1)).lines)
    }

    @Test("Results do not depend on how the seeds are shared out")
    func merging() {
        var parts = Tally(seeds: 1..<13)
        parts.add(Tally(seeds: 13..<25))
        #expect(parts.report == Tally(seeds: 1..<25).report)
    }

    @Test("The worlds differ in what matters")
    func variety() {
        let worlds = (UInt64(1)...300).map { SimulatedWorld(seed: $0) }
        let delegations = worlds.map(\.lab.sources.delegations)
        #expect(delegations.contains { $0.count == 3 && !$0[1].behind.isEmpty })
        #expect(delegations.contains { $0.contains { !$0.glue.isEmpty } })
        #expect(delegations.contains { $0.count == 2 && $0[1].since < SimulatedWorld.origin })
        #expect(worlds.contains { $0.lab.authorities.contains { !$0.backEnds.isEmpty } })
        #expect(worlds.contains { !$0.watch.rotatingServers.isEmpty })
        #expect(worlds.contains { $0.watch.nameServersSince != nil })
        #expect(worlds.contains { $0.watch.isSaidAgain })
        #expect(worlds.contains { $0.resolverLinks.contains { $0.faults.contains { $0.kind == .captive } } })
        #expect(worlds.contains { $0.resolverLinks.contains { $0.faults.contains { $0.kind == .denying } } })
        #expect(worlds.contains { $0.lab.authorities.contains { $0.conduct == .lame } })
        #expect(worlds.contains { $0.authorityLinks.contains { $0.faults.first?.during == .always } })
        #expect(worlds.contains { $0.lab.resolvers.contains { $0.caches.count == 32 } })
        #expect(worlds.contains { $0.lab.resolvers.contains { $0.policy.prefetches } })
        #expect(worlds.contains { $0.lab.resolvers.contains(where: \.isParentCentric) })
        #expect(worlds.contains { !$0.sleeps.isEmpty })
        #expect(worlds.contains { $0.watch.publishedAt != nil })
        #expect(worlds.contains { $0.watch.policy.previousTTL == nil })
        #expect(worlds.contains { $0.watch.condition == .decommission })
        #expect(worlds.contains { $0.domain != "example.it" })
        #expect(Set(worlds.map(\.facts.nature)).count == 3)
        #expect(Set(worlds.map(\.numbering)).count == SimulatedWorld.Numbering.allCases.count)
        #expect(worlds.contains { $0.lab.authorities.contains { $0.front != nil } })
        #expect(worlds.contains { $0.lab.authorities.contains { $0.missingAuthority > 0 } })
        #expect(worlds.contains { $0.lab.authorities.contains { $0.zones[0].changes.count > 40 } })
    }
}

/// A judge that never objects would be no judge.
@Suite("The judge can fail")
struct JudgeTests {
    /// A TTL of two hours, lowered to a minute just before the watch begins.
    private static func world(previousTTL: Int?) -> SimulatedWorld {
        let text = """
            authority ns1
            mx before 10 mail.old.it ttl 7200
            resolver r1 empty
            watch settle 0
            at -00:00:10 ttl 60
            at 00:20:00 switch
            end 2d00:00:00
            """
        guard var world = try? Scenario(parsing: text).world else { fatalError("the scenario is wrong") }
        world.watch.policy.previousTTL = previousTTL.map { TTL(seconds: $0) }
        world.watch.goesOn = false
        return world
    }

    private static func reasons(_ run: WorldRun) -> [Objection.Reason] { run.objections.map(\.reason) }

    @Test("An understated --previous-ttl leads to a false safe, is caught, and is what excuses it")
    func understated() throws {
        let run = WorldRun(Self.world(previousTTL: 60))
        #expect(Self.reasons(run) == [.dark(until: SimulatedWorld.origin + .seconds(7190))])
        #expect(run.objections.map(\.level) == [.secondPass])
        #expect(run.objections.map(\.excuses) == [[.wrongTTL]])
        #expect(run.falseClaims.isEmpty)
    }

    @Test("The truth, or nothing, is right", arguments: [7200, nil])
    func truthful(ttl: Int?) throws {
        let run = WorldRun(Self.world(previousTTL: ttl))
        #expect(run.objections.isEmpty)
        #expect(run.isComplete)
        #expect(run.reached.map(\.wait) == [ttl == nil ? .unseenTTL : .truth])
    }

    /// What the core concludes in one world, judged by the truth of another.
    private static func run(_ world: SimulatedWorld, judgedAs truth: SimulatedWorld) -> WorldRun {
        WorldRun(world, judge: Judge(truth.facts))
    }

    @Test("A server that still serves something else stands against every level")
    func served() throws {
        let world = Self.world(previousTTL: 7200)
        var truth = world
        // One more server, which the watch is not told of and resolvers ask.
        truth.lab.authorities.append(LabAuthority("ns9", zones: [Self.oldZone]))
        truth.authorityLinks.append(Link())
        let run = Self.run(world, judgedAs: truth)
        #expect(run.falseClaims.map(\.level) == [.published, .secondPass])
        #expect(Self.reasons(run) == [.served(server: 1), .served(server: 1)])
    }

    private static var oldZone: LabZone {
        var zone = LabZone("example.it", nameServers: ["ns9"])
        zone.setMail(.hosts("mail.old.it", ttl: 300))
        return zone
    }

    @Test(
        "Glue that leads to a machine with the old zone counts, and so does an address until its TTL is over")
    func leads() throws {
        var world = Self.world(previousTTL: 7200)
        world.lab.authorities.append(LabAuthority("ns1", zones: [Self.oldZone]))
        world.authorityLinks.append(Link())
        var before = LabDelegation("example.it", servers: [0], addressTTL: TTL(seconds: 3600))
        before.glue = [1]
        var after = before
        (after.since, after.glue) = (SimulatedWorld.origin + .seconds(100), [])
        world.lab.sources.delegations = [before, after]
        let truth = WorldTruth(world.facts)
        let glue = truth.spans.filter { $0.server == 1 }
        #expect(glue.map(\.until) == [SimulatedWorld.origin + .seconds(3700)])
        #expect(truth.delegated.filter { $0.server == 1 }.map(\.until) == [after.since])
    }

    @Test("A copy in a polled cache stands against a verdict too")
    func held() throws {
        var world = Self.world(previousTTL: 7200)
        world.lab.resolvers[0].policy.serveStale = CachePolicy.ServeStale(
            refreshesAfter: .seconds(10), saysSo: false)
        var simulator = Simulator(world)
        while simulator.now < SimulatedWorld.origin + .seconds(120), simulator.next() != nil {}
        var judge = Judge(world.facts)
        judge.sightings = simulator.sightings
        judge.look(at: simulator.now, [.secondPass], in: simulator.world.lab) { [] }
        #expect(judge.objections.count == 1)
        #expect(judge.objections.contains { $0.reason == .served(server: 0) })
    }

    @Test("A level that is claimed before anybody was asked in a run has no ground")
    func remembered() {
        let world = Self.world(previousTTL: 7200)
        var judge = Judge(world.facts)
        judge.endRun(next: SimulatedWorld.origin + .seconds(9000), runs: 2)
        judge.look(at: SimulatedWorld.origin + .seconds(9001), [.published], in: world.lab) { [] }
        #expect(judge.objections.map(\.reason) == [.unseen])
    }

    @Test("A rollback that nobody notices stands against what was claimed before")
    func unnoticed() {
        let world = Self.world(previousTTL: 7200)
        var truth = world
        truth.lab.authorities[0].zones[0].switchMail(
            at: SimulatedWorld.origin + .seconds(1500), to: .hosts("mail.old.it", ttl: 60))
        let run = Self.run(world, judgedAs: truth)
        #expect(
            Self.reasons(run).contains(.unnoticed(server: 0, since: SimulatedWorld.origin + .seconds(1500))))
    }

    @Test("A verdict that never comes is missed")
    func missing() {
        var world = Self.world(previousTTL: 7200)
        world.resolverLinks[0].faults = [Link.Fault(.failing(.serverFailure), during: .always)]
        var tally = Tally()
        tally.add(WorldRun(world), seed: 7)
        #expect(tally.missing == [7])
        #expect(!tally.isGood)
        #expect(tally.report.contains("no verdict in world 7"))
    }

    @Test("A verdict that comes too late is counted as late")
    func late() {
        var tally = Tally()
        // What waits for a day where the operator said two hours.
        tally.add(
            Self.run(Self.world(previousTTL: nil), judgedAs: Self.world(previousTTL: 7200)), seed: 7)
        #expect(tally.rows[.truth]?.afterDue.allSatisfy { $0 > 900 } ?? false)
        #expect(tally.tooLate == [.truth])
        #expect(!tally.isGood)
    }
}
