import DNS

/// Both clocks at one moment, and which start of which machine the monotonic one counts from.
package struct ClockAnchor: Sendable, Equatable {
    /// Identifies one start of one machine, as Linux's boot ID does.
    package var boot: String
    package var reading: ClockReading
    /// By how much time had gone further than the wall clock told: it had been found behind what was recorded.
    package var ahead: Duration

    package init(boot: String, reading: ClockReading, ahead: Duration = .zero) {
        self.boot = boot
        self.reading = reading
        self.ahead = ahead
    }

    /// A wall clock that differs by less has been adjusted, as they all are.
    package static let tolerance: Duration = .seconds(5)

    /// How an earlier moment lies in the present timeline.
    package struct Relation: Sendable, Equatable {
        /// What to add to instants of the earlier timeline.
        package var shift: Duration
        /// By how much time has gone further by now than the wall clock tells.
        package var ahead: Duration
        /// By how much the wall clock stands before where it should, if by more than `tolerance` and not already then.
        package var wentBack: Duration?

        package init(shift: Duration, ahead: Duration = .zero, wentBack: Duration? = nil) {
            self.shift = shift
            self.ahead = ahead
            self.wentBack = wentBack
        }
    }

    /// Places an earlier moment in the timeline of this one.
    ///
    /// Since the same start of the machine the monotonic clock tells exactly how much time has passed, whatever
    /// the wall clock did. Otherwise the wall clock has to be believed, but never backwards: then no time is taken
    /// to have passed, so that what was known then ends later than it may, and never earlier. What it lags behind
    /// is remembered, lest a clock that is set right again be taken for time that has passed.
    package func relation(to earlier: ClockAnchor) -> Relation {
        let onWall = Duration.milliseconds(reading.wall.milliseconds - earlier.reading.wall.milliseconds)
        let onSameClock = reading.instant - earlier.reading.instant
        let isSame = boot == earlier.boot && onSameClock >= .zero
        let passed = isSame ? onSameClock : max(onWall - earlier.ahead, .zero)
        let missing = isSame ? onSameClock - onWall : .zero - onWall
        return Relation(
            shift: isSame ? .zero : reading.instant - (earlier.reading.instant + passed),
            ahead: max(earlier.ahead + passed - onWall, .zero),
            wentBack: missing > Self.tolerance ? missing : nil)
    }
}
