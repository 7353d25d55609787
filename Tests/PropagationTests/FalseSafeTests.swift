import Builders
import DNS
import Propagation
import Testing

/// Ways in which "propagated" could come too early, or needlessly late.
@Suite("Neither too early nor needlessly late")
struct FalseSafeTests {
    private func state(_ samples: [(Double, Reading)], policy: Policy = sweepPolicy) -> ResolverState {
        var state = ResolverState(Make.resolvers(1)[0])
        for (second, reading) in samples {
            state.record(reading, at: at(second), roundTrip: nil, policy: policy)
        }
        return state
    }

    private let authoritativeTarget = Make.target(isAuthoritative: true)
    private let authoritativePrevious = Make.previous(isAuthoritative: true)

    // MARK: Order of samples

    @Test(
        "samples of one sweep may be taken in any order",
        arguments: [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.3, 0.1], [0.3, 0.1, 0.2]])
    func anyOrder(seconds: [Double]) {
        let state = state(seconds.map { ($0, Make.target()) })
        #expect(state.isClear(at: at(0.3), policy: sweepPolicy))
        #expect(state.checkedAt == at(0.3))
        #expect(state.informedAt == at(0.3))
        #expect(state.targetSince(at: at(1)) == at(0.1))
    }

    @Test("the spread is between the first and the last in time, however they are taken in")
    func spreadInAnyOrder() {
        let late = state([(10, Make.target()), (5, Make.target()), (0, Make.target())], policy: Policy())
        #expect(late.isClear(at: at(10), policy: Policy()))
        let narrow = state([(9, Make.target()), (5, Make.target()), (0, Make.target())], policy: Policy())
        #expect(!narrow.isClear(at: at(9), policy: Policy()))
    }

    @Test("a target sample from before another MX was seen confirms nothing")
    func earlierTarget() {
        let one = Policy(confirmations: 1, confirmationSpread: .zero)
        let state = state([(2, Make.previous(ttl: 0)), (1, Make.target())], policy: one)
        #expect(!state.isClear(at: at(3), policy: one))
        #expect(state.state(at: at(3)) == .previous)
        #expect(state.confirmations == 0)
    }

    @Test("another MX that came earlier in time still holds and uncleared the resolver")
    func earlierPrevious() {
        let state = state([
            (2, Make.target()), (3, Make.target()), (4, Make.target()), (1, Make.previous(ttl: 60)),
        ])
        #expect(state.oldUntil == at(61))
        #expect(!state.isClear(at: at(4), policy: sweepPolicy))
    }

    // MARK: TTL 0 and schedules

    @Test(
        "a copy that cannot be cached is asked for again soon",
        arguments: [
            Make.previous(ttl: 0), Make.reading(Make.answer([], authority: [Make.soa(minimum: 0)])),
        ])
    func timeToLiveOfZero(reading: Reading) {
        let state = state([(0, reading)])
        #expect(state.nextSample(after: at(0), jitter: 0, policy: Policy()).at == at(5))
        #expect(!state.isClear(at: at(100), policy: Policy()))
    }

    @Test("what a wider spread still lacks is asked for without a pause of five minutes")
    func wideSpread() {
        let policy = Policy(confirmationSpread: .seconds(30))
        let samples: [(Double, Reading)] = [0, 5, 10, 20].map { ($0, Make.target()) }
        let next = state(samples, policy: policy).nextSample(after: at(20), jitter: 0, policy: policy)
        #expect(next == Due(at(30), .confirmation))
    }

    @Test("an expiry that lies in the past plans nothing in the past", arguments: [0.0, 1.0])
    func expiryInThePast(jitter: Double) {
        let state = state([(0, Make.previous(ttl: 10)), (30, Make.target())], policy: Policy())
        #expect(
            state.nextSample(after: at(30), jitter: jitter, policy: Policy()) == Due(at(35), .confirmation))
        #expect(
            state.nextSample(after: at(400), jitter: jitter, policy: Policy()).at == at(35), "overdue, so due"
        )
        let stale = self.state([(0, Make.previous(ttl: 10)), (30, Make.silent)], policy: Policy())
        let next = stale.nextSample(after: at(30), jitter: jitter, policy: Policy())
        #expect(next == Due(at(40 + jitter), .retry))
    }

    // MARK: Who counts

    @Test("resolvers that this host cannot reach weigh on the quorum: one of three is no verdict")
    func outOfReach() {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: sweepPolicy, resolvers: Make.resolvers(3),
            asksAuthority: false)
        for _ in 0..<3 { tracker.record(Make.target(), resolver: 0, at: at(0)) }
        tracker.record(Make.noRoute, resolver: 1, at: at(0))
        tracker.record(Make.noRoute, resolver: 2, at: at(0))
        _ = tracker.conclude(at: at(0))
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 2)
        #expect(tracker.verdict(at: at(0)).excluded == 2)
    }

    @Test("a resolver that is yet unasked holds everything back", arguments: [1, 20])
    func unaskedResolver(count: Int) {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(confirmationSpread: .zero, quorum: 1),
            resolvers: Make.resolvers(count + 1), asksAuthority: false)
        for index in 0..<count {
            for _ in 0..<3 { tracker.record(Make.target(), resolver: index, at: at(0)) }
        }
        _ = tracker.conclude(at: at(0))
        #expect(tracker.propagatedAt == nil)
    }

    @Test("no resolver at all is no verdict", arguments: [true, false])
    func noResolver(asksAuthority: Bool) {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: sweepPolicy, resolvers: [],
            asksAuthority: asksAuthority, publishedAt: at(-10))
        tracker.authority.apply(Delegation(servers: Make.servers(1)), at: at(0))
        tracker.authority.record(authoritativeTarget, server: 0, at: at(0), roundTrip: nil)
        _ = tracker.conclude(at: at(0))
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 2)
        #expect(tracker.verdict(at: at(0)).exitCode(for: .published) == 2)
    }

    // MARK: Publication

    @Test("the operator's word waits for the authority's first answer, which may contradict it")
    func operatorsWordBeforeTheAuthority() {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: sweepPolicy, resolvers: Make.resolvers(1),
            asksAuthority: true, publishedAt: at(-500))
        for _ in 0..<3 { tracker.record(Make.target(), resolver: 0, at: at(0)) }
        #expect(!tracker.conclude(at: at(0)).contains(.level(.published)))
        #expect(tracker.verdict(at: at(0)).exitCode(for: .published) == 2)
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 2)
        tracker.authority.apply(Make.delegation(1), at: at(0))
        tracker.authority.record(authoritativePrevious, server: 0, at: at(1), roundTrip: nil)
        _ = tracker.conclude(at: at(1))
        #expect(tracker.verdict(at: at(1)).exitCode(for: .published) == 1)
    }

    @Test("the operator's word stands where the authority cannot be asked", arguments: [true, false])
    func operatorsWordAlone(asksAuthority: Bool) {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: sweepPolicy, resolvers: Make.resolvers(1),
            asksAuthority: asksAuthority, publishedAt: at(-500))
        for _ in 0..<3 { tracker.record(Make.target(), resolver: 0, at: at(0)) }
        if asksAuthority { tracker.authority.discoveryError = "no resolver told" }
        _ = tracker.conclude(at: at(0))
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 0)
    }

    @Test("a server that a later discovery adds must be asked before anything is published")
    func newServer() {
        var authority = AuthorityState()
        authority.apply(Make.delegation(1), at: at(0))
        authority.record(authoritativeTarget, server: 0, at: at(0), roundTrip: nil)
        #expect(authority.agree)
        authority.apply(Make.delegation(2), at: at(0))
        #expect(!authority.agree)
        authority.record(authoritativePrevious, server: 1, at: at(1), roundTrip: nil)
        #expect(authority.contradicts)
        authority.apply(Delegation(zone: Make.domain, servers: [Make.servers(2)[1]]), at: at(2))
        #expect(authority.servers.count == 1 && authority.contradicts, "what is known of a server stays")
    }

    @Test("a name server whose addresses nobody told blocks like a silent server, and no longer")
    func unresolvedServer() {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: sweepPolicy, resolvers: Make.resolvers(1))
        for _ in 0..<3 { tracker.record(Make.target(), resolver: 0, at: at(0)) }
        tracker.authority.apply(
            Delegation(zone: Make.domain, servers: Make.servers(1), unresolved: ["ns2.example.it"]), at: at(0)
        )
        tracker.authority.record(authoritativeTarget, server: 0, at: at(0), roundTrip: nil)
        #expect(!tracker.conclude(at: at(0)).contains(.level(.published)))
        let verdict = tracker.verdict(at: at(0))
        #expect(verdict.exitCode(for: .published) == 1)
        let blocked = verdict.reasons.compactMap { reason -> [DomainName?]? in
            if case .authorityBlocked(let servers, at(3600)) = reason { servers.map(\.name) } else { nil }
        }
        #expect(blocked == [["ns2.example.it"]])
        _ = tracker.conclude(at: at(3600))
        #expect(tracker.publishedAt == nil, "the others' answers are an hour old")
        tracker.authority.record(authoritativeTarget, server: 0, at: at(3600), roundTrip: nil)
        _ = tracker.conclude(at: at(3600))
        #expect(tracker.publishedAt == at(3600))
    }

    @Test("a name server whose addresses nobody tells this time keeps those that were known")
    func forgottenAddress() {
        let names: [DomainName] = ["ns1.example.it", "ns2.example.it"]
        let servers = names.enumerated().map {
            AuthorityIdentity(name: $1, endpoint: Endpoint("127.0.0.2:\(5300 + $0)")!)
        }
        var authority = AuthorityState()
        authority.apply(Delegation(zone: Make.domain, servers: servers), at: at(0))
        authority.record(authoritativePrevious, server: 1, at: at(0), roundTrip: nil)
        authority.apply(
            Delegation(zone: Make.domain, servers: [servers[0]], unresolved: [names[1]]), at: at(1))
        #expect(authority.servers.map(\.identity) == servers)
        #expect(authority.contradicts)
        #expect(authority.unresolved.isEmpty)
    }
}
