import Builders
import DNS
import Propagation
import Testing

@Suite("The bound: no cache that respects TTLs holds another MX after it (§4)")
struct BoundTests {
    @Test("TTL lowered long ago: the switch and the short TTL decide")
    func loweredLongAgo() {
        var zone = PolledZone(previousTTL: nil)
        zone.poll(-200_000, PolledZone.long)
        zone.poll(-100_000, PolledZone.short)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        #expect(zone.tracker.bound == Bound(at: at(630), basis: .witnessed))
    }

    @Test("TTL lowered an hour before the switch: copies with the long TTL are still out there")
    func loweredAnHourBefore() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.long)
        zone.poll(3600, PolledZone.short)
        zone.poll(7200, PolledZone.target)
        #expect(zone.tracker.bound == Bound(at: at(3600 + 86_400), basis: .witnessed))
    }

    @Test("TTL lowered before anybody watched: what nobody saw is assumed to be a day, or what is said")
    func loweredBeforeTheWatch() {
        var zone = PolledZone(previousTTL: nil)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        #expect(
            zone.tracker.bound
                == Bound(
                    at: at(86_400),
                    basis: .unwitnessed(ttl: Policy.assumedTTL, since: at(0), isAssumed: true)))
        var told = PolledZone(previousTTL: 3600)
        told.poll(0, PolledZone.short)
        told.poll(30, PolledZone.target)
        let longest = TTL(seconds: 3600)
        #expect(
            told.tracker.bound
                == Bound(at: at(3600), basis: .unwitnessed(ttl: longest, since: at(0), isAssumed: false)))
    }

    @Test("TTL of the target raised after the switch: nothing to wait for")
    func raisedAfter() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        zone.poll(330, Make.target(ttl: 86_400, isAuthoritative: true))
        #expect(zone.bound == at(630))
    }

    @Test("TTL of the previous MX raised before the switch: the longer one counts from its end")
    func raisedBefore() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.long)
        zone.poll(60, PolledZone.target)
        #expect(zone.bound == at(60 + 86_400))
    }

    @Test("a secondary that lags goes on handing out the previous MX: its end counts")
    func laggingSecondary() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target, PolledZone.short)
        #expect(zone.bound == nil, "copies can still be fetched")
        zone.poll(900, PolledZone.target)
        #expect(zone.bound == at(1500))
    }

    @Test("a rollback and a second switch: the second one counts")
    func rollback() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        zone.poll(1200, PolledZone.short)
        #expect(zone.bound == nil)
        #expect(
            zone.events.last?.1 == .level(.unpropagated)
                || zone.events.contains { $0.1 == .level(.regression) })
        zone.poll(2400, PolledZone.target)
        #expect(zone.bound == at(3000))
        #expect(zone.tracker.publishedAt == at(2400))
    }

    @Test(
        "no MX before the switch: the negative TTL counts; of a null MX its own",
        arguments: [
            (Make.reading(Make.answer([], authority: [Make.soa(ttl: 900)], isAuthoritative: true)), 300),
            (
                Make.reading(
                    Make.answer(
                        [], authority: [Make.soa(ttl: 120)], code: .nameError, isAuthoritative: true)), 120
            ),
            (Make.reading(Make.answer(Make.mx([(0, .root)], ttl: 450), isAuthoritative: true)), 450),
        ] as [(Reading, Double)])
    func noMXBefore(reading: Reading, lifetime: Double) {
        var zone = PolledZone(previousTTL: 0)
        zone.poll(0, reading)
        zone.poll(30, PolledZone.target)
        #expect(zone.bound == at(30 + lifetime))
    }

    @Test("the CNAME's TTL counts where the domain was an alias")
    func alias() {
        let previous = Make.reading(
            Make.answer(
                [Make.cname(Make.domain, "mail.old.it", ttl: 7200)]
                    + Make.mx([(10, "mx.old.it")], ttl: 60, owner: "mail.old.it"), isAuthoritative: true))
        var zone = PolledZone()
        zone.poll(0, previous)
        zone.poll(30, PolledZone.target)
        #expect(zone.bound == at(7230))
    }

    @Test("TTL never witnessed: since the watch first saw it published")
    func neverWitnessed() {
        var zone = PolledZone(previousTTL: nil)
        zone.poll(0, PolledZone.target)
        #expect(zone.bound == at(86_400))
        var told = PolledZone(previousTTL: 1800)
        told.poll(0, PolledZone.target)
        #expect(told.bound == at(1800))
    }

    @Test("switch never witnessed: since the instant that the operator names")
    func switchNeverWitnessed() {
        var zone = PolledZone(previousTTL: 1800, publishedAt: at(-1500))
        zone.poll(0, PolledZone.target)
        #expect(zone.tracker.publishedAt == at(-1500))
        #expect(zone.bound == at(300))
    }

    @Test("an operator whom a server contradicts was wrong: what was seen counts")
    func operatorWasWrong() {
        var zone = PolledZone(previousTTL: 600, publishedAt: at(-7200))
        zone.poll(0, PolledZone.target, PolledZone.long)
        zone.poll(30, PolledZone.target)
        #expect(zone.tracker.publishedAt == at(30))
        #expect(zone.bound == at(30 + 86_400))
    }

    @Test("a server that answers for the first time late may have served the same until then")
    func silentAtFirst() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, Make.silent)
        zone.poll(30, PolledZone.target, Make.silent)
        #expect(zone.tracker.publishedAt == nil)
        zone.poll(600, PolledZone.target)
        #expect(zone.bound == at(1200))
    }

    @Test("a silent server counts until it does not block any more")
    func silentToTheEnd() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, Make.silent, serial: 2)
        zone.poll(3630, PolledZone.target, Make.silent, serial: 2)
        #expect(zone.tracker.publishedAt == at(3630))
        #expect(zone.tracker.verdict(at: at(3630)).bound?.basis == .witnessed)
        #expect(zone.bound == at(3630 + 600))
    }

    @Test("a server that refuses after it told is no lame one: it may refuse us alone")
    func refusesLater() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, Make.refused, serial: 2)
        #expect(zone.tracker.publishedAt == nil && zone.bound == nil)
        zone.poll(3631, PolledZone.target, Make.refused, serial: 2)
        #expect(zone.tracker.publishedAt == at(3631))
        #expect(zone.bound == at(3630 + 600))
    }

    @Test("a server that says to several ports that it does not know the zone holds nothing")
    func lame() {
        let denial = Make.reading(Make.answer([], code: .notAuthoritative))
        var zone = PolledZone()
        for (second, reading) in [(0.0, PolledZone.short), (30, PolledZone.target)] {
            zone.tracker.authority.apply(zone.delegation, at: at(second))
            for (index, answers) in [[reading], [denial, denial, denial]].enumerated() {
                zone.tracker.authority.take([
                    WatchState.PollAnswer(
                        zone.delegation.servers[index],
                        answers.map { WatchState.Sample($0, received: at(second)) })
                ])
            }
            _ = zone.tracker.conclude(at: at(second))
        }
        #expect(zone.bound == at(630))
        guard case .lame? = zone.tracker.verdict(at: at(30)).warnings.first else {
            Issue.record("the server is not named")
            return
        }
    }

    @Test("a server that refuses us from the first may refuse us alone: it counts as silent")
    func refusesFromTheFirst() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, Make.refused, serial: 1)
        zone.poll(30, PolledZone.target, Make.refused, serial: 2)
        #expect(zone.tracker.publishedAt == nil)
        zone.poll(3630, PolledZone.target, Make.refused, serial: 2)
        #expect(zone.tracker.publishedAt == at(3630))
        #expect(zone.bound == at(3630 + 600))
        let server = Make.servers(2)[1]
        #expect(
            zone.tracker.assumptions(at: at(3630)).contains(.caughtUp(server: server, by: at(3630))))
    }

    @Test("another MX without authority is no word for the target: resolvers may take it all the same")
    func hearsay() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.target, Make.previous(ttl: 900))
        #expect(zone.tracker.publishedAt == nil)
        #expect(
            zone.tracker.verdict(at: at(0)).reasons.contains(
                .servedWithoutAuthority(servers: [Make.servers(2)[1]])))
        zone.poll(60, PolledZone.target)
        #expect(zone.bound == at(960))
    }

    @Test(
        "without authoritative servers: since the resolvers were all clear; a longer copy refutes what was said"
    )
    func resolversOnly() {
        var zone = PolledZone(previousTTL: 600, asksAuthority: false)
        zone.tracker.record(Make.previous(ttl: 3000), resolver: 0, at: at(-5000))
        _ = zone.tracker.conclude(at: at(-5000))
        for _ in 0..<3 { zone.tracker.record(Make.target(), resolver: 0, at: at(0)) }
        zone.poll(0, PolledZone.target)
        #expect(zone.tracker.publishedAt == at(0))
        #expect(zone.bound == at(86_400))
    }
}

@Suite("What nobody saw between two polls")
struct DoubtTests {
    @Test("one step of the serial is one change, and cannot lead away and back")
    func oneStep() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(330, PolledZone.target, serial: 3)
        #expect(zone.bound == at(630))
        #expect(zone.tracker.nextPoll(after: at(610), full: at(330)) == Due(at(630), .level))
    }

    @Test("two steps may have: what was served before may have been fetched until now")
    func twoSteps() {
        var zone = PolledZone(settle: 7200)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(330, PolledZone.target, serial: 4)
        #expect(zone.bound == at(930))
        #expect(zone.events.last?.1 == .doubt(zone.tracker.authority.doubt!))
        #expect(zone.tracker.authority.doubt?.edits == 2)
    }

    @Test("an answer that was lost hides no change")
    func lostAnswer() {
        var zone = PolledZone(servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(330, Make.silent, serial: 4)
        zone.poll(630, PolledZone.target, serial: 4)
        #expect(zone.bound == at(1230))
    }

    @Test("front ends that lag show older serials in between, and move nothing")
    func flappingSerial() {
        var zone = PolledZone(servers: 1)
        zone.poll(0, PolledZone.short, serial: 8)
        zone.poll(30, PolledZone.target, serial: 9)
        for poll in 1...6 {
            zone.poll(30 + Double(poll) * 300, PolledZone.target, serial: poll % 2 == 0 ? 9 : 5)
        }
        #expect(zone.bound == at(630))
    }
}

@Suite("A delegation that moves (§4)")
struct FormerServerTests {
    private static let old = AuthorityIdentity(
        name: "ns1.old.it", endpoint: Endpoint("127.0.0.3:53")!)
    private static let new = AuthorityIdentity(
        name: "ns1.new.it", endpoint: Endpoint("127.0.0.4:53")!)

    private func delegation(_ server: AuthorityIdentity, ttl: Int = 3600) -> Delegation {
        Delegation(zone: Make.domain, servers: [server], nameServerTTL: TTL(seconds: ttl))
    }

    private func moved(formerServes reading: Reading) -> PolledZone {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation(Self.old)
        zone.poll(0, PolledZone.short)
        zone.delegation = delegation(Self.new, ttl: 60)
        zone.poll(300, PolledZone.target, reading)
        #expect(zone.tracker.authority.polled == [Self.new, Self.old])
        return zone
    }

    @Test("resolvers that hold the former NS RRset fetch from the former server to its end")
    func formerServes() {
        let zone = moved(formerServes: PolledZone.short)
        #expect(zone.tracker.publishedAt == at(300), "the delegation's servers agree")
        #expect(zone.tracker.bound == Bound(at: at(300 + 3600 + 600), basis: .formerServers))
        #expect(
            zone.tracker.verdict(at: at(300)).reasons.contains(
                .formerServers([Self.old], until: at(3900))))
    }

    @Test("a former server that serves the target too leaves its copies behind, and no more")
    func formerIsSwitched() {
        var zone = moved(formerServes: PolledZone.short)
        zone.poll(900, PolledZone.target)
        #expect(zone.bound == at(1500))
    }

    @Test("after the former NS RRset's TTL it is not asked any more, and what it left is kept")
    func forgotten() {
        var zone = moved(formerServes: PolledZone.short)
        zone.poll(4000, PolledZone.target, PolledZone.short)
        #expect(zone.tracker.authority.former.isEmpty)
        #expect(zone.bound == at(4500))
    }

    @Test("a server that comes back is asked as before, with what is known of it")
    func comesBack() {
        var zone = moved(formerServes: PolledZone.short)
        zone.delegation = delegation(Self.old)
        zone.poll(600, PolledZone.short)
        #expect(zone.tracker.publishedAt == nil)
        #expect(zone.tracker.authority.former.map(\.state.identity) == [Self.new])
    }
}
