extension Unicode.Scalar {
    /// How many columns of the terminal the sign takes, at most: a combining mark counts as one, although most
    /// terminals give it none.
    var displayWidth: Int { value < 0x1100 || !isWide ? 1 : 2 }

    /// East Asian wide and fullwidth signs, and emoji; whole blocks, some unassigned signs among them.
    private var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23F3, 0x25FD...0x25FE,
            0x2614...0x2615, 0x2648...0x2653, 0x267F, 0x2693, 0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE,
            0x26C4...0x26C5, 0x26CE, 0x26D4, 0x26EA, 0x26F2...0x26F3, 0x26F5, 0x26FA, 0x26FD, 0x2705,
            0x270A...0x270B, 0x2728, 0x274C, 0x274E, 0x2753...0x2755, 0x2757, 0x2795...0x2797, 0x27B0,
            0x27BF, 0x2B1B...0x2B1C, 0x2B50, 0x2B55, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F,
            0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFE10...0xFE1F, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D37F, 0x1F000...0x1FAFF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// The terminal's columns that the text takes, at most; escape sequences are not expected in it.
    var displayWidth: Int {
        utf8.allSatisfy { $0 < 0x80 } ? utf8.count : unicodeScalars.reduce(0) { $0 + $1.displayWidth }
    }

    /// At most `width` columns; what was cut shows as an ellipsis.
    func shortened(to width: Int, ellipsis: String) -> String {
        guard displayWidth > width else { return self }
        let sign = ellipsis.displayWidth <= width ? ellipsis : ""
        var room = max(0, width) - sign.displayWidth
        let kept = unicodeScalars.prefix { scalar in
            room -= scalar.displayWidth
            return room >= 0
        }
        return String(String.UnicodeScalarView(kept)) + sign
    }

    /// Spaces up to `width` columns, on the right or on the left.
    func padded(to width: Int, alignsRight: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - displayWidth))
        return alignsRight ? padding + self : self + padding
    }

    /// The text for a terminal whose locale is not UTF-8: whatever is not ASCII becomes a question mark.
    var inASCII: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isASCII ? $0 : "?" }))
    }
}
