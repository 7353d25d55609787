import Builders
import DNS
import Propagation
import Testing

@Suite("Warnings that follow from several answers")
struct WarningTests {
    @Test("an old exchange left with a high preference is named")
    func foreignExchange() {
        var zone = PolledZone()
        let mixed = Make.reading(
            Make.answer(Make.mx([(10, "mx01.cbsolt.net"), (50, "mail.old.it")]), isAuthoritative: true))
        zone.poll(0, mixed)
        let warnings = zone.tracker.verdict(at: at(0)).warnings
        #expect(warnings.contains(.foreignExchange("mail.old.it", preference: 50)))
    }

    static let mistakes: [(DomainName, Warning?)] = [
        ("mx01.cbsolt.net.example.it", .missingDot("mx01.cbsolt.net.example.it", meant: "mx01.cbsolt.net")),
        ("in.cbsolt.net.example.it", .missingDot("in.cbsolt.net.example.it", meant: "in.cbsolt.net")),
        ("mx01.cbsolt.net.it", .missingDot("mx01.cbsolt.net.it", meant: "mx01.cbsolt.net")),
        ("192.0.2.7", .exchangeIsAddress("192.0.2.7")),
        ("192.0.2.7.example.it", .exchangeIsAddress("192.0.2.7")),
        ("example.it", .exchangeIsDomain("example.it")),
        ("mx01.cbslot.net", .probableTypo("mx01.cbslot.net", meant: "mx01.cbsolt.net")),
        (".", .nullBesideOthers),
        ("mail.example.it", nil), ("mail.old.it", nil),
    ]

    @Test("what an administrator most likely did wrong is said", arguments: mistakes)
    func mistake(exchange: DomainName, expected: Warning?) {
        for beside in [[], [(10, "mx01.cbsolt.net")]] as [[(UInt16, DomainName)]] {
            var zone = PolledZone()
            let exchanges = beside + [(50, exchange)]
            // Alone, a null MX is none.
            if exchange.isRoot, beside.isEmpty { continue }
            zone.poll(0, Make.reading(Make.answer(Make.mx(exchanges), isAuthoritative: true)))
            let warnings = zone.tracker.verdict(at: at(0)).warnings
            let told = warnings.filter {
                switch $0 {
                case .missingDot, .exchangeIsAddress, .exchangeIsDomain, .probableTypo, .nullBesideOthers:
                    true
                default: false
                }
            }
            // Before the switch the domain is often its own exchange.
            let isUsual = beside.isEmpty && expected == .exchangeIsDomain("example.it")
            #expect(told == (isUsual ? [] : expected.map { [$0] } ?? []))
            // What leads to no server gets no mail.
            let getsMail = warnings.contains(.foreignExchange(exchange, preference: 50))
            let leadsNowhere =
                switch expected {
                case .missingDot, .exchangeIsAddress, .nullBesideOthers: true
                default: false
                }
            #expect(getsMail == (!beside.isEmpty && !leadsNowhere))
        }
    }

    @Test(
        "what only a cached copy still has is no mistake any more", arguments: mistakes.filter { $0.1 != nil }
    )
    func correctedMistake(exchange: DomainName, expected: Warning?) {
        var zone = PolledZone()
        zone.tracker.record(
            Make.reading(Make.answer(Make.mx([(10, "mx02.qboxmail.com"), (50, exchange)]))), resolver: 0,
            at: at(0))
        func tells() -> Bool {
            expected.map { zone.tracker.verdict(at: at(0)).warnings.contains($0) } ?? false
        }
        #expect(tells() == (expected != nil))
        zone.poll(0, Make.reading(Make.answer(Make.mx([(10, "mx01.cbsolt.net")]), isAuthoritative: true)))
        #expect(!tells())
    }

    @Test("--mx has its final dot forgotten as well")
    func missingDotOfAnother() {
        let target = Target(name: "custom", primary: "mx.new.it", hosts: ["mx.new.it"])
        var tracker = DomainTracker(
            domain: Make.domain, target: target, policy: sweepPolicy, resolvers: Make.resolvers(1))
        tracker.record(
            Make.reading(Make.answer(Make.mx([(10, "mx.new.it.example.it")])), target: target), resolver: 0,
            at: at(0))
        #expect(
            tracker.verdict(at: at(0)).warnings.contains(
                .missingDot("mx.new.it.example.it", meant: "mx.new.it")))
    }

    @Test("a name below the apex that has no MX is told where its zone begins")
    func belowApex() {
        let domain: DomainName = "www.example.it"
        var tracker = DomainTracker(
            domain: domain, target: .qboxmail, policy: sweepPolicy, resolvers: Make.resolvers(1))
        tracker.authority.apply(Delegation(zone: "example.it", servers: Make.servers(1)), at: at(0))
        let none = Make.reading(Make.answer([], authority: [Make.soa()]))
        tracker.record(none, resolver: 0, at: at(0))
        #expect(tracker.verdict(at: at(0)).warnings.contains(.belowApex(domain, zone: "example.it")))
        tracker.record(Make.previous(), resolver: 0, at: at(1))
        #expect(!tracker.verdict(at: at(1)).warnings.contains(.belowApex(domain, zone: "example.it")))
    }

    @Test("name servers that are not asked since others were given are named, and published says so")
    func notAsked() {
        var zone = PolledZone()
        var delegation = Delegation(servers: Make.servers(1))
        (delegation.isGiven, delegation.notAsked) = (true, ["ns8.example.it", "ns9.example.it"])
        zone.tracker.authority.apply(delegation, at: at(0))
        zone.tracker.authority.take([
            WatchState.PollAnswer(Make.servers(1)[0], WatchState.Sample(PolledZone.target, received: at(0)))
        ])
        _ = zone.tracker.conclude(at: at(0))
        let verdict = zone.tracker.verdict(at: at(0))
        #expect(
            verdict.warnings.contains(
                .notAsked(["ns8.example.it", "ns9.example.it"], given: Make.servers(1))))
        #expect(verdict.reasons.contains(.published(servers: 1, notAsked: 2)))
    }

    @Test("a domain that every resolver denies is said not to exist; one that one of them knows is not")
    func nonexistent() {
        let denial = Make.reading(Make.answer([], authority: [Make.soa()], code: .nameError))
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: sweepPolicy, resolvers: Make.resolvers(3))
        tracker.record(denial, resolver: 0, at: at(0))
        tracker.record(Make.silent, resolver: 1, at: at(0))
        tracker.record(denial, resolver: 2, at: at(0))
        #expect(tracker.verdict(at: at(0)).warnings == [.nonexistent(resolvers: 2)])
        tracker.record(Make.previous(), resolver: 2, at: at(1))
        #expect(!tracker.verdict(at: at(1)).warnings.contains(.nonexistent(resolvers: 1)))
    }

    @Test("changes that nobody saw are told of")
    func unseenChanges() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(330, PolledZone.target, serial: 4)
        let doubt = AuthorityState.Doubt(edits: 2, from: at(30), until: at(330), serial: SerialNumber(4))
        #expect(zone.tracker.verdict(at: at(330)).warnings.contains(.unseenChanges(doubt, waitUntil: nil)))
    }

    @Test("a second pass that a rollback takes back is said to be no longer safe")
    func takenBack() {
        var zone = PolledZone(settle: 60)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        zone.poll(690, PolledZone.target)
        #expect(zone.tracker.secondPassAt == at(690))
        zone.poll(990, PolledZone.short)
        #expect(
            zone.events.suffix(3).map(\.1) == [
                .level(.regression), .level(.unpropagated), .level(.secondPassUnsafe),
            ])
    }
}
