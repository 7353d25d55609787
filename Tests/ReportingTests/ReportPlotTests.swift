import DNS
import Foundation
import Propagation
import Testing

@testable import Reporting

/// Which stretch of time the plots show, and with which ticks.
@Suite struct ReportPlotTests {
    private static let start = Timestamp(seconds: 1_795_449_600)

    private static func axis(_ seconds: Int64, after: Int64 = 0, zone: TimeZoneChoice = .utc) -> TimeAxis {
        let from = Timestamp(seconds: start.seconds + after)
        let to = Timestamp(seconds: from.seconds + seconds)
        return TimeAxis(from: from, to: to, times: ReportTimes(zone: zone, range: from...to))
    }

    @Test(
        arguments: [
            (1, 1), (60, 10), (1200, 300), (3600, 600), (4 * 3600, 3600), (20 * 3600, 10800),
            (86_400, 21_600), (8 * 86_400, 2 * 86_400), (60 * 86_400, 14 * 86_400),
            (20 * 365 * 86_400, 7300 * 86_400),
        ] as [(Int64, Int64)])
    func ticksAreRoundAndFit(length: Int64, step: Int64) {
        let axis = Self.axis(length)
        #expect(axis.step == step)
        #expect(axis.ticks.count <= 8)
        #expect(axis.ticks.allSatisfy { $0.at >= Self.start && $0.at.seconds <= Self.start.seconds + length })
    }

    @Test func ticksStandAtRoundLocalTimes() {
        let axis = Self.axis(7200, after: 100, zone: .fixed(5 * 3600 + 45 * 60))
        #expect(axis.ticks.map(\.label) == ["22:00", "22:30", "23:00", "23:30"])
        #expect(axis.ticks.first?.at.description == "2026-11-23T16:15:00Z")
    }

    @Test func theDateStandsWhereTheDayChanges() {
        let axis = Self.axis(12 * 3600)
        #expect(axis.ticks.map(\.label) == ["16:00", "18:00", "20:00", "22:00", "00:00", "02:00", "04:00"])
        #expect(axis.ticks.map(\.date) == ["23 Nov", nil, nil, nil, "24 Nov", nil, nil])
    }

    /// A zone that turns its clocks back by an hour at 2026-11-23T20:00:00Z.
    private static func timesAcrossAChange(_ length: Int64) -> ReportTimes {
        let end = Timestamp(seconds: start.seconds + length)
        return ReportTimes(zone: .local, range: start...end) {
            $0.seconds < start.seconds + 4 * 3600 ? 7200 : 3600
        }
    }

    @Test func ticksStayRoundWhereTheClocksChange() {
        let end = Timestamp(seconds: Self.start.seconds + 3 * 86_400)
        let axis = TimeAxis(from: Self.start, to: end, times: Self.timesAcrossAChange(3 * 86_400))
        #expect(axis.ticks.map(\.label) == ["00:00", "12:00", "00:00", "12:00", "00:00", "12:00"])
        #expect(axis.ticks.first?.at.description == "2026-11-23T23:00:00Z")
    }

    @Test func whereTheClocksChangeEveryInstantNamesItsOffset() {
        let times = Self.timesAcrossAChange(30 * 86_400)
        #expect(times.commonZone == nil)
        #expect(times.text(Self.start) == "2026-11-23 18:00:00 +0200")
        let later = Timestamp(seconds: Self.start.seconds + 86_400)
        #expect(times.text(later) == "2026-11-24 17:00:00 +0100")
        #expect(Self.timesAcrossAChange(3600).text(Self.start) == "2026-11-23 18:00:00")
    }

    @Test func daysHaveDatesAlone() {
        let axis = Self.axis(5 * 86_400)
        #expect(axis.ticks.map(\.label) == ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov"])
        #expect(axis.ticks.allSatisfy { $0.date == nil })
    }

    @Test func theWindowShowsTheChangeAndTheLevelsNearIt() {
        let window = PlotWindow(ReportSituation.complete.document)
        #expect(window.from < Timestamp(ReportSituation.time(600)))
        #expect(window.from > Timestamp(ReportSituation.time(0)), "not the time before the change")
        #expect(window.to > Timestamp(ReportSituation.time(4200)), "the second pass is near")
        #expect(window.to < Timestamp(ReportSituation.time(9000)), "not the time after the last event")
    }

    @Test func aLevelFarAwayIsLeftOut() {
        var report = ReportSituation.complete.document
        report.levels[3].at = Timestamp(ReportSituation.time(5 * 86_400))
        #expect(PlotWindow(report) == PlotWindow(ReportSituation.complete.document))
    }

    @Test func aLevelBeyondTheEdgeIsNamedThere() {
        var report = ReportSituation.complete.document
        let far = Timestamp(ReportSituation.time(5 * 86_400))
        report.levels[3] = ReportLevel(
            level: .decommission, reached: true, at: far, after: 0, spans: [ReportSpan(from: far, to: nil)])
        #expect(ReportPage(report, zone: .utc).html.contains("28 Nov 16:00:00 →</tspan>"))
        let early = Timestamp(ReportSituation.time(-86_400))
        report.levels[0].at = early
        report.levels[0].spans = [ReportSpan(from: early, to: nil)]
        let page = ReportPage(report, zone: .utc).html
        #expect(page.contains("← 22 Nov 16:00:00</tspan>"))
        #expect(page.contains(/<rect class="level" x="0\.000%"/), "it was reached before, and still is")
    }

    @Test func whoIsNotClearIsShownToTheLastLook() {
        let window = PlotWindow(ReportSituation.overdue.document)
        #expect(window.contains(Timestamp(ReportSituation.time(9000))))
    }

    @Test func withoutAChangeAllIsShown() {
        let window = PlotWindow(ReportSituation.unpublished.document)
        #expect(window.contains(Timestamp(ReportSituation.time(0))))
        #expect(window.contains(Timestamp(ReportSituation.time(9000))))
    }

    @Test(arguments: ReportSituation.allCases) func everyWindowHasAWidth(_ situation: ReportSituation) {
        let window = PlotWindow(situation.document)
        #expect(window.to.seconds - window.from.seconds >= 60)
        #expect(window.position(window.from) == 0 && window.position(window.to) == 1)
    }

    @Test(arguments: [
        (0, "0.000%"), (1, "100.000%"), (0.5, "50.000%"), (0.123456, "12.346%"), (-0.001, "-0.100%"),
    ])
    func placesAreWrittenAsPercentages(fraction: Double, text: String) {
        #expect(Drawing.percent(fraction) == text)
    }

    @Test func whatChangesAllTheTimeMakesNoEndlessPage() {
        var report = ReportSituation.complete.document
        let start = report.firstLook.seconds + 600
        report.resolvers[0].segments = (0..<8000).map { index in
            ReportSegment(
                from: Timestamp(seconds: start + Int64(index)),
                to: Timestamp(seconds: start + Int64(index) + 1),
                state: index % 2 == 0 ? .target : .previous, clear: false, overdue: false, watched: true)
        }
        report.shares = (0..<8000).map {
            ReportShare(at: Timestamp(seconds: start + Int64($0)), clear: $0 % 2, counted: 2)
        }
        let page = ReportPage(report, zone: .utc).html
        func count(_ text: String) -> Int { page.components(separatedBy: text).count - 1 }
        #expect((100...800).contains(count("<rect class=\"s-previous\"")), "the old copy stands for both")
        #expect(count("<rect class=\"s-target\"") < 10)
        #expect(count("<rect class=\"share\"") < 2000)
        let rows = report.resolvers.reduce(0) { $0 + $1.segments.count }
        #expect(count("\(rows - 3000) more rows are in the report as JSON.") == 1)
        #expect(count("5000 more rows are in the report as JSON.") == 1, "of the shares")
        #expect(count("And 7980 more changes: see the table.") == 1)
        #expect(page.utf8.count < 3_000_000)
    }

    @Test func pausesAreWhereNobodyLooked() {
        let drawing = Drawing(ReportWords(ReportSituation.paused.document, zone: .utc))
        let pauses = drawing.unwatched(ReportSituation.paused.document)
        #expect(
            pauses == [
                ReportLook(
                    from: Timestamp(ReportSituation.time(800)), to: Timestamp(ReportSituation.time(1190)))
            ])
    }
}
