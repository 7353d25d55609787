import DNS
import LDNS
import Testing

@Suite("Responses")
struct DecoderTests {
    private static func answers(_ octets: [UInt8], _ question: Question) -> Bool {
        octets.withUnsafeBytes { MessageDecoder.answers($0, question) }
    }

    @Test("an answer with every type that is read")
    func anAnswerWithEveryTypeThat() throws {
        let message = try MessageDecoder.decode(RichAnswer.octets, question: HostileDatagram.question)
        #expect(summary(of: message) == RichAnswer.lines)
    }

    @Test("the values behind the summary are typed")
    func theValuesBehindTheSummaryAre() throws {
        let message = try MessageDecoder.decode(RichAnswer.octets, question: HostileDatagram.question)
        #expect(message.answer[1].data == .mx(MailExchange(preference: 20, exchange: "mx2.example.it")))
        #expect(message.additional[1].data == .address(try #require(IPAddress("2001:db8::1"))))
        #expect(message.additional[2].data == .txt([Array("v=spf1".utf8), Array("-all".utf8)]))
        #expect(
            message.authority[1].data
                == .soa(
                    StartOfAuthority(
                        primary: "ns1.example.it", serial: SerialNumber(2_026_112_401), refresh: 7200,
                        retry: 3600, minimum: 900)))
        #expect(message.edns?.extendedErrors == [ExtendedError(code: 3, text: "stale")])
    }

    @Test("a TLSA record is its three numbers and the octets after them")
    func tlsa() throws {
        let question = Question("_25._tcp.mx.example.it", .tlsa)
        let owner = name("_25._tcp.mx.example.it")
        let digest = [UInt8](0..<32)
        func answer(_ data: [UInt8]) -> [UInt8] {
            MessageWriter(answers: 1).question(owner, type: 52).record(type: 52, data).octets
        }
        let message = try MessageDecoder.decode(answer([3, 1, 1] + digest), question: question)
        let association = CertificateAssociation(usage: 3, selector: 1, matchingType: 1, data: digest)
        #expect(message.answer.map(\.data) == [.tlsa(association)])
        #expect(summary(of: message).first?.contains("TLSA 3 1 1 000102") == true)
        for cut in [[], [3], [3, 1], [3, 1, 1]] as [[UInt8]] {
            let error = #expect(throws: WireError.self) {
                try MessageDecoder.decode(answer(cut), question: question)
            }
            #expect(error?.code == .badRecordData, "\(cut)")
        }
    }

    @Test("AD says that the resolver has validated the answer", arguments: [true, false])
    func authenticated(isSet: Bool) throws {
        let octets = response(flags: isSet ? 0x81A0 : 0x8180, answers: 1).mx(10, goodMX).octets
        let message = try MessageDecoder.decode(octets, question: HostileDatagram.question)
        #expect(message.isAuthenticated == isSet)
    }

    @Test("the owner is the asked name whichever way it is written")
    func theOwnerIsTheAskedName() throws {
        let octets = response(answers: 3).mx(10, goodMX).mx(name("example.it"), 20, goodMX)
            .mx(label("EXAMPLE".utf8) + pointer(20), 30, goodMX).octets
        let message = try MessageDecoder.decode(octets, question: HostileDatagram.question)
        #expect(message.answer.map(\.owner.description) == ["example.it", "example.it", "example.it"])
    }

    @Test("the root can be asked for")
    func theRootCanBeAskedFor() throws {
        let question = Question(.root, .ns)
        let octets = MessageWriter(answers: 2).question([0], type: 2)
            .record(pointer(12), type: 2, name("a.root.example"))
            .record([0], type: 2, name("b.root.example")).octets
        let message = try MessageDecoder.decode(octets, question: question)
        #expect(message.answer.map(\.owner) == [.root, .root])
        #expect(message.answer.map(\.data) == [.ns("a.root.example"), .ns("b.root.example")])
    }

    @Test(
        "only ASCII letters match in either case",
        arguments: [(UInt8(0x40), UInt8(0x60)), (0x5B, 0x7B), (0xC1, 0xE1), (0x0D, 0x2D)])
    func caseFolding(_ pair: (UInt8, UInt8)) throws {
        let question = Question(try DomainName(labels: [[pair.0]]), .mx)
        #expect(Self.answers(MessageWriter().question(label([pair.0]) + [0]).octets, question))
        #expect(!Self.answers(MessageWriter().question(label([pair.1]) + [0]).octets, question))
    }

    @Test("every letter matches in either case")
    func everyLetterMatchesInEitherCase() throws {
        let lower = Array("abcdefghijklmnopqrstuvwxyz".utf8)
        let upper = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        let question = Question(try DomainName(labels: [lower]), .mx)
        #expect(Self.answers(MessageWriter().question(label(upper) + [0]).octets, question))
    }

    @Test(
        "a header alone may say no, and one with an OPT",
        arguments: [
            (MessageWriter(flags: 0x8181, questions: 0), .formatError),
            (MessageWriter(flags: 0x8184, questions: 0), .notImplemented),
            (MessageWriter(flags: 0x8185, questions: 0), .refused),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 1).raw(opt()), .formatError),
            (MessageWriter(flags: 0x8180, questions: 0, additional: 1).raw(opt(upperBits: 1)), .badVersion),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 1).raw(opt(option: 3)), .formatError),
            (MessageWriter(flags: 0x8180, questions: 0), nil),
            (MessageWriter(flags: 0x8180, questions: 0, additional: 1).raw(opt()), nil),
            (MessageWriter(flags: 0x0181, questions: 0), nil),
            (MessageWriter(flags: 0xA181, questions: 0), nil),
            (MessageWriter(flags: 0x8381, questions: 0), nil),
            (MessageWriter(flags: 0x8181, questions: 1), nil),
            (MessageWriter(flags: 0x8181, questions: 0, answers: 1), nil),
            (MessageWriter(flags: 0x8181, questions: 0).raw([0]), nil),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 1), nil),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 1).raw(opt().dropLast()), nil),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 1).raw(opt() + [0]), nil),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 1).raw(opt(type: 1)), nil),
            (MessageWriter(flags: 0x8181, questions: 0, additional: 2).raw(opt() + opt()), nil),
            (MessageWriter(flags: 0x8181, questions: 1).question(), nil),
        ] as [(MessageWriter, ResponseCode?)])
    func bareErrors(_ writer: MessageWriter, code: ResponseCode?) {
        #expect(writer.octets.withUnsafeBytes { MessageDecoder.bareError($0) } == code)
    }

    /// An OPT, with an option of so many octets.
    private static func opt(upperBits: UInt8 = 0, type: UInt8 = 41, option: UInt8? = nil) -> [UInt8] {
        let options = option.map { [0, 3, 0, $0] + [UInt8](repeating: 7, count: Int($0)) } ?? []
        return [0, 0, type, 4, 208, upperBits, 0, 0, 0, 0, UInt8(options.count)] + options
    }

    @Test("a header says what its bits say")
    func aHeaderSaysWhatItsBits() throws {
        let octets = MessageWriter(id: 0xA1B2, flags: 0xFFFF, questions: 0x0102).octets
        let header = try #require(octets.withUnsafeBytes { WireHeader($0) })
        #expect(header.id == 0xA1B2)
        #expect(
            header.isResponse && header.isAuthoritative && header.isTruncated && header.recursionAvailable)
        #expect(header.opcode == 15)
        #expect(header.responseCode.rawValue == 15)
        #expect(header.questionCount == 0x0102)
        let none = MessageWriter(flags: 0).octets
        let plain = try #require(none.withUnsafeBytes { WireHeader($0) })
        #expect(
            !plain.isResponse && !plain.isAuthoritative && !plain.isTruncated && !plain.recursionAvailable)
        #expect(octets.dropLast().withUnsafeBytes { WireHeader($0) } == nil)
    }
}
