import DNS
import Monitoring
import Propagation
import Reporting
import Synchronization

/// What the live screen shows: the latest news of each domain. The watch puts it in, and the screen's loop takes it
/// out.
final class LiveBoard: Sendable {
    private struct Content {
        /// `nil` for a domain without any news yet.
        var trackers: [DomainTracker?]
        /// Domains that changed since the tally was made.
        var changed: Set<Int> = []
        /// The latest of each domain, and of all.
        var events: [ReportedEvent?]
        var event: ReportedEvent?
        /// A message about the watch itself.
        var note: String?
        var hasNews = true
    }

    /// One domain's part in the tally.
    private enum Standing { case waiting, met, undetermined }

    private let session: Session
    private let zone: TimeZoneChoice
    private let content: Mutex<Content>
    private let standings: Mutex<[Standing]>

    init(session: Session, zone: TimeZoneChoice) {
        self.session = session
        self.zone = zone
        let count = session.domains.count
        content = Mutex(
            Content(
                trackers: Array(repeating: nil, count: count), events: Array(repeating: nil, count: count)))
        standings = Mutex(Array(repeating: .undetermined, count: count))
    }

    var domains: Int { session.domains.count }

    /// Takes in an event.
    ///
    /// - Returns: whether the screen had taken out everything before, so that it waits for news.
    func put(_ event: WatchEvent, _ tracker: DomainTracker) -> Bool {
        var reported: ReportedEvent?
        if case .concluded = event.kind {
            reported = ReportedEvent(event, of: tracker, clock: session.clock.read())
        }
        return content.withLock { content in
            defer { content.hasNews = true }
            content.trackers[event.domain] = tracker
            content.changed.insert(event.domain)
            if let reported {
                content.events[event.domain] = reported
                content.event = reported
            }
            return !content.hasNews
        }
    }

    func put(note: String) {
        content.withLock { content in
            content.note = note
            content.hasNews = true
        }
    }

    /// Whether anything came since the last call.
    func takeNews() -> Bool {
        content.withLock { content in
            defer { content.hasNews = false }
            return content.hasNews
        }
    }

    var note: String? { content.withLock { $0.note } }
    var event: ReportedEvent? { content.withLock { $0.event } }
    func event(of domain: Int) -> ReportedEvent? { content.withLock { $0.events[domain] } }

    func status(_ domain: Int, at clock: ClockReading) -> DomainStatus {
        let known = content.withLock { $0.trackers[domain] }
        let tracker = known ?? session.monitor.tracker(for: session.domains[domain])
        return DomainStatus(tracker, at: clock, condition: session.condition, zone: zone)
    }

    /// How far all domains have come. Looks only at those that changed: levels change with an event.
    func tally(at clock: ClockReading) -> LiveOverview.Tally {
        let changed = content.withLock { content in
            defer { content.changed = [] }
            return content.changed.compactMap { index in content.trackers[index].map { (index, $0) } }
        }
        return standings.withLock { standings in
            for (index, tracker) in changed {
                switch tracker.verdict(at: clock.instant).exitCode(for: session.condition) {
                case 0: standings[index] = .met
                case 1: standings[index] = .waiting
                default: standings[index] = .undetermined
                }
            }
            var tally = LiveOverview.Tally(domains: standings.count, met: 0, undetermined: 0)
            for standing in standings {
                if standing == .met { tally.met += 1 }
                if standing == .undetermined { tally.undetermined += 1 }
            }
            return tally
        }
    }
}
