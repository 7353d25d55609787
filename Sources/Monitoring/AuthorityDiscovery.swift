import DNS
import DNSClient
import Propagation

/// Finds the authoritative servers of a domain: those that the parent of its zone delegates to, joined with
/// the zone's own NS RRset, and every address of each.
///
///     resolvers ──► zone ──┬──► parent's servers ──► referral ──┐
///                          │                                    ├──► zone's servers ──► own NS ──► addresses
///                          └──► NS, as the resolvers have it ───┘
///
/// Copies in resolvers may be old, or the parent's, and their TTLs run down. So both NS RRsets are taken from
/// those who are responsible for them; what the resolvers have is a start, and the last resort.
struct AuthorityDiscovery: Sendable {
    typealias Found = Result<Delegation, SearchError>

    let client: any Asking
    let resolvers: [Endpoint]
    let addresses: NameServerAddresses
    /// Zones that others are delegated from, by any name in them: thousands of domains have the same parent.
    let enclosingZones: SingleFlight<ZoneServers>
    /// What the parent says, by zone.
    let delegations: SingleFlight<Responsibility>
    /// The zone's own NS RRset, by zone: from its servers, and from resolvers.
    let ownSets: SingleFlight<NameServerSet>
    let advisedSets: SingleFlight<Advised>

    /// An NS RRset as resolvers have it; `nil` in it where they say that there is none.
    struct Advised: Sendable { var set: NameServerSet? }

    init(client: any Asking, resolvers: [Endpoint], now: @escaping @Sendable () -> Instant) {
        self.client = client
        self.resolvers = resolvers
        addresses = NameServerAddresses(now: now)
        enclosingZones = SingleFlight(lifetime: .seconds(300), now: now)
        delegations = SingleFlight(lifetime: .seconds(60), now: now)
        ownSets = SingleFlight(lifetime: .seconds(60), now: now)
        advisedSets = SingleFlight(lifetime: .seconds(60), now: now)
    }

    func servers(of domain: DomainName) async -> Found {
        do throws(SearchError) {
            return .success(try await delegation(of: domain))
        } catch {
            return .failure(error)
        }
    }

    private func delegation(of domain: DomainName) async throws(SearchError) -> Delegation {
        let resolvers = consultation(for: domain)
        let zone = try await zone(of: domain, resolvers)
        async let advised = advised(zone, resolvers)
        let parent = await parentSays(zone, resolvers)
        if case .nonexistent(let parent)? = parent {
            throw SearchError(zone: zone, Self.nonexistent(zone, "the servers of \(Self.described(parent))"))
        }
        var referral: Referral?
        if case .referral(let told)? = parent { referral = told }
        if let own = await ownSet(of: zone, referral, resolvers) {
            return try await joined(zone, referral: referral, own: own, advised: nil, resolvers)
        }
        let told = await advised
        if referral == nil, told?.set == nil {
            throw SearchError(zone: zone, Self.withoutServers(zone, isKnown: told != nil))
        }
        return try await joined(zone, referral: referral, own: nil, advised: told?.set, resolvers)
    }

    /// The resolvers in another order for each domain, so that many domains spread over them.
    private func consultation(for domain: DomainName) -> Consultation {
        Consultation(client: client, resolvers: Self.turned(resolvers, for: domain))
    }

    /// A list in an order that depends on the name.
    static func turned(_ endpoints: [Endpoint], for name: DomainName) -> [Endpoint] {
        guard !endpoints.isEmpty else { return [] }
        let start = name.wire.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % endpoints.count
        return Array(endpoints[start...] + endpoints[..<start])
    }
}

// MARK: - The two NS RRsets

extension AuthorityDiscovery {
    private enum ParentSays: Sendable {
        case referral(Referral)
        case nonexistent(parent: DomainName)
    }

    /// `nil` where the parent's servers cannot be asked, or answer for the zone itself.
    private func parentSays(_ zone: DomainName, _ resolvers: Consultation) async -> ParentSays? {
        guard let above = zone.parent, let parent = await enclosingZone(of: above, resolvers) else {
            return nil
        }
        let said = await delegations.value(for: zone) { await responsibility(for: zone, at: parent) }
        switch said {
        case .referral(let referral) where referral.zone == zone: return .referral(referral)
        case .nonexistent: return .nonexistent(parent: parent.zone)
        default: return nil
        }
    }

    /// The NS RRset as the resolvers have it. Starts looking for the addresses: most will be wanted.
    private func advised(_ zone: DomainName, _ resolvers: Consultation) async -> Advised? {
        let advised = await advisedSets.value(for: zone) {
            await resolvers.ask(Question(zone, .ns)).map { message in
                Advised(set: NameServerSet(of: zone, in: message.answer))
            }
        }
        if let set = advised?.set { _ = await addresses.addresses(of: set.names, resolvers) }
        return advised
    }

    /// The zone's own NS RRset, from a server that answers with authority: one of those that the parent names,
    /// or else that the resolvers know.
    private func ownSet(
        of zone: DomainName, _ referral: Referral?, _ resolvers: Consultation
    ) async -> NameServerSet? {
        await ownSets.value(for: zone) {
            let delegated = referral?.servers.names ?? []
            if let own = await ownSet(of: zone, from: delegated, glue: referral?.glue ?? [:], resolvers) {
                return own
            }
            let others = await advised(zone, resolvers)?.set?.names.filter { !delegated.contains($0) }
            return await ownSet(of: zone, from: others ?? [], glue: [:], resolvers)
        }
    }

    private func ownSet(
        of zone: DomainName, from names: [DomainName], glue: [DomainName: [IPAddress]],
        _ resolvers: Consultation
    ) async -> NameServerSet? {
        let endpoints = await located(names, glue: glue, resolvers).servers.map(\.endpoint)
        let message = await ask(endpoints, Question(zone, .ns)) { message in
            message.isAuthoritative && NameServerSet(of: zone, in: message.answer) != nil
        }.useful
        return message.flatMap { NameServerSet(of: zone, in: $0.answer) }
    }

    /// Asks authoritative servers, IPv4 first: where a host has no way to IPv6 that may cost a timeout.
    func ask(
        _ endpoints: [Endpoint], _ question: Question, waves: [Int] = Consultation.waves,
        isUseful: @Sendable (Message) -> Bool
    ) async -> Consultation.Advice {
        let turned = Self.turned(endpoints, for: question.name)
        let order = turned.filter { !$0.address.isV6 } + turned.filter(\.address.isV6)
        return await Consultation(client: client, authoritative: order, waves: waves)
            .ask(question, isUseful: isUseful)
    }
}

// MARK: - Joined, with addresses

extension AuthorityDiscovery {
    private func joined(
        _ zone: DomainName, referral: Referral?, own: NameServerSet?, advised: NameServerSet?,
        _ resolvers: Consultation
    ) async throws(SearchError) -> Delegation {
        let parents = referral?.servers.names ?? []
        let zones = (own ?? advised)?.names ?? []
        // Where there are too many, those of the parent come first: that is where resolvers begin.
        let all = (parents + zones.filter { !parents.contains($0) }).prefix(NameServerSet.maximumServers)
        let names = all.sorted { $0.description < $1.description }
        let (servers, unresolved) = await located(names, glue: referral?.glue ?? [:], resolvers)
        guard !servers.isEmpty else {
            throw SearchError(
                zone: zone,
                unresolved.isEmpty
                    ? "none of the name servers of the zone \(zone) resolves to an address"
                    : "no resolver told the addresses of the name servers of the zone \(zone)",
                unresolved: unresolved)
        }
        var delegation = Delegation(zone: zone, servers: servers, unresolved: unresolved)
        // A resolver's TTL is what is left of it, and says nothing about how long others hold the RRset.
        delegation.nameServerTTL = [referral?.servers.ttl, own?.ttl].compactMap { $0 }.max()
        if referral != nil, own != nil {
            delegation.onlyAtParent = parents.filter { !zones.contains($0) }
            delegation.onlyAtChild = zones.filter { !parents.contains($0) }
        }
        return delegation
    }

    /// Every address of every name; glue where no resolver tells one.
    private func located(
        _ names: [DomainName], glue: [DomainName: [IPAddress]], _ resolvers: Consultation
    ) async -> (servers: [AuthorityIdentity], unresolved: [DomainName]) {
        let found = await addresses.addresses(of: names, resolvers)
        var (servers, unresolved): ([AuthorityIdentity], [DomainName]) = ([], [])
        for (name, told) in zip(names, found) {
            let list = told.flatMap { $0.isEmpty ? nil : $0 } ?? glue[name] ?? []
            servers += list.map { AuthorityIdentity(name: name, endpoint: Endpoint($0)) }
            if list.isEmpty, told == nil { unresolved.append(name) }
        }
        return (servers, unresolved)
    }
}
