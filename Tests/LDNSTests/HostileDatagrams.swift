import DNS
import LDNS
import Testing

/// A datagram that arrives where the MX RRset of `example.it` was asked for, and what must come of it.
struct HostileDatagram: Sendable, CustomTestStringConvertible {
    enum Fate: Sendable {
        /// It answers another question or none: the wait goes on.
        case ignored
        /// It answers the question and is no DNS message.
        case malformed(WireError.Code)
        /// It is a message that says this, as `summary(of:)` writes it.
        case accepted([String])
    }

    let title: String
    let octets: [UInt8]
    let fate: Fate
    var testDescription: String { title }

    init(_ title: String, _ octets: [UInt8], _ fate: Fate) {
        self.title = title
        self.octets = octets
        self.fate = fate
    }

    init(_ title: String, _ writer: MessageWriter, _ fate: Fate) {
        self.init(title, writer.octets, fate)
    }

    static let question = Question("example.it", .mx)

    static let all =
        notOurs + frames + lengths + compression + names + mailExchanges + otherData + options + counts
        + values
        + large
}

/// A response with the question in place. What follows starts at octet 28; "example.it" stands at 12,
/// "it" at 20, its root at 23. A first record owned by a pointer has its RDATA at 40.
func response(
    flags: UInt16 = 0x8180, answers: UInt16 = 0, authority: UInt16 = 0, additional: UInt16 = 0
) -> MessageWriter {
    MessageWriter(flags: flags, answers: answers, authority: authority, additional: additional).question()
}

/// An answer of one MX whose exchange is these octets, which stand at 42.
func exchange(_ octets: [UInt8]) -> MessageWriter { response(answers: 1).mx(10, octets) }

let goodMX = label("mx".utf8) + pointer(12)
let goodLine = "answer example.it 300 MX 10 mx.example.it"

extension HostileDatagram {
    /// What does not answer the question.
    fileprivate static let notOurs: [HostileDatagram] = [
        .init("nothing at all", [], .ignored),
        .init("eleven octets", Array(MessageWriter().octets.dropLast()), .ignored),
        .init("a header alone", MessageWriter(), .ignored),
        .init("response bit missing", MessageWriter(flags: 0x0180).question(), .ignored),
        .init("opcode IQUERY", MessageWriter(flags: 0x8980).question(), .ignored),
        .init("opcode NOTIFY", MessageWriter(flags: 0xA180).question(), .ignored),
        .init("another name of the same length", MessageWriter().question(name("exbmple.it")), .ignored),
        .init("a name below the one asked", MessageWriter().question(name("www.example.it")), .ignored),
        .init("a name above the one asked", MessageWriter().question(name("it")), .ignored),
        .init("a name that goes on", MessageWriter().question(name("example.it.evil")), .ignored),
        .init(
            "the labels merged into one", MessageWriter().question(label("example.it".utf8) + [0]), .ignored),
        .init("another type", MessageWriter().question(type: 6), .ignored),
        .init("type ANY", MessageWriter().question(type: 255), .ignored),
        .init("class CH", MessageWriter().question(class: 3), .ignored),
        .init("class ANY", MessageWriter().question(class: 255), .ignored),
        .init(
            "no question, records all the same",
            MessageWriter(questions: 0, answers: 1).mx(name("example.it"), 10, goodMX), .ignored),
        .init("no question counted, one written", MessageWriter(questions: 0).question(), .ignored),
        .init("the question twice", MessageWriter(questions: 2).question().question(), .ignored),
        .init("65,535 questions", MessageWriter(questions: 0xFFFF).question(), .ignored),
        .init("the question's name points at itself", MessageWriter().question(pointer(12)), .ignored),
        .init(
            "the question's name is compressed halfway",
            MessageWriter().question(label("example".utf8) + pointer(12)), .ignored),
        .init("the question cut within its name", Array(response().octets.prefix(20)), .ignored),
        .init("the question cut within its class", Array(response().octets.dropLast()), .ignored),
        .init("sixty-four kilobytes of ones", [UInt8](repeating: 0xFF, count: 65_535), .ignored),
    ]

    /// Frames that lie, whatever the type.
    fileprivate static let frames: [HostileDatagram] = [
        .init("a record cut after its owner", response(answers: 1).raw(pointer(12)), .malformed(.truncated)),
        .init(
            "a record cut within its TTL", response(answers: 1).raw(pointer(12) + [0, 15, 0, 1, 0, 0]),
            .malformed(.truncated)),
        .init(
            "a record cut within RDLENGTH",
            response(answers: 1).raw(pointer(12) + [0, 15, 0, 1, 0, 0, 1, 44, 0]), .malformed(.truncated)),
        .init(
            "RDLENGTH of 65,535", response(answers: 1).mx(length: 0xFFFF, 10, goodMX), .malformed(.truncated)),
        .init(
            "RDLENGTH of an unknown type leads past the end",
            response(answers: 1).record(type: 65_280, length: 5, [1, 2, 3, 4]), .malformed(.truncated)),
        .init(
            "RDLENGTH of class CH leads past the end",
            response(answers: 1).record(type: 16, class: 3, length: 9, text("x")), .malformed(.truncated)),
    ]

    /// RDLENGTH that lies, for each type whose data ldns reads. Where an octet is cut off, it still stands
    /// there, so that RDLENGTH alone tells that it is not part of the data.
    fileprivate static let lengths = typesReadByLDNS.flatMap { type, data -> [HostileDatagram] in
        let mnemonic = RecordType(rawValue: type)
        let count = UInt16(data.count)
        let answer = response(answers: 1)
        return [
            .init(
                "\(mnemonic) as it should be but one octet past the end",
                answer.record(type: type, length: count + 1, data), .malformed(.truncated)),
            .init("\(mnemonic) of no data", answer.record(type: type, []), .malformed(.badRecordData)),
            .init(
                "\(mnemonic) that lacks an octet", answer.record(type: type, Array(data.dropLast())),
                // A name that is cut leaves the message with it.
                .malformed([2, 5, 15].contains(type) ? .truncated : .badRecordData)),
            .init(
                "\(mnemonic) with an octet too many", answer.record(type: type, data + [7]),
                .malformed(.badRecordData)),
            .init(
                "\(mnemonic) with RDLENGTH too short", answer.record(type: type, length: count - 1, data),
                .malformed(.badRecordData)),
            .init(
                "\(mnemonic) with RDLENGTH that takes from the next record",
                response(answers: 2).record(type: type, length: count + 1, data).mx(10, goodMX),
                .malformed(.badRecordData)),
        ]
    }

    private static let typesReadByLDNS: [(UInt16, [UInt8])] = [
        (1, [192, 0, 2, 1]), (2, goodMX), (5, goodMX), (6, soa()), (15, [0, 10] + goodMX),
        (16, text("v=spf1")),
        (28, [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 12)),
    ]
}
