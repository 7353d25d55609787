import DNS

/// Both clocks at one moment, and which start of which machine the monotonic one counts from.
package struct ClockAnchor: Sendable, Equatable {
    /// Identifies one start of one machine, as Linux's boot ID does.
    package var boot: String
    package var reading: ClockReading

    package init(boot: String, reading: ClockReading) {
        self.boot = boot
        self.reading = reading
    }

    /// A wall clock that differs by less has been adjusted, as they all are.
    package static let tolerance: Duration = .seconds(5)

    /// How an earlier moment lies in the present timeline.
    package struct Relation: Sendable, Equatable {
        /// What to add to instants of the earlier timeline.
        package var shift: Duration
        /// By how much the wall clock stands before where it should, if by more than `tolerance`.
        package var wentBack: Duration?

        package init(shift: Duration, wentBack: Duration? = nil) {
            self.shift = shift
            self.wentBack = wentBack
        }
    }

    /// Places an earlier moment in the timeline of this one.
    ///
    /// Since the same start of the machine the monotonic clock tells exactly how much time has passed, whatever
    /// the wall clock did. Otherwise the wall clock has to be believed, but never backwards: then no time is taken
    /// to have passed, so that what was known then ends later than it may, and never earlier.
    package func relation(to earlier: ClockAnchor) -> Relation {
        let onWall = Duration.milliseconds(reading.wall.milliseconds - earlier.reading.wall.milliseconds)
        let onSameClock = reading.instant - earlier.reading.instant
        if boot == earlier.boot, onSameClock >= .zero {
            let missing = onSameClock - onWall
            return Relation(shift: .zero, wentBack: missing > Self.tolerance ? missing : nil)
        }
        let passed = max(onWall, .zero)
        let missing = Duration.zero - onWall
        return Relation(
            shift: reading.instant - (earlier.reading.instant + passed),
            wentBack: missing > Self.tolerance ? missing : nil)
    }
}
