import DNS
import LDNS
import Testing

@Suite("Queries")
struct QueryTests {
    private static let types: [(RecordType, UInt8)] = [
        (.a, 1), (.ns, 2), (.cname, 5), (.soa, 6), (.mx, 15), (.txt, 16), (.aaaa, 28), (.tlsa, 52),
    ]

    @Test("a query, octet by octet", arguments: types, [true, false])
    func octets(_ type: (RecordType, UInt8), recursionDesired: Bool) throws {
        let query = try QueryEncoder.encode(
            Question("example.it", type.0), id: 0xBEEF, recursionDesired: recursionDesired)
        let flags: UInt8 = recursionDesired ? 1 : 0
        let header: [UInt8] = [0xBE, 0xEF, flags, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        let question: [UInt8] = [7] + "example".utf8 + [2] + "it".utf8 + [0, 0, type.1, 0, 1]
        // The root, OPT, 1232, no extended RCODE, version or flags, 4 octets: NSID, empty.
        let opt: [UInt8] = [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 4, 0, 3, 0, 0]
        #expect(query == header + question + opt)
    }

    @Test("a query without EDNS ends behind its question")
    func aQueryWithoutEDNSEndsBehind() throws {
        let query = try QueryEncoder.encode(
            Question("example.it", .mx), id: 1, recursionDesired: true, edns: false)
        #expect(query == MessageWriter(id: 1, flags: 0x0100).question().octets)
    }

    @Test(
        "AD asks whether the answer is validated, CD asks to leave validation alone",
        arguments: [(Validation.unspecified, UInt8(0)), (.reported, 0x20), (.disabled, 0x10)])
    func validation(_ pair: (Validation, UInt8)) throws {
        let query = try QueryEncoder.encode(
            Question("example.it", .mx), id: 1, recursionDesired: true, validation: pair.0)
        #expect(Array(query[2...3]) == [1, pair.1])
    }

    @Test(
        "any name goes out as it is",
        arguments: [
            [0], name("a"), name("eXaMpLe.iT"), label([0, 0x2E, 0x5C, 0xFF]) + [0],
            labels(63, 63, 63, 61) + [0],
        ])
    func names(_ wire: [UInt8]) throws {
        let question = Question(try DomainName(wire: wire), .soa)
        let query = try QueryEncoder.encode(question, id: 0, recursionDesired: false, edns: false)
        #expect(query == MessageWriter(id: 0, flags: 0).question(wire, type: 6).octets)
    }

    @Test("a query sent back with QR set is an answer to itself", arguments: types)
    func echo(_ type: (RecordType, UInt8)) throws {
        let question = Question("Example.it", type.0)
        var octets = try QueryEncoder.encode(question, id: 0xFFFF, recursionDesired: true)
        #expect(!octets.withUnsafeBytes { MessageDecoder.answers($0, question) })
        octets[2] |= 0x80
        let message = try MessageDecoder.decode(octets, question: question)
        #expect(
            message == Message(id: 0xFFFF, question: question, edns: EDNS(payloadSize: 1232, nsid: [])))
    }
}
