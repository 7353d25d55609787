import DNS
import DNSClient
import Lab
import Propagation
import Testing

@testable import Monitoring

@Suite("What parent and zone say about the name servers", .timeLimit(.minutes(5)))
struct DelegationTests {
    @Test("parent and zone agree: each server once, nothing differs, and the parent is asked once")
    func agreement() async {
        let (found, requests) = await Realm().find()
        #expect(
            found.delegation
                == Delegation(
                    zone: "example.it",
                    servers: (1...2).map {
                        AuthorityIdentity(name: Realm.names[$0 - 1], endpoint: Realm.endpoint($0))
                    },
                    nameServerTTL: TTL(seconds: 3600)))
        let direct = requests.filter { !$0.recursionDesired }
        #expect(direct.allSatisfy { $0.question == Question("example.it", .ns) })
        #expect(direct.count { $0.server == Realm.registryEndpoint } == 1)
        #expect(!direct.contains { $0.server == Realm.rootEndpoint })
        // Two resolvers each: SOA, NS of the zone and of its parent, two types of three names' addresses.
        // Without recursion: the parent's one server, and the zone's two.
        #expect(requests.count(where: \.recursionDesired) == 18)
        #expect(direct.count == 3)
    }

    @Test("a check takes five round trips in sequence: four of the search, one of the poll")
    func roundTrips() async {
        let realm = Realm()
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let monitor = realm.monitor(client, simulation)
        let (search, answers) = await simulation.run {
            await monitor.poll(
                "example.it", known: AuthorityState(), searches: true, scope: WatchState.PollScope())
        }
        #expect(search?.names == Realm.both)
        #expect(answers.count == 2)
        #expect(simulation.now == Realm.start + WorldClient.roundTrip * 5)
        #expect(client.requests.count == 25)
    }

    @Test("a poll that does not search asks each server twice, and nobody else")
    func pollAlone() async {
        let realm = Realm()
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let monitor = realm.monitor(client, simulation)
        var authority = AuthorityState()
        let servers = (1...2).map {
            AuthorityIdentity(name: Realm.names[$0 - 1], endpoint: Realm.endpoint($0))
        }
        authority.apply(Delegation(zone: "example.it", servers: servers), at: Realm.start)
        let known = authority
        let (search, answers) = await simulation.run {
            await monitor.poll("example.it", known: known, searches: false, scope: WatchState.PollScope())
        }
        #expect(search == nil)
        #expect(answers.map(\.sample?.reading.state) == [.target, .target])
        #expect(client.requests.count == 4)
    }

    @Test("a name that only the parent has is asked all the same, and told")
    func onlyAtParent() async {
        let (found, _) = await Realm(parent: Array(Realm.names.prefix(3))).find()
        #expect(found.names == Array(Realm.names.prefix(3)))
        #expect(found.delegation?.onlyAtParent == ["ns3.example.net"])
        #expect(found.delegation?.onlyAtChild == [])
    }

    @Test("a name that only the zone itself has is asked all the same, and told")
    func onlyAtChild() async {
        let (found, _) = await Realm(child: Array(Realm.names.prefix(3))).find()
        #expect(found.names == Array(Realm.names.prefix(3)))
        #expect(found.delegation?.onlyAtParent == [])
        #expect(found.delegation?.onlyAtChild == ["ns3.example.net"])
    }

    @Test("the greater of the two TTLs counts", arguments: [(172_800, 600), (600, 172_800)])
    func nameServerTTL(parent: Int, child: Int) async {
        let (found, _) = await Realm(parentTTL: parent, childTTL: child).find()
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 172_800))
    }

    @Test(
        "a name below the apex lies in the zone of the apex",
        arguments: ["mail.example.it", "a.b.example.it"])
    func belowTheApex(domain: DomainName) async {
        let (found, _) = await Realm().find(domain)
        #expect(found.delegation?.zone == "example.it")
        #expect(found.names == Realm.both)
    }

    @Test("a name in a zone that is delegated below belongs to that zone, whose parent is the domain's zone")
    func childZone() async {
        var realm = Realm()
        realm.zone.add(
            Make.record("sub.example.it", .ns, .ns("ns3.example.net"), ttl: 7200),
            Make.record("sub.example.it", .ns, .ns("ns4.example.net"), ttl: 7200))
        var sub = LabZone("sub.example.it", nameServers: ["ns3.example.net"])
        sub.setMail(.hosts("mail.old.it", ttl: 300), of: "mail.sub.example.it")
        let served = sub
        realm.adjust = { $0[4].zones.append(served) }
        let (found, requests) = await realm.find("mail.sub.example.it")
        #expect(found.delegation?.zone == "sub.example.it")
        #expect(found.names == ["ns3.example.net", "ns4.example.net"])
        #expect(found.delegation?.onlyAtParent == ["ns4.example.net"])
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 7200))
        #expect(!requests.contains { $0.server == Realm.registryEndpoint })
    }

    @Test("where the parent of a zone is some levels up, that parent is asked")
    func gap() async {
        var realm = Realm()
        realm.it.add(Make.record("a.b.c.it", .ns, .ns("ns3.example.net"), ttl: 9000))
        let deep = LabZone("a.b.c.it", nameServers: ["ns3.example.net"])
        realm.adjust = { $0[4].zones.append(deep) }
        let (found, _) = await realm.find("a.b.c.it")
        #expect(found.delegation?.zone == "a.b.c.it")
        #expect(found.names == ["ns3.example.net"])
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 9000))
    }

    @Test("where the parent's servers are silent, resolvers and zone suffice")
    func silentParent() async {
        let realm = Realm(parent: Realm.names, childTTL: 1800)
        let (found, _) = await realm.find(killing: [Realm.registryEndpoint, Realm.rootEndpoint])
        #expect(found.names == Realm.both)
        #expect(found.delegation?.onlyAtParent == [])
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 1800))
    }

    @Test("where only resolvers can be reached, theirs is the last word, but not their TTL")
    func onlyResolvers() async {
        let realm = Realm()
        let everybody = realm.authorities.flatMap(\.addresses).map { Endpoint($0) }
        let (found, _) = await realm.find(killing: everybody)
        #expect(found.names == Realm.both)
        #expect(found.delegation?.nameServerTTL == nil)
    }

    @Test("a parent's server that is authoritative for the zone too tells no delegation: nothing differs")
    func parentIsChild() async {
        var realm = Realm(parent: Realm.names, childTTL: 1800)
        let zone = realm.zone
        realm.adjust = { $0[1].zones.append(zone) }
        let (found, _) = await realm.find()
        #expect(found.names == Realm.both)
        #expect(found.delegation?.onlyAtParent == [])
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 1800))
    }

    @Test(
        "servers that the parent has left are not asked what belongs to the zone",
        arguments: 1...8 as ClosedRange<UInt64>)
    func leftBehind(seed: UInt64) async {
        let new = Array(Realm.names.suffix(2))
        var realm = Realm(parent: new, child: Realm.both)
        realm.seed = seed
        let moved = LabZone("example.it", nameServers: new)
        realm.adjust = { all in for server in 4...5 { all[server].zones[0] = moved } }
        // Whether the resolvers know the old or the new RRset is the seed's choice.
        let (found, _) = await realm.find()
        #expect(found.names == new)
        #expect(found.delegation?.onlyAtChild == [])
    }

    @Test("what a server says about the zone without authority does not count")
    func withoutAuthority() async {
        var realm = Realm(parent: Realm.names, parentTTL: 600, childTTL: 9000)
        realm.adjust = { all in for server in 2...5 { all[server].conduct = .withoutAuthority } }
        let (found, _) = await realm.find()
        #expect(found.names == Realm.names)
        #expect(found.delegation?.onlyAtParent == [])
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 600))
    }

    @Test("glue is used where no resolver tells an address, and only from the parent's bailiwick")
    func glue() async {
        var realm = Realm(
            parent: ["ns.example.it", "ns.elsewhere.it", "ns.far.org"], child: ["ns.example.it"])
        realm.it.add("ns.example.it", Realm.endpoint(1).address)
        realm.it.add("ns.elsewhere.it", Realm.endpoint(2).address)
        // The server sends it along, but it is not `it`'s to tell.
        realm.it.add("ns.far.org", Realm.endpoint(3).address)
        realm.it.add(Make.record("elsewhere.it", .ns, .ns("ns.elsewhere.it")))
        let (found, _) = await realm.find()
        #expect(found.delegation?.servers.map(\.endpoint) == [Realm.endpoint(2), Realm.endpoint(1)])
        #expect(found.delegation?.unresolved == [])
        #expect(found.delegation?.onlyAtParent == ["ns.elsewhere.it", "ns.far.org"])
    }

    @Test("glue that leads elsewhere than the zone's own address is asked as well, and named")
    func staleGlue() async {
        var realm = Realm(parent: ["ns.example.it"], child: ["ns.example.it"])
        realm.it.add("ns.example.it", IPAddress("127.0.0.99")!)
        realm.zone.add("ns.example.it", Realm.endpoint(1).address)
        let (found, _) = await realm.find()
        let glue = Endpoint("127.0.0.99:53")!
        #expect(found.delegation?.servers.map(\.endpoint) == [Realm.endpoint(1), glue])
        #expect(found.delegation?.onlyInGlue.map(\.endpoint) == [glue])
        #expect(found.delegation?.addressTTLs.count == 2, "the parent tells one, the zone the other")
    }

    @Test("of a hundred names only so many are looked at, the parent's first")
    func hostileSizes() async {
        let many = (0..<100).map { DomainName("n\($0).example.net")! }
        var realm = Realm(parent: Realm.both + many, child: Realm.both + many)
        for (index, name) in many.enumerated() { realm.hosting.add(name, IPAddress("127.0.9.\(index + 1)")!) }
        let (found, requests) = await realm.find()
        #expect(found.delegation?.servers.count == NameServerSet.maximumServers)
        #expect(requests.count < 150)
    }

    @Test("many domains of one registry ask for its servers once")
    func sharedParent() async {
        var realm = Realm()
        let zones = (0..<200).map { LabZone(DomainName("d\($0).it")!, nameServers: Realm.both) }
        for zone in zones {
            for name in Realm.both { realm.it.add(Make.record(zone.apex, .ns, .ns(name))) }
        }
        realm.adjust = { all in for server in 2...3 { all[server].zones += zones } }
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let discovery = AuthorityDiscovery(
            client: client, resolvers: realm.resolvers.map(\.endpoint), now: simulation.clock.now)
        let complete = await simulation.run {
            await withTaskGroup(of: Bool.self) { group in
                for zone in zones {
                    group.addTask { await discovery.servers(of: zone.apex).names == Realm.both }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        #expect(complete == 200)
        let parents = client.requests.filter {
            $0.question.name == "it" || $0.question.name == Realm.registry
        }
        #expect(parents.count == 2 * 3)
        #expect(client.requests.count { $0.server == Realm.registryEndpoint } == 200)
    }
}
