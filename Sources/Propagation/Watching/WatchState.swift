import DNS

/// A watch over many domains, as a state machine without clock, socket or task: says what to ask now, takes
/// in what came of it, and draws the conclusions.
///
///     next(at:) ──► .ask, .poll ──► (the driver asks) ──► take(…) ──► events
///         ▲                                                │
///         └────────────── the agenda, planned anew ◄───────┘
///
/// The monitor drives it over a network and in real time, the simulation over a model and on simulated time.
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
    /// When they were last asked for the MX, and not for what tells whether it changed alone.
    private var fullPolledAt: [Instant?]
    private(set) var load: ServerLoad
    /// Domains whose authoritative servers have not been asked yet.
    private(set) var unpolled: Int
    /// Domains that want another look at their authoritative servers when the poll under way is over.
    private var wantsCloserLook: Set<Int> = []
    /// Whether resolvers were planned on the understanding that they may flip.
    private var mayFlip: [Bool]

    /// One step of a watch.
    package enum Step: Sendable {
        /// Ask a resolver.
        case ask(Question)
        /// Ask the authoritative servers.
        case poll(Poll)
    }

    /// A question for one resolver: several samples of the MX at once, and the SOA if it is due.
    package struct Question: Sendable {
        package var visit: Agenda.Visit
        package var resolver: Int
        package var samples: Int
        package var asksSerial: Bool
        /// Whether the resolver is asked for its copy of the zone's NS RRset as well: once in a run.
        package var asksNameServers = false
        package var domain: Int { visit.domain }
    }

    /// A poll of all authoritative servers of one domain.
    package struct Poll: Sendable {
        package var visit: Agenda.Visit
        /// Whether the delegation is to be looked up first.
        package var searches: Bool
        package var scope = PollScope()
        package var domain: Int { visit.domain }
    }

    /// What a poll asks the servers.
    package struct PollScope: Sendable {
        /// How many source ports each server is asked for the MX from: back ends behind one address may differ.
        package var samples = 1
        /// Whether one question a server is enough: whether anything was edited.
        package var isWitness = false
        /// The servers whose serial tells that.
        package var tellingSerials: [AuthorityIdentity] = []
        /// Whether all other polls of these servers can wait: a level is due.
        package var goesFirst = false

        package init() {}

        /// As a level needs it.
        package static var decisive: PollScope {
            var scope = PollScope()
            scope.samples = Schedule.portsOfServer
            return scope
        }

        /// How often a server is asked for its MX, and whether for its SOA.
        package func questions(for server: AuthorityIdentity) -> (mx: Int, serial: Bool) {
            isWitness ? (tellingSerials.contains(server) ? (0, true) : (1, false)) : (samples, true)
        }

        /// The types that a server is asked for, in order: the MX, then the SOA.
        package func types(for server: AuthorityIdentity) -> [RecordType] {
            let wanted = questions(for: server)
            return Array(repeating: .mx, count: wanted.mx) + (wanted.serial ? [.soa] : [])
        }
    }

    /// One answer about the MX, or its absence.
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
        /// What is left of its TTL.
        package var remaining: TTL
        package var received: Instant

        package init(_ names: [DomainName], remaining: TTL, received: Instant) {
            self.names = names
            self.remaining = remaining
            self.received = received
        }
    }

    /// What one authoritative server told in a poll.
    package struct PollAnswer: Sendable {
        package var server: AuthorityIdentity
        /// The worst that a resolver may get of it, where several ports were asked from; `nil` where it was asked for its
        /// serial alone.
        package var sample: Sample?
        /// Whether every port was told that the server does not know the zone, and there were several.
        package var isDenied: Bool
        /// Whether some ports were given the target, and others something else.
        package var isMixed: Bool
        package var startOfAuthority: StartOfAuthority?
        /// When that came.
        package var serialReceived: Instant?
        /// The owner of that SOA.
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
    ///   - rates: queries a second that each resolver may get, in the trackers' order.
    ///   - authorityRate: queries a second that an authoritative server may get.
    ///   - seed: decides about jitter.
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

    /// The next thing to be done at `now`; `nil` where nothing is due, or rates and limits forbid it.
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
        // Before a level is called reached the delegation is looked up too: it may have moved since.
        let isRecent = searchedAt[visit.domain].map { now - $0 < Schedule.searchInterval } ?? false
        var scope = isDecisive ? PollScope.decisive : PollScope()
        scope.goesFirst = visit.due.purpose == .level
        return Poll(visit: visit, searches: searches(visit, isRecent: isRecent), scope: scope)
    }

    private func searches(_ visit: Agenda.Visit, isRecent: Bool) -> Bool {
        if PlantedFault.searchedOnlyOnce.isPlanted { return searchedAt[visit.domain] == nil }
        return !isRecent || visit.due.purpose == .level
    }

    /// When `next` has something to give again, as far as is known now.
    package mutating func nextInstant(after now: Instant) -> Instant? { agenda.nextInstant(after: now) }

    /// What is planned for one domain at one server, and why; `nil` while it is being asked.
    package func planned(domain: Int, server: Agenda.Server) -> Due? {
        agenda.planned(domain: domain, server: server)
    }

    private mutating func question(_ visit: Agenda.Visit, resolver: Int, at now: Instant) -> Question {
        let samples =
            visit.due.purpose == .first
            ? max(Schedule.firstSamples, trackers[visit.domain].policy.confirmations) : 1
        let asksSerial = trackers[visit.domain].resolvers[resolver].wantsSerial(at: now)
        // Which zone the domain is in, the first search tells.
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
    /// Takes in what a resolver told.
    ///
    /// - Returns: the conclusions, in order.
    package mutating func take(
        _ samples: [Sample], serial: SerialNumber?, nameServers: NameServerCopy? = nil,
        for question: Question, at now: Instant
    ) -> [Event] {
        agenda.finish(question.visit)
        let (domain, resolver) = (question.domain, question.resolver)
        // The core takes them in the order in which they came.
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

    /// Takes in what a poll of the authoritative servers told.
    ///
    /// - Parameters:
    ///   - answers: one a server.
    ///   - search: what a search for the servers found, or why it failed; `nil` where none was made.
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
        // What the edit was, the MX tells.
        let isMoved = poll.scope.isWitness && trackers[domain].authority.hasMovedSerial
        planAuthority(isMoved ? Due(now, .regression) : nextPoll(of: domain, after: now), of: domain)
        if wantsCloserLook.remove(domain) != nil { planCloserLook(at: domain, now) }
        return events
    }

    /// Takes in what is known of the accepted exchanges' own names.
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
        // A level that has come near, or gone, moves the next look at those who confirm it.
        if !events.isEmpty { planConfirmation(of: domain, at: now) }
        if trackers[domain].hasUnexaminedCopy || events.contains(where: \.isTurnBack) {
            planCloserLook(at: domain, now)
        }
        return events
    }

    private mutating func planResolver(_ resolver: Int, of domain: Int, at now: Instant) {
        // Not yet asked at all: its first sweep is planned already.
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

    /// A poll that is planned is never put off: it may be there for something that has just come up. One that only
    /// witnesses takes the place of none that asks more.
    private mutating func planAuthority(_ due: Due, of domain: Int) {
        var due = due
        if let planned = agenda.planned(domain: domain, server: .authority), planned.at <= due.at {
            guard planned.purpose == .witness, due.purpose == .regression else { return }
            due.at = planned.at
        }
        agenda.plan(due, domain: domain, server: .authority)
    }

    /// A resolver's copy names servers that are to be found and asked.
    private mutating func planSearch(of domain: Int, at now: Instant) {
        searchedAt[domain] = nil
        planAuthority(Due(now, .publication), of: domain)
    }

    /// A resolver that turns back may be the first to tell of a rollback.
    private mutating func planCloserLook(at domain: Int, _ now: Instant) {
        guard asksAuthority, trackers[domain].publishedAt != nil, let last = fullPolledAt[domain] else {
            return
        }
        // What a poll under way brings may be from before.
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
