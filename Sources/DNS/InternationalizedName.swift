import CIDN2

extension DomainName {
    /// Reads what a person typed: white space around it is dropped, an internationalized name
    /// becomes A-labels (IDNA 2008 with the mapping of UTS 46, through libidn2).
    ///
    /// Only host names pass: letters, digits and hyphens (RFC 1123 §2.1), and `_` because real zones have it. So the error
    /// can say that a text is a URL or an address.
    ///
    /// - Throws: `DomainNameError`, whose message says what is wrong and what was probably meant.
    package init(typed text: String) throws(DomainNameError) {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        let trimmed = String(scalars)
        guard !trimmed.isEmpty else { throw .empty }
        if trimmed.contains("://") {
            throw .badCharacter("it looks like a URL; give only the domain, such as example.it")
        }
        if trimmed.contains("@") {
            throw .badCharacter("it looks like a mail address; give the part after the @")
        }
        let name = try DomainName(presentation: Self.aLabels(of: trimmed))
        guard !name.isRoot else { throw .badCharacter("the root is not a mail domain") }
        for label in name.labels {
            if let octet = label.first(where: { !isHostOctet($0) }) {
                let shown =
                    (0x21...0x7E).contains(octet)
                    ? "'\(Character(UnicodeScalar(octet)))'" : "an octet of value \(octet)"
                throw .badCharacter("\(shown) cannot stand in a domain name")
            }
        }
        if let last = name.labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw .badCharacter("it looks like an IP address; give a domain name, such as example.it")
        }
        self = name
    }

    private static func aLabels(of text: String) throws(DomainNameError) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        // A C string would end there, and the rest of the text would be lost.
        guard !text.utf8.contains(0) else {
            throw .badCharacter("an octet of value 0 cannot stand in a domain name")
        }
        var converted: UnsafeMutablePointer<CChar>?
        let flags = CInt(IDN2_NFC_INPUT.rawValue) | CInt(IDN2_NONTRANSITIONAL.rawValue)
        let status = unsafe text.withCString { unsafe idn2_to_ascii_8z($0, &converted, flags) }
        defer { unsafe idn2_free(converted) }
        guard status == CInt(IDN2_OK.rawValue), let converted = unsafe converted else {
            throw unsafe .badIDN(String(cString: idn2_strerror(status)))
        }
        return unsafe String(cString: converted)
    }
}

// MARK: - For people

extension DomainName {
    /// The name for people: `città.it (xn--citt-3na.it)` for an internationalized name, and otherwise its presentation
    /// form. Programs use `description`.
    ///
    /// The A-labels always stand beside it, because a letter may look like another one.
    package var displayText: String {
        let text = description
        guard isInternationalized, let letters = unicode(text) else { return text }
        return "\(letters) (\(text))"
    }

    /// Whether a label begins with `xn--`. It allocates nothing, because hardly any of thousands of names has one.
    private var isInternationalized: Bool {
        var position = 0
        while wire[position] != 0 {
            let label = wire[(position + 1)...].prefix(Int(wire[position]))
            if label.lazy.map(asciiLowercase).starts(with: "xn--".utf8) { return true }
            position = label.endIndex
        }
        return false
    }

    /// The U-labels (RFC 5890 §2.3.2.1); `nil` if they do not give this name again, or if one has an invisible sign or a
    /// sign that steers a terminal.
    private func unicode(_ text: String) -> String? {
        var converted: UnsafeMutablePointer<CChar>?
        let status = unsafe text.lowercased().withCString { unsafe idn2_to_unicode_8z8z($0, &converted, 0) }
        defer { unsafe idn2_free(converted) }
        guard status == CInt(IDN2_OK.rawValue), let converted = unsafe converted else { return nil }
        let letters = unsafe String(cString: converted)
        guard !letters.unicodeScalars.contains(where: \.isInvisible),
            (try? DomainName(typed: letters)) == self
        else { return nil }
        return letters
    }
}

extension Unicode.Scalar {
    /// Control characters drive a terminal; format characters turn the direction of what follows them.
    package var isInvisible: Bool { [.control, .format].contains(properties.generalCategory) }
}

private func isHostOctet(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}
