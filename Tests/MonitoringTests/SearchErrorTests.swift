import DNS
import DNSClient
import Lab
import Propagation
import Testing

@testable import Monitoring

@Suite("Domains whose servers cannot be found, or tell nothing", .timeLimit(.minutes(5)))
struct SearchErrorTests {
    @Test(
        "a domain that nobody registered does not exist, as the registry's servers say",
        arguments: [
            ("nowhere.it", "the zone it"), ("www.nowhere.it", "the zone it"),
            ("example.itt", "the root zone"),
        ]
            as [(DomainName, String)])
    func nonexistent(domain: DomainName, zone: String) async {
        let (tracker, verdict, _) = await Realm().check(domain)
        let sentence = "\(domain) does not exist, as the servers of \(zone) say"
        #expect(tracker.authority.discoveryError == sentence)
        #expect(verdict.phase == .undetermined)
        #expect(verdict.exitCode(for: .propagated) == 2)
        #expect(verdict.reasons.contains(.nonexistent(sentence)))
    }

    @Test("where the registry cannot be asked, the resolvers' word is taken")
    func nonexistentByResolvers() async {
        let (found, _) = await Realm().find("nowhere.it", killing: [Realm.registryEndpoint])
        #expect(found.error == SearchError("nowhere.it does not exist, as the resolvers say", isDenial: true))
    }

    @Test("a name that is yet to be added to somebody's zone is asked for in that zone")
    func nameToCome() async {
        let (found, _) = await Realm().find("new.example.it")
        #expect(found.delegation?.zone == "example.it")
    }

    @Test(
        "one server of the registry that lags behind a registration does not outweigh another",
        // Which of them is asked first depends on the domain's name.
        arguments: ["127.0.2.1", "127.0.2.2"])
    func newRegistration(lagging: String) async {
        var realm = Realm()
        realm.net.add(Realm.registry, IPAddress("127.0.2.2")!)
        let stale = LabZone("it", nameServers: [Realm.registry])
        realm.adjust = { all in
            let addresses = ["127.0.2.1", "127.0.2.2"].map { IPAddress($0)! }
            all[1].addresses = addresses.filter { $0 != IPAddress(lagging) }
            all.append(LabAuthority(Realm.registry, addresses: [IPAddress(lagging)!], zones: [stale]))
        }
        let (found, _) = await realm.find()
        #expect(found.names == Realm.both)
        #expect(found.delegation?.nameServerTTL == TTL(seconds: 3600))
    }

    @Test("a zone that resolvers remember and the registry has deleted does not exist")
    func deleted() async {
        let (found, _) = await Realm(parent: []).find()
        #expect(
            found.error
                == SearchError(
                    zone: "example.it", "example.it does not exist, as the servers of the zone it say",
                    isDenial: true))
    }

    @Test("servers that all refuse are found through the parent, and each is named as lame")
    func refusedEverywhere() async {
        var realm = Realm()
        realm.adjust = { all in for server in 2...3 { all[server].conduct = .lame } }
        realm.hosting = Realm().hosting
        let hosting = realm.hosting
        let lame = realm.adjust
        // Somebody else serves the zone of their names.
        realm.adjust = { all in
            lame(&all)
            all[1].zones.append(hosting)
            for server in 4...5 { all[server].zones = [] }
        }
        let (tracker, verdict, _) = await realm.check()
        #expect(tracker.authority.zone == "example.it")
        #expect(tracker.authority.servers.map(\.identity.name) == Realm.both)
        #expect(tracker.authority.servers.map(\.standing) == [.silent("REFUSED"), .silent("REFUSED")])
        #expect(verdict.exitCode(for: .propagated) == 2)
        #expect(verdict.reasons.contains(.authoritySilent(asked: 2)))
        #expect(
            verdict.warnings.contains(
                .silentAuthority(server: tracker.authority.servers[0].identity, "REFUSED")))
    }

    @Test("a zone without NS RRset, which nobody delegates")
    func withoutServers() async {
        let client = ScriptedClient { request in
            request.question == Question("example.it", .soa)
                ? Make.answer(request, [Make.soa("example.it")])
                : Make.answer(request, authority: [Make.soa("example.it")])
        }
        let discovery = AuthorityDiscovery(
            client: client, resolvers: Make.resolvers(4).map(\.endpoint), now: { at(0) })
        let found = await discovery.servers(of: "example.it")
        #expect(
            found.error
                == SearchError(
                    zone: "example.it", "the resolvers say that the zone example.it has no NS RRset"))
    }

    @Test("name servers without glue that lie in each other's zones")
    func circularDelegation() async {
        var realm = Realm(parent: ["ns.other.it"], child: ["ns.other.it"])
        realm.it.add(Make.record("other.it", .ns, .ns("ns.example.it")))
        realm.adjust = { all in for server in 2...5 { all[server].zones.removeFirst() } }
        let (found, requests) = await realm.find()
        #expect(
            found.error
                == SearchError(
                    zone: "example.it",
                    "no resolver gave the addresses of the name servers of the zone example.it"))
        #expect(requests.count < 60)
    }

    @Test("resolvers that fail, and no server above that can be asked")
    func failingResolvers() async {
        let client = ScriptedClient { Make.answer($0, code: .serverFailure) }
        let discovery = AuthorityDiscovery(
            client: client, resolvers: Make.resolvers(10).map(\.endpoint), now: { at(0) })
        let found = await discovery.servers(of: "a.b.c.d.e.f.g.example.it")
        #expect(
            found.error
                == SearchError(
                    "no resolver could tell which zone a.b.c.d.e.f.g.example.it is in: they answer SERVFAIL"))
        // The SOA, and the NS of five ancestors, ten resolvers each.
        #expect(client.requests.count == 60)
    }

    @Test("a search that is cancelled ends at once, wherever it stands", arguments: 1...5)
    func cancellation(step: Int) async {
        let realm = Realm()
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let discovery = AuthorityDiscovery(
            client: client, resolvers: realm.resolvers.map(\.endpoint), now: simulation.clock.now)
        let limit = Realm.start + WorldClient.roundTrip * step - .milliseconds(10)
        let (found, count) = await simulation.run {
            await withTaskGroup(of: AuthorityDiscovery.Found?.self) { group in
                group.addTask { await discovery.servers(of: "example.it") }
                group.addTask {
                    try? await simulation.clock.sleep(limit)
                    return nil
                }
                var found = await group.next() ?? nil
                let count = client.requests.count
                group.cancelAll()
                for await result in group { found = result ?? found }
                return (found, count)
            }
        }
        #expect(found != nil)
        #expect(simulation.now == min(limit, Realm.start + WorldClient.roundTrip * 4))
        #expect(client.requests.count == count, "nothing is asked after the cancellation")
    }

    @Test(
        "whatever is broken, a check comes to an end after a bounded number of questions", arguments: 0..<60)
    func bounded(seed: UInt64) async {
        var generator = SeededGenerator(seed: seed)
        var realm = Realm(
            parent: Realm.names.filter { _ in Bool.random(using: &generator) },
            child: Realm.names.filter { _ in Bool.random(using: &generator) })
        realm.seed = seed
        realm.zone.add(Make.record("mail.example.it", .cname, .cname("in.far.net")))
        var far = LabZone("far.net", nameServers: ["ns3.example.net"])
        let end: DomainName = Bool.random(using: &generator) ? "mail.example.it" : "in.gone.net"
        far.add(Make.record("in.far.net", .cname, .cname(end)))
        realm.addZone(far, at: 3)
        let conducts: [LabAuthority.Conduct] = (0..<6).map { _ in
            [.authoritative, .authoritative, .lame, .withoutAuthority, .failing(.serverFailure)]
                .randomElement(using: &generator)!
        }
        let losses = (0..<6).map { _ in [0, 0, 0.5, 1].randomElement(using: &generator)! }
        let served = realm.adjust
        realm.adjust = { all in
            served(&all)
            for server in all.indices {
                all[server].conduct = conducts[server]
                all[server].manners.loss = losses[server]
            }
        }
        let everybody =
            realm.authorities.flatMap(\.addresses).map { Endpoint($0) } + realm.resolvers.map(\.endpoint)
        let dead = everybody.filter { _ in Int.random(in: 0..<5, using: &generator) == 0 }
        for domain in ["example.it", "mail.example.it", "nowhere.it", "a.b.example.it"] as [DomainName] {
            let (_, verdict, requests) = await realm.check(domain, killing: dead)
            #expect(requests.count < 250, "\(domain)")
            #expect(!verdict.reasons.isEmpty)
        }
    }
}
