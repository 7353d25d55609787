import DNS
import DNSClient
import Lab
import Monitoring
import Propagation
import Testing

@Suite("One sweep, and many", .timeLimit(.minutes(5)))
struct CheckTests {
    static let sweep = Policy(confirmationSpread: .zero)
    static let authority = Endpoint("127.0.0.9:53")!

    private func monitor(
        _ client: any Asking, resolvers: Int = 2, authority: AuthoritySource = .given([authority]),
        publishedAt: Instant? = nil
    ) -> Monitor {
        Monitor(
            client: client, resolvers: Make.resolvers(resolvers),
            settings: MonitorSettings(policy: Self.sweep, authority: authority, publishedAt: publishedAt),
            clock: standingClock)
    }

    /// Everybody has the target; exchanges have an address.
    @Sendable static func allWell(_ request: Request) async -> Outcome {
        let name = request.question.name
        return switch request.question.type {
        case .mx: Make.answer(request, [Make.mx(name, "mx01.cbsolt.net")])
        case .soa: Make.answer(request, [Make.soa(name, serial: UInt32(request.server.port))])
        case .a: Make.answer(request, [Make.address(name, "192.0.2.1")])
        default: Make.answer(request, authority: [Make.soa(name)])
        }
    }

    @Test(
        "a resolver gets its samples and one SOA with RD set, an authoritative server three samples and a SOA without; where these are given, nobody is asked for the NS RRset"
    )
    func shape() async {
        let client = ScriptedClient(Self.allWell)
        let tracker = await monitor(client).check("example.it", samples: 3)
        let batches = client.tally.withLock { $0.batches }
        func expected(_ types: [RecordType]) -> [Request] {
            Make.resolvers(2).flatMap { resolver in
                types.map {
                    Request(
                        server: resolver.endpoint, question: Question("example.it", $0),
                        recursionDesired: true)
                }
            }
        }
        let direct = [RecordType.mx, .mx, .mx, .soa].map {
            Request(
                server: Self.authority, question: Question("example.it", $0), recursionDesired: false,
                isPoll: true)
        }
        #expect(batches.contains(expected([.mx, .soa])) && batches.contains(expected([.mx, .mx])))
        #expect(batches.contains(direct))
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 0)
    }

    @Test(
        "the first look that a later run goes on from asks for copies of the NS RRset; a bulk check without does not"
    )
    func nameServerCopies() async {
        func asked(isRemembered: Bool) async -> Int {
            var realm = Realm()
            realm.zone.setMail(.hosts("mail.old.it", ttl: 300))
            let simulation = Simulation(startingAt: Realm.start)
            let client = realm.client(simulation)
            let monitor = realm.monitor(client, simulation)
            _ = await simulation.run {
                await monitor.check(
                    monitor.tracker(for: "example.it"), samples: 3, isRemembered: isRemembered)
            }
            let resolvers = Set(realm.resolvers.map(\.endpoint))
            return client.requests.count {
                resolvers.contains($0.server) && $0.question == Question("example.it", .ns)
            }
        }
        // The search asks some as well.
        let searched = await asked(isRemembered: false)
        #expect(await asked(isRemembered: true) == searched + 4)
    }

    @Test(
        "a resolver that shows another MX gets one sample, and none of the zone's NS; where it is looked for, all"
    )
    func thrift() async {
        let client = ScriptedClient { request in
            guard request.question.type == .mx else { return await Self.allWell(request) }
            return Make.answer(request, [Make.mx(request.question.name, "mail.old.it")])
        }
        let monitor = monitor(client, resolvers: 3)
        func asked(_ body: () async -> DomainTracker) async -> [RecordType: Int] {
            let before = client.tally.withLock { $0.batches.count }
            _ = await body()
            let new = client.tally.withLock { $0.batches.dropFirst(before).flatMap { $0 } }
            let own = new.filter { $0.recursionDesired && $0.question.name == "example.it" }
            return Dictionary(own.map { ($0.question.type, 1) }, uniquingKeysWith: +)
        }
        let thrifty = await asked { await monitor.check("example.it", samples: 3) }
        #expect(thrifty[.mx] == 3)
        let thorough = await asked { await monitor.check("example.it", samples: 3, isThorough: true) }
        #expect(thorough[.mx] == 9)
    }

    @Test(
        "a sweep reaches the levels that wait for nothing, and asks the authority once more for each",
        arguments: [(0, 3), (1, 1)] as [(Int64, Int)])
    func levels(settle: Int64, polls: Int) async {
        let scene = Scene([LabResolver("one"), LabResolver("two")])
        let policy = Policy(
            confirmationSpread: .zero, settle: .seconds(settle), previousTTL: TTL(seconds: 600))
        let monitor = Monitor(
            client: scene.client, resolvers: scene.resolvers,
            settings: MonitorSettings(
                policy: policy, authority: .given(scene.authority), publishedAt: Scene.switched),
            clock: scene.simulation.clock)
        let tracker = await scene.simulation.run {
            try? await scene.simulation.sleep(until: Scene.switched + .seconds(6 * 86_400))
            return await monitor.check("example.it", samples: 3)
        }
        let verdict = tracker.verdict(at: scene.simulation.now)
        #expect(verdict.meets(.propagated))
        #expect(verdict.meets(.secondPass) == (settle == 0))
        #expect(verdict.meets(.decommission) == (settle == 0))
        let asked = scene.client.requests.count {
            $0.server == scene.authority[0] && $0.question.type == .mx
        }
        #expect(asked == polls * Schedule.portsOfServer)
    }

    @Test("each answer reaches the resolver and the server that gave it")
    func matching() async {
        let client = ScriptedClient { request in
            if request.question.type == .mx, request.server == Make.resolvers(3)[1].endpoint {
                return Make.answer(request, [Make.mx("example.it", "mail.old.it", ttl: 77)])
            }
            return await Self.allWell(request)
        }
        let tracker = await monitor(client, resolvers: 3).check("example.it", samples: 2)
        #expect(tracker.resolvers.map { $0.lastInformative?.state } == [.target, .previous, .target])
        #expect(tracker.resolvers.map { $0.serial?.value } == [5300, 5301, 5302])
        #expect(tracker.resolvers[1].lastInformative?.ttl == TTL(seconds: 77))
        #expect(tracker.authority.servers.map { $0.serial?.value } == [53])
        #expect(tracker.authority.zone == "example.it")
    }

    @Test("the SOA in the authority section of a name below the apex gives zone and serial")
    func belowTheApex() async {
        let client = ScriptedClient { request in
            guard request.question.type == .soa else { return await Self.allWell(request) }
            return Make.answer(request, authority: [Make.soa("other.it"), Make.soa("example.it", serial: 9)])
        }
        let tracker = await monitor(client).check("mail.example.it", samples: 1)
        #expect(tracker.authority.zone == "example.it")
        #expect(tracker.authority.servers[0].serial == SerialNumber(9))
        #expect(tracker.resolvers.allSatisfy { $0.serial == SerialNumber(9) })
    }

    @Test("samples that come back in another order than they left confirm all the same")
    func overtaking() async {
        let client = ScriptedClient(received: { index, _ in at(1 - Double(index) / 10) }, Self.allWell)
        let tracker = await monitor(client).check("example.it", samples: 3)
        #expect(tracker.verdict(at: at(1)).exitCode(for: .propagated) == 0)
    }

    @Test("the operator's word is taken only beside what the authority says")
    func operatorsWord() async {
        let client = ScriptedClient { request in
            guard request.server == Self.authority, request.question.type == .mx else {
                return await Self.allWell(request)
            }
            return Make.answer(request, [Make.mx("example.it", "mail.old.it")])
        }
        let tracker = await monitor(client, publishedAt: at(-600)).check("example.it", samples: 3)
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 1)
    }

    @Test("a name server whose address nobody tells is not taken for one that agrees")
    func untoldAddress() async {
        let client = ScriptedClient { request in
            switch (request.question.name, request.question.type) {
            case ("example.it", .ns):
                Make.answer(
                    request,
                    ["ns1.example.it", "ns2.dead.it"].map { Make.record("example.it", .ns, .ns($0)) })
            case ("ns2.dead.it", _): Make.answer(request, code: .serverFailure)
            default: await Self.allWell(request)
            }
        }
        let tracker = await monitor(client, authority: .discovery).check("example.it", samples: 3)
        #expect(tracker.authority.servers.map(\.identity.name) == ["ns1.example.it"])
        #expect(tracker.publishedAt == nil)
        #expect(tracker.verdict(at: at(0)).exitCode(for: .published) == 1)
    }

    @Test("accepted exchanges that are aliases or have no address are warned about; unknown ones are not")
    func inspection() async {
        let client = ScriptedClient { request in
            let name = request.question.name
            switch (name, request.question.type) {
            case ("example.it", .mx):
                return Make.answer(
                    request,
                    ["mx01.cbsolt.net", "alias.cbsolt.net", "gone.cbsolt.net", "unknown.cbsolt.net"].map {
                        Make.mx(name, $0)
                    })
            case ("alias.cbsolt.net", .a):
                return Make.answer(
                    request,
                    [
                        Make.record(name, .cname, .cname("real.cbsolt.net")),
                        Make.address("real.cbsolt.net", "192.0.2.1"),
                    ])
            case ("gone.cbsolt.net", _): return Make.answer(request, code: .nameError)
            case ("unknown.cbsolt.net", .a): return .silent(.timeout)
            default: return await Self.allWell(request)
            }
        }
        let tracker = await monitor(client).check("example.it", samples: 3)
        #expect(
            tracker.exchangeWarnings == [
                .exchangeIsAlias("alias.cbsolt.net"), .unresolvable("gone.cbsolt.net"),
            ])
    }

    // MARK: Many domains

    private static let domains = (0..<700).map { DomainName("d\($0).example")! }

    @Test("many domains are handed over in order, and never more under way than the window")
    func window() async throws {
        let client = ScriptedClient { request in
            // The earlier a domain stands, the longer it takes: order is not luck.
            let number = Int(request.question.name.description.dropFirst().prefix { $0 != "." }) ?? 0
            for _ in 0..<(20 - number % 20) { await Task.yield() }
            return await Self.allWell(request)
        }
        var order: [Int] = []
        let monitor = monitor(client, resolvers: 10, authority: .none)
        try await monitor.checkAll(Self.domains, samples: 1) { index, result in
            #expect(result.tracker.domain == Self.domains[index])
            order.append(index)
        }
        #expect(order == Array(Self.domains.indices))
        // 10 resolvers, 2 questions each and 4 spare ones: 2,000 / 24. The exchanges' own names come along.
        let most = client.tally.withLock { $0.mostDomainsUnderWay }
        #expect(most <= 83 + 3)
        #expect(most > 1, "several at once, else there is nothing to bound")
    }

    @Test("with one resolver several domains share a batch, and each gets its own answers, as it would alone")
    func shared() async throws {
        let client = ScriptedClient { request in
            guard request.question.type == .mx, Self.domains.firstIndex(of: request.question.name)! % 3 != 0
            else { return await Self.allWell(request) }
            return Make.answer(request, [Make.mx(request.question.name, "mail.old.it")])
        }
        let monitor = monitor(client, resolvers: 1)
        var together: [Verdict] = []
        try await monitor.checkAll(Self.domains, samples: 3) { _, result in
            together.append(result.tracker.verdict(at: at(0)))
        }
        let batches = client.tally.withLock { $0.batches.filter(\.first!.recursionDesired) }
        let shared = batches.filter { Set($0.map(\.question.name)).count > 1 }
        #expect(shared.count > 2 * Self.domains.count / 20, "else nothing is shared")
        for (index, verdict) in together.enumerated() {
            let alone = await monitor.check(Self.domains[index], samples: 3).verdict(at: at(0))
            #expect(verdict == alone && verdict.isPublished == (index % 3 == 0))
        }
    }

    struct Enough: Error {}

    @Test("an error of the one who takes ends the run")
    func ended() async {
        let client = ScriptedClient(Self.allWell)
        var taken = 0
        await #expect(throws: Enough.self) {
            try await monitor(client, authority: .none).checkAll(Self.domains, samples: 1) { _, _ in
                taken += 1
                if taken == 3 { throw Enough() }
            }
        }
        #expect(taken == 3)
        let asked = client.tally.withLock { Set($0.requests.map(\.question.name)).count }
        #expect(asked < Self.domains.count)
    }
}
