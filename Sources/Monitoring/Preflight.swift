import DNS
import DNSClient
import Planning
import Propagation

/// Asks everything that a plan needs: one sweep like that of `check`, and the other records that mail depends on.
///
///     check ──► domain, servers, copies ──┬──► exchanges: addresses, TLSA
///                                         ├──► the domain's own records: MTA-STS, SPF, wildcard
///                                         ├──► signatures
///                                         └──► the subdomains that move too
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
        /// Subdomains that move too, each with its domain.
        package var subdomains: [DomainName]

        package init(samples: Int, subdomains: [DomainName] = []) {
            self.samples = samples
            self.subdomains = subdomains
        }
    }

    /// Looks at many domains, and hands what was seen over in the list's order.
    ///
    /// - Parameters:
    ///   - begin: the earlier knowledge about a domain, or about a subdomain that moves too; nothing, if left out.
    ///   - take: gets the domain's index.
    /// - Throws: what `begin` or `take` throws; that ends the run.
    package func lookAtAll(
        _ domains: [DomainName], wanted: Wanted, begin: ((DomainName) throws -> DomainTracker)? = nil,
        take: (Int, Looked) throws -> Void
    ) async throws {
        let questions = monitor.resolvers.count * (wanted.samples + 1) + 40
        let tracker = begin ?? monitor.tracker(for:)
        try await monitor.forAll(
            domains, questions: questions,
            begin: { domain in
                Known(domain: try tracker(domain), subdomains: try wanted.subdomains(of: domain).map(tracker))
            }, together: 1, look: { [await look($0[0], wanted: wanted)] }, take: take)
    }

    /// The earlier knowledge about a domain and the subdomains that move too.
    private struct Known: Sendable {
        var domain: DomainTracker
        var subdomains: [DomainTracker]
    }

    /// The result of one look: everything that a plan needs, and the sweeps that were part of it.
    package struct Looked: Sendable {
        package var facts: PlanFacts
        /// The domain's, then those of the subdomains that move too.
        package let sweeps: [CheckResult]
    }

    /// Looks at one domain of which nothing is known yet.
    package func look(at domain: DomainName, wanted: Wanted) async -> PlanFacts {
        let subdomains = wanted.subdomains(of: domain).map(monitor.tracker(for:))
        let known = Known(domain: monitor.tracker(for: domain), subdomains: subdomains)
        return await look(known, wanted: wanted).facts
    }

    private func look(_ known: Known, wanted: Wanted) async -> Looked {
        var sweeps = [await monitor.check(known.domain, samples: wanted.samples, isThorough: true)]
        var facts = await facts(around: sweeps[0].tracker)
        // A domain that does not exist is not asked about any more; the knowledge about the others stays.
        guard !facts.tracker.authority.isDenied else { return Looked(facts: facts, sweeps: sweeps) }
        for subdomain in known.subdomains {
            let sweep = await monitor.check(subdomain, samples: wanted.samples, isThorough: true)
            let addresses = await ownAddresses(sweep.tracker)
            facts.subdomains.append(SubdomainFacts(sweep.tracker, ownAddresses: addresses))
            sweeps.append(sweep)
        }
        return Looked(facts: facts, sweeps: sweeps)
    }

    private func facts(around tracker: DomainTracker) async -> PlanFacts {
        let domain = tracker.domain
        var facts = PlanFacts(tracker)
        guard !tracker.authority.isDenied else { return facts }
        let lookup = PreflightLookup(monitor: monitor, tracker: tracker)
        let present = tracker.authority.presentReading
        let names = (present?.exchanges ?? []).prefix(Self.maximumExchanges).map(\.exchange)

        async let accepted = exchangeFacts(monitor.settings.target.hosts)
        async let presentFacts = exchangeFacts(names)
        async let own = ownAddresses(tracker)
        async let transportPolicies = lookup.texts(at: domain.below("_mta-sts"))
        async let senderPolicies = lookup.senderPolicies()
        async let signatures = lookup.signatures()
        async let wildcard = lookup.wildcard()
        facts.accepted = await accepted
        facts.present = await presentFacts
        facts.ownAddresses = await own
        facts.transportPolicies = await transportPolicies
        facts.senderPolicies = await senderPolicies
        facts.signatures = await signatures
        facts.wildcard = await wildcard
        return facts
    }

    /// The addresses that get the mail without an MX (RFC 5321 §5.1); `nil` if there is an MX, or no answer.
    private func ownAddresses(_ tracker: DomainTracker) async -> [IPAddress]? {
        guard let present = tracker.authority.presentReading, present.state == .noMX,
            present.absence != .nullMX
        else { return nil }
        return await exchangeFacts([tracker.domain]).first?.addresses
    }
}

extension Preflight.Wanted {
    fileprivate func subdomains(of domain: DomainName) -> [DomainName] {
        subdomains.filter { $0 != domain && $0.isAtOrBelow(domain) }
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

    /// `nil` if nobody told anything.
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
        // Both must say no: a missing answer may have had the address.
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
    /// The name of these labels below this one; `nil` if that would be too long.
    func below(_ labels: String...) -> DomainName? {
        try? DomainName(labels: labels.map { ArraySlice($0.utf8) } + self.labels)
    }
}
