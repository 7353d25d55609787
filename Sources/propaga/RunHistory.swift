import ArgumentParser
import DNS
import History
import Monitoring
import Planning
import Propagation
import Reporting
import Synchronization

/// What one run reads from the history and writes to it.
///
///     begin(domain): recall it, own it ──► sweep or watch ──► save, then tell
final class RunHistory: Sendable {
    let store: HistoryStore
    private let target: Target
    private let clock: MonitorClock
    private let isQuiet: Bool
    private let state = Mutex(State())

    private struct State {
        /// The domains that this process writes about.
        var owned: Set<DomainName> = []
        /// Part of this run is missing in the history.
        var isIncomplete = false
        /// A write failed, so there are no more writes.
        var cannotWrite = false
    }

    init(_ store: HistoryStore, target: Target, clock: MonitorClock, isQuiet: Bool) {
        self.store = store
        self.target = target
        self.clock = clock
        self.isQuiet = isQuiet
    }

    /// Lets a tracker continue where earlier runs ended.
    ///
    /// - Throws: exit code 74 if the history cannot be read.
    func recall(_ tracker: inout DomainTracker) throws {
        let domain = tracker.domain
        // Own the domain first: this run would miss what another process writes after the read.
        let isOwned = store.own(domain, target: target)
        if isOwned {
            state.withLock { _ = $0.owned.insert(domain) }
        } else {
            say("\(domain) is followed by another propaga, which writes its history. This one only reads it")
        }
        do {
            let now = clock.read()
            guard let recalled = try store.recall(domain, target: target, at: now) else { return }
            tracker.recall(recalled.recollection, at: now.instant)
            guard let missing = recalled.clockWentBack else { return }
            let length = DurationText.compact(seconds: missing.components.seconds)
            say(
                "\(domain): the clock is \(length) behind the last look. So all waits from then end later, never earlier"
            )
            // This is only a remark: a failure to write it does not matter.
            if isOwned {
                try? store.noteClockWentBack(by: missing, domain: domain, target: target, at: now.wall)
            }
        } catch  where error.code == .damaged {
            giveUp(domain, error)
        } catch {
            throw HistoryFile.failure(error, ". Add --no-history to run without it")
        }
    }

    /// If one domain's history is damaged, the run goes on with the other domains. This one is not written any more,
    /// and the exit code tells of the failure.
    private func giveUp(_ domain: DomainName, _ error: HistoryError) {
        state.withLock { state in
            state.owned.remove(domain)
            state.isIncomplete = true
        }
        store.disown(domain, target: target)
        _ = HistoryFile.failure(
            error,
            ". We ignore what it has about \(domain). Start again with 'propaga history forget \(domain)'")
    }

    /// Since when the history has seen the MX with a TTL as short as the guide wants (G2); `nil` if not known.
    ///
    /// - Throws: exit code 74 if the history cannot be read.
    func loweredSince(_ domain: DomainName) throws -> Instant? {
        do {
            let chronicle = try store.chronicle(of: domain, target: target)
            let since = chronicle?.loweredSince(to: PlanGuide.timeToLive.upperBound)
            return since.map(clock.read().instant(at:))
        } catch {
            throw HistoryFile.failure(error, ". Add --no-history to run without it")
        }
    }

    /// Whether this process writes about a domain.
    func owns(_ domain: DomainName) -> Bool { state.withLock { $0.owned.contains(domain) } }

    /// Writes the result of a sweep, and gives the domain free for other processes. A failure is reported once, and
    /// `exitCode` tells of it.
    func save(_ result: CheckResult) {
        let domain = result.tracker.domain
        // After a failure there are no more tries: each would wait for a locked file again.
        guard owns(domain), !state.withLock({ $0.cannotWrite }) else { return }
        do {
            try store.save([HistoryEntry(result.tracker, at: clock.read(), events: result.events)])
        } catch {
            fail(error)
        }
        state.withLock { _ = $0.owned.remove(domain) }
        store.disown(domain, target: target)
    }

    /// The exit code of a run whose verdict has `code`. If part of the run is missing in the history, it is `failure`:
    /// the next run would not know what this one saw.
    func exitCode(_ code: Int32, failure: ExitCode = ExitStatus.outputError) -> Int32 {
        state.withLock { $0.isIncomplete } ? failure.rawValue : code
    }

    private func fail(_ error: HistoryError) {
        state.withLock { state in
            state.isIncomplete = true
            state.cannotWrite = true
        }
        _ = HistoryFile.failure(error, ". So this run is not in the history")
    }

    private func say(_ text: String) {
        if !isQuiet { StandardError.write("propaga: \(text)\n") }
    }
}
