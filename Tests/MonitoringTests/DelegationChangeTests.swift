import DNS
import DNSClient
import Lab
import Propagation
import Testing

@testable import Monitoring

@Suite("A delegation that changes during a watch", .timeLimit(.minutes(5)))
struct DelegationChangeTests {
    private static let changed = Realm.start + .seconds(400)
    private static let nameServerTTL = 3600

    /// At `changed` the domain moves from ns1 and ns2, which keep the previous MX, to ns3 and ns4, which
    /// have the target.
    private static var realm: Realm {
        var realm = Realm(parentTTL: nameServerTTL, childTTL: 600)
        let new = Array(Realm.names.suffix(2))
        realm.it.change(at: changed) { records in
            records[Question("example.it", .ns)] = new.map {
                Make.record("example.it", .ns, .ns($0), ttl: nameServerTTL)
            }
        }
        var old = LabZone("example.it", nameServers: Realm.both, ttl: TTL(seconds: 600))
        old.setMail(.hosts("mail.old.it", ttl: 1200))
        var moved = LabZone("example.it", nameServers: new, serial: 900, ttl: TTL(seconds: 600))
        moved.setMail(.hosts("mx01.cbsolt.net", ttl: 300))
        let (former, current) = (old, moved)
        realm.adjust = { all in
            for server in 2...3 { all[server].zones[0] = former }
            for server in 4...5 { all[server].zones[0] = current }
        }
        return realm
    }

    @Test("servers that left are former ones, and are polled until no resolver can know them any more")
    func formerServers() async {
        let realm = Self.realm
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let monitor = realm.monitor(client, simulation)
        let seen = Locked<[(at: Instant, current: [DomainName?], former: [DomainName?], until: Instant?)]>([])
        let result = await simulation.run {
            var watcher = Watcher(
                monitor: monitor, trackers: ["example.it"].map(monitor.tracker(for:)),
                condition: .decommission,
                deadline: Realm.start + .seconds(6000), seed: 1,
                onEvent: { event, tracker in
                    guard case .concluded = event.kind else { return }
                    let authority = tracker.authority
                    seen.withLock {
                        $0.append(
                            (
                                event.at, authority.servers.map(\.identity.name),
                                authority.former.map(\.state.identity.name),
                                authority.former.map(\.until).max()
                            ))
                    }
                })
            return await watcher.run()
        }
        let change = seen.withLock { $0.first { $0.current == Array(Realm.names.suffix(2)) } }
        #expect(change?.former == Realm.both)
        let (at, until) = (change?.at ?? Realm.start, change?.until ?? Realm.start)
        #expect(at >= Self.changed && at <= Self.changed + Schedule.searchInterval + .seconds(60))
        #expect(until >= at + .seconds(Self.nameServerTTL - 1))
        let tracker = result.trackers[0]
        #expect(tracker.publishedAt != nil)
        // What ns1 served until then can live for its MX's TTL more.
        #expect((tracker.bound?.at ?? at) >= until + .seconds(1199))
        let polls = client.instants(of: Realm.endpoint(1), .mx)
        #expect(polls.contains { $0 > at + .seconds(600) }, "a former server is still polled")
        #expect(!polls.contains { $0 > until + .seconds(300) }, "and not for ever")
        #expect(tracker.authority.former.isEmpty)
    }
}
