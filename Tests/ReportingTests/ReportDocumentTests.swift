import DNS
import Foundation
import Propagation
import Testing

@testable import Reporting

/// The document `propaga/report/1`, as value, as JSON and against its schema.
@Suite struct ReportDocumentTests {
    @Test(arguments: ReportSituation.allCases) func whatIsWrittenReadsBack(
        _ situation: ReportSituation
    ) throws {
        let report = situation.document
        let written = DocumentTests.written(report)
        #expect(try DocumentTests.read(ReportDocument.self, written) == report)
    }

    @Test func everyRealDocumentIsValid() throws {
        let documents = try ReportSituation.allCases.map {
            try JSONSerialization.jsonObject(with: DocumentTests.written($0.document))
        }
        guard let faults = try SchemaTests.faults(documents, by: DocumentSchema.report) else { return }
        for (fault, situation) in zip(faults, ReportSituation.allCases) {
            #expect(fault == nil, "\(situation)")
        }
        #expect(faults.count == documents.count)
    }

    /// Each spoils one thing in an otherwise valid document.
    private static let spoilers: [(name: String, from: String, to: String)] = [
        ("another version", "propaga/report/1", "propaga/report/2"),
        ("a member too many", "\"overdue_spans\":", "\"extra\":1,\"overdue_spans\":"),
        ("a member missing", "\"bound_after\":3570,", ""),
        ("an unknown phase", "\"phase\":\"second_pass_safe\"", "\"phase\":\"done\""),
        ("an unknown event", "\"event\":\"transition\"", "\"event\":\"sample\""),
        ("an unknown state", "\"state\":\"previous\"", "\"state\":\"old\""),
        ("an offset", "\"bound\":\"2026-11-23T17:09:30Z\"", "\"bound\":\"2026-11-23T18:09:30+01:00\""),
        ("an empty string for null", "\"excluded\":null", "\"excluded\":\"\""),
        ("a negative length", "\"bound_after\":3570", "\"bound_after\":-1"),
        ("null for a list", "\"regressions\":[]", "\"regressions\":null"),
    ]

    @Test func spoiledDocumentsAreRejected() throws {
        let text = String(decoding: DocumentTests.written(ReportSituation.complete.document), as: UTF8.self)
        let documents = try Self.spoilers.map { spoiler in
            let spoiled = text.replacingOccurrences(of: spoiler.from, with: spoiler.to)
            try #require(spoiled != text, "\(spoiler.name) finds nothing to spoil")
            return try JSONSerialization.jsonObject(with: Data(spoiled.utf8))
        }
        guard let faults = try SchemaTests.faults(documents, by: DocumentSchema.report) else { return }
        for (fault, spoiler) in zip(faults, Self.spoilers) { #expect(fault != nil, "\(spoiler.name)") }
    }

    @Test func aPropagationIsToldWithItsNumbers() throws {
        let report = ReportSituation.complete.document
        #expect(report.changeBegan?.description == "2026-11-23T16:10:00Z")
        #expect(report.boundAfter == 3570)
        #expect(report.levels.map(\.after) == [0, 600, 3600, nil])
        #expect(report.levels.map(\.reached) == [true, true, true, false])
        #expect(report.clearAfter.map(\.seconds) == [110, 600, 600])
        let server = try #require(report.authority.first)
        #expect(server.ttlLowered.map(\.to) == [600] && server.ttlBeforeSwitch == 600)
        #expect(server.switches.map(\.at.description) == ["2026-11-23T16:10:00Z"])
        #expect(report.slowest.map(\.name) == ["quad9", "google"])
        #expect(report.resolvers.map(\.clearAfter) == [110, 600, nil])
        #expect(report.resolvers.map(\.counted) == [true, true, false])
    }

    @Test func whatNeverHappenedIsNull() throws {
        let json = String(decoding: DocumentTests.written(ReportSituation.nothing.document), as: UTF8.self)
        for member in ["change_began", "bound", "bound_after"] {
            #expect(json.contains("\"\(member)\":null"), "\(member)")
        }
        #expect(json.contains("\"percent\":50,\"seconds\":null"))
        #expect(!json.contains("\"at\":\"\""))
    }

    @Test func whoWasClearBeforeThePublicationWasSeenTookNoTime() {
        let report = ReportSituation.resolversOnly.document
        #expect(report.resolvers[0].clearAfter == 0)
        #expect(report.resolvers[0].firstFlipAt != nil, "where resolvers decide, flips come first")
    }

    @Test func allTextIsEscaped() {
        let report = ReportSituation.hostile.document
        for text in [report.resolvers[0].name, report.authority[0].name, report.resolvers[2].excluded ?? ""] {
            #expect(text == text.escapedForDisplay && text.contains("\\u{202E}"))
        }
    }
}
