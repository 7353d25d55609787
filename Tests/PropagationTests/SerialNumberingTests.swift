import Builders
import DNS
import Propagation
import Testing

/// What a server's serials say of edits (§3).
@Suite("Serials by convention")
struct SerialNumberingTests {
    private typealias Edits = SerialNumbering.Edits

    /// Serials as they were seen, each from then on until the next.
    private struct Seen {
        var numbering: SerialNumbering
        private var serial: SerialNumber
        private var last: Double
        private(set) var edits = Edits(atLeast: 0)

        init(_ serial: UInt32, at second: Double) {
            self.serial = SerialNumber(serial)
            last = second
            numbering = SerialNumbering(self.serial, at: at(second))
        }

        mutating func see(_ next: UInt32, at second: Double) {
            let next = SerialNumber(next)
            if next != serial { numbering.note(from: serial, to: next, last: at(last), now: at(second)) }
            edits = numbering.edits(from: serial, to: next)
            (serial, last) = (next, second)
        }
    }

    @Test(
        "what one serial looks like",
        arguments: [
            (1, .steps), (61, .steps), (999_999_999, .steps), (2_026_112_401, .date), (1_999_123_199, .date),
            (1_999_133_100, .clock), (1_795_000_000, .clock), (2_026_003_101, .clock),
            (2_359_817_231, .steps),
        ] as [(UInt32, SerialNumbering.Convention)])
    func look(serial: UInt32, convention: SerialNumbering.Convention) {
        #expect(SerialNumbering.look(of: SerialNumber(serial)) == convention)
    }

    @Test("a serial that never moved tells of no edit, and of none that there was not")
    func unmoved() {
        var seen = Seen(1, at: 0)
        seen.see(1, at: 300)
        #expect(!seen.numbering.tellsOfEdits)
        #expect(seen.edits == Edits(atLeast: 0))
        seen.see(2, at: 330)
        seen.see(2, at: 600)
        #expect(seen.numbering.tellsOfEdits)
        #expect(seen.edits == Edits(atLeast: 0, atMost: 0))
    }

    @Test(
        "steps count the edits; a leap counts none; RFC 1982 goes round the corner",
        arguments: [
            (7, 8, Edits(atLeast: 1, atMost: 1)), (7, 9, Edits(atLeast: 2, atMost: 2)),
            (7, 107, Edits(atLeast: 100, atMost: 100)), (7, 108, Edits(atLeast: 1)),
            (4_294_967_295, 1, Edits(atLeast: 2, atMost: 2)), (9, 8, Edits(atLeast: 2)),
        ] as [(UInt32, UInt32, SerialNumbering.Edits)])
    func steps(from: UInt32, to: UInt32, edits: SerialNumbering.Edits) {
        var seen = Seen(from, at: 0)
        seen.see(to, at: 300)
        #expect(seen.edits == edits)
    }

    @Test("dates count the edits of one day; a new day counts none")
    func dates() {
        var seen = Seen(2_026_112_401, at: 0)
        seen.see(2_026_112_402, at: 300)
        #expect(seen.edits == Edits(atLeast: 1, atMost: 1))
        seen.see(2_026_112_405, at: 600)
        #expect(seen.edits == Edits(atLeast: 3, atMost: 3))
        seen.see(2_026_112_500, at: 90_000)
        #expect(seen.edits == Edits(atLeast: 1))
        #expect(seen.numbering.convention == .date)
    }

    @Test("Unix time counts none, and tells when the last one was")
    func clock() {
        // The machine's clock is 1,795,000,000 s ahead of the test's; an edit is seen up to 30 s late.
        var seen = Seen(1_795_000_000, at: 20)
        seen.see(1_795_000_500, at: 530)
        #expect(seen.edits == Edits(atLeast: 1, atMost: 500, lastBy: at(520)))
        seen.see(1_795_001_000, at: 1001)
        #expect(seen.edits.lastBy == at(1001))
        seen.see(1_795_002_000, at: 4000)
        #expect(seen.edits == Edits(atLeast: 1, atMost: 1000, lastBy: at(2001)))
        #expect(seen.numbering.convention == .clock)
    }

    @Test("a count that keeps pace with time is a clock, whatever it looks like")
    func otherClock() {
        var seen = Seen(2_359_817_231, at: 0)
        seen.see(2_359_818_231, at: 1010)
        #expect(seen.edits == Edits(atLeast: 1))
        seen.see(2_359_818_231, at: 1310)
        seen.see(2_359_818_541, at: 1340)
        seen.see(2_359_818_541, at: 1940)
        #expect(seen.numbering.convention == .steps)
        seen.see(2_359_819_161, at: 1970)
        #expect(seen.numbering.convention == .clock)
        #expect(seen.edits.atLeast == 1)
    }

    @Test("a number that looks like Unix time and goes up by one each hour is none")
    func noClock() {
        var seen = Seen(1_234_567_890, at: 0)
        for hour in 1...3 {
            seen.see(1_234_567_890 + UInt32(hour), at: Double(hour) * 3600)
            seen.see(1_234_567_890 + UInt32(hour), at: Double(hour) * 3600 + 3570)
        }
        seen.see(1_234_567_895, at: 14_400)
        #expect(seen.numbering.convention == .steps)
        #expect(seen.edits == Edits(atLeast: 2, atMost: 2))
    }

    @Test("other numbers are another provider's: they begin anew, and count nothing against the former ones")
    func moved() {
        var seen = Seen(2_026_112_401, at: 0)
        seen.see(2_026_112_402, at: 300)
        seen.see(1_795_000_000, at: 600)
        #expect(seen.edits == Edits(atLeast: 1))
        #expect(seen.numbering.convention == .clock)
        seen.see(17, at: 900)
        #expect(seen.edits == Edits(atLeast: 1))
        seen.see(19, at: 1200)
        #expect(seen.edits == Edits(atLeast: 2, atMost: 2))
    }

    @Test("one that stood still while the MX changed is fixed, until it moves")
    func fixed() {
        var seen = Seen(5, at: 0)
        seen.see(6, at: 300)
        seen.numbering.noteChangeUnderSerial()
        #expect(seen.numbering.convention == .fixed && !seen.numbering.tellsOfEdits)
        seen.see(6, at: 600)
        #expect(seen.edits == Edits(atLeast: 0))
        seen.see(7, at: 900)
        #expect(seen.numbering.convention == .steps && seen.numbering.tellsOfEdits)
    }

    // MARK: In the tracker

    @Test(
        "a serial that cannot tell how many edits there were moves no bound: that nobody rolled back is assumed",
        arguments: [
            [1_795_000_000, 1_795_000_030, 1_795_000_400], [2_026_112_401, 2_026_112_402, 2_026_112_500],
            [7, 8, 100_000],
        ] as [[UInt32]])
    func tellsNothing(serials: [UInt32]) {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: serials[0])
        zone.poll(30, PolledZone.target, serial: serials[1])
        zone.poll(530, PolledZone.target, serial: serials[2])
        #expect(zone.bound == at(630))
        #expect(!zone.events.contains { if case .doubt = $0.1 { true } else { false } })
        #expect(
            zone.tracker.assumptions(at: at(530)).contains(.noRollback(from: at(30), until: at(530))))
    }

    @Test("what was served before the change in a gap that serials do not count in is an assumption as well")
    func changeInGap() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1_795_000_000)
        zone.poll(7200, PolledZone.target, serial: 1_795_006_000)
        #expect(zone.bound == at(7800))
        #expect(
            zone.tracker.assumptions(at: at(7200)).contains(.noRollback(from: at(0), until: at(7200))))
    }

    @Test("within a minute a step of any size is one edit", arguments: [2, 50, 100_000] as [UInt32])
    func withinAMinute(step: UInt32) {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(90, PolledZone.target, serial: 2 + step)
        #expect(zone.bound == at(630))
        #expect(zone.tracker.authority.doubt == nil)
        #expect(
            !zone.tracker.assumptions(at: at(90)).contains {
                if case .noRollback = $0 { true } else { false }
            })
    }

    @Test("serials alone, asked every half minute, leave no gap: the MX is asked for where one moves")
    func witnessed() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        for look in 2...10 { zone.witness(Double(look) * 30, serial: 2) }
        zone.witness(330, serial: 4)
        zone.poll(330.1, PolledZone.target, serial: 4)
        #expect(zone.bound == at(630) && zone.tracker.authority.doubt == nil)
        // Nobody looked for five minutes.
        zone.witness(630, serial: 6)
        zone.poll(630.1, PolledZone.target, serial: 6)
        #expect(zone.tracker.authority.doubt?.edits == 2)
        #expect(zone.tracker.authority.doubt?.from == at(330.1))
    }

    @Test(
        "a gap that nothing tells of begins where it was last known what was served, whatever was lost since")
    func blindGap() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(930, PolledZone.target)
        zone.poll(960, PolledZone.target, serial: 2)
        #expect(
            zone.tracker.assumptions(at: at(960)).contains(.noRollback(from: at(30), until: at(960))))
    }

    @Test("a TTL that changed under the serial tells of edits that the serial does not count (world 85994)")
    func changedUnderSerial() {
        var zone = PolledZone(settle: 7200, servers: 1)
        let raised = Make.target(ttl: 3600, isAuthoritative: true)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, raised, serial: 2)
        zone.poll(330, raised, serial: 2)
        for look in 12...20 { zone.witness(Double(look) * 30, serial: 2) }
        #expect(zone.bound == at(630))
        zone.poll(630, PolledZone.target, serial: 2)
        #expect(zone.bound == at(1230))
        #expect(zone.tracker.authority.doubt?.from == at(330))
    }

    @Test("also where the serial of the look that saw it was lost", arguments: [30, 300])
    func changedUnderLostSerial(later: Double) {
        var zone = PolledZone(settle: 7200, servers: 1)
        let raised = Make.target(ttl: 3600, isAuthoritative: true)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, raised, serial: 2)
        zone.poll(330, raised, serial: 2)
        zone.poll(630, PolledZone.target)
        zone.poll(630 + later, PolledZone.target, serial: 2)
        #expect(zone.bound == at(1230 + later))
        #expect(zone.tracker.authority.doubt?.from == at(330))
    }

    @Test("a copy that runs down in a cache in front of the server is no edit")
    func runDownUnderSerial() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, Make.target(ttl: 3600, isAuthoritative: true), serial: 2)
        zone.poll(330, Make.target(ttl: 3300, isAuthoritative: true), serial: 2)
        #expect(zone.tracker.authority.doubt == nil)
    }

    @Test("a look whose serial was lost is made up for by the next one that has it")
    func lostSerial() {
        var zone = PolledZone(settle: 7200, servers: 1)
        zone.poll(0, PolledZone.short, serial: 1)
        zone.poll(30, PolledZone.target, serial: 2)
        zone.poll(930, PolledZone.target)
        zone.witness(960, serial: 4)
        zone.poll(960.1, PolledZone.target)
        zone.poll(990, PolledZone.target, serial: 4)
        #expect(zone.tracker.authority.doubt?.edits == 2)
        #expect(zone.tracker.authority.doubt?.from == at(30))
    }
}
