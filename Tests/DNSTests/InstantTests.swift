import DNS
import Testing

@Suite("Instants and clocks")
struct InstantTests {
    @Test("instants and durations")
    func instantsAndDurations() {
        let start = Instant(seconds: 100)
        #expect(start + .milliseconds(1500) == Instant(nanoseconds: 101_500_000_000))
        #expect(start - .seconds(101) == Instant(seconds: -1))
        #expect(Instant(seconds: 90) - start == .seconds(-10))
        #expect(start < Instant(nanoseconds: 100_000_000_001))
        #expect(!(start < start))
    }

    @Test(
        "durations in nanoseconds",
        arguments: [
            (Duration.nanoseconds(1), Int64(1)), (.seconds(-2) - .nanoseconds(1), -2_000_000_001), (.zero, 0),
            (.milliseconds(1500), 1_500_000_000), (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
            (.seconds(9_223_372_036) + .nanoseconds(854_775_807), .max),
            (.seconds(9_223_372_036) + .nanoseconds(854_775_808), .max),
            (.seconds(-9_223_372_036) - .nanoseconds(854_775_809), .min),
        ] as [(Duration, Int64)])
    func wholeNanoseconds(_ duration: Duration, _ nanoseconds: Int64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }

    @Test("durations as floating-point numbers")
    func durationsAsFloatingPointNumbers() {
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
        #expect(Duration.microseconds(1500).inMilliseconds == 1.5)
    }

    @Test("arithmetic stops at the ends of time")
    func arithmeticStopsAtTheEndsOf() {
        let last = Instant(nanoseconds: .max)
        let first = Instant(nanoseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(Instant(seconds: 1) + .seconds(Int64.max) == last)
        #expect(first - .seconds(1) == first)
        #expect(Instant(seconds: -2) - .seconds(Int64.max) == first)
        #expect(last - .seconds(-1) == last)
        #expect(last - first == .nanoseconds(Int64.max))
        #expect(first - last == .nanoseconds(Int64.min))
    }

    private static let reading = ClockReading(
        instant: Instant(seconds: 1000), wall: WallTime(milliseconds: 1_795_000_000_000))

    @Test(
        "a reading of both clocks leads from one to the other and back",
        arguments: [
            (Int64(1000), Int64(1_795_000_000_000)), (1001, 1_795_000_001_000), (0, 1_794_999_000_000),
        ] as [(Int64, Int64)])
    func conversions(_ seconds: Int64, _ milliseconds: Int64) {
        let instant = Instant(seconds: seconds)
        let wall = WallTime(milliseconds: milliseconds)
        #expect(Self.reading.wallTime(at: instant) == wall)
        #expect(Self.reading.instant(at: wall) == instant)
    }

    @Test(
        "a date that no instant reaches lies centuries ahead or back",
        arguments: [
            // The ends of the years 9999 and 1.
            (253_402_300_799_999, true), (-62_104_060_800_000, false), (.max, true), (.min, false),
        ] as [(Int64, Bool)])
    func farDates(_ milliseconds: Int64, _ isAhead: Bool) {
        let distance = Self.reading.instant(at: WallTime(milliseconds: milliseconds)) - Self.reading.instant
        let centuries = Duration.seconds(9_000_000_000)
        #expect(isAhead ? distance > centuries : distance < .zero - centuries)
    }

    @Test("wall times are ordered")
    func wallTimesAreOrdered() {
        #expect(WallTime(milliseconds: 1) < WallTime(milliseconds: 2))
        #expect(!(WallTime(milliseconds: 2) < WallTime(milliseconds: 2)))
    }
}
