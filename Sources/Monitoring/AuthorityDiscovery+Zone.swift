import DNS
import DNSClient
import Propagation

// MARK: - The zone of a domain

extension AuthorityDiscovery {
    /// How many ancestors of a domain to try if no resolver tells its zone.
    private static let maximumClimb = 5

    /// The zone of the domain, from the resolvers, or if these cannot tell, from the servers of a zone above.
    func zone(of domain: DomainName, _ resolvers: Consultation) async throws(SearchError) -> DomainName {
        let advice = await resolvers.ask(Question(domain, .soa), isUseful: \.tells)
        guard let message = advice.useful else {
            // Resolvers that fail do not mean a dead network: the zone's own servers may be broken.
            if !advice.useless.isEmpty, let zone = try await zoneFromAbove(domain, resolvers) { return zone }
            throw SearchError(
                "no resolver could tell which zone \(domain) is in\(Self.codes(advice.useless))")
        }
        // For an alias, the answer is about the zone of its end.
        if message.answer.contains(where: { $0.type == .cname && $0.owner == domain }),
            let zone = try await zoneFromAbove(domain, resolvers)
        {
            return zone
        }
        guard let zone = Self.zone(of: domain, in: message) else {
            throw SearchError("the resolvers name no zone for \(domain)")
        }
        if message.responseCode == .nameError, zone.isRegistry, zone != domain {
            return try await zoneOfNonexistent(domain, zone, resolvers)
        }
        return zone
    }

    /// The owner of the SOA in the answer, or in the authority section of a negative answer.
    static func zone(of domain: DomainName, in message: Message) -> DomainName? {
        (message.answer + message.authority)
            .first { $0.type == .soa && domain.isAtOrBelow($0.owner) }?.owner
    }

    /// The resolvers say that a domain does not exist, in a zone that only a registry changes. That zone's servers have
    /// the last word: a resolver may filter, or have a copy from before the registration.
    private func zoneOfNonexistent(
        _ domain: DomainName, _ zone: DomainName, _ resolvers: Consultation
    ) async throws(SearchError) -> DomainName {
        guard let registry = await enclosingZone(of: zone, resolvers), registry.zone == zone,
            let said = await responsibility(for: domain, at: registry)
        else { throw Self.nonexistent(domain, "the resolvers") }
        return try Self.zone(of: domain, said, registry.zone)
    }

    /// The zone, from the servers of the closest zone above that answers; `nil` if none does.
    private func zoneFromAbove(
        _ domain: DomainName, _ resolvers: Consultation
    ) async throws(SearchError) -> DomainName? {
        var ancestor = domain.parent
        for _ in 0..<Self.maximumClimb {
            guard let name = ancestor, !Task.isCancelled else { return nil }
            if let enclosing = await enclosingZone(of: name, resolvers),
                let said = await responsibility(for: domain, at: enclosing)
            {
                return try Self.zone(of: domain, said, enclosing.zone)
            }
            ancestor = name.parent
        }
        return nil
    }

    private static func zone(
        of domain: DomainName, _ said: Responsibility, _ asked: DomainName
    ) throws(SearchError) -> DomainName {
        switch said {
        case .referral(let referral): return referral.zone
        case .own(let zone): return zone
        case .nonexistent:
            throw nonexistent(domain, "the servers of \(described(asked))")
        }
    }
}

// MARK: - The zones above

extension AuthorityDiscovery {
    /// The zone of `name` and its servers, from the resolvers; `nil` if they do not tell.
    func enclosingZone(of name: DomainName, _ resolvers: Consultation) async -> ZoneServers? {
        await enclosingZones.value(for: name) {
            guard let message = await resolvers.ask(Question(name, .ns)) else { return nil }
            if let set = NameServerSet(of: name, in: message.answer) {
                return await zoneServers(of: name, set, resolvers)
            }
            // No apex: the SOA of the negative answer says which zone it is in.
            guard let zone = Self.zone(of: name, in: message), zone != name else { return nil }
            return await enclosingZones.value(for: zone) {
                let message = await resolvers.ask(Question(zone, .ns))
                guard let set = message.flatMap({ NameServerSet(of: zone, in: $0.answer) }) else {
                    return nil
                }
                return await zoneServers(of: zone, set, resolvers)
            }
        }
    }

    private func zoneServers(
        of zone: DomainName, _ set: NameServerSet, _ resolvers: Consultation
    ) async -> ZoneServers? {
        var seen = Set<IPAddress>()
        let servers = await addresses.addresses(of: set.names, resolvers).flatMap { told in
            let list = (told ?? []).filter { seen.insert($0).inserted }
            let (four, six) = (list.filter { !$0.isV6 }, list.filter(\.isV6))
            // The IPv4 and IPv6 addresses of a name are usually one machine; several addresses of one family are not.
            return four.isEmpty
                ? six.map { [Endpoint($0)] }
                : four.map { [Endpoint($0)] + six.prefix(1).map { Endpoint($0) } }
        }
        return servers.isEmpty ? nil : ZoneServers(zone: zone, servers: servers)
    }

    /// What the servers of a zone say about a name in it or below it. All are asked at once, because one may have an old
    /// zone. `nil` if they cannot be asked.
    func responsibility(for name: DomainName, at parent: ZoneServers) async -> Responsibility? {
        let answers = await withTaskGroup(of: Message?.self) { group in
            for server in parent.servers {
                group.addTask { await answer(of: server, Question(name, .ns)) }
            }
            return await group.reduce(into: [Message]()) { if let message = $1 { $0.append(message) } }
        }
        // After a cancellation some answers are missing.
        guard !Task.isCancelled else { return nil }
        return Responsibility(
            joining: answers.compactMap { Responsibility($0, about: name, from: parent.zone) })
    }

    /// The answer of one server, at its first address that this host can reach.
    private func answer(of server: [Endpoint], _ question: Question) async -> Message? {
        for endpoint in server {
            let request = Request(server: endpoint, question: question, recursionDesired: false)
            switch await client.exchanges([request]).first?.outcome {
            case .response(let message): return message
            case .silent(.noRoute), .silent(.unreachable): continue
            default: return nil
            }
        }
        return nil
    }
}

// MARK: - In words

extension AuthorityDiscovery {
    static func nonexistent(
        _ name: DomainName, _ witnesses: String, zone: DomainName? = nil
    ) -> SearchError {
        SearchError(zone: zone, "\(name) does not exist, as \(witnesses) say", isDenial: true)
    }

    static func described(_ zone: DomainName) -> String {
        zone.isRoot ? "the root zone" : "the zone \(zone)"
    }

    static func withoutServers(_ zone: DomainName, isKnown: Bool) -> String {
        isKnown
            ? "the resolvers say that the zone \(zone) has no NS RRset"
            : "no resolver gave the name servers of the zone \(zone)"
    }

    /// What the resolvers answered instead.
    private static func codes(_ messages: [Message]) -> String {
        let codes = Set(messages.map(\.responseCode.description)).sorted()
        return codes.isEmpty ? "" : ": they answer \(codes.joined(separator: ", "))"
    }
}

extension DomainName {
    /// Whether this is the root or a top-level domain. Names in it are registered, so a name that does not exist is a
    /// typing error, and not a name that somebody will add.
    fileprivate var isRegistry: Bool { isRoot || parent?.isRoot == true }
}
