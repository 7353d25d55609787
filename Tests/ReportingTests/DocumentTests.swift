import DNS
import Foundation
import Propagation
import Testing

@testable import Reporting

@Suite struct DocumentTests {
    static func status(_ situations: [Situation]) -> Status {
        Status(
            generatedAt: Situation.start.wall, condition: .propagated, target: .qboxmail,
            domains: situations.map(\.status))
    }

    /// The whole value at once.
    static func written(_ value: some Encodable) -> Data {
        var buffer: [UInt8] = []
        buffer.append(json: value)
        return Data(buffer)
    }

    /// Names of members are in snake case.
    static func read<Value: Decodable>(_ type: Value.Type, _ document: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: document)
    }

    @Test(arguments: Situation.allCases) func whatIsWrittenReadsBack(_ situation: Situation) throws {
        let status = Self.status([situation])
        #expect(try Self.read(Status.self, Self.written(status)) == status)
    }

    @Test func aStreamOfManyDomainsIsTheSameDocumentWithALineEach() throws {
        var stream = DocumentStream()
        var document = Data()
        var buffer: [UInt8] = []
        stream.start(
            Status.Head(generatedAt: Situation.start.wall, condition: .published, target: .qboxmail),
            into: &buffer)
        for situation in Situation.allCases {
            document.append(contentsOf: buffer)
            buffer.removeAll(keepingCapacity: true)
            stream.append(situation.status, into: &buffer)
        }
        stream.finish(Status.Tail(exitCode: 2, deadlinePassed: true), into: &buffer)
        document.append(contentsOf: buffer)
        let status = try Self.read(Status.self, document)
        #expect(Data(document.filter { $0 != UInt8(ascii: "\n") }) == Self.written(status))
        #expect(status.domains == Situation.allCases.map(\.status))
        #expect(status.exitCode == 2 && status.deadlinePassed && status.condition == .published)
        let lines = document.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == Situation.allCases.count + 2)
        #expect(document.last == UInt8(ascii: "\n"))
    }

    @Test func aDocumentWithoutDomainsIsOneToo() throws {
        let status = Self.status([])
        #expect(try Self.read(Status.self, Self.written(status)) == status)
        #expect(status.exitCode == 0)
    }

    @Test func absentKnowledgeIsAnExplicitNull() throws {
        let status = Self.status([.nothingAsked])
        let text = String(decoding: Self.written(status), as: UTF8.self)
        for member in ["not_before", "consistent", "ttl", "nsid", "rtt_ms", "error", "excluded"] {
            #expect(text.contains("\"\(member)\":null"), "\(member)")
        }
        let withoutZone = String(decoding: Self.written(Self.status([.resolversOnly])), as: UTF8.self)
        #expect(withoutZone.contains("\"authority\":{\"zone\":null,\"consistent\":null,\"servers\":[]}"))
        var missing = try #require(
            JSONSerialization.jsonObject(with: Self.written(status)) as? [String: Any])
        missing["deadline_passed"] = nil
        let spoiled = try JSONSerialization.data(withJSONObject: missing)
        #expect(throws: DecodingError.self) { try Self.read(Status.self, spoiled) }
    }

    @Test func theHoldingResolverReadsAsTheInterfaceShowsIt() throws {
        let status = Situation.holding.status
        #expect(status.phase == .propagating && !status.conditionMet && status.exitCode == 1)
        #expect(
            status.reasons.contains(
                "1 of 3 resolvers still serves the previous MX;"
                    + " the last known copy expires at 17:31:40 UTC"))
        let resolver = try #require(status.resolvers.first)
        #expect(resolver.state == .previous && resolver.ttl == 1600 && resolver.ttlRemaining == 1500)
        #expect(resolver.expiresAt?.description == "2026-11-23T17:31:40Z")
        #expect(resolver.oldUntil == resolver.expiresAt && status.propagated.notBefore == resolver.oldUntil)
        #expect(
            resolver.nsid == "gpdns-fra" && resolver.rcode == "NOERROR" && resolver.soaSerial == 2_026_112_299
        )
        #expect(resolver.roundTrip?.tenths == 123 && status.authority.servers[0].roundTrip?.tenths == 112)
        #expect(status.decommission.notBefore?.description == "2026-11-28T17:05:00Z")
        #expect(status.resolvers[1].targetSince?.description == "2026-11-23T17:05:00Z")
    }

    @Test func timeLeftIsNeverNegative() {
        let resolver = Situation.expired.status.resolvers[0]
        #expect(resolver.state == .previous && resolver.ttl == 1600 && resolver.ttlRemaining == 0)
    }

    @Test(arguments: [
        (Situation.published, Int32(0)), (.holding, 1), (.noQuorum, 2), (.authoritySilent, 2),
        (.nothingAsked, 2),
    ]) func theWorstDomainGivesTheExitCode(_ situation: Situation, _ code: Int32) {
        #expect(situation.status.exitCode == code)
        #expect(Self.status([.published, situation, .published]).exitCode == code)
    }

    @Test func noControlLeavesInADocument() {
        let document = Self.written(Self.status(Situation.allCases))
        #expect(document.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\n") })
        let resolver = Situation.hostile.status.resolvers[0]
        #expect(resolver.nsid == "hex:001bff")
        #expect(resolver.ede[0].text == #"\u{1B}[31m\u{D}\u{A}\u{202E}evil\u{0}\u{7F}"\|"#)
        #expect(resolver.ede[1].text == nil)
        #expect(resolver.error == #"EDE \u{1B}]0;title\u{7}"#)
    }

    @Test(arguments: [
        (0, "0"), (9, "9"), (10, "10"), (-7, "-7"), (Int64.max, "9223372036854775807"),
        (Int64.min, "-9223372036854775808"), (604_800, "604800"),
    ]) func wholeNumbersAreWrittenInDecimal(_ number: Int64, _ text: String) {
        var buffer: [UInt8] = []
        buffer.append(decimal: number)
        #expect(String(decoding: buffer, as: UTF8.self) == text)
    }
}
