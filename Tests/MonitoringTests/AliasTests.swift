import DNS
import DNSClient
import Lab
import Propagation
import Testing

@testable import Monitoring

@Suite("A domain that is an alias into another zone", .timeLimit(.minutes(5)))
struct AliasTests {
    /// `mail.example.it` is an alias for `in.far.net`, served by ns3 alone.
    private static func realm(_ mail: LabMail, ttl: Int = 900) -> Realm {
        var realm = Realm()
        realm.zone.add(Make.record("mail.example.it", .cname, .cname("in.far.net"), ttl: ttl))
        var far = LabZone("far.net", nameServers: ["ns3.example.net"], serial: 77)
        far.setMail(mail, of: "in.far.net")
        realm.addZone(far, at: 3)
        return realm
    }

    private static let end = AuthorityIdentity(
        name: "ns3.example.net", endpoint: Realm.endpoint(3), alias: "in.far.net")

    @Test("the zone is that of the alias, and the servers of its end are asked about the end")
    func target() async {
        let (tracker, verdict, requests) = await Self.realm(.hosts("mx01.cbsolt.net", ttl: 300))
            .check("mail.example.it")
        #expect(tracker.authority.zone == "example.it")
        #expect(tracker.authority.servers.map(\.identity.name) == Realm.both + ["ns3.example.net"])
        #expect(tracker.authority.servers.last?.identity == Self.end)
        #expect(tracker.authority.servers.last?.serial == SerialNumber(77))
        let served = tracker.authority.servers.map(tracker.authority.effectiveReading)
        #expect(served.map { $0?.state } == [.target, .target, .target])
        #expect(served[0]?.lifetime == TTL(seconds: 900))
        #expect(verdict.exitCode(for: .propagated) == 0)
        let asked = requests.filter { $0.server == Self.end.endpoint && $0.question.type == .mx }
        #expect(Set(asked.map(\.question.name)) == ["in.far.net"])
    }

    @Test("the previous MX at the end is not the change")
    func previous() async {
        let (_, verdict, _) = await Self.realm(.hosts("mail.old.it", ttl: 300)).check("mail.example.it")
        #expect(verdict.phase == .unpublished)
        #expect(verdict.publishedAt == nil)
    }

    @Test("where the end's servers are silent nothing is known")
    func silent() async {
        let (tracker, verdict, _) = await Self.realm(.hosts("mx01.cbsolt.net", ttl: 300))
            .check("mail.example.it", killing: [Self.end.endpoint])
        #expect(tracker.authority.answering.isEmpty)
        #expect(verdict.exitCode(for: .propagated) == 2)
    }

    @Test("an end that does not exist is told")
    func nonexistentEnd() async {
        var realm = Realm()
        realm.zone.add(Make.record("mail.example.it", .cname, .cname("in.gone.net")))
        let (tracker, verdict, _) = await realm.check("mail.example.it")
        #expect(
            tracker.authority.discoveryError
                == "mail.example.it is an alias for in.gone.net,"
                + " and in.gone.net does not exist, as the servers of the zone net say")
        #expect(verdict.exitCode(for: .propagated) == 2)
    }

    @Test("a chain over two more zones is followed to its end")
    func chain() async {
        var realm = Realm()
        realm.zone.add(Make.record("mail.example.it", .cname, .cname("in.far.net"), ttl: 100))
        var far = LabZone("far.net", nameServers: ["ns3.example.net"])
        far.add(Make.record("in.far.net", .cname, .cname("in.farther.net"), ttl: 4000))
        var farther = LabZone("farther.net", nameServers: ["ns4.example.net"])
        farther.setMail(.hosts("mail.old.it", ttl: 300), of: "in.farther.net")
        realm.addZone(far, at: 3)
        realm.addZone(farther, at: 4)
        let (tracker, verdict, _) = await realm.check("mail.example.it")
        #expect(
            tracker.authority.servers.compactMap(\.identity.alias) == ["in.far.net", "in.farther.net"])
        let served = tracker.authority.effectiveReading(of: tracker.authority.servers[0])
        #expect(served?.state == .previous)
        #expect(served?.lifetime == TTL(seconds: 4000))
        #expect(verdict.phase == .unpublished)
    }

    @Test("a chain that loops over two zones is a clear error")
    func loop() async {
        var realm = Realm()
        realm.zone.add(Make.record("mail.example.it", .cname, .cname("in.far.net")))
        var far = LabZone("far.net", nameServers: ["ns3.example.net"])
        far.add(Make.record("in.far.net", .cname, .cname("mail.example.it")))
        // It does not know the other zone, else it would see the loop itself.
        realm.adjust = { $0[4].zones.removeFirst() }
        realm.addZone(far, at: 3)
        let (tracker, verdict, requests) = await realm.check("mail.example.it")
        #expect(
            tracker.authority.discoveryError
                == "the CNAME chain of mail.example.it loops: it comes back to mail.example.it")
        #expect(verdict.exitCode(for: .propagated) == 2)
        #expect(requests.count < 150)
    }

    @Test("a chain is followed over eight zones, not over nine", arguments: [8, 9])
    func longChain(zones: Int) async {
        var realm = Realm()
        realm.zone.add(Make.record("mail.example.it", .cname, .cname("in.far1.net")))
        for number in 1...zones {
            let (name, next) = (DomainName("in.far\(number).net")!, DomainName("in.far\(number + 1).net")!)
            // Neighbours on different servers, each of which knows its own zones alone.
            var far = LabZone(name.parent!, nameServers: [Realm.names[2 + number % 2]])
            if number == zones {
                far.setMail(.hosts("mx01.cbsolt.net", ttl: 300), of: name)
            } else {
                far.add(Make.record(name, .cname, .cname(next)))
            }
            realm.addZone(far, at: 3 + number % 2)
        }
        let (tracker, _, _) = await realm.check("mail.example.it")
        let served = tracker.authority.servers.first.flatMap(tracker.authority.effectiveReading)
        if zones == 8 {
            #expect(served?.state == .target)
        } else {
            #expect(
                tracker.authority.discoveryError == "the CNAME chain of mail.example.it has more than 8 links"
            )
        }
    }

    @Test("polls that do not search ask the servers of the end too; the alias's own end goes with the alias")
    func watched() async {
        var realm = Self.realm(.hosts("mail.old.it", ttl: 300))
        realm.zone.change(at: Realm.start + .seconds(100)) { records in
            records[Question("mail.example.it", .cname)] = nil
            records[Question("mail.example.it", .mx)] = [Make.mx("mail.example.it", "mx01.cbsolt.net")]
        }
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let monitor = realm.monitor(client, simulation)
        let servers = Locked<[[AuthorityIdentity]]>([])
        let result = await simulation.run {
            var watcher = Watcher(
                monitor: monitor, trackers: ["mail.example.it"].map(monitor.tracker(for:)),
                condition: .published,
                deadline: Realm.start + .seconds(2000), seed: 1,
                onEvent: { event, tracker in
                    if case .concluded = event.kind {
                        servers.withLock { $0.append(tracker.authority.servers.map(\.identity)) }
                    }
                })
            return await watcher.run()
        }
        let polls = client.requests.filter { $0.server == Self.end.endpoint && $0.question.type == .mx }
        #expect(polls.count >= 4, "every 30 s, and searched but once in that time")
        #expect(result.ending == .conditionMet)
        let published = result.trackers[0].publishedAt ?? Realm.start
        // The next search drops the servers of the end that is no longer the alias's: what they serve is
        // reached through copies of the alias alone.
        #expect(published < Realm.start + .seconds(400))
        #expect(result.trackers[0].authority.servers.map(\.identity.name) == Realm.both)
        #expect(result.trackers[0].authority.former.isEmpty)
    }

    @Test("an alias that comes into sight between two searches is followed at once")
    func appearing() async {
        var realm = Realm()
        realm.zone.setMail(.hosts("mail.old.it", ttl: 300), of: "mail.example.it")
        realm.zone.change(at: Realm.start + .seconds(40)) { records in
            records[Question("mail.example.it", .mx)] = nil
            records[Question("mail.example.it", .cname)] = [
                Make.record("mail.example.it", .cname, .cname("in.far.net"))
            ]
        }
        var far = LabZone("far.net", nameServers: ["ns3.example.net"])
        far.setMail(.hosts("mx01.cbsolt.net", ttl: 300), of: "in.far.net")
        realm.addZone(far, at: 3)
        let simulation = Simulation(startingAt: Realm.start)
        let monitor = realm.monitor(realm.client(simulation), simulation)
        let result = await simulation.run {
            var watcher = Watcher(
                monitor: monitor, trackers: ["mail.example.it"].map(monitor.tracker(for:)),
                condition: .published,
                deadline: Realm.start + .seconds(2000), seed: 1, onEvent: { _, _ in })
            return await watcher.run()
        }
        #expect(result.ending == .conditionMet)
        #expect((result.trackers[0].publishedAt ?? .init(seconds: 0)) < Realm.start + .seconds(70))
        #expect(result.trackers[0].authority.servers.last?.identity == Self.end)
    }
}
