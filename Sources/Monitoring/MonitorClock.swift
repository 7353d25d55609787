import DNS

/// The two clocks and the sleep that the monitor needs. They come from outside, so that simulated time can replace
/// them.
package struct MonitorClock: Sendable {
    /// Monotonic; it runs on while the machine sleeps.
    package var now: @Sendable () -> Instant
    /// Both clocks at the same moment, for display.
    package var read: @Sendable () -> ClockReading
    /// Returns at that instant or later; throws when the task is cancelled.
    package var sleep: @Sendable (Instant) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Instant, read: @escaping @Sendable () -> ClockReading,
        sleep: @escaping @Sendable (Instant) async throws -> Void
    ) {
        self.now = now
        self.read = read
        self.sleep = sleep
    }
}
