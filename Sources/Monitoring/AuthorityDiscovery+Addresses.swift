import DNS
import DNSClient
import Propagation

// MARK: - Joined, with addresses

extension AuthorityDiscovery {
    func joined(
        _ zone: DomainName, referral: Referral?, own: NameServerSet?, advised: Advised?,
        _ resolvers: Consultation
    ) async throws(SearchError) -> Delegation {
        let parents = referral?.servers.names ?? []
        let zones = (own ?? advised?.set)?.names ?? []
        // If there are too many, those of the parent come first: resolvers begin with these.
        let all = (parents + zones.filter { !parents.contains($0) }).prefix(NameServerSet.maximumServers)
        let names = all.sorted { $0.description < $1.description }
        let glue = referral?.glue ?? [:]
        var located = Located(names, await addresses.addresses(of: names, resolvers), glue)
        let inZone = names.filter { $0.isAtOrBelow(zone) && advised?.addresses[$0] == nil }
        let more = await ownAddresses(of: inZone, in: zone, askedAt: located.servers.map(\.endpoint))
        for (name, own) in (advised?.addresses ?? [:]).merging(more, uniquingKeysWith: { $1 })
        where names.contains(name) {
            located.add(own, of: name)
        }
        guard !located.servers.isEmpty else {
            throw SearchError(
                zone: zone,
                located.unresolved.isEmpty
                    ? "none of the name servers of the zone \(zone) resolves to an address"
                    : "no resolver gave the addresses of the name servers of the zone \(zone)")
        }
        var delegation = located.delegation(of: zone)
        // A resolver's TTL is only the rest, and does not tell how long others keep the RRset.
        delegation.nameServerTTL = [referral?.servers.ttl, own?.ttl].compactMap { $0 }.max()
        delegation.onlyAtSomeParents = referral?.onlyAtSomeServers ?? []
        if referral != nil, own != nil {
            delegation.onlyAtParent = parents.filter { !zones.contains($0) }
            delegation.onlyAtChild = zones.filter { !parents.contains($0) }
        }
        return delegation
    }

    /// The addresses of these name servers, from resolvers and glue.
    func endpoints(
        of names: [DomainName], glue: [DomainName: [IPAddress: TTL]], _ resolvers: Consultation
    ) async -> [Endpoint] {
        Located(names, await addresses.addresses(of: names, resolvers), glue).servers.map(\.endpoint)
    }

    /// How many of the zone's servers are asked for the addresses of those that lie in it.
    private static let serversAskedForAddresses = 2

    /// The addresses of the names in the zone, from its own servers: with the TTL for which resolvers keep them, and
    /// without old copies of resolvers. Names for which there is no authoritative answer are left out.
    func ownAddresses(
        of names: [DomainName], in zone: DomainName, askedAt endpoints: [Endpoint]
    ) async -> [DomainName: OwnAddresses] {
        let names = names.filter { $0.isAtOrBelow(zone) }
        let servers = Self.turned(endpoints, for: zone).prefix(Self.serversAskedForAddresses)
        guard !names.isEmpty else { return [:] }
        return await withTaskGroup(of: [DomainName: OwnAddresses].self) { group in
            for server in servers { group.addTask { await ownAddresses(of: names, askedAt: server) } }
            var found: [DomainName: OwnAddresses] = [:]
            for await told in group {
                found.merge(told) { $0.joined(with: $1) }
                // Do not wait for the slower one if the other has told all addresses.
                if told.count == names.count { group.cancelAll() }
            }
            return found
        }
    }

    private func ownAddresses(
        of names: [DomainName], askedAt server: Endpoint
    ) async -> [DomainName: OwnAddresses] {
        let requests = names.flatMap { name in
            [RecordType.a, .aaaa].map {
                Request(server: server, question: Question(name, $0), recursionDesired: false)
            }
        }
        var found: [DomainName: OwnAddresses] = [:]
        for (request, exchange) in zip(requests, await client.exchanges(requests)) {
            guard case .response(let message) = exchange.outcome, message.isAuthoritative,
                message.responseCode == .noError
            else { continue }
            let name = request.question.name
            for record in message.answer where record.owner == name {
                guard let address = record.serverAddress else { continue }
                found[name, default: OwnAddresses()].ttls.note(record.ttl, of: address)
            }
        }
        return found
    }
}

/// The addresses of name servers, by their source.
private struct Located {
    private var told: [(name: DomainName, addresses: [IPAddress]?)]
    private let glue: [DomainName: [IPAddress: TTL]]
    private var own: [DomainName: OwnAddresses] = [:]

    init(_ names: [DomainName], _ addresses: [[IPAddress]?], _ glue: [DomainName: [IPAddress: TTL]]) {
        told = zip(names, addresses).map { ($0, $1) }
        self.glue = glue
    }

    mutating func add(_ addresses: OwnAddresses, of name: DomainName) { own[name] = addresses }

    /// Every address of every name. Those of the glue are among them: a resolver may begin there, whatever the zone says.
    var servers: [AuthorityIdentity] {
        told.flatMap { name, addresses in
            let all =
                (addresses ?? []) + Array((glue[name] ?? [:]).keys) + Array((own[name]?.ttls ?? [:]).keys)
            return all.inFixedOrder.map { AuthorityIdentity(name: name, endpoint: Endpoint($0)) }
        }
    }

    /// Names for which nobody gave an address.
    var unresolved: [DomainName] {
        told.filter { name, addresses in
            addresses == nil && (glue[name] ?? [:]).isEmpty && (own[name]?.ttls ?? [:]).isEmpty
        }.map(\.name)
    }

    func delegation(of zone: DomainName) -> Delegation {
        var delegation = Delegation(zone: zone, servers: servers, unresolved: unresolved)
        for (name, addresses) in told {
            let glue = glue[name] ?? [:]
            let own = own[name]?.ttls ?? [:]
            let elsewhere = Set(addresses ?? []).union(own.keys)
            for server in delegation.servers where server.name == name {
                let address = server.endpoint.address
                let isOnlyGlue = glue[address] != nil && !elsewhere.contains(address)
                if isOnlyGlue, !elsewhere.isEmpty { delegation.onlyInGlue.insert(server) }
                // Without an authoritative answer the TTL is unknown. Glue alone does not tell it, but counts if it
                // lives longer than what we assume.
                let longest = [glue[address], own[address]].compactMap { $0 }.max()
                guard let longest, !own.isEmpty || longest > Policy.assumedNameServerTTL else { continue }
                delegation.addressTTLs[server] = longest
            }
        }
        return delegation
    }
}
