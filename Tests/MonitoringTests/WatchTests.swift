import DNS
import DNSClient
import Lab
import Monitoring
import Propagation
import Testing

@Suite("Watching on simulated time", .timeLimit(.minutes(5)))
struct WatchTests {
    private static func plain(_ count: Int) -> [LabResolver] { (0..<count).map { LabResolver("r\($0)") } }

    @Test("a switch is followed to its end: events in order, and nothing said while an old copy lives")
    func toTheEnd() async throws {
        let scene = Scene(
            Self.plain(6) + [
                LabResolver("cap", policy: CachePolicy(cap: TTL(seconds: 60))),
                LabResolver("prefetches", policy: CachePolicy(prefetches: true)),
                LabResolver("late", policy: CachePolicy(floor: TTL(seconds: 900))),
            ])
        let liesTold = Locked<[Instant]>([])
        let watcher = scene.watcher { event, tracker in
            let now = scene.simulation.now
            let verdict = tracker.verdict(at: now)
            let isOld = !scene.truth.oldCopies.isEmpty || !scene.truth.authoritiesElsewhere.isEmpty
            if verdict.isPropagated || verdict.exitCode(for: .propagated) == 0, isOld {
                liesTold.withLock { $0.append(event.at) }
            }
        }
        let result = await scene.run(watcher)
        #expect(result.ending == .conditionMet)
        #expect(liesTold.withLock { $0 } == [])
        #expect(scene.events.levels == [.level(.published), .level(.propagated)])
        let published = try #require(scene.events.first(.level(.published)))
        let propagated = try #require(scene.events.first(.level(.propagated)))
        // The lagging server is asked every 30 s; the longest copy was fetched just before the switch.
        #expect(published >= Scene.switched + .seconds(30))
        #expect(published <= Scene.switched + .seconds(61))
        #expect(scene.truth(at: propagated).oldCopies.isEmpty)
        #expect(propagated > published)
        #expect(propagated <= Scene.switched + .seconds(30 + 900 + 60), "not long after the truth")
        #expect(scene.events.instants == scene.events.instants.sorted())
        for index in scene.resolvers.indices {
            let states = scene.events.concluded.compactMap { entry -> MailState? in
                if case .transition(index, _, let to) = entry.1 { to } else { nil }
            }
            #expect(states == [.previous, .target])
        }
    }

    @Test("several caches behind one address: not before the last of them", arguments: [1, 2, 3] as [UInt64])
    func severalCaches(seed: UInt64) async throws {
        let scene = Scene(
            [
                LabResolver("four", cacheCount: 4, balancing: .random),
                LabResolver("eight", cacheCount: 8, balancing: .random),
            ], oldTTL: 300, age: { .seconds(Int64($0 * 29 + Int(seed) * 13) % 290) })
        let result = await scene.run(scene.watcher())
        #expect(result.ending == .conditionMet)
        let propagated = try #require(scene.events.first(.level(.propagated)))
        let known = result.trackers[0].resolvers.compactMap(\.oldUntil).max()
        #expect(try propagated >= #require(known), "every copy that was seen has expired")
        #expect(result.trackers[0].resolvers.allSatisfy { $0.cachesSeen > 1 })
    }

    @Test("far fewer questions than a poller that asks every 15 s, and the news is not later")
    func fewerQuestions() async throws {
        let scene = Scene(Self.plain(8), oldTTL: 3600, age: { .seconds(Int64($0 * 100)) })
        let result = await scene.run(scene.watcher())
        #expect(result.ending == .conditionMet)
        let asked = scene.client.requests.count { $0.recursionDesired && $0.question == Scene.question }
        // The poller in the same world: MX of each resolver every 15 s, until all have shown the target.
        let fixed = Scene(Self.plain(8), oldTTL: 3600, age: { .seconds(Int64($0 * 100)) })
        let monitor = Monitor(
            client: fixed.client, resolvers: fixed.resolvers,
            settings: MonitorSettings(policy: Policy(confirmationSpread: .zero), authority: .none),
            clock: fixed.simulation.clock)
        let polled = await fixed.simulation.run {
            var next = fixed.simulation.now
            while await !monitor.check("example.it", samples: 1).resolvers.allSatisfy({
                $0.lastInformative?.state == .target
            }) {
                next = next + .seconds(15)
                // Where the test is cancelled, no time passes any more.
                do { try await fixed.simulation.sleep(until: next) } catch { break }
            }
            return fixed.client.requests.count { $0.question == Scene.question }
        }
        #expect(asked * 4 < polled, "\(asked) against \(polled)")
        let propagated = try #require(scene.events.first(.level(.propagated)))
        #expect(propagated <= fixed.simulation.now + .seconds(30), "its three confirmations take 10 s")
    }

    @Test("the deadline ends it, and what is known is not met")
    func deadline() async {
        let scene = Scene(Self.plain(3), oldTTL: 86_400)
        let result = await scene.run(scene.watcher(deadline: .seconds(1000)))
        #expect(result.ending == .deadlinePassed)
        #expect(scene.simulation.now == Scene.start + .seconds(1000))
        let verdict = result.trackers[0].verdict(at: scene.simulation.now)
        #expect(verdict.exitCode(for: .propagated) == 1)
        #expect(verdict.exitCode(for: .published) == 0)
    }

    @Test("a rollback is a regression, and ends no watch")
    func rollback() async throws {
        let back = Scene.switched + .seconds(200)
        let scene = Scene(Self.plain(3), lag: .zero, rollBackAt: back)
        let result = await scene.run(scene.watcher(deadline: .seconds(3000)))
        #expect(result.ending == .deadlinePassed)
        #expect(scene.events.levels == [.level(.published), .level(.regression)])
        let regression = try #require(scene.events.first(.level(.regression)))
        #expect(regression >= back)
        #expect(regression <= back + Schedule.authorityAfterPublication + .seconds(1))
        #expect(result.trackers[0].verdict(at: scene.simulation.now).exitCode(for: .published) == 1)
    }

    @Test("resolvers that die midway clear nothing")
    func silenceMidway() async {
        let scene = Scene(Self.plain(4), age: { _ in .zero })
        let watcher = scene.watcher(deadline: .seconds(5000)) { _, _ in
            if scene.simulation.now > Scene.start + .seconds(300) {
                scene.client.kill(scene.resolvers.prefix(1).map(\.endpoint))
            }
        }
        let result = await scene.run(watcher)
        #expect(result.ending == .deadlinePassed)
        #expect(scene.events.levels == [.level(.published)])
        let verdict = result.trackers[0].verdict(at: scene.simulation.now)
        #expect(verdict.counted == 3 && verdict.clear == 3, "it is set aside after half an hour")
        #expect(verdict.exitCode(for: .propagated) == 2, "three of four are no quorum")
    }

    @Test("cancelled while all are silent, a search for servers among them, it returns at once")
    func cancellation() async {
        let scene = Scene(Self.plain(4))
        scene.client.kill(scene.resolvers.map(\.endpoint) + scene.authority)
        let watcher = scene.watcher(authority: .discovery)
        let (result, took) = await scene.simulation.run {
            let watching = Task(executorPreference: scene.simulation) {
                var watcher = watcher
                return await watcher.run()
            }
            // In the middle of the first questions' wait.
            try? await scene.simulation.sleep(until: Scene.start + .seconds(2))
            watching.cancel()
            let result = await watching.value
            return (result, scene.simulation.now - Scene.start)
        }
        #expect(result.ending == .cancelled)
        #expect(took == .seconds(2))
        #expect(result.trackers.map(\.domain) == ["example.it"])
        #expect(result.trackers[0].verdict(at: scene.simulation.now).exitCode(for: .propagated) == 2)
    }

    @Test(
        "cancelled while others' look-up is waited for, it returns at once", arguments: [RecordType.ns, .a])
    func cancelledLookUp(type: RecordType) async {
        let simulation = Simulation(startingAt: Scene.start)
        let client = ClosureClient(clock: simulation.clock, slow: type) { request, _ in
            let name = request.question.name
            return switch request.question.type {
            case .mx: Make.answer(request, [Make.mx(name, "mx01.cbsolt.net")])
            case .ns: Make.answer(request, [Make.record(name, .ns, .ns("ns1.example.it"))])
            default: Make.answer(request, authority: [Make.soa("example.it")])
            }
        }
        let monitor = Monitor(
            client: client, resolvers: Make.resolvers(3), settings: MonitorSettings(),
            clock: simulation.clock)
        let watcher = Watcher(
            monitor: monitor, trackers: ["example.it", "www.example.it"].map(monitor.tracker(for:)),
            condition: .propagated,
            onEvent: { _, _ in })
        let (result, took) = await simulation.run {
            let watching = Task(executorPreference: simulation) {
                var watcher = watcher
                return await watcher.run()
            }
            try? await simulation.sleep(until: Scene.start + .seconds(2))
            watching.cancel()
            let result = await watching.value
            return (result, simulation.now - Scene.start)
        }
        #expect(result.ending == .cancelled)
        #expect(took == .seconds(2))
    }

    @Test("servers once found go on to be asked when no resolver tells of them any more")
    func searchFailsLater() async throws {
        // The authoritative servers answer on the addresses that the zone of their names tells.
        let back = Scene.switched + .seconds(400)
        let client = ScriptedScene(rollBackAt: back)
        let result = await client.run()
        #expect(client.events.levels.contains(.level(.regression)))
        #expect(result.trackers[0].authority.discoveryError != nil)
        #expect(result.trackers[0].verdict(at: client.simulation.now).exitCode(for: .published) == 1)
    }

    @Test("the operator's word ends nothing before the authority has been heard")
    func operatorsWord() async {
        let scene = Scene(Self.plain(3))
        // They serve the previous MX, and their answer comes late.
        scene.client.kill(scene.authority)
        let watcher = scene.watcher(
            until: .published, deadline: .seconds(40), publishedAt: Scene.start - .seconds(3600)
        ) { _, _ in scene.client.revive() }
        let result = await scene.run(watcher)
        #expect(scene.events.first(.level(.published)).map { $0 >= Scene.start + .seconds(6) } ?? true)
        #expect(result.ending != .cancelled)
    }
}

/// A world in which the search for authoritative servers works for five minutes, and never after.
private struct ScriptedScene: Sendable {
    let simulation = Simulation(startingAt: Scene.start)
    let events = Events()
    let rollBackAt: Instant
    static let server = Endpoint("127.0.0.31:53")!

    func run() async -> WatchResult {
        let client = ClosureClient(clock: simulation.clock) { request, now in
            let name = request.question.name
            let isSwitched = now >= Scene.switched && now < rollBackAt
            switch request.question.type {
            case .mx:
                let isNew = request.recursionDesired || isSwitched
                let isFirst = request.server.port == 5300
                return Make.answer(
                    request, [Make.mx(name, isNew && !isFirst ? "mx01.cbsolt.net" : "mail.old.it", ttl: 300)])
            case .soa where !request.recursionDesired: return Make.answer(request, [Make.soa("example.it")])
            case _ where now > Scene.start + .seconds(300): return .silent(.timeout)
            case .soa: return Make.answer(request, [Make.soa("example.it")])
            case .ns: return Make.answer(request, [Make.record(name, .ns, .ns("ns1.example.it"))])
            case .a: return Make.answer(request, [Make.address(name, "127.0.0.31")])
            default: return Make.answer(request, authority: [Make.soa("example.it")])
            }
        }
        let monitor = Monitor(
            client: client, resolvers: Make.resolvers(3), settings: MonitorSettings(),
            clock: simulation.clock)
        let watcher = Watcher(
            monitor: monitor, trackers: ["example.it"].map(monitor.tracker(for:)), condition: .propagated,
            deadline: Scene.start + .seconds(2000), seed: 1,
            onEvent: { event, _ in events.add(event) })
        return await simulation.run {
            var watcher = watcher
            return await watcher.run()
        }
    }
}

/// Answers from a function of request and instant, 20 ms later.
private struct ClosureClient: Asking {
    let clock: MonitorClock
    /// Questions of this type are answered after ten minutes.
    var slow: RecordType?
    let answer: @Sendable (Request, Instant) -> Outcome

    func exchanges(_ requests: [Request]) async -> [Exchange] {
        let sent = clock.now()
        let isSlow = requests.contains { $0.question.type == slow }
        let received = sent + (isSlow ? .seconds(600) : WorldClient.roundTrip)
        let outcomes = requests.map { answer($0, sent) }
        try? await clock.sleep(received)
        return outcomes.map { Exchange(outcome: $0, sent: sent, received: received) }
    }
}
