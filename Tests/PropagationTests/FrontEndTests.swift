import Builders
import DNS
import Propagation
import Testing

/// What one address of an authoritative server shows of several machines behind it (§3).
@Suite("Front ends of an authoritative address")
struct FrontEndTests {
    private func answer(_ readings: Reading..., serial: UInt32, at second: Double) -> WatchState.PollAnswer {
        WatchState.PollAnswer(
            Make.servers(1)[0], readings.map { WatchState.Sample($0, received: at(second)) },
            StartOfAuthority(
                primary: "ns1.example.it", serial: SerialNumber(serial), refresh: 3600, minimum: 300))
    }

    private func zone(previousTTL: Int = 300) -> PolledZone {
        var zone = PolledZone(previousTTL: previousTTL, servers: 1)
        zone.tracker.authority.apply(zone.delegation, at: at(0))
        return zone
    }

    private func take(_ answer: WatchState.PollAnswer, in zone: inout PolledZone, at second: Double) {
        zone.tracker.authority.take([answer])
        _ = zone.tracker.conclude(at: at(second))
    }

    private func target(ttl: Int) -> Reading { Make.target(ttl: ttl, isAuthoritative: true) }
    private func previous(ttl: Int) -> Reading { Make.previous(ttl: ttl, isAuthoritative: true) }

    @Test("two contents in one poll: the target counts when nothing else was given for five minutes")
    func alternating() {
        var zone = zone()
        let (old, new) = (previous(ttl: 300), target(ttl: 300))
        take(answer(old, old, old, serial: 1, at: 0), in: &zone, at: 0)
        take(answer(new, old, new, serial: 2, at: 30), in: &zone, at: 30)
        #expect(zone.tracker.publishedAt == nil)
        take(answer(new, new, new, serial: 2, at: 60), in: &zone, at: 60)
        let verdict = zone.tracker.verdict(at: at(60))
        #expect(verdict.publishedAt == nil)
        #expect(verdict.reasons.contains(.alternating(servers: Make.servers(1), until: at(330))))
        #expect(verdict.warnings.contains(.alternatingAuthority(server: Make.servers(1)[0])))
        take(answer(new, new, new, serial: 2, at: 330), in: &zone, at: 330)
        #expect(zone.tracker.publishedAt == at(330))
    }

    @Test("an edit that takes the change back is no front end: the serial tells")
    func rollback() {
        var zone = zone()
        take(answer(previous(ttl: 300), serial: 1, at: 0), in: &zone, at: 0)
        take(answer(target(ttl: 300), serial: 2, at: 30), in: &zone, at: 30)
        take(answer(previous(ttl: 300), serial: 3, at: 60), in: &zone, at: 60)
        take(answer(target(ttl: 300), serial: 4, at: 90), in: &zone, at: 90)
        #expect(zone.tracker.publishedAt == at(90))
        take(answer(previous(ttl: 300), serial: 4, at: 120), in: &zone, at: 120)
        take(answer(target(ttl: 300), serial: 4, at: 150), in: &zone, at: 150)
        #expect(zone.tracker.publishedAt == nil, "the same serial with two contents")
    }

    @Test("TTLs that run down: τ is the greatest, and counts twice from the last sight of the former set")
    func cache() {
        var zone = zone()
        for (second, ttl) in [(0.0, 299), (17, 282), (30, 300)] {
            take(answer(previous(ttl: ttl), serial: 1, at: second), in: &zone, at: second)
        }
        take(answer(target(ttl: 273), serial: 2, at: 60), in: &zone, at: 60)
        #expect(zone.tracker.publishedAt == at(60))
        #expect(zone.bound == at(60 + 600))
        #expect(
            zone.tracker.verdict(at: at(60)).warnings.contains(
                .cachedAuthority(server: Make.servers(1)[0], longest: TTL(seconds: 273))))
    }

    @Test("a TTL that is lowered once, and raised later, is no cache")
    func lowered() {
        var zone = zone(previousTTL: 3600)
        take(answer(previous(ttl: 3600), serial: 1, at: 0), in: &zone, at: 0)
        take(answer(previous(ttl: 300), serial: 2, at: 30), in: &zone, at: 30)
        take(answer(previous(ttl: 300), serial: 2, at: 60), in: &zone, at: 60)
        take(answer(target(ttl: 300), serial: 3, at: 90), in: &zone, at: 90)
        #expect(zone.bound == at(30 + 3600))
        #expect(zone.tracker.verdict(at: at(90)).warnings.isEmpty)
    }

    @Test("a TTL that is lowered step by step, with a serial each, is no cache either")
    func loweredInSteps() {
        var zone = zone(previousTTL: 86_400)
        for (step, ttl) in [86_400, 14_400, 3600, 300].enumerated() {
            let second = Double(step) * 30
            take(answer(previous(ttl: ttl), serial: UInt32(step + 1), at: second), in: &zone, at: second)
            // The serial alone is seen first, as a witness does.
            zone.witness(second + 29, serial: UInt32(step + 2))
        }
        #expect(zone.tracker.verdict(at: at(120)).warnings.isEmpty)
    }

    @Test("answers without AA beside others with it do not count, and are told of")
    func authorityAtTimes() {
        var zone = zone()
        take(answer(target(ttl: 300), serial: 1, at: 0), in: &zone, at: 0)
        #expect(zone.tracker.publishedAt == at(0))
        take(answer(Make.target(ttl: 300), serial: 1, at: 30), in: &zone, at: 30)
        #expect(zone.tracker.publishedAt == at(0), "nothing speaks against it")
        take(answer(Make.target(ttl: 300), target(ttl: 300), serial: 1, at: 60), in: &zone, at: 60)
        let verdict = zone.tracker.verdict(at: at(60))
        #expect(verdict.warnings == [.authorityAtTimes(server: Make.servers(1)[0])])
    }
}
