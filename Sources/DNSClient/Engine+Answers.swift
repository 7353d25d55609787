import DNS
import LDNS
import NIOCore

/// What an incoming message means. If it does not answer the question, the wait goes on.
extension Engine {
    /// A datagram on a lane: the kernel has checked its source address and port.
    func received(_ buffer: ByteBuffer, on lane: Lane) {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            guard let header = unsafe WireHeader(bytes) else {
                statistics.ignoredGarbage += 1
                return
            }
            guard header.isResponse else {
                statistics.ignoredNoResponse += 1
                return
            }
            switch lane.pending[header.id] {
            case .unknown: statistics.ignoredUnknownID += 1
            case .over: statistics.ignoredLate += 1
            case .slot(let slot):
                guard let question = queries[slot]?.request.question else { return }
                if unsafe MessageDecoder.answers(bytes, question) {
                    unsafe take(bytes, header, slot: slot, question: question)
                } else if let code = unsafe MessageDecoder.bareError(bytes) {
                    takeBareError(code, slot: slot)
                } else {
                    statistics.ignoredOtherQuestion += 1
                }
            }
        }
    }

    private func take(
        _ bytes: UnsafeRawBufferPointer, _ header: WireHeader, slot: Int, question: Question
    ) {
        if header.isTruncated {
            noteEDNS(slot, header.responseCode)
            return continueOverTCP(slot)
        }
        do throws(WireError) {
            unsafe answered(slot, by: try MessageDecoder.decode(bytes, question: question))
        } catch {
            malformed(slot, error.message)
        }
    }

    private func answered(_ slot: Int, by message: Message) {
        if isEDNSRejected(slot, message.responseCode) { return retryWithoutEDNS(slot) }
        noteEDNS(slot, message.responseCode)
        statistics.answers += 1
        leavePlace(slot)
        finish(slot, .response(message), at: now())
    }

    /// The peer answered our question with octets that are not a message: this try is over.
    private func malformed(_ slot: Int, _ reason: String) {
        statistics.malformed += 1
        endTry(slot, fault: .malformed(reason), at: now())
    }

    /// An error that does not repeat our question: this try is over.
    private func takeBareError(_ code: ResponseCode, slot: Int) {
        if isEDNSRejected(slot, code) { return retryWithoutEDNS(slot) }
        statistics.malformed += 1
        endTry(slot, fault: .bareError(code), at: now())
    }
}

// MARK: - Servers that do not take EDNS

extension Engine {
    private func isEDNSRejected(_ slot: Int, _ code: ResponseCode) -> Bool {
        code.mayRejectEDNS && queries[slot]?.usesEDNS == true
    }

    /// The server rejected a query that has an OPT (RFC 6891 §7): the same try goes on without.
    private func retryWithoutEDNS(_ slot: Int) {
        leavePlace(slot)
        guard let query = queries[slot] else { return }
        guard let server = servers[query.request.server] else {
            return finish(slot, query.failedOutcome, at: now())
        }
        withoutEDNS(slot)
        queries[slot]!.tries -= 1
        server.waiting.prepend(slot, goesFirst: query.request.goesFirst)
        enqueue(server)
    }

    /// Learns from an answer whether the server takes EDNS.
    private func noteEDNS(_ slot: Int, _ code: ResponseCode) {
        guard let query = queries[slot], let server = servers[query.request.server] else { return }
        if code.mayRejectEDNS { return }
        if query.usesEDNS {
            server.edns = .spoken
        } else if server.edns != .spoken {
            // Loss, and a resolver that is slow for once, look like silence to EDNS: only that is doubted later.
            let isAnswer = code == .noError || code == .nameError
            if !query.isTriedWithoutEDNS {
                server.edns = .rejected
            } else if isAnswer {
                server.edns = .unanswered(until: now() + Self.ednsDoubt)
            }
        }
    }

    /// How long a server that seems to be silent to EDNS is asked without.
    static let ednsDoubt: Duration = .seconds(3600)
}

// MARK: - TCP

extension Engine {
    /// The answer did not fit: the same question over TCP (RFC 7766 §5), with a time of its own, as soon
    /// as there is a socket for it.
    private func continueOverTCP(_ slot: Int) {
        leavePlace(slot)
        queries[slot]!.usedTCP = true
        waitForStream(slot)
    }

    /// Opens the connections for which there are sockets, oldest answer first.
    func openStreams(now: Instant) {
        while inFlight < configuration.inFlightLimit, let (slot, generation) = streamWaiters.first {
            guard generations[slot] == generation else {
                streamWaiters.removeFirst()
                continue
            }
            if openSockets >= socketLimit { reclaimSockets(now: now) }
            guard openSockets < socketLimit else { return retrySocketsSoon() }
            streamWaiters.removeFirst()
            openStream(slot, now: now)
        }
    }

    private func waitForStream(_ slot: Int) {
        streamWaiters.append((slot, generations[slot]))
    }

    private func openStream(_ slot: Int, now: Instant) {
        guard let query = queries[slot] else { return }
        guard let server = servers[query.request.server] else {
            return finish(slot, query.failedOutcome, at: now)
        }
        let exchange = TCPExchange(engine: self, slot: slot, generation: generations[slot])
        let id = identifiers.next()
        queries[slot]!.sent = now
        queries[slot]!.place = .stream(exchange, id: id)
        inFlight += 1
        openSockets += 1
        statistics.tcpExchanges += 1
        statistics.socketsOpened += 1
        extendDeadline(slot, now: now)
        exchange.start(query.octets, id: id, to: server.address, on: loop)
    }

    /// Returns whether the message ended the query's try.
    func receivedOverTCP(_ buffer: ByteBuffer, slot: Int, generation: UInt32) -> Bool {
        guard generations[slot] == generation, let query = queries[slot],
            case .stream(_, let id) = query.place
        else { return true }
        let isTaken = unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe takeFromTCP(bytes, slot: slot, id: id, question: query.request.question)
        }
        if isTaken { pump() }
        return isTaken
    }

    private func takeFromTCP(
        _ bytes: UnsafeRawBufferPointer, slot: Int, id: UInt16, question: Question
    ) -> Bool {
        guard let header = unsafe WireHeader(bytes), header.isResponse else {
            statistics.ignoredGarbage += 1
            return false
        }
        guard header.id == id else {
            statistics.ignoredUnknownID += 1
            return false
        }
        guard unsafe MessageDecoder.answers(bytes, question) else {
            if let code = unsafe MessageDecoder.bareError(bytes) {
                takeBareError(code, slot: slot)
                return true
            }
            statistics.ignoredOtherQuestion += 1
            return false
        }
        if header.isTruncated {
            malformed(slot, "truncated over TCP too")
            return true
        }
        do throws(WireError) {
            unsafe answered(slot, by: try MessageDecoder.decode(bytes, question: question))
        } catch {
            malformed(slot, error.message)
        }
        return true
    }

    /// The connection's descriptor is free again.
    func closedStream() {
        openSockets -= 1
        if !streamWaiters.isEmpty { pump() }
    }

    func failedOverTCP(slot: Int, generation: UInt32, error: any Error, reason: String) {
        guard generations[slot] == generation else { return }
        if isShortage(error) {
            // The connection has not begun: it waits for its turn.
            leavePlace(slot)
            statistics.socketsDelayed += 1
            waitForStream(slot)
            limitSockets()
            return retrySocketsSoon()
        }
        statistics.refusals += 1
        endTry(slot, fault: .unreachable("TCP: \(reason)"), at: now())
        pump()
    }
}
