import DNS

/// A wall-clock instant in whole seconds, as documents carry it: RFC 3339 in UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds left out.
    package var seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// Drops the part of a second.
    package init(_ time: WallTime) { seconds = floorDivision(time.milliseconds, 1000) }

    init?(_ time: WallTime?) {
        guard let time else { return nil }
        self.init(time)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }
}

extension Timestamp: CustomStringConvertible {
    /// `2026-11-23T17:05:00Z`.
    package var description: String {
        var text: [UInt8] = []
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func appendText(to text: inout [UInt8]) {
        let civil = CivilTime(seconds: seconds)
        civil.appendDate(to: &text)
        text.append(UInt8(ascii: "T"))
        civil.appendTime(to: &text)
        text.append(UInt8(ascii: "Z"))
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self.init(try RFC3339.parse(try container.decode(String.self)))
        } catch let error as TextError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
