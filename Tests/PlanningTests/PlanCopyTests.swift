import Builders
import DNS
import Planning
import Propagation
import Testing

@Suite("The plan's lines on the TTL, since when it is low, and what copies are left (G2)")
struct PlanCopyTests {
    private typealias Scene = PlanScene
    private let now = PlanScene.now

    @Test("All well is ready, and no line says anything else")
    func ready() {
        let plan = Scene().plan
        #expect(plan.readiness == .ready && plan.exitCode == 0)
        #expect(plan.lines.allSatisfy { $0.status == .ok }, "\(plan.lines)")
    }

    @Test("The guide's range decides, at the longest of all servers", arguments: [0, 300, 600, 1800])
    func short(ttl: Int) {
        let scene = Scene([Scene.previous(ttl), Scene.previous(0)])
        #expect(scene.line(.timeToLive) == PlanLine(.ok, .timeToLive(TTL(seconds: ttl), servers: 2)))
    }

    @Test("One server with a longer TTL is one too many, and is named", arguments: [1801, 3600, 604_800])
    func long(ttl: Int) throws {
        let scene = Scene([Scene.previous(600), Scene.previous(ttl)])
        let named = scene.tracker.authority.servers[1].identity
        #expect(
            scene.line(.timeToLive)
                == PlanLine(.fix, .timeToLiveTooLong(TTL(seconds: ttl), servers: [named], of: 2)))
        #expect(scene.plan.exitCode == 1)
    }

    @Test(
        "Lowered now, a TTL that was known is waited for; one that was not, for the guide's two days at least"
    )
    func notLowered() {
        let told = Scene([Scene.previous(7200)], previousTTL: 7200)
        #expect(told.status(.lowering) == .wait(until: now + .seconds(7200)))
        let untold = Scene([Scene.previous(7200)], previousTTL: nil)
        #expect(untold.status(.lowering) == .wait(until: now + Scene.day * 2))
        let week = Scene([Scene.previous(604_800)], previousTTL: nil)
        #expect(week.status(.lowering) == .wait(until: now + Scene.day * 7))
    }

    @Test("Since when it is low is not known: that cannot be told, unless the operator knows how long it was")
    func unknown() throws {
        let scene = Scene(previousTTL: nil)
        #expect(scene.status(.lowering) == .unknown)
        #expect(scene.plan.readiness == .unknown && scene.plan.exitCode == 2)
        let told = Scene(previousTTL: 1800)
        #expect(told.line(.lowering) == PlanLine(.ok, .neverLonger(TTL(seconds: 1800))))
        let longer = Scene(previousTTL: 3600)
        #expect(longer.status(.lowering) == .wait(until: now + .seconds(3600)))
    }

    @Test(
        "Lowered at a known time, the guide's two days are waited for where nobody knows the TTL before",
        arguments: [(1.0, false), (1.9, false), (2.0, true), (9.0, true)])
    func twoDays(days: Double, isOver: Bool) {
        var scene = Scene(previousTTL: nil)
        let lowered = now - .seconds(Int64(days * 86_400))
        scene.facts.loweredSince = lowered
        #expect(scene.status(.lowering) == (isOver ? .ok : .wait(until: lowered + Scene.day * 2)))
    }

    @Test("Where the TTL before is known, its copies decide and not the two days")
    func knownBefore() {
        var scene = Scene(previousTTL: 3600)
        scene.facts.loweredSince = now - .seconds(3600)
        #expect(scene.status(.lowering) == .ok)
        scene.facts.loweredSince = now - .seconds(3599)
        #expect(scene.status(.lowering) == .wait(until: now + .seconds(1)))
        var week = Scene(previousTTL: 604_800)
        week.facts.loweredSince = now - Scene.day * 3
        #expect(week.status(.lowering) == .wait(until: now + Scene.day * 4))
    }

    @Test("A resolver's copy that lives longer than the servers allow proves a longer TTL, whatever was said")
    func longCopy() {
        let scene = Scene(held: [Make.previous(ttl: 100), Make.previous(ttl: 5000)])
        #expect(
            scene.line(.copies)
                == PlanLine(.wait(until: now + .seconds(5000)), .longCopies(resolvers: 1, of: 2)))
        #expect(scene.status(.lowering) == .wait(until: now + .seconds(5000)))
        #expect(scene.plan.lifetimes?.longest == TTL(seconds: 5000))
    }

    @Test("A long copy after the TTL is known to be low is waited for as well")
    func longCopyOfLowered() {
        var scene = Scene(held: [Make.previous(ttl: 5000)], previousTTL: 10_000)
        scene.facts.loweredSince = now - .seconds(4000)
        #expect(scene.status(.copies) == .wait(until: now + .seconds(5000)))
        // A week, where a day was assumed: one cache that shows more is enough.
        var week = Scene(held: [Make.previous(ttl: 345_600)], previousTTL: nil)
        week.facts.loweredSince = now - Scene.day * 3
        #expect(week.status(.copies) == .wait(until: now + Scene.day * 4))
    }

    @Test(
        "A resolver that stretches TTLs does not put the plan off for ever, but what can be seen of the switch"
    )
    func stretching() {
        var scene = Scene(held: [Make.previous(ttl: 100), Make.previous(ttl: 3600)])
        scene.facts.loweredSince = now - Scene.day * 30
        let line = PlanLine(.ok, .stretchedCopies(resolvers: 1, of: 2, TTL(seconds: 3600)))
        #expect(scene.line(.copies) == line && scene.plan.exitCode == 0)
        #expect(scene.plan.lifetimes?.longest == TTL(seconds: 900), "it proves nothing of the time before")
        #expect(scene.plan.timeline?[.propagated] == now + .seconds(3600))
        #expect(scene.plan.timeline?.bound == now + .seconds(900), "the bound is of caches that respect TTLs")
        // So it stays, whenever that resolver has fetched anew.
        let later = now + Scene.day
        for (index, ttl) in [100, 3600].enumerated() {
            scene.tracker.record(Make.previous(ttl: ttl), resolver: index, at: later)
        }
        scene.facts.tracker = scene.tracker
        #expect(Plan(scene.facts, scene.wishes, at: later).exitCode == 0)
    }

    @Test("Where nobody knows since when the TTL is low, a resolver that stretches it is waited for once")
    func stretchingUntold() {
        var scene = Scene(held: [Make.previous(ttl: 3600)])
        #expect(scene.status(.copies) == .wait(until: now + .seconds(3600)))
        let later = now + .seconds(3700)
        scene.tracker.record(Make.previous(ttl: 3600), resolver: 0, at: later)
        scene.facts.tracker = scene.tracker
        #expect(Plan(scene.facts, scene.wishes, at: later).exitCode == 0)
    }

    @Test("A lowering that nobody saw when it was is waited for as the verdict does, and that is said")
    func seenLate() throws {
        var zone = PolledZone(previousTTL: nil)
        zone.poll(0, PolledZone.long, serial: 1)
        zone.poll(172_800, PolledZone.short, serial: 2)
        var facts = PlanFacts(zone.tracker)
        facts.loweredSince = at(1)
        let plan = Plan(facts, PlanWishes(), at: at(172_800))
        let lifetimes = try #require(plan.lifetimes)
        #expect(lifetimes.isSeenLate && lifetimes.goneBy == at(172_800 + 86_400))
        #expect(
            plan.lines.contains(PlanLine(.wait(until: lifetimes.goneBy), .lowered(since: at(1), lifetimes))))
        zone.poll(172_900, PolledZone.target, serial: 3)
        #expect(zone.bound == lifetimes.goneBy, "and so says the verdict")
    }

    @Test("A server that tells nothing may have served longer copies until it is in step, as for the verdict")
    func silentServer() {
        let scene = Scene([Scene.previous(900), Make.silent], previousTTL: 7200)
        #expect(scene.plan.lifetimes?.goneBy == now + .seconds(3600 + 7200))
    }

    @Test("Where the lowering was watched, what was seen decides")
    func watchedLowering() {
        var zone = PolledZone(previousTTL: nil)
        zone.delegation.nameServerTTL = TTL(seconds: 3600)
        zone.poll(0, PolledZone.long)
        zone.poll(200_000, PolledZone.short)
        func line(_ second: Double) -> PlanLine? {
            Plan(PlanFacts(zone.tracker), PlanWishes(), at: at(second)).lines
                .first { $0.finding.topic == .lowering }
        }
        let gone = at(200_000 + 86_400)
        #expect(line(286_399)?.status == .unknown)
        #expect(line(286_400)?.status == .ok)
        var watched = PlanFacts(zone.tracker)
        watched.loweredSince = at(200_000)
        let plan = Plan(watched, PlanWishes(switchAt: at(201_000)), at: at(201_000))
        #expect(plan.timeline?.bound == gone)
        zone.poll(201_000, PolledZone.target)
        #expect(zone.bound == gone, "and so says the verdict")
    }

    @Test("A cache that rounds up holds no long copy")
    func rounding() {
        #expect(Scene(held: [Make.previous(ttl: 902)]).status(.copies) == .ok)
        #expect(Scene(held: [Make.previous(ttl: 903)]).status(.copies) != .ok)
    }

    @Test("Too few resolvers that answer tell nothing of what is cached")
    func quorum() {
        let held = [Make.previous(ttl: 100), Make.silent, Make.silent, Make.serverFailure]
        let scene = Scene(held: held)
        #expect(scene.line(.copies) == PlanLine(.unknown, .noQuorum(counted: 1, eligible: 4, needed: 4)))
    }

    @Test("Without an MX, copies of that count: the negative TTL", arguments: [(300, true), (7200, false)])
    func negative(ttl: Int, isOK: Bool) {
        let nothing = Make.reading(
            Make.answer(
                [], authority: [Make.soa(ttl: ttl, minimum: UInt32(ttl))], isAuthoritative: true))
        var scene = Scene([nothing], held: [nothing], previousTTL: ttl)
        scene.facts.present = []
        scene.facts.ownAddresses = [.v4(7)]
        let lifetime = TTL(seconds: ttl)
        #expect(
            scene.line(.timeToLive)
                == PlanLine(isOK ? .ok : .fix, isOK ? .negativeTTL(lifetime) : .negativeTTLTooLong(lifetime)))
        #expect(scene.line(.presentExchanges) == PlanLine(.ok, .noPresentExchange(.noData, own: [.v4(7)])))
    }
}
