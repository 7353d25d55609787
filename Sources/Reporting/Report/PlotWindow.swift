import Propagation

/// The stretch of time that the plots show: the change itself, not the weeks around it.
package struct PlotWindow: Sendable, Equatable {
    package var from: Timestamp
    package var to: Timestamp

    /// Later levels are left out: a level that came so many times later would press the change into a corner.
    private static let farthest: Int64 = 6
    /// Seconds. A change that everybody saw at once still has some width.
    private static let shortest: Int64 = 60

    package init(_ report: ReportDocument) {
        guard let began = Self.began(report) else {
            (from, to) = (report.firstLook, report.lastLook)
            widen(least: Self.shortest)
            return
        }
        from = max(began, report.firstLook)
        to = max(from, Self.lastChange(report) ?? from)
        let length = max(Self.shortest, to.seconds - from.seconds)
        if report.resolvers.contains(where: { $0.counted && $0.leftAt == nil && !$0.clear }) {
            to = max(to, report.lastLook)
        }
        let reach = from.seconds + max(Self.farthest * length, to.seconds - from.seconds)
        for instant in [report.bound] + report.levels.map(\.at) {
            if let instant, instant.seconds <= reach { to = max(to, instant) }
        }
        widen(least: Self.shortest)
        from = max(from, min(report.firstLook, Timestamp(seconds: to.seconds - Self.shortest)))
    }

    /// From 0 at the left edge to 1 at the right one; what lies outside is at the edge.
    package func position(_ instant: Timestamp) -> Double {
        min(1, max(0, Double(instant.seconds - from.seconds) / Double(to.seconds - from.seconds)))
    }

    package func contains(_ instant: Timestamp) -> Bool { from <= instant && instant <= to }

    /// Some room on both sides: people overlook what is drawn at the very edge.
    private mutating func widen(least: Int64) {
        let length = max(least, to.seconds - from.seconds)
        let air = max(1, length / 16)
        to = Timestamp(seconds: from.seconds + length + air)
        from = Timestamp(seconds: from.seconds - air)
    }

    private static func began(_ report: ReportDocument) -> Timestamp? {
        report.changeBegan ?? report.resolvers.compactMap(\.firstFlipAt).min()
            ?? report.levels.flatMap(\.spans).map(\.from).min()
    }

    /// The last change of what was published or shown.
    private static func lastChange(_ report: ReportDocument) -> Timestamp? {
        var instants = report.shares.dropFirst().map(\.at)
        instants += report.regressions.flatMap { [$0.from, $0.to].compactMap(\.self) }
        instants += report.authority.flatMap { ($0.switches + $0.turnedBack).map(\.at) }
        for level in report.levels where level.level == .published || level.level == .propagated {
            instants += level.spans.map(\.from)
        }
        for resolver in report.resolvers where resolver.counted {
            instants += [resolver.lastFlipAt].compactMap(\.self)
            instants += resolver.overdueSpans.compactMap(\.to)
        }
        return instants.max()
    }
}
