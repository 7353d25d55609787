import DNS
import DNSClient
import Propagation

/// A poll of a domain's authoritative servers: it searches them if that is due, and asks them. If they answer that the
/// domain is an alias for a name outside their zones, it does the same with the servers of that end.
///
///     search ──► ask ──► an end that nobody was asked about? ──no──► done
///                 ▲                     │
///                 └── search its zone ◄─┘
extension Monitor {
    /// Searches the authoritative servers if wanted, and asks them. If the search fails, it asks those that are known
    /// already.
    func poll(
        _ domain: DomainName, known: AuthorityState, searches: Bool, scope: WatchState.PollScope
    ) async -> (Result<Delegation, SearchError>?, [WatchState.PollAnswer]) {
        var poll = PollUnderWay(domain: domain, scope: scope)
        if !searches, !known.servers.isEmpty {
            await ask(known.polled, in: &poll)
            let ends = Set(known.servers.compactMap(\.identity.alias))
            let isComplete = poll.links(from: known.servers.map(\.identity)).allSatisfy {
                ends.contains($0.end)
            }
            // An alias that is new needs a search, for the servers of its end.
            if isComplete { return (nil, poll.answers) }
        }
        async let notAsked = serversBesideGiven(known.zone)
        let search = await search(for: domain, known: known)
        var authority = known
        authority.take(search, at: clock.now())
        await ask(authority.polled, in: &poll)
        guard case .success(var delegation) = search else { return (search, poll.answers) }
        delegation.notAsked = await notAsked
        // The first answers tell the zone.
        if known.zone == nil { delegation.notAsked = await serversBesideGiven(poll.zone) }
        return (await follow(delegation, known: known.servers.map(\.identity), in: &poll), poll.answers)
    }

    private func search(
        for domain: DomainName, known: AuthorityState
    ) async -> Result<Delegation, SearchError> {
        guard case .given(let endpoints) = settings.authority else {
            return await discovery.servers(of: domain, and: known.namesToFollow(at: clock.now()))
        }
        let servers = endpoints.map { AuthorityIdentity(name: nil, endpoint: $0) }
        var delegation = Delegation(zone: known.zone, servers: servers)
        delegation.isGiven = true
        return .success(delegation)
    }

    /// The zone's name servers that the operator has not named, if the operator has named any.
    private func serversBesideGiven(_ zone: DomainName?) async -> [DomainName]? {
        guard case .given(let endpoints) = settings.authority, let zone else { return nil }
        return await discovery.servers(of: zone, beside: Set(endpoints.map(\.address)))
    }

    /// Asks those that have not been asked in this poll.
    private func ask(_ servers: [AuthorityIdentity], in poll: inout PollUnderWay) async {
        let servers = servers.filter { poll[$0] == nil }
        guard !servers.isEmpty else { return }
        let questions = AuthorityPoll(domain: poll.domain, servers: servers, scope: poll.scope)
        let exchanges = await client.exchanges(questions.requests)
        poll.take(questions.answers(exchanges, target: settings.target))
    }
}

// MARK: - Aliases that lead out of the zone

extension Monitor {
    /// Searches the servers of every alias's end, from zone to zone, and asks them.
    ///
    /// - Parameter known: servers from earlier, also those of ends, in case a search fails.
    /// - Returns: the delegation with these servers; an error if the aliases lead nowhere and no server of the domain
    ///   itself tells what it serves.
    private func follow(
        _ delegation: Delegation, known: [AuthorityIdentity], in poll: inout PollUnderWay
    ) async -> Result<Delegation, SearchError> {
        var whole = delegation
        var chain = AliasChain(from: poll.domain)
        var asked = delegation.servers
        var failure: SearchError?
        while let ends = chain.extend(by: poll.links(from: asked)) {
            asked = []
            for (end, search) in await search(forEnds: ends) {
                switch search {
                case .success(let found):
                    // Resolvers keep the former name servers of each of these zones for that zone's own TTL.
                    let lifetimes = [whole.nameServerTTL, found.nameServerTTL ?? Policy.assumedNameServerTTL]
                    whole.nameServerTTL = lifetimes.compactMap { $0 }.max()
                    asked += found.servers.map {
                        AuthorityIdentity(name: $0.name, endpoint: $0.endpoint, alias: end)
                    }
                    whole.unresolved += found.unresolved.filter { !whole.unresolved.contains($0) }
                    for (server, ttl) in found.addressTTLs {
                        whole.addressTTLs[
                            AuthorityIdentity(name: server.name, endpoint: server.endpoint, alias: end)] = ttl
                    }
                case .failure(let error):
                    let earlier = known.filter { $0.alias == end }
                    asked += earlier
                    if !earlier.isEmpty { continue }
                    failure = SearchError(
                        zone: delegation.zone, "\(poll.domain) is an alias for \(end), and \(error.message)")
                }
            }
            whole.servers += asked
            await ask(asked, in: &poll)
        }
        failure = chain.fault.map { SearchError(zone: delegation.zone, $0) } ?? failure
        if let failure, !poll.tells(delegation.servers) { return .failure(failure) }
        return .success(whole)
    }

    private func search(
        forEnds ends: [DomainName]
    ) async -> [(DomainName, Result<Delegation, SearchError>)] {
        await withTaskGroup(of: (Int, Result<Delegation, SearchError>).self) { group in
            for (index, end) in ends.enumerated() {
                group.addTask { (index, await discovery.servers(of: end)) }
            }
            var found: [(Int, Result<Delegation, SearchError>)] = []
            for await result in group { found.append(result) }
            return found.sorted { $0.0 < $1.0 }.map { (ends[$0.0], $0.1) }
        }
    }
}

/// The answers of one poll so far.
private struct PollUnderWay: Sendable {
    let domain: DomainName
    let scope: WatchState.PollScope
    private(set) var answers: [WatchState.PollAnswer] = []
    private var places: [AuthorityIdentity: Int] = [:]

    init(domain: DomainName, scope: WatchState.PollScope) {
        self.domain = domain
        self.scope = scope
    }

    /// The zone as the servers tell it.
    var zone: DomainName? { answers.lazy.compactMap(\.zone).first }

    subscript(server: AuthorityIdentity) -> WatchState.PollAnswer? { places[server].map { answers[$0] } }

    mutating func take(_ told: [WatchState.PollAnswer]) {
        for answer in told {
            places[answer.server] = answers.count
            answers.append(answer)
        }
    }

    /// The aliases that servers say lead out of their zones.
    func links(from servers: [AuthorityIdentity]) -> [AliasChain.Link] {
        servers.compactMap { server in
            guard let reading = self[server]?.sample?.reading, reading.isAuthoritative,
                let end = reading.danglingAlias
            else { return nil }
            return AliasChain.Link(alias: server.alias ?? domain, end: end)
        }
    }

    /// Whether a server told what it serves itself.
    func tells(_ servers: [AuthorityIdentity]) -> Bool {
        servers.contains { server in
            guard let reading = self[server]?.sample?.reading else { return false }
            return reading.isAuthoritative && reading.state.isInformative
        }
    }
}

/// A chain of aliases over several zones, link by link (RFC 1034 §3.6.2).
struct AliasChain: Sendable {
    struct Link: Sendable, Hashable {
        var alias: DomainName
        var end: DomainName
    }

    private let start: DomainName
    /// For each end, the alias that first led there.
    private var origins: [DomainName: DomainName] = [:]
    private var length = 0
    /// What is wrong with the chain: a sentence.
    private(set) var fault: String?

    /// Servers that disagree may lead to several ends; more than this are left out.
    static let maximumEnds = Reading.maximumChain + 4

    init(from start: DomainName) { self.start = start }

    /// Adds what the servers of the last ends said.
    ///
    /// - Returns: the ends that are new; `nil` if the chain ends here.
    mutating func extend(by links: [Link]) -> [DomainName]? {
        var ends: [DomainName] = []
        for link in links {
            guard !closesLoop(link) else {
                fault = "the CNAME chain of \(start) loops: it comes back to \(link.end)"
                continue
            }
            guard origins[link.end] == nil, origins.count < Self.maximumEnds else { continue }
            ends.append(link.end)
            origins[link.end] = link.alias
        }
        if ends.isEmpty { return nil }
        length += 1
        guard length <= Reading.maximumChain else {
            fault = "the CNAME chain of \(start) has more than \(Reading.maximumChain) links"
            return nil
        }
        return ends
    }

    /// Whether the link leads back to an alias that led to it.
    private func closesLoop(_ link: Link) -> Bool {
        var name: DomainName? = link.alias
        for _ in 0...origins.count {
            guard let current = name else { return false }
            if current == link.end { return true }
            name = origins[current]
        }
        return false
    }
}
