import DNS
import Lab
import Propagation

/// A *world*: servers, how they are watched, and all that will happen. A value: each run of it is the same.
package struct SimulatedWorld: Sendable {
    /// When the watch begins: 00:00:00 of every timeline.
    package static let origin = Instant(seconds: 10_000_000)

    /// Of all chance while the world runs.
    package var seed: UInt64
    package var domain: DomainName
    package var lab: LabWorld
    /// The watch's links.
    package var authorityLinks: [Link]
    package var resolverLinks: [Link]
    package var watch = WatchPlan()
    /// In order of time; those before `origin` load copies for the watch to find.
    package var visits: [Visit] = []
    /// When the machine of the watch sleeps.
    package var sleeps: [Range<Instant>] = []
    /// The times between a run and the next, which goes on from its recollection.
    package var interruptions: [Range<Instant>] = []
    /// When the wall clock is put forward or back, and how far. The core never sees it.
    package var wallSteps: [WallStep] = []
    /// Nothing is simulated after this.
    package var end: Instant
    package var traits: Traits = []
    package var numbering = Numbering.steps

    /// A *visit* in a world: another client's question to one cache of a resolver.
    package struct Visit: Hashable, Sendable {
        package var at: Instant
        package var resolver: Int
        package var cache: Int

        package init(at instant: Instant, resolver: Int, cache: Int) {
            at = instant
            self.resolver = resolver
            self.cache = cache
        }
    }

    package struct WallStep: Hashable, Sendable {
        package var at: Instant
        package var step: Duration

        package init(at instant: Instant, by step: Duration) {
            at = instant
            self.step = step
        }
    }

    /// SOA REFRESH and RETRY of the zone, in seconds.
    package var refresh: UInt32 = 3600
    package var retry: UInt32 = 0

    /// What decides how a world's verdict is judged.
    package struct Traits: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Caches stretch TTLs or serve stale, or authoritative servers flap: no bound holds.
        package static let breaksTTLs = Traits(rawValue: 1)
    }

    package init(
        seed: UInt64, domain: DomainName = "example.it", lab: LabWorld, authorityLinks: [Link],
        resolverLinks: [Link], end: Instant
    ) {
        self.seed = seed
        self.domain = domain
        self.lab = lab
        self.authorityLinks = authorityLinks
        self.resolverLinks = resolverLinks
        self.end = end
    }

    package var question: Question { Question(domain, .mx) }
}

/// How a domain is watched.
package struct WatchPlan: Sendable {
    package var target = Target.qboxmail
    package var policy = Policy()
    package var condition = Condition.secondPass
    package var asksAuthority = true
    /// The operator's word on when the change was published.
    package var publishedAt: Instant?
    /// … and on when the name servers last changed.
    package var nameServersSince: Instant?
    /// Whether every run is told `--previous-ttl`, as from a script, not only the first.
    package var isSaidAgain = false
    /// What every run but the first is told instead.
    package var laterTTL: TTL?
    /// Whether searches tell the TTLs of the name servers' addresses, as for names in the zone.
    package var tellsAddressTTLs = true
    /// Servers of which each search leaves one out: their name's addresses rotate.
    package var rotatingServers: [Int] = []
    /// The resolvers that are listed `optional`, by index.
    package var optionalResolvers: Set<Int> = []
    /// The probability that a search for the authoritative servers fails, 0 to 1.
    package var searchFailures = 0.0
    /// Whether the watch goes on to the world's end, even when its condition is met.
    package var goesOn = false

    package init() {}
}

// MARK: - Names and addresses

extension SimulatedWorld {
    /// The resolvers as in the watch's list.
    package var resolverIdentities: [ResolverIdentity] {
        lab.resolvers.indices.map { index in
            ResolverIdentity(
                name: lab.resolvers[index].name,
                endpoint: Endpoint(.v4(Self.resolverNetwork | UInt32(index))),
                isOptional: watch.optionalResolvers.contains(index))
        }
    }

    package func authorityIdentity(_ index: Int) -> AuthorityIdentity {
        AuthorityIdentity(
            name: lab.authorities[index].name, endpoint: Endpoint(.v4(Self.authorityNetwork | UInt32(index))))
    }

    /// What a complete search finds at `now`.
    ///
    /// - Parameter names: name servers from resolvers' copies of the NS RRset.
    package func delegation(at now: Instant, following names: [DomainName] = []) -> Delegation {
        let zone = lab.authorities.lazy.compactMap { $0.zone(for: domain)?.apex }.first
        guard let told = lab.sources.delegation(for: domain, at: now) else {
            return Delegation(
                zone: zone, servers: lab.authorities.indices.filter(carriesDomain).map(authorityIdentity))
        }
        var found = Delegation(
            zone: zone, servers: told.reachable.map(authorityIdentity), nameServerTTL: told.longestTTL)
        if watch.tellsAddressTTLs {
            found.addressTTLs = Dictionary(
                found.servers.map { ($0, told.addressTTL) }, uniquingKeysWith: { first, _ in first })
        }
        found.onlyInGlue = Set(told.glue.map(authorityIdentity))
        found.onlyAtSomeParents = told.behind.map { lab.authorities[$0].name }
        let known = Set(found.servers.compactMap(\.name))
        found.held = names.filter { !known.contains($0) }.flatMap { name in
            lab.sources.addresses(of: name, for: domain, at: now).servers.map(authorityIdentity)
        }
        return found
    }

    /// Whether an authoritative server carries the domain's zone, lame or not.
    package func carriesDomain(_ index: Int) -> Bool { lab.authorities[index].zone(for: domain) != nil }

    func authorityIndex(_ identity: AuthorityIdentity) -> Int {
        guard case .v4(let address) = identity.endpoint.address else { return 0 }
        return Int(address & 0xFF)
    }

    // RFC 5737: addresses for documentation.
    private static let authorityNetwork: UInt32 = 0xC000_0200
    private static let resolverNetwork: UInt32 = 0xC633_6400
}

// MARK: - The watch

extension SimulatedWorld {
    /// The watch's tracker at the beginning.
    var tracker: DomainTracker { tracker(previousTTL: watch.policy.previousTTL) }

    func tracker(previousTTL: TTL?) -> DomainTracker {
        var policy = watch.policy
        policy.previousTTL = previousTTL
        return DomainTracker(
            domain: domain, target: watch.target, policy: policy, resolvers: resolverIdentities,
            asksAuthority: watch.asksAuthority, publishedAt: watch.publishedAt,
            nameServersSince: watch.nameServersSince)
    }

    func watchState(_ tracker: DomainTracker, seed: UInt64, at now: Instant) -> WatchState {
        WatchState(
            trackers: [tracker], condition: watch.condition,
            rates: Array(repeating: 20, count: lab.resolvers.count), seed: seed, at: now)
    }
}
