import Builders
import DNS
import Propagation
import Testing

/// Sequences of answers after which it would be tempting, and wrong, to call something reached.
@Suite("Doubt is never safe")
struct DoubtIsNeverSafeTests {
    private let noRoute = Make.reading(.silent(.noRoute("network unreachable")))

    // MARK: The operator's word

    @Test("a server that contradicted the operator and falls silent has not come to agree")
    func contradictionThatFallsSilent() {
        var zone = PolledZone(publishedAt: at(-7200))
        zone.poll(0, PolledZone.target, PolledZone.short)
        zone.poll(30, PolledZone.target, Make.silent)
        #expect(zone.tracker.publishedAt == nil)
        zone.poll(3700, PolledZone.target, Make.silent)
        #expect(zone.tracker.publishedAt == at(3700), "an hour later it is taken to be in step")
    }

    @Test("a contradiction that comes when the servers are first found counts as well")
    func lateContradiction() {
        var zone = PolledZone(previousTTL: nil, publishedAt: at(-10_800))
        zone.tracker.authority.take(.failure(SearchError("no resolver told")), at: at(0))
        _ = zone.tracker.conclude(at: at(0))
        #expect(zone.tracker.publishedAt == at(-10_800))
        zone.poll(30, PolledZone.short)
        zone.poll(60, PolledZone.target)
        #expect(zone.bound == at(30 + 86_400))
    }

    @Test("an interceptor's answers without authority do not take the operator's word away")
    func interceptedAnswers() {
        var zone = PolledZone(previousTTL: 600, publishedAt: at(-7200))
        zone.poll(0, Make.target())
        _ = zone.tracker.conclude(at: at(1))
        #expect(zone.tracker.propagatedAt != nil)
        for _ in 0..<3 { zone.tracker.record(Make.target(), resolver: 0, at: at(10)) }
        _ = zone.tracker.conclude(at: at(10))
        #expect(zone.tracker.secondPassAt != nil, "the resolvers confirm, since no server has a say")
    }

    // MARK: Resolvers alone

    @Test("without authority a rollback takes published back, and the bound begins anew")
    func rollbackBehindResolvers() {
        var zone = PolledZone(previousTTL: 600, asksAuthority: false)
        zone.poll(0, PolledZone.target)
        #expect(zone.tracker.publishedAt == at(0))
        zone.tracker.record(Make.previous(ttl: 300), resolver: 0, at: at(4000))
        #expect(zone.tracker.conclude(at: at(4000)).contains(.level(.regression)))
        for _ in 0..<3 { zone.tracker.record(Make.target(), resolver: 0, at: at(4310)) }
        _ = zone.tracker.conclude(at: at(4310))
        #expect(zone.tracker.publishedAt == at(4310))
        #expect(zone.bound.map { $0 >= at(4910) } == true)
    }

    @Test("a copy that outlives the bound contradicts the operator: neither of his words counts any more")
    func refetched() {
        var zone = PolledZone(previousTTL: 600, publishedAt: at(-7200), asksAuthority: false)
        _ = zone.tracker.conclude(at: at(0))
        zone.tracker.record(Make.previous(ttl: 500), resolver: 0, at: at(1000))
        _ = zone.tracker.conclude(at: at(1000))
        #expect(zone.tracker.publishedAt == nil && zone.tracker.basis == .resolvers)
        for _ in 0..<3 { zone.tracker.record(Make.target(), resolver: 0, at: at(1600)) }
        _ = zone.tracker.conclude(at: at(1600))
        #expect(zone.tracker.publishedAt == at(1600))
        #expect(zone.bound == at(1600 + 86_400))
    }

    @Test("a resolver's long copy refutes a short --previous-ttl: a day is assumed in its place")
    func refutedTTL() {
        var zone = PolledZone(previousTTL: 600)
        zone.tracker.record(Make.previous(ttl: 40_000), resolver: 0, at: at(0))
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        #expect(zone.bound == at(86_400))
        #expect(
            zone.tracker.verdict(at: at(30)).warnings.contains(
                .refutedTTL(said: TTL(seconds: 600), seen: TTL(seconds: 40_000))))
    }

    // MARK: Levels that were reached

    @Test("a doubt moves the bound, and takes no level back: it is no evidence")
    func doubt() {
        var zone = PolledZone(settle: 60)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(690, PolledZone.target, serial: 2)
        #expect(zone.tracker.secondPassAt == at(690))
        zone.poll(990, PolledZone.target, serial: 5)
        let doubt = AuthorityState.Doubt(edits: 3, from: at(690), until: at(990), serial: SerialNumber(5))
        #expect(zone.events.last?.1 == .doubt(doubt))
        #expect(zone.tracker.secondPassAt == at(690))
        let verdict = zone.tracker.verdict(at: at(990))
        #expect(verdict.exitCode(for: .secondPass) == 0)
        #expect(verdict.warnings == [.unseenChanges(doubt, waitUntil: at(990 + 600 + 60))])
        zone.poll(1700, PolledZone.target, serial: 5)
        #expect(zone.tracker.verdict(at: at(1700)).warnings.isEmpty, "what could be fetched is gone")
    }

    @Test("three doubts with the MX unchanged make a busy zone: from then on it is an assumption")
    func busyZone() throws {
        var zone = PolledZone(settle: 600, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        for look in 1...3 {
            zone.poll(30 + Double(look) * 300, PolledZone.target, serial: UInt32(look * 2 + 2))
            #expect(zone.bound == at(30 + Double(look) * 300 + 600))
        }
        zone.poll(1230, PolledZone.target, serial: 10)
        #expect(zone.bound == at(930 + 600))
        #expect(
            zone.tracker.assumptions(at: at(1230)).contains(.noRollback(from: at(930), until: at(1230))))
        zone.poll(2130, PolledZone.target, serial: 12)
        #expect(zone.tracker.secondPassAt == at(2130))
    }

    @Test("servers whose search is hours old confirm nothing")
    func oldSearch() {
        var zone = PolledZone(settle: 60)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        for index in 0..<2 {
            zone.tracker.authority.record(PolledZone.target, server: index, at: at(8000), roundTrip: nil)
        }
        zone.tracker.authority.take(.failure(SearchError("no resolver told")), at: at(8000))
        _ = zone.tracker.conclude(at: at(8000))
        #expect(zone.tracker.secondPassAt == nil)
        zone.poll(8100, PolledZone.target)
        #expect(zone.tracker.secondPassAt == at(8100))
    }

    // MARK: Servers that come, go, and cannot be reached

    private static func server(_ number: Int) -> AuthorityIdentity {
        AuthorityIdentity(
            name: DomainName(stringLiteral: "ns\(number).example.it"),
            endpoint: Endpoint("127.0.0.\(20 + number):53")!)
    }

    private func delegation(_ numbers: Int..., unresolved: [DomainName] = [], ttl: Int = 3600) -> Delegation {
        Delegation(
            zone: Make.domain, servers: numbers.map(Self.server), unresolved: unresolved,
            nameServerTTL: TTL(seconds: ttl))
    }

    @Test("a server that joins late may have served the same until its first word")
    func joinsLate() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation(1)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        zone.delegation = delegation(1, 2)
        zone.poll(600, PolledZone.target)
        #expect(zone.bound == at(1200))
    }

    @Test("a name that resolves late is a server that joins late")
    func resolvesLate() {
        var zone = PolledZone(previousTTL: 600, servers: 0)
        zone.delegation = delegation(1, unresolved: ["ns2.example.it"])
        zone.poll(0, PolledZone.target)
        #expect(zone.tracker.publishedAt == nil)
        zone.delegation = delegation(1, 2)
        zone.poll(300, PolledZone.target)
        #expect(zone.bound == at(900))
    }

    @Test("a newcomer that is never heard is waited for as long as any silent server")
    func silentNewcomer() {
        var zone = PolledZone(settle: 60, servers: 0)
        zone.delegation = delegation(1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.delegation = delegation(1, 2)
        zone.poll(650, PolledZone.target, Make.silent, serial: 2)
        zone.poll(700, PolledZone.target, Make.silent, serial: 2)
        #expect(zone.tracker.publishedAt == at(30) && zone.tracker.secondPassAt == nil)
        #expect(zone.bound == at(30 + 3600 + 600), "it is behind the others by REFRESH + 3 × RETRY at most")
    }

    @Test("a lost route is silence, not absence: what the server served stays, also when it leaves")
    func lostRoute() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation(1, 2)
        zone.poll(0, PolledZone.long)
        zone.poll(30, noRoute, PolledZone.target)
        #expect(zone.tracker.publishedAt == nil)
        zone.delegation = delegation(2)
        zone.poll(330, PolledZone.target, noRoute)
        #expect(zone.tracker.publishedAt == at(330))
        #expect(zone.bound.map { $0 >= at(330 + 86_400) } == true)
    }

    @Test("an NS TTL that was lowered before the move: caches may hold the long one")
    func loweredDelegationTTL() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation(1, ttl: 172_800)
        zone.poll(0, PolledZone.short)
        zone.delegation = delegation(1, ttl: 300)
        zone.poll(3600, PolledZone.short)
        zone.delegation = delegation(2, ttl: 300)
        zone.poll(7200, PolledZone.target, PolledZone.short)
        #expect(zone.tracker.authority.former.map(\.until) == [at(3600 + 172_800)])
        #expect(zone.bound == at(3600 + 172_800 + 600))
    }

    @Test("removing a dead server from the delegation does not lengthen the wait")
    func deadServerRemoved() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation(1, 2, ttl: 86_400)
        zone.poll(0, PolledZone.short, Make.silent, serial: 1)
        zone.poll(30, PolledZone.target, Make.silent, serial: 2)
        zone.delegation = delegation(1, ttl: 86_400)
        zone.poll(330, PolledZone.target, Make.silent, serial: 2)
        #expect(zone.tracker.publishedAt == at(330))
        #expect(zone.bound == at(30 + 3600 + 600))
    }

    @Test("an address that is named twice is one server")
    func duplicate() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation(1, 1)
        zone.poll(0, PolledZone.target)
        #expect(zone.tracker.authority.servers.count == 1)
        #expect(zone.tracker.publishedAt == at(0))
    }

    @Test("name servers that change all the time do not pile up")
    func rotatingDelegation() {
        var zone = PolledZone(servers: 0)
        for round in 0..<120 {
            zone.delegation = delegation(round, ttl: 604_800)
            zone.poll(Double(round) * 300, PolledZone.short)
        }
        #expect(zone.tracker.authority.former.count <= 64)
    }

    // MARK: Resolvers

    @Test("a resolver that answered and then turns us away for good is excluded once its copies are gone")
    func turnsAway() {
        var state = ResolverState(Make.resolvers(1)[0])
        state.record(Make.previous(ttl: 600), at: at(0), roundTrip: nil, policy: Policy())
        for second in [300.0, 310, 330] {
            state.record(Make.refused, at: at(second), roundTrip: nil, policy: Policy())
        }
        #expect(state.counts, "a copy may still live")
        state.record(Make.refused, at: at(700), roundTrip: nil, policy: Policy())
        #expect(!state.counts && state.exclusion == .refuses("REFUSED"))
        state.record(Make.target(), at: at(900), roundTrip: nil, policy: Policy())
        #expect(state.counts)
    }

    @Test("one that was clear, and refuses us later, stays clear and counts")
    func refusesWhenClear() {
        var state = ResolverState(Make.resolvers(1)[0])
        for second in [0.0, 5, 10] {
            state.record(Make.target(), at: at(second), roundTrip: nil, policy: Policy())
        }
        for second in [300.0, 310, 330, 360] {
            state.record(Make.refused, at: at(second), roundTrip: nil, policy: Policy())
        }
        #expect(state.counts && state.isClear(at: at(400), policy: Policy()))
    }

    @Test("another MX that was seen before the silence unclears, however late it is taken in")
    func lateSample() {
        var state = ResolverState(Make.resolvers(1)[0])
        for second in [0.0, 5, 10] {
            state.record(Make.target(), at: at(second), roundTrip: nil, policy: Policy())
        }
        state.record(Make.silent, at: at(20), roundTrip: nil, policy: Policy())
        #expect(state.isClear(at: at(20), policy: Policy()))
        state.record(Make.previous(ttl: 600), at: at(15), roundTrip: nil, policy: Policy())
        #expect(!state.isClear(at: at(20), policy: Policy()))
    }
}

@Suite("What was heard once is not forgotten")
struct HeardOnceTests {
    @Test("what a server gave without authority lives on when it falls silent")
    func hearsayThenSilence() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short, Make.silent)
        zone.poll(30, PolledZone.target, Make.silent)
        zone.poll(3700, PolledZone.target, Make.silent)
        #expect(zone.tracker.publishedAt == at(3700))
        zone.poll(4000, PolledZone.target, Make.previous(ttl: 86_400))
        #expect(zone.tracker.publishedAt == nil, "resolvers may take it from there")
        zone.poll(30_000, PolledZone.target, Make.previous(ttl: 86_400))
        zone.poll(30_300, PolledZone.target, Make.silent)
        #expect(zone.tracker.publishedAt == nil, "a silent server is waited for")
        zone.poll(34_000, PolledZone.target, Make.silent)
        #expect(zone.bound.map { $0 >= at(30_000 + 86_400) } == true)
        zone.poll(34_300, PolledZone.target, Make.refused)
        zone.poll(34_600, PolledZone.target, Make.silent)
        #expect(zone.bound.map { $0 >= at(30_000 + 86_400) } == true)
    }

    private static let server = AuthorityIdentity(
        name: "ns1.example.it", endpoint: Endpoint("127.0.0.21:53")!)

    private func delegation(_ unresolved: [DomainName]) -> Delegation {
        Delegation(
            zone: Make.domain, servers: [Self.server], unresolved: unresolved,
            nameServerTTL: TTL(seconds: 86_400))
    }

    @Test("a name that never resolved counts like a silent server, also after it has gone")
    func unresolvedLeaves() {
        var zone = PolledZone(servers: 0)
        zone.delegation = delegation([])
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.delegation = delegation(["ns2.example.it"])
        zone.poll(36_000, PolledZone.target, serial: 2)
        #expect(zone.bound == at(30 + 3600 + 600), "it is behind the others by REFRESH + 3 × RETRY at most")
        zone.delegation = delegation([])
        zone.poll(36_300, PolledZone.target, serial: 2)
        #expect(zone.bound == at(30 + 3600 + 600))
    }

    @Test("a serial that is lost with its answer is compared with the last that came with one")
    func serialOfALostAnswer() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(330, Make.silent, serial: 3)
        zone.poll(630, PolledZone.target, serial: 4)
        #expect(zone.bound == at(1230))
    }

    @Test("a zone that is made anew counts from a lower serial")
    func newZone() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 2_026_112_401)
        zone.poll(30, PolledZone.target, serial: 2_026_112_402)
        for poll in 1...3 { zone.poll(30 + Double(poll) * 300, PolledZone.target, serial: 7) }
        #expect(zone.bound == at(630), "other numbers tell nothing of edits")
        #expect(
            zone.tracker.assumptions(at: at(930)).contains(.noRollback(from: at(30), until: at(930))))
        zone.poll(2000, PolledZone.target, serial: 10)
        #expect(zone.bound.map { $0 >= at(2600) } == true)
    }

    @Test("a level needs a serial along with its answer, where the server gives one")
    func levelWithoutSerial() {
        var zone = PolledZone(settle: 60)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(700, PolledZone.target)
        #expect(zone.tracker.secondPassAt == nil)
        zone.poll(730, PolledZone.target, serial: 2)
        #expect(zone.tracker.secondPassAt == at(730))
    }

    @Test("a confirmation that does not come is asked for less and less often")
    func confirmationBacksOff() {
        var zone = PolledZone(settle: 60)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        zone.poll(690, Make.silent)
        #expect(zone.tracker.nextPoll(after: at(690)).at == at(720))
        zone.poll(1490, Make.silent)
        #expect(zone.tracker.nextPoll(after: at(1680), full: at(1490)) == Due(at(1690), .level))
        zone.poll(5000, Make.silent)
        #expect(zone.tracker.nextPoll(after: at(5290), full: at(5000)) == Due(at(5300), .level))
    }
}
