import DNS
import Testing

@Suite("Domain names")
struct DomainNameTests {
    /// As many letters.
    private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test(
        "presentation form, read and written",
        arguments: [
            ("example.it", "example.it"),
            ("Example.IT.", "Example.IT"), (".", "."), ("a", "a"), ("*.example.it", "*.example.it"),
            ("_dmarc.example.it", "_dmarc.example.it"),
            ("0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa"),
            ("a\\.b.it", "a\\.b.it"), ("a\\\\b.it", "a\\\\b.it"), ("\\097\\098.it", "ab.it"),
            ("a\\046b.it", "a\\.b.it"), ("a\\000b", "a\\000b"), ("\\255", "\\255"), ("a b", "a\\032b"),
            ("a\u{1B}[2Jb", "a\\027\\0912Jb"), ("\\(a\\;", "\\040a\\059"), ("\"q\"", "\\034q\\034"),
        ] as [(String, String)])
    func presentation(_ text: String, _ shown: String) throws {
        let name = try DomainName(presentation: text)
        #expect(name.description == shown)
        #expect(try DomainName(presentation: shown).wire == name.wire)
        #expect(try DomainName(wire: name.wire).wire == name.wire)
    }

    @Test("the wire form is labels with their lengths and the root")
    func theWireFormIsLabelsWith() {
        let name: DomainName = "mx01.cbsolt.net"
        #expect(name.wire == Array("\u{4}mx01\u{6}cbsolt\u{3}net\0".utf8))
        #expect(
            name.labels.map { Array($0) } == [Array("mx01".utf8), Array("cbsolt".utf8), Array("net".utf8)])
        #expect(DomainName.root.wire == [0])
        #expect(DomainName.root.labels.isEmpty)
        #expect(DomainName.root.isRoot && !name.isRoot)
    }

    @Test(
        "text that is no name says why",
        arguments: [
            ("", DomainNameError.Code.empty), ("..", .emptyLabel), (".a", .emptyLabel), ("a..b", .emptyLabel),
            ("a..", .emptyLabel), ("a\\", .badEscape), ("a\\1", .badEscape), ("a\\12", .badEscape),
            ("a\\12x", .badEscape), ("a\\256", .badEscape), ("a\\999", .badEscape), ("ü.it", .badCharacter),
            ("\\ü.it", .badCharacter), (letters(64), .labelTooLong), (letters(64) + ".it", .labelTooLong),
        ] as [(String, DomainNameError.Code)])
    func badPresentation(_ text: String, _ code: DomainNameError.Code) {
        let error = #expect(throws: DomainNameError.self) { try DomainName(presentation: text) }
        #expect(error?.code == code)
        #expect(error?.message.isEmpty == false)
        #expect(DomainName(text) == nil)
    }

    @Test("labels hold 63 octets and names 255")
    func labelsHold63OctetsAndNames() throws {
        let text = [63, 63, 63, 61].map(Self.letters).joined(separator: ".")
        #expect(try DomainName(presentation: text).wire.count == 255)
        let tooLong = [63, 63, 63, 62].map(Self.letters).joined(separator: ".")
        #expect(throws: DomainNameError.nameTooLong(256)) { try DomainName(presentation: tooLong) }
        #expect(throws: DomainNameError.labelTooLong(64)) {
            try DomainName(labels: [Array(Self.letters(64).utf8)])
        }
        let escaped = String(repeating: "\\097", count: 63)
        #expect(try DomainName(presentation: escaped).description == Self.letters(63))
    }

    @Test(
        "wire octets that are no name",
        arguments: [
            ([], DomainNameError.Code.truncated), ([1], .truncated), ([1, 0x61], .truncated),
            ([0, 0], .truncated),
            ([1, 0x61, 0, 0], .truncated), ([2, 0x61, 0], .truncated), ([0xC0, 12], .labelTooLong),
            ([64] + [UInt8](repeating: 0x61, count: 64) + [0], .labelTooLong),
            ([UInt8](repeating: 0, count: 256), .nameTooLong),
        ] as [([UInt8], DomainNameError.Code)])
    func badWire(_ octets: [UInt8], _ code: DomainNameError.Code) {
        let error = #expect(throws: DomainNameError.self) { try DomainName(wire: octets) }
        #expect(error?.code == code)
    }

    @Test("no label is empty")
    func noLabelIsEmpty() {
        #expect(throws: DomainNameError.emptyLabel) { try DomainName(labels: [[0x61], []]) }
    }

    @Test(
        "equality and hashing ignore ASCII case and nothing else",
        arguments: [
            ("example.it", "EXAMPLE.it", true), ("mx.A-z", "MX.a-Z", true), (".", ".", true),
            ("example.it", "example.it.", true), ("example.it", "example.io", false), ("a.b", "a\\.b", false),
            ("ab.c", "a.bc", false), ("\\064", "\\096", false), ("\\091", "\\123", false),
            ("\\193", "\\225", false),
            ("a", ".", false), ("a", "a.a", false),
        ] as [(String, String, Bool)])
    func equality(_ left: String, _ right: String, _ isEqual: Bool) throws {
        let (first, second) = (try DomainName(presentation: left), try DomainName(presentation: right))
        #expect((first == second) == isEqual)
        #expect((second == first) == isEqual)
        #expect(Set([first, second]).count == (isEqual ? 1 : 2))
        if isEqual { #expect(first.hashValue == second.hashValue) }
    }

    @Test(
        "at or below",
        arguments: [
            ("mx.example.it", "example.it", true), ("example.it", "example.it", true),
            ("MX.Example.IT", "eXample.it", true),
            ("a.b.c.example.it", "it", true), ("example.it", ".", true), (".", ".", true), (".", "it", false),
            ("example.it", "mx.example.it", false), ("notexample.it", "example.it", false),
            ("example.it.evil", "example.it", false), ("x\\.example.it", "example.it", false),
            // The last octets are those of "2it", but no label begins there.
            ("a\\002it", "it", false),
        ] as [(String, String, Bool)])
    func isAtOrBelow(_ name: String, _ ancestor: String, _ holds: Bool) throws {
        let (name, ancestor) = (try DomainName(presentation: name), try DomainName(presentation: ancestor))
        #expect(name.isAtOrBelow(ancestor) == holds)
    }

    @Test("parents lead up to the root")
    func parentsLeadUpToTheRoot() {
        #expect(("mx.example.it" as DomainName).parent == "example.it")
        #expect(("it" as DomainName).parent == .root)
        #expect(DomainName.root.parent == nil)
    }
}
