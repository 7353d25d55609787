import DNS
import LDNS

extension HostileDatagram {
    static let compression: [HostileDatagram] = [
        .init(
            "an owner that points at itself", response(answers: 1).mx(pointer(28), 10, goodMX),
            .malformed(.badName)),
        .init("an exchange that points at itself", exchange(pointer(42)), .malformed(.badName)),
        .init(
            "an exchange that points at its own label", exchange(label("mx".utf8) + pointer(42)),
            .malformed(.badName)),
        .init(
            "owner and exchange that point at each other",
            response(answers: 1).mx(pointer(42), 10, pointer(28)), .malformed(.badName)),
        .init(
            "a loop of two pointers behind the owner",
            response(answers: 2).record(type: 65_280, pointer(42) + pointer(40)).mx(pointer(42), 10, goodMX),
            .malformed(.badName)),
        .init(
            "a pointer forward to a good name", response(answers: 1).mx(10, pointer(44) + name("mx")),
            .malformed(.badName)),
        .init("a pointer past the end", exchange(pointer(0x3FFF)), .malformed(.badName)),
        .init(
            "an owner that points past the end", response(answers: 1).mx(pointer(0x3FFF), 10, goodMX),
            .malformed(.badName)),
        .init("a pointer to the octet behind the last", exchange(pointer(44)), .malformed(.badName)),
        .init("a pointer into the header", exchange(pointer(4)), .malformed(.badName)),
        .init("a pointer into the middle of a label", exchange(pointer(14)), .malformed(.badName)),
        .init(
            "an owner whose pointer is cut in half", response(answers: 1).raw([0xC0]), .malformed(.truncated)),
        .init(
            "an exchange whose pointer is cut in half", response(answers: 1).mx(10, [0xC0]),
            .malformed(.truncated)),
        .init(
            "a pointer half in the next record",
            response(answers: 2).mx(10, [0xC0]).mx(label("abcdefghijkl".utf8) + [0], 10, goodMX),
            .malformed(.badRecordData)),
        .init("a chain of 127 pointers", chain(of: 127), .malformed(.badName)),
        .init(
            "a chain of 126 pointers", chain(of: 126),
            .accepted(["answer example.it 300 TYPE65280 # 250 \(hex(pointers(125)))", goodLine])),
        .init(
            "SOA whose second name points at itself",
            response(answers: 1).record(type: 6, pointer(12) + pointer(42) + soa().suffix(20)),
            .malformed(.badName)),
        .init(
            "NS that points past the end", response(answers: 1).record(type: 2, pointer(60)),
            .malformed(.badName)),
        .init(
            "CNAME that points at itself", response(answers: 1).record(type: 5, pointer(40)),
            .malformed(.badName)),
        .init(
            "a pointer to the root alone", exchange(pointer(23)), .accepted(["answer example.it 300 MX 10 ."])
        ),
        .init(
            "loops in the data of an unknown type", response(answers: 1).record(type: 65_280, pointer(40)),
            .accepted(["answer example.it 300 TYPE65280 # 2 c028"])),
        .init(
            "loops in the data of another class",
            response(answers: 1).record(type: 15, class: 3, big16(10) + pointer(42)), .accepted([])),
    ]

    /// `count` pointers from 40 on; the first leads to the question's name, each other to the one before.
    private static func pointers(_ count: Int) -> [UInt8] {
        pointer(12) + (1..<count).flatMap { pointer(40 + 2 * ($0 - 1)) }
    }

    /// A record full of pointers, then an MX whose owner follows `count` of them, its own among these.
    private static func chain(of count: Int) -> MessageWriter {
        response(answers: 2).record(type: 65_280, pointers(count - 1))
            .mx(pointer(40 + 2 * (count - 2)), 10, goodMX)
    }

    static let names: [HostileDatagram] = [
        .init(
            "an owner of 255 octets", response(answers: 1).mx(labels(63, 63, 63, 61) + [0], 10, goodMX),
            .accepted([
                "answer \(letters(63)).\(letters(63)).\(letters(63)).\(letters(61)) 300 MX 10 mx.example.it"
            ])),
        .init(
            "an owner of 256 octets", response(answers: 1).mx(labels(63, 63, 63, 62) + [0], 10, goodMX),
            .malformed(.badName)),
        .init(
            "an owner of 256 octets in another class",
            response(answers: 1).record(labels(63, 63, 63, 62) + [0], type: 15, class: 3, [0, 10] + goodMX),
            .malformed(.badName)),
        .init(
            "an exchange of 255 octets, by compression", exchange(labels(63, 63, 63, 50) + pointer(12)),
            .accepted([
                "answer example.it 300 MX 10 \(letters(63)).\(letters(63)).\(letters(63)).\(letters(50)).example.it"
            ])),
        .init(
            "an exchange of 256 octets, by compression", exchange(labels(63, 63, 63, 51) + pointer(12)),
            .malformed(.badName)),
        .init(
            "a label of 64 octets", exchange([0x40] + [UInt8](repeating: 0x61, count: 64) + [0]),
            .malformed(.badName)),
        .init("reserved label type 0x41", exchange([0x41, 0x61, 0]), .malformed(.badName)),
        .init("reserved label type 0x80", exchange([0x80, 0x61, 0]), .malformed(.badName)),
        .init(
            "an owner of reserved label type 0xBF", response(answers: 1).mx([0xBF, 0], 10, goodMX),
            .malformed(.badName)),
        .init("a label that leads past the end", exchange([63, 0x61]), .malformed(.truncated)),
        .init("a name without its root", exchange(labels(2)), .malformed(.truncated)),
        .init(
            "a name that borrows the next record's octets",
            response(answers: 2).mx(length: 4, 10, [2, 0x61]).mx(10, goodMX), .malformed(.badRecordData)),
        .init(
            "ESC and BEL in an exchange", exchange(label([0x1B] + "]0;pwned".utf8 + [7]) + [0]),
            .accepted(["answer example.it 300 MX 10 \\027\\0930\\059pwned\\007"])),
        .init(
            "a dot within a label", exchange(label("mx01.cbsolt".utf8) + name("net")),
            .accepted(["answer example.it 300 MX 10 mx01\\.cbsolt.net"])),
        .init(
            "NUL and a backslash within a label", exchange(label("a\0\\b".utf8) + name("it")),
            .accepted(["answer example.it 300 MX 10 a\\000\\\\b.it"])),
        .init(
            "UTF-8 within a label", exchange(label("ü".utf8) + [0]),
            .accepted(["answer example.it 300 MX 10 \\195\\188"])),
        .init(
            "line feed in an owner", response(answers: 1).mx(label("a\nb".utf8) + pointer(12), 10, goodMX),
            .accepted(["answer a\\010b.example.it 300 MX 10 mx.example.it"])),
    ]

    private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    static let mailExchanges: [HostileDatagram] = [
        .init("MX without any data", response(answers: 1).record(type: 15, []), .malformed(.badRecordData)),
        .init("MX of one octet", response(answers: 1).record(type: 15, [0]), .malformed(.badRecordData)),
        .init(
            "MX without an exchange", response(answers: 1).record(type: 15, [0, 10]),
            .malformed(.badRecordData)),
        .init(
            "MX without an exchange before a good one",
            response(answers: 2).record(type: 15, [0, 10]).mx(10, goodMX), .malformed(.badRecordData)),
        .init("MX with two exchanges", exchange(name("mx") + name("mx")), .malformed(.badRecordData)),
        .init("null MX", response(answers: 1).mx(0, [0]), .accepted(["answer example.it 300 MX 0 ."])),
        .init(
            "MX of another owner", response(answers: 1).mx(name("evil.it"), 10, goodMX),
            .accepted(["answer evil.it 300 MX 10 mx.example.it"])),
        .init(
            "MX in the authority section", response(authority: 1).mx(10, goodMX),
            .accepted(["authority example.it 300 MX 10 mx.example.it"])),
    ]
}
