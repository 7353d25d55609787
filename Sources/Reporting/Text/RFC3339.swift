import DNS

/// Text from a person that could not be read, with a message that says what was expected.
package struct TextError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}

/// Instants as text (RFC 3339 §5.6).
package enum RFC3339 {
    /// UTC with whole seconds: `2026-11-23T17:05:00Z`. Years from 0 to 9999.
    package static func format(_ time: WallTime) -> String { Timestamp(time).description }

    /// Reads `2026-11-23T17:05:00Z`, with an offset instead of `Z`, a fraction of a second, or a space
    /// instead of `T`. An offset is required: a local time alone would mean another instant on every host.
    ///
    /// - Throws: `TextError` for another form, or a date or time that does not exist. A leap second
    ///   (`23:59:60` UTC) is read as the second that follows.
    package static func parse(_ text: some StringProtocol) throws(TextError) -> WallTime {
        var scanner = Scanner(text)
        let year = try scanner.number(4, in: 0...9999, "a year of four digits")
        try scanner.expect("-")
        let month = try scanner.number(2, in: 1...12, "a month from 01 to 12")
        try scanner.expect("-")
        let lastDay = CivilTime.daysInMonth(month, year: year)
        let day = try scanner.number(2, in: 1...lastDay, "a day from 01 to \(lastDay) for that month")
        try scanner.expect("T", "t", " ")
        let hour = try scanner.number(2, in: 0...23, "an hour from 00 to 23")
        try scanner.expect(":")
        let minute = try scanner.number(2, in: 0...59, "a minute from 00 to 59")
        try scanner.expect(":")
        let second = try scanner.number(2, in: 0...60, "a second from 00 to 59")
        let milliseconds = try scanner.fraction()
        let offset = try scanner.offset()
        try scanner.expectEnd()
        let time = CivilTime(
            year: year, month: month, day: day, secondOfDay: hour * 3600 + minute * 60 + second)
        let seconds = time.secondsSinceEpoch - offset
        if second == 60, seconds % 86400 != 0 {
            throw scanner.error("a second from 00 to 59 (60 only at 23:59 UTC)")
        }
        return WallTime(milliseconds: seconds * 1000 + milliseconds)
    }
}

extension RFC3339 {
    private struct Scanner {
        private let octets: [UInt8]
        private var position = 0

        init(_ text: some StringProtocol) { octets = Array(text.utf8) }

        func error(_ expected: String) -> TextError {
            let shown = String(decoding: octets, as: UTF8.self).escapedForDisplay
            return TextError(
                message: "“\(shown)” is not an RFC 3339 time such as 2026-11-23T17:05:00Z"
                    + " or 2026-11-23T18:05:00+01:00: expected \(expected)")
        }

        private mutating func digit() -> Int64? {
            guard position < octets.count, (0x30...0x39).contains(octets[position]) else { return nil }
            position += 1
            return Int64(octets[position - 1] - 0x30)
        }

        mutating func number(
            _ count: Int, in range: ClosedRange<Int64>, _ expected: String
        ) throws(TextError) -> Int64 {
            var value: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { throw error(expected) }
                value = value * 10 + digit
            }
            guard range.contains(value) else { throw error(expected) }
            return value
        }

        mutating func expect(_ choices: Unicode.Scalar...) throws(TextError) {
            guard position < octets.count, choices.contains(Unicode.Scalar(octets[position])) else {
                let place = position == 0 ? "the start" : "character \(position)"
                throw error("“\(choices[0])” after \(place)")
            }
            position += 1
        }

        /// Milliseconds; digits beyond the third are dropped.
        mutating func fraction() throws(TextError) -> Int64 {
            guard position < octets.count, octets[position] == UInt8(ascii: ".") else { return 0 }
            position += 1
            var (milliseconds, weight): (Int64, Int64) = (0, 100)
            guard var next = digit() else { throw error("digits after the decimal point") }
            while true {
                milliseconds += next * weight
                weight /= 10
                guard let following = digit() else { return milliseconds }
                next = following
            }
        }

        /// Seconds east of UTC.
        mutating func offset() throws(TextError) -> Int64 {
            let expected = "Z or an offset such as +01:00 at the end"
            guard position < octets.count else { throw error(expected) }
            position += 1
            switch octets[position - 1] {
            case UInt8(ascii: "Z"), UInt8(ascii: "z"): return 0
            case UInt8(ascii: "+"): return try hoursAndMinutes(expected)
            case UInt8(ascii: "-"): return -(try hoursAndMinutes(expected))
            default: throw error(expected)
            }
        }

        private mutating func hoursAndMinutes(_ expected: String) throws(TextError) -> Int64 {
            let hours = try number(2, in: 0...23, expected)
            try expect(":")
            return hours * 3600 + (try number(2, in: 0...59, expected)) * 60
        }

        func expectEnd() throws(TextError) {
            if position < octets.count { throw error("nothing after the offset") }
        }
    }
}
