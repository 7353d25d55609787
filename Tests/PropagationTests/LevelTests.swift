import Builders
import DNS
import Propagation
import Testing

@Suite("The levels above propagated (§5)")
struct LevelTests {
    /// Published and propagated at second 30, bound at 630, settled at 7830.
    private func settling() -> PolledZone {
        var zone = PolledZone(settle: 7200)
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        return zone
    }

    private func levels(_ zone: PolledZone) -> [Event] {
        zone.events.map(\.1).filter { if case .transition = $0 { false } else { true } }
    }

    @Test("an answer that came before a level and was taken in after it takes the level back")
    func latecomer() {
        var zone = PolledZone()
        zone.poll(0, PolledZone.short)
        zone.poll(30, PolledZone.target)
        #expect(zone.tracker.propagatedAt == at(30))
        zone.tracker.record(Make.previous(ttl: 211), resolver: 0, at: at(29))
        #expect(zone.tracker.conclude(at: at(31)).contains(.level(.unpropagated)))
    }

    @Test("the second pass is safe when bound and propagation have settled, not a moment before")
    func secondPass() {
        var zone = settling()
        zone.poll(7829, PolledZone.target)
        #expect(zone.tracker.secondPassAt == nil)
        #expect(zone.tracker.verdict(at: at(7829)).exitCode(for: .secondPass) == 1)
        zone.poll(7830, PolledZone.target)
        #expect(zone.tracker.secondPassAt == at(7830))
        let verdict = zone.tracker.verdict(at: at(7830))
        #expect(verdict.phase == .secondPassSafe)
        #expect(verdict.exitCode(for: .secondPass) == 0 && verdict.exitCode(for: .propagated) == 0)
        #expect(levels(zone) == [.level(.published), .level(.propagated), .level(.secondPassSafe)])
    }

    @Test("a doubt near the end puts decommission off as long as a copy from then can live")
    func doubtBeforeDecommission() {
        var zone = PolledZone(settle: 60)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(690, PolledZone.target, serial: 2)
        let day5 = 30 + 5.0 * 86_400
        for look in stride(from: 990, to: day5 - 300, by: 300) {
            zone.poll(look, PolledZone.target, serial: 2)
        }
        zone.poll(day5 - 100, PolledZone.target, serial: 4)
        zone.poll(day5 + 1, PolledZone.target, serial: 4)
        #expect(zone.tracker.secondPassAt == at(690) && zone.tracker.decommissionAt == nil)
        zone.poll(day5 + 600, PolledZone.target, serial: 4)
        #expect(zone.tracker.decommissionAt == at(day5 + 600))
    }

    @Test("a lost answer after an old copy hides nothing: the level is taken back")
    func lostAfterOld() {
        var zone = settling()
        zone.tracker.record(Make.previous(ttl: 60), resolver: 0, at: at(7000))
        zone.tracker.record(Make.silent, resolver: 0, at: at(7006))
        #expect(zone.tracker.conclude(at: at(7006)).contains(.level(.unpropagated)))
    }

    @Test("what was seen minutes ago is not enough: the servers are asked once more")
    func confirmation() {
        var zone = settling()
        zone.poll(7700, PolledZone.target)
        _ = zone.tracker.conclude(at: at(7900))
        #expect(zone.tracker.secondPassAt == nil)
        #expect(zone.tracker.verdict(at: at(7900)).reasons.contains(.awaitingConfirmation(silent: [])))
        #expect(zone.tracker.nextPoll(after: at(7810), full: at(7700)) == Due(at(7830), .level))
        zone.poll(7901, PolledZone.short)
        #expect(zone.tracker.secondPassAt == nil && zone.tracker.publishedAt == nil)
    }

    @Test("a question that left before the instant confirms nothing, however late its answer comes")
    func lateAnswer() {
        var zone = settling()
        for index in 0..<2 {
            zone.tracker.authority.record(
                PolledZone.target, server: index, at: at(7832), roundTrip: .seconds(3))
        }
        _ = zone.tracker.conclude(at: at(7832))
        #expect(zone.tracker.secondPassAt == nil)
        #expect(zone.tracker.nextPoll(after: at(7832)) == Due(at(7862), .level))
    }

    @Test("silent authoritative servers confirm nothing")
    func silence() {
        var zone = settling()
        zone.poll(7900, Make.silent)
        #expect(zone.tracker.secondPassAt == nil)
        #expect(zone.tracker.propagatedAt == at(30))
    }

    @Test("settling begins with the later of propagation and bound")
    func propagatedLater() {
        var zone = PolledZone(settle: 7200)
        zone.poll(0, PolledZone.short)
        zone.tracker.record(Make.previous(ttl: 600), resolver: 0, at: at(0))
        zone.poll(30, PolledZone.target)
        for _ in 0..<3 { zone.tracker.record(Make.target(), resolver: 0, at: at(5001)) }
        _ = zone.tracker.conclude(at: at(5001))
        #expect(zone.tracker.propagatedAt == at(5001))
        #expect(zone.tracker.secondPassDue == at(5001 + 7200))
    }

    @Test("a resolver that turns back takes both levels back, and the hours run anew")
    func turnsBack() {
        var zone = settling()
        zone.poll(7830, PolledZone.target)
        zone.tracker.record(Make.previous(ttl: 60), resolver: 0, at: at(8000))
        #expect(zone.tracker.conclude(at: at(8000)).contains(.level(.unpropagated)))
        #expect(zone.tracker.secondPassAt == nil)
        for second in [8100.0, 8101, 8102] { zone.tracker.record(Make.target(), resolver: 0, at: at(second)) }
        _ = zone.tracker.conclude(at: at(8102))
        #expect(zone.tracker.secondPassDue == at(8102 + 7200))
    }

    @Test("five days after publication the old provider may delete the domain")
    func decommission() {
        var zone = settling()
        zone.poll(7830, PolledZone.target)
        let due = 30.0 + 5 * 86_400
        #expect(zone.tracker.verdict(at: at(7830)).decommissionNotBefore == at(due))
        #expect(zone.tracker.verdict(at: at(7830)).reasons.contains(.senderPatience(until: at(due))))
        zone.poll(due - 1, PolledZone.target)
        #expect(zone.tracker.decommissionAt == nil)
        #expect(zone.tracker.verdict(at: at(due - 1)).exitCode(for: .decommission) == 1)
        zone.poll(due, PolledZone.target)
        #expect(zone.tracker.verdict(at: at(due)).phase == .decommissionSafe)
        #expect(zone.tracker.verdict(at: at(due)).exitCode(for: .decommission) == 0)
        #expect(levels(zone).last == .level(.decommissionSafe))
    }

    @Test("each level is told in reasons that name what is waited for")
    func reasons() {
        let zone = settling()
        let bounded = zone.tracker.verdict(at: at(100))
        #expect(bounded.reasons.contains(.bounded(Bound(at: at(630), basis: .witnessed))))
        #expect(bounded.secondPassNotBefore == at(7830))
        let settling = zone.tracker.verdict(at: at(700))
        #expect(settling.reasons.contains(.settling(until: at(7830))))
    }

    @Test("before the change is published nothing is said of bound and second pass")
    func unpublished() {
        var zone = PolledZone(settle: 7200)
        zone.poll(0, PolledZone.short)
        let verdict = zone.tracker.verdict(at: at(0))
        #expect(verdict.bound == nil && verdict.secondPassNotBefore == nil)
        #expect(verdict.decommissionNotBefore == nil)
        #expect(verdict.exitCode(for: .secondPass) == 1)
    }

    @Test("where only resolvers are asked, it is they who confirm")
    func resolversOnly() {
        var zone = PolledZone(previousTTL: 600, settle: 60, asksAuthority: false)
        zone.poll(0, PolledZone.target)
        #expect(zone.tracker.secondPassDue == at(660))
        _ = zone.tracker.conclude(at: at(700))
        #expect(zone.tracker.secondPassAt == nil)
        zone.tracker.record(Make.target(), resolver: 0, at: at(701))
        _ = zone.tracker.conclude(at: at(701))
        #expect(zone.tracker.secondPassAt == at(701))
    }
}

@Suite("Aliases that leave the zone")
struct AliasTests {
    private static let end: DomainName = "mail.provider.it"
    private static let server = AuthorityIdentity(name: nil, endpoint: Endpoint("127.0.0.5:53")!)
    private static let endServer = AuthorityIdentity(
        name: nil, endpoint: Endpoint("127.0.0.6:53")!, alias: end)

    private func reading(_ exchange: DomainName, ttl: Int = 300) -> Reading {
        Reading(
            of: Make.answer(Make.mx([(10, exchange)], ttl: ttl, owner: Self.end), isAuthoritative: true),
            domain: Self.end, target: .qboxmail)
    }

    private var dangling: Reading {
        Make.reading(
            Make.answer([Make.cname(Make.domain, Self.end, ttl: 900)], isAuthoritative: true))
    }

    private func zone(_ end: Reading?) -> PolledZone {
        var zone = PolledZone(previousTTL: 300, servers: 0)
        zone.delegation = Delegation(
            zone: Make.domain, servers: [Self.server] + (end == nil ? [] : [Self.endServer]))
        zone.poll(0, dangling, end ?? dangling)
        return zone
    }

    @Test("the servers of the alias's end decide")
    func decides() {
        #expect(zone(reading("mx01.cbsolt.net")).tracker.publishedAt == at(0))
        let previous = zone(reading("mail.old.it")).tracker
        #expect(previous.publishedAt == nil && previous.authority.contradicts)
        #expect(previous.verdict(at: at(0)).phase == .unpublished)
    }

    @Test("an alias whose end nobody tells is no answer: undetermined")
    func unknownEnd() {
        #expect(zone(nil).tracker.verdict(at: at(0)).exitCode(for: .published) == 2)
        #expect(zone(Make.silent).tracker.verdict(at: at(0)).exitCode(for: .published) == 2)
    }

    @Test("a copy lives as long as the longest-lived link")
    func lifetime() {
        var previous = zone(reading("mail.old.it", ttl: 300))
        previous.poll(60, dangling, reading("mx01.cbsolt.net"))
        #expect(previous.bound == at(60 + 900))
    }
}
