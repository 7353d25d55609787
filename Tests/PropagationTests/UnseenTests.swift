import Builders
import DNS
import Propagation
import Testing

/// Whom resolvers may ask, and what may be served unseen (§3, §4).
@Suite("What nobody sees bounds the verdict all the same")
struct UnseenTests {
    private static func server(_ name: String, _ last: Int) -> AuthorityIdentity {
        AuthorityIdentity(
            name: DomainName(stringLiteral: "\(name).example.it"), endpoint: Endpoint("127.0.0.\(last):53")!)
    }

    private func delegation(_ servers: [AuthorityIdentity], addressTTL: Int? = nil) -> Delegation {
        var delegation = Delegation(zone: Make.domain, servers: servers, nameServerTTL: TTL(seconds: 60))
        if let addressTTL {
            for server in servers { delegation.addressTTLs[server] = TTL(seconds: addressTTL) }
        }
        return delegation
    }

    // MARK: Addresses

    @Test("an address that its name no longer has is asked on for as long as its record lives")
    func renumbered() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation([Self.server("ns1", 21)], addressTTL: 7200)
        zone.poll(0, PolledZone.short)
        zone.delegation = delegation([Self.server("ns1", 22)], addressTTL: 7200)
        zone.poll(300, PolledZone.target, PolledZone.short)
        #expect(zone.tracker.authority.former.map(\.until) == [at(300 + 7200)])
        #expect(zone.bound == at(300 + 7200 + 600))
        #expect(zone.tracker.bound?.basis == .formerServers)
    }

    @Test("where nobody responsible told its TTL, an address is asked on for two days")
    func renumberedUntold() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation([Self.server("ns1", 21)])
        zone.poll(0, PolledZone.short)
        zone.delegation = delegation([Self.server("ns1", 22)])
        zone.poll(300, PolledZone.target, PolledZone.short)
        #expect(zone.tracker.authority.former.map(\.until) == [at(300 + 172_800)])
    }

    @Test("a further address of a known name has no past of its own: the bound stays")
    func rotatingAddresses() {
        var zone = PolledZone(previousTTL: nil, servers: 0)
        for look in 0..<6 {
            zone.delegation = delegation((0..<4).map { Self.server("ns1", 20 + look * 4 + $0) })
            zone.poll(Double(look) * 600, PolledZone.target)
        }
        #expect(zone.bound == at(86_400))
    }

    @Test("what the operator named with --authority was never delegated to, and is no former server")
    func namedByOperator() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation([Self.server("old", 30)])
        zone.delegation.isGiven = true
        zone.poll(0, PolledZone.short)
        zone.delegation = delegation([Self.server("ns1", 21)])
        zone.poll(300, PolledZone.target)
        #expect(zone.tracker.authority.former.isEmpty)
    }

    // MARK: Name servers from before the first look

    @Test("a resolver's copy of the NS RRset names former servers, which are asked and count")
    func namedByACopy() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation([Self.server("ns1", 21)])
        zone.poll(0, PolledZone.target)
        let copy = WatchState.NameServerCopy(
            ["ns1.example.it", "old.example.it"], remaining: TTL(seconds: 900), received: at(1))
        let isNews = zone.tracker.record(nameServers: copy, resolver: 0)
        #expect(isNews)
        #expect(zone.tracker.authority.namesToFollow(at: at(1)) == ["old.example.it"])
        #expect(!zone.tracker.wantsNameServers(ofResolver: 0, at: at(2)), "one question a run")
        zone.delegation.held = [Self.server("old", 30)]
        zone.poll(30, PolledZone.target, PolledZone.short)
        #expect(zone.tracker.authority.former.map(\.until) == [at(172_800)])
        #expect(zone.bound == at(172_800 + 600))
        #expect(zone.tracker.assumptions(at: at(30)).isEmpty, "what is known is not assumed")
    }

    @Test("without a sign of the contrary they are assumed to be the same, until nothing can be left")
    func assumedUnchanged() {
        var zone = PolledZone(servers: 1)
        zone.poll(0, PolledZone.target)
        #expect(
            zone.tracker.assumptions(at: at(700)) == [.nameServersUnchanged(since: at(-172_800))])
        #expect(zone.tracker.assumptions(at: at(172_800 + 600)).isEmpty)
    }

    @Test("--name-servers-since takes the assumption's place, and counts as a change then")
    func nameServersSince() {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(previousTTL: TTL(seconds: 600)),
            resolvers: Make.resolvers(1), nameServersSince: at(-3600))
        tracker.authority.apply(Make.delegation(1), at: at(0))
        tracker.authority.record(PolledZone.target, server: 0, at: at(0), roundTrip: nil)
        _ = tracker.conclude(at: at(0))
        #expect(
            tracker.bound
                == Bound(at: at(-3600 + 172_800 + 600), basis: .nameServers(since: at(-3600))))
        #expect(tracker.assumptions(at: at(0)).isEmpty)
    }

    // MARK: Rollbacks

    @Test("what was served unseen had the longest TTL that was ever seen, not the last one")
    func longTTLReturns() {
        var zone = PolledZone(settle: 200_000, servers: 1)
        zone.poll(0, PolledZone.long, serial: 1)
        zone.poll(90_000, PolledZone.short, serial: 2)
        zone.poll(200_000, PolledZone.target, serial: 3)
        zone.poll(200_300, PolledZone.target, serial: 5)
        #expect(zone.bound == at(200_300 + 86_400))
    }

    @Test(
        "a serial that never changes tells of no rollback between two looks: that there was none is assumed")
    func fixedSerial() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 1)
        zone.poll(60, PolledZone.target, serial: 1)
        #expect(!zone.tracker.assumptions(at: at(60)).contains { $0.isAboutRollback })
        zone.poll(360, PolledZone.target, serial: 1)
        #expect(
            zone.tracker.assumptions(at: at(360)).contains(.noRollback(from: at(60), until: at(360))))
        let gone = at(360 + 86_400 + 7200)
        #expect(zone.tracker.assumptions(at: gone - .seconds(1)).contains { $0.isAboutRollback })
        #expect(
            !zone.tracker.assumptions(at: gone).contains { $0.isAboutRollback },
            "copies are gone, and settled")
    }

    @Test("a look some days before, as a plan has, makes the assumption about the name servers needless")
    func lookedBefore() {
        var plan = PolledZone(servers: 1)
        plan.poll(0, PolledZone.short)
        var watch = PolledZone(servers: 1)
        watch.tracker.recall(plan.tracker.recollection(at: at(1)), at: at(300_000))
        watch.poll(300_000, PolledZone.short)
        watch.poll(300_030, PolledZone.target)
        #expect(watch.tracker.publishedAt == at(300_030))
        #expect(watch.tracker.assumptions(at: at(300_030)).isEmpty)
    }

    @Test("a remembered \"safe\" names the gap before it as long as no serial tells of edits in it")
    func lostSerialAfterGap() {
        var first = PolledZone(servers: 1)
        first.poll(0, PolledZone.short, serial: 1)
        first.poll(30, PolledZone.target, serial: 2)
        first.poll(640, PolledZone.target, serial: 2)
        #expect(first.tracker.secondPassAt == at(640))
        var next = PolledZone(previousTTL: nil, servers: 1)
        next.tracker.recall(first.tracker.recollection(at: at(700)), at: at(4000))
        next.poll(4001, PolledZone.target)
        #expect(next.tracker.verdict(at: at(4001)).exitCode(for: .secondPass) == 0)
        #expect(
            next.tracker.assumptions(at: at(4001)).contains(.noRollback(from: at(640), until: at(4001))))
        next.poll(4031, PolledZone.target, serial: 4)
        let verdict = next.tracker.verdict(at: at(4031))
        #expect(verdict.exitCode(for: .secondPass) == 0, "a doubt takes no level back")
        let isWarned = verdict.warnings.contains { if case .unseenChanges = $0 { true } else { false } }
        #expect(isWarned)
    }

    @Test("a backup may bring back the serial there was: a long gap without a look is assumed to be quiet")
    func serialGoesBack() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(330, PolledZone.target, serial: 2)
        #expect(!zone.tracker.assumptions(at: at(330)).contains { $0.isAboutRollback })
        zone.poll(1300, PolledZone.target, serial: 2)
        #expect(
            zone.tracker.assumptions(at: at(1300)).contains(.noRollback(from: at(330), until: at(1300))))
    }

    @Test("a gap is named until its copies are gone and that has settled, whatever gap comes after it")
    func twoGaps() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(1300, PolledZone.target, serial: 2)
        var second = 1600.0
        while second < 1300 + 86_400 + 3600 {
            zone.poll(second, PolledZone.target, serial: 2)
            second += 300
        }
        zone.poll(second + 700, PolledZone.target, serial: 2)
        #expect(
            zone.tracker.assumptions(at: at(second + 700)).contains(
                .noRollback(from: at(30), until: at(second + 700))))
    }

    // MARK: Silent servers

    @Test(
        "a server that falls silent may serve what it served for REFRESH + 3 × RETRY, whatever §3 waits for")
    func silentToUsAlone() {
        var zone = PolledZone()
        (zone.refresh, zone.retry) = (600, 900)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, Make.silent, serial: 2)
        zone.poll(640, PolledZone.target, Make.silent, serial: 2)
        #expect(zone.tracker.publishedAt == at(640), "it blocks for REFRESH alone")
        #expect(zone.bound == at(30 + 600 + 2700 + 600))
        #expect(
            zone.tracker.assumptions(at: at(640)).contains(
                .caughtUp(server: Make.servers(2)[1], by: at(30 + 600 + 2700))))
    }

    @Test("of several back ends behind one address, the worst counts")
    func backEnds() {
        var zone = PolledZone(servers: 1)
        zone.tracker.authority.apply(zone.delegation, at: at(0))
        let samples = [PolledZone.target, PolledZone.short, PolledZone.target].map {
            WatchState.Sample($0, received: at(0))
        }
        zone.tracker.authority.take([WatchState.PollAnswer(zone.delegation.servers[0], samples)])
        _ = zone.tracker.conclude(at: at(0))
        #expect(zone.tracker.publishedAt == nil && zone.tracker.authority.contradicts)
    }

    // MARK: Copies that prove

    @Test(
        "a copy that was fetched after publication counts also where it is gone when the servers are asked next"
    )
    func fetchedSinceAndGone() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        zone.poll(1000, PolledZone.target)
        zone.tracker.record(Make.previous(ttl: 8), resolver: 0, at: at(1016))
        _ = zone.tracker.conclude(at: at(1016))
        #expect(zone.tracker.verdict(at: at(1016)).bound?.at == at(630))
        for second in [1025.0, 1025, 1025] { zone.tracker.record(Make.target(), resolver: 0, at: at(second)) }
        _ = zone.tracker.conclude(at: at(1025))
        zone.poll(1030, PolledZone.target)
        let verdict = zone.tracker.verdict(at: at(1030))
        #expect(verdict.warnings.contains(.fetchedSince(resolver: "r0", at: at(1016))))
        #expect(verdict.bound.map { $0.at >= at(1616) } == true)
    }

    @Test("a copy fetched after publication moves the bound: some site serves another MX to others")
    func fetchedSince() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.tracker.record(Make.previous(ttl: 500), resolver: 0, at: at(1000))
        _ = zone.tracker.conclude(at: at(1000))
        #expect(zone.bound == at(630), "a rollback may explain it: the servers are asked first")
        zone.poll(1030, PolledZone.target, serial: 2)
        #expect(zone.bound.map { $0 >= at(1000 + 600) } == true)
        #expect(
            zone.tracker.verdict(at: at(1030)).warnings.contains(.fetchedSince(resolver: "r0", at: at(1000))))
    }

    @Test("--published-at that a copy contradicts dates nothing, nor what comes five days later")
    func refutedPublication() {
        var zone = PolledZone(previousTTL: nil, publishedAt: at(-6 * 86_400), servers: 1)
        zone.tracker.record(Make.previous(ttl: 3600), resolver: 0, at: at(0))
        zone.poll(0, PolledZone.target, serial: 1)
        #expect(zone.tracker.publishedAt == at(0))
        #expect(zone.bound == at(86_400))
        let warnings = zone.tracker.verdict(at: at(0)).warnings
        #expect(warnings.contains { if case .refutedPublication = $0 { true } else { false } })
    }

    @Test("one resolver alone is no witness of a TTL of more than a day; a filter's NXDOMAIN is none of any")
    func loneWord() {
        var zone = PolledZone(previousTTL: nil, servers: 1)
        zone.tracker.record(Make.previous(ttl: 604_800), resolver: 0, at: at(0))
        zone.poll(0, PolledZone.target, serial: 1)
        #expect(zone.tracker.bound?.at == at(86_400))
        var filtered = PolledZone(previousTTL: 600, servers: 1)
        let denial = Make.reading(
            Make.answer([], authority: [Make.soa(ttl: 10_800, minimum: 10_800)], code: .nameError))
        filtered.tracker.record(denial, resolver: 0, at: at(0))
        filtered.poll(0, PolledZone.target, serial: 1)
        filtered.tracker.record(denial, resolver: 0, at: at(5000))
        filtered.poll(5000, PolledZone.target, serial: 1)
        #expect(filtered.bound == at(600))
    }
}

/// Who counts, and for how long what was told holds (§6).
@Suite("Resolvers that fail")
struct FailingResolverTests {
    private func tracker(_ resolvers: Int, at second: Double) -> DomainTracker {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail,
            policy: Policy(
                confirmationSpread: .zero, settle: .seconds(1200), previousTTL: TTL(seconds: 60)),
            resolvers: Make.resolvers(resolvers))
        tracker.authority.apply(Make.delegation(1), at: at(second))
        poll(&tracker, second)
        return tracker
    }

    private func poll(_ tracker: inout DomainTracker, _ second: Double) {
        tracker.authority.record(PolledZone.target, server: 0, at: at(second), roundTrip: nil)
        _ = tracker.conclude(at: at(second))
    }

    @Test(
        "where all fail after they were clear, there is no verdict, and the levels come back with their answers"
    )
    func allFail() {
        var tracker = tracker(3, at: 0)
        for index in 0..<3 {
            for _ in 0..<3 { tracker.record(Make.target(), resolver: index, at: at(0)) }
        }
        poll(&tracker, 1)
        #expect(tracker.verdict(at: at(1)).phase == .propagated)
        for minute in 1...25 {
            for index in 0..<3 {
                tracker.record(Make.serverFailure, resolver: index, at: at(Double(minute) * 60))
            }
            poll(&tracker, Double(minute) * 60)
        }
        let verdict = tracker.verdict(at: at(1500))
        #expect(verdict.phase == .undetermined && verdict.exitCode(for: .propagated) == 2)
        #expect(verdict.reasons.contains(.unheard(told: 0, of: 3, needed: 3)))
        #expect(tracker.secondPassAt == nil, "no level is reached on what was told long ago")
        #expect(tracker.resolvers[0].state(at: at(1500)) == .failing)
        for index in 0..<3 { tracker.record(Make.target(), resolver: index, at: at(1560)) }
        poll(&tracker, 1560)
        #expect(tracker.propagatedAt == at(1) && tracker.secondPassAt == at(1560))
    }

    @Test(
        "one that told the previous MX and never tells again is set aside after 30 min and 10 questions",
        arguments: [Make.silent, Make.serverFailure])
    func setAside(reading: Reading) {
        var tracker = tracker(10, at: 0)
        tracker.record(Make.previous(ttl: 60), resolver: 0, at: at(0))
        for round in 0...12 {
            let second = 30 + Double(round) * 200
            for index in 1..<10 {
                for _ in 0..<3 { tracker.record(Make.target(), resolver: index, at: at(second)) }
            }
            tracker.record(reading, resolver: 0, at: at(second))
            poll(&tracker, second)
            #expect((tracker.propagatedAt != nil) == (second >= 1830), "at \(second)")
        }
        guard case .setAside? = tracker.resolvers[0].exclusion else {
            Issue.record("it is not named")
            return
        }
        tracker.record(Make.previous(ttl: 60), resolver: 0, at: at(2500))
        #expect(tracker.resolvers[0].counts, "it counts again with its first answer")
    }

    @Test("one that filters with NXDOMAIN is set aside when no cache can hold that any more")
    func denying() {
        var tracker = tracker(10, at: 0)
        let denial = Make.reading(Make.answer([], authority: [Make.soa()], code: .nameError))
        for round in 0...12 {
            let second = 30 + Double(round) * 200
            for index in 1..<10 {
                for _ in 0..<3 { tracker.record(Make.target(), resolver: index, at: at(second)) }
            }
            tracker.record(denial, resolver: 0, at: at(second))
            poll(&tracker, second)
        }
        #expect(tracker.propagatedAt != nil && !tracker.resolvers[0].counts)
        tracker.record(Make.target(), resolver: 0, at: at(2500))
        #expect(tracker.resolvers[0].counts)
    }
}

extension Assumption {
    fileprivate var isAboutRollback: Bool { if case .noRollback = self { true } else { false } }
}
