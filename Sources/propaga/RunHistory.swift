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
        /// The domains about which this process writes.
        var owned: Set<DomainName> = []
        /// Something of this run is not remembered.
        var isIncomplete = false
        /// It could not be written, and is not tried again.
        var cannotWrite = false
    }

    init(_ store: HistoryStore, target: Target, clock: MonitorClock, isQuiet: Bool) {
        self.store = store
        self.target = target
        self.clock = clock
        self.isQuiet = isQuiet
    }

    /// Lets a tracker go on where earlier runs ended.
    ///
    /// - Throws: exit code 74 where the history cannot be read.
    func recall(_ tracker: inout DomainTracker) throws {
        let domain = tracker.domain
        // Owned first: what another process writes later would be lost on this one.
        let isOwned = store.own(domain, target: target)
        if isOwned {
            state.withLock { _ = $0.owned.insert(domain) }
        } else {
            say("\(domain) is followed by another propaga, which keeps its history; this one reads it only")
        }
        do {
            let now = clock.read()
            guard let recalled = try store.recall(domain, target: target, at: now) else { return }
            tracker.recall(recalled.recollection, at: now.instant)
            guard let missing = recalled.clockWentBack else { return }
            let length = DurationText.compact(seconds: missing.components.seconds)
            say(
                "\(domain): the clock is \(length) behind the last look; what was known then ends later for that,"
                    + " never earlier")
            // A remark; what matters is written with the sweep.
            if isOwned {
                try? store.noteClockWentBack(by: missing, domain: domain, target: target, at: now.wall)
            }
        } catch  where error.code == .damaged {
            giveUp(domain, error)
        } catch {
            throw HistoryFile.failure(error, "; --no-history goes without it")
        }
    }

    /// One domain that cannot be recalled keeps no other from being asked about; it is neither remembered nor a gate.
    private func giveUp(_ domain: DomainName, _ error: HistoryError) {
        state.withLock { state in
            state.owned.remove(domain)
            state.isIncomplete = true
        }
        store.disown(domain, target: target)
        _ = HistoryFile.failure(
            error,
            ": what it holds of \(domain) is left out; 'propaga history forget \(domain)' begins it anew")
    }

    /// Since when the TTL of a domain's MX has been seen to be as short as the guide wants it (G2); `nil` where
    /// that is not known.
    ///
    /// - Throws: exit code 74 where the history cannot be read.
    func loweredSince(_ domain: DomainName) throws -> Instant? {
        do {
            let chronicle = try store.chronicle(of: domain, target: target)
            let since = chronicle?.loweredSince(to: PlanGuide.timeToLive.upperBound)
            return since.map(clock.read().instant(at:))
        } catch {
            throw HistoryFile.failure(error, "; --no-history goes without it")
        }
    }

    /// Whether this process writes about a domain.
    func owns(_ domain: DomainName) -> Bool { state.withLock { $0.owned.contains(domain) } }

    /// Writes what a sweep has come to, and leaves the domain to others. What cannot be written is said once, and
    /// `exitCode` tells of it.
    func save(_ result: CheckResult) {
        let domain = result.tracker.domain
        // One that is locked would be waited for again and again.
        guard owns(domain), !state.withLock({ $0.cannotWrite }) else { return }
        do {
            try store.save([HistoryEntry(result.tracker, at: clock.read(), events: result.events)])
        } catch {
            fail(error)
        }
        state.withLock { _ = $0.owned.remove(domain) }
        store.disown(domain, target: target)
    }

    /// The exit code of a run whose verdict has `code`: one that is not remembered is no gate.
    ///
    /// - Parameter failure: the code that says so.
    func exitCode(_ code: Int32, failure: ExitCode = ExitStatus.outputError) -> Int32 {
        state.withLock { $0.isIncomplete } ? failure.rawValue : code
    }

    private func fail(_ error: HistoryError) {
        state.withLock { state in
            state.isIncomplete = true
            state.cannotWrite = true
        }
        _ = HistoryFile.failure(error, "; this run is not remembered")
    }

    private func say(_ text: String) {
        if !isQuiet { StandardError.write("propaga: \(text)\n") }
    }
}
