import DNS
import Glibc

/// The zone in which times are shown: UTC to programs, the host's to people.
package enum TimeZoneChoice: Sendable, Hashable {
    case utc
    /// As `TZ` and the host's configuration say, by `localtime_r`.
    case local
    /// Seconds east of UTC, always.
    case fixed(Int)

    func offset(at timestamp: Timestamp) -> Int64 {
        switch self {
        case .utc: return 0
        case .fixed(let seconds): return Int64(seconds)
        case .local:
            var (seconds, parts) = unsafe (time_t(timestamp.seconds), tm())
            return unsafe localtime_r(&seconds, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
        }
    }
}

/// Times within a sentence or a table: the time of day, with the date only if it is another day.
package struct TimeText: Sendable {
    package let zone: TimeZoneChoice
    package let now: Timestamp
    private let clock: ClockReading?

    package init(zone: TimeZoneChoice, clock: ClockReading) {
        self.zone = zone
        self.clock = clock
        now = Timestamp(clock.wall)
    }

    /// - Parameter now: the present, if `clock` was read earlier.
    init(zone: TimeZoneChoice, clock: ClockReading, now: WallTime) {
        self.zone = zone
        self.clock = clock
        self.now = Timestamp(now)
    }

    /// Without a monotonic clock: for values that already carry wall time.
    package init(zone: TimeZoneChoice, now: Timestamp) {
        self.zone = zone
        self.now = now
        clock = nil
    }

    /// `17:31:40 UTC`, `17:31:40 +0100`, or `2026-11-24 00:10:00 +0100` if that is not today.
    package func text(_ timestamp: Timestamp) -> String {
        let offset = zone.offset(at: timestamp)
        let civil = CivilTime(seconds: timestamp.seconds + offset)
        let today = CivilTime(seconds: now.seconds + zone.offset(at: now))
        var text: [UInt8] = []
        if (civil.year, civil.month, civil.day) != (today.year, today.month, today.day) {
            civil.appendDate(to: &text)
            text.append(UInt8(ascii: " "))
        }
        civil.appendTime(to: &text)
        text.append(UInt8(ascii: " "))
        appendZone(offset, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The wall time of a monotonic instant.
    func text(_ instant: Instant) -> String {
        guard let clock else { preconditionFailure("this TimeText was made without a clock") }
        return text(Timestamp(clock.wallTime(at: instant)))
    }

    /// `2026-11-23 17:31:40 +0100`: for lines that stand alone, as in a log.
    package func full(_ timestamp: Timestamp) -> String {
        let offset = zone.offset(at: timestamp)
        let civil = CivilTime(seconds: timestamp.seconds + offset)
        var text: [UInt8] = []
        civil.appendDate(to: &text)
        text.append(UInt8(ascii: " "))
        civil.appendTime(to: &text)
        text.append(UInt8(ascii: " "))
        appendZone(offset, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private func appendZone(_ offset: Int64, to text: inout [UInt8]) {
        if case .utc = zone { return text.append("UTC") }
        text.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        let minutes = Int64(offset.magnitude / 60)
        text.append(twoDigits: minutes / 60)
        text.append(twoDigits: minutes % 60)
    }
}
