extension DomainName: CustomStringConvertible, LosslessStringConvertible {
    /// Reads the presentation form (RFC 1035 §5.1): labels with dots between, `\.` and `\DDD` escapes,
    /// an optional final dot. Octets outside ASCII are refused; people's input goes through `init(typed:)`.
    package init(presentation text: some StringProtocol) throws(DomainNameError) {
        let input = Array(text.utf8)
        guard !input.isEmpty else { throw .empty }
        if input == [UInt8(ascii: ".")] {
            self = .root
            return
        }
        var labels: [[UInt8]] = [[]]
        var position = 0
        while position < input.count {
            let octet = input[position]
            switch octet {
            case UInt8(ascii: "."):
                guard !labels[labels.count - 1].isEmpty else { throw .emptyLabel }
                position += 1
                if position < input.count { labels.append([]) }
            case UInt8(ascii: "\\"):
                let (value, length) = try Self.unescape(input[position...])
                labels[labels.count - 1].append(value)
                position += length
            case 0x80...:
                throw .badCharacter("a name on the wire has ASCII letters only; write other octets as \\DDD")
            default:
                labels[labels.count - 1].append(octet)
                position += 1
            }
        }
        try self.init(labels: labels)
    }

    package init?(_ description: String) {
        try? self.init(presentation: description)
    }

    private static func unescape(_ input: ArraySlice<UInt8>) throws(DomainNameError) -> (UInt8, Int) {
        let start = input.startIndex
        func shown(_ count: Int) -> String { String(decoding: input.prefix(count), as: UTF8.self) }
        guard start + 1 < input.endIndex else { throw .badEscape(shown(1)) }
        let digits = input[(start + 1)...].prefix(3)
        guard let first = digits.first, (0x30...0x39).contains(first) else {
            return (input[start + 1], 2)
        }
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .badEscape(shown(4))
        }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard value <= 255 else { throw .badEscape(shown(4)) }
        return (UInt8(value), 4)
    }

    /// The presentation form without the final dot (the root is `.`). Everything but letters, digits,
    /// `-`, `_`, `*` and `/` is escaped, so the text is safe in a terminal, a log or a page.
    package var description: String {
        guard !isRoot else { return "." }
        var text: [UInt8] = []
        text.reserveCapacity(wire.count)
        appendPresentation(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends `description` as ASCII octets.
    package func appendPresentation(to text: inout [UInt8]) {
        guard !isRoot else { return text.append(UInt8(ascii: ".")) }
        var position = 0
        while wire[position] != 0 {
            if position > 0 { text.append(UInt8(ascii: ".")) }
            let end = position + 1 + Int(wire[position])
            for octet in wire[(position + 1)..<end] { Self.appendEscaped(octet, to: &text) }
            position = end
        }
    }

    private static func appendEscaped(_ octet: UInt8, to text: inout [UInt8]) {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "*"),
            UInt8(ascii: "/"):
            text.append(octet)
        case UInt8(ascii: "."), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(octet)
        default:
            text.append(UInt8(ascii: "\\"))
            text.append(0x30 + octet / 100)
            text.append(0x30 + octet / 10 % 10)
            text.append(0x30 + octet % 10)
        }
    }
}

extension DomainName: ExpressibleByStringLiteral {
    /// A name in the source code; it traps if the text is not a name.
    package init(stringLiteral value: String) {
        try! self.init(presentation: value)
    }
}
