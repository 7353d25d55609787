import DNS
import Propagation

/// Looks at the accepted exchanges' own names: each must have an address and be no alias
/// (RFC 2181 §10.3).
struct ExchangeInspection: Sendable {
    let consultation: Consultation
    private let known: SingleFlight<[Warning]>

    init(client: any Asking, resolvers: [Endpoint], now: @escaping @Sendable () -> Instant) {
        consultation = Consultation(client: client, resolvers: resolvers)
        known = SingleFlight(lifetime: .seconds(300), now: now)
    }

    /// The faults of these names, looked up at once. A name about which no resolver tells has none.
    func warnings(for names: Set<DomainName>) async -> [Warning] {
        await warnings(for: [names])[0]
    }

    /// The same for several domains.
    func warnings(for names: [Set<DomainName>]) async -> [[Warning]] {
        let found = await withTaskGroup(of: (DomainName, [Warning]?).self) { group in
            for name in Set(names.joined()) {
                group.addTask { (name, await known.value(for: name) { await inspect(name) }) }
            }
            return await group.reduce(into: [DomainName: [Warning]]()) { $0[$1.0] = $1.1 }
        }
        return names.map { names in
            names.sorted { $0.description < $1.description }.flatMap { found[$0] ?? [] }
        }
    }

    /// Starts the look-up before the names are seen, so that nobody waits for it later.
    func prefetch(_ names: [DomainName]) {
        for name in names {
            Task { await known.value(for: name) { await inspect(name) } }
        }
    }

    private func inspect(_ name: DomainName) async -> [Warning]? {
        async let four = consultation.ask(Question(name, .a))
        async let six = consultation.ask(Question(name, .aaaa))
        let answers = [await four, await six].compactMap { $0 }
        guard !answers.isEmpty else { return nil }
        var warnings: [Warning] = []
        if answers.contains(where: { $0.answer.contains { $0.type == .cname && $0.owner == name } }) {
            warnings.append(.exchangeIsAlias(name))
        }
        let hasAddress = answers.contains { message in
            message.answer.contains { if case .address = $0.data { true } else { false } }
        }
        // Both must say no: a missing answer may have had the address.
        if answers.count == 2, !hasAddress { warnings.append(.unresolvable(name)) }
        return warnings
    }
}
