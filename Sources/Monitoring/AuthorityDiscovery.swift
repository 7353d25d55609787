import DNS
import DNSClient
import Propagation

/// Finds the authoritative servers of a domain through the resolvers: the enclosing zone, its NS RRset,
/// and every address of each name server.
struct AuthorityDiscovery: Sendable {
    typealias Found = Result<Delegation, SearchError>

    let client: any Asking
    let resolvers: [Endpoint]
    /// Addresses by name server.
    let addresses: SingleFlight<[IPAddress]>
    /// Zones by apex: their NS RRsets.
    let nameServers: SingleFlight<[DomainName]>

    /// A zone may name this many servers, and each this many addresses; more are left out. Real zones
    /// have up to 13; a hostile one must not make us ask thousands.
    static let maximumServers = 16
    static let maximumAddresses = 8

    init(client: any Asking, resolvers: [Endpoint], now: @escaping @Sendable () -> Instant) {
        self.client = client
        self.resolvers = resolvers
        addresses = SingleFlight(lifetime: .seconds(300), now: now)
        nameServers = SingleFlight(lifetime: .seconds(60), now: now)
    }

    func servers(of domain: DomainName) async -> Found {
        let consultation = consultation(for: domain)
        guard let message = await consultation.ask(Question(domain, .soa)) else {
            return .failure(SearchError("no resolver told which zone \(domain) is in"))
        }
        guard let zone = Self.zone(of: domain, in: message) else {
            return .failure(SearchError("the resolvers name no zone for \(domain)"))
        }
        let names = await nameServers.value(for: zone) { await Self.nameServers(of: zone, consultation) }
        guard let names, !names.isEmpty else {
            return .failure(SearchError(zone: zone, "no resolver told the name servers of the zone \(zone)"))
        }
        let (servers, unresolved) = await identities(names, consultation)
        guard !servers.isEmpty else {
            let reason =
                unresolved.isEmpty
                ? "none of the name servers of the zone \(zone) resolves to an address"
                : "no resolver told the addresses of the name servers of the zone \(zone)"
            return .failure(SearchError(zone: zone, reason, unresolved: unresolved))
        }
        return .success(Delegation(zone: zone, servers: servers, unresolved: unresolved))
    }

    /// Another order for each domain, so that many domains spread over the resolvers.
    private func consultation(for domain: DomainName) -> Consultation {
        guard !resolvers.isEmpty else { return Consultation(client: client, resolvers: []) }
        let start = domain.wire.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % resolvers.count
        return Consultation(client: client, resolvers: Array(resolvers[start...] + resolvers[..<start]))
    }

    /// The owner of the SOA in the answer, or in the authority section of a negative answer.
    static func zone(of domain: DomainName, in message: Message) -> DomainName? {
        (message.answer + message.authority)
            .first { $0.type == .soa && domain.isAtOrBelow($0.owner) }?.owner
    }

    private static func nameServers(
        of zone: DomainName, _ consultation: Consultation
    ) async -> [DomainName]? {
        guard let message = await consultation.ask(Question(zone, .ns)) else { return nil }
        let names = message.answer.compactMap { record -> DomainName? in
            guard record.owner == zone, case .ns(let name) = record.data else { return nil }
            return name
        }
        return Array(Set(names)).sorted { $0.description < $1.description }.prefix(maximumServers).map { $0 }
    }

    private func identities(
        _ names: [DomainName], _ consultation: Consultation
    ) async -> (servers: [AuthorityIdentity], unresolved: [DomainName]) {
        await withTaskGroup(of: (Int, [IPAddress]?).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    (index, await addresses.value(for: name) { await Self.addresses(of: name, consultation) })
                }
            }
            var found = Array(repeating: [IPAddress]?.none, count: names.count)
            for await (index, list) in group { found[index] = list }
            let servers = zip(names, found).flatMap { name, list in
                (list ?? []).map { AuthorityIdentity(name: name, endpoint: Endpoint($0)) }
            }
            return (servers, zip(names, found).filter { $0.1 == nil }.map(\.0))
        }
    }

    /// `nil` where no address was told and one of the two questions went unanswered.
    static func addresses(of name: DomainName, _ consultation: Consultation) async -> [IPAddress]? {
        async let four = consultation.ask(Question(name, .a))
        async let six = consultation.ask(Question(name, .aaaa))
        let answers = [await four, await six].compactMap { $0 }
        let found = answers.flatMap { message in
            message.answer.compactMap { record -> IPAddress? in
                guard case .address(let address) = record.data, address.isUnicast else { return nil }
                return address
            }
        }
        if found.isEmpty, answers.count < 2 { return nil }
        return found.prefix(maximumAddresses).map { $0 }
    }
}

extension IPAddress {
    /// Whether a server can have this address: not unspecified, multicast or broadcast.
    var isUnicast: Bool {
        switch self {
        case .v4(let value): value >> 24 != 0 && value >> 28 < 14
        case .v6(let high, let low): (high, low) != (0, 0) && high >> 56 != 0xFF
        }
    }
}
