import DNS
import HeapModule
import Judging
import Lab
import Propagation

/// Drives the real core on simulated time: what `Watcher` does over a network, over a model.
///
///     state.next ──► questions ──► arrivals, by instant ──► state.take ──► a moment for the caller
///         ▲                                                     │
///         └───────── the clock jumps to what comes next ◄───────┘
///
/// Nothing waits, and only the world decides: the same world gives the same moments.
package struct Simulator: Sendable {
    package internal(set) var world: SimulatedWorld
    package private(set) var state: WatchState
    package private(set) var now = SimulatedWorld.origin
    package internal(set) var queries = QueryCount()
    package private(set) var sightings: Sightings
    var generator: SeededGenerator
    var arrivals = Heap<Arrival>()
    var jobs: [Job] = []
    private var freeJobs: [Int] = []
    /// When the next run begins; `nil` while one is under way.
    private var resumesAt: Instant?
    /// How many runs began.
    package private(set) var runs = 1
    /// When the last one began.
    package private(set) var runBegan = SimulatedWorld.origin
    private var interruptions: ArraySlice<Range<Instant>>
    private var arrivalCount: UInt32 = 0
    /// What the last search found.
    var lastFound: Delegation?

    /// A *moment*: something that happened; `state` is as it left it.
    package enum Moment: Sendable {
        case asked(WatchState.Question, [WatchState.Sample], [Event])
        case polled(WatchState.Poll, [WatchState.PollAnswer], [Event])
        /// An instant that the caller marked.
        case mark(Int)

        /// What the core concluded.
        package var events: [Event] {
            switch self {
            case .asked(_, _, let events), .polled(_, _, let events): events
            case .mark: []
            }
        }
    }

    /// Datagrams that left, with further tries.
    package struct QueryCount: Hashable, Sendable {
        package var mailExchanges = 0
        package var serials = 0
        package var authority = 0
        package var total: Int { mailExchanges + serials + authority }
    }

    /// The client's defaults: how long a try waits, and how many there are.
    static let timeout: Duration = .seconds(2)
    static let tries: UInt8 = 3

    /// - Parameter marks: instants at which the caller wants a moment.
    package init(_ world: SimulatedWorld, marks: [Instant] = []) {
        self.world = world
        interruptions = world.interruptions[...]
        sightings = Sightings(world.facts)
        generator = SeededGenerator(seed: world.seed ^ 0x5EED)
        state = world.watchState(world.tracker, seed: ~world.seed, at: now)
        for (index, visit) in world.visits.enumerated() {
            if visit.at < now { pay(visit, at: visit.at) } else { arrive(at: visit.at, .visit(index)) }
        }
        for (index, mark) in marks.enumerated() { arrive(at: mark, .mark(index)) }
    }

    /// The domain's tracker.
    package var tracker: DomainTracker { _read { yield state.trackers[0] } }

    /// Goes on to the next moment; `nil` at the end.
    package mutating func next() -> Moment? {
        while true {
            while resumesAt == nil, let step = state.next(at: now) {
                switch step {
                case .ask(let question): launch(question)
                case .poll(let poll): launch(poll)
                }
            }
            if state.isComplete, !world.watch.goesOn, resumesAt == nil { return nil }
            guard let arrival = advance() else { return nil }
            if let moment = handle(arrival) { return moment }
        }
    }

    /// Moves the clock on.
    ///
    /// - Returns: what arrives then; without content where the core is due first; `nil` at the world's end.
    private mutating func advance() -> Arrival? {
        if let next = interruptions.first, resumesAt == nil, isReached(next.lowerBound) {
            interrupt(until: next.upperBound)
        }
        let wanted = resumesAt ?? state.nextInstant(after: now)
        if let arrival = arrivals.min, wanted.map({ arrival.at <= $0 }) ?? true {
            guard arrival.at < world.end else { return nil }
            arrivals.removeMin()
            now = max(now, awake(arrival.at))
            return arrival
        }
        guard let wanted, wanted < world.end else { return nil }
        now = max(now, awake(wanted))
        if resumesAt != nil { resume() }
        return Arrival(at: now, number: 0, content: .wake)
    }

    /// Whether nothing happens before `instant`.
    private mutating func isReached(_ instant: Instant) -> Bool {
        let next = [arrivals.min?.at, state.nextInstant(after: now)].compactMap { $0 }.min()
        return next.map { $0 >= instant } ?? true
    }

    /// Ends the run as SIGKILL does: what is under way is lost.
    private mutating func interrupt(until instant: Instant) {
        interruptions.removeFirst()
        resumesAt = instant
        let kept = arrivals.unordered.filter { arrival in
            switch arrival.content {
            case .visit, .mark: true
            case .leaves, .reaches, .answered, .wake: false
            }
        }
        arrivals = Heap(kept)
        jobs = []
        freeJobs = []
        lastFound = nil
    }

    /// Begins the next run, with the last one's recollection.
    private mutating func resume() {
        resumesAt = nil
        runs += 1
        runBegan = now
        let again = world.watch.isSaidAgain ? world.watch.policy.previousTTL : nil
        var next = world.tracker(previousTTL: world.watch.laterTTL ?? again)
        next.recall(tracker.recollection(at: now), at: now)
        state = world.watchState(next, seed: generator.next(), at: now)
    }

    /// When the machine is next awake, at `instant` or later.
    private func awake(_ instant: Instant) -> Instant {
        world.sleeps.first { $0.contains(instant) }?.upperBound ?? instant
    }

    private mutating func handle(_ arrival: Arrival) -> Moment? {
        // What arrives while the machine sleeps is lost, and missed when it wakes.
        let isMissed = arrival.at < now && awake(arrival.at) != arrival.at
        switch arrival.content {
        case .wake: return nil
        case .mark(let index): return .mark(index)
        case .visit(let index):
            pay(world.visits[index], at: arrival.at)
            return nil
        case .leaves(let exchange):
            leave(exchange)
            return nil
        case .reaches(let exchange):
            isMissed ? tryAgain(exchange) : reach(exchange)
            return nil
        case .answered(let exchange):
            if isMissed {
                tryAgain(exchange)
                return nil
            }
            jobs[exchange.job].slots[exchange.slot].received = now
            return settle(exchange.job)
        }
    }

    /// Counts one exchange of a job as done; after the last, hands the job to the core.
    mutating func settle(_ index: Int) -> Moment? {
        jobs[index].pending -= 1
        guard jobs[index].pending == 0 else { return nil }
        let job = jobs[index]
        jobs[index].slots = []
        freeJobs.append(index)
        switch job.task {
        case .question(let question): return settle(question, job.slots)
        case .poll(let poll, let search, let servers):
            return settle(poll, search, servers, job.slots)
        }
    }

    private mutating func settle(_ question: WatchState.Question, _ slots: [Job.Slot]) -> Moment {
        let mx = slots.prefix(question.samples)
        for slot in mx.sorted(by: { $0.received < $1.received }) {
            sightings.note(resolver: question.resolver, slot.message, at: slot.received)
        }
        var rest = slots.dropFirst(question.samples)
        let serial = question.asksSerial ? rest.popFirst().flatMap { startOfAuthority($0)?.serial } : nil
        var nameServers: WatchState.NameServerCopy?
        if question.asksNameServers, let slot = rest.popFirst() {
            sightings.note(nameServers: slot.message)
            nameServers = slot.nameServers
        }
        let samples = mx.map { sample($0, of: world.domain) }
        return .asked(
            question, samples,
            state.take(samples, serial: serial, nameServers: nameServers, for: question, at: now))
    }

    private mutating func settle(
        _ poll: WatchState.Poll, _ search: Result<Delegation, SearchError>?,
        _ servers: [AuthorityIdentity], _ slots: [Job.Slot]
    ) -> Moment {
        var shown: [(server: Int, message: Message?, asked: Instant)] = []
        var rest = slots[...]
        let answers = servers.map { server in
            let wanted = poll.scope.questions(for: server)
            let mx = rest.prefix(wanted.mx)
            rest = rest.dropFirst(wanted.mx)
            shown += mx.map { (world.authorityIndex(server), $0.message, $0.left) }
            let samples = mx.map { sample($0, of: server.alias ?? world.domain) }
            guard wanted.serial, let soa = rest.popFirst(), soa.message?.isAuthoritative ?? false,
                mx.allSatisfy({ (soa.left - $0.left).isWithinASecond })
            else { return WatchState.PollAnswer(server, samples) }
            return WatchState.PollAnswer(server, samples, startOfAuthority(soa), at: soa.received)
        }
        sightings.note(poll: shown, isComplete: !poll.scope.isWitness, at: now)
        return .polled(poll, answers, state.take(answers, search: search, for: poll, at: now))
    }

    mutating func arrive(at instant: Instant, _ content: Arrival.Content) {
        arrivalCount &+= 1
        arrivals.insert(Arrival(at: instant, number: arrivalCount, content: content))
    }

    mutating func add(_ job: Job) -> Int {
        guard let index = freeJobs.popLast() else {
            jobs.append(job)
            return jobs.count - 1
        }
        jobs[index] = job
        return index
    }
}

extension Duration {
    fileprivate var isWithinASecond: Bool { self > .seconds(-1) && self < .seconds(1) }
}
