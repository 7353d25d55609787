import DNS
import Lab
import Propagation
import Simulation
import Testing

/// Worlds drawn from seeds, in all their variety; `make simulate` runs thousands.
@Suite("Seeded worlds", .timeLimit(.minutes(2)))
struct WorldTests {
    @Test("No verdict is wrong, and each comes", arguments: 0..<8)
    func worlds(block: UInt64) {
        let tally = Tally(seeds: (1 + block * 25)..<(26 + block * 25))
        #expect(tally.worlds == 25)
        #expect(tally.falseSafes == [])
        #expect(tally.missing == [])
        #expect((tally[.known].latest?.seconds ?? 0) <= Tally.latestKnown.inSeconds)
    }

    /// Each of them once had a wrong verdict, or a late one.
    @Test("Worlds that found something", arguments: [37, 433, 545, 1329, 80_875] as [UInt64])
    func found(seed: UInt64) {
        let run = WorldRun(SimulatedWorld(seed: seed))
        #expect(run.kind != .lawless)
        #expect(!run.isFalseSafe)
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
        #expect(worlds.contains { $0.lab.sources.delegations.count == 2 })
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
        let kinds = Set(worlds.map { WorldRun.Kind($0, WorldTruth($0), at: $0.end) })
        #expect(kinds.count == 3)
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
            at 00:10:00 switch
            end 2d00:00:00
            """
        guard var world = try? Scenario(parsing: text).world else { fatalError("the scenario is wrong") }
        world.watch.policy.previousTTL = previousTTL.map { TTL(seconds: $0) }
        world.watch.goesOn = false
        return world
    }

    @Test("An understated --previous-ttl leads to a false safe, and is caught")
    func understated() throws {
        let run = WorldRun(Self.world(previousTTL: 60))
        let judgement = try #require(run.judgements.first)
        #expect(run.isFalseSafe)
        #expect(judgement.objections == [.dark(until: SimulatedWorld.origin + .seconds(7190))])
    }

    @Test("The truth, or nothing, is right", arguments: [7200, nil])
    func truthful(ttl: Int?) throws {
        let run = WorldRun(Self.world(previousTTL: ttl))
        #expect(!run.isFalseSafe)
        #expect(run.isComplete)
        #expect(run.kind == (ttl == nil ? .assumed : .known))
    }

    @Test("A server that still serves something else stands against a verdict")
    func served() throws {
        var world = Self.world(previousTTL: 7200)
        // One more server, which the watch is not told of and resolvers ask.
        world.lab.authorities.append(LabAuthority("ns9", zones: [Self.oldZone]))
        world.authorityLinks.append(Link())
        world.lab.sources.delegations = []
        let truth = WorldTruth(world)
        let judgement = WorldRun(Self.world(previousTTL: 7200), judge: Judge(truth: truth)).judgements.first
        #expect(judgement?.objections.contains(.served(servers: [1])) ?? false)
    }

    private static var oldZone: LabZone {
        var zone = LabZone("example.it", nameServers: ["ns9"])
        zone.setMail(.hosts("mail.old.it", ttl: 300))
        return zone
    }

    @Test("A copy in a polled cache stands against it too")
    func held() throws {
        var world = Self.world(previousTTL: 7200)
        world.lab.resolvers[0].policy.serveStale = CachePolicy.ServeStale(
            refreshesAfter: .seconds(10), saysSo: false)
        var simulator = Simulator(world)
        while simulator.now < SimulatedWorld.origin + .seconds(120), simulator.next() != nil {}
        let judgement = try #require(Judge(world).judge(.secondPassSafe, of: simulator))
        #expect(judgement.objections.contains { if case .held(0, 0, _) = $0 { true } else { false } })
    }

    @Test("A verdict that never comes is missed")
    func missing() {
        var world = Self.world(previousTTL: 7200)
        world.resolverLinks[0].faults = [Link.Fault(.failing(.serverFailure), during: .always)]
        var tally = Tally()
        tally.add(WorldRun(world), seed: 7)
        #expect(tally.missing == [7] || tally[.lawless].missing == [7])
        #expect(!tally.isGood)
        #expect(tally.report.contains("no verdict in world 7"))
    }

    @Test("A verdict that comes too late is counted as late")
    func late() {
        var world = Self.world(previousTTL: 7200)
        // A resolver that keeps what it gets for six hours holds the verdict back beyond the two of the TTL.
        world.lab.resolvers[0].policy.floor = TTL(seconds: 6 * 3600)
        let run = WorldRun(world)
        #expect(!run.judgements.isEmpty)
        #expect(run.judgements.allSatisfy { $0.lateness > .seconds(600) })
    }
}
