import ArgumentParser
import DNS
import Glibc
import Monitoring
import Propagation
import Reporting

/// Prints a watch's events as they come, and its last status.
///
///     begin ──► show … show ──► end ──► finish
protocol WatchPrinter: Sendable {
    /// Before the first question.
    ///
    /// - Parameter stop: asks the watch to end now, with what is known.
    func begin(stop: @escaping @Sendable () -> Void)
    @Sendable func show(_ event: WatchEvent, _ tracker: DomainTracker)
    /// A message about the watch itself while it runs.
    func note(_ text: String)
    /// After the last event, while the watch still listens for signals.
    func end() throws
    func finish(_ last: LastStatus) throws
}

extension WatchPrinter {
    func begin(stop: @escaping @Sendable () -> Void) {}
    func note(_ text: String) { StandardError.write("propaga: \(text)\n") }
    func end() throws {}
}

/// What was known when a watch ended.
struct LastStatus {
    let trackers: [DomainTracker]
    let clock: ClockReading
    let condition: Condition
    let target: Target
    let deadlinePassed: Bool

    var exitCode: Int32 {
        trackers.map { $0.verdict(at: clock.instant).exitCode(for: condition) }.max() ?? 0
    }

    func statuses(in zone: TimeZoneChoice) -> [DomainStatus] {
        trackers.map { DomainStatus($0, at: clock, condition: condition, zone: zone) }
    }
}

/// `--quiet`.
struct SilentWatchPrinter: WatchPrinter {
    func show(_ event: WatchEvent, _ tracker: DomainTracker) {}
    func finish(_ last: LastStatus) {}
}

/// `--format log`: one line per change, and a closing sentence per domain.
struct LogPrinter: WatchPrinter {
    let session: Session
    let style: TextStyle

    func show(_ event: WatchEvent, _ tracker: DomainTracker) {
        guard let reported = ReportedEvent(event, of: tracker, clock: session.clock.read()),
            let line = LogRenderer(style).line(reported)
        else { return }
        writeOrExit { try $0.append(line + "\n") }
    }

    func finish(_ last: LastStatus) throws {
        var output = StandardOutput()
        if last.deadlinePassed { try output.append("The deadline passed.\n") }
        try output.append("\n")
        try output.flush()
        var table: any StatusPrinter = TablePrinter(
            condition: last.condition, count: last.trackers.count, style: style)
        try table.start(at: last.clock)
        for tracker in last.trackers { try table.add(tracker, at: last.clock) }
        _ = try table.finish(deadlinePassed: last.deadlinePassed)
    }
}

/// `--format ndjson`: one event per line; the last line is the whole status.
struct NDJSONPrinter: WatchPrinter {
    let session: Session

    func show(_ event: WatchEvent, _ tracker: DomainTracker) {
        guard let reported = ReportedEvent(event, of: tracker, clock: session.clock.read()) else { return }
        writeOrExit { try $0.append(line: reported) }
    }

    func finish(_ last: LastStatus) throws {
        let status = Status(
            generatedAt: last.clock.wall, condition: last.condition, target: last.target,
            domains: last.statuses(in: .utc), exitCode: last.exitCode, deadlinePassed: last.deadlinePassed)
        var output = StandardOutput()
        try output.append(line: ReportedEvent.Last(status))
        try output.flush()
    }
}

/// Writes at once, because somebody waits for the line. If that fails, the watch has no purpose any more: it ends
/// with the exit code for that.
private func writeOrExit(_ append: (inout StandardOutput) throws -> Void) {
    var output = StandardOutput()
    do {
        try append(&output)
        try output.flush()
    } catch {
        exit((error as? ExitCode)?.rawValue ?? ExitStatus.outputError.rawValue)
    }
}

extension ReportedEvent {
    /// `nil` if there is nothing to report.
    init?(_ event: WatchEvent, of tracker: DomainTracker, clock: ClockReading) {
        let at = ClockReading(instant: event.at, wall: clock.wallTime(at: event.at))
        switch event.kind {
        case .sample(let resolver, let reading, let roundTrip):
            self.init(
                at: at.wall, domain: tracker.domain, resolver: tracker.resolvers[resolver].identity,
                kind: .sample(Sample(reading, roundTrip: roundTrip)))
        case .polled, .learnt, .slowRound: return nil
        case .concluded(let conclusion):
            self.init(conclusion, in: tracker, at: at)
        }
    }
}
