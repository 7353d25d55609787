import DNS
import Testing

@Suite("Names that a person types")
struct TypedNameTests {
    @Test(
        "becomes a name",
        arguments: [
            ("example.it", "example.it"), ("  example.it\n", "example.it"),
            ("\u{A0}example.it\u{3000}", "example.it"),
            ("example.it.", "example.it"), ("Example.IT", "Example.IT"),
            ("_dmarc.example.it", "_dmarc.example.it"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"), ("9.example", "9.example"),
            ("1and1.it", "1and1.it"),
            ("münchen.example", "xn--mnchen-3ya.example"), ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
            // The same with u and a combining diaeresis.
            ("mu\u{308}nchen.example", "xn--mnchen-3ya.example"),
            ("faß.de", "xn--fa-hia.de"), ("βόλος.com", "xn--nxasmm1c.com"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"), ("ｅｘａｍｐｌｅ．ｉｔ", "example.it"), ("example｡it", "example.it"),
            ("città.it.", "xn--citt-3na.it"),
        ] as [(String, String)])
    func accepted(_ text: String, _ shown: String) throws {
        #expect(try DomainName(typed: text).description == shown)
    }

    @Test(
        "is refused, and the message says what was meant",
        arguments: [
            ("", DomainNameError.Code.empty, "empty"), (" \t\n", .empty, "empty"),
            (".", .badCharacter, "root"),
            ("https://example.it/", .badCharacter, "URL"), ("http://münchen.example", .badCharacter, "URL"),
            ("info@example.it", .badCharacter, "mail address"), ("192.0.2.1", .badCharacter, "IP address"),
            ("2001:db8::1", .badCharacter, "':'"), ("example.it:53", .badCharacter, "':'"),
            ("example.it/path", .badCharacter, "'/'"), ("*.example.it", .badCharacter, "'*'"),
            ("exa mple.it", .badCharacter, "value 32"), ("exa\u{7}mple.it", .badCharacter, "value 7"),
            ("exa\u{1B}[2Jmple.it", .badCharacter, "value 27"),
            ("exa\u{7F}mple.it", .badCharacter, "value 127"),
            ("example.it\0", .badCharacter, "value 0"),
            ("münchen.example\0.evil.it", .badCharacter, "value 0"),
            ("exa\\.mple.it", .badCharacter, "'.'"), ("exa\\200mple.it", .badCharacter, "value 200"),
            ("a..it", .emptyLabel, "empty"), (".example.it", .emptyLabel, "empty"),
            ("example.it\\", .badEscape, "escape"),
            (String(repeating: "a", count: 64) + ".it", .labelTooLong, "64"),
            (String(repeating: "a.", count: 128), .nameTooLong, "257"),
            (String(repeating: "ü", count: 64) + ".it", .badIDN, "internationalized"),
            ("📮.it", .badIDN, "internationalized"), ("a\u{202E}b.it", .badIDN, "internationalized"),
            ("ü\u{1B}.it", .badIDN, "internationalized"),
        ] as [(String, DomainNameError.Code, String)])
    func refused(_ text: String, _ code: DomainNameError.Code, _ part: String) {
        let error = #expect(throws: DomainNameError.self) { try DomainName(typed: text) }
        #expect(error?.code == code, "\(error?.message ?? "")")
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        // Messages go to terminals.
        #expect(error?.message.utf8.allSatisfy { (0x20...0x7E).contains($0) } == true)
    }

    @Test(
        "is shown with its letters and its A-labels",
        arguments: [
            ("xn--citt-3na.it", "città.it (xn--citt-3na.it)"),
            ("XN--CITT-3NA.it", "città.it (XN--CITT-3NA.it)"),
            ("mail._x.xn--mnchen-3ya.example", "mail._x.münchen.example (mail._x.xn--mnchen-3ya.example)"),
            ("xn--fa-hia.de", "faß.de (xn--fa-hia.de)"),
            ("xn--r8jz45g.xn--zckzah", "例え.テスト (xn--r8jz45g.xn--zckzah)"),
        ] as [(DomainName, String)])
    func shown(_ name: DomainName, _ text: String) {
        #expect(name.displayText == text)
    }

    @Test(
        "is shown as it is where there are no other letters, or none that may be shown",
        arguments: [
            "example.it", "Example.IT", ".", "axn--citt-3na.it", "xn-.it", "a\\.b.it",
            // No Punycode; nothing behind the prefix.
            "xn--zzzzzzzzz99.it", "xn--.it", "xn--abc-.it",
            // They convert back to another name, or to none: an emoji, a compatibility sign, a capital Ü.
            "xn--i-7iq.ws", "xn--a-ecp.ru", "xn--mnchen-psa.example",
            // A zero-width joiner alone, and a non-joiner where Devanagari has its place for it: nobody sees it.
            "xn--1ug.it", "xn--11b2ezcs70k.it",
            // Not one word of a name with such a label.
            "xn--citt-3na.xn--i-7iq.ws",
        ] as [DomainName])
    func shownAsItIs(_ name: DomainName) {
        #expect(name.displayText == name.description)
    }
}
