import DNS
import Monitoring
import Testing

@Suite("A file of domains")
struct DomainListTests {
    private func parse(_ text: String) throws -> [String] {
        try DomainList.parse(text, file: "domains.txt").map(\.description)
    }

    @Test("one a line, with comments, blank lines, a byte order mark", arguments: ["\n", "\r\n", "\r"])
    func domains(end: String) throws {
        let lines = [
            "\u{FEFF}; of the first week", "example.it", "", " example.org \t", "example.com# the shop",
            "#example.net", "  ;example.net", "città.it ; an accent",
        ]
        let domains = try parse(lines.joined(separator: end))
        #expect(domains == ["example.it", "example.org", "example.com", "xn--citt-3na.it"])
    }

    @Test(
        "two domains in a line are asked for a line each, and the second is never passed over",
        arguments: [
            "example.it, example.org", "example.it,example.org", "example.it example.org", "example.it,",
            "example.it;example.org", "example.it; example.org", "example.it\texample.org",
        ])
    func severalInALine(line: String) {
        let error = #expect(throws: ConfigurationError.self) { try parse("example.com\n\(line)\n") }
        #expect(error?.faults.map(\.line) == [2])
        #expect(error?.description.hasSuffix("': write only one domain per line") == true)
    }

    @Test("all lines that are wrong are told at once, safe for a terminal")
    func several() {
        let text = "two..dots\nexample.it\nhttps://example.it/\na\u{1B}[2J.it\n"
        let error = #expect(throws: ConfigurationError.self) { try parse(text) }
        #expect(
            error?.description == """
                domains.txt:1: 'two..dots' is not a domain: a label is empty (two dots in a row, or a dot at the start)
                domains.txt:3: 'https://example.it/' is not a domain: it looks like a URL; give only the domain, such as example.it
                domains.txt:4: 'a?[2J.it' is not a domain: an octet of value 27 cannot stand in a domain name
                """)
    }

    @Test("a file without a domain is none", arguments: ["", "\n# nothing\n"])
    func empty(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try parse(text) }
        #expect(error?.description == "domains.txt: the file has no domain: write one per line")
    }
}
