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
    /// The operator's word on when the change was published.
    package var publishedAt: Instant?
    /// The operator's word on when the name servers changed last.
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

/// Asks about domains and lets the core decide. One monitor serves a whole run, for its caches of
/// name servers and exchanges.
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
        // Optional resolvers filter or are out of reach for some: the counted ones are asked for advice.
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

    /// One sweep about a domain of which nothing is known yet.
    package func check(_ domain: DomainName, samples: Int, isThorough: Bool = false) async -> DomainTracker {
        await check(tracker(for: domain), samples: samples, isThorough: isThorough).tracker
    }

    /// One sweep: every resolver and every authoritative server, and those resolvers that show the target `samples`
    /// times in all, from different ports; it lasts as long as the slowest answers.
    ///
    /// - Parameters:
    ///   - start: what is known before, of this monitor's resolvers.
    ///   - isThorough: whether those are asked as often that do not show the target, to find more of their caches.
    ///   - isRemembered: whether a later run will go on from here: then the first look asks for copies of the NS RRset
    ///     also where nothing has switched, since they are gone by then.
    package func check(
        _ start: DomainTracker, samples: Int, isThorough: Bool = false, isRemembered: Bool = true
    ) async -> CheckResult {
        var tracker = start
        let domain = tracker.domain
        let sweep = Sweep(first: tracker)
        if settings.authority == .none {
            sweep.record(await client.exchanges(sweep.requests), in: &tracker)
        } else {
            async let polled = poll(
                domain, known: start.authority, searches: true, scope: .decisive)
            let exchanges = await client.exchanges(sweep.requests)
            take(await polled, in: &tracker)
            sweep.record(exchanges, in: &tracker)
        }
        let isFirstLook = isRemembered && !start.authority.hasBeenSearched
        let rest = Sweep(
            rest: tracker, samples: samples, isThorough: isThorough,
            asksNameServers: settings.authority == .discovery && (isFirstLook || tracker.mayFlip),
            at: clock.now())
        // A resolver's copy of the NS RRset may name servers that nobody else does: they are asked as well.
        if rest.record(await client.exchanges(rest.requests), in: &tracker) {
            await pollOnceMore(&tracker, searches: true)
        }
        tracker.exchangeWarnings = await inspection.warnings(for: tracker.acceptedExchanges)
        var result = CheckResult(tracker: tracker)
        result.conclude(at: clock.now())
        if result.tracker.hasUnexaminedCopy, settings.authority != .none {
            await pollOnceMore(&result.tracker, searches: false)
            result.conclude(at: clock.now())
        }
        await confirmLevels(of: &result)
        return result
    }

    private func pollOnceMore(_ tracker: inout DomainTracker, searches: Bool) async {
        take(
            await poll(
                tracker.domain, known: tracker.authority, searches: searches, scope: .decisive),
            in: &tracker)
    }

    private func take(
        _ polled: (Result<Delegation, SearchError>?, [WatchState.PollAnswer]), in tracker: inout DomainTracker
    ) {
        tracker.authority.take(polled.0, at: clock.now())
        tracker.authority.take(polled.1)
    }

    /// Asks the authoritative servers once more for each level that only waits for their confirmation: in one
    /// sweep those are reached that settle for no time at all.
    private func confirmLevels(of result: inout CheckResult) async {
        for _ in 0..<2 {
            guard let due = result.tracker.nextLevelDue, due <= clock.now() else { return }
            if settings.authority != .none { await pollOnceMore(&result.tracker, searches: false) }
            result.conclude(at: clock.now())
        }
    }
}

/// What one sweep has come to.
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
