import DNS
import Propagation
import Testing

@testable import Reporting

/// The report on a terminal.
@Suite struct ReportTextTests {
    @Test(arguments: ReportSituation.allCases) func fitsTheTerminal(_ situation: ReportSituation) {
        for width in [60, 80, 200] {
            for line in situation.text(width: width).split(separator: "\n") {
                #expect(String(line).displayWidth <= width, "\(line)")
            }
        }
    }

    @Test(arguments: ReportSituation.allCases) func isASCIIWhereTheTerminalIs(_ situation: ReportSituation) {
        #expect(situation.text(isASCII: true).utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func namesWhatHappenedInOrder() throws {
        let text = ReportSituation.complete.text(width: nil)
        let sentences = [
            "2026-11-23 17:05:00  ns1.example.it (192.0.2.1) lowered the TTL from 3600 s to 600 s",
            "2026-11-23 17:10:00  ns1.example.it (192.0.2.1) began to serve the new MX",
            "2026-11-23 17:10:00  The new MX is published",
            "2026-11-23 17:11:40  google (8.8.8.8) is the first resolver to change",
            "2026-11-23 17:19:50  quad9 (2620:fe::10) is the last resolver to change",
            "2026-11-23 17:20:00  Propagated: every resolver that counts has only the new MX",
            "2026-11-23 18:09:30  Old copies gone: no cache that respects TTLs can have another MX now",
            "2026-11-23 18:10:00  The second pass is safe",
        ]
        var rest = text[...]
        for sentence in sentences {
            let range = try #require(
                rest.firstRange(of: sentence), "\(sentence) is not in its place:\n\(text)")
            rest = rest[range.upperBound...]
        }
    }

    @Test func theTimelineTellsStatesApart() throws {
        let text = ReportSituation.overdue.text(width: nil, isASCII: true)
        let rows = text.split(separator: "\n")
        let quad9 = try #require(rows.first { $0.contains("quad9") })
        #expect(quad9.contains(/-!{15,}/) && quad9.contains("overdue"))
        let google = try #require(rows.first { $0.contains("google  ") })
        #expect(google.contains(/-#{15,}/))
        #expect(text.contains("# clear") && text.contains("- previous MX") && text.contains("! overdue"))
    }

    @Test func whoLeftHasNoTimelineAfterwards() throws {
        let row = try #require(
            ReportSituation.left.text(width: nil).split(separator: "\n").first { $0.contains("quad9") })
        #expect(row.contains("not asked since 2026-11-23 17:25:00"))
    }

    @Test func aChangeThatWasTakenBackIsSaid() {
        let text = ReportSituation.takenBack.text(width: nil)
        #expect(text.hasPrefix("example.it: The change was taken back at 2026-11-23 17:33:20."))
        #expect(text.contains("The change was taken back: an authoritative server serves another MX"))
    }

    @Test func theEmptyReportSaysSo() {
        let text = ReportSituation.nothing.text()
        #expect(text.hasPrefix("example.it: No verdict: "))
        #expect(!text.contains("Resolvers,") && !text.contains("What happened"))
    }

    @Test func nothingSteersTheTerminal() {
        let text = ReportSituation.hostile.text(width: nil)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || String($0).escapedForDisplay == String($0) })
    }
}
