import Builders
import DNS
import Planning
import Propagation

/// What was seen of a domain before its switch, all well unless a test says otherwise, and the plan that follows.
struct PlanScene {
    var tracker: DomainTracker
    var facts: PlanFacts
    var wishes = PlanWishes()

    static let now = at(1_000_000)
    static let old: DomainName = "mail.old.it"
    static let day: Duration = .seconds(86_400)

    /// - Parameters:
    ///   - served: what each authoritative server answers.
    ///   - held: what each resolver answers.
    init(
        _ served: [Reading] = [previous(900), previous(900)], held: [Reading] = [Make.previous(ttl: 100)],
        previousTTL: Int? = 900, settle: Int64 = 7200, serials: [UInt32] = [1, 1],
        nameServerTTL: Int? = 3600, target: Target = .qboxmail, domain: DomainName = Make.domain
    ) {
        let policy = Policy(
            confirmationSpread: .zero, settle: .seconds(settle),
            previousTTL: previousTTL.map(TTL.init(seconds:)))
        tracker = DomainTracker(
            domain: domain, target: target, policy: policy, resolvers: Make.resolvers(held.count))
        var delegation = Delegation(zone: Make.domain, servers: [])
        delegation.servers = served.indices.map { index in
            AuthorityIdentity(
                name: DomainName("ns\(index + 1).host.it")!, endpoint: Endpoint("192.0.2.\(index + 1)")!)
        }
        delegation.nameServerTTL = nameServerTTL.map(TTL.init(seconds:))
        tracker.authority.apply(delegation, at: Self.now)
        for (index, reading) in served.enumerated() {
            tracker.authority.record(reading, server: index, at: Self.now, roundTrip: nil)
            guard reading.state.isInformative else { continue }
            tracker.authority.record(
                StartOfAuthority(
                    primary: "ns1.host.it", serial: SerialNumber(serials[min(index, serials.count - 1)]),
                    refresh: 3600, minimum: 300), server: index, at: Self.now)
        }
        for (index, reading) in held.enumerated() {
            tracker.record(reading, resolver: index, at: Self.now)
        }
        _ = tracker.conclude(at: Self.now)
        facts = PlanFacts(tracker)
        facts.accepted = target.hosts.map { ExchangeFacts($0, addresses: [.v4(1)], associations: 0) }
        facts.present = [ExchangeFacts(Self.old, addresses: [.v4(2)], associations: 0)]
        facts.transportPolicies = []
        facts.senderPolicies = SenderPolicyFacts(
            records: ["v=spf1 include:spf.qboxmail.com -all"], included: ["spf.qboxmail.com"])
        facts.signatures = SignatureFacts(isSigned: false)
        facts.wildcard = Make.reading(Make.answer([], authority: [Make.soa()], code: .nameError))
    }

    static func previous(_ ttl: Int) -> Reading { Make.previous(ttl: ttl, isAuthoritative: true) }
    static func target(_ ttl: Int = 900) -> Reading { Make.target(ttl: ttl, isAuthoritative: true) }

    var plan: Plan { Plan(facts, wishes, at: Self.now) }
    /// `nil` where no line is about the topic.
    func line(_ topic: PlanTopic) -> PlanLine? { lines(topic).first }
    func lines(_ topic: PlanTopic) -> [PlanLine] { plan.lines.filter { $0.finding.topic == topic } }
    func status(_ topic: PlanTopic) -> PlanLine.Status? { line(topic)?.status }
}
