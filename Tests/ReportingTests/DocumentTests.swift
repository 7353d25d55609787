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

    static func written(_ status: Status, layout: JSONStatusWriter.Layout = .lines) -> Data {
        var buffer: [UInt8] = []
        JSONStatusWriter.write(status, layout: layout, into: &buffer)
        return Data(buffer)
    }

    @Test(arguments: Situation.allCases) func theWriterWritesTheValue(_ situation: Situation) throws {
        let status = Self.status([situation])
        #expect(try JSONDecoder().decode(Status.self, from: Self.written(status)) == status)
    }

    @Test(arguments: Situation.allCases) func theWriterAndTheEncoderAgree(_ situation: Situation) throws {
        let status = Self.status([situation, .holding])
        let byHand = try JSONSerialization.jsonObject(with: Self.written(status)) as? NSDictionary
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(status)) as? NSDictionary
        #expect(byHand != nil && byHand == encoded)
    }

    @Test func aStreamOfManyDomainsIsOneDocumentWithALineEach() throws {
        var writer = JSONStatusWriter()
        var document = Data()
        var buffer: [UInt8] = []
        writer.start(
            generatedAt: Situation.start.wall, condition: .published, target: .qboxmail, into: &buffer)
        for situation in Situation.allCases {
            document.append(contentsOf: buffer)
            buffer.removeAll(keepingCapacity: true)
            writer.append(situation.status, into: &buffer)
        }
        writer.finish(exitCode: 2, deadlinePassed: true, into: &buffer)
        document.append(contentsOf: buffer)
        let status = try JSONDecoder().decode(Status.self, from: document)
        #expect(status.domains == Situation.allCases.map(\.status))
        #expect(status.exitCode == 2 && status.deadlinePassed && status.condition == .published)
        let lines = document.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == Situation.allCases.count + 2)
        #expect(document.last == UInt8(ascii: "\n"))
    }

    @Test func aDocumentWithoutDomainsIsOneToo() throws {
        let status = Self.status([])
        #expect(try JSONDecoder().decode(Status.self, from: Self.written(status)) == status)
        #expect(status.exitCode == 0)
    }

    @Test func absentKnowledgeIsAnExplicitNull() throws {
        let status = Self.status([.nothingAsked])
        for data in [Self.written(status), try JSONEncoder().encode(status)] {
            let text = String(decoding: data, as: UTF8.self)
            for member in ["not_before", "consistent", "ttl", "nsid", "rtt_ms", "error", "excluded"] {
                #expect(text.contains("\"\(member)\":null"), "\(member)")
            }
        }
        let withoutZone = String(decoding: Self.written(Self.status([.resolversOnly])), as: UTF8.self)
        #expect(withoutZone.contains("\"authority\":{\"zone\":null,\"consistent\":null,\"servers\":[]}"))
        var missing = try #require(
            JSONSerialization.jsonObject(with: Self.written(status)) as? [String: Any])
        missing["deadline_passed"] = nil
        let spoiled = try JSONSerialization.data(withJSONObject: missing)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Status.self, from: spoiled) }
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
