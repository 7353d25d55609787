import DNS
import LDNS
import Testing

@Suite("Hostile datagrams")
struct HostileInputTests {
    @Test("comes to what the table says", arguments: HostileDatagram.all)
    func comesToItsFate(_ datagram: HostileDatagram) throws {
        let question = HostileDatagram.question
        let isOurs = datagram.octets.withUnsafeBytes { MessageDecoder.answers($0, question) }
        switch datagram.fate {
        case .ignored:
            #expect(!isOurs)
            let error = #expect(throws: WireError.self) {
                try MessageDecoder.decode(datagram.octets, question: question)
            }
            #expect(error?.code == .otherQuestion)
        case .malformed(let code):
            #expect(isOurs)
            let error = #expect(throws: WireError.self) {
                try MessageDecoder.decode(datagram.octets, question: question)
            }
            #expect(error?.code == code, "\(error?.message ?? "")")
            #expect(error?.message.isEmpty == false)
        case .accepted(let lines):
            #expect(isOurs)
            let message = try MessageDecoder.decode(datagram.octets, question: question)
            #expect(summary(of: message) == lines)
            #expect(message.id == 0x2B67)
            #expect(message.question == question)
        }
    }

    @Test("the table is as large as it should be and names each datagram once")
    func theTableIsAsLargeAs() {
        #expect(HostileDatagram.all.count >= 60)
        #expect(Set(HostileDatagram.all.map(\.title)).count == HostileDatagram.all.count)
    }

    @Test("an answer cut anywhere is refused", arguments: 0..<RichAnswer.octets.count)
    func cutAnswer(_ length: Int) {
        let error = #expect(throws: WireError.self) {
            try MessageDecoder.decode(
                Array(RichAnswer.octets.prefix(length)), question: HostileDatagram.question)
        }
        #expect(error?.code == (length < 28 ? .otherQuestion : .truncated))
    }

    @Test(
        "an answer with any one octet changed is read the same twice or refused twice",
        arguments: 0..<RichAnswer.octets.count)
    func changedAnswer(_ position: Int) {
        for mask in UInt8(1)...255 {
            var octets = RichAnswer.octets
            octets[position] ^= mask
            let first = try? MessageDecoder.decode(octets, question: HostileDatagram.question)
            let second = try? MessageDecoder.decode(octets, question: HostileDatagram.question)
            #expect(first == second)
            guard let first else { continue }
            let isPlain = summary(of: first).allSatisfy { $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }
            #expect(isPlain || first.edns?.extendedErrors.isEmpty == false)
        }
    }
}

/// An answer with every type that is read, in every section.
enum RichAnswer {
    static let octets = response(answers: 3, authority: 2, additional: 4)
        .mx(10, goodMX)
        .mx(20, label("mx2".utf8) + pointer(12))
        .record(type: 5, name("alias.example"))
        .record(type: 2, label("ns1".utf8) + pointer(12))
        .record(type: 6, soa())
        .record(label("mx".utf8) + pointer(12), type: 1, [192, 0, 2, 1])
        .record(
            label("mx".utf8) + pointer(12), type: 28,
            [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
        )
        .record(type: 16, text("v=spf1") + text("-all"))
        .opt(option(3, Array("site-1".utf8)) + option(15, [0, 3] + "stale".utf8))
        .octets

    static let lines = [
        goodLine, "answer example.it 300 MX 20 mx2.example.it", "answer example.it 300 CNAME alias.example",
        "authority example.it 300 NS ns1.example.it",
        "authority example.it 300 SOA ns1.example.it 2026112401 7200 900",
        "additional mx.example.it 300 A 192.0.2.1", "additional mx.example.it 300 AAAA 2001:db8::1",
        "additional example.it 300 TXT 763d73706631 2d616c6c", "edns 1232", "nsid 736974652d31",
        "ede 3 \"stale\"",
    ]
}
