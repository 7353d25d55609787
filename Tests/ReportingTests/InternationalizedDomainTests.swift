import DNS
import Propagation
import Testing

@testable import Reporting

/// People read both forms of an internationalized domain, programs the A-labels alone.
@Suite struct InternationalizedDomainTests {
    private static let domain: DomainName = "xn--citt-3na.it"
    private static let both = "città.it (xn--citt-3na.it)"
    private static let style = TextStyle(zone: .utc)

    private static var status: DomainStatus {
        var status = Situation.holding.status
        status.domain = domain
        return status
    }

    private static let event = ReportedEvent(
        at: Situation.start.wall, domain: domain, kind: .level(.published))

    private static func table(_ style: TextStyle) -> String {
        TableRenderer(style).render(status, condition: .propagated, at: Situation.start.wall)
    }

    @Test func theTableIsHeadedByBoth() {
        #expect(Self.table(Self.style).hasPrefix("\(Self.both): propagating, "))
        #expect(Self.table(TextStyle(isASCII: true, zone: .utc)).hasPrefix("\(Self.domain): propagating, "))
    }

    @Test func aRowHasBothAndKeepsItsColumns() throws {
        var wide = OverviewRenderer(TextStyle(width: nil, zone: .utc), condition: .propagated)
        let row = wide.add(Self.status, at: Situation.start.wall)
        #expect(row.hasPrefix("~ \(Self.both) propagating "))
        var narrow = OverviewRenderer(Self.style, condition: .propagated)
        var status = Self.status
        // Wide signs take two columns each.
        status.domain = "xn--r8jz45g.xn--zckzah"
        let short = narrow.add(status, at: Situation.start.wall)
        let phase = try #require(narrow.header.range(of: "PHASE"))
        let column = narrow.header[..<phase.lowerBound].count
        let start = try #require(short.range(of: "propagating"))
        #expect(String(short[..<start.lowerBound]).displayWidth == column)
    }

    @Test func theLiveScreenAndTheLogNameBoth() {
        let lines = LiveSample.detail(Self.status, 120, 24)
        #expect(LiveSample.withoutColor(lines[0]).hasPrefix("\(Self.both)  propagating"))
        let log = LogRenderer(Self.style).line(Self.event)
        #expect(log?.contains("  \(Self.both)  PUBLISHED: ") == true)
    }

    @Test func theLineForMonitoringNamesBoth() {
        let (tracker, clock) = Situation.holding.make()
        var renderer = NagiosRenderer()
        renderer.add(Self.status, of: tracker, at: clock.instant)
        #expect(renderer.finish().line.hasPrefix("MX WARNING - \(Self.both): propagating"))
    }

    @Test func programsGetTheALabelsAlone() {
        let json = DocumentTests.written(Self.status) + DocumentTests.written(Self.event)
        let text = String(decoding: json, as: UTF8.self)
        #expect(
            text.contains(#""domain":"xn--citt-3na.it""#) || text.contains(#""domain": "xn--citt-3na.it""#))
        #expect(json.allSatisfy { $0 < 0x80 })
    }
}
