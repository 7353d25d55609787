import DNS

/// Why a scenario cannot be read.
package struct ScenarioError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    package var message: String

    package var description: String { "\(line): \(message)" }
}

/// The words of one line, taken one after the other; an error says what was expected.
struct ScenarioWords {
    let line: Int
    private var rest: ArraySlice<Substring>

    init(_ text: Substring, line: Int) {
        self.line = line
        let withoutComment = text.prefix { $0 != "#" }
        rest = withoutComment.split { $0 == " " || $0 == "\t" || $0 == "," }[...]
    }

    var isEmpty: Bool { rest.isEmpty }
    var next: Substring? { rest.first }

    mutating func take(_ expected: String) throws(ScenarioError) -> Substring {
        guard let word = rest.popFirst() else { throw fault(expected, found: "the end of the line") }
        return word
    }

    /// Takes the word if it is the next one.
    mutating func takes(_ word: String) -> Bool {
        guard rest.first.map({ $0 == word }) ?? false else { return false }
        rest.removeFirst()
        return true
    }

    mutating func require(_ word: String) throws(ScenarioError) {
        let found = try take("'\(word)'")
        guard found == word else { throw fault("'\(word)'", found: "'\(found)'") }
    }

    mutating func takeAll() -> [Substring] {
        defer { rest = [] }
        return Array(rest)
    }

    func finish() throws(ScenarioError) {
        if let word = rest.first { throw fault("the end of the line", found: "'\(word)'") }
    }

    func fault(_ expected: String, found: some CustomStringConvertible) -> ScenarioError {
        ScenarioError(line: line, message: "expected \(expected), found \(found)")
    }
}

extension ScenarioWords {
    mutating func number(_ range: ClosedRange<Int>) throws(ScenarioError) -> Int {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        let word = try take(expected)
        guard let number = Int(word), range.contains(number) else {
            throw fault(expected, found: "'\(word)'")
        }
        return number
    }

    mutating func ttl() throws(ScenarioError) -> TTL {
        TTL(seconds: try number(0...Int(TTL.maximum)))
    }

    /// `10%`.
    mutating func percent() throws(ScenarioError) -> Double {
        let word = try take("a percentage such as 10%")
        guard word.hasSuffix("%"), let number = Int(word.dropLast()), (0...100).contains(number) else {
            throw fault("a percentage such as 10%", found: "'\(word)'")
        }
        return Double(number) / 100
    }

    mutating func name() throws(ScenarioError) -> DomainName {
        let word = try take("a domain name")
        guard let name = try? DomainName(labels: word.split(separator: ".").map { Array($0.utf8) }) else {
            throw fault("a domain name", found: "'\(word)'")
        }
        return name
    }

    /// `90s`, `10m`, `2h`, `5d`, `250ms`, or `0`.
    mutating func duration() throws(ScenarioError) -> Duration {
        let word = try take("a length of time such as 90s, 10m, 2h or 5d")
        if word == "0" { return .zero }
        let digits = word.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = [
            "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
        ]
        guard let number = Int64(digits), let unit = units[String(word.dropFirst(digits.count))] else {
            throw fault("a length of time such as 90s, 10m, 2h or 5d", found: "'\(word)'")
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { throw fault("a length of time below a million years", found: "'\(word)'") }
        return .milliseconds(product)
    }

    /// `01:30:00`, `-00:10:00` before the watch began, `5d01:00:00` on a later day.
    mutating func time() throws(ScenarioError) -> Instant {
        let expected = "a time such as 01:30:00, -00:10:00 or 5d01:00:00"
        let word = try take(expected)
        guard let time = Self.time(word) else { throw fault(expected, found: "'\(word)'") }
        return time
    }

    private static func time(_ word: Substring) -> Instant? {
        let isNegative = word.hasPrefix("-")
        var rest = isNegative ? word.dropFirst() : word
        var seconds: Int64 = 0
        if let mark = rest.firstIndex(of: "d") {
            guard let days = Int64(rest[..<mark]), days.magnitude < 100_000 else { return nil }
            seconds = days * 86_400
            rest = rest[rest.index(after: mark)...]
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.count == 2 }) else { return nil }
        let numbers = parts.compactMap { UInt8($0) }
        guard numbers.count == 3, numbers[1] < 60, numbers[2] < 60 else { return nil }
        seconds += Int64(numbers[0]) * 3600 + Int64(numbers[1]) * 60 + Int64(numbers[2])
        return SimulatedWorld.origin + .seconds(isNegative ? -seconds : seconds)
    }
}
