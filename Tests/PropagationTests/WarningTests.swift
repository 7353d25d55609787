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
        #expect(zone.events.suffix(3).map(\.1) == [.regression, .unpropagated, .secondPassUnsafe])
    }
}
