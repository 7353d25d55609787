import DNS
import DNSClient
import Propagation

/// Asks all that a plan rests on: one sweep as `check` makes it, and what else mail depends on.
///
///     check ──► domain, servers, copies ──┬──► exchanges: addresses, TLSA
///                                         ├──► the domain's own records: MTA-STS, SPF, wildcard
///                                         ├──► signatures
///                                         └──► the subdomains that move along
///
/// One serves a whole run: thousands of domains have the same few exchanges.
package struct Preflight: Sendable {
    let monitor: Monitor
    private let exchanges: SingleFlight<ExchangeFacts>

    /// Exchanges of one domain that are looked at; more are left out.
    private static let maximumExchanges = 10

    package init(_ monitor: Monitor) {
        self.monitor = monitor
        exchanges = SingleFlight(lifetime: .seconds(300), now: monitor.clock.now)
    }

    /// What a run wants to know of every domain.
    package struct Wanted: Sendable {
        /// How often each resolver is asked for the MX.
        package var samples: Int
        /// Names that move along, each with the domain that it lies under.
        package var subdomains: [DomainName]

        package init(samples: Int, subdomains: [DomainName] = []) {
            self.samples = samples
            self.subdomains = subdomains
        }
    }

    /// Looks at many domains, and hands what was seen over in the list's order.
    ///
    /// - Parameters:
    ///   - begin: what is known of a domain before; nothing, if left out.
    ///   - take: gets the domain's index.
    /// - Throws: what `begin` or `take` throws; that ends the run.
    package func lookAtAll(
        _ domains: [DomainName], wanted: Wanted, begin: ((DomainName) throws -> DomainTracker)? = nil,
        take: (Int, Looked) throws -> Void
    ) async throws {
        let questions = monitor.resolvers.count * (wanted.samples + 1) + 40
        try await monitor.forAll(
            domains, questions: questions, begin: begin, look: { await look($0, wanted: wanted) }, take: take)
    }

    /// What one look has come to: all that a plan rests on, and the sweep that was part of it.
    package struct Looked: Sendable {
        package var facts: PlanFacts
        package let sweep: CheckResult
    }

    /// Looks at one domain of which nothing is known yet.
    package func look(at domain: DomainName, wanted: Wanted) async -> PlanFacts {
        await look(monitor.tracker(for: domain), wanted: wanted).facts
    }

    private func look(_ start: DomainTracker, wanted: Wanted) async -> Looked {
        let sweep = await monitor.check(start, samples: wanted.samples)
        return Looked(facts: await facts(around: sweep.tracker, wanted), sweep: sweep)
    }

    private func facts(around tracker: DomainTracker, _ wanted: Wanted) async -> PlanFacts {
        let domain = tracker.domain
        var facts = PlanFacts(tracker)
        guard !tracker.authority.isDenied else { return facts }
        let lookup = PreflightLookup(monitor: monitor, tracker: tracker)
        let present = tracker.authority.presentReading
        let names = (present?.exchanges ?? []).prefix(Self.maximumExchanges).map(\.exchange)
        let mayHaveOwn = present?.state == .noMX && present?.absence != .nullMX

        async let accepted = exchangeFacts(monitor.settings.target.hosts)
        async let presentFacts = exchangeFacts(names)
        async let own = mayHaveOwn ? exchangeFacts([domain]).first?.addresses : nil
        async let transportPolicies = lookup.texts(at: domain.below("_mta-sts"))
        async let senderPolicies = lookup.senderPolicies()
        async let signatures = lookup.signatures()
        async let wildcard = lookup.wildcard()
        async let subdomains = subdomains(of: domain, wanted)
        facts.accepted = await accepted
        facts.present = await presentFacts
        facts.ownAddresses = await own
        facts.transportPolicies = await transportPolicies
        facts.senderPolicies = await senderPolicies
        facts.signatures = await signatures
        facts.wildcard = await wildcard
        facts.subdomains = await subdomains
        return facts
    }

    private func subdomains(of domain: DomainName, _ wanted: Wanted) async -> [DomainTracker] {
        var trackers: [DomainTracker] = []
        for name in wanted.subdomains where name != domain && name.isAtOrBelow(domain) {
            trackers.append(await monitor.check(name, samples: wanted.samples))
        }
        return trackers
    }
}

// MARK: - Exchanges

extension Preflight {
    private func exchangeFacts(_ names: [DomainName]) async -> [ExchangeFacts] {
        await withTaskGroup(of: (Int, ExchangeFacts).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    let known = await exchanges.value(for: name) { await lookUp(name) }
                    return (index, known ?? ExchangeFacts(name))
                }
            }
            var found = names.map { ExchangeFacts($0) }
            for await (index, facts) in group { found[index] = facts }
            return found
        }
    }

    /// `nil` where nobody told anything.
    private func lookUp(_ name: DomainName) async -> ExchangeFacts? {
        let resolvers = monitor.inspection.consultation
        async let four = resolvers.ask(Question(name, .a))
        async let six = resolvers.ask(Question(name, .aaaa))
        async let associations = Self.associations(of: name, resolvers)
        let answers = [await four, await six].compactMap { $0 }
        var facts = ExchangeFacts(name)
        facts.associations = await associations
        guard !answers.isEmpty else { return facts.associations == nil ? nil : facts }
        facts.isAlias = answers.contains { $0.answer.contains { $0.type == .cname && $0.owner == name } }
        let addresses = answers.flatMap { message in
            message.answer.compactMap { if case .address(let address) = $0.data { address } else { nil } }
        }
        // Both must say no: one that is missing may hold the address.
        if !addresses.isEmpty || answers.count == 2 { facts.addresses = addresses }
        return facts
    }

    private static func associations(of name: DomainName, _ resolvers: Consultation) async -> Int? {
        guard let owner = name.below("_25", "_tcp") else { return 0 }
        guard let message = await resolvers.ask(Question(owner, .tlsa)) else { return nil }
        return message.answer.count { if case .tlsa = $0.data { true } else { false } }
    }
}

extension DomainName {
    /// The name of these labels below this one; `nil` where that would be too long.
    func below(_ labels: String...) -> DomainName? {
        try? DomainName(labels: labels.map { ArraySlice($0.utf8) } + self.labels)
    }
}
