import DNS
import History
import Testing

@Suite("How an earlier moment lies in the present timeline")
struct ClockAnchorTests {
    private static func anchor(_ boot: String, instant: Int64, wall: Int64) -> ClockAnchor {
        ClockAnchor(
            boot: boot,
            reading: ClockReading(
                instant: Instant(seconds: instant), wall: WallTime(milliseconds: wall * 1_000)))
    }

    @Test("Since the same start, instants are what they were, whatever the wall clock did")
    func sameBoot() {
        let earlier = Self.anchor("a", instant: 100, wall: 5_000)
        #expect(Self.anchor("a", instant: 160, wall: 5_060).relation(to: earlier) == .init(shift: .zero))
        #expect(Self.anchor("a", instant: 160, wall: 9_000).relation(to: earlier) == .init(shift: .zero))
        #expect(
            Self.anchor("a", instant: 160, wall: 1_460).relation(to: earlier)
                == .init(shift: .zero, ahead: .seconds(3_600), wentBack: .seconds(3_600)))
    }

    @Test("After another start the wall clock tells how much time has passed")
    func anotherBoot() {
        let earlier = Self.anchor("a", instant: 100_000, wall: 5_000)
        let now = Self.anchor("b", instant: 20, wall: 5_600)
        #expect(now.relation(to: earlier) == .init(shift: .seconds(20 - 100_600)))
    }

    @Test("A wall clock that went back lets no time pass: what was known ends later, never earlier")
    func wentBack() {
        let earlier = Self.anchor("a", instant: 100, wall: 5_000)
        let now = Self.anchor("b", instant: 20, wall: 1_400)
        let relation = now.relation(to: earlier)
        #expect(relation == .init(shift: .seconds(-80), ahead: .seconds(3_600), wentBack: .seconds(3_600)))
        // Set right again after a further start, it has made up for that, and no more.
        let noted = ClockAnchor(boot: "b", reading: now.reading, ahead: relation.ahead)
        #expect(
            Self.anchor("c", instant: 5, wall: 5_010).relation(to: noted)
                == .init(shift: .seconds(5 - 20 - 10)))
        // While it stands behind it is believed no time, and told of no more.
        #expect(
            Self.anchor("c", instant: 5, wall: 1_500).relation(to: noted)
                == .init(shift: .seconds(5 - 20), ahead: .seconds(3_500)))
    }

    @Test("What a clock is adjusted by every day is not told of")
    func adjusted() {
        let earlier = Self.anchor("a", instant: 100, wall: 5_000)
        #expect(Self.anchor("a", instant: 110, wall: 5_006).relation(to: earlier).wentBack == nil)
        let other = Self.anchor("b", instant: 7, wall: 4_997).relation(to: earlier)
        #expect(other == .init(shift: .seconds(-93), ahead: .seconds(3)))
    }

    @Test("A monotonic clock that stands before the recorded instant is another one")
    func sameNameAnotherClock() {
        let earlier = Self.anchor("a", instant: 100, wall: 5_000)
        let now = Self.anchor("a", instant: 40, wall: 5_300)
        #expect(now.relation(to: earlier) == .init(shift: .seconds(40 - 400)))
    }
}
