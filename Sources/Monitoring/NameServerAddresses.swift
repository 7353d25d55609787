import DNS
import DNSClient

/// The addresses of name servers, from the resolvers; all zones of a run share them.
struct NameServerAddresses: Sendable {
    private let known: SingleFlight<[IPAddress]>

    /// Each server may have this many addresses; more are left out, the same ones each time.
    static let maximumAddresses = 32

    init(now: @escaping @Sendable () -> Instant) {
        known = SingleFlight(lifetime: .seconds(300), now: now)
    }

    /// The addresses of each name, in the names' order; `nil` if no resolver told, which is not the same
    /// as having none.
    func addresses(of names: [DomainName], _ resolvers: Consultation) async -> [[IPAddress]?] {
        await withTaskGroup(of: (Int, [IPAddress]?).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    (index, await known.value(for: name) { await Self.lookUp(name, resolvers) })
                }
            }
            var found = Array(repeating: [IPAddress]?.none, count: names.count)
            for await (index, list) in group { found[index] = list }
            return found
        }
    }

    /// `nil` if there was no address, and one of the two questions had no answer.
    private static func lookUp(_ name: DomainName, _ resolvers: Consultation) async -> [IPAddress]? {
        async let four = resolvers.ask(Question(name, .a))
        async let six = resolvers.ask(Question(name, .aaaa))
        let answers = [await four, await six].compactMap { $0 }
        let found = answers.flatMap { $0.answer.compactMap(\.serverAddress) }
        if found.isEmpty, answers.count < 2 { return nil }
        return found.inFixedOrder
    }
}

/// The addresses of a name server in the zone itself, from the zone's own servers.
struct OwnAddresses: Sendable, Equatable {
    /// By address, the TTL of the record that has it.
    var ttls: [IPAddress: TTL] = [:]

    func joined(with other: OwnAddresses) -> OwnAddresses {
        var joined = self
        for (address, ttl) in other.ttls { joined.ttls.note(ttl, of: address) }
        return joined
    }
}

extension [IPAddress: TTL] {
    /// If two records have the same address, the longer TTL counts.
    mutating func note(_ ttl: TTL, of address: IPAddress) {
        self[address] = Swift.max(self[address] ?? ttl, ttl)
    }
}

extension Sequence<IPAddress> {
    /// Each once, IPv4 before IPv6, by their numbers; as many as one name server may have.
    var inFixedOrder: [IPAddress] {
        let sorted = Set(self).sorted { one, other in
            one.isV6 == other.isV6 ? one.octets.lexicographicallyPrecedes(other.octets) : other.isV6
        }
        return Array(sorted.prefix(NameServerAddresses.maximumAddresses))
    }
}

extension ResourceRecord {
    /// The address in it, if a server can have it.
    var serverAddress: IPAddress? {
        guard case .address(let address) = data, address.isUnicast else { return nil }
        return address
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
