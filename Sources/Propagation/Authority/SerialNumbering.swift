import DNS

/// How one server numbers the versions of its zone, as it has shown, and what that says of edits (§3).
///
///     first serial ──► what it looks like ──► a move that does not fit ──► what that looks like
///                                 └── the MX changes, the serial does not ──► `fixed`
///
/// All arithmetic is that of RFC 1982.
package struct SerialNumbering: Sendable, Hashable, Codable {
    package enum Convention: String, Sendable, Hashable, CaseIterable, Codable {
        /// One more with each edit (RFC 1035 §3.3.13).
        case steps
        /// YYYYMMDDnn: the day, and one more with each edit of that day (RFC 1912 §2.2).
        case date
        /// The Unix time of the edit, or another count of seconds.
        case clock
        /// It stands still whatever changes.
        case fixed
    }

    /// What lies between two serials.
    package struct Edits: Sendable, Hashable {
        package var atLeast: Int
        /// `nil` where the serials do not tell.
        package var atMost: Int?
        /// By when the last of them was made; `nil` where the serials do not tell.
        package var lastBy: Instant?

        package init(atLeast: Int, atMost: Int? = nil, lastBy: Instant? = nil) {
            (self.atLeast, self.atMost, self.lastBy) = (atLeast, atMost, lastBy)
        }
    }

    package private(set) var convention: Convention
    /// Whether it was ever seen to move.
    package private(set) var hasMoved = false
    /// When the present serial was seen first; `nil` for the first one of all, which may be any age.
    private var since: Instant?
    /// Moves in a row by about as many as seconds had passed.
    private var movesWithTime = 0
    /// When a count of seconds was 0 at the latest, if the serials are one.
    private var zeroBy: Instant

    /// So many edits between two looks a serial can count; more is a leap, which somebody typed.
    package static let longestCount = 100
    /// After so many moves that keep pace with time, what does not look like Unix time is a clock all the same.
    private static let movesOfClock = 2

    package init(_ serial: SerialNumber, at instant: Instant) {
        convention = Self.look(of: serial)
        zeroBy = instant - .seconds(Int64(serial.value))
    }

    /// Whether a serial that stands still says that nothing was edited.
    package var tellsOfEdits: Bool { hasMoved && convention != .fixed }

    /// The MX changed, and the serial did not.
    package mutating func noteChangeUnderSerial() { convention = .fixed }

    /// Takes in that the serial moved.
    ///
    /// - Parameters:
    ///   - last: when the former one was seen last.
    ///   - now: when the new one was seen first.
    package mutating func note(
        from former: SerialNumber, to serial: SerialNumber, last: Instant, now: Instant
    ) {
        defer { (hasMoved, since) = (true, now) }
        // Another provider's numbers, or the zone made anew.
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
        // Unix time cannot have gone so slowly.
        if convention == .clock, step * 2 < last - since { convention = .steps }
    }

    /// So long an edit may have been on its way to this server.
    private static let longestDelay: Duration = .seconds(600)

    /// What lies between two serials, the second of which is the last that was noted.
    package func edits(from former: SerialNumber, to serial: SerialNumber) -> Edits {
        if former == serial { return Edits(atLeast: 0, atMost: tellsOfEdits ? 0 : nil) }
        guard Self.haveSameLook(former, serial) else { return Edits(atLeast: 1) }
        // They go back when a backup is restored, over an edit that is lost by that.
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
    /// How one serial alone would be read.
    package static func look(of serial: SerialNumber) -> Convention {
        if isDate(serial.value) { return .date }
        return unixTimes.contains(serial.value) ? .clock : .steps
    }

    /// Whether two serials can be of one numbering: those of different providers cannot be compared.
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
    /// How far apart two are, on the shorter way (RFC 1982).
    fileprivate func distance(to other: SerialNumber) -> UInt32 {
        min(other.value &- value, value &- other.value)
    }
}
