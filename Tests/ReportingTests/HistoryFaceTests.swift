import DNS
import Foundation
import Propagation
import Storytelling
import Testing

@testable import Reporting

@Suite("What is remembered, as table, JSON and CSV")
struct HistoryFaceTests {
    private static let now = WallTime(milliseconds: 1_795_449_600_000 + 86_400_000 * 2)

    private static func renderer(width: Int? = nil) -> HistoryRenderer {
        HistoryRenderer(TextStyle(width: width, zone: .fixed(3600)), at: now)
    }

    private static func json(_ chronicles: [Chronicle]) -> [UInt8] {
        var document = DocumentStream()
        var octets: [UInt8] = []
        document.start(HistoryDocument.Head(), into: &octets)
        for chronicle in chronicles {
            document.append(HistoryDocument.Domain(chronicle), into: &octets)
            document.append(HistoryDocument.Domain(chronicle.summary), into: &octets)
        }
        document.finish(into: &octets)
        return octets
    }

    @Test("Every document is valid by its schema, and spoiled ones are not")
    func schema() throws {
        let whole = try JSONSerialization.jsonObject(
            with: Data(Self.json(ReportSituation.allCases.map(\.chronicle))))
        let empty = try JSONSerialization.jsonObject(with: Data(Self.json([])))
        var spoiled: [Any] = []
        let text = String(decoding: Self.json([ReportSituation.complete.chronicle]), as: UTF8.self)
        for (from, to) in [
            ("history/1", "history/2"), ("\"transition\"", "\"jump\""), ("\"ttl\":600", "\"ttl\":-1"),
            ("\"served\":", "\"serves\":"),
        ] {
            #expect(text.contains(from))
            let changed = text.replacing(from, with: to, maxReplacements: 1)
            spoiled.append(try JSONSerialization.jsonObject(with: Data(changed.utf8)))
        }
        guard let faults = try SchemaTests.faults([whole, empty] + spoiled, by: DocumentSchema.history) else {
            return
        }
        #expect(faults[0] == nil && faults[1] == nil, "\(faults)")
        #expect(faults.dropFirst(2).allSatisfy { $0 != nil })
    }

    @Test("A domain's story in order of time, levels and authoritative servers among it")
    func timeline() throws {
        let text = Self.renderer().timeline(ReportSituation.complete.chronicle)
        let (story, resolvers) = try #require(
            text.firstRange(of: "\n\nResolvers at the last look\n").map {
                (text[..<$0.lowerBound], text[$0.upperBound...])
            })
        #expect(resolvers.contains("google (8.8.8.8)  target"))
        let lines = story.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("example.it: "))
        let times = lines.drop { !$0.contains("serves") }.map { $0.prefix(19) }
        #expect(times.count > 5 && times == times.sorted())
        #expect(text.contains("ns1.example.it (192.0.2.1)  serves previous  MX 10 mail.old.it  TTL 3600"))
        #expect(text.contains("PUBLISHED: "))
    }

    @Test("Hostile names reach neither terminal nor spreadsheet", arguments: [nil, 80])
    func hostile(width: Int?) {
        let chronicle = ReportSituation.hostile.chronicle
        let faces = [
            Self.renderer(width: width).timeline(chronicle), HistoryCSV.rows(chronicle),
            String(decoding: Self.json([chronicle]), as: UTF8.self),
        ]
        for face in faces {
            #expect(
                face.unicodeScalars.allSatisfy {
                    $0 == "\n" || $0 == "\r" || !$0.properties.isDefaultIgnorableCodePoint && $0.value >= 0x20
                })
        }
    }

    @Test("A cell that a spreadsheet would take for a formula is none, and quotes are doubled")
    func spreadsheet() {
        var chronicle = ReportSituation.nothing.chronicle
        for name in ["=1+1", "say \"hi\", twice"] {
            chronicle.entries.append(
                Chronicle.Entry(
                    at: chronicle.lastLook,
                    .clear(ServerLabel(name: name, endpoint: Endpoint("192.0.2.1")!), true)))
        }
        let rows = HistoryCSV.rows(chronicle)
        #expect(rows.contains(",'=1+1,") && rows.contains(",\"say \"\"hi\"\", twice\","))
        #expect(rows.hasSuffix("\r\n"))
    }

    @Test("A list tells the target only where there are several")
    func list() {
        var other = ReportSituation.complete.chronicle.summary
        let same = Self.renderer().list([other, other])
        #expect(!same.contains("TARGET") && same.contains("2 domains are remembered."))
        other.target = RecordedTarget(
            name: "custom", primary: "mx.else.example", accepted: ["mx.else.example"])
        let mixed = Self.renderer().list([ReportSituation.complete.chronicle.summary, other])
        #expect(mixed.contains("TARGET") && mixed.contains("mx.else.example"))
        #expect(Self.renderer().list([]) == "No domain is remembered.\n")
    }
}
