import DNS
import Propagation

/// JSON values (RFC 8259) as octets. Without white space.
extension [UInt8] {
    mutating func append(json flag: Bool) {
        if flag { append("true") } else { append("false") }
    }

    mutating func append(json timestamp: Timestamp) {
        append(UInt8(ascii: "\""))
        timestamp.append(to: &self)
        append(UInt8(ascii: "\""))
    }

    /// A name's escapes begin with a backslash, which JSON escapes again.
    mutating func append(json name: DomainName) {
        append(UInt8(ascii: "\""))
        let start = count
        name.appendPresentation(to: &self)
        if self[start...].contains(UInt8(ascii: "\\")) {
            let text = self[start...].flatMap { $0 == UInt8(ascii: "\\") ? [$0, $0] : [$0] }
            replaceSubrange(start..., with: text)
        }
        append(UInt8(ascii: "\""))
    }

    mutating func append(json endpoint: Endpoint) {
        append(UInt8(ascii: "\""))
        endpoint.append(to: &self)
        append(UInt8(ascii: "\""))
    }

    mutating func append(json milliseconds: Milliseconds) {
        append(decimal: milliseconds.tenths / 10)
        let rest = milliseconds.tenths % 10
        guard rest > 0 else { return }
        append(UInt8(ascii: "."))
        append(decimal: rest)
    }

    mutating func append(json text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { octets in
            if octets.contains(where: Self.needsEscape) {
                for octet in octets { appendEscaped(octet) }
            } else {
                append(contentsOf: octets)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ octet: UInt8) -> Bool {
        octet < 0x20 || octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\")
    }

    private mutating func appendEscaped(_ octet: UInt8) {
        guard Self.needsEscape(octet) else { return append(octet) }
        append(UInt8(ascii: "\\"))
        guard octet < 0x20 else { return append(octet) }
        append("u00")
        append(UInt8(ascii: "0") + octet / 16)
        append(octet % 16 < 10 ? UInt8(ascii: "0") + octet % 16 : UInt8(ascii: "a") + octet % 16 - 10)
    }

    /// `generatedAt` as `generated_at`.
    mutating func append(snakeCase name: String) {
        for octet in name.utf8 {
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet) {
                append(UInt8(ascii: "_"))
                append(octet | 0x20)
            } else {
                append(octet)
            }
        }
    }
}
