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

    /// The faults of these names. A name that no resolver tells about has none.
    func warnings(for names: Set<DomainName>) async -> [Warning] {
        var found: [Warning] = []
        for name in names.sorted(by: { $0.description < $1.description }) {
            found += await known.value(for: name) { await inspect(name) } ?? []
        }
        return found
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
