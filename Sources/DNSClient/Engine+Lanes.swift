import DNS
import NIOCore
import NIOPosix

/// Sockets: opened when needed, worn out soon, given back when idle; a lack of them only slows down.
extension Engine {
    /// How soon a socket is tried again where descriptors or ports ran out.
    static let socketRetry: Duration = .milliseconds(50)
    /// At the limit, how often idle sockets of other servers are looked for.
    private static let searchInterval: Duration = .milliseconds(10)
    /// How often idle and worn-out sockets are looked for.
    private static let housekeepingInterval = TimeAmount.seconds(1)
    /// Datagrams read in one system call, and the room for each: EDNS asked for 1,232 octets, so what is
    /// longer than this breaks the rules, and is cut and refused as malformed.
    private static let readBatch = 16
    private static let datagramRoom = 2048

    /// The lane for the next query. `nil` if there is neither a socket nor room for one; or if there is no way to this
    /// server at all, and then its queries are over.
    func lane(for server: ServerState, now: Instant) -> Lane? {
        if openSockets >= socketLimit { reclaimSockets(now: now) }
        let chosen = server.chooseLane(
            at: now, mayOpen: openSockets < socketLimit, limit: configuration.portsPerServer,
            identifiers: &identifiers)
        if let chosen { return chosen }
        guard openSockets < socketLimit else {
            statistics.socketsDelayed += 1
            return nil
        }
        return open(server, now: now)
    }

    /// NIO usually opens and connects a datagram socket, or reports a failure, before it returns. But both may come
    /// later.
    private func open(_ server: ServerState, now: Instant) -> Lane? {
        let lane = Lane(server: server, now: now)
        server.lanes.append(lane)
        openSockets += 1
        statistics.socketsOpened += 1
        scheduleHousekeeping()
        let bound = NIOLoopBound(lane, eventLoop: loop)
        DatagramBootstrap(group: loop)
            .channelOption(.datagramVectorReadMessageCount, value: Self.readBatch)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: Self.datagramRoom * Self.readBatch)
            )
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        LaneHandler(lane: bound.value, engine: self))
                }
            }
            .connect(to: server.address)
            .whenComplete { [self] result in
                switch result {
                case .success(let channel): opened(bound.value, channel)
                case .failure(let error): couldNotOpen(bound.value, error)
                }
            }
        return lane.isClosed ? nil : lane
    }

    /// ICMP, or an error of this host, has ended the tries of all queries on the lane.
    func failed(_ lane: Lane, reason: String) {
        let now = now()
        for slot in lane.pending.slots {
            statistics.refusals += 1
            endTry(slot, fault: .unreachable(reason), at: now)
        }
        pump()
    }

    /// The channel has closed, by us or by an error that is fatal for NIO.
    func closed(_ lane: Lane) {
        forget(lane)
        if !lane.pending.isEmpty { failed(lane, reason: "the socket failed") }
    }

    private func couldNotOpen(_ lane: Lane, _ error: any Error) {
        let server = lane.server
        for slot in lane.backlog {
            // The try has not begun.
            leavePlace(slot)
            queries[slot]?.tries -= 1
            server.waiting.prepend(slot, goesFirst: queries[slot]?.request.goesFirst ?? false)
        }
        lane.backlog.removeAll()
        forget(lane)
        let isAddressMissing = (error as? IOError)?.errnoCode == EADDRNOTAVAIL
        server.addressShortages = isAddressMissing ? server.addressShortages + 1 : 0
        if isShortage(error), server.addressShortages < Self.addressPatience {
            statistics.socketsDelayed += 1
            limitSockets()
        } else {
            endAll(server, .silent(.noRoute(describe(error))))
        }
        if !server.waiting.isEmpty { enqueue(server) }
        pump()
    }

    /// A host without an address of the server's family gets the same error as a host without free ports. So many errors
    /// in a row, within half a second, mean that there is no address.
    private static let addressPatience = 10

    func isShortage(_ error: any Error) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN, EADDRNOTAVAIL].contains((error as? IOError)?.errnoCode ?? 0)
    }

    /// Ends the queries to a server that this host cannot send to.
    private func endAll(_ server: ServerState, _ outcome: Outcome) {
        let now = now()
        for slot in server.waiting.removeAll() {
            guard let query = queries[slot], case .waiting = query.place,
                query.request.server == server.endpoint
            else { continue }
            finish(slot, outcome, at: now)
        }
    }

    /// Uses the present number of sockets as the limit for now.
    func limitSockets() {
        socketLimit = max(1, min(socketLimit, openSockets))
        retrySocketsSoon()
    }

    /// Tries again after a while, with a higher limit each time.
    func retrySocketsSoon() {
        guard socketTimer == nil, !isClosed else { return }
        socketTimer = loop.scheduleTask(in: .nanoseconds(Self.socketRetry.wholeNanoseconds)) { [self] in
            socketTimer = nil
            socketLimit = min(configuration.socketLimit, socketLimit * 2)
            if socketLimit < configuration.socketLimit { retrySocketsSoon() }
            pump()
        }
    }

    func forget(_ lane: Lane) {
        guard let index = lane.server.lanes.firstIndex(where: { $0 === lane }) else { return }
        lane.server.lanes.remove(at: index)
        lane.close()
        openSockets -= 1
    }

    func closeFinishedLanes() {
        while let lane = finishedLanes.popLast() {
            if lane.isIdle { forget(lane) }
        }
    }

    /// At the limit it closes idle sockets. If all are busy, the oldest one takes no more queries, so that servers that
    /// wait get a socket too.
    func reclaimSockets(now: Instant) {
        guard now - lastSearch >= Self.searchInterval else { return }
        lastSearch = now
        closeIdleLanes(now: now, all: true)
        guard openSockets >= socketLimit else { return }
        let lanes = servers.values.lazy.flatMap(\.lanes)
        guard !lanes.contains(where: \.isRetired) else { return }
        lanes.min { $0.opened < $1.opened }?.isRetired = true
    }

    private func scheduleHousekeeping() {
        guard housekeeping == nil else { return }
        housekeeping = loop.scheduleTask(in: Self.housekeepingInterval) { [self] in
            housekeeping = nil
            closeIdleLanes(now: now(), all: false)
            forgetIdleServers(now: now())
            if openSockets > 0 || !servers.isEmpty { scheduleHousekeeping() }
        }
    }

    /// Closes lanes that nobody waits for: those worn out or idle for long, or all.
    private func closeIdleLanes(now: Instant, all: Bool) {
        for server in servers.values {
            for lane in server.lanes where lane.isIdle {
                if all || lane.isWornOut(at: now) || now - lane.lastUsed >= Lane.idleLimit { forget(lane) }
            }
        }
    }

    /// Keeps memory small if every domain has servers of its own.
    private func forgetIdleServers(now: Instant) {
        guard servers.count > 1_000 else { return }
        for (endpoint, server) in servers
        where server.lanes.isEmpty && server.waiting.isEmpty && !server.isQueued && !server.isDelayed
            && server.bucket.isFull(at: now) && server.takesEDNS(at: now)
        {
            servers[endpoint] = nil
        }
    }
}
