/// Lengths of time as text.
package enum DurationText {
    private static let units: [(letter: Character, seconds: Int64)] = [
        ("s", 1), ("m", 60), ("h", 3600), ("d", 86400),
    ]

    /// Reads a whole number and a unit: `90s`, `30m`, `6h`, `2d`, and `500ms` for less than a
    /// second. The caller checks whether the length makes sense.
    ///
    /// - Throws: `TextError` for another form, and for a length over 36,500 days.
    package static func parse(_ text: some StringProtocol) throws(TextError) -> Duration {
        if text.hasSuffix("ms"), let count = Int64(text.dropLast(2)), count >= 0,
            count <= 36_500 * 86_400
        {
            return .milliseconds(count)
        }
        func isNumber(_ text: some StringProtocol) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        if isNumber(text) {
            throw TextError(message: "\(text) has no unit: write \(text)s, \(text)m, \(text)h or \(text)d")
        }
        let digits = text.dropLast()
        guard let unit = units.first(where: { $0.letter == text.last }), isNumber(digits) else {
            throw TextError(
                message: "“\(String(text).escapedForDisplay)” is not a duration:"
                    + " write a whole number and s, m, h or d, such as 90s, 30m, 6h or 2d")
        }
        guard let count = Int64(digits), count <= 36_500 * 86_400 / unit.seconds else {
            throw TextError(message: "“\(text)” is too long: the longest duration is 36500d")
        }
        return .seconds(count * unit.seconds)
    }

    /// Two digits and a unit, rounded up, so that no time seems to be over too early: `58s`, `27m`, `6h`, `2d`.
    package static func compact(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        func up(_ unit: Int64) -> Int64 { (seconds + unit - 1) / unit }
        if seconds < 100 { return "\(seconds)s" }
        if up(60) < 100 { return "\(up(60))m" }
        return up(3600) < 48 ? "\(up(3600))h" : "\(up(86400))d"
    }

    /// Exact, in the two greatest units and no finer: `58 s`, `1 h 30 min`, `2 d 4 h`.
    package static func long(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        let parts = [
            (seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"),
            (seconds % 60, "s"),
        ]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0 s" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
