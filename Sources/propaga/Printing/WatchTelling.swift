import DNS
import History
import Monitoring
import Propagation
import Reporting

/// A watch's events on their way: first into the history, then to the printer.
struct WatchTelling: Sendable {
    private let printer: any WatchPrinter
    private let clock: MonitorClock
    private let history: RunHistory?
    private let recorder: HistoryRecorder?
    private static let mostRows = 20_000

    init(_ session: Session, _ printer: any WatchPrinter) {
        self.printer = printer
        clock = session.clock
        history = session.history
        recorder = session.history.map { history in
            HistoryRecorder(history.store) { printer.note(Self.text($0)) }
        }
    }

    @Sendable func tell(_ event: WatchEvent, _ tracker: DomainTracker) {
        if case .slowRound(let round) = event.kind {
            return printer is SilentWatchPrinter ? () : printer.note(Self.text(round))
        }
        guard let recorder else { return printer.show(event, tracker) }
        recorder.put(entry(event, tracker)) { [printer] in printer.show(event, tracker) }
    }

    /// Waits until everything is written and printed; `trackers` are what was known at the end.
    func finish(_ trackers: [DomainTracker]) async {
        guard let recorder, let history else { return }
        let reading = clock.read()
        // With many domains the full last state would take minutes to write, and gain only newer dates.
        let isSmall = trackers.reduce(0) { $0 + $1.resolvers.count } <= Self.mostRows
        for tracker in trackers where history.owns(tracker.domain) {
            recorder.put(HistoryEntry(tracker, at: reading, scope: isSmall ? .everything : .domain([]))) {}
        }
        if let error = await recorder.finish() {
            _ = HistoryFile.failure(error, ". So the end of this watch is not in the history")
        }
    }

    private func entry(_ event: WatchEvent, _ tracker: DomainTracker) -> HistoryEntry? {
        guard case .learnt(let news) = event.kind, history?.owns(tracker.domain) == true else { return nil }
        return HistoryEntry(
            tracker, at: clock.read(), concluded: news.events, at: event.at, resolvers: news.resolvers,
            concernsDomain: news.concernsDomain)
    }

    private static func text(_ round: WatchState.SlowRound) -> String {
        "asking all \(round.domains) domains once takes \(DurationText.long(seconds: round.length.components.seconds))"
            + " at \(Int(round.rate)) queries per second and name server. If these are yours, raise --authority-rate"
    }

    private static func text(_ notice: HistoryRecorder.Notice) -> String {
        switch notice {
        case .failing(let error):
            "the history \(escaped(error.description)). The watch continues and tries again to write it"
        case .recovered(let path): "we can write the history \(escaped(path)) again, and nothing is lost"
        case .replaced(let path):
            "the history \(escaped(path)) was removed or replaced. We start a new one"
        }
    }
}
