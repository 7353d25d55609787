import DNS
import Lab
import Propagation

/// One question to one server, as a place in a job.
struct ExchangePlace: Hashable, Sendable {
    var job: Int
    var slot: Int
    var attempt: UInt8
}

/// Something that happens at an instant.
struct Arrival: Comparable, Sendable {
    enum Content: Hashable, Sendable {
        case leaves(ExchangePlace)
        case reaches(ExchangePlace)
        case answered(ExchangePlace)
        case visit(Int)
        case mark(Int)
        case wake
    }

    var at: Instant
    /// Of two at the same instant, the lower number goes first.
    var number: UInt32
    var content: Content

    static func < (left: Arrival, right: Arrival) -> Bool {
        left.at != right.at ? left.at < right.at : left.number < right.number
    }
    static func == (left: Arrival, right: Arrival) -> Bool { left.number == right.number }
}

/// A *job*: one step of the core, and its exchanges.
struct Job: Sendable {
    enum Task: Sendable {
        case question(WatchState.Question)
        case poll(WatchState.Poll, Result<Delegation, SearchError>?, servers: [AuthorityIdentity])
    }

    struct Slot: Sendable {
        var server: LabServerID
        var question: Question
        var outcome = Outcome.silent(.timeout)
        var left = SimulatedWorld.origin
        var received = SimulatedWorld.origin
    }

    var task: Task
    var slots: [Slot]
    var pending: Int

    init(_ task: Task, _ slots: [Slot]) {
        self.task = task
        self.slots = slots
        pending = slots.count
    }
}

extension Simulator {
    mutating func launch(_ question: WatchState.Question) {
        let mx = Job.Slot(server: .resolver(question.resolver), question: world.question)
        var slots = Array(repeating: mx, count: question.samples)
        if question.asksSerial {
            slots.append(Job.Slot(server: mx.server, question: Question(world.domain, .soa)))
        }
        if question.asksNameServers {
            let zone = tracker.authority.zone ?? world.domain
            slots.append(Job.Slot(server: mx.server, question: Question(zone, .ns)))
        }
        launch(Job(.question(question), slots))
    }

    mutating func launch(_ poll: WatchState.Poll) {
        let search = poll.searches ? search() : nil
        let servers: [AuthorityIdentity]
        if isNothingNew(search) {
            servers = tracker.authority.polled
        } else {
            var authority = tracker.authority
            authority.take(search, at: now)
            servers = authority.polled
        }
        let slots = servers.flatMap { server in
            poll.scope.types(for: server).map { type in
                Job.Slot(
                    server: .authority(world.authorityIndex(server)),
                    question: Question(server.alias ?? world.domain, type))
            }
        }
        let job = Job(.poll(poll, search, servers: servers), slots)
        guard slots.isEmpty else { return launch(job) }
        // Without servers the poll ends as a failed search does, some tries later.
        let index = add(job)
        jobs[index].pending = 1
        jobs[index].slots = [Job.Slot(server: .authority(0), question: world.question)]
        arrive(
            at: now + Self.timeout, .answered(ExchangePlace(job: index, slot: 0, attempt: Self.tries)))
    }

    private mutating func isNothingNew(_ search: Result<Delegation, SearchError>?) -> Bool {
        guard case .success(let found)? = search else { return !tracker.authority.servers.isEmpty }
        defer { lastFound = found }
        return found == lastFound
    }

    private mutating func search() -> Result<Delegation, SearchError> {
        if generator.happens(world.watch.searchFailures) {
            return .failure(SearchError("no resolver told the name servers"))
        }
        var found = world.delegation(at: now, following: tracker.authority.namesToFollow(at: now))
        if let left = world.watch.rotatingServers.randomElement(using: &generator) {
            found.servers.removeAll { world.authorityIndex($0) == left }
        }
        return .success(found)
    }

    private mutating func launch(_ job: Job) {
        let index = add(job)
        for slot in job.slots.indices { leave(ExchangePlace(job: index, slot: slot, attempt: 1)) }
    }

    /// Sends one datagram.
    mutating func leave(_ exchange: ExchangePlace) {
        jobs[exchange.job].slots[exchange.slot].left = now
        let server = jobs[exchange.job].slots[exchange.slot].server
        count(jobs[exchange.job].slots[exchange.slot])
        let link = link(to: server)
        let fault = link.fault(at: now)
        if fault == .noRoute {
            jobs[exchange.job].slots[exchange.slot].outcome = .silent(.noRoute("no route to host"))
            return arrive(at: now, .answered(exchange))
        }
        if fault == .silent || generator.happens(link.loss) {
            return giveUp(exchange)
        }
        let delay = generator.duration(in: link.delay)
        if link.isSlowOutward {
            arrive(at: now + delay, .reaches(exchange))
        } else {
            ask(exchange)
            arrive(at: now + delay, .answered(exchange))
        }
    }

    /// The datagram reaches its server, which answers at once.
    mutating func reach(_ exchange: ExchangePlace) {
        ask(exchange)
        arrive(at: now, .answered(exchange))
    }

    /// Plans what follows the try's timeout.
    private mutating func giveUp(_ exchange: ExchangePlace) {
        if exchange.attempt < Self.tries {
            var again = exchange
            again.attempt += 1
            arrive(at: now + Self.timeout, .leaves(again))
        } else {
            jobs[exchange.job].slots[exchange.slot].outcome = .silent(.timeout)
            arrive(at: now + Self.timeout, .answered(exchange))
        }
    }

    /// Sends another try, or ends in silence.
    mutating func tryAgain(_ exchange: ExchangePlace) {
        guard exchange.attempt < Self.tries else {
            jobs[exchange.job].slots[exchange.slot].outcome = .silent(.timeout)
            return arrive(at: now, .answered(exchange))
        }
        var again = exchange
        again.attempt += 1
        leave(again)
    }

    private mutating func count(_ slot: Job.Slot) {
        switch slot.server {
        case .authority: queries.authority += 1
        case .resolver where slot.question.type == .mx: queries.mailExchanges += 1
        case .resolver: queries.serials += 1
        }
    }

    private func link(to server: LabServerID) -> Link {
        switch server {
        case .authority(let index): world.authorityLinks[index]
        case .resolver(let index): world.resolverLinks[index]
        }
    }

    /// Lets the model answer now.
    private mutating func ask(_ exchange: ExchangePlace) {
        let slot = jobs[exchange.job].slots[exchange.slot]
        jobs[exchange.job].slots[exchange.slot].outcome = outcome(of: slot)
    }

    private mutating func outcome(of slot: Job.Slot) -> Outcome {
        switch link(to: slot.server).fault(at: now) {
        case .denying: return .response(Message(responseCode: .nameError, question: slot.question))
        case .captive: return .response(.ofPortal(slot.question))
        case .garbage: return .malformed(reason: "octets that are no message")
        case .failing(let code): return .response(Message(responseCode: code, question: slot.question))
        case .filtering(let code):
            let edns = EDNS(payloadSize: 1232, extendedErrors: [ExtendedError(code: code, text: "")])
            return .response(Message(responseCode: .nameError, question: slot.question, edns: edns))
        case .silent, .noRoute, nil: break
        }
        let isResolver = if case .resolver = slot.server { true } else { false }
        let answer = world.lab.answer(
            of: slot.server, to: LabQuery(recursionDesired: isResolver, question: slot.question),
            sourcePort: UInt16(truncatingIfNeeded: generator.next() | 1024), at: now)
        return .response(Message(answer, to: slot.question))
    }

    /// Lets another client ask.
    mutating func pay(_ visit: SimulatedWorld.Visit, at instant: Instant) {
        world.lab.warm(world.question, resolver: visit.resolver, cache: visit.cache, at: instant)
    }
}

// MARK: - What the exchanges come to

extension Simulator {
    func sample(_ slot: Job.Slot, of domain: DomainName) -> WatchState.Sample {
        let reading = Reading(of: slot.outcome, domain: domain, target: world.watch.target)
        let isAnswer = if case .response = slot.outcome { true } else { false }
        return WatchState.Sample(
            reading, received: slot.received, roundTrip: isAnswer ? slot.received - slot.left : nil)
    }

    func startOfAuthority(_ slot: Job.Slot) -> StartOfAuthority? {
        slot.message?.startOfAuthority(of: slot.question.name)
    }
}

extension Job.Slot {
    var message: Message? { if case .response(let message) = outcome { message } else { nil } }

    /// The answer's copy of the NS RRset.
    var nameServers: WatchState.NameServerCopy? {
        var (names, longest) = ([DomainName](), TTL(seconds: 0))
        for record in message?.answer ?? [] {
            guard case .ns(let name) = record.data else { continue }
            names.append(name)
            longest = max(longest, record.ttl)
        }
        return names.isEmpty ? nil : WatchState.NameServerCopy(names, remaining: longest, received: received)
    }
}

extension Message {
    /// A captive portal's answer to every question.
    static func ofPortal(_ question: Question) -> Message {
        let start = StartOfAuthority(
            primary: "portal.lan", serial: SerialNumber(1), refresh: 604_800, minimum: 604_800)
        let record = ResourceRecord(
            owner: "portal.lan", type: .soa, ttl: TTL(seconds: 604_800), data: .soa(start))
        return Message(
            isAuthoritative: true, recursionAvailable: true, responseCode: .nameError, question: question,
            authority: [record])
    }

    /// A laboratory server's answer as a message, without encoding.
    init(_ answer: LabAnswer, to question: Question) {
        let edns = EDNS(payloadSize: 1232, nsid: answer.nsid, extendedErrors: answer.extendedErrors)
        self.init(
            isAuthoritative: answer.isAuthoritative, recursionAvailable: answer.recursionAvailable,
            responseCode: answer.responseCode, question: question, answer: answer.answer,
            authority: answer.authority, additional: answer.additional, edns: edns)
    }
}
