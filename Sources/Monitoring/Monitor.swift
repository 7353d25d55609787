import DNS
import DNSClient
import Propagation

/// Where the authoritative servers come from.
package enum AuthoritySource: Sendable, Equatable {
    /// Those that the parent of the domain's zone names, and the zone itself.
    case discovery
    /// Given by the operator.
    case given([Endpoint])
    /// Not asked: the verdict rests on the resolvers alone.
    case none
}

/// What holds for every domain of a run.
package struct MonitorSettings: Sendable {
    package var target: Target
    package var policy: Policy
    package var authority: AuthoritySource
    /// When the change was published, as the operator says.
    package var publishedAt: Instant?
    /// When the name servers changed last, as the operator says.
    package var nameServersSince: Instant?

    package init(
        target: Target = .qboxmail, policy: Policy = Policy(), authority: AuthoritySource = .discovery,
        publishedAt: Instant? = nil, nameServersSince: Instant? = nil
    ) {
        self.target = target
        self.policy = policy
        self.authority = authority
        self.publishedAt = publishedAt
        self.nameServersSince = nameServersSince
    }
}

/// Asks about domains and lets the core decide. One monitor serves a whole run, so that all domains share its caches
/// of name servers and exchanges.
package struct Monitor: Sendable {
    package let resolvers: [ResolverIdentity]
    package let settings: MonitorSettings
    private let unasked: [ResolverState]
    let client: any Asking
    let clock: MonitorClock
    let discovery: AuthorityDiscovery
    let inspection: ExchangeInspection

    package init(
        client: any Asking, resolvers: [ResolverIdentity], settings: MonitorSettings, clock: MonitorClock
    ) {
        self.client = client
        self.resolvers = resolvers
        unasked = resolvers.map(ResolverState.init)
        self.settings = settings
        self.clock = clock
        // Ask the counted resolvers for advice: optional ones may filter, or be out of reach.
        let advisers = (resolvers.filter { !$0.isOptional } + resolvers.filter(\.isOptional)).map(\.endpoint)
        discovery = AuthorityDiscovery(client: client, resolvers: advisers, now: clock.now)
        inspection = ExchangeInspection(client: client, resolvers: advisers, now: clock.now)
    }

    /// Starts what every domain will want to know.
    package func prepare() {
        inspection.prefetch(settings.target.hosts)
    }

    /// A tracker that knows nothing yet.
    package func tracker(for domain: DomainName) -> DomainTracker {
        DomainTracker(
            domain: domain, target: settings.target, policy: settings.policy, unasked: unasked,
            asksAuthority: settings.authority != .none, publishedAt: settings.publishedAt,
            nameServersSince: settings.nameServersSince)
    }

    /// One sweep about a domain, without earlier knowledge.
    package func check(_ domain: DomainName, samples: Int, isThorough: Bool = false) async -> DomainTracker {
        await check(tracker(for: domain), samples: samples, isThorough: isThorough).tracker
    }

    /// One sweep about a domain, with earlier knowledge.
    package func check(
        _ start: DomainTracker, samples: Int, isThorough: Bool = false, isRemembered: Bool = true
    ) async -> CheckResult {
        await check([start], samples: samples, isThorough: isThorough, isRemembered: isRemembered)[0]
    }

    /// One sweep: it asks every resolver and every authoritative server. Resolvers that show the target are asked
    /// `samples` times in all, from different ports. The sweep takes as long as the slowest answers.
    ///
    /// - Parameters:
    ///   - starts: the earlier knowledge about each domain, with this monitor's resolvers. Each part of the sweep asks
    ///     about all of them at once, which costs less than one batch per domain.
    ///   - isThorough: whether resolvers that do not show the target are asked as often, to find more of their caches.
    ///   - isRemembered: whether a later run will continue from here. Then the first look asks for copies of the NS
    ///     RRset even if nothing has switched, because these copies are gone later.
    /// - Returns: what was learnt, in the order of `starts`.
    package func check(
        _ starts: [DomainTracker], samples: Int, isThorough: Bool = false, isRemembered: Bool = true
    ) async -> [CheckResult] {
        var trackers = starts
        let sweeps = trackers.map(Sweep.init(first:))
        async let polled = poll(starts, Array(starts.indices), searches: true)
        let exchanges = await client.exchanges(sweeps.flatMap(\.requests))
        take(await polled, in: &trackers)
        Sweep.record(exchanges, of: sweeps, in: &trackers)

        let now = clock.now()
        let rests = zip(starts, trackers).map { start, tracker in
            let isFirstLook = isRemembered && !start.authority.hasBeenSearched
            return Sweep(
                rest: tracker, samples: samples, isThorough: isThorough,
                asksNameServers: settings.authority == .discovery && (isFirstLook || tracker.mayFlip), at: now
            )
        }
        // A resolver's copy of the NS RRset may name servers that nobody else names: ask them too.
        let named = Sweep.record(
            await client.exchanges(rests.flatMap(\.requests)), of: rests, in: &trackers)
        take(await poll(trackers, named, searches: true), in: &trackers)

        let warnings = await inspection.warnings(for: trackers.map(\.acceptedExchanges))
        for index in trackers.indices { trackers[index].exchangeWarnings = warnings[index] }
        var results = trackers.map { CheckResult(tracker: $0) }
        for index in results.indices { results[index].conclude(at: clock.now()) }
        await pollOnceMore(&results) { settings.authority != .none && $0.hasUnexaminedCopy }
        // For levels that only wait for their confirmation: one sweep can reach those without a waiting period.
        for _ in 0..<2 {
            await pollOnceMore(&results) { $0.nextLevelDue.map { $0 <= clock.now() } ?? false }
        }
        return results
    }

    /// Asks the authoritative servers of some domains once more, and concludes.
    private func pollOnceMore(_ results: inout [CheckResult], where isWanted: (DomainTracker) -> Bool) async {
        let wanted = results.indices.filter { isWanted(results[$0].tracker) }
        guard !wanted.isEmpty else { return }
        var trackers = results.map(\.tracker)
        take(await poll(trackers, wanted, searches: false), in: &trackers)
        for index in wanted {
            results[index].tracker = trackers[index]
            results[index].conclude(at: clock.now())
        }
    }

    private typealias Polled = (Result<Delegation, SearchError>?, [WatchState.PollAnswer])

    /// Polls the authoritative servers of some of these domains at once, if any are asked at all.
    private func poll(_ trackers: [DomainTracker], _ indices: [Int], searches: Bool) async -> [Int: Polled] {
        guard settings.authority != .none, !indices.isEmpty else { return [:] }
        return await withTaskGroup(of: (Int, Polled).self) { group in
            for index in indices {
                let (domain, known) = (trackers[index].domain, trackers[index].authority)
                group.addTask {
                    (index, await poll(domain, known: known, searches: searches, scope: .decisive))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func take(_ polled: [Int: Polled], in trackers: inout [DomainTracker]) {
        for (index, (search, answers)) in polled {
            trackers[index].authority.take(search, at: clock.now())
            trackers[index].authority.take(answers)
        }
    }
}

/// The result of one sweep.
package struct CheckResult: Sendable {
    package fileprivate(set) var tracker: DomainTracker
    /// What the core concluded, in order.
    package private(set) var events: [(at: Instant, event: Event)] = []

    fileprivate mutating func conclude(at now: Instant) {
        events += tracker.conclude(at: now).map { (now, $0) }
    }
}

extension DomainTracker {
    /// The accepted exchanges that any server shows.
    var acceptedExchanges: Set<DomainName> {
        var names: Set<DomainName> = []
        func collect(_ reading: Reading?) {
            for exchange in reading?.exchanges ?? []
            where exchange.accepted && !names.contains(exchange.exchange) {
                names.insert(exchange.exchange)
            }
        }
        for server in authority.servers { collect(server.reading) }
        for resolver in resolvers { collect(resolver.lastInformative) }
        return names
    }
}
