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

    /// The lane for the next query; `nil` where there is neither a socket nor room for one.
    func lane(for server: ServerState, now: Instant) -> Lane? {
        if openLanes >= socketLimit, now - lastSearch >= Self.searchInterval {
            lastSearch = now
            closeIdleLanes(now: now, all: true)
        }
        let chosen = server.chooseLane(
            at: now, mayOpen: openLanes < socketLimit, limit: configuration.portsPerServer,
            identifiers: &identifiers)
        if let chosen { return chosen }
        guard openLanes < socketLimit else {
            statistics.socketsDelayed += 1
            return nil
        }
        let lane = Lane(server: server, now: now)
        server.lanes.append(lane)
        openLanes += 1
        return lane
    }

    /// Opens the lane's socket. What waits for it must be in its backlog by now: without a route the
    /// attempt fails within this call.
    func start(_ lane: Lane) {
        lane.isStarted = true
        statistics.socketsOpened += 1
        scheduleHousekeeping()
        let server = lane.server
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
    }

    /// ICMP, or an error of this host's, ended the tries of all queries on the lane.
    func failed(_ lane: Lane, reason: String) {
        let now = now()
        for slot in lane.pending.values {
            statistics.refusals += 1
            endTry(slot, fault: .unreachable(reason), at: now)
        }
        pump()
    }

    /// The channel has closed, by us or by an error that NIO deems fatal.
    func closed(_ lane: Lane) {
        forget(lane)
        if !lane.pending.isEmpty { failed(lane, reason: "the socket failed") }
    }

    private func couldNotOpen(_ lane: Lane, _ error: any Error) {
        forget(lane)
        let now = now()
        let slots = lane.backlog
        lane.backlog.removeAll()
        let code = (error as? IOError)?.errnoCode ?? 0
        let isShortage = [EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN, EADDRNOTAVAIL].contains(code)
        for slot in slots {
            leavePlace(slot)
            if isShortage, openLanes > 0 || code == EMFILE || code == ENFILE {
                // Nothing left: the try has not begun.
                queries[slot]?.tries -= 1
                lane.server.waiting.prepend(slot)
            } else {
                finish(slot, .silent(.noRoute(describe(error))), at: now)
            }
        }
        if isShortage { shrink(lane.server, now: now) }
        pump()
    }

    /// Makes do with the sockets there are, for now.
    private func shrink(_ server: ServerState, now: Instant) {
        statistics.socketsDelayed += 1
        socketLimit = max(1, openLanes)
        enqueue(server)
        let regrow = Self.socketRetry
        loop.scheduleTask(in: .nanoseconds(regrow.wholeNanoseconds)) { [self] in
            socketLimit = min(configuration.socketLimit, socketLimit * 2)
        }
    }

    /// Gives a port back as soon as its last answer is in, where no other question may leave from it.
    func closeIfSpent(_ lane: Lane) {
        if lane.questions >= Lane.questionLimit, lane.isIdle { forget(lane) }
    }

    private func forget(_ lane: Lane) {
        guard let index = lane.server.lanes.firstIndex(where: { $0 === lane }) else { return }
        lane.server.lanes.remove(at: index)
        lane.close()
        openLanes -= 1
    }

    private func scheduleHousekeeping() {
        guard housekeeping == nil else { return }
        housekeeping = loop.scheduleTask(in: Self.housekeepingInterval) { [self] in
            housekeeping = nil
            closeIdleLanes(now: now(), all: false)
            forgetIdleServers(now: now())
            if openLanes > 0 || !servers.isEmpty { scheduleHousekeeping() }
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

    /// Keeps memory bounded where every domain has servers of its own.
    private func forgetIdleServers(now: Instant) {
        guard servers.count > 1_000 else { return }
        for (endpoint, server) in servers
        where server.lanes.isEmpty && server.waiting.isEmpty && !server.isQueued && !server.isDelayed {
            servers[endpoint] = nil
        }
    }
}
