import DNS
import Glibc
import Monitoring

extension MonitorClock {
    /// The machine's clocks. CLOCK_BOOTTIME goes on while a laptop sleeps, as TTLs do.
    static let system = MonitorClock(
        now: { Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME)) },
        read: {
            ClockReading(
                instant: Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME)),
                wall: WallTime(milliseconds: nanoseconds(of: CLOCK_REALTIME) / 1_000_000))
        },
        sleep: { instant in
            // Short naps, since a timer may stand still while the machine sleeps and the clock does not.
            while true {
                let left = instant - Instant(nanoseconds: nanoseconds(of: CLOCK_BOOTTIME))
                guard left > .zero else { return }
                try await Task.sleep(for: min(left, .seconds(10)), tolerance: .zero)
            }
        })
}

private func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
