import DNS

/// A value with a short way to its text in JSON (RFC 8259).
protocol JSONText {
    func append(to octets: inout [UInt8])
}

extension Bool: JSONText {
    func append(to octets: inout [UInt8]) {
        if self { octets.append("true") } else { octets.append("false") }
    }
}

extension BinaryInteger where Self: JSONText {
    func append(to octets: inout [UInt8]) {
        if let number = Int64(exactly: self) {
            octets.append(decimal: number)
        } else {
            octets.append(text: "\(self)")
        }
    }
}

extension Int: JSONText {}
extension Int8: JSONText {}
extension Int16: JSONText {}
extension Int32: JSONText {}
extension Int64: JSONText {}
extension UInt8: JSONText {}
extension UInt16: JSONText {}
extension UInt32: JSONText {}
extension UInt64: JSONText {}
extension UInt: JSONText {}

extension BinaryFloatingPoint where Self: JSONText {
    func append(to octets: inout [UInt8]) {
        precondition(isFinite, "JSON has no \(self)")
        octets.append(text: "\(self)")
    }
}

extension Double: JSONText {}
extension Float: JSONText {}

extension Timestamp: JSONText {
    func append(to octets: inout [UInt8]) {
        octets.append(UInt8(ascii: "\""))
        appendText(to: &octets)
        octets.append(UInt8(ascii: "\""))
    }
}

extension DomainName: JSONText {
    /// A name's escapes begin with a backslash, which JSON escapes again.
    func append(to octets: inout [UInt8]) {
        octets.append(UInt8(ascii: "\""))
        let start = octets.count
        appendPresentation(to: &octets)
        if octets[start...].contains(UInt8(ascii: "\\")) {
            let text = octets[start...].flatMap { $0 == UInt8(ascii: "\\") ? [$0, $0] : [$0] }
            octets.replaceSubrange(start..., with: text)
        }
        octets.append(UInt8(ascii: "\""))
    }
}

extension Endpoint: JSONText {
    func append(to octets: inout [UInt8]) {
        octets.append(UInt8(ascii: "\""))
        appendText(to: &octets)
        octets.append(UInt8(ascii: "\""))
    }
}

extension Milliseconds: JSONText {
    func append(to octets: inout [UInt8]) {
        octets.append(decimal: tenths / 10)
        guard tenths % 10 > 0 else { return }
        octets.append(UInt8(ascii: "."))
        octets.append(decimal: tenths % 10)
    }
}

extension String: JSONText {
    func append(to octets: inout [UInt8]) {
        octets.append(UInt8(ascii: "\""))
        var text = self
        text.withUTF8 { text in
            if unsafe text.contains(where: \.needsEscape) {
                unsafe text.forEach { octets.append(escaped: $0) }
            } else {
                unsafe octets.append(contentsOf: text)
            }
        }
        octets.append(UInt8(ascii: "\""))
    }
}

extension UInt8 {
    fileprivate var needsEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}

extension [UInt8] {
    fileprivate mutating func append(escaped octet: UInt8) {
        guard octet.needsEscape else { return append(octet) }
        append(UInt8(ascii: "\\"))
        guard octet < 0x20 else { return append(octet) }
        append("u00")
        append(UInt8(ascii: "0") + octet / 16)
        append(octet % 16 < 10 ? UInt8(ascii: "0") + octet % 16 : UInt8(ascii: "a") + octet % 16 - 10)
    }
}
