import DNS
import DNSClient
import Lab
import Propagation
import Testing

@testable import Monitoring

@Suite("Finding the authoritative servers", .timeLimit(.minutes(5)))
struct DiscoveryTests {
    static let resolvers = Make.resolvers(10).map(\.endpoint)

    /// Ten resolvers over one server that carries the zone of `example.it` and that of its name servers.
    private static func world(_ change: (inout LabZone) -> Void = { _ in }) -> LabWorld {
        var zone = LabZone("example.it", nameServers: ["ns1.example.net", "ns2.example.net"])
        zone.setMail(.hosts("mx01.cbsolt.net", ttl: 300))
        change(&zone)
        var servers = LabZone("example.net", nameServers: ["ns1.example.net"])
        servers.add("ns1.example.net", IPAddress("127.0.0.11")!)
        servers.add("ns1.example.net", IPAddress("2001:db8::11")!)
        servers.add("ns2.example.net", IPAddress("127.0.0.12")!)
        servers.add("ns2.example.net", IPAddress("2001:db8::12")!)
        servers.add("mail.example.net", IPAddress("127.0.0.13")!)
        servers.add("any.example.net", IPAddress("0.0.0.0")!)
        servers.add("any.example.net", IPAddress("224.0.0.1")!)
        servers.add("any.example.net", IPAddress("255.255.255.255")!)
        servers.add("any.example.net", IPAddress("::")!)
        servers.add("any.example.net", IPAddress("ff02::1")!)
        servers.add("any.example.net", IPAddress("127.0.0.14")!)
        return LabWorld(
            authorities: [LabAuthority("ns1.example.net", zones: [zone, servers])],
            resolvers: (0..<10).map { LabResolver("r\($0)") })
    }

    private static func client(_ world: LabWorld, _ simulation: Simulation) -> WorldClient {
        let places = resolvers.enumerated().map { ($1, LabServerID.resolver($0)) }
        return WorldClient(
            world, at: Dictionary(uniqueKeysWithValues: places), clock: simulation.clock)
    }

    private static func find(
        _ domain: DomainName, in world: LabWorld, kill: [Endpoint] = []
    ) async -> (AuthorityDiscovery.Found, [Request]) {
        let simulation = Simulation()
        let client = client(world, simulation)
        client.kill(kill)
        let discovery = AuthorityDiscovery(
            client: client, resolvers: resolvers, now: simulation.clock.now)
        let found = await simulation.run { await discovery.servers(of: domain) }
        return (found, client.requests)
    }

    @Test(
        "two name servers with IPv4 and IPv6, for the apex and for a name below",
        arguments: [
            "example.it", "mail.example.it", "a.b.example.it",
        ] as [DomainName])
    func found(domain: DomainName) async {
        let (found, requests) = await Self.find(domain, in: Self.world())
        #expect(found.delegation?.zone == "example.it")
        #expect(found.delegation?.unresolved == [])
        #expect(
            found.delegation?.servers.map { "\($0.name!) \($0.endpoint)" } == [
                "ns1.example.net 127.0.0.11:53", "ns1.example.net [2001:db8::11]:53",
                "ns2.example.net 127.0.0.12:53", "ns2.example.net [2001:db8::12]:53",
            ])
        // Nobody but the resolvers can be reached here, and none of them knows the zone above: a search
        // that learns so little asks no more than that.
        #expect(requests.count <= 30)
    }

    @Test("name servers without addresses are an error that names the zone")
    func noAddresses() async {
        let world = Self.world { zone in
            zone = LabZone("example.it", nameServers: ["gone.example.net"])
        }
        let (found, _) = await Self.find("example.it", in: world)
        #expect(found.names.isEmpty)
        let message = "none of the name servers of the zone example.it resolves to an address"
        #expect(found.error == SearchError(zone: "example.it", message))
    }

    @Test("one name server without an address leaves the others, and is no unanswered question")
    func oneWithoutAddress() async {
        let world = Self.world { zone in
            zone = LabZone("example.it", nameServers: ["gone.example.net", "mail.example.net"])
        }
        let (found, _) = await Self.find("example.it", in: world)
        #expect(found.names == ["mail.example.net"])
        #expect(found.delegation?.unresolved == [])
    }

    @Test("no server can have an unspecified, multicast or broadcast address")
    func impossibleAddresses() async {
        let world = Self.world { zone in
            zone = LabZone("example.it", nameServers: ["any.example.net"])
        }
        let (found, _) = await Self.find("example.it", in: world)
        #expect(found.delegation?.servers.map(\.endpoint.description) == ["127.0.0.14:53"])
    }

    @Test("silent resolvers are an error, and no more than ten of them are asked")
    func silence() async {
        let (found, requests) = await Self.find("example.it", in: Self.world(), kill: Self.resolvers)
        #expect(found.error == SearchError("no resolver could tell which zone example.it is in"))
        #expect(requests.count == Consultation.waves.reduce(0, +))
    }

    @Test("a dead first wave costs time, not the answer")
    func secondWave() async {
        // The order depends on the domain: those that are asked first are the ones to die.
        let (_, healthy) = await Self.find("example.it", in: Self.world())
        let first = Array(healthy.prefix(2).map(\.server))
        let (found, requests) = await Self.find("example.it", in: Self.world(), kill: first)
        #expect(found.delegation?.servers.count == 4)
        #expect(Set(requests.prefix(2).map(\.server)) == Set(first))
        #expect(!Set(requests.map(\.server)).isSubset(of: first))
    }

    @Test("of a list of 200 name servers only so many are asked")
    func hostileList() async {
        let names = (0..<200).map { DomainName("n\($0).example.net")! }
        let client = ScriptedClient { request in
            switch request.question.type {
            case .soa: Make.answer(request, [Make.soa("example.it")])
            case .ns: Make.answer(request, names.map { Make.record("example.it", .ns, .ns($0)) })
            case .a:
                Make.answer(request, (1...200).map { Make.address(request.question.name, "127.1.0.\($0)") })
            default: Make.answer(request)
            }
        }
        let discovery = AuthorityDiscovery(client: client, resolvers: Self.resolvers, now: { at(0) })
        let found = await discovery.servers(of: "example.it")
        #expect(
            found.delegation?.servers.count == NameServerSet.maximumServers
                * NameServerAddresses.maximumAddresses)
        #expect(client.requests.count <= 2 * (4 + 2 * NameServerSet.maximumServers))
    }

    @Test("an SOA or NS of somebody else is ignored")
    func foreignRecords() async {
        let client = ScriptedClient { request in
            switch request.question.type {
            case .soa: Make.answer(request, [Make.soa("evil.it"), Make.soa("www.example.it")])
            default: Make.answer(request)
            }
        }
        let discovery = AuthorityDiscovery(client: client, resolvers: Self.resolvers, now: { at(0) })
        let found = await discovery.servers(of: "example.it")
        #expect(found.error == SearchError("the resolvers name no zone for example.it"))
    }

    final class Counter: Sendable {
        private let count = Locked(0)
        func increment() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
        var value: Int { count.withLock { $0 } }
    }

    @Test("those who ask at once share one look-up; whoever is cancelled leaves at once, another takes over")
    func singleFlight() async {
        let flight = SingleFlight<Int>(lifetime: .seconds(300), now: { at(0) })
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let lookUps = Counter()
        let ask: @Sendable () async -> Int? = {
            await flight.value(for: "a.it") {
                let number = lookUps.increment()
                begin.yield()
                // The first one goes on until it is cancelled.
                if number == 1 { try? await Task.sleep(for: .seconds(3600)) }
                return number == 1 ? nil : 5
            }
        }
        let first = Task(operation: ask)
        for await _ in begun { break }
        let waiting = (0..<20).map { _ in Task(operation: ask) }
        waiting[0].cancel()
        #expect(await waiting[0].value == nil)
        #expect(lookUps.value == 1)
        first.cancel()
        #expect(await first.value == nil)
        for task in waiting.dropFirst() { #expect(await task.value == 5) }
        #expect(lookUps.value == 2)
    }

    @Test("what taught nothing is looked up again soon")
    func failureIsForgotten() async {
        let time = Locked(at(0))
        let flight = SingleFlight<Int>(lifetime: .seconds(300), now: { time.withLock { $0 } })
        #expect(await flight.value(for: "a.it") { nil } == nil)
        #expect(await flight.value(for: "a.it") { 5 } == nil)
        time.withLock { $0 = at(10) }
        #expect(await flight.value(for: "a.it") { 5 } == 5)
        time.withLock { $0 = at(309) }
        #expect(await flight.value(for: "a.it") { 6 } == 5)
    }
}
