import DNS
import Testing

@Suite("Types, codes, TTLs and serial numbers")
struct ParameterTests {
    @Test(
        "TTLs are capped at a week",
        arguments: [
            (UInt32(0), UInt32(0)), (1, 1), (604_799, 604_799), (604_800, 604_800), (604_801, 604_800),
            (0x7FFF_FFFF, 604_800), (0x8000_0000, 604_800), (.max, 604_800),
        ] as [(UInt32, UInt32)])
    func ttlOfTheWire(_ wire: UInt32, _ seconds: UInt32) {
        #expect(TTL(wire: wire).seconds == seconds)
    }

    @Test(
        "TTLs from seconds lie between 0 and a week",
        arguments: [
            (Int.min, UInt32(0)), (-1, 0), (0, 0), (300, 300), (604_801, 604_800), (Int.max, 604_800),
        ] as [(Int, UInt32)])
    func ttlOfSeconds(_ seconds: Int, _ expected: UInt32) {
        #expect(TTL(seconds: seconds).seconds == expected)
        #expect(TTL(seconds: seconds).duration == .seconds(Int64(expected)))
    }

    @Test("TTLs are ordered")
    func ttlsAreOrdered() {
        #expect(TTL(seconds: 5) < TTL(seconds: 6))
        #expect(!(TTL(seconds: 5) < TTL(seconds: 5)))
        #expect(TTL(seconds: 5).description == "5")
    }

    @Test(
        "serial numbers compare in sequence space (RFC 1982)",
        arguments: [
            (UInt32(0), UInt32(1), true), (1, 0, false), (5, 5, false), (.max, 0, true), (0, .max, false),
            (0, 0x7FFF_FFFF, true), (0x7FFF_FFFF, 0, false), (0, 0x8000_0000, nil), (0x8000_0000, 0, nil),
            (1, 0x8000_0001, nil), (0, 0x8000_0001, false), (0x8000_0001, 0, true), (44, 0x8000_002B, true),
            (2_026_112_401, 2_026_112_402, true), (0xFFFF_FF00, 100, true),
        ] as [(UInt32, UInt32, Bool?)])
    func serials(_ left: UInt32, _ right: UInt32, _ precedes: Bool?) {
        #expect(SerialNumber(left).precedes(SerialNumber(right)) == precedes)
    }

    @Test(
        "types have their mnemonics and numbers",
        arguments: [
            (RecordType.a, UInt16(1), "A"), (.ns, 2, "NS"), (.cname, 5, "CNAME"), (.soa, 6, "SOA"),
            (.mx, 15, "MX"),
            (.txt, 16, "TXT"), (.aaaa, 28, "AAAA"), (.opt, 41, "OPT"),
            (RecordType(rawValue: 65_280), 65_280, "TYPE65280"),
        ] as [(RecordType, UInt16, String)])
    func types(_ type: RecordType, _ number: UInt16, _ mnemonic: String) {
        #expect(type.rawValue == number)
        #expect(type.description == mnemonic)
    }

    @Test(
        "response codes have their mnemonics",
        arguments: [
            (UInt16(0), "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"),
            (5, "REFUSED"),
            (9, "NOTAUTH"), (16, "BADVERS"), (4095, "RCODE4095"),
        ] as [(UInt16, String)])
    func responseCodes(_ number: UInt16, _ mnemonic: String) {
        #expect(ResponseCode(rawValue: number).description == mnemonic)
    }

    @Test(
        "extended errors that matter",
        arguments: [
            (UInt16(3), true, false), (19, true, false), (15, false, true), (16, false, true),
            (17, false, true),
            (18, false, true), (0, false, false), (4, false, false), (14, false, false), (20, false, false),
        ] as [(UInt16, Bool, Bool)])
    func extendedErrors(_ code: UInt16, _ isStale: Bool, _ isRefusal: Bool) {
        let error = ExtendedError(code: code, text: "")
        #expect(error.isStale == isStale)
        #expect(error.isRefusal == isRefusal)
    }

    @Test("null MX has the root as its exchange")
    func nullMXHasTheRootAs() {
        #expect(MailExchange(preference: 0, exchange: .root).isNull)
        #expect(!MailExchange(preference: 0, exchange: "mx").isNull)
    }
}
