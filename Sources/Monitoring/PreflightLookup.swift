import DNS
import DNSClient
import Planning
import Propagation

/// Looks up the records of one domain's zone. It asks the authoritative servers first: resolvers may have old copies.
struct PreflightLookup: Sendable {
    let monitor: Monitor
    let tracker: DomainTracker

    /// Names that a sender policy may make us look up (RFC 7208 §4.6.4).
    private static let maximumPolicies = 10
    /// How many resolvers are asked whether they validate: a few are enough.
    private static let maximumValidators = 3

    private var domain: DomainName { tracker.domain }
    private var resolvers: Consultation {
        let endpoints = monitor.inspection.consultation.servers
        return Consultation(
            client: monitor.client, resolvers: AuthorityDiscovery.turned(endpoints, for: domain))
    }

    /// The answer of an authoritative server, or of a resolver if that one leads out of the zone.
    private func answer(_ question: Question) async -> Message? {
        let endpoints = tracker.authority.answering.filter { $0.identity.alias == nil }
            .map(\.identity.endpoint)
        let own = await monitor.discovery.ask(endpoints, question, waves: Consultation.politeWaves) {
            message in
            message.isAuthoritative && message.tells && message.isWhole
        }
        if let message = own.useful { return message }
        return await resolvers.ask(question)
    }

    /// The texts of the TXT records at a name, each as one (RFC 7208 §3.3); `nil` if nobody told.
    func texts(at name: DomainName?) async -> [String]? {
        // A name that is too long to exist has none.
        guard let name else { return [] }
        return await answer(Question(name, .txt))?.texts
    }

    /// The domain's sender policy with what it includes, level by level.
    func senderPolicies() async -> SenderPolicyFacts? {
        guard let texts = await texts(at: domain) else { return nil }
        let policies = texts.filter { SenderPolicy($0) != nil }
        var facts = SenderPolicyFacts(records: policies)
        var waiting = policies.compactMap(SenderPolicy.init)
        var asked = 0
        while !waiting.isEmpty {
            let policy = waiting.removeFirst()
            if policy.hasMacros { facts.isComplete = false }
            facts.lookups += policy.lookups
            for name in policy.included where facts.included.insert(name).inserted {
                if name == tracker.target.policyInclude { return facts }
                asked += 1
                guard asked <= Self.maximumPolicies,
                    let texts = await resolvers.ask(Question(name, .txt))?.texts
                else {
                    facts.isComplete = false
                    continue
                }
                waiting += texts.compactMap(SenderPolicy.init)
            }
        }
        return facts
    }

    /// The MX of the wildcard: an asterisk as a label asks for it (RFC 4592 §2.2).
    func wildcard() async -> Reading? {
        guard let name = domain.below("*") else { return nil }
        guard let message = await answer(Question(name, .mx)) else { return nil }
        return Reading(of: .response(message), domain: name, target: tracker.target)
    }

    /// How validating resolvers see the zone: whether some have validated its MX, and which ones refuse it but answer
    /// with validation switched off.
    func signatures() async -> SignatureFacts? {
        async let isSigned = isSigned()
        async let told = told(Question(domain, .mx))
        let refusing = await refusing()
        var facts = SignatureFacts(
            isSigned: await isSigned, validating: await told.count(where: \.value), refusing: refusing)
        if facts.isSigned == true, facts.validating == 0 {
            let root = await self.told(Question(.root, .soa))
            facts.unconcerned = await told.keys.count { root[$0] == true }
        }
        let isTold = facts.isSigned != nil || facts.validating > 0 || !facts.refusing.isEmpty
        return isTold ? facts : nil
    }

    /// Asks those that failed in both ways at once: if a failure has passed meanwhile, signatures were not the reason.
    private func refusing() async -> [ResolverIdentity] {
        let failing = tracker.resolvers.filter { $0.last?.responseCode == .serverFailure }.map(\.identity)
        let exchanges = await monitor.client.exchanges(
            failing.flatMap { resolver in
                [Validation.reported, .disabled].map {
                    Request(
                        server: resolver.endpoint, question: Question(domain, .mx), recursionDesired: true,
                        validation: $0)
                }
            })
        return failing.enumerated().filter { index, _ in
            exchanges[2 * index].message?.responseCode == .serverFailure
                && exchanges[2 * index + 1].message?.tells == true
        }.map(\.element)
    }

    private func isSigned() async -> Bool? {
        let zone = tracker.authority.zone ?? domain
        return await resolvers.ask(Question(zone, .ds)).map { message in
            message.answer.contains { $0.type == .ds && $0.owner == zone }
        }
    }

    /// The resolvers that answer, each with whether it says that it has validated the answer.
    private func told(_ question: Question) async -> [Endpoint: Bool] {
        let servers = Array(resolvers.servers.prefix(Self.maximumValidators))
        let exchanges = await monitor.client.exchanges(
            servers.map {
                Request(server: $0, question: question, recursionDesired: true, validation: .reported)
            })
        let answers = zip(servers, exchanges).compactMap { server, exchange in
            exchange.message.flatMap { $0.tells ? (server, $0.isAuthenticated) : nil }
        }
        return Dictionary(answers, uniquingKeysWith: { $0 || $1 })
    }
}

extension Exchange {
    /// The answer, if one came.
    fileprivate var message: Message? {
        if case .response(let message) = outcome { message } else { nil }
    }
}

extension Message {
    /// Whether the answer is complete: with an alias that leads out of the server's zones it is not.
    fileprivate var isWhole: Bool {
        guard let chain = Chain(answer, from: question.name) else { return false }
        return chain.links == 0 || authority.contains { $0.type == .soa }
            || answer.contains { $0.owner == chain.end && $0.type == question.type }
    }

    fileprivate var texts: [String] {
        guard let chain = Chain(answer, from: question.name) else { return [] }
        return answer.compactMap { record in
            guard record.owner == chain.end, case .txt(let strings) = record.data else { return nil }
            return String(decoding: strings.joined(), as: UTF8.self)
        }
    }
}
