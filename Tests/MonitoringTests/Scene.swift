import DNS
import Lab
import Monitoring
import Propagation

/// What a watch told, in order.
final class Events: Sendable {
    private let all = Locked<[WatchEvent]>([])
    func add(_ event: WatchEvent) { all.withLock { $0.append(event) } }
    var concluded: [(at: Instant, Event)] {
        all.withLock { $0 }.compactMap { event in
            if case .concluded(let conclusion) = event.kind { (event.at, conclusion) } else { nil }
        }
    }
    /// The levels, transitions left out.
    var levels: [Event] {
        concluded.map(\.1).filter { if case .transition = $0 { false } else { true } }
    }
    func first(_ wanted: Event) -> Instant? { concluded.first { $0.1 == wanted }?.at }
    var samples: Int {
        all.withLock { $0 }.count { if case .sample = $0.kind { true } else { false } }
    }
    var instants: [Instant] { all.withLock { $0 }.map(\.at) }
}

/// A switch on simulated time: one zone, two authoritative servers of which one lags, some resolvers.
struct Scene: Sendable {
    static let start = Instant(seconds: 10_000)
    static let switched = start + .seconds(60)
    static let question = Question("example.it", .mx)

    let simulation = Simulation(startingAt: start)
    let client: WorldClient
    let events = Events()
    let resolvers: [ResolverIdentity]
    let authority: [Endpoint] = [Endpoint("127.0.0.21:53")!, Endpoint("127.0.0.22:53")!]

    /// - Parameter age: how long ago each resolver's first cache fetched the previous MX; others are empty.
    init(
        _ resolvers: [LabResolver], oldTTL: Int = 600, lag: Duration = .seconds(30),
        age: (Int) -> Duration = { .seconds(Int64($0 * 37 % 500)) }, rollBackAt: Instant? = nil
    ) {
        var zone = LabZone("example.it", nameServers: ["ns1.example.net", "ns2.example.net"])
        zone.setMail(.hosts("mail.old.it", ttl: oldTTL))
        zone.switchMail(at: Self.switched, to: .hosts("mx01.cbsolt.net", ttl: 300))
        if let rollBackAt { zone.rollBack(at: rollBackAt) }
        var exchanges = LabZone("cbsolt.net", nameServers: ["ns1.example.net"])
        exchanges.add("mx01.cbsolt.net", IPAddress("192.0.2.1")!)
        var world = LabWorld(
            authorities: [
                LabAuthority("ns1.example.net", zones: [zone, exchanges]),
                LabAuthority("ns2.example.net", zones: [zone, exchanges], lag: lag),
            ], resolvers: resolvers, seed: 7)
        for resolver in resolvers.indices {
            for cache in resolvers[resolver].caches.indices {
                world.warm(
                    Self.question, resolver: resolver, cache: cache,
                    at: Self.start - age(resolver + 3 * cache))
            }
        }
        self.resolvers = Make.resolvers(resolvers.count)
        var places = [authority[0]: LabServerID.authority(0), authority[1]: .authority(1)]
        for (index, resolver) in self.resolvers.enumerated() { places[resolver.endpoint] = .resolver(index) }
        client = WorldClient(world, at: places, clock: simulation.clock)
    }

    func watcher(
        until condition: Condition = .propagated, deadline: Duration = .seconds(20_000),
        authority source: AuthoritySource? = nil, publishedAt: Instant? = nil,
        onEvent: @escaping @Sendable (WatchEvent, DomainTracker) -> Void = { _, _ in }
    ) -> Watcher {
        let monitor = Monitor(
            client: client, resolvers: resolvers,
            settings: MonitorSettings(authority: source ?? .given(authority), publishedAt: publishedAt),
            clock: simulation.clock)
        return Watcher(
            monitor: monitor, trackers: [monitor.tracker(for: "example.it")], condition: condition,
            deadline: Self.start + deadline, seed: 1,
            onEvent: { [events] event, tracker in
                events.add(event)
                onEvent(event, tracker)
            })
    }

    func run(_ watcher: Watcher) async -> WatchResult {
        await simulation.run {
            var watcher = watcher
            return await watcher.run()
        }
    }

    var truth: LabTruth { truth(at: simulation.now) }
    func truth(at now: Instant) -> LabTruth {
        client.world.withWorld { world in
            world.truth(about: Self.question, at: now) {
                $0.exchanges?.allSatisfy { $0.exchange != "mail.old.it" } ?? false
            }
        }
    }
}
