import DNS
import DNSClient
import Propagation

/// Finds the authoritative servers of a domain: those that the parent of its zone delegates to, joined with
/// the zone's own NS RRset, and every address of each.
///
///     resolvers ──► zone ──┬──► parent's servers ──► referral ──────────────────┐
///                          │                                                    ├──► addresses
///                          └──► NS in resolvers ──► zone's servers ──► own NS ──┘
///
/// Copies in resolvers may be old, or the parent's, and their TTLs run down. So both NS RRsets come from the servers
/// that are responsible for them. The copies of resolvers are only the start, and the last resort.
struct AuthorityDiscovery: Sendable {
    typealias Found = Result<Delegation, SearchError>

    let client: any Asking
    let resolvers: [Endpoint]
    let addresses: NameServerAddresses
    /// Parent zones, by any name in them: thousands of domains have the same parent.
    let enclosingZones: SingleFlight<ZoneServers>
    /// What the parent says, by zone.
    let delegations: SingleFlight<Responsibility>
    /// What the resolvers say, by zone, and the servers that they name.
    let advised: SingleFlight<Advised>
    /// The name servers that we do not ask because the operator has named others, by zone.
    private let besides: SingleFlight<[DomainName]>
    /// The zone's own NS RRset, from the servers that the parent names, by zone.
    let ownSets: SingleFlight<NameServerSet>

    /// An NS RRset from resolvers, and what its servers told.
    struct Advised: Sendable {
        /// `nil` if the resolvers say that there is none.
        var set: NameServerSet?
        /// Where these servers are.
        var endpoints: [Endpoint] = []
        /// The zone's own NS RRset, from one of them.
        var own: NameServerSet?
        /// The addresses of its name servers in the zone, from these servers.
        var addresses: [DomainName: OwnAddresses] = [:]
    }

    init(client: any Asking, resolvers: [Endpoint], now: @escaping @Sendable () -> Instant) {
        self.client = client
        self.resolvers = resolvers
        addresses = NameServerAddresses(now: now)
        enclosingZones = SingleFlight(lifetime: .seconds(300), now: now)
        delegations = SingleFlight(lifetime: .seconds(60), now: now)
        ownSets = SingleFlight(lifetime: .seconds(60), now: now)
        advised = SingleFlight(lifetime: .seconds(60), now: now)
        besides = SingleFlight(lifetime: .seconds(300), now: now)
    }

    /// - Parameter earlier: name servers in copies of resolvers that may have left the NS RRset.
    func servers(of domain: DomainName, and earlier: [DomainName] = []) async -> Found {
        async let held = held(earlier, consultation(for: domain))
        do throws(SearchError) {
            var delegation = try await delegation(of: domain)
            let named = Set(delegation.servers.compactMap(\.name))
            delegation.held = await held.filter { server in server.name.map { !named.contains($0) } ?? false }
            return .success(delegation)
        } catch {
            return .failure(error)
        }
    }

    /// The name servers of a zone, from the resolvers, without those that have an address among `given`, and without
    /// those that have no address: nobody can ask them. `nil` if no resolver told.
    func servers(of zone: DomainName, beside given: Set<IPAddress>) async -> [DomainName]? {
        await besides.value(for: zone) {
            let resolvers = consultation(for: zone, waves: Consultation.politeWaves)
            guard let answer = await resolvers.ask(Question(zone, .ns)) else { return nil }
            guard let names = NameServerSet(of: zone, in: answer.answer)?.names else { return [] }
            let told = await addresses.addresses(of: names, resolvers)
            return zip(names, told).compactMap { name, addresses in
                guard let addresses, !addresses.isEmpty, given.isDisjoint(with: addresses) else { return nil }
                return name
            }.sorted { $0.description < $1.description }
        }
    }

    private func held(_ names: [DomainName], _ resolvers: Consultation) async -> [AuthorityIdentity] {
        zip(names, await addresses.addresses(of: names, resolvers)).flatMap { name, told in
            (told ?? []).map { AuthorityIdentity(name: name, endpoint: Endpoint($0)) }
        }
    }

    private func delegation(of domain: DomainName) async throws(SearchError) -> Delegation {
        let resolvers = consultation(for: domain)
        let zone = try await zone(of: domain, resolvers)
        async let advice = advice(on: zone, resolvers)
        let parent = await parentSays(zone, resolvers)
        if case .nonexistent(let parent)? = parent {
            throw Self.nonexistent(zone, "the servers of \(Self.described(parent))", zone: zone)
        }
        var referral: Referral?
        if case .referral(let told)? = parent { referral = told }
        let advised = await advice
        let own = await ownSet(of: zone, referral, advised, resolvers)
        guard referral != nil || own != nil || advised?.set != nil else {
            throw SearchError(zone: zone, Self.withoutServers(zone, isKnown: advised != nil))
        }
        return try await joined(zone, referral: referral, own: own, advised: advised, resolvers)
    }

    /// The resolvers in another order for each domain, so that many domains spread over them.
    private func consultation(
        for domain: DomainName, waves: [Int] = Consultation.waves
    ) -> Consultation {
        Consultation(client: client, resolvers: Self.turned(resolvers, for: domain), waves: waves)
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

    /// `nil` if the parent's servers cannot be asked, or answer for the zone itself.
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

    /// The NS RRset from the resolvers, and from its own servers. The parent nearly always names the same ones.
    private func advice(on zone: DomainName, _ resolvers: Consultation) async -> Advised? {
        await advised.value(for: zone) {
            guard let message = await resolvers.ask(Question(zone, .ns)) else { return nil }
            guard let set = NameServerSet(of: zone, in: message.answer) else { return Advised() }
            let endpoints = await endpoints(of: set.names, glue: [:], resolvers)
            async let addresses = ownAddresses(of: set.names, in: zone, askedAt: endpoints)
            let own = await ownSet(of: zone, askedAt: endpoints)
            return Advised(set: set, endpoints: endpoints, own: own, addresses: await addresses)
        }
    }

    /// The zone's own NS RRset, from a server that the parent names. Other servers count only if none of these answers: a
    /// former server still gives the old set.
    private func ownSet(
        of zone: DomainName, _ referral: Referral?, _ advised: Advised?, _ resolvers: Consultation
    ) async -> NameServerSet? {
        guard let referral else { return advised?.own }
        let isCurrent = advised?.set?.names.allSatisfy(referral.servers.names.contains) ?? false
        if let own = advised?.own, isCurrent { return own }
        let asked = advised?.own == nil ? advised?.endpoints ?? [] : []
        let own = await ownSets.value(for: zone) {
            let endpoints = await endpoints(of: referral.servers.names, glue: referral.glue, resolvers)
            return await ownSet(of: zone, askedAt: endpoints.filter { !asked.contains($0) })
        }
        return own ?? advised?.own
    }

    private func ownSet(of zone: DomainName, askedAt endpoints: [Endpoint]) async -> NameServerSet? {
        let advice = await ask(endpoints, Question(zone, .ns), waves: [2, 3]) { message in
            message.isAuthoritative && NameServerSet(of: zone, in: message.answer) != nil
        }
        return advice.useful.flatMap { NameServerSet(of: zone, in: $0.answer) }
    }

    /// Asks authoritative servers, IPv4 and IPv6 in turn: this host may have no route to one of them.
    func ask(
        _ endpoints: [Endpoint], _ question: Question, waves: [Int], isUseful: @Sendable (Message) -> Bool
    ) async -> Consultation.Advice {
        let turned = Self.turned(endpoints, for: question.name)
        let (four, six) = (turned.filter { !$0.address.isV6 }, turned.filter(\.address.isV6))
        let order = (0..<max(four.count, six.count)).flatMap { index in
            [four, six].compactMap { index < $0.count ? $0[index] : nil }
        }
        return await Consultation(client: client, authoritative: order, waves: waves)
            .ask(question, isUseful: isUseful)
    }
}
