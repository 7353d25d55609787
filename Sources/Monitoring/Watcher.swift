import DNS
import DNSClient
import HeapModule
import Propagation

/// Something that a watch has seen.
package struct WatchEvent: Sendable {
    package enum Kind: Sendable {
        /// One sample of a resolver's MX came in.
        case sample(resolver: Int, Reading, roundTrip: Duration?)
        /// The authoritative servers have been asked; what they said is in the tracker.
        case polled
        /// The core drew a conclusion.
        case concluded(Event)
    }

    package var at: Instant
    /// The domain's index in the watcher's list.
    package var domain: Int
    package var kind: Kind
}

/// How a watch ended, and what was known then.
package struct WatchResult: Sendable {
    package enum Ending: Sendable { case conditionMet, deadlinePassed, cancelled }
    package var trackers: [DomainTracker]
    package var ending: Ending
}

/// Follows domains until a condition is met: asks each server when there is something to learn, and lets
/// the core conclude after every answer.
///
///     due jobs (heap) ──► questions ──► signals ──► tracker ──► events
///          ▲                                          │
///          └──────── next sample's instant ◄──────────┘
package struct Watcher: Sendable {
    let monitor: Monitor
    let condition: Condition
    let deadline: Instant?
    let jitter: @Sendable () -> Double
    let onEvent: @Sendable (WatchEvent, DomainTracker) -> Void

    private var trackers: [DomainTracker]
    private var isMet: [Bool]
    private var due = Heap<Job>()
    /// Accepted exchanges that came into sight and are yet to be looked at, by domain.
    private var uninspected: [Int: Set<DomainName>] = [:]
    private var running = 0
    private var timer: Instant?

    /// Jobs that may wait for answers at once; the rest stays due. Each costs a small task.
    private static let maximumRunning = 2_000
    /// Samples a resolver in the first sweep: at once and from different ports, to find separate caches.
    private static let firstSamples = 3

    /// - Parameters:
    ///   - jitter: gives numbers from 0 to 1, one for each sample.
    ///   - onEvent: called in the order of events, between answers; must not block for long.
    package init(
        monitor: Monitor, domains: [DomainName], condition: Condition, deadline: Instant? = nil,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        onEvent: @escaping @Sendable (WatchEvent, DomainTracker) -> Void
    ) {
        self.monitor = monitor
        self.condition = condition
        self.deadline = deadline
        self.jitter = jitter
        self.onEvent = onEvent
        trackers = domains.map(monitor.tracker(for:))
        isMet = Array(repeating: false, count: domains.count)
    }

    /// Runs until the condition holds for every domain, the deadline passes, or the task is cancelled.
    package mutating func run() async -> WatchResult {
        scheduleFirstSweep()
        let ending = await withTaskGroup(of: Signal.self) { group in
            defer { group.cancelAll() }
            while true {
                let now = monitor.clock.now()
                if let deadline, now >= deadline { return WatchResult.Ending.deadlinePassed }
                launchDue(in: &group, now: now)
                launchInspections(in: &group)
                armTimer(in: &group, now: now)
                guard let signal = await group.next(), !Task.isCancelled else { return .cancelled }
                take(signal)
                if isMet.allSatisfy({ $0 }) { return .conditionMet }
            }
        }
        return WatchResult(trackers: trackers, ending: ending)
    }
}

// MARK: - What is due

extension Watcher {
    private struct Job: Comparable {
        enum Work {
            case sample(resolver: Int, count: Int)
            case authority
        }
        var at: Instant
        var domain: Int
        var work: Work
        static func < (left: Job, right: Job) -> Bool { left.at < right.at }
        static func == (left: Job, right: Job) -> Bool { left.at == right.at }
    }

    private enum Signal: Sendable {
        case sampled(domain: Int, resolver: Int, count: Int, [Exchange])
        case polled(domain: Int, AuthorityDiscovery.Found, [Exchange])
        case inspected(domain: Int, [Warning])
        case timer(Instant)
    }

    private mutating func scheduleFirstSweep() {
        let now = monitor.clock.now()
        let samples = max(Self.firstSamples, monitor.settings.policy.confirmations)
        for domain in trackers.indices {
            if monitor.settings.authority != .none {
                due.insert(Job(at: now, domain: domain, work: .authority))
            }
            for resolver in monitor.resolvers.indices {
                due.insert(Job(at: now, domain: domain, work: .sample(resolver: resolver, count: samples)))
            }
        }
    }

    private mutating func launchDue(in group: inout TaskGroup<Signal>, now: Instant) {
        while running < Self.maximumRunning, let job = due.min, job.at <= now {
            due.removeMin()
            running += 1
            launch(job, in: &group)
        }
    }

    private mutating func launchInspections(in group: inout TaskGroup<Signal>) {
        let inspection = monitor.inspection
        for (domain, names) in uninspected {
            group.addTask { .inspected(domain: domain, await inspection.warnings(for: names)) }
        }
        uninspected = [:]
    }

    private func launch(_ job: Job, in group: inout TaskGroup<Signal>) {
        let (monitor, domain) = (monitor, job.domain)
        let tracker = trackers[domain]
        switch job.work {
        case .sample(let resolver, let count):
            let sweep = Sweep(
                domain: tracker.domain, resolvers: [monitor.resolvers[resolver]], samples: count)
            group.addTask {
                .sampled(
                    domain: domain, resolver: resolver, count: count,
                    await monitor.client.exchanges(sweep.requests))
            }
        case .authority:
            if case .given(let endpoints) = monitor.settings.authority {
                let servers = endpoints.map { AuthorityIdentity(name: nil, endpoint: $0) }
                let poll = AuthorityPoll(domain: tracker.domain, authority: AuthorityState(servers: servers))
                let found = AuthorityDiscovery.Found(zone: tracker.authority.zone, servers: servers)
                group.addTask {
                    .polled(domain: domain, found, await monitor.client.exchanges(poll.requests))
                }
            } else {
                let (name, known) = (tracker.domain, tracker.authority)
                group.addTask {
                    let (found, exchanges) = await monitor.discoverAndPoll(name, known: known)
                    return .polled(domain: domain, found, exchanges)
                }
            }
        }
    }

    /// Keeps a timer for the next instant at which something is to be done, unless one that is earlier runs.
    private mutating func armTimer(in group: inout TaskGroup<Signal>, now: Instant) {
        let isFull = running >= Self.maximumRunning
        guard let next = [isFull ? nil : due.min?.at, deadline].compactMap({ $0 }).min() else { return }
        if let timer, timer > now, timer <= next { return }
        timer = next
        let clock = monitor.clock
        group.addTask {
            try? await clock.sleep(next)
            return .timer(next)
        }
    }
}

// MARK: - What came in

extension Watcher {
    private mutating func take(_ signal: Signal) {
        switch signal {
        case .timer(let instant):
            if timer == instant { timer = nil }
        case .inspected(let domain, let warnings):
            trackers[domain].exchangeWarnings = warnings
        case .sampled(let domain, let resolver, let count, let exchanges):
            running -= 1
            takeSamples(exchanges, domain: domain, resolver: resolver, count: count)
            conclude(domain)
            let next = trackers[domain].resolvers[resolver].nextSample(
                after: monitor.clock.now(), jitter: jitter(), policy: monitor.settings.policy)
            due.insert(Job(at: next, domain: domain, work: .sample(resolver: resolver, count: 1)))
        case .polled(let domain, let found, let exchanges):
            running -= 1
            trackers[domain].apply(found)
            AuthorityPoll(domain: trackers[domain].domain, authority: trackers[domain].authority)
                .record(exchanges, in: &trackers[domain])
            onEvent(WatchEvent(at: monitor.clock.now(), domain: domain, kind: .polled), trackers[domain])
            conclude(domain)
            let tracker = trackers[domain]
            let next = tracker.authority.nextPoll(
                after: monitor.clock.now(), isPublished: tracker.publishedAt != nil)
            due.insert(Job(at: next, domain: domain, work: .authority))
        }
    }

    private mutating func takeSamples(_ exchanges: [Exchange], domain: Int, resolver: Int, count: Int) {
        for exchange in exchanges.prefix(count).sorted(by: { $0.received < $1.received }) {
            trackers[domain].take(exchange, resolver: resolver)
            let reading = Reading(
                of: exchange.outcome, domain: trackers[domain].domain, target: monitor.settings.target)
            let kind = WatchEvent.Kind.sample(
                resolver: resolver, reading, roundTrip: exchange.measuredRoundTrip)
            onEvent(WatchEvent(at: exchange.received, domain: domain, kind: kind), trackers[domain])
        }
        if let authority = exchanges.last?.startOfAuthority(of: trackers[domain].domain) {
            trackers[domain].record(serial: authority.serial, resolver: resolver)
        }
    }

    private mutating func conclude(_ domain: Int) {
        let now = monitor.clock.now()
        let events = trackers[domain].conclude(at: now)
        if !events.isEmpty { uninspected[domain] = trackers[domain].acceptedExchanges }
        for event in events {
            onEvent(WatchEvent(at: now, domain: domain, kind: .concluded(event)), trackers[domain])
        }
        isMet[domain] = trackers[domain].verdict(at: now).meets(condition)
    }
}
