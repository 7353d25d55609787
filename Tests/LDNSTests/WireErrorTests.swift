import LDNS
import Testing

@Suite("The status of ldns as an error")
struct WireErrorTests {
    /// The last status of ldns 1.8.3.
    private static let lastStatus: UInt32 = 118

    /// Those that tell what the octets lack, by the numbers of `ldns/error.h`; of every other status the
    /// octets are not the cause.
    private static let codes: [UInt32: WireError.Code] = [
        1: .badName, 2: .badName, 3: .badName, 4: .badName, 6: .truncated, 7: .badName,
        46: .truncated, 47: .truncated, 48: .truncated, 49: .truncated, 50: .truncated,
        57: .badRecordData, 99: .badRecordData,
    ]

    @Test("success is no error")
    func successIsNoError() {
        #expect(WireError(statusNumber: 0) == nil)
    }

    @Test("every other status has its code and the text of ldns", arguments: 1...lastStatus)
    func status(_ number: UInt32) throws {
        let error = try #require(WireError(statusNumber: number))
        #expect(error.code == Self.codes[number] ?? .codec)
        #expect(!error.message.isEmpty)
        // 80 only marks where the DANE statuses begin, so ldns has no text for it.
        #expect((error.message == "status \(number)") == (number == 80))
        #expect(error.description == error.message)
    }

    @Test("a status that ldns has no text for is named by its number")
    func aStatusThatLdnsHasNo() throws {
        let error = try #require(WireError(statusNumber: 99_999))
        #expect(error.code == .codec)
        #expect(error.message == "status 99999")
    }
}
