import Builders
import DNS
import Planning
import Propagation
import Testing

@Suite("The plan's lines on exchanges, policies, signatures and names that move along")
struct PlanMailTests {
    private typealias Scene = PlanScene

    private func scene(_ change: (inout PlanFacts) -> Void) -> Scene {
        var scene = Scene()
        change(&scene.facts)
        return scene
    }

    @Test("The new exchanges need addresses, and must be no aliases")
    func newExchanges() {
        #expect(Scene().line(.newExchanges) == PlanLine(.ok, .newExchanges(Target.qboxmail.hosts)))
        let unresolvable = scene { $0.accepted[1].addresses = [] }
        #expect(
            unresolvable.lines(.newExchanges) == [PlanLine(.fix, .fault(.unresolvable("mx01.qboxmail.com")))])
        let alias = scene { $0.accepted[0].isAlias = true }
        #expect(alias.lines(.newExchanges) == [PlanLine(.fix, .fault(.exchangeIsAlias("mx01.cbsolt.net")))])
        let untold = scene { $0.accepted[2].addresses = nil }
        #expect(
            untold.lines(.newExchanges) == [PlanLine(.unknown, .newExchangesUnknown(["mx02.qboxmail.com"]))])
    }

    @Test("The present exchanges are where mail is forwarded from")
    func presentExchanges() {
        let read = ReadExchange(preference: 10, exchange: Scene.old, accepted: false)
        let facts = [ExchangeFacts(Scene.old, addresses: [.v4(2)], associations: 0)]
        #expect(Scene().line(.presentExchanges) == PlanLine(.ok, .presentExchanges([read], facts)))
    }

    @Test("TLSA records of the old exchanges are named, and whether the new ones have their own")
    func associations() {
        #expect(Scene().line(.associations) == PlanLine(.ok, .noAssociations))
        let old = scene { $0.present[0].associations = 2 }
        #expect(
            old.line(.associations) == PlanLine(.ok, .associations(present: [Scene.old], newHave: false)))
        let both = scene {
            $0.present[0].associations = 1
            $0.accepted[0].associations = 1
        }
        #expect(
            both.line(.associations) == PlanLine(.ok, .associations(present: [Scene.old], newHave: true)))
        let untold = scene { $0.present[0].associations = nil }
        #expect(untold.line(.associations) == PlanLine(.unknown, .untold(.associations)))
    }

    @Test("An MTA-STS record cannot be told to be ready, unless the operator has looked at its policy")
    func transportPolicy() {
        #expect(Scene().line(.transportPolicy) == PlanLine(.ok, .noTransportPolicy))
        var found = scene { $0.transportPolicies = ["other", "v=STSv1; id=20260101T0;"] }
        #expect(found.line(.transportPolicy) == PlanLine(.unknown, .transportPolicy(id: "20260101T0")))
        found.wishes.hasCheckedPolicy = true
        #expect(found.line(.transportPolicy) == PlanLine(.ok, .transportPolicyChecked(id: "20260101T0")))
        let untold = scene { $0.transportPolicies = nil }
        #expect(untold.line(.transportPolicy) == PlanLine(.unknown, .untold(.transportPolicy)))
    }

    @Test(
        "Which texts are MTA-STS records (RFC 8461 §3.1)",
        arguments: [
            ("v=STSv1; id=1", true), ("v=STSv1;id=1", true), ("v=STSv1 ; id=1", true),
            ("v=STSv2; id=1", false),
            ("v=STSv11; id=1", false), ("id=1; v=STSv1", false), ("", false),
        ])
    func transportPolicyText(text: String, isRecord: Bool) {
        let scene = scene { $0.transportPolicies = [text] }
        #expect((scene.status(.transportPolicy) == .unknown) == isRecord)
    }

    @Test("An SPF record must lead to the new provider's, itself or by what it includes")
    func senderPolicy() {
        let include: DomainName = "spf.qboxmail.com"
        #expect(Scene().line(.senderPolicy) == PlanLine(.ok, .senderPolicy(include: include)))
        let none = scene { $0.senderPolicies = SenderPolicyFacts(records: []) }
        #expect(none.line(.senderPolicy) == PlanLine(.ok, .noSenderPolicy(include: include)))
        let lacks = scene { $0.senderPolicies = SenderPolicyFacts(records: ["v=spf1 mx -all"], lookups: 1) }
        #expect(
            lacks.line(.senderPolicy)
                == PlanLine(.fix, .senderPolicyLacks(include: include, lookups: 1, hasAll: true)))
        // The old server sends by a mechanism that means another server from the switch on.
        #expect(lacks.lines(.senderPolicy).contains(PlanLine(.ok, .senderPolicyByMX)))
        let redirect = scene { $0.senderPolicies = SenderPolicyFacts(records: ["v=spf1 redirect=a.it"]) }
        #expect(
            redirect.lines(.senderPolicy) == [
                PlanLine(.fix, .senderPolicyLacks(include: include, lookups: 0, hasAll: false))
            ])
        let partial = scene {
            $0.senderPolicies = SenderPolicyFacts(records: ["v=spf1 include:%{d}.a -all"], isComplete: false)
        }
        #expect(partial.line(.senderPolicy) == PlanLine(.unknown, .untold(.senderPolicy)))
        let several = scene { $0.senderPolicies = SenderPolicyFacts(records: ["v=spf1 -all", "v=spf1 mx"]) }
        #expect(several.line(.senderPolicy) == PlanLine(.fix, .severalSenderPolicies(2)))
        let untold = scene { $0.senderPolicies = nil }
        #expect(untold.line(.senderPolicy) == PlanLine(.unknown, .untold(.senderPolicy)))
    }

    @Test("Another provider's SPF is not known, so there is no line about it")
    func customTarget() {
        let target = Target(name: "custom", primary: "mx.other.it", hosts: ["mx.other.it"])
        #expect(Scene(target: target).line(.senderPolicy) == nil)
    }

    @Test(
        "What an SPF record leads to (RFC 7208)",
        arguments: [
            ("v=spf1 include:a.it -all", ["a.it"]),
            ("V=SPF1 mx +INCLUDE:A.it redirect=b.it", ["a.it", "b.it"]),
            ("v=spf1 -include:a.it ?include:b.it ~all", []), ("v=spf1", []),
            // What stands after "all", and "redirect" wherever it stands beside it (§5.1, §6.1).
            ("v=spf1 mx -all include:a.it", []), ("v=spf1 include:a.it ALL include:b.it", ["a.it"]),
            ("v=spf1 redirect=a.it ?all", []), ("v=spf1 mx -all redirect=a.it", []),
            ("v=spf1 redirect=a.it include:b.it", ["b.it", "a.it"]), ("v=spf1 a:all include:a.it", ["a.it"]),
        ] as [(String, [DomainName])])
    func senderPolicyText(text: String, included: [DomainName]) throws {
        let policy = try #require(SenderPolicy(text))
        #expect(policy.included == included && !policy.hasMacros)
    }

    @Test(
        "How many lookups an SPF record takes, and whether it lets the domain's own MX send",
        arguments: [
            ("v=spf1 mx a:b.it ip4:192.0.2.1 ptr exists:%{i}.a.it -include:b.it ~all a", 5, true),
            ("v=spf1 redirect=a.it", 1, false), ("v=spf1 redirect=a.it -all", 0, false),
            ("v=spf1 +MX/24 -all", 1, true), ("v=spf1 mx:other.it -mx ?all", 2, false),
            ("v=spf1 -all mx", 0, false),
        ])
    func senderPolicyCosts(text: String, lookups: Int, passesOwnMX: Bool) throws {
        let policy = try #require(SenderPolicy(text))
        #expect(policy.lookups == lookups && policy.passesOwnMX == passesOwnMX)
    }

    @Test("What is no SPF record", arguments: ["", "v=spf10 -all", "v=spf2.0/pra", "x v=spf1", "spf1"])
    func noSenderPolicy(text: String) { #expect(SenderPolicy(text) == nil) }

    @Test("A name with macros is not followed, and that is known")
    func macros() throws {
        let policy = try #require(SenderPolicy("v=spf1 include:%{ir}.a.it include:b.it -all"))
        #expect(policy.hasMacros && policy.included == ["b.it"])
    }

    @Test("Signatures that resolvers refuse are to be mended first; those that none validates are not known")
    func signatures() {
        #expect(Scene().line(.signatures) == PlanLine(.ok, .unsigned))
        let signed = scene { $0.signatures = SignatureFacts(isSigned: true, validating: 2) }
        #expect(signed.line(.signatures) == PlanLine(.ok, .signed(resolvers: 2)))
        let refusing = Make.resolvers(1)
        let broken = scene {
            $0.signatures = SignatureFacts(isSigned: true, validating: 1, refusing: refusing)
        }
        #expect(broken.line(.signatures) == PlanLine(.fix, .brokenSignatures(refusing)))
        let unvalidated = scene { $0.signatures = SignatureFacts(isSigned: true) }
        #expect(unvalidated.line(.signatures) == PlanLine(.unknown, .signedUnvalidated))
        let island = scene { $0.signatures = SignatureFacts(isSigned: true, unconcerned: 2) }
        #expect(island.line(.signatures) == PlanLine(.ok, .signedInVain(resolvers: 2)))
        for facts in [nil, SignatureFacts()] {
            let untold = scene { $0.signatures = facts }
            #expect(untold.line(.signatures) == PlanLine(.unknown, .untold(.signatures)))
        }
    }

    @Test("A wildcard MX that leads elsewhere is named, and its TTL is to be low as well")
    func wildcard() {
        #expect(Scene().line(.wildcard) == PlanLine(.ok, .noWildcard))
        let low = scene { $0.wildcard = Scene.previous(900) }
        #expect(
            low.line(.wildcard)
                == PlanLine(.ok, .wildcard("example.it", [Scene.old], TTL(seconds: 900))))
        let long = scene { $0.wildcard = Scene.previous(3600) }
        #expect(long.line(.wildcard) == PlanLine(.fix, .wildcardTooLong("example.it", TTL(seconds: 3600))))
        let switched = scene { $0.wildcard = Scene.target() }
        #expect(switched.status(.wildcard) == .ok)
        for reading in [nil, Make.silent, Make.serverFailure] {
            let untold = scene { $0.wildcard = reading }
            #expect(untold.line(.wildcard) == PlanLine(.unknown, .untold(.wildcard)))
        }
    }

    @Test("Subdomains that move along have their own TTL and copies, and may have nothing to move")
    func subdomains() {
        let name = Make.domain
        func line(_ other: Scene, own: [IPAddress]? = []) -> PlanLine? {
            scene { $0.subdomains = [SubdomainFacts(other.tracker, ownAddresses: own)] }.line(.subdomain)
        }
        #expect(line(Scene()) == PlanLine(.ok, .subdomain(name, [Scene.old], TTL(seconds: 900))))
        #expect(
            line(Scene([Scene.previous(7200)]))?.status == .fix)
        #expect(
            line(Scene(held: [Make.previous(ttl: 5000)]))?.status == .wait(until: Scene.now + .seconds(5000)))
        #expect(line(Scene([Scene.target()])) == PlanLine(.ok, .subdomainSwitched(name)))
        let nothing = Make.reading(Make.answer([], authority: [Make.soa()], isAuthoritative: true))
        #expect(line(Scene([nothing])) == PlanLine(.ok, .subdomainWithoutMail(name)))
        #expect(line(Scene([Make.silent])) == PlanLine(.unknown, .subdomainUntold(name)))
        let lifetime = TTL(seconds: 300)
        #expect(
            line(Scene([nothing]), own: [.v4(7)])
                == PlanLine(.ok, .subdomainByAddress(name, [.v4(7)], lifetime)))
        #expect(line(Scene([nothing]), own: nil) == PlanLine(.unknown, .subdomainAddressesUntold(name)))
    }

    @Test("A subdomain is not ready because its parent is: its own past, servers and copies count")
    func subdomainsOwnPast() {
        let name: DomainName = "news.example.it"
        var scene = Scene(previousTTL: nil)
        scene.facts.loweredSince = Scene.now - Scene.day * 9
        func line(_ served: [Reading], previousTTL: Int? = nil, since: Instant? = nil) -> PlanLine? {
            let other = Scene(served, previousTTL: previousTTL, domain: name)
            scene.facts.subdomains = [SubdomainFacts(other.tracker, loweredSince: since)]
            return scene.line(.subdomain)
        }
        let low = [Scene.previous(900), Scene.previous(900)]
        #expect(line(low)?.status == .unknown && scene.plan.exitCode == 2)
        #expect(scene.plan.timeline?.earliest == Scene.now + Scene.day, "copies of a day may be out there")
        #expect(line(low, since: Scene.now - Scene.day)?.status == .wait(until: Scene.now + Scene.day))
        #expect(line(low, previousTTL: 86_400)?.status == .wait(until: Scene.now + Scene.day))
        #expect(line(low, since: Scene.now - Scene.day * 2)?.status == .ok && scene.plan.exitCode == 0)
        let since = Scene.now - Scene.day * 2
        #expect(line([Scene.previous(900), Scene.target()], since: since)?.status == .fix)
        #expect(line([Scene.previous(900), Make.silent], since: since)?.status == .fix)
    }

    @Test("A fault of servers that a subdomain shares with its domain is said once")
    func sharedFault() {
        var scene = Scene([Scene.previous(900), Make.silent])
        scene.facts.subdomains = [SubdomainFacts(scene.tracker)]
        #expect(scene.lines(.authority).count == 1 && scene.status(.subdomain) == .ok)
    }

    @Test("A subdomain that gets mail at its own address moves along")
    func subdomainByAddress() {
        let nothing = Make.reading(
            Make.answer([], authority: [Make.soa(ttl: 86_400, minimum: 86_400)], isAuthoritative: true))
        var scene = Scene([Scene.target()])
        scene.facts.subdomains = [SubdomainFacts(Scene([nothing]).tracker, ownAddresses: [.v4(7)])]
        #expect(!scene.plan.isSwitched && scene.plan.exitCode == 1 && scene.plan.timeline?[.lowerTTL] != nil)
        scene.facts.subdomains[0].ownAddresses = []
        #expect(scene.plan.isSwitched && scene.plan.timeline == nil)
    }
}
