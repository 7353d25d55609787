import DNS
import Testing

@testable import Lab

@Suite struct WireTests {
    @Test(
        "a query reads as it was written",
        arguments: [
            LabQuery(id: 0x1234, question: mx),
            LabQuery(id: 0, recursionDesired: false, question: Question(.root, .ns), edns: nil),
            LabQuery(
                id: 0xFFFF, question: Question("Example.IT", .soa),
                edns: .init(payloadSize: 4096, version: 1, asksNSID: true)),
        ])
    func aQueryReadsAsItWasWritten(_ query: LabQuery) {
        #expect(WireReader.query(query.octets) == query)
    }

    @Test("nothing but a query reads as one")
    func nothingButAQueryReadsAsOne() throws {
        let good = LabQuery(id: 7, question: mx, edns: .init(asksNSID: true)).octets
        for length in 0..<good.count {
            #expect(WireReader.query(Array(good[..<length])) == nil, "cut to \(length) octets")
        }
        #expect(WireReader.query(good + [0]) == nil)
        let faults: [(place: Int, value: UInt8, what: String)] = [
            (2, 0x81, "a response"), (2, 0x09, "another opcode"), (2, 0x03, "truncated"),
            (3, 0x40, "a bit that must be zero"),
            (3, 0x01, "a response code"), (5, 2, "two questions"), (5, 0, "no question"), (7, 1, "an answer"),
            (11, 2, "two additional records"), (12, 0xC0, "a compressed name"), (12, 64, "a label too long"),
            (27, 3, "another class"), (30, 42, "no OPT"),
        ]
        for fault in faults {
            var bad = good
            bad[fault.place] = fault.value
            #expect(WireReader.query(bad) == nil, "\(fault.what)")
        }
    }

    @Test("names point back at earlier ones, and only where asked")
    func namesPointBackAtEarlierOnesAndOnlyWhereAsked() {
        let record = ResourceRecord(
            owner: "example.it", type: .mx, ttl: TTL(seconds: 5),
            data: .mx(MailExchange(preference: 1, exchange: "mail.example.it")))
        var compressed = WireWriter()
        compressed.record(record)
        compressed.record(record)
        var plain = WireWriter(compresses: false)
        plain.record(record)
        plain.record(record)
        #expect(plain.octets.count == 2 * (12 + 10 + 2 + 17))
        #expect(compressed.octets.count == 12 + 10 + 2 + 7 + 2 + 10 + 2 + 2)
    }

    @Test("a length lies as told")
    func aLengthLiesAsTold() {
        var writer = WireWriter()
        writer.record(owner: .root, type: .txt, ttl: 0xFFFF_FFFF, declaredLength: 9) { $0.raw([1, 65]) }
        #expect(writer.octets == [0, 0, 16, 0, 1, 255, 255, 255, 255, 0, 9, 1, 65])
    }
}
