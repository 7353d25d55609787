import DNS

/// Both clocks at one moment, and which start of which machine the monotonic one counts from.
package struct ClockAnchor: Sendable, Equatable {
    /// Identifies one start of one machine, as Linux's boot ID does.
    package var boot: String
    package var reading: ClockReading
    /// How much further time had gone than the wall clock told, because that clock was behind a recorded time.
    package var ahead: Duration

    package init(boot: String, reading: ClockReading, ahead: Duration = .zero) {
        self.boot = boot
        self.reading = reading
        self.ahead = ahead
    }

    /// A smaller difference is a normal adjustment of the wall clock.
    package static let tolerance: Duration = .seconds(5)

    /// Where an earlier moment is in the present timeline.
    package struct Relation: Sendable, Equatable {
        /// What to add to instants of the earlier timeline.
        package var shift: Duration
        /// How much further time has gone by now than the wall clock tells.
        package var ahead: Duration
        /// How far the wall clock is behind, if by more than `tolerance` and not already at that time.
        package var wentBack: Duration?

        package init(shift: Duration, ahead: Duration = .zero, wentBack: Duration? = nil) {
            self.shift = shift
            self.ahead = ahead
            self.wentBack = wentBack
        }
    }

    /// Places an earlier moment in the timeline of this one.
    ///
    /// Within the same start of the machine, the monotonic clock tells exactly how much time has passed. After another
    /// start we must believe the wall clock, but never backwards: if it went back, we assume that no time has passed,
    /// so that every wait ends later, never earlier. We remember how far the clock is behind: when somebody sets it
    /// right again, that must not count as time that has passed.
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
