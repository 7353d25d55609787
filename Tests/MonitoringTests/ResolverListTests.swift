import DNS
import Foundation
import Monitoring
import Testing

@Suite("resolvers.conf")
struct ResolverListTests {
    private func parse(_ text: String) throws -> ResolverList {
        try ResolverList(parsing: text, file: "resolvers.conf")
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let fixtures = folder.appendingPathComponent("Fixtures")

    @Test("the shipped list has at least 40 addresses, each with country and operator, and enough that count")
    func shipped() throws {
        let file = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("resolvers.conf")
        let list = try parse(String(contentsOf: file, encoding: .utf8))
        #expect(list.entries.count >= 40)
        #expect(list.entries.allSatisfy { $0.identity.country != nil && $0.identity.operatorName != nil })
        #expect(Set(list.entries.map(\.identity.name)).count == list.entries.count)
        #expect(list.entries.count { !$0.identity.isOptional } >= 30)
        #expect(list.entries.allSatisfy { $0.identity.isOptional || !$0.identity.endpoint.address.isV6 })
    }

    @Test("bare addresses suffice; the address serves as the name")
    func bare() throws {
        let list = try parse("8.8.8.8\n1.1.1.1:5353\n2001:db8::1\n[2001:db8::2]:54")
        #expect(
            list.entries.map(\.identity.endpoint.description) == [
                "8.8.8.8:53", "1.1.1.1:5353", "[2001:db8::1]:53", "[2001:db8::2]:54",
            ])
        #expect(
            list.entries.map(\.identity.name) == [
                "8.8.8.8", "1.1.1.1:5353", "2001:db8::1", "[2001:db8::2]:54",
            ])
        #expect(list.entries.allSatisfy { !$0.identity.isOptional && $0.rate == nil })
    }

    @Test("every key, in any order")
    func keys() throws {
        let full = try parse("9.9.9.10 quad9 country=ch operator=Quad9 rate=0.5 optional").entries[0]
        #expect(full.identity.name == "quad9")
        #expect(full.identity.country == "CH")
        #expect(full.identity.operatorName == "Quad9")
        #expect(full.rate == 0.5)
        #expect(full.identity.isOptional)
        let nameless = try parse("9.9.9.10 optional rate=100 operator=a=b").entries[0]
        #expect(nameless.identity.name == "9.9.9.10")
        #expect(nameless.identity.isOptional && nameless.rate == 100)
        #expect(nameless.identity.operatorName == "a=b")
    }

    @Test("a comment begins at the line's start or after white space, and nowhere else")
    func comments() throws {
        let list = try parse(
            "#8.8.4.4\n  # x\n;8.8.4.4\n8.8.8.8 go#o;gle\t# the first\n1.1.1.1 ; cloudflare\n")
        #expect(list.entries.map(\.identity.name) == ["go#o;gle", "1.1.1.1"])
    }

    @Test("line ends of other systems, a byte order mark and blank lines", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(end: String) throws {
        let text = ["\u{FEFF}8.8.8.8 google", "", "\t1.1.1.1   cloudflare  ", ""].joined(separator: end)
        #expect(try parse(text).entries.map(\.identity.name) == ["google", "cloudflare"])
        let error = #expect(throws: ConfigurationError.self) { try parse(text + "bad\(end)") }
        #expect(error?.faults.map(\.line) == [4])
    }

    @Test("a name of 40 characters is not too long")
    func longestName() throws {
        let name = String(repeating: "n", count: 40)
        #expect(try parse("8.8.8.8 \(name)").entries[0].identity.name == name)
    }

    private static let form =
        "expected an IPv4 or IPv6 address; a port looks like 8.8.8.8:53 or [2001:db8::1]:53"
    private static let rates = "expected queries per second, 0.01 to 1000000, such as rate=20"
    private static let plain =
        "resolvers; comment the line out, or give a plain address"
    private static let rest =
        "is not possible here; after the address come a name, key=value pairs and 'optional'"
    private static let names = "is longer than 40 characters or has control characters"

    static let messages = [
        "no-address": ":3: 'quad9' is not an address; \(form)",
        "bad-port": ":1: '8.8.8.8:65536' is not an address; \(form)",
        "port-zero": ":1: '8.8.8.8:0' is not an address; \(form)",
        "bare-ipv6-port": ":1: '[2001:db8::1]:' is not an address; \(form)",
        "hash-port": ":1: '8.8.8.8#53' is not an address; write 8.8.8.8:53",
        "at-port": ":2: '2001:db8::1@5353' is not an address; write [2001:db8::1]:5353",
        "at-without-address": ":1: '@8.8.8.8' is not an address; \(form)",
        "resolv-conf": ":1: 'nameserver' is not an address; write 8.8.8.8; this looks like a resolv.conf",
        "resolv-conf-search":
            ":2: 'search' is not an address; leave the line out; this looks like a resolv.conf",
        "tls": ":2: this version does not support tls:// \(plain)",
        "https": ":1: this version does not support https:// \(plain)",
        "unknown-key": ":1: the key 'contry' is unknown; the known keys are country, operator and rate",
        "key-twice": ":1: the key 'country' is there twice; give it once",
        "bad-country": ":1: country=USA: expected two letters (ISO 3166-1 alpha-2), such as country=IT",
        "country-digits": ":1: country=1T: expected two letters (ISO 3166-1 alpha-2), such as country=IT",
        "rate-zero": ":1: rate=0: \(rates)",
        "rate-negative": ":1: rate=-20: \(rates)",
        "rate-text": ":1: rate=fast: \(rates)",
        "rate-inf": ":1: rate=inf: \(rates)",
        "rate-nan": ":1: rate=nan: \(rates)",
        "empty-operator": ":1: operator= has no value; expected a name without spaces",
        "unexpected-word": ":1: 'public' \(rest)",
        "word-after-key": ":1: 'google' \(rest)",
        "long-name": ":1: the name '\(String(repeating: "n", count: 41))' \(names)",
        "duplicate": ":3: 8.8.8.8:53 is already in line 1; give each address once",
        "duplicate-port": ":2: 8.8.8.8:53 is already in line 1; give each address once",
        "duplicate-ipv6": ":2: [2001:db8::1]:53 is already in line 1; give each address once",
        "duplicate-ipv6-port": ":2: [2001:db8::1]:53 is already in line 1; give each address once",
        "mapped-address":
            ":2: '::ffff:8.8.8.8' is an IPv4 address inside an IPv6 one; give the IPv4 address itself",
        "empty": ": the file has no resolver: write one per line, such as '9.9.9.10 quad9'",
        "only-comments": ": the file has no resolver: write one per line, such as '9.9.9.10 quad9'",
        "control-characters": ":2: '?[31m?evil' is not an address; \(form)",
        "control-in-name": ":1: the name 'a?]0;title' \(names)",
        "turned-text": ":1: the name 'a?txt' \(names)",
        "control-in-key": ":1: the key '?[2J' is unknown; the known keys are country, operator and rate",
    ]

    @Test("each error names file, line and what was expected", arguments: messages.keys.sorted())
    func errors(name: String) throws {
        let file = "\(name).conf"
        let text = try String(contentsOf: Self.fixtures.appendingPathComponent(file), encoding: .utf8)
        let error = #expect(throws: ConfigurationError.self) { try ResolverList(parsing: text, file: file) }
        let message = try #require(error).description
        #expect(message == file + Self.messages[name]!)
        #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
    }

    @Test("all lines that are wrong are told at once; a line that is given thrice is held against the first")
    func several() {
        let text = "8.8.8.8\n8.8.8.8#53\n1.1.1.1\n8.8.8.8 a\n8.8.8.8 b\n9.9.9.9 rate=0\n"
        let error = #expect(throws: ConfigurationError.self) { try parse(text) }
        let twice = "8.8.8.8:53 is already in line 1; give each address once"
        #expect(
            error?.description == """
                resolvers.conf:2: '8.8.8.8#53' is not an address; write 8.8.8.8:53
                resolvers.conf:4: \(twice)
                resolvers.conf:5: \(twice)
                resolvers.conf:6: rate=0: \(Self.rates)
                """)
    }

    @Test("twenty lines are named, and the rest is counted", arguments: [20, 21, 1_000])
    func many(count: Int) throws {
        let text = String(repeating: "bad\n", count: count)
        let error = #expect(throws: ConfigurationError.self) { try parse(text) }
        let lines = try #require(error).description.split(separator: "\n")
        #expect(lines[19].hasPrefix("resolvers.conf:20: "))
        #expect(lines.dropFirst(20) == (count > 20 ? ["resolvers.conf: and \(count - 20) more"] : []))
    }

    @Test("every fixture is in the table")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.fixtures.path)
        #expect(Set(files) == Set(Self.messages.keys.map { "\($0).conf" }))
    }
}
