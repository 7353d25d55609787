/// The ticks of a time axis: at round local times, no more than fit.
struct TimeAxis: Sendable, Equatable {
    struct Tick: Sendable, Equatable {
        var at: Timestamp
        /// `16:00`, `16:00:30`, or a date where a tick is a day or more.
        var label: String
        /// `23 Nov`, at the first tick and where the day changes.
        var date: String?
    }

    let ticks: [Tick]
    /// Seconds between two ticks.
    let step: Int64

    private static let day: Int64 = 86400
    /// Each step divides the next greater unit, so that labels stay round.
    private static let steps: [Int64] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, day, 2 * day,
        7 * day, 14 * day, 28 * day, 91 * day, 364 * day,
    ]

    /// - Parameter most: how many ticks fit.
    init(from start: Timestamp, to end: Timestamp, times: ReportTimes, most: Int64 = 8) {
        let length = max(1, end.seconds - start.seconds)
        let step = Self.steps.first { length / $0 <= most - 1 } ?? length
        self.step = step
        var ticks: [Tick] = []
        var lastDate = ""
        var local = start.seconds + times.offset(start)
        local = floorDivision(local + step - 1, step) * step
        let last = end.seconds + times.offset(end)
        while local <= last {
            let at = Self.instant(local: local, times)
            let civil = CivilTime(seconds: local)
            let date = civil.dayAndMonth
            if at >= start, at <= end {
                if step >= Self.day {
                    ticks.append(Tick(at: at, label: date, date: nil))
                } else {
                    let label = Self.timeOfDay(civil, withSeconds: step < 60)
                    ticks.append(Tick(at: at, label: label, date: date == lastDate ? nil : date))
                }
                lastDate = date
            }
            local += step
        }
        self.ticks = ticks
    }

    /// The instant at which a clock of the zone shows `local`.
    private static func instant(local: Int64, _ times: ReportTimes) -> Timestamp {
        let guess = Timestamp(seconds: local - times.offset(Timestamp(seconds: local)))
        return Timestamp(seconds: local - times.offset(guess))
    }

    private static func timeOfDay(_ civil: CivilTime, withSeconds: Bool) -> String {
        var text: [UInt8] = []
        civil.appendTime(to: &text)
        return String(decoding: withSeconds ? text : text.dropLast(3), as: UTF8.self)
    }
}
