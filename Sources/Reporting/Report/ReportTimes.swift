/// Instants in a report, in the reader's zone. The zone is named once if its offset does not change.
struct ReportTimes: Sendable {
    let zone: TimeZoneChoice
    /// Seconds east of UTC at an instant.
    let offset: @Sendable (Timestamp) -> Int64
    /// Seconds east of UTC, if it is the same from the first instant to the last.
    private let commonOffset: Int64?

    /// - Parameters:
    ///   - range: the instants that the report can name.
    ///   - offset: the zone's offset, if it is not the host's zone.
    init(
        zone: TimeZoneChoice, range: ClosedRange<Timestamp>, offset: (@Sendable (Timestamp) -> Int64)? = nil
    ) {
        self.zone = zone
        let offset = offset ?? { zone.offset(at: $0) }
        self.offset = offset
        // A zone changes its offset a few times a year at most: weekly steps see every change that lasts.
        let week: Int64 = 7 * 86400
        var offsets: Set<Int64> = [offset(range.upperBound)]
        var seconds = range.lowerBound.seconds
        let step = max(week, (range.upperBound.seconds - seconds) / 500)
        while seconds < range.upperBound.seconds {
            offsets.insert(offset(Timestamp(seconds: seconds)))
            seconds += step
        }
        commonOffset = offsets.count == 1 ? offsets.first : nil
    }

    init(_ report: ReportDocument, zone: TimeZoneChoice) {
        let instants =
            [report.firstLook, report.lastLook, report.generatedAt]
            + [report.bound].compactMap(\.self) + report.levels.compactMap(\.at)
        self.init(zone: zone, range: instants.min()!...instants.max()!)
    }

    /// `UTC`, `+0100`; `nil` if it changes and every instant names its own.
    var commonZone: String? { commonOffset.map(zoneName) }

    /// `2026-11-23 17:31:40`, with the offset if it is not the same everywhere.
    func text(_ instant: Timestamp) -> String {
        let civil = civil(instant)
        var text: [UInt8] = []
        civil.appendDate(to: &text)
        text.append(UInt8(ascii: " "))
        civil.appendTime(to: &text)
        let zone = commonOffset == nil ? " " + zoneName(offset(instant)) : ""
        return String(decoding: text, as: UTF8.self) + zone
    }

    /// `17:31:40` if it is the same day as `reference`, else `24 Nov 17:31:40`: for labels in a plot, whose axis
    /// shows the rest.
    func short(_ instant: Timestamp, beside reference: Timestamp) -> String {
        let (civil, other) = (civil(instant), self.civil(reference))
        var text: [UInt8] = []
        civil.appendTime(to: &text)
        let time = String(decoding: text, as: UTF8.self)
        let isSameDay = (civil.year, civil.month, civil.day) == (other.year, other.month, other.day)
        return isSameDay ? time : "\(civil.dayAndMonth) \(time)"
    }

    func civil(_ instant: Timestamp) -> CivilTime {
        CivilTime(seconds: instant.seconds + offset(instant))
    }

    /// For machines, in an element `time`.
    func markup(_ instant: Timestamp) -> Markup {
        element("time", ["datetime": instant.description], [.text(text(instant))])
    }

    private func zoneName(_ offset: Int64) -> String {
        if case .utc = zone { return "UTC" }
        var text: [UInt8] = [offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")]
        let minutes = Int64(offset.magnitude / 60)
        text.append(twoDigits: minutes / 60)
        text.append(twoDigits: minutes % 60)
        return String(decoding: text, as: UTF8.self)
    }
}

extension CivilTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `23 Nov`.
    var dayAndMonth: String { "\(day) \(Self.months[Int(month) - 1])" }
}
