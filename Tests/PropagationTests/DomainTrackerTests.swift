import Builders
import DNS
import Propagation
import Testing

@Suite("Levels, quorum and authority (§3, §5, §6)")
struct DomainTrackerTests {
    /// A tracker fed with one sweep at second 0.
    private func tracker(
        resolvers: [Reading], authority: [Reading]?, publishedAt: Instant? = nil, optional: Set<Int> = [],
        policy: Policy = sweepPolicy
    ) -> DomainTracker {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: policy,
            resolvers: Make.resolvers(resolvers.count, optional: optional), asksAuthority: authority != nil,
            publishedAt: publishedAt)
        sweep(&tracker, resolvers: resolvers, authority: authority, second: 0)
        return tracker
    }

    private func sweep(
        _ tracker: inout DomainTracker, resolvers: [Reading], authority: [Reading]?, second: Double
    ) {
        for (index, reading) in resolvers.enumerated() {
            for _ in 0..<3 { tracker.record(reading, resolver: index, at: at(second)) }
        }
        if let authority {
            tracker.authority.apply(Make.delegation(authority.count), at: at(second))
            for (index, reading) in authority.enumerated() {
                tracker.authority.record(reading, server: index, at: at(second), roundTrip: nil)
            }
        }
        _ = tracker.conclude(at: at(second))
    }

    private let authoritativeTarget = Make.target(isAuthoritative: true)
    private let authoritativePrevious = Make.previous(isAuthoritative: true)

    @Test("published and clear everywhere: propagated, exit 0")
    func propagated() {
        let verdict = tracker(
            resolvers: [Make.target(), Make.target()], authority: [authoritativeTarget, authoritativeTarget]
        ).verdict(at: at(0))
        #expect(verdict.phase == .propagated)
        #expect(verdict.publishedAt == at(0))
        #expect(verdict.propagatedAt == at(0))
        #expect(verdict.exitCode(for: .propagated) == 0)
    }

    @Test("clear resolvers are not propagation while the authority says otherwise")
    func resolversAheadOfAuthority() {
        let verdict = tracker(resolvers: [Make.target()], authority: [authoritativePrevious]).verdict(
            at: at(0))
        #expect(verdict.phase == .unpublished)
        #expect(verdict.exitCode(for: .propagated) == 1)
        #expect(verdict.reasons.first == .notPublished(servers: Make.servers(1), of: 1))
    }

    @Test("one resolver that holds the previous MX: not yet, and until when")
    func holding() {
        let verdict = tracker(
            resolvers: [Make.target(), Make.previous(ttl: 500)], authority: [authoritativeTarget]
        ).verdict(at: at(0))
        #expect(verdict.phase == .propagating)
        #expect(verdict.propagatedNotBefore == at(500))
        #expect(verdict.exitCode(for: .published) == 0)
        #expect(verdict.exitCode(for: .propagated) == 1)
        #expect(verdict.reasons.contains(.holding(resolvers: 1, of: 2, until: at(500), states: [.previous])))
    }

    @Test("servers that disagree: publishing")
    func publishing() {
        let verdict = tracker(
            resolvers: [Make.target()], authority: [authoritativeTarget, authoritativePrevious]
        )
        .verdict(at: at(0))
        #expect(verdict.phase == .publishing)
        #expect(verdict.publishedAt == nil)
    }

    @Test("mixed at the authority is not published")
    func mixedAuthority() {
        let mixed = Make.reading(
            Make.answer(Make.mx([(10, "mx01.cbsolt.net"), (50, "mail.old.it")]), isAuthoritative: true))
        #expect(tracker(resolvers: [Make.target()], authority: [mixed]).publishedAt == nil)
    }

    @Test("doubt is never success", arguments: [Make.silent, Make.serverFailure, Make.refused])
    func doubt(reading: Reading) {
        let all = tracker(resolvers: [reading, reading], authority: [reading]).verdict(at: at(0))
        #expect(all.exitCode(for: .propagated) == 2)
        #expect(all.exitCode(for: .published) == 2)
        let resolversOnly = tracker(resolvers: [reading, reading], authority: nil).verdict(at: at(0))
        #expect(resolversOnly.exitCode(for: .propagated) != 0)
    }

    @Test("an answer without AA is no authority")
    func withoutAuthority() {
        let verdict = tracker(resolvers: [Make.target()], authority: [Make.target()]).verdict(at: at(0))
        #expect(verdict.phase == .undetermined)
        #expect(verdict.warnings.contains { if case .silentAuthority = $0 { true } else { false } })
    }

    @Test(
        "quorum: 80 % of those that are not optional, at least one",
        arguments: [
            (5, 1, 0), (5, 2, 2), (10, 2, 0), (10, 3, 2), (1, 0, 0), (1, 1, 2),
        ])
    func quorum(count: Int, silent: Int, exitCode: Int32) {
        let readings = (0..<count).map { $0 < silent ? Make.silent : Make.target() }
        let verdict = tracker(resolvers: readings, authority: [authoritativeTarget]).verdict(at: at(0))
        #expect(verdict.exitCode(for: .propagated) == exitCode)
        #expect(verdict.excluded == silent)
    }

    @Test("optional resolvers never block and never count")
    func optional() {
        let verdict = tracker(
            resolvers: [Make.target(), Make.previous()], authority: [authoritativeTarget], optional: [1]
        ).verdict(at: at(0))
        #expect(verdict.exitCode(for: .propagated) == 0)
        #expect(verdict.counted == 1)
        let only = tracker(resolvers: [Make.target()], authority: [authoritativeTarget], optional: [0])
        #expect(only.verdict(at: at(0)).exitCode(for: .propagated) == 2)
    }

    @Test("a resolver out of this host's reach is excluded, and the others carry the verdict")
    func noRoute() {
        let verdict = tracker(
            resolvers: Array(repeating: Make.target(), count: 4) + [Make.noRoute],
            authority: [authoritativeTarget]
        ).verdict(at: at(0))
        #expect(verdict.exitCode(for: .propagated) == 0)
        #expect(verdict.counted == 4 && verdict.excluded == 1)
    }

    @Test(
        "a silent server blocks for the SOA refresh, an hour at most",
        arguments: [(600, 600.0), (7200, 3600.0)])
    func silentServer(refresh: UInt32, blocks: Double) {
        var tracker = tracker(resolvers: [Make.target()], authority: [authoritativeTarget, Make.silent])
        tracker.authority.record(
            StartOfAuthority(
                primary: "ns1.example.it", serial: SerialNumber(1), refresh: refresh, minimum: 60),
            server: 0, at: at(0))
        _ = tracker.conclude(at: at(1))
        #expect(tracker.publishedAt == nil)
        #expect(tracker.verdict(at: at(1)).exitCode(for: .published) == 1)
        _ = tracker.conclude(at: at(blocks - 1))
        #expect(tracker.publishedAt == nil)
        tracker.authority.record(authoritativeTarget, server: 0, at: at(blocks), roundTrip: nil)
        tracker.authority.record(
            StartOfAuthority(
                primary: "ns1.example.it", serial: SerialNumber(1), refresh: refresh, minimum: 60),
            server: 0, at: at(blocks))
        _ = tracker.conclude(at: at(blocks))
        #expect(tracker.publishedAt == at(blocks))
    }

    @Test("a rollback takes publication back, and the levels with it")
    func regression() {
        var tracker = tracker(resolvers: [Make.target()], authority: [authoritativeTarget])
        #expect(tracker.propagatedAt == at(0))
        tracker.authority.record(authoritativePrevious, server: 0, at: at(60), roundTrip: nil)
        let events = tracker.conclude(at: at(60))
        #expect(events.contains(.level(.regression)))
        #expect(events.contains(.level(.unpropagated)))
        let verdict = tracker.verdict(at: at(60))
        #expect(verdict.exitCode(for: .published) == 1)
        #expect(verdict.reasons.first == .regression(since: at(60)))
        tracker.authority.record(authoritativeTarget, server: 0, at: at(90), roundTrip: nil)
        #expect(tracker.conclude(at: at(90)).contains(.level(.published)))
        #expect(tracker.publishedAt == at(90))
    }

    @Test("an authority that falls silent after publication takes nothing back")
    func laterSilence() {
        var tracker = tracker(resolvers: [Make.target()], authority: [authoritativeTarget])
        tracker.authority.record(Make.silent, server: 0, at: at(60), roundTrip: nil)
        _ = tracker.conclude(at: at(60))
        #expect(tracker.verdict(at: at(60)).exitCode(for: .propagated) == 0)
    }

    @Test("without authority, publication is the first sweep in which all are clear")
    func resolversAsBasis() {
        var tracker = tracker(resolvers: [Make.target(), Make.previous(ttl: 20)], authority: nil)
        #expect(tracker.verdict(at: at(0)).basis == .resolvers)
        #expect(tracker.publishedAt == nil)
        sweep(&tracker, resolvers: [Make.target(), Make.target()], authority: nil, second: 30)
        #expect(tracker.publishedAt == at(30))
        #expect(tracker.verdict(at: at(30)).exitCode(for: .propagated) == 0)
    }

    @Test("the operator's word stands in for the date, and the authority can contradict it")
    func operatorsWord() {
        let told = tracker(
            resolvers: [Make.target()], authority: [authoritativeTarget], publishedAt: at(-500))
        #expect(told.publishedAt == at(-500))
        #expect(told.verdict(at: at(0)).basis == .operator)
        let contradicted = tracker(
            resolvers: [Make.target()], authority: [authoritativePrevious], publishedAt: at(-500))
        #expect(contradicted.verdict(at: at(0)).exitCode(for: .propagated) == 1)
    }

    @Test("a resolver that comes back with the previous MX takes propagation back")
    func unpropagated() {
        var tracker = tracker(resolvers: [Make.target()], authority: [authoritativeTarget])
        tracker.record(Make.previous(ttl: 30), resolver: 0, at: at(60))
        #expect(
            tracker.conclude(at: at(60)) == [
                .transition(resolver: 0, from: .target, to: .previous), .level(.unpropagated),
            ])
        #expect(tracker.verdict(at: at(60)).exitCode(for: .propagated) == 1)
        #expect(tracker.verdict(at: at(60)).exitCode(for: .published) == 0)
    }

    @Test("nothing asked yet: cannot tell")
    func unasked() {
        let tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(), resolvers: Make.resolvers(2))
        #expect(tracker.verdict(at: at(0)).exitCode(for: .propagated) == 2)
        #expect(tracker.verdict(at: at(0)).reasons == [.notAsked])
    }

    @Test("a lagging secondary is named by its serial, in sequence space")
    func lagging() {
        var tracker = tracker(
            resolvers: [Make.target()], authority: [authoritativeTarget, authoritativePrevious])
        func soa(_ serial: UInt32) -> StartOfAuthority {
            StartOfAuthority(
                primary: "ns1.example.it", serial: SerialNumber(serial), refresh: 60, minimum: 60)
        }
        tracker.authority.record(soa(3), server: 0, at: at(0))
        tracker.authority.record(soa(0xFFFF_FFFE), server: 1, at: at(0))
        #expect(
            tracker.verdict(at: at(0)).warnings.contains(
                .lagging(
                    server: Make.servers(2)[1], serial: SerialNumber(0xFFFF_FFFE), newest: SerialNumber(3))))
    }

    @Test("servers of two providers have serials of their own: only other content tells that one is behind")
    func twoProviders() {
        var tracker = tracker(
            resolvers: [Make.target()], authority: [authoritativeTarget, authoritativeTarget])
        func soa(_ serial: UInt32, _ primary: DomainName) -> StartOfAuthority {
            StartOfAuthority(primary: primary, serial: SerialNumber(serial), refresh: 60, minimum: 60)
        }
        tracker.authority.record(soa(2_026_112_401, "ns1.example.it"), server: 0, at: at(0))
        tracker.authority.record(soa(7, "ns1.example.net"), server: 1, at: at(0))
        #expect(tracker.authority.lagging.isEmpty)
        tracker.authority.record(soa(8, "ns1.example.it"), server: 1, at: at(0))
        #expect(tracker.authority.lagging.isEmpty, "too far apart to be of one numbering")
        tracker.authority.record(authoritativePrevious, server: 1, at: at(1), roundTrip: nil)
        tracker.authority.record(soa(8, "ns1.example.net"), server: 1, at: at(1))
        #expect(tracker.authority.lagging.map(\.0.identity) == [Make.servers(2)[1]])
        tracker.authority.record(authoritativeTarget, server: 1, at: at(2), roundTrip: nil)
        tracker.authority.record(soa(2_026_112_400, "ns1.example.it"), server: 1, at: at(2))
        #expect(tracker.authority.lagging.map(\.newest) == [SerialNumber(2_026_112_401)])
    }

    @Test("warnings change no class")
    func warnings() {
        let noPrimary = Make.reading(Make.answer(Make.mx([(10, "mx02.qboxmail.com")]), isAuthoritative: true))
        let verdict = tracker(resolvers: [Make.target()], authority: [noPrimary]).verdict(at: at(0))
        #expect(verdict.warnings == [.primaryAbsent("mx01.cbsolt.net")])
        #expect(verdict.exitCode(for: .propagated) == 0)
        let equal = Make.reading(
            Make.answer(Make.mx([(10, "mx01.cbsolt.net"), (10, "mx01.cbslot.net")]), isAuthoritative: true))
        let typo = tracker(resolvers: [Make.target()], authority: [equal]).verdict(at: at(0))
        #expect(typo.warnings.contains(.equalPreference(foreign: "mx01.cbslot.net", preference: 10)))
        #expect(typo.warnings.contains(.probableTypo("mx01.cbslot.net", meant: "mx01.cbsolt.net")))
    }
}
