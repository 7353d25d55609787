import Builders
import DNS
import Planning
import Propagation
import Testing

@Suite("The timeline: the days before and after the switch (G2 to G8)")
struct PlanTimelineTests {
    private typealias Scene = PlanScene
    private let now = PlanScene.now
    private let hour: Duration = .seconds(3600)

    private func timeline(_ scene: Scene) throws -> PlanTimeline { try #require(scene.plan.timeline) }

    @Test("All well and copied after: the switch now, and what follows from the TTL of 900 s")
    func after() throws {
        let timeline = try timeline(Scene())
        #expect(
            timeline.entries == [
                .init(.switchMX, now), .init(.forward, now), .init(.propagated, now + .seconds(900)),
                .init(.onlyPass, now + .seconds(900 + 7200)), .init(.raiseTTL, now + .seconds(900 + 7200)),
                .init(.decommission, now + Scene.day * 5),
            ])
        #expect(timeline.bound == now + .seconds(900) && timeline.costs.isEmpty)
        #expect(timeline.longestAtSwitch == TTL(seconds: 900))
    }

    @Test("A TTL that is long is lowered at once, and the switch comes when its copies are gone")
    func lowering() throws {
        let timeline = try timeline(Scene([Scene.previous(604_800)], previousTTL: nil))
        let switchAt = now + Scene.day * 7
        #expect(timeline.earliest == switchAt && timeline.switchAt == switchAt)
        #expect(timeline[.lowerTTL] == now)
        // It is to be lowered to 600 s.
        #expect(timeline[.propagated] == switchAt + .seconds(600))
        #expect(timeline[.onlyPass] == switchAt + .seconds(600 + 7200))
    }

    @Test("Two passes: the first a day before the switch, which lies that far ahead at least")
    func twoPasses() throws {
        var scene = Scene()
        scene.wishes.strategy = .twoPass
        let earliest = try timeline(scene)
        #expect(earliest[.firstPass] == now && earliest.switchAt == now + Scene.day)
        #expect(earliest[.secondPass] == now + Scene.day + .seconds(8100) && earliest[.onlyPass] == nil)
        #expect(earliest.costs.isEmpty)
        scene.wishes.switchAt = now + Scene.day * 3
        let later = try timeline(scene)
        #expect(later[.firstPass] == now + Scene.day * 2 && later.switchAt == now + Scene.day * 3)
        #expect(later.earliest == now + Scene.day)
    }

    @Test("Two passes: who has not made the first is not ready, however well all else is")
    func firstPassToCome() {
        var scene = Scene()
        scene.wishes.strategy = .twoPass
        #expect(scene.line(.firstPass) == PlanLine(.wait(until: now + Scene.day), .firstPass(from: now)))
        #expect(scene.plan.exitCode == 1)
        scene.wishes.strategy = .after
        #expect(scene.line(.firstPass) == nil && scene.plan.exitCode == 0)
        var switched = Scene([Scene.target()])
        switched.wishes.strategy = .twoPass
        #expect(switched.line(.firstPass) == nil)
    }

    @Test("A switch sooner than a day leaves the first pass what is left, and says so")
    func shortFirstPass() throws {
        var scene = Scene()
        scene.wishes = PlanWishes(switchAt: now + hour, strategy: .twoPass)
        let timeline = try timeline(scene)
        #expect(timeline[.firstPass] == now)
        #expect(timeline.costs == [.shortFirstPass(hour)])
    }

    @Test("A switch before the long copies are gone costs what they live longer, and no more")
    func longCopies() throws {
        var scene = Scene([Scene.previous(7200)], previousTTL: 7200)
        scene.wishes.switchAt = now + hour
        let early = try timeline(scene)
        let gone = now + .seconds(7200)
        #expect(
            early.costs == [.longCopies(until: gone, longer: hour - .seconds(600), isAssumed: false)])
        #expect(early.bound == gone && early[.onlyPass] == gone + .seconds(7200))
        #expect(early[.propagated] == now + hour + .seconds(600))
        // So near the end that the short copies live as long.
        scene.wishes.switchAt = gone - .seconds(600)
        #expect(try timeline(scene).costs.isEmpty)
        scene.wishes.switchAt = gone - .seconds(601)
        #expect(
            try timeline(scene).costs == [
                .longCopies(until: gone, longer: .seconds(1), isAssumed: false)
            ])
    }

    @Test("A switch within the guide's two days says so, where nobody knows the TTL before")
    func lessThanTwoDays() throws {
        var scene = Scene(previousTTL: nil)
        scene.facts.loweredSince = now - .seconds(100_000)
        scene.wishes.switchAt = now
        let end = now - .seconds(100_000) + Scene.day * 2
        #expect(try timeline(scene).costs == [.lessThanTwoDays(end: end)])
        scene.wishes.switchAt = end
        #expect(try timeline(scene).costs.isEmpty)
    }

    @Test(
        "Where no mail goes anywhere yet, there is nothing to forward",
        arguments: [ResponseCode.nameError, .noError])
    func nothingToForward(code: ResponseCode) throws {
        let nothing = Make.reading(
            Make.answer([], authority: [Make.soa(minimum: 300)], code: code, isAuthoritative: true))
        let timeline = try timeline(Scene([nothing], held: [nothing]))
        // Without an MX, mail goes to the domain's own addresses, if the name exists.
        #expect((timeline[.forward] == nil) == (code == .nameError))
    }

    @Test("Copies that resolvers were seen to hold put off what can be seen")
    func heldCopies() throws {
        var scene = Scene(held: [Make.previous(ttl: 5000)])
        scene.wishes.switchAt = now
        #expect(try timeline(scene)[.propagated] == now + .seconds(5000))
        // No longer than others, but later than what is fetched at the switch.
        var long = Scene([Scene.previous(86_400)], held: [Make.previous(ttl: 80_000)], previousTTL: nil)
        long.wishes.switchAt = now + hour
        #expect(try timeline(long)[.propagated] == now + .seconds(80_000))
    }

    @Test("Name servers that are left may serve the previous MX as long as they are known")
    func leavingNameServers() throws {
        var scene = Scene(nameServerTTL: 86_400)
        scene.wishes.leavesNameServers = true
        #expect(try timeline(scene).bound == now + .seconds(86_400 + 900))
        #expect(try timeline(scene).longestAtSwitch == TTL(seconds: 900), "a watch sees to the rest itself")
        var untold = Scene(nameServerTTL: nil)
        untold.wishes.leavesNameServers = true
        #expect(try timeline(untold).bound == now + Scene.day * 2 + .seconds(900))
    }

    @Test("Names that move along count as well, and those without mail do not")
    func subdomains() throws {
        var scene = Scene()
        scene.facts.subdomains = [
            SubdomainFacts(Scene([Scene.previous(604_800)]).tracker),
            SubdomainFacts(Scene([Scene.target(604_800)]).tracker),
        ]
        #expect(try timeline(scene).earliest == now + Scene.day * 7)
        #expect(try timeline(scene)[.lowerTTL] == now)
        var switched = Scene([Scene.target()])
        switched.facts.subdomains = [SubdomainFacts(Scene().tracker)]
        #expect(!switched.plan.isSwitched)
        #expect(try timeline(switched).switchAt == now)
    }

    @Test(
        "The old provider deletes nothing while senders may still retry, nor before the last pass",
        arguments: [0, 6])
    func decommission(settleDays: Int) throws {
        let timeline = try timeline(Scene(settle: Int64(settleDays) * 86_400))
        let pass = now + .seconds(900) + Scene.day * settleDays
        #expect(timeline[.decommission] == max(now + Scene.day * 5, pass))
    }
}

@Suite("The timeline and the verdict of a watch agree")
struct PlanAgreementTests {
    private typealias Scene = PlanScene

    /// What a watch says of the second pass that begins at the switch, as the plan tells to run it, with the zone
    /// changed at once.
    private func watched(_ plan: Plan, served: TTL, changing delegation: Delegation? = nil) throws -> Instant?
    {
        let timeline = try #require(plan.timeline)
        let policy = Policy(
            confirmationSpread: .zero, settle: plan.policy.settle, previousTTL: timeline.longestAtSwitch)
        var tracker = DomainTracker(
            domain: plan.domain, target: .qboxmail, policy: policy, resolvers: Make.resolvers(1))
        func poll(_ reading: Reading, _ delegation: Delegation) {
            tracker.authority.apply(delegation, at: timeline.switchAt)
            for index in tracker.authority.servers.indices {
                tracker.authority.record(reading, server: index, at: timeline.switchAt, roundTrip: nil)
            }
            _ = tracker.conclude(at: timeline.switchAt)
        }
        var before = Make.delegation(2)
        before.nameServerTTL = TTL(seconds: 86_400)
        poll(Make.previous(ttl: Int(served.seconds), isAuthoritative: true), before)
        poll(Make.target(ttl: 900, isAuthoritative: true), delegation ?? before)
        return tracker.bound.map { $0.at + policy.settle }
    }

    @Test(
        "Whatever the TTL was, and whenever the switch is",
        arguments: [900, 3600, 86_400, 604_800], [0, 1800, 100_000, 700_000] as [Int64])
    func agree(previousTTL: Int, delay: Int64) throws {
        var scene = Scene([Scene.previous(900)], previousTTL: previousTTL)
        scene.wishes.switchAt = Scene.now + .seconds(delay)
        #expect(try watched(scene.plan, served: TTL(seconds: 900)) == scene.plan.timeline?[.onlyPass])
    }

    @Test("Lowered as the plan says", arguments: [3600, 604_800])
    func lowered(served: Int) throws {
        let scene = Scene([Scene.previous(served)], previousTTL: nil)
        let plan = scene.plan
        #expect(try watched(plan, served: TTL(seconds: 600)) == plan.timeline?[.onlyPass])
    }

    @Test(
        "With a server that served the long TTL and is silent since, whenever the switch is",
        arguments: [7200, 90_000])
    func heardThenSilent(second: Double) throws {
        var zone = PolledZone(previousTTL: nil)
        zone.poll(0, PolledZone.long, serial: 1)
        zone.poll(3600, PolledZone.short, Make.silent, serial: 2)
        var facts = PlanFacts(zone.tracker)
        facts.loweredSince = at(3600)
        let plan = Plan(facts, PlanWishes(switchAt: at(second)), at: at(3600))
        zone.poll(second, PolledZone.target, Make.silent, serial: 3)
        zone.poll(second + 3601, PolledZone.target, Make.silent, serial: 3)
        zone.poll(second + 7201, PolledZone.target, Make.silent, serial: 3)
        #expect(zone.bound != nil && zone.bound == plan.timeline?.bound)
    }

    @Test("With a server that never told: the verdict waits for it, and so does the plan")
    func silent() throws {
        var zone = PolledZone(previousTTL: 600)
        zone.poll(0, PolledZone.short, Make.silent, serial: 1)
        let plan = Plan(PlanFacts(zone.tracker), PlanWishes(switchAt: at(60)), at: at(0))
        for second in [60, 3660, 3700] {
            zone.poll(Double(second), PolledZone.target, Make.silent, serial: 2)
        }
        let published = try #require(zone.tracker.publishedAt)
        #expect(published == at(3660) && plan.timeline?[.propagated] == published)
        let bound = try #require(zone.bound)
        #expect(try #require(plan.timeline?.bound) >= bound)
    }

    @Test("With name servers that are left and go on serving the previous MX")
    func leaving() throws {
        var scene = Scene(nameServerTTL: 86_400)
        scene.wishes.leavesNameServers = true
        var after = Delegation(
            zone: Make.domain,
            servers: [AuthorityIdentity(name: nil, endpoint: Endpoint("127.0.0.3:5300")!)])
        after.nameServerTTL = TTL(seconds: 86_400)
        let plan = scene.plan
        #expect(try watched(plan, served: TTL(seconds: 900), changing: after) == plan.timeline?[.onlyPass])
    }
}
