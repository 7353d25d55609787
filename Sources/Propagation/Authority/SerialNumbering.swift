import DNS

/// A server's *numbering*: how its serials count versions of the zone, and what they say of edits (§4).
///
///     first serial ──► what it looks like ──► a move that does not fit ──► what that looks like
///                                 └── the MX changes, the serial does not ──► `fixed`
///
/// All arithmetic is that of RFC 1982.
package struct SerialNumbering: Sendable, Hashable, Codable {
    package enum Convention: String, Sendable, Hashable, CaseIterable, Codable {
        /// One more for each edit (RFC 1035 §3.3.13).
        case steps
        /// YYYYMMDDnn: the day, and one more for each edit on it (RFC 1912 §2.2).
        case date
        /// The Unix time of the edit, or another count of seconds.
        case clock
        /// It never changes.
        case fixed
    }

    /// How many edits lie between two serials.
    package struct Edits: Sendable, Hashable {
        package var atLeast: Int
        /// `nil` where the serials do not tell.
        package var atMost: Int?
        /// When the last of them was made at the latest; `nil` where the serials do not tell.
        package var lastBy: Instant?

        package init(atLeast: Int, atMost: Int? = nil, lastBy: Instant? = nil) {
            (self.atLeast, self.atMost, self.lastBy) = (atLeast, atMost, lastBy)
        }
    }

    package private(set) var convention: Convention
    /// Whether it was ever seen to move.
    package private(set) var hasMoved = false
    /// When the present serial was first seen; `nil` for the very first, whose age is unknown.
    private var since: Instant?
    /// Moves in a row by about as much as seconds had passed.
    private var movesWithTime = 0
    /// If the serials count seconds: when the count was 0 at the latest.
    private var zeroBy: Instant

    /// The greatest step that counts edits; a greater one was typed by hand.
    package static let longestCount = 100
    /// After so many moves in pace with time, serials are a clock even if they do not look like Unix time.
    private static let movesOfClock = 2

    package init(_ serial: SerialNumber, at instant: Instant) {
        convention = Self.look(of: serial)
        zeroBy = instant - .seconds(Int64(serial.value))
    }

    /// Whether a serial that stands still proves that nothing was edited.
    package var tellsOfEdits: Bool { hasMoved && convention != .fixed }

    /// Takes in that the MX changed and the serial did not.
    package mutating func noteChangeUnderSerial() { convention = .fixed }

    /// Takes in that the serial moved.
    ///
    /// - Parameters:
    ///   - last: when the former one was last seen.
    ///   - now: when the new one was first seen.
    package mutating func note(
        from former: SerialNumber, to serial: SerialNumber, last: Instant, now: Instant
    ) {
        defer { (hasMoved, since) = (true, now) }
        // The zone has another provider, or was made anew.
        guard convention != .fixed, former.precedes(serial) == true, Self.haveSameLook(former, serial) else {
            self = SerialNumbering(serial, at: now)
            return
        }
        zeroBy = min(zeroBy, now - .seconds(Int64(serial.value)))
        guard let since else { return }
        let step = Duration.seconds(Int64(serial.value &- former.value))
        let keepsPace = step >= last - since && step <= now - since + Self.longestDelay
        movesWithTime = keepsPace && step > .seconds(Int64(Self.longestCount)) ? movesWithTime + 1 : 0
        if movesWithTime >= Self.movesOfClock { convention = .clock }
        // Unix time does not go so slowly.
        if convention == .clock, step * 2 < last - since { convention = .steps }
    }

    /// How long an edit may take to reach this server.
    private static let longestDelay: Duration = .seconds(600)

    /// How many edits lie between two serials; the second is the last noted.
    package func edits(from former: SerialNumber, to serial: SerialNumber) -> Edits {
        if former == serial { return Edits(atLeast: 0, atMost: tellsOfEdits ? 0 : nil) }
        guard Self.haveSameLook(former, serial) else { return Edits(atLeast: 1) }
        // A restored backup takes serials back, and loses at least one edit.
        guard former.precedes(serial) == true else { return Edits(atLeast: 2) }
        let step = Int(serial.value &- former.value)
        switch convention {
        case .clock:
            return Edits(atLeast: 1, atMost: step, lastBy: zeroBy + .seconds(Int64(serial.value)))
        case .date where former.value / 100 != serial.value / 100: return Edits(atLeast: 1)
        case .steps, .date, .fixed:
            return step <= Self.longestCount ? Edits(atLeast: step, atMost: step) : Edits(atLeast: 1)
        }
    }
}

// MARK: - What a serial looks like

extension SerialNumbering {
    /// The convention that one serial alone suggests.
    package static func look(of serial: SerialNumber) -> Convention {
        if isDate(serial.value) { return .date }
        return unixTimes.contains(serial.value) ? .clock : .steps
    }

    /// Whether two serials can be of one numbering: those of different providers do not compare.
    package static func haveSameLook(_ left: SerialNumber, _ right: SerialNumber) -> Bool {
        look(of: left) == look(of: right) && left.distance(to: right) <= longestDistance
    }

    /// More than a year in seconds, and forty years in dates.
    private static let longestDistance: UInt32 = 40_000_000

    /// From September 2001 to 2038.
    private static let unixTimes: ClosedRange<UInt32> = 1_000_000_000...2_147_483_647

    private static func isDate(_ value: UInt32) -> Bool {
        let (year, month, day) = (value / 1_000_000, value / 10_000 % 100, value / 100 % 100)
        return (1990...2099).contains(year) && (1...12).contains(month) && (1...31).contains(day)
    }
}

extension SerialNumber {
    /// The distance the shorter way round (RFC 1982).
    fileprivate func distance(to other: SerialNumber) -> UInt32 {
        min(other.value &- value, value &- other.value)
    }
}
