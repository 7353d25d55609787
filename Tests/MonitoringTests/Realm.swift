import DNS
import DNSClient
import Lab
import Propagation

@testable import Monitoring

/// A tree of zones with real delegations, each server at addresses of its own: the root, `it`, and `net`,
/// under which `example.it` is served by `ns1.example.net` and `ns2.example.net`.
struct Realm: Sendable {
    var root: LabZone
    var it: LabZone
    var net: LabZone
    var zone: LabZone
    /// `example.net`, with the addresses of `ns1` to `ns4`.
    var hosting: LabZone
    /// Changes the servers: those of the root, of the top-level domains, then `ns1` to `ns4`.
    var adjust: @Sendable (inout [LabAuthority]) -> Void = { _ in }
    var resolverCount = 4
    var seed: UInt64 = 1

    static let start = Instant(seconds: 10_000)
    static let rootServer: DomainName = "a.root.net"
    static let registry: DomainName = "a.nic.net"
    /// `ns1.example.net` to `ns4.example.net`.
    static let names: [DomainName] = (1...4).map { DomainName("ns\($0).example.net")! }
    static let both = Array(names.prefix(2))

    static func endpoint(_ number: Int) -> Endpoint { Endpoint("127.0.0.\(10 + number):53")! }
    static let rootEndpoint = Endpoint("127.0.1.1:53")!
    static let registryEndpoint = Endpoint("127.0.2.1:53")!

    /// - Parameters:
    ///   - parent: the name servers that `it` names for `example.it`, and with which TTL.
    ///   - child: those that the zone itself names.
    init(
        parent: [DomainName] = both, parentTTL: Int = 3600, child: [DomainName] = both, childTTL: Int = 3600
    ) {
        root = LabZone(.root, nameServers: [Self.rootServer])
        root.add(Make.record("it", .ns, .ns(Self.registry)), Make.record("net", .ns, .ns(Self.registry)))
        it = LabZone("it", nameServers: [Self.registry])
        for name in parent { it.add(Make.record("example.it", .ns, .ns(name), ttl: parentTTL)) }
        net = LabZone("net", nameServers: [Self.registry])
        net.add(Make.record("example.net", .ns, .ns("ns1.example.net")))
        net.add(Self.rootServer, IPAddress("127.0.1.1")!)
        net.add(Self.registry, IPAddress("127.0.2.1")!)
        zone = LabZone("example.it", nameServers: child, ttl: TTL(seconds: childTTL))
        zone.setMail(.hosts("mx01.cbsolt.net", ttl: 300))
        hosting = LabZone("example.net", nameServers: ["ns1.example.net"])
        for (index, name) in Self.names.enumerated() {
            hosting.add(name, Self.endpoint(index + 1).address)
        }
    }

    var authorities: [LabAuthority] {
        var all = [
            LabAuthority(Self.rootServer, addresses: [Self.rootEndpoint.address], zones: [root]),
            LabAuthority(Self.registry, addresses: [Self.registryEndpoint.address], zones: [it, net]),
        ]
        for (index, name) in Self.names.enumerated() {
            let address = Self.endpoint(index + 1).address
            all.append(LabAuthority(name, addresses: [address], zones: [zone, hosting]))
        }
        adjust(&all)
        return all
    }

    /// Adds a zone `name` below `net`, served by `server` alone.
    mutating func addZone(_ zone: LabZone, at server: Int) {
        net.add(Make.record(zone.apex, .ns, .ns(Self.names[server - 1])))
        let former = adjust
        adjust = { all in
            former(&all)
            all[1 + server].zones.append(zone)
        }
    }

    var resolvers: [ResolverIdentity] { Make.resolvers(resolverCount) }

    func client(_ simulation: Simulation) -> WorldClient {
        let world = LabWorld(
            authorities: authorities, resolvers: (0..<resolverCount).map { LabResolver("r\($0)") }, seed: seed
        )
        var places: [Endpoint: LabServerID] = [:]
        for (index, resolver) in resolvers.enumerated() { places[resolver.endpoint] = .resolver(index) }
        for (index, authority) in world.authorities.enumerated() {
            for address in authority.addresses { places[Endpoint(address)] = .authority(index) }
        }
        return WorldClient(world, at: places, clock: simulation.clock)
    }

    /// What a search finds, and what it asked.
    func find(
        _ domain: DomainName = "example.it", killing dead: [Endpoint] = []
    ) async -> (AuthorityDiscovery.Found, [Request]) {
        let simulation = Simulation(startingAt: Self.start)
        let client = client(simulation)
        client.kill(dead)
        let discovery = AuthorityDiscovery(
            client: client, resolvers: resolvers.map(\.endpoint), now: simulation.clock.now)
        let found = await simulation.run { await discovery.servers(of: domain) }
        return (found, client.requests)
    }

    /// What a check of a domain tells, how long it takes, and what it asked.
    func check(
        _ domain: DomainName = "example.it", authority: AuthoritySource = .discovery,
        killing dead: [Endpoint] = []
    ) async -> (DomainTracker, Verdict, [Request]) {
        let simulation = Simulation(startingAt: Self.start)
        let client = client(simulation)
        client.kill(dead)
        let monitor = monitor(client, simulation, authority: authority)
        let tracker = await simulation.run { await monitor.check(domain, samples: 3) }
        return (tracker, tracker.verdict(at: simulation.now), client.requests)
    }

    func monitor(
        _ client: WorldClient, _ simulation: Simulation, authority: AuthoritySource = .discovery
    ) -> Monitor {
        Monitor(
            client: client, resolvers: resolvers,
            settings: MonitorSettings(policy: Policy(confirmationSpread: .zero), authority: authority),
            clock: simulation.clock)
    }
}

extension Result<Delegation, SearchError> {
    var delegation: Delegation? { try? get() }
    var names: [DomainName?] { delegation?.servers.map(\.name) ?? [] }
    var error: SearchError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
