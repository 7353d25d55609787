import DNS
import DNSClient
import Propagation

/// Something that a watch has seen.
package struct WatchEvent: Sendable {
    package enum Kind: Sendable {
        /// One sample of a resolver's MX came in.
        case sample(resolver: Int, Reading, roundTrip: Duration?)
        /// The authoritative servers have been asked; what they said is in the tracker.
        case polled
        /// News that the next run should know. It comes before the events about it.
        case learnt(News)
        /// The core drew a conclusion.
        case concluded(Event)
        /// An authoritative server has too many domains to ask about each as often as needed.
        case slowRound(WatchState.SlowRound)
    }

    package var at: Instant
    /// The domain's index in the watcher's list.
    package var domain: Int
    package var kind: Kind
}

/// The news of one answer or poll that the next run should know.
package struct News: Sendable {
    /// The resolvers with news.
    package var resolvers: Set<Int> = []
    /// Whether there is news of the domain as a whole, or of its authoritative servers.
    package var concernsDomain = false
    /// What the core concluded, in order.
    package var events: [Event] = []

    var isEmpty: Bool { resolvers.isEmpty && !concernsDomain && events.isEmpty }
}

/// How a watch ended, and what was known then.
package struct WatchResult: Sendable {
    package enum Ending: Sendable { case conditionMet, deadlinePassed, cancelled }
    package var trackers: [DomainTracker]
    package var ending: Ending
}

/// Follows domains until a condition is met: the driver of `WatchState` over a client and a clock.
///
///     state.next ──► questions ──► signals ──► state.take ──► events
///         ▲                                        │
///         └────────────── timer ◄──────────────────┘
package struct Watcher: Sendable {
    let monitor: Monitor
    let deadline: Instant?
    let onEvent: @Sendable (WatchEvent, DomainTracker) -> Void

    private var state: WatchState
    /// Accepted exchanges that were seen and still need a look, by domain.
    private var uninspected: [Int: Set<DomainName>] = [:]
    private var hasToldOfRound = false
    private var timer: Instant?
    private var toldUntil: Instant?

    /// Questions that are due within this time leave together: in a large watch, a wake-up for each visit would cost more
    /// than the visit.
    private static let shortestNap: Duration = .milliseconds(50)

    /// - Parameters:
    ///   - trackers: one per domain, made by the monitor; they may have earlier knowledge.
    ///   - rates: most queries per second to a resolver, if it is not `Configuration.defaultRate`.
    ///   - authorityRate: most queries per second to an authoritative server.
    ///   - seed: decides about jitter.
    ///   - onEvent: called in the order of events, between answers; must not block for long.
    package init(
        monitor: Monitor, trackers: [DomainTracker], condition: Condition, deadline: Instant? = nil,
        rates: [Endpoint: Double] = [:], authorityRate: Double = Configuration.defaultRate,
        seed: UInt64 = UInt64.random(in: .min ... .max),
        onEvent: @escaping @Sendable (WatchEvent, DomainTracker) -> Void
    ) {
        self.monitor = monitor
        self.deadline = deadline
        self.onEvent = onEvent
        state = WatchState(
            trackers: trackers, condition: condition,
            rates: monitor.resolvers.map { rates[$0.endpoint] ?? Configuration.defaultRate },
            authorityRate: authorityRate, seed: seed, at: monitor.clock.now())
    }

    /// Runs until the condition holds for every domain, the deadline passes, or the task is cancelled.
    package mutating func run() async -> WatchResult {
        let ending = await withTaskGroup(of: Signal.self) { group in
            defer { group.cancelAll() }
            while true {
                let now = monitor.clock.now()
                if let deadline, now >= deadline { return WatchResult.Ending.deadlinePassed }
                launchDue(in: &group, now: now)
                launchInspections(in: &group)
                if state.isComplete { return .conditionMet }
                armTimer(in: &group, now: now)
                guard let signal = await group.next(), !Task.isCancelled else { return .cancelled }
                take(signal)
                if state.isComplete { return .conditionMet }
            }
        }
        return WatchResult(trackers: state.trackers, ending: ending)
    }
}

// MARK: - What is due

extension Watcher {
    private enum Signal: Sendable {
        case asked(WatchState.Question, ResolverSamples.Told)
        case polled(WatchState.Poll, Result<Delegation, SearchError>?, [WatchState.PollAnswer])
        case inspected(domain: Int, [Warning])
        case timer(Instant)
    }

    private mutating func launchDue(in group: inout TaskGroup<Signal>, now: Instant) {
        while let step = state.next(at: now) {
            switch step {
            case .ask(let question): launch(question, in: &group)
            case .poll(let poll): launch(poll, in: &group)
            }
        }
    }

    private func launch(_ question: WatchState.Question, in group: inout TaskGroup<Signal>) {
        let samples = ResolverSamples(
            state.trackers[question.domain], resolver: question.resolver, samples: question.samples,
            asksSerial: question.asksSerial, asksNameServers: question.asksNameServers)
        let (client, target) = (monitor.client, monitor.settings.target)
        group.addTask {
            .asked(question, samples.told(await client.exchanges(samples.requests)[...], target: target))
        }
    }

    private func launch(_ poll: WatchState.Poll, in group: inout TaskGroup<Signal>) {
        let tracker = state.trackers[poll.domain]
        let (monitor, domain, known) = (monitor, tracker.domain, tracker.authority)
        group.addTask {
            let (search, answers) = await monitor.poll(
                domain, known: known, searches: poll.searches, scope: poll.scope)
            return .polled(poll, search, answers)
        }
    }

    private mutating func launchInspections(in group: inout TaskGroup<Signal>) {
        let inspection = monitor.inspection
        for (domain, names) in uninspected {
            group.addTask { .inspected(domain: domain, await inspection.warnings(for: names)) }
        }
        uninspected = [:]
    }

    /// Keeps a timer for the next instant with work to do, unless an earlier timer runs.
    private mutating func armTimer(in group: inout TaskGroup<Signal>, now: Instant) {
        let due = state.nextInstant(after: now).map { max($0, now + Self.shortestNap) }
        guard let next = [due, deadline].compactMap({ $0 }).min() else { return }
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
        let now = monitor.clock.now()
        switch signal {
        case .timer(let instant):
            if timer == instant { timer = nil }
        case .inspected(let domain, let warnings):
            state.take(exchangeWarnings: warnings, domain: domain)
        case .asked(let question, let told): take(told, for: question, at: now)
        case .polled(let poll, let search, let answers):
            let events = state.take(answers, search: search, for: poll, at: now)
            // An unchanged serial is saved with the next poll for the MX: to write it each time would cost more than the
            // question.
            let concernsDomain = !poll.scope.isWitness || !events.isEmpty
            tell(News(concernsDomain: concernsDomain, events: events), of: poll.domain, at: now)
            tell(.polled, of: poll.domain, at: now)
            if !hasToldOfRound, let round = state.slowRound {
                hasToldOfRound = true
                tell(.slowRound(round), of: poll.domain, at: now)
            }
            tell(events, of: poll.domain, at: now)
        }
    }

    private mutating func take(
        _ told: ResolverSamples.Told, for question: WatchState.Question, at now: Instant
    ) {
        let domain = question.domain
        let before = Knowledge(of: question, in: state)
        let events = state.take(
            told.samples, serial: told.serial?.0, nameServers: told.nameServers, for: question, at: now)
        tell(before.news(in: state, events, at: now), of: domain, at: now)
        for sample in told.samples {
            let kind = WatchEvent.Kind.sample(
                resolver: question.resolver, sample.reading, roundTrip: sample.roundTrip)
            tell(kind, of: domain, at: sample.received)
        }
        tell(events, of: domain, at: now)
    }

    private mutating func tell(_ events: [Event], of domain: Int, at now: Instant) {
        if !events.isEmpty { uninspected[domain] = state.trackers[domain].acceptedExchanges }
        for event in events {
            tell(.concluded(event), of: domain, at: now)
        }
    }

    private mutating func tell(_ news: News, of domain: Int, at now: Instant) {
        var news = news
        for case .transition(let resolver, _, _) in news.events { news.resolvers.insert(resolver) }
        guard !news.isEmpty else { return }
        let at = max(toldUntil ?? now, now)
        onEvent(WatchEvent(at: at, domain: domain, kind: .learnt(news)), state.trackers[domain])
    }

    /// Answers may overtake one another before they get here, but events always come in the order of time.
    private mutating func tell(_ kind: WatchEvent.Kind, of domain: Int, at instant: Instant) {
        toldUntil = max(toldUntil ?? instant, instant)
        onEvent(WatchEvent(at: toldUntil ?? instant, domain: domain, kind: kind), state.trackers[domain])
    }
}

/// The knowledge before an answer came, to see whether the answer brought news for the next run.
private struct Knowledge {
    private let question: WatchState.Question
    private let resolver: ResolverState
    private let proved: DomainTracker.Proved

    init(of question: WatchState.Question, in state: WatchState) {
        self.question = question
        resolver = state.trackers[question.domain].resolvers[question.resolver]
        proved = state.trackers[question.domain].proved
    }

    func news(in state: WatchState, _ events: [Event], at now: Instant) -> News {
        let index = question.resolver
        let policy = state.trackers[question.domain].policy
        let after = state.trackers[question.domain].resolvers[index]
        return News(
            resolvers: after.hasNews(since: resolver, at: now, policy: policy) ? [index] : [],
            concernsDomain: state.trackers[question.domain].proved != proved,
            events: events)
    }
}
