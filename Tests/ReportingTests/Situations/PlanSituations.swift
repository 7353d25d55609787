import DNS
import Planning
import Propagation

@testable import Reporting

/// Plans in many situations: what real documents are made from.
enum PlanSituation: String, CaseIterable, Sendable {
    case ready, notLowered, lowered, unknown, noMX, nullMX, switched, half, nonexistent, silent, notAsked,
        broken,
        hostile, wishful, custom, subdomains, noMXLong, later, seenLate

    static let clock = Situation.start
    static let now = clock.instant

    private var served: Reading {
        switch self {
        case .notLowered, .wishful, .later: mx("mail.old.it", ttl: 86_400)
        case .switched: mx("mx01.cbsolt.net", ttl: 900)
        case .half: mx("mail.old.it", "mx01.cbsolt.net", ttl: 300)
        case .nullMX: mx(.root, ttl: 900)
        case .noMX: reading([])
        case .noMXLong: reading([], negative: 86_400)
        // Every sign that some format takes for its own.
        case .hostile: mx(hostileName, ttl: 900)
        default: mx("mail.old.it", ttl: 900)
        }
    }

    var hostileName: DomainName {
        try! DomainName(labels: [
            Array("a,b;c\\d|<e>*_`[f](g)\u{1B}\n".utf8), Array("old".utf8), Array("it".utf8),
        ])
    }

    private func reading(_ records: [ResourceRecord], negative: UInt32? = nil) -> Reading {
        let soa = negative.map { minimum in
            ResourceRecord(
                owner: Situation.domain, type: .soa, ttl: TTL(seconds: Int(minimum)),
                data: .soa(
                    StartOfAuthority(
                        primary: "ns1.example.it", serial: SerialNumber(1), refresh: 3600, minimum: minimum)))
        }
        let message = Message(
            isAuthoritative: true, question: Question(Situation.domain, .mx), answer: records,
            authority: soa.map { [$0] } ?? [])
        return Reading(of: .response(message), domain: Situation.domain, target: .qboxmail)
    }

    private func mx(_ exchanges: DomainName..., ttl: Int) -> Reading {
        reading(
            exchanges.map {
                ResourceRecord(
                    owner: Situation.domain, type: .mx, ttl: TTL(seconds: ttl),
                    data: .mx(MailExchange(preference: 10, exchange: $0)))
            })
    }

    private func tracker(_ domain: DomainName = Situation.domain) -> DomainTracker {
        let previous = [.ready, .switched, .nullMX, .noMX, .half, .hostile].contains(self)
        let policy = Policy(
            confirmations: 1, confirmationSpread: .zero, previousTTL: previous ? TTL(seconds: 900) : nil)
        let target =
            self == .custom ? Target(name: "custom", primary: "mx.new.it", hosts: ["mx.new.it"]) : .qboxmail
        var tracker = DomainTracker(
            domain: domain, target: target, policy: policy, resolvers: Situation.resolvers,
            asksAuthority: self != .notAsked)
        if self == .nonexistent {
            tracker.authority.take(
                .failure(SearchError("\(domain) does not exist\u{1B}[2J", isDenial: true)), at: Self.now)
            return tracker
        }
        guard self != .notAsked else { return tracker }
        func poll(_ served: Reading, at instant: Instant) {
            tracker.authority.apply(
                Delegation(
                    zone: Situation.domain, servers: [Situation.ns1, Situation.ns2],
                    nameServerTTL: TTL(seconds: 3600)), at: instant)
            for server in tracker.authority.servers.indices {
                let reading = self == .silent || (self == .broken && server == 1) ? Samples.silent : served
                tracker.authority.record(reading, server: server, at: instant, roundTrip: nil)
            }
            _ = tracker.conclude(at: instant)
        }
        if self == .seenLate { poll(mx("mail.old.it", ttl: 86_400), at: Self.now - .seconds(2 * 86_400)) }
        poll(served, at: Self.now)
        for index in tracker.resolvers.indices {
            tracker.record(served, resolver: index, at: Self.now)
        }
        _ = tracker.conclude(at: Self.now)
        return tracker
    }

    private var facts: PlanFacts {
        var facts = PlanFacts(tracker())
        facts.accepted = facts.tracker.target.hosts.map {
            ExchangeFacts($0, addresses: self == .broken ? [] : [.v4(1)], isAlias: self == .broken)
        }
        facts.present = [ExchangeFacts("mail.old.it", addresses: [.v4(2)], associations: 1)]
        facts.transportPolicies = self == .hostile ? ["v=STSv1; id=\u{1B}[2J*_`,;"] : []
        facts.senderPolicies = SenderPolicyFacts(
            records: ["v=spf1 -all"], included: self == .broken ? [] : ["spf.qboxmail.com"])
        facts.signatures = SignatureFacts(
            isSigned: true, validating: 1, refusing: self == .broken ? Situation.resolvers : [])
        facts.wildcard = self == .broken ? mx("mail.old.it", ttl: 7200) : reading([])
        if self == .seenLate { facts.loweredSince = Self.now - .seconds(2 * 86_400) }
        if self == .lowered { facts.loweredSince = Self.now - .seconds(3600) }
        if self == .subdomains { facts.subdomains = [SubdomainFacts(tracker("news.example.it"))] }
        if self == .unknown {
            facts.transportPolicies = nil
            facts.senderPolicies = nil
            facts.signatures = nil
            facts.wildcard = nil
            facts.accepted = facts.accepted.map { ExchangeFacts($0.name) }
            facts.present = facts.present.map { ExchangeFacts($0.name) }
        }
        return facts
    }

    private var wishes: PlanWishes {
        switch self {
        case .wishful: PlanWishes(switchAt: Self.now + .seconds(3600), strategy: .twoPass)
        case .half: PlanWishes(leavesNameServers: true)
        case .later: PlanWishes(switchAt: Self.now + .seconds(10 * 86_400))
        case .hostile: PlanWishes(hasCheckedPolicy: true)
        default: PlanWishes()
        }
    }

    var plan: Plan { Plan(facts, wishes, at: Self.now) }
    var status: PlanStatus { status(.utc) }
    func status(_ zone: TimeZoneChoice) -> PlanStatus { PlanStatus(plan, clock: Self.clock, zone: zone) }

    static let commands = PlanCommands(
        options: ["--resolvers", "my list.conf"], planOptions: ["--also", "news.example.it"],
        loweredAt: nil, isRemembered: true)
}
