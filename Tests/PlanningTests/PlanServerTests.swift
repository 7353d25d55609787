import Builders
import DNS
import Planning
import Propagation
import Testing

@Suite("The plan's lines on the domain, its servers and its delegation")
struct PlanServerTests {
    private typealias Scene = PlanScene

    @Test("A domain that does not exist has this one line, and no timeline")
    func nonexistent() {
        var scene = Scene()
        scene.facts.tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(), resolvers: Make.resolvers(1))
        scene.facts.tracker.authority.take(
            .failure(SearchError("example.it does not exist", isDenial: true)), at: Scene.now)
        #expect(scene.plan.lines == [PlanLine(.fix, .nonexistent("example.it does not exist"))])
        #expect(scene.plan.timeline == nil && scene.plan.exitCode == 1)
    }

    @Test("Servers that could not be found, or do not answer, are what cannot be told")
    func unknown() {
        var scene = Scene()
        scene.facts.tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(), resolvers: Make.resolvers(1))
        scene.facts.tracker.authority.take(.failure(SearchError("no resolver told")), at: Scene.now)
        #expect(scene.line(.domain) == PlanLine(.unknown, .authorityUnknown("no resolver told")))
        #expect(scene.plan.timeline == nil && scene.plan.lifetimes == nil)
        let silent = Scene([Make.silent, Make.silent])
        #expect(silent.line(.domain) == PlanLine(.unknown, .authoritySilent(asked: 2)))
        scene.facts.tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(), resolvers: Make.resolvers(1),
            asksAuthority: false)
        #expect(scene.line(.domain) == PlanLine(.unknown, .authorityNotAsked))
    }

    @Test("A domain that has switched says so, has no timeline, and still shows what else mail needs")
    func switched() {
        var scene = Scene([Scene.target(), Scene.target()], previousTTL: nil)
        #expect(scene.line(.domain) == PlanLine(.ok, .switched(servers: 2)))
        #expect(scene.plan.isSwitched && scene.plan.timeline == nil && scene.plan.exitCode == 0)
        #expect(scene.lines(.timeToLive) == [] && scene.lines(.lowering) == [] && scene.lines(.copies) == [])
        scene.facts.senderPolicies = SenderPolicyFacts(records: ["v=spf1 -all"])
        #expect(scene.plan.exitCode == 1)
    }

    @Test("Half a switch is to be finished: at one server, or beside an exchange that stays")
    func half() {
        let oneServer = Scene([Scene.target(), Scene.previous(900)])
        let other = oneServer.tracker.authority.servers[1].identity
        #expect(oneServer.line(.domain) == PlanLine(.fix, .partlySwitched(others: [other], of: 2)))
        let mixed = Make.reading(
            Make.answer(Make.mx([(10, "mx01.cbsolt.net"), (90, "mail.old.it")]), isAuthoritative: true))
        #expect(Scene([mixed]).status(.domain) == .fix)
        #expect(Scene([mixed]).plan.timeline != nil)
    }

    @Test("A name without a zone of its own says where its records stand")
    func inZone() {
        let scene = Scene(domain: "news.example.it")
        #expect(scene.line(.zone) == PlanLine(.ok, .inZone("example.it")))
        #expect(Scene().line(.zone) == nil)
    }

    @Test("Servers that agree are one line, with the serial")
    func consistent() {
        let scene = Scene(serials: [7])
        #expect(
            scene.lines(.authority)
                == [PlanLine(.ok, .authorityConsistent(servers: 2, serial: SerialNumber(7)))])
    }

    @Test("A server that is silent, lame or behind is to be repaired, and named")
    func faults() throws {
        let silent = Scene([Scene.previous(900), Make.silent])
        let name = silent.tracker.authority.servers[1].identity
        #expect(
            silent.lines(.authority)
                == [PlanLine(.fix, .fault(.silentAuthority(server: name, "no answer in time")))])
        let lame = Scene([Scene.previous(900), Make.refused])
        #expect(lame.lines(.authority) == [PlanLine(.fix, .fault(.silentAuthority(server: name, "REFUSED")))])
        let lagging = Scene(serials: [9, 8])
        #expect(
            lagging.lines(.authority) == [
                PlanLine(
                    .fix,
                    .fault(.lagging(server: name, serial: SerialNumber(8), newest: SerialNumber(9))))
            ])
        let noRoute = Scene([Scene.previous(900), Make.noRoute])
        #expect(noRoute.plan.readiness == .ready, "an address family that this host lacks is no fault")
        #expect(noRoute.lines(.authority).contains(PlanLine(.ok, .fault(.unreachableFamily(server: name)))))
    }

    @Test("A name server whose address nobody tells was not asked, and may serve anything")
    func unresolved() {
        var scene = Scene()
        let servers = scene.tracker.authority.servers.map(\.identity)
        scene.facts.tracker.authority.apply(
            Delegation(
                zone: Make.domain, servers: servers, unresolved: ["ns9.host.it"],
                nameServerTTL: TTL(seconds: 3600)), at: Scene.now)
        #expect(scene.lines(.authority).contains(PlanLine(.unknown, .unresolvedNameServers(["ns9.host.it"]))))
        #expect(scene.plan.exitCode == 2)
    }

    @Test("Servers that serve different MX are to be made the same")
    func differs() {
        let other = Make.reading(Make.answer(Make.mx([(10, "mail.other.it")]), isAuthoritative: true))
        #expect(Scene([Scene.previous(900), other]).line(.authority) == PlanLine(.fix, .authorityDiffers))
    }

    @Test("Parent and zone that disagree are to be made the same; nothing told is not known")
    func delegation() {
        #expect(Scene().line(.delegation) == PlanLine(.ok, .delegation(TTL(seconds: 3600))))
        #expect(Scene(nameServerTTL: nil).line(.delegation) == PlanLine(.unknown, .delegationUnknown))
        var scene = Scene()
        var delegation = Delegation(
            zone: Make.domain, servers: scene.tracker.authority.servers.map(\.identity),
            nameServerTTL: TTL(seconds: 3600))
        delegation.onlyAtParent = ["ns9.host.it"]
        scene.facts.tracker.authority.apply(delegation, at: Scene.now)
        let warning = Warning.delegationMismatch(onlyAtParent: ["ns9.host.it"], onlyAtChild: [])
        #expect(scene.lines(.delegation) == [PlanLine(.fix, .fault(warning))])
    }

    @Test("Addresses that were given have no delegation to be looked at")
    func given() {
        var scene = Scene()
        let servers = scene.tracker.authority.servers.map {
            AuthorityIdentity(name: nil, endpoint: $0.identity.endpoint)
        }
        scene.facts.tracker.authority.apply(Delegation(zone: Make.domain, servers: servers), at: Scene.now)
        #expect(scene.lines(.delegation) == [] && scene.lines(.nameServers) == [])
    }

    @Test("Name servers that are left go on answering (G5)")
    func nameServers() {
        var scene = Scene()
        let names: [DomainName] = ["ns1.host.it", "ns2.host.it"]
        #expect(scene.line(.nameServers) == PlanLine(.ok, .nameServers(names, TTL(seconds: 3600))))
        scene.wishes.leavesNameServers = true
        #expect(scene.line(.nameServers) == PlanLine(.ok, .leavingNameServers(names, TTL(seconds: 3600))))
    }
}
