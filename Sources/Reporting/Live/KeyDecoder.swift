/// A key that the live screen knows.
package enum Key: Sendable, Equatable {
    case up, down, pageUp, pageDown, home, end, enter, back, help, quit, repaint
}

/// Turns what a terminal sends into keys. Sequences may come in pieces. Unknown sequences are dropped as a whole,
/// so that no part of them counts as a key.
package struct KeyDecoder: Sendable {
    private var pending: [UInt8] = []

    package init() {}

    /// Whether an escape has come, and we do not know yet whether it was the key or the start of a sequence.
    package var isWaiting: Bool { !pending.isEmpty }

    package mutating func take(_ octets: some Sequence<UInt8>) -> [Key] {
        octets.compactMap { take($0) }
    }

    /// To be called if nothing has followed in time: then the escape alone was the key.
    package mutating func flush() -> [Key] {
        defer { pending = [] }
        return pending == [Self.escape] ? [.back] : []
    }

    private static let escape: UInt8 = 0x1B
    /// Longer than any sequence that a key sends.
    private static let longestSequence = 32

    private mutating func take(_ octet: UInt8) -> Key? {
        guard let introducer = pending.first else {
            if octet == Self.escape { pending = [octet] }
            return Self.plain(octet)
        }
        if octet == Self.escape {
            // The escape before was a key, or its sequence was cut short.
            defer { pending = [introducer] }
            return pending.count == 1 ? .back : nil
        }
        pending.append(octet)
        if pending.count == 2 {
            // CSI and SS3 go on; any other key with Alt means nothing here.
            if octet != UInt8(ascii: "["), octet != UInt8(ascii: "O") { pending = [] }
            return nil
        }
        guard (0x40...0x7E).contains(octet) || pending.count > Self.longestSequence else { return nil }
        defer { pending = [] }
        return Self.sequence(String(decoding: pending.dropFirst(2), as: UTF8.self))
    }

    private static func plain(_ octet: UInt8) -> Key? {
        switch octet {
        case UInt8(ascii: "q"), UInt8(ascii: "Q"): .quit
        case UInt8(ascii: "?"), UInt8(ascii: "h"): .help
        case UInt8(ascii: "j"), 0x0E: .down
        case UInt8(ascii: "k"), 0x10: .up
        case UInt8(ascii: " "), 0x06: .pageDown
        case UInt8(ascii: "b"), 0x02: .pageUp
        case UInt8(ascii: "g"): .home
        case UInt8(ascii: "G"): .end
        case 0x0A, 0x0D: .enter
        case 0x08, 0x7F: .back
        case 0x0C: .repaint
        default: nil
        }
    }

    /// What follows CSI or SS3.
    private static func sequence(_ text: String) -> Key? {
        switch text {
        case "A": .up
        case "B": .down
        case "H", "1~", "7~": .home
        case "F", "4~", "8~": .end
        case "5~": .pageUp
        case "6~": .pageDown
        case "M": .enter
        default: nil
        }
    }
}
