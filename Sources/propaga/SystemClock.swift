import DNS
import Glibc
import Monitoring

extension MonitorClock {
    /// The machine's clocks. CLOCK_BOOTTIME runs on while a laptop sleeps, and so do TTLs.
    static let system = MonitorClock(
        now: { Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME)) },
        read: {
            ClockReading(
                instant: Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME)),
                wall: WallTime(milliseconds: nanoseconds(of: CLOCK_REALTIME) / 1_000_000))
        },
        sleep: { instant in
            // Sleep in short pieces: while the machine sleeps, a timer may stop, but the clock does not.
            while true {
                let left = instant - Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME))
                guard left > .zero else { return }
                try await Task.sleep(for: min(left, .seconds(10)), tolerance: .zero)
            }
        })
}

private func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
