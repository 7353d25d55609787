import DNS
import LDNS

extension HostileDatagram {
    static let otherData: [HostileDatagram] = [
        .init(
            "A of three octets", response(answers: 1).record(type: 1, [192, 0, 2]), .malformed(.badRecordData)
        ),
        .init(
            "AAAA of fifteen octets", response(answers: 1).record(type: 28, [UInt8](repeating: 1, count: 15)),
            .malformed(.badRecordData)),
        .init(
            "AAAA of four octets", response(answers: 1).record(type: 28, [192, 0, 2, 1]),
            .malformed(.badRecordData)),
        .init(
            "SOA of one name", response(authority: 1).record(type: 6, pointer(12)), .malformed(.badRecordData)
        ),
        .init(
            "SOA without times", response(authority: 1).record(type: 6, pointer(12) + pointer(12)),
            .malformed(.badRecordData)),
        .init(
            "SOA without its last time", response(authority: 1).record(type: 6, Array(soa().dropLast(4))),
            .malformed(.badRecordData)),
        .init(
            "SOA whose second name runs past RDLENGTH",
            response(authority: 1).record(type: 6, length: 4, pointer(12) + name("hostmaster")),
            .malformed(.badRecordData)),
        .init(
            "SOA of the greatest numbers",
            response(authority: 1).record(type: 6, soa(serial: .max, minimum: .max)),
            .accepted(["authority example.it 300 SOA ns1.example.it 4294967295 7200 4294967295"])),
        .init(
            "TXT whose string is longer than the data",
            response(answers: 1).record(type: 16, [9] + "short".utf8), .malformed(.badRecordData)),
        .init(
            "TXT whose second string is longer than the data",
            response(answers: 1).record(type: 16, text("a") + [255]), .malformed(.badRecordData)),
        .init(
            "TXT whose string takes the next record in",
            response(answers: 2).record(type: 16, [20, 0x61]).mx(10, goodMX), .malformed(.badRecordData)),
        .init(
            "TXT of empty strings", response(answers: 1).record(type: 16, [0, 0, 0]),
            .accepted(["answer example.it 300 TXT - - -"])),
        .init(
            "TXT of 300 strings", response(answers: 1).record(type: 16, (0..<300).flatMap { _ in text("a") }),
            .accepted([
                "answer example.it 300 TXT " + [String](repeating: "61", count: 300).joined(separator: " ")
            ])),
        .init(
            "CNAME to its own owner", response(answers: 1).record(type: 5, pointer(12)),
            .accepted(["answer example.it 300 CNAME example.it"])),
        .init(
            "a type nobody knows", response(answers: 1).record(type: 65_280, [0xDE, 0xAD]),
            .accepted(["answer example.it 300 TYPE65280 # 2 dead"])),
        .init(
            "a type nobody knows, without data", response(answers: 1).record(type: 65_280, []),
            .accepted(["answer example.it 300 TYPE65280 # 0 -"])),
        .init(
            "RRSIG whose data is garbage", response(answers: 1).record(type: 46, [1]),
            .accepted(["answer example.it 300 TYPE46 # 1 01"])),
        .init(
            "type 0", response(answers: 1).record(type: 0, [1]),
            .accepted(["answer example.it 300 TYPE0 # 1 01"])),
        .init(
            "MX of class CH beside a good one",
            response(answers: 2).record(type: 15, class: 3, [0, 1] + goodMX).mx(10, goodMX),
            .accepted([goodLine])),
        .init(
            "MX of class ANY and of class NONE",
            response(answers: 2).record(type: 15, class: 255, [0, 1] + goodMX).record(
                type: 15, class: 254, [0, 1] + goodMX), .accepted([])),
        .init("half an MX of class CH", response(answers: 1).record(type: 15, class: 3, [0]), .accepted([])),
    ]

    static let options: [HostileDatagram] = [
        .init("two OPTs", response(additional: 2).opt().opt(), .malformed(.badEDNS)),
        .init(
            "OPT whose owner is not the root", response(additional: 1).opt(owner: name("it")),
            .malformed(.badEDNS)),
        .init(
            "OPT whose owner points at the root", response(additional: 1).opt(owner: pointer(23)),
            .malformed(.badEDNS)),
        .init("OPT in the answer section", response(answers: 1).opt(), .malformed(.badEDNS)),
        .init("OPT in the authority section", response(authority: 1).opt(), .malformed(.badEDNS)),
        .init("option header of three octets", response(additional: 1).opt([0, 3, 0]), .malformed(.badEDNS)),
        .init(
            "option that overruns the OPT by one", response(additional: 1).opt(option(3, [1, 2], length: 3)),
            .malformed(.badEDNS)),
        .init(
            "option of 65,535 octets", response(additional: 1).opt(option(3, [], length: 0xFFFF)),
            .malformed(.badEDNS)),
        .init(
            "option that takes the next record in",
            response(additional: 2).opt(option(3, [1], length: 4)).mx(10, goodMX), .malformed(.badEDNS)),
        .init(
            "option shorter than its data", response(additional: 1).opt(option(3, [1, 2, 3], length: 2)),
            .malformed(.badEDNS)),
        .init(
            "RDLENGTH of an OPT leads past the end", response(additional: 1).opt([], length: 1),
            .malformed(.truncated)),
        .init(
            "extended error without its code", response(additional: 1).opt(option(15, [])),
            .malformed(.badEDNS)),
        .init(
            "extended error of one octet", response(additional: 1).opt(option(15, [0])), .malformed(.badEDNS)),
        .init(
            "extended error without text", response(additional: 1).opt(option(15, [0, 3])),
            .accepted(["edns 1232", "ede 3 \"\""])),
        .init(
            "extended error of ill-formed UTF-8",
            response(additional: 1).opt(option(15, [0, 22, 0x61, 0xFF, 0x62])),
            .accepted(["edns 1232", "ede 22 \"a\u{FFFD}b\""])),
        .init(
            "extended error whose text ends in NUL",
            response(additional: 1).opt(option(15, [0, 3] + "old\0".utf8)),
            .accepted(["edns 1232", "ede 3 \"old\""])),
        .init(
            "extended error whose text ends in two NULs",
            response(additional: 1).opt(option(15, [0, 3] + "old\0\0".utf8)),
            .accepted(["edns 1232", "ede 3 \"old\\0\""])),
        .init(
            "extended error with a terminal escape",
            response(additional: 1).opt(option(15, [0, 3] + "\u{1B}[31m".utf8)),
            .accepted(["edns 1232", "ede 3 \"\\u{1B}[31m\""])),
        .init(
            "extended error of the greatest code", response(additional: 1).opt(option(15, [0xFF, 0xFE])),
            .accepted(["edns 1232", "ede 65534 \"\""])),
        .init(
            "two extended errors", response(additional: 1).opt(option(15, [0, 15]) + option(15, [0, 18])),
            .accepted(["edns 1232", "ede 15 \"\"", "ede 18 \"\""])),
        .init(
            "NSID with a terminal escape", response(additional: 1).opt(option(3, [0x1B, 0x5B, 0x41])),
            .accepted(["edns 1232", "nsid 1b5b41"])),
        .init(
            "NSID without octets", response(additional: 1).opt(option(3, [])),
            .accepted(["edns 1232", "nsid -"])),
        .init(
            "unknown options around an NSID",
            response(additional: 1).opt(option(65_001, [1, 2]) + option(3, [0x61]) + option(10, [])),
            .accepted(["edns 1232", "nsid 61"])),
        .init(
            "OPT before other additional records",
            response(additional: 2).opt().record(type: 1, [192, 0, 2, 1]),
            .accepted(["additional example.it 300 A 192.0.2.1", "edns 1232"])),
        .init(
            "extended RCODE BADVERS", response(additional: 1).opt(ttl: 0x0100_0000),
            .accepted(["BADVERS", "edns 1232"])),
        .init(
            "extended RCODE of all twelve bits", response(flags: 0x818F, additional: 1).opt(ttl: 0xFF00_0000),
            .accepted(["RCODE4095", "edns 1232"])),
        .init(
            "version and flags that nobody knows", response(additional: 1).opt(ttl: 0x00FF_FFFF),
            .accepted(["edns 1232"])),
    ]

    static let counts: [HostileDatagram] = [
        .init(
            "one answer more counted than there", response(answers: 2).mx(10, goodMX), .malformed(.truncated)),
        .init("65,535 answers counted, none there", response(answers: 0xFFFF), .malformed(.truncated)),
        .init(
            "65,535 of everything",
            response(answers: 0xFFFF, authority: 0xFFFF, additional: 0xFFFF).mx(10, goodMX),
            .malformed(.truncated)),
        .init(
            "one additional record more than there", response(answers: 1, additional: 1).mx(10, goodMX),
            .malformed(.truncated)),
        .init(
            "one answer less counted than there", response(answers: 1).mx(10, goodMX).mx(20, goodMX),
            .malformed(.trailingOctets)),
        .init("no answer counted, one there", response().mx(10, goodMX), .malformed(.trailingOctets)),
        .init("one octet behind the question", response().raw([0]), .malformed(.trailingOctets)),
        .init(
            "one octet behind the last record", response(answers: 1).mx(10, goodMX).raw([0]),
            .malformed(.trailingOctets)),
        .init(
            "a second message behind the first", response().raw(response().octets),
            .malformed(.trailingOctets)),
    ]

    static let values: [HostileDatagram] = [
        .init("an empty answer", response(), .accepted([])),
        .init(
            "the question in other case",
            MessageWriter(answers: 1).question(name("eXaMpLe.IT")).mx(10, goodMX),
            .accepted(["answer example.it 300 MX 10 mx.eXaMpLe.IT"])),
        .init(
            "authoritative, recursion not available", response(flags: 0x8400),
            .accepted(["authoritative", "no recursion"])),
        .init("the reserved bit and AD, CD", response(flags: 0x81F0), .accepted(["authenticated"])),
        .init(
            "TTL with the top bit set", response(answers: 1).mx(ttl: 0x8000_0000, 10, goodMX),
            .accepted(["answer example.it 604800 MX 10 mx.example.it"])),
        .init(
            "TTL of all ones", response(answers: 1).mx(ttl: .max, 10, goodMX),
            .accepted(["answer example.it 604800 MX 10 mx.example.it"])),
        .init(
            "TTL of a week and a second", response(answers: 1).mx(ttl: 604_801, 10, goodMX),
            .accepted(["answer example.it 604800 MX 10 mx.example.it"])),
        .init(
            "TTL just under a week", response(answers: 1).mx(ttl: 604_799, 10, goodMX),
            .accepted(["answer example.it 604799 MX 10 mx.example.it"])),
        .init(
            "TTL of 0", response(answers: 1).mx(ttl: 0, 10, goodMX),
            .accepted(["answer example.it 0 MX 10 mx.example.it"])),
        .init(
            "TTLs that differ in one RRset", response(answers: 2).mx(ttl: 5, 10, goodMX).mx(10, goodMX),
            .accepted(["answer example.it 5 MX 10 mx.example.it", goodLine])),
        .init(
            "SERVFAIL with an answer", response(flags: 0x8182, answers: 1).mx(10, goodMX),
            .accepted(["SERVFAIL", goodLine])),
        .init(
            "NXDOMAIN and its SOA", response(flags: 0x8183, authority: 1).record(name("it"), type: 6, soa()),
            .accepted(["NXDOMAIN", "authority it 300 SOA ns1.example.it 2026112401 7200 900"])),
        .init(
            "TC and half a record", response(flags: 0x8380, answers: 9).raw(pointer(12) + [0, 15, 0]),
            .accepted(["truncated"])),
        .init(
            "TC and a whole answer", response(flags: 0x8380, answers: 1).mx(10, goodMX),
            .accepted(["truncated"])),
        .init("TC to another question", MessageWriter(flags: 0x8380).question(name("exbmple.it")), .ignored),
    ]

    static let large: [HostileDatagram] = [
        .init(
            "500 MX records", (0..<500).reduce(response(answers: 500)) { $0.mx(UInt16($1), goodMX) },
            .accepted((0..<500).map { "answer example.it 300 MX \($0) mx.example.it" })),
        .init(
            "a message of 65,535 octets",
            response(answers: 1).record(type: 65_280, [UInt8](repeating: 0, count: 65_495)),
            .accepted(["answer example.it 300 TYPE65280 # 65495 \(String(repeating: "00", count: 65_495))"])),
        .init(
            "as many smallest records as fit",
            (0..<5955).reduce(response(answers: 5955)) { writer, _ in writer.record([0], type: 65_280, []) },
            .accepted([String](repeating: "answer . 300 TYPE65280 # 0 -", count: 5955))),
        .init("as many long chains of pointers as fit", storm, .malformed(.badName)),
        .init(
            "an OPT of 16,000 empty options",
            response(additional: 1).opt((0..<16_000).flatMap { _ in option(10, []) }),
            .accepted(["edns 1232"])),
    ]

    /// Pointers that fill all the octets a pointer can lead to; then records whose owner is their end.
    private static var storm: MessageWriter {
        let pointers = pointer(12) + (1..<8000).flatMap { pointer(40 + 2 * ($0 - 1)) }
        return (0..<3000).reduce(response(answers: 3001).record(type: 65_280, pointers)) { writer, _ in
            writer.record(pointer(40 + 2 * 7999), type: 65_280, [])
        }
    }
}
