import DNS
import DequeModule
import LDNS
import NIOCore
import NIOPosix

/// The client's core, confined to one event loop: which query leaves when, by which lane, and what each
/// datagram means.
///
///     submit ─► server's queue ─► (rate, in-flight limit) ─► lane ─► answer ─► batch
///                   ▲                                          │
///                   └────────── next try ◄── timeout, refusal ─┘
final class Engine: @unchecked Sendable {
    let configuration: Configuration
    let loop: any EventLoop
    var identifiers = SecureIdentifiers()
    var statistics = Statistics()
    var servers: [Endpoint: ServerState] = [:]
    /// Servers with a query that may leave now, each once: the round is fair to all of them.
    var round = Deque<ServerState>()
    var queries: [Query?] = []
    /// Counts the uses of each slot, so that a late event of an earlier query is recognised.
    var generations: [UInt32] = []
    private var freeSlots: [Int] = []
    private var deadlines = DeadlineQueue()
    private var deadlineTask: Scheduled<Void>?
    private var dirtyLanes: [Lane] = []
    var inFlight = 0
    var isClosed = false
    var socketLimit: Int
    /// Lanes and connections that hold a descriptor.
    var openSockets = 0
    /// Truncated answers whose connections wait for a socket.
    var streamWaiters = Deque<(slot: Int, generation: UInt32)>()
    /// Retired lanes whose last query is over.
    var finishedLanes: [Lane] = []
    private var isPumping = false
    private var mustPumpAgain = false
    private var isPumpScheduled = false
    var socketTimer: Scheduled<Void>?
    /// When it last looked for idle sockets at the limit.
    var lastSearch = Instant(nanoseconds: .min / 2)
    var housekeeping: Scheduled<Void>?

    /// How many queries one server gets in its turn of the round: several, so that they share a system call.
    private static let turn = 8

    init(configuration: Configuration, loop: any EventLoop) {
        self.configuration = configuration.sane
        self.loop = loop
        socketLimit = self.configuration.socketLimit
    }

    var snapshot: Statistics {
        var snapshot = statistics
        snapshot.inFlight = inFlight
        snapshot.socketsOpen = openSockets
        return snapshot
    }

    func now() -> Instant { configuration.now() }
}

// MARK: - In and out

extension Engine {
    func submit(_ batch: Batch) {
        let now = now()
        guard !isClosed, !batch.isCancelled else { return finishAll(batch, now: now) }
        batch.slots.reserveCapacity(batch.requests.count)
        for (index, request) in batch.requests.enumerated() {
            guard let server = server(request.server, now: now) else {
                batch.finish(
                    index, Exchange(outcome: .silent(.noRoute("no such address")), sent: now, received: now))
                continue
            }
            if request.isPoll { raiseRate(of: server, now: now) }
            let query = Query(
                request: request, batch: batch, index: index, octets: batch.octets[index], sent: now)
            let slot = store(query)
            batch.slots.append(slot)
            server.waiting.append(slot, goesFirst: request.goesFirst)
            enqueue(server)
        }
        // In bulk many batches come at once: their queries to one server leave in as few system calls as possible.
        pumpSoon()
    }

    func cancel(_ batch: Batch) {
        batch.isCancelled = true
        for slot in batch.slots where queries[slot]?.batch === batch {
            leavePlace(slot)
            finish(slot, .silent(.cancelled), at: now())
        }
        finishAll(batch, now: now())
        pump()
    }

    private func finishAll(_ batch: Batch, now: Instant) {
        for index in batch.requests.indices {
            batch.finish(index, .cancelled(at: now))
        }
    }

    func close() {
        isClosed = true
        for slot in queries.indices {
            if let batch = queries[slot]?.batch { cancel(batch) }
        }
        deadlineTask?.cancel()
        housekeeping?.cancel()
        socketTimer?.cancel()
        for server in servers.values {
            for lane in server.lanes { forget(lane) }
        }
    }

    private func server(_ endpoint: Endpoint, now: Instant) -> ServerState? {
        if let known = servers[endpoint] { return known }
        let rate = configuration.rates[endpoint] ?? configuration.defaultRate
        let server = ServerState(endpoint, rate: rate, now: now)
        servers[endpoint] = server
        return server
    }

    private func raiseRate(of server: ServerState, now: Instant) {
        guard !server.isPolled, configuration.rates[server.endpoint] == nil else { return }
        server.isPolled = true
        server.bucket = TokenBucket(rate: configuration.authorityRate, now: now)
    }

    private func store(_ query: Query) -> Int {
        if let slot = freeSlots.popLast() {
            queries[slot] = query
            return slot
        }
        queries.append(query)
        generations.append(0)
        return queries.count - 1
    }

    /// Gives the query's exchange to its batch, and the slot back.
    func finish(_ slot: Int, _ outcome: Outcome, at now: Instant) {
        guard let query = queries[slot] else { return }
        let isAnswer = if case .response = outcome { true } else { false }
        let speaksEDNS = servers[query.request.server]?.edns == .spoken
        queries[slot] = nil
        generations[slot] &+= 1
        freeSlots.append(slot)
        query.batch.finish(
            query.index,
            Exchange(
                outcome: outcome, sent: query.sent, received: now, tries: query.tries,
                usedTCP: query.usedTCP, isWithoutEDNS: isAnswer && !query.usesEDNS && !speaksEDNS))
    }
}

// MARK: - Sending

extension Engine {
    func enqueue(_ server: ServerState) {
        guard !server.isQueued, !server.isDelayed else { return }
        server.isQueued = true
        round.append(server)
    }

    /// Sends what may leave now, then flushes each lane once.
    ///
    /// Opening and flushing may report errors before they return, and so call this again. Only the outermost call does
    /// the work: the stack does not grow, and no flush of a lane is interrupted.
    func pump() {
        mustPumpAgain = true
        guard !isPumping else { return }
        isPumping = true
        while mustPumpAgain {
            mustPumpAgain = false
            if !isClosed { sendWaiting(at: now()) }
            closeFinishedLanes()
        }
        isPumping = false
        armDeadline()
    }

    /// Pumps after all sockets of this turn of the event loop have been read, so that the next queries leave in as few
    /// system calls as possible.
    func pumpSoon() {
        guard !isPumpScheduled else { return }
        isPumpScheduled = true
        loop.execute { [self] in
            isPumpScheduled = false
            pump()
        }
    }

    private func sendWaiting(at now: Instant) {
        if !streamWaiters.isEmpty { openStreams(now: now) }
        while inFlight < configuration.inFlightLimit, let server = round.popFirst() {
            server.isQueued = false
            takeTurn(server, now: now)
        }
        // In the order of the samples; a flush may report errors, but sends nothing more.
        for lane in dirtyLanes { lane.flush() }
        dirtyLanes.removeAll(keepingCapacity: true)
    }

    private func takeTurn(_ server: ServerState, now: Instant) {
        for _ in 0..<Self.turn {
            guard let slot = nextWaiting(server) else { return }
            guard inFlight < configuration.inFlightLimit else { break }
            guard server.bucket.take(at: now) else {
                return delay(server, until: server.bucket.nextToken(after: now), now: now)
            }
            guard let lane = lane(for: server, now: now) else {
                server.bucket.giveBack()
                // The queue is empty if the failure concerned the server and ended all its queries.
                if server.waiting.isEmpty { return }
                return delay(server, until: now + Self.socketRetry, now: now)
            }
            server.waiting.removeFirst()
            send(slot, by: lane, now: now)
        }
        if !server.waiting.isEmpty { enqueue(server) }
    }

    /// The first query of the server's queue that has not been cancelled.
    private func nextWaiting(_ server: ServerState) -> Int? {
        while let slot = server.waiting.first {
            if let query = queries[slot], case .waiting = query.place, query.request.server == server.endpoint
            {
                return slot
            }
            server.waiting.removeFirst()
        }
        return nil
    }

    private func delay(_ server: ServerState, until instant: Instant, now: Instant) {
        server.isDelayed = true
        let bound = NIOLoopBound(server, eventLoop: loop)
        let wait = max(0, (instant - now).wholeNanoseconds)
        loop.scheduleTask(in: .nanoseconds(wait)) { [self] in
            bound.value.isDelayed = false
            if !bound.value.waiting.isEmpty { enqueue(bound.value) }
            pump()
        }
    }

    private func send(_ slot: Int, by lane: Lane, now: Instant) {
        lane.server.noteUse(lane, at: now)
        var id = identifiers.next()
        while lane.pending[id] != .unknown { id = identifiers.next() }
        lane.pending.insert(slot, id: id)
        inFlight += 1
        queries[slot]!.place = .lane(lane, id: id)
        queries[slot]!.tries += 1
        chooseEDNS(slot, lane.server, now: now)
        queries[slot]!.sent = now
        deadlines.append(
            DeadlineQueue.Entry(
                deadline: now + configuration.timeout, slot: slot, generation: generations[slot]))
        if lane.channel == nil {
            lane.backlog.append(slot)
        } else {
            write(slot, id: id, to: lane)
        }
    }

    private func write(_ slot: Int, id: UInt16, to lane: Lane) {
        guard let octets = queries[slot]?.octets else { return }
        statistics.queriesSent += 1
        if queries[slot]!.tries > 1 { statistics.retries += 1 }
        lane.write(octets, id: id)
        if !lane.needsFlush {
            lane.needsFlush = true
            dirtyLanes.append(lane)
        }
    }

    /// The lane's socket is open: what waited for it leaves.
    func opened(_ lane: Lane, _ channel: any Channel) {
        lane.attach(channel)
        lane.server.addressShortages = 0
        for slot in lane.backlog {
            if let query = queries[slot], case .lane(let own, let id) = query.place, own === lane {
                write(slot, id: id, to: lane)
            }
        }
        lane.backlog.removeAll()
        pump()
    }

    /// Leaves EDNS out if the server does not take it. It also leaves it out for the last of several tries, if the server
    /// was silent to all of them and has never answered a query with EDNS: the path may drop such queries.
    private func chooseEDNS(_ slot: Int, _ server: ServerState, now: Instant) {
        guard let query = queries[slot], query.usesEDNS else { return }
        if !server.takesEDNS(at: now) { return withoutEDNS(slot) }
        guard query.tries > 1, query.tries == configuration.tries, query.fault == nil, server.edns != .spoken
        else { return }
        queries[slot]!.isTriedWithoutEDNS = true
        withoutEDNS(slot)
    }

    func withoutEDNS(_ slot: Int) {
        guard let request = queries[slot]?.request else { return }
        queries[slot]!.usesEDNS = false
        queries[slot]!.octets = QueryTemplate(request, edns: false).octets(asking: request.question.name)
        statistics.withoutEDNS += 1
    }
}

// MARK: - Tries that end without an answer

extension Engine {
    /// Takes the query off its lane or connection; its time no longer counts.
    func leavePlace(_ slot: Int) {
        guard let place = queries[slot]?.place else { return }
        switch place {
        case .waiting: return
        case .lane(let lane, let id):
            lane.pending.end(id)
            if lane.isIdle, lane.isRetired || lane.questions >= Lane.questionLimit {
                finishedLanes.append(lane)
            }
        case .stream(let exchange, _): exchange.cancel()
        }
        inFlight -= 1
        generations[slot] &+= 1
        queries[slot]!.place = .waiting
    }

    /// Ends a try: the next one queues at the front, or the query is over.
    func endTry(_ slot: Int, fault: Query.Fault?, at now: Instant) {
        leavePlace(slot)
        guard var query = queries[slot] else { return }
        if let fault { query.note(fault) }
        queries[slot] = query
        guard query.tries < configuration.tries, let server = servers[query.request.server] else {
            return finish(slot, query.failedOutcome, at: now)
        }
        server.waiting.prepend(slot, goesFirst: query.request.goesFirst)
        enqueue(server)
    }

    private func armDeadline() {
        deadlines.dropStale { self.generations[$0.slot] == $0.generation }
        guard deadlineTask == nil, let next = deadlines.first else { return }
        let wait = max(0, (next.deadline - now()).wholeNanoseconds)
        deadlineTask = loop.scheduleTask(in: .nanoseconds(wait)) { [self] in
            deadlineTask = nil
            expire()
        }
    }

    private func expire() {
        let now = now()
        while let entry = deadlines.popExpired(at: now) {
            guard generations[entry.slot] == entry.generation else { continue }
            statistics.timeouts += 1
            endTry(entry.slot, fault: nil, at: now)
        }
        pump()
    }

    /// Starts the time of a try again, for the TCP connection after a truncated answer.
    func extendDeadline(_ slot: Int, now: Instant) {
        deadlines.append(
            DeadlineQueue.Entry(
                deadline: now + configuration.timeout, slot: slot, generation: generations[slot]))
    }
}
