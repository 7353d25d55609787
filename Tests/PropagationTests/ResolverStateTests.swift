import Builders
import DNS
import Propagation
import Testing

@Suite("Caches behind one resolver (§2)")
struct ResolverStateTests {
    private func state() -> ResolverState { ResolverState(Make.resolvers(1)[0]) }

    private func fed(_ samples: [(Double, Reading)], policy: Policy = Policy()) -> ResolverState {
        var state = state()
        for (second, reading) in samples {
            state.record(reading, at: at(second), roundTrip: .milliseconds(10), policy: policy)
        }
        return state
    }

    @Test(
        "three target samples over ten seconds make it clear; fewer or faster do not",
        arguments: [
            ([0, 5, 10], true), ([0, 5], false), ([0, 10], false), ([0, 3, 6], false), ([0, 0, 0], false),
            ([0, 5, 9.9], false), ([0, 5, 10, 15], true),
        ] as [([Double], Bool)])
    func confirmations(seconds: [Double], expected: Bool) {
        let state = fed(seconds.map { ($0, Make.target()) })
        #expect(state.isClear(at: at(20), policy: Policy()) == expected)
    }

    @Test("in a sweep the samples may come at once")
    func sweep() {
        let state = fed([(0, Make.target()), (0, Make.target()), (0, Make.target())], policy: sweepPolicy)
        #expect(state.isClear(at: at(0), policy: sweepPolicy))
    }

    @Test("one copy of the previous MX holds the resolver until it expires, whatever else it serves")
    func flapping() {
        var state = fed([
            (0, Make.previous(ttl: 100)), (1, Make.target()), (6, Make.target()), (11, Make.target()),
        ])
        #expect(state.oldUntil == at(100))
        #expect(!state.isClear(at: at(99.9), policy: Policy()))
        #expect(state.state(at: at(99.9)) == .previous)
        #expect(!state.isClear(at: at(200), policy: Policy()), "nobody looked since the copy expired")
        #expect(state.nextSample(after: at(11), jitter: 0, policy: Policy()) == Due(at(100.5), .expiry))
        state.record(Make.target(), at: at(100.5), roundTrip: nil, policy: Policy())
        #expect(state.isClear(at: at(100.5), policy: Policy()))
        #expect(state.state(at: at(100)) == .target)
        #expect(state.targetSince(at: at(50)) == nil)
        #expect(state.targetSince(at: at(101)) == at(100))
    }

    @Test("the latest expiry counts, not the last sample's")
    func latestExpiry() {
        let state = fed([(0, Make.previous(ttl: 1000)), (10, Make.previous(ttl: 20))])
        #expect(state.oldUntil == at(1000))
    }

    @Test("a later non-target sample unclears it")
    func uncleared() {
        var state = fed([(0, Make.target()), (5, Make.target()), (10, Make.target())])
        #expect(state.isClear(at: at(10), policy: Policy()))
        state.record(Make.previous(ttl: 30), at: at(60), roundTrip: nil, policy: Policy())
        #expect(!state.isClear(at: at(60), policy: Policy()))
        #expect(state.confirmations == 0)
        state.record(Make.target(), at: at(95), roundTrip: nil, policy: Policy())
        #expect(!state.isClear(at: at(95), policy: Policy()))
    }

    @Test(
        "what tells nothing cannot clear a resolver, and does not unclear one",
        arguments: [
            Make.silent, Make.serverFailure, Make.refused,
        ])
    func uninformative(reading: Reading) {
        let interrupted = fed([(0, Make.target()), (5, Make.target()), (7, reading), (10, Make.target())])
        #expect(!interrupted.isClear(at: at(60), policy: Policy()))
        let silentNow = fed([(0, Make.previous(ttl: 5)), (6, reading)])
        #expect(!silentNow.isClear(at: at(1000), policy: Policy()))
        let wasClear = fed([(0, Make.target()), (5, Make.target()), (10, Make.target()), (20, reading)])
        #expect(wasClear.isClear(at: at(20), policy: Policy()))
        #expect(wasClear.exclusion == nil)
    }

    @Test("a copy that expires while the resolver is silent does not clear it")
    func expiresInSilence() {
        let state = fed([
            (0, Make.previous(ttl: 100)), (1, Make.target()), (6, Make.target()), (11, Make.target()),
            (50, Make.silent),
        ])
        #expect(!state.isClear(at: at(200), policy: Policy()))
    }

    @Test("separate caches are told by expiry and by NSID")
    func caches() {
        #expect(fed([(0, Make.previous(ttl: 100)), (10, Make.previous(ttl: 90))]).cachesSeen == 1)
        #expect(fed([(0, Make.previous(ttl: 100)), (10, Make.previous(ttl: 88))]).cachesSeen == 1)
        #expect(fed([(0, Make.previous(ttl: 100)), (10, Make.previous(ttl: 87))]).cachesSeen == 2)
        let sites = fed([(0, Make.previous(ttl: 100, nsid: "a")), (0, Make.previous(ttl: 100, nsid: "b"))])
        #expect(sites.cachesSeen == 2)
        #expect(fed((0..<200).map { (0, Make.previous(ttl: 10 + $0 * 5)) }).cachesSeen == 64)
    }

    @Test("a copy that has just expired and the one that takes its place are one cache")
    func oneCacheAfterAnother() {
        #expect(fed([(0, Make.previous(ttl: 60)), (60.5, Make.target())]).cachesSeen == 1)
        #expect(fed([(0, Make.previous(ttl: 60)), (59, Make.target())]).cachesSeen == 2)
    }

    @Test("overdue: served more than 5 s past its own expiry, after publication")
    func overdue() {
        let state = fed([(0, Make.previous(ttl: 60)), (70, Make.previous(ttl: 30))])
        #expect(state.isOverdue(publishedAt: at(10), bound: nil))
        #expect(
            !state.isOverdue(publishedAt: at(65), bound: nil), "it was fetched once more before the switch")
        #expect(!state.isOverdue(publishedAt: nil, bound: nil))
        #expect(
            !fed([(0, Make.previous(ttl: 60)), (64, Make.previous(ttl: 30))]).isOverdue(
                publishedAt: at(10), bound: nil))
    }

    @Test("overdue is not concluded from another cache's copy")
    func overdueOfAnotherCache() {
        let state = fed([
            (0, Make.previous(ttl: 60, nsid: "a")), (70, Make.previous(ttl: 30, nsid: "b")),
        ])
        #expect(!state.isOverdue(publishedAt: at(10), bound: nil))
        let unnamed = fed([
            (0, Make.previous(ttl: 60)), (0, Make.previous(ttl: 300)), (70, Make.previous(ttl: 30)),
        ])
        #expect(!unnamed.isOverdue(publishedAt: at(10), bound: nil))
    }

    @Test("a resolver that says stale is overdue, until it shows the target", arguments: [3, 19] as [UInt16])
    func declaredStale(code: UInt16) {
        let edns = EDNS(payloadSize: 1232, extendedErrors: [ExtendedError(code: code, text: "")])
        let stale = Make.reading(Make.answer(Make.mx([(10, "mail.old.it")], ttl: 30), edns: edns))
        var state = fed([(0, stale)])
        #expect(state.isOverdue(publishedAt: nil, bound: nil))
        state.record(Make.target(), at: at(40), roundTrip: nil, policy: Policy())
        #expect(!state.isOverdue(publishedAt: nil, bound: nil))
    }

    @Test("who does not count, and why")
    func exclusions() {
        #expect(fed([(0, Make.silent)]).exclusion == .neverAnswered("no answer in time"))
        #expect(fed([(0, Make.refused)]).exclusion == .refuses("REFUSED"))
        #expect(fed([(0, Make.noRoute)]).exclusion == .noRoute)
        #expect(
            fed([(0, Make.serverFailure)]).exclusion == nil,
            "SERVFAIL says nothing: it counts, and is not clear")
        #expect(fed([(0, Make.serverFailure), (1, Make.silent)]).exclusion == nil)
        #expect(fed([(0, Make.previous()), (1, Make.silent)]).exclusion == nil)
        #expect(fed([(0, Make.previous()), (1, Make.refused)]).exclusion == nil)
        var optional = ResolverState(Make.resolvers(1, optional: [0])[0])
        optional.record(Make.target(), at: at(0), roundTrip: nil, policy: Policy())
        #expect(optional.exclusion == .optional)
    }

    @Test(
        "the next sample comes just after the expiry, within its bounds",
        arguments: [
            (100, 0.0, 100.5), (100, 1.0, 101.5), (2, 0.0, 5.0), (4000, 0.0, 300.0),
        ] as [(Int, Double, Double)])
    func schedule(ttl: Int, jitter: Double, expected: Double) {
        let state = fed([(0, Make.previous(ttl: ttl))])
        #expect(state.nextSample(after: at(0), jitter: jitter, policy: Policy()).at == at(expected))
    }

    @Test("the first target is confirmed at 5, 10 and 20 s; then the slow rate")
    func confirmationSchedule() {
        let one = fed([(0, Make.target())])
        #expect(one.nextSample(after: at(0), jitter: 0, policy: Policy()) == Due(at(5), .confirmation))
        let two = fed([(0, Make.target()), (5, Make.target())])
        #expect(two.nextSample(after: at(5), jitter: 0, policy: Policy()) == Due(at(10), .confirmation))
        let clear = fed([(0, Make.target()), (5, Make.target()), (10, Make.target())])
        #expect(clear.nextSample(after: at(10), jitter: 0, policy: Policy()) == Due(at(310), .lookout))
        #expect(clear.nextSample(after: at(10), jitter: 1, policy: Policy()) == Due(at(300), .lookout))
    }

    @Test("patience with a silent resolver doubles, up to five minutes")
    func retries() {
        var state = fed([])
        var waits: [Double] = []
        var now = at(0)
        for _ in 0..<9 {
            // The samples of one visit fail together, and are one failure.
            for _ in 0..<3 { state.record(Make.silent, at: now, roundTrip: nil, policy: Policy()) }
            let next = state.nextSample(after: now, jitter: 0, policy: Policy())
            waits.append((next.at - now).inSeconds)
            now = next.at
        }
        #expect(waits == [10, 20, 40, 80, 160, 300, 300, 300, 300])
    }
}

@Suite("Samples out of order")
struct SampleOrderTests {
    @Test("samples of one sweep count the same in any order of arrival")
    func order() {
        var state = ResolverState(Make.resolvers(1)[0])
        for second in [0.02, 0.01, 0.03, 0.005] {
            state.record(Make.target(), at: at(second), roundTrip: nil, policy: sweepPolicy)
        }
        #expect(state.isClear(at: at(1), policy: sweepPolicy))
        #expect(state.targetSince(at: at(1)) == at(0.005))
    }
}
