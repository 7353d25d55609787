/// A monotonic instant, in nanoseconds since an origin that the clock's owner chose.
///
/// Instants decide; wall time is only recorded. The clock that makes them must go on while the
/// machine sleeps (CLOCK_BOOTTIME), since TTLs run down meanwhile. Arithmetic saturates at ±292 years.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    package init(seconds: Int64) { nanoseconds = seconds * 1_000_000_000 }

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingSaturated(duration.wholeNanoseconds))
    }
    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.subtractingSaturated(duration.wholeNanoseconds))
    }
    package static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.nanoseconds.subtractingSaturated(earlier.nanoseconds))
    }
}

extension Int64 {
    // What a person types (a date in the year 9999, a duration of centuries) must not trap.
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    fileprivate func subtractingSaturated(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    fileprivate func multipliedSaturated(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
    }
}

extension Duration {
    /// The whole length in nanoseconds; saturates at ±292 years.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }
    /// Seconds as a floating-point number.
    package var inSeconds: Double { Double(wholeNanoseconds) / 1e9 }
    /// Milliseconds as a floating-point number.
    package var inMilliseconds: Double { Double(wholeNanoseconds) / 1e6 }
}

/// A wall-clock instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds left out.
package struct WallTime: Hashable, Comparable, Sendable {
    package var milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }
}

/// One reading of both clocks at the same moment. It turns instants into wall times for display.
package struct ClockReading: Hashable, Sendable {
    package var instant: Instant
    package var wall: WallTime

    package init(instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }

    /// What the wall clock shows, or showed, at `other`.
    package func wallTime(at other: Instant) -> WallTime {
        let nanoseconds = other.nanoseconds.subtractingSaturated(instant.nanoseconds)
        return WallTime(milliseconds: wall.milliseconds.addingSaturated(nanoseconds / 1_000_000))
    }

    /// The instant at which the wall clock shows, or showed, `time`.
    package func instant(at time: WallTime) -> Instant {
        let milliseconds = time.milliseconds.subtractingSaturated(wall.milliseconds)
        return Instant(
            nanoseconds: instant.nanoseconds.addingSaturated(milliseconds.multipliedSaturated(by: 1_000_000)))
    }
}
