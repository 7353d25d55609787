import DNS
import DNSClient
import Planning
import Propagation
import Testing

@testable import Monitoring

/// Answers that a test puts in place of those of a small world in which all is well.
private struct Answers: Sendable {
    static let authority = Endpoint("127.0.0.9:53")!
    var own: [String: @Sendable (Request) -> Outcome?] = [:]

    /// - Parameter key: a name and a type, as in `example.it TXT`.
    mutating func on(_ key: String, _ answer: @escaping @Sendable (Request) -> Outcome?) { own[key] = answer }

    var client: ScriptedClient {
        ScriptedClient { [own] request in
            if let outcome = own["\(request.question)"]?(request) { return outcome }
            return Self.usual(request)
        }
    }

    private static func usual(_ request: Request) -> Outcome {
        let name = request.question.name
        return switch ("\(name)", request.question.type) {
        case ("example.it", .mx), ("news.example.it", .mx):
            Make.answer(request, [Make.mx(name, "mail.old.it", ttl: 900)])
        case ("example.it", .soa): Make.answer(request, [Make.soa(name)])
        case ("mx01.cbsolt.net", .a), ("mail.old.it", .a):
            Make.answer(request, [Make.address(name, "192.0.2.1")])
        default: Make.answer(request, authority: [Make.soa("example.it")], code: .nameError)
        }
    }

    static func text(_ request: Request, _ texts: [String]...) -> Outcome {
        Make.answer(
            request,
            texts.map { Make.record(request.question.name, .txt, .txt($0.map { Array($0.utf8) })) })
    }

    func facts(subdomains: [DomainName] = []) async -> (PlanFacts, [Request]) {
        let client = client
        let target = Target(
            name: "one", primary: "mx01.cbsolt.net", hosts: ["mx01.cbsolt.net"],
            policyInclude: "spf.qboxmail.com")
        let monitor = Monitor(
            client: client, resolvers: Make.resolvers(2),
            settings: MonitorSettings(
                target: target, policy: Policy(confirmationSpread: .zero), authority: .given([Self.authority])
            ),
            clock: standingClock)
        let wanted = Preflight.Wanted(samples: 1, subdomains: subdomains)
        let facts = await Preflight(monitor).look(at: "example.it", wanted: wanted)
        return (facts, client.requests)
    }
}

@Suite("What a plan asks", .timeLimit(.minutes(5)))
struct PreflightTests {
    @Test("A world in which all is well")
    func allWell() async {
        let (facts, _) = await Answers().facts()
        #expect(
            facts.accepted == [
                ExchangeFacts("mx01.cbsolt.net", addresses: [.v4(0xC000_0201)], associations: 0)
            ])
        #expect(
            facts.present == [ExchangeFacts("mail.old.it", addresses: [.v4(0xC000_0201)], associations: 0)])
        #expect(facts.transportPolicies == [] && facts.senderPolicies == SenderPolicyFacts(records: []))
        #expect(facts.signatures == SignatureFacts(isSigned: false))
        #expect(facts.wildcard?.state == .noMX && facts.subdomains.isEmpty)
        #expect(facts.tracker.authority.answering.count == 1)
    }

    @Test("The domain's own records are those of its authoritative server, whatever resolvers have cached")
    func authorityFirst() async {
        var answers = Answers()
        answers.on("_mta-sts.example.it TXT") { request in
            let isDirect = request.server == Answers.authority
            return Answers.text(request, [isDirect ? "v=STSv1; id=new" : "v=STSv1; id=old"])
        }
        answers.on("*.example.it MX") { request in
            request.server == Answers.authority
                ? Make.answer(request, [Make.mx(request.question.name, "mail.old.it", ttl: 7200)]) : nil
        }
        let (facts, requests) = await answers.facts()
        #expect(facts.transportPolicies == ["v=STSv1; id=new"])
        #expect(facts.wildcard?.state == .previous && facts.wildcard?.lifetime == TTL(seconds: 7200))
        let asked = requests.filter { "\($0.question)" == "_mta-sts.example.it TXT" }
        #expect(asked.map(\.recursionDesired) == [false])
    }

    @Test("An alias that leads out of the zone is followed by the resolvers")
    func alias() async {
        var answers = Answers()
        answers.on("_mta-sts.example.it TXT") { request in
            let name = request.question.name
            let alias = Make.record(name, .cname, .cname("sts.host.it"))
            guard request.recursionDesired else { return Make.answer(request, [alias]) }
            return Make.answer(
                request, [alias, Make.record("sts.host.it", .txt, .txt([Array("v=STSv1; id=1".utf8)]))])
        }
        #expect(await answers.facts().0.transportPolicies == ["v=STSv1; id=1"])
    }

    @Test("Where the authoritative servers do not tell, the resolvers do; where nobody does, it is not known")
    func silence() async {
        var answers = Answers()
        answers.on("_mta-sts.example.it TXT") { $0.recursionDesired ? nil : .silent(.timeout) }
        answers.on("example.it TXT") { _ in .silent(.timeout) }
        answers.on("mail.old.it A") { _ in .silent(.timeout) }
        answers.on("_25._tcp.mail.old.it TLSA") { Make.answer($0, code: .serverFailure) }
        answers.on("example.it DS") { _ in .silent(.timeout) }
        answers.on("*.example.it MX") { Make.answer($0, code: .refused) }
        let (facts, _) = await answers.facts()
        #expect(facts.transportPolicies == [])
        #expect(facts.senderPolicies == nil && facts.signatures == nil && facts.wildcard == nil)
        #expect(facts.present == [ExchangeFacts("mail.old.it")])
    }

    @Test("SPF is followed through what it includes, each name once, until the provider's is found")
    func senderPolicy() async {
        var answers = Answers()
        answers.on("example.it TXT") { Answers.text($0, ["v=spf1 include:", "a.it -all"], ["other"]) }
        answers.on("a.it TXT") { Answers.text($0, ["v=spf1 include:example.it include:b.it redirect=a.it"]) }
        answers.on("b.it TXT") { Answers.text($0, ["v=spf1 include:spf.qboxmail.com include:c.it"]) }
        let (facts, requests) = await answers.facts()
        #expect(facts.senderPolicies?.records == ["v=spf1 include:a.it -all"])
        #expect(facts.senderPolicies?.included.contains("spf.qboxmail.com") == true)
        #expect(facts.senderPolicies?.isComplete == true && facts.senderPolicies?.lookups == 7)
        #expect(
            !requests.contains {
                "\($0.question)" == "c.it TXT" || "\($0.question)" == "spf.qboxmail.com TXT"
            })
    }

    @Test("SPF that cannot be followed to its end is not complete")
    func senderPolicyWithoutEnd() async {
        var answers = Answers()
        for depth in 0..<20 {
            let name = depth == 0 ? "example.it" : "s\(depth).it"
            answers.on("\(name) TXT") { Answers.text($0, ["v=spf1 include:s\(depth + 1).it -all"]) }
        }
        let (endless, requests) = await answers.facts()
        #expect(endless.senderPolicies?.isComplete == false)
        #expect(!requests.contains { "\($0.question)" == "s11.it TXT" }, "more than RFC 7208 allows")
        var macros = Answers()
        macros.on("example.it TXT") { Answers.text($0, ["v=spf1 include:%{d}.a.it -all"]) }
        #expect(await macros.facts().0.senderPolicies?.isComplete == false)
    }

    @Test("Resolvers that fail and answer without validation refuse the signatures; AD says who validates")
    func signatures() async {
        let resolvers = Make.resolvers(2)
        var answers = Answers()
        answers.on("example.it MX") { request in
            guard request.recursionDesired else { return nil }
            if request.server == resolvers[0].endpoint, request.validation != .disabled {
                return Make.answer(request, code: .serverFailure)
            }
            return .response(
                Message(
                    isAuthenticated: request.validation == .reported, question: request.question,
                    answer: [Make.mx("example.it", "mail.old.it")]))
        }
        answers.on("example.it DS") { request in
            Make.answer(request, [Make.record("example.it", .ds, .other([1, 2, 3]))])
        }
        let (facts, requests) = await answers.facts()
        #expect(facts.signatures == SignatureFacts(isSigned: true, validating: 1, refusing: [resolvers[0]]))
        let disabled = requests.filter { $0.validation == .disabled }
        #expect(disabled.map(\.server) == [resolvers[0].endpoint], "only those that failed are asked again")
    }

    @Test(
        "A zone with a DS that a validating resolver takes for unsigned is told from one that none validates",
        arguments: [true, false])
    func island(validates: Bool) async {
        var answers = Answers()
        answers.on("example.it DS") { request in
            Make.answer(request, [Make.record("example.it", .ds, .other([1, 2, 3]))])
        }
        answers.on(". SOA") { request in
            .response(
                Message(
                    isAuthenticated: validates && request.validation == .reported, question: request.question,
                    answer: [Make.soa(.root)]))
        }
        let facts = await answers.facts().0.signatures
        #expect(facts == SignatureFacts(isSigned: true, unconcerned: validates ? 2 : 0))
    }

    @Test("A failure that passes is none of signatures")
    func passingFailure() async {
        let resolvers = Make.resolvers(2)
        var answers = Answers()
        answers.on("example.it MX") { request in
            guard request.server == resolvers[0].endpoint, request.validation == .unspecified else {
                return nil
            }
            return Make.answer(request, code: .serverFailure)
        }
        #expect(await answers.facts().0.signatures == SignatureFacts(isSigned: false))
    }

    @Test("A resolver that fails in either way says nothing of signatures")
    func otherFailure() async {
        let resolvers = Make.resolvers(2)
        var answers = Answers()
        answers.on("example.it MX") { request in
            request.server == resolvers[0].endpoint ? Make.answer(request, code: .serverFailure) : nil
        }
        #expect(await answers.facts().0.signatures == SignatureFacts(isSigned: false))
    }

    @Test("Exchanges: aliases, TLSA records, and names without any address")
    func exchanges() async {
        var answers = Answers()
        answers.on("mail.old.it A") { request in
            Make.answer(request, [Make.record("mail.old.it", .cname, .cname("host.it"))])
        }
        answers.on("_25._tcp.mail.old.it TLSA") { request in
            let data = CertificateAssociation(usage: 3, selector: 1, matchingType: 1, data: [1])
            return Make.answer(request, [Make.record(request.question.name, .tlsa, .tlsa(data))])
        }
        let (facts, _) = await answers.facts()
        #expect(
            facts.present == [ExchangeFacts("mail.old.it", addresses: [], isAlias: true, associations: 1)])
    }

    @Test("Subdomains that move along are checked; names elsewhere are not this domain's")
    func subdomains() async {
        let (facts, requests) = await Answers().facts(
            subdomains: ["news.example.it", "news.other.it", "example.it"])
        #expect(facts.subdomains.map(\.domain) == ["news.example.it"])
        #expect(facts.subdomains[0].tracker.authority.presentReading?.state == .previous)
        #expect(!requests.contains { $0.question.name == "news.other.it" })
    }

    @Test("A subdomain begins from what is known of it, its sweep is handed over, and its own addresses too")
    func subdomainsPast() async throws {
        var answers = Answers()
        answers.on("news.example.it MX") { Make.answer($0, authority: [Make.soa("example.it")]) }
        answers.on("news.example.it A") { Make.answer($0, [Make.address("news.example.it", "192.0.2.8")]) }
        let monitor = Monitor(
            client: answers.client, resolvers: Make.resolvers(2),
            settings: MonitorSettings(authority: .given([Answers.authority])), clock: standingClock)
        var begun: [DomainName] = []
        let wanted = Preflight.Wanted(samples: 1, subdomains: ["news.example.it", "news.other.it"])
        try await Preflight(monitor).lookAtAll(["example.it"], wanted: wanted) { domain in
            begun.append(domain)
            return monitor.tracker(for: domain)
        } take: { _, looked in
            #expect(looked.sweeps.map(\.tracker.domain) == ["example.it", "news.example.it"])
            #expect(looked.facts.subdomains.map(\.ownAddresses) == [[.v4(0xC000_0208)]])
        }
        #expect(begun == ["example.it", "news.example.it"])
    }

    @Test("Without an MX, the domain's own addresses are looked up")
    func ownAddresses() async {
        var answers = Answers()
        answers.on("example.it MX") { Make.answer($0, authority: [Make.soa("example.it")]) }
        answers.on("example.it A") { Make.answer($0, [Make.address("example.it", "192.0.2.7")]) }
        let (facts, _) = await answers.facts()
        #expect(facts.ownAddresses == [.v4(0xC000_0207)] && facts.present.isEmpty)
    }

    @Test("Of a domain that does not exist nothing more is asked")
    func nonexistent() async {
        let realm = Realm()
        let simulation = Simulation(startingAt: Realm.start)
        let client = realm.client(simulation)
        let preflight = Preflight(realm.monitor(client, simulation))
        let facts = await simulation.run {
            await preflight.look(at: "nowhere.it", wanted: Preflight.Wanted(samples: 1))
        }
        #expect(facts.tracker.authority.isDenied)
        #expect(!client.requests.contains { $0.question.type == .txt || $0.question.type == .tlsa })
        #expect(Plan(facts, PlanWishes(), at: Realm.start).exitCode == 1)
    }

    @Test("Many domains are handed over in order")
    func many() async throws {
        let domains = (0..<20).map { DomainName("d\($0).it")! }
        let monitor = Monitor(
            client: Answers().client, resolvers: Make.resolvers(2),
            settings: MonitorSettings(authority: .given([Answers.authority])), clock: standingClock)
        var seen: [DomainName] = []
        try await Preflight(monitor).lookAtAll(domains, wanted: Preflight.Wanted(samples: 1)) {
            index, looked in
            #expect(domains[index] == looked.facts.domain)
            seen.append(looked.facts.domain)
        }
        #expect(seen == domains)
    }
}
