extension String {
    /// The text in a safe form: every sign that could steer a terminal, a log or a reader's eye is written as a code.
    ///
    /// Controls (C0 with ESC, CR and LF among them, DEL, C1), format characters (the bidirectional ones
    /// among them), line and paragraph separators, and code points without a meaning become `\u{1B}`.
    /// Letters of every script stay. Escaping a text twice changes nothing more.
    package var escapedForDisplay: String {
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isSafeForDisplay {
                text.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    fileprivate var isSafeForDisplay: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }
}

/// An NSID (RFC 5001: opaque octets) as text: itself if it is printable ASCII, or else `hex:` and its octets.
func nameServerIdentifierText(_ octets: [UInt8]) -> String {
    if !octets.isEmpty, octets.allSatisfy({ (0x20..<0x7F).contains($0) }) {
        return String(decoding: octets, as: UTF8.self)
    }
    return octets.reduce(into: "hex:") { text, octet in
        text += (octet < 16 ? "0" : "") + String(octet, radix: 16)
    }
}
