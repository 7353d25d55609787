import DNS

/// A *watch* over many domains: a state machine without clock, socket or task. It says what to ask, and
/// concludes.
///
///     next(at:) ──► .ask, .poll ──► (the driver asks) ──► take(…) ──► events
///         ▲                                                │
///         └────────────── the agenda, planned anew ◄───────┘
///
/// The monitor drives it over a network in real time, the simulation over a model on simulated time.
package struct WatchState: Sendable {
    package private(set) var trackers: [DomainTracker]
    package let condition: Condition
    private var agenda: Agenda
    private var generator: SeededGenerator
    private let asksAuthority: Bool
    private var isMet: [Bool]
    private var metCount = 0
    private var searchedAt: [Instant?]
    private var polledAt: [Instant?]
    /// The last poll that was not a witness poll.
    private var fullPolledAt: [Instant?]
    private(set) var load: ServerLoad
    /// Domains not yet polled.
    private(set) var unpolled: Int
    /// Domains to poll again once the poll under way is over.
    private var wantsCloserLook: Set<Int> = []
    /// `DomainTracker.mayFlip` when the resolvers were last planned.
    private var mayFlip: [Bool]

    package enum Step: Sendable {
        case ask(Question)
        case poll(Poll)
    }

    /// Asks one resolver: several samples of the MX at once, and the SOA if it is due.
    package struct Question: Sendable {
        package var visit: Agenda.Visit
        package var resolver: Int
        package var samples: Int
        package var asksSerial: Bool
        /// Whether to ask for its copy of the zone's NS RRset too: once in a run.
        package var asksNameServers = false
        package var domain: Int { visit.domain }
    }

    /// A *poll*: asks all authoritative servers of one domain.
    package struct Poll: Sendable {
        package var visit: Agenda.Visit
        /// Whether to search the delegation first.
        package var searches: Bool
        package var scope = PollScope()
        package var domain: Int { visit.domain }
    }

    /// What a poll asks each server.
    package struct PollScope: Sendable {
        /// From how many source ports the MX is asked: back ends behind one address may differ.
        package var samples = 1
        /// Whether this is a witness poll: one question a server tells whether the zone was edited.
        package var isWitness = false
        /// The servers whose serial tells that; others are asked for the MX.
        package var tellingSerials: [AuthorityIdentity] = []
        /// Whether other polls of these servers wait: a level is due.
        package var goesFirst = false

        package init() {}

        /// As publication and levels need it.
        package static var decisive: PollScope {
            var scope = PollScope()
            scope.samples = Schedule.portsOfServer
            return scope
        }

        /// How often a server is asked for the MX, and whether for the SOA.
        package func questions(for server: AuthorityIdentity) -> (mx: Int, serial: Bool) {
            isWitness ? (tellingSerials.contains(server) ? (0, true) : (1, false)) : (samples, true)
        }

        /// The types to ask for, in order.
        package func types(for server: AuthorityIdentity) -> [RecordType] {
            let wanted = questions(for: server)
            return Array(repeating: .mx, count: wanted.mx) + (wanted.serial ? [.soa] : [])
        }
    }

    /// A *sample*: one answer about the MX, or silence.
    package struct Sample: Sendable {
        package var reading: Reading
        package var received: Instant
        /// `nil` where nothing came back.
        package var roundTrip: Duration?

        package init(_ reading: Reading, received: Instant, roundTrip: Duration? = nil) {
            self.reading = reading
            self.received = received
            self.roundTrip = roundTrip
        }
    }

    /// A resolver's copy of the zone's NS RRset.
    package struct NameServerCopy: Sendable, Equatable {
        package var names: [DomainName]
        /// What is left of the TTL.
        package var remaining: TTL
        package var received: Instant

        package init(_ names: [DomainName], remaining: TTL, received: Instant) {
            self.names = names
            self.remaining = remaining
            self.received = received
        }
    }

    /// One authoritative server's answers in a poll.
    package struct PollAnswer: Sendable {
        package var server: AuthorityIdentity
        /// The worst of its samples: a resolver may get it. `nil` where only the serial was asked for.
        package var sample: Sample?
        /// Whether several ports were asked from, and each was told that the zone is unknown.
        package var isDenied: Bool
        /// Whether some ports were given the target, and others not.
        package var isMixed: Bool
        package var startOfAuthority: StartOfAuthority?
        package var serialReceived: Instant?
        /// The SOA's owner.
        package var zone: DomainName?

        package init(
            _ server: AuthorityIdentity, _ sample: Sample, _ startOfAuthority: StartOfAuthority? = nil,
            zone: DomainName? = nil
        ) {
            self.init(server, [sample], startOfAuthority, at: sample.received, zone: zone)
        }

        /// - Parameter samples: each from a source port of its own.
        package init(
            _ server: AuthorityIdentity, _ samples: [Sample], _ startOfAuthority: StartOfAuthority? = nil,
            at serialReceived: Instant? = nil, zone: DomainName? = nil
        ) {
            self.server = server
            sample = samples.max { $0.reading.isPreferable(to: $1.reading) }
            isDenied = samples.count > 1 && samples.allSatisfy(\.reading.deniesZone)
            let told = samples.lazy.map(\.reading).filter { $0.isAuthoritative && $0.state.isInformative }
            isMixed = told.contains { $0.state == .target } && told.contains { $0.state != .target }
            self.startOfAuthority = startOfAuthority
            self.serialReceived = serialReceived ?? samples.last?.received
            self.zone = zone
        }
    }

    /// - Parameters:
    ///   - trackers: one a domain, all with the same resolvers.
    ///   - rates: queries a second for each resolver, in the trackers' order.
    ///   - authorityRate: queries a second for each authoritative server.
    ///   - seed: of the jitter.
    package init(
        trackers: [DomainTracker], condition: Condition, rates: [Double], authorityRate: Double = 20,
        seed: UInt64, at now: Instant
    ) {
        self.trackers = trackers
        self.condition = condition
        agenda = Agenda(domains: trackers.count, rates: rates, at: now)
        generator = SeededGenerator(seed: seed)
        asksAuthority = trackers.first?.asksAuthority ?? false
        isMet = Array(repeating: false, count: trackers.count)
        searchedAt = Array(repeating: nil, count: trackers.count)
        polledAt = Array(repeating: nil, count: trackers.count)
        fullPolledAt = polledAt
        load = ServerLoad(domains: trackers.count, rate: authorityRate)
        unpolled = trackers.count
        mayFlip = Array(repeating: true, count: trackers.count)
        for domain in trackers.indices {
            if asksAuthority { agenda.plan(Due(now, .first), domain: domain, server: .authority) }
            for resolver in rates.indices {
                agenda.plan(Due(now, .first), domain: domain, server: .resolver(resolver))
            }
        }
    }

    /// Whether every domain meets the condition.
    package var isComplete: Bool { metCount == trackers.count }

    /// The next step at `now`; `nil` where nothing is due, or rates and limits forbid it.
    package mutating func next(at now: Instant) -> Step? {
        guard let visit = agenda.take(at: now) else { return nil }
        switch visit.server {
        case .resolver(let resolver): return .ask(question(visit, resolver: resolver, at: now))
        case .authority: return .poll(poll(visit, at: now))
        }
    }

    private func poll(_ visit: Agenda.Visit, at now: Instant) -> Poll {
        if visit.due.purpose == .witness {
            var scope = PollScope()
            scope.isWitness = true
            scope.tellingSerials = trackers[visit.domain].authority.tellingSerials
            return Poll(visit: visit, searches: false, scope: scope)
        }
        let isDecisive =
            visit.due.purpose == .level || trackers[visit.domain].publishedAt == nil
            || trackers[visit.domain].authority.unsettledUntil != nil
            || trackers[visit.domain].authority.hasMovedSerial
        // A level's confirmation includes a search: the delegation may have moved.
        let isRecent = searchedAt[visit.domain].map { now - $0 < Schedule.searchInterval } ?? false
        var scope = isDecisive ? PollScope.decisive : PollScope()
        scope.goesFirst = visit.due.purpose == .level
        return Poll(visit: visit, searches: searches(visit, isRecent: isRecent), scope: scope)
    }

    private func searches(_ visit: Agenda.Visit, isRecent: Bool) -> Bool {
        if PlantedFault.searchedOnlyOnce.isPlanted { return searchedAt[visit.domain] == nil }
        return !isRecent || visit.due.purpose == .level
    }

    /// When `next` next gives something, as far as known.
    package mutating func nextInstant(after now: Instant) -> Instant? { agenda.nextInstant(after: now) }

    /// What is planned for one domain at one server; `nil` while a visit is under way.
    package func planned(domain: Int, server: Agenda.Server) -> Due? {
        agenda.planned(domain: domain, server: server)
    }

    private mutating func question(_ visit: Agenda.Visit, resolver: Int, at now: Instant) -> Question {
        let samples =
            visit.due.purpose == .first
            ? max(Schedule.firstSamples, trackers[visit.domain].policy.confirmations) : 1
        let asksSerial = trackers[visit.domain].resolvers[resolver].wantsSerial(at: now)
        // The first search finds the zone.
        let asksNameServers =
            trackers[visit.domain].authority.zone != nil
            && trackers[visit.domain].wantsNameServers(ofResolver: resolver, at: now)
        let more = (asksSerial ? 1 : 0) + (asksNameServers ? 1 : 0)
        agenda.charge(samples - 1 + more, to: visit.server)
        return Question(
            visit: visit, resolver: resolver, samples: samples, asksSerial: asksSerial,
            asksNameServers: asksNameServers)
    }
}

// MARK: - What came in

extension WatchState {
    /// Takes in a resolver's answers.
    ///
    /// - Returns: the conclusions, in order.
    package mutating func take(
        _ samples: [Sample], serial: SerialNumber?, nameServers: NameServerCopy? = nil,
        for question: Question, at now: Instant
    ) -> [Event] {
        agenda.finish(question.visit)
        let (domain, resolver) = (question.domain, question.resolver)
        for sample in samples.sorted(by: { $0.received < $1.received }) {
            trackers[domain].record(
                sample.reading, resolver: resolver, at: sample.received, roundTrip: sample.roundTrip)
        }
        if let serial { trackers[domain].record(serial: serial, resolver: resolver, at: now) }
        if question.asksNameServers,
            trackers[domain].record(nameServers: nameServers, resolver: resolver)
        {
            planSearch(of: domain, at: now)
        }
        let events = conclude(domain, at: now)
        planResolver(resolver, of: domain, at: now)
        return events
    }

    /// Takes in a poll's answers.
    ///
    /// - Parameters:
    ///   - answers: one a server.
    ///   - search: the result of the search; `nil` where none was made.
    /// - Returns: the conclusions, in order.
    package mutating func take(
        _ answers: [PollAnswer], search: Result<Delegation, SearchError>?, for poll: Poll, at now: Instant
    ) -> [Event] {
        agenda.finish(poll.visit)
        let domain = poll.domain
        if polledAt[domain] == nil { unpolled -= 1 }
        polledAt[domain] = now
        if !poll.scope.isWitness { fullPolledAt[domain] = now }
        if case .success? = search { searchedAt[domain] = now }
        trackers[domain].authority.take(search, at: now)
        trackers[domain].authority.take(answers)
        load.note(trackers[domain].authority.polled.map(\.endpoint), of: domain)
        let events = conclude(domain, at: now)
        // The MX shows what the edit was.
        let isMoved = poll.scope.isWitness && trackers[domain].authority.hasMovedSerial
        planAuthority(isMoved ? Due(now, .regression) : nextPoll(of: domain, after: now), of: domain)
        if wantsCloserLook.remove(domain) != nil { planCloserLook(at: domain, now) }
        return events
    }

    /// Takes in the warnings about the accepted exchanges' own names.
    package mutating func take(exchangeWarnings: [Warning], domain: Int) {
        trackers[domain].exchangeWarnings = exchangeWarnings
    }

    private mutating func conclude(_ domain: Int, at now: Instant) -> [Event] {
        let events = trackers[domain].conclude(at: now)
        let meets = trackers[domain].meets(condition)
        if meets != isMet[domain] {
            isMet[domain] = meets
            metCount += meets ? 1 : -1
        }
        if trackers[domain].mayFlip != mayFlip[domain] {
            mayFlip[domain].toggle()
            for resolver in trackers[domain].resolvers.indices { planResolver(resolver, of: domain, at: now) }
        }
        // Events may change which level is due, and who must confirm it.
        if !events.isEmpty { planConfirmation(of: domain, at: now) }
        if trackers[domain].hasUnexaminedCopy || events.contains(where: \.isTurnBack) {
            planCloserLook(at: domain, now)
        }
        return events
    }

    private mutating func planResolver(_ resolver: Int, of domain: Int, at now: Instant) {
        // Before the first answer its first visit is planned already.
        guard trackers[domain].resolvers[resolver].hasBeenAsked else { return }
        let jitter = Double.random(in: 0...1, using: &generator)
        let due = trackers[domain].resolvers[resolver].nextSample(
            after: now, jitter: jitter, policy: trackers[domain].policy, mayFlip: mayFlip[domain],
            level: trackers[domain].authorityHasSay ? nil : trackers[domain].nextLevelDue)
        agenda.plan(due, domain: domain, server: .resolver(resolver))
    }

    private func nextPoll(of domain: Int, after last: Instant) -> Due {
        trackers[domain].nextPoll(
            after: last, full: fullPolledAt[domain], pace: load.pace(of: domain))
    }

    /// A planned poll is never put off: it may just be needed. A witness poll replaces none that asks more.
    private mutating func planAuthority(_ due: Due, of domain: Int) {
        var due = due
        if let planned = agenda.planned(domain: domain, server: .authority), planned.at <= due.at {
            guard planned.purpose == .witness, due.purpose == .regression else { return }
            due.at = planned.at
        }
        agenda.plan(due, domain: domain, server: .authority)
    }

    /// A resolver's copy names servers to find and ask.
    private mutating func planSearch(of domain: Int, at now: Instant) {
        searchedAt[domain] = nil
        planAuthority(Due(now, .publication), of: domain)
    }

    /// A *closer look* is an early poll: a resolver that turns back may be the first to show a rollback.
    private mutating func planCloserLook(at domain: Int, _ now: Instant) {
        guard asksAuthority, trackers[domain].publishedAt != nil, let last = fullPolledAt[domain] else {
            return
        }
        // A poll under way may bring answers from before.
        guard agenda.planned(domain: domain, server: .authority) != nil else {
            wantsCloserLook.insert(domain)
            return
        }
        let soon = max(now, last + trackers[domain].policy.publicationInterval)
        planAuthority(Due(soon, .regression), of: domain)
    }

    private mutating func planConfirmation(of domain: Int, at now: Instant) {
        if asksAuthority, let last = polledAt[domain] {
            planAuthority(nextPoll(of: domain, after: last), of: domain)
        }
        guard !trackers[domain].authorityHasSay, trackers[domain].nextLevelDue != nil else { return }
        for resolver in trackers[domain].resolvers.indices { planResolver(resolver, of: domain, at: now) }
    }
}
