import DNS
import DNSClient
import Glibc
import Testing

/// Truncated answers, and what goes wrong on the connection that follows.
@Suite(.timeLimit(.minutes(5)))
struct StreamTests {
    private func ask(
        _ configuration: Configuration = configuration(timeout: .milliseconds(300), tries: 2),
        _ streaming: @escaping Peer.Streaming, _ check: (Exchange, ExchangeClient, Peer) async throws -> Void
    ) async throws {
        let peer = Peer(streaming: streaming) { [$0.truncated] }
        try await withClient(configuration, asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.usedTCP)
            try await check(exchange, client, peer)
            #expect(await client.statistics.inFlight == 0)
        }
    }

    @Test func truncationLeadsToTCP() async throws {
        try await ask(configuration()) { socket, query in
            write(response(to: query).framed, to: socket)
        } _: { exchange, client, _ in
            #expect(exchange.addressCount == 1)
            #expect(exchange.tries == 1)
            #expect(await client.statistics.tcpExchanges == 1)
        }
    }

    @Test func greatAnswers() async throws {
        try await ask(configuration()) { socket, query in
            write(response(to: query, addresses: 4_090).framed, to: socket)
        } _: { exchange, _, _ in
            #expect(exchange.addressCount == 4_090)
        }
    }

    @Test func oneOctetAtATime() async throws {
        try await ask(configuration()) { socket, query in
            for octet in response(to: query).framed { write([octet], to: socket) }
        } _: { exchange, _, _ in
            #expect(exchange.addressCount == 1)
        }
    }

    @Test func messagesThatAreNotOursAreSkipped() async throws {
        try await ask(configuration()) { socket, query in
            write(response(to: query, addresses: 2, changingID: 1).framed, to: socket)
            write([0, 0], to: socket)
            write(response(to: query).framed, to: socket)
            waitForEnd(of: socket)
        } _: { exchange, client, _ in
            #expect(exchange.addressCount == 1)
            #expect(await client.statistics.ignoredUnknownID == 1)
            #expect(await client.statistics.ignoredGarbage == 1)
        }
    }

    @Test func stalls() async throws {
        try await ask { socket, query in
            write(Array(response(to: query).framed.prefix(20)), to: socket)
            waitForEnd(of: socket)
        } _: { exchange, client, peer in
            #expect(exchange.outcome == .silent(.timeout))
            #expect(exchange.tries == 2)
            #expect(await client.statistics.timeouts == 2)
        }
    }

    @Test func lengthsThatPromiseTooMuch() async throws {
        try await ask { socket, query in
            let message = response(to: query)
            write([0xFF, 0xFF] + message, to: socket)
            waitForEnd(of: socket)
        } _: { exchange, _, _ in
            #expect(exchange.outcome == .silent(.timeout))
        }
    }

    @Test func lengthsThatPromiseTooLittle() async throws {
        try await ask { socket, query in
            let message = response(to: query)
            write([0, UInt8(message.count - 3)] + message, to: socket)
        } _: { exchange, _, _ in
            #expect(exchange.isMalformed)
            #expect(exchange.tries == 2)
        }
    }

    @Test(arguments: [0, 1, 20])
    func endsInTheMiddle(octets: Int) async throws {
        try await ask(configuration(tries: 2)) { socket, query in
            write(Array(response(to: query).framed.prefix(octets)), to: socket)
        } _: { exchange, client, peer in
            #expect(exchange.isUnreachable)
            #expect(exchange.tries == 2)
            #expect(peer.connectionCount == 2)
        }
    }

    @Test func resets() async throws {
        try await ask(configuration(tries: 2)) { socket, _ in
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        } _: { exchange, _, _ in
            #expect(exchange.isUnreachable)
        }
    }

    @Test func nobodyListens() async throws {
        let peer = Peer { [$0.truncated] }
        try await withClient(asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.isUnreachable)
            #expect(exchange.usedTCP)
        }
    }

    /// Two sockets for twenty truncated answers: they take turns.
    @Test func connectionsShareTheBudget() async throws {
        var configuration = configuration(timeout: .seconds(20))
        configuration.socketLimit = 2
        let peer = Peer(streaming: { socket, query in write(response(to: query).framed, to: socket) }) {
            [$0.truncated]
        }
        try await withClient(configuration, asking: peer) { client, request in
            let exchanges = await client.exchanges(Array(repeating: request, count: 20))
            #expect(exchanges.allSatisfy { $0.addressCount == 1 })
            #expect(peer.connectionCount == 20)
            #expect(await eventually { await client.statistics.socketsOpen <= 2 })
        }
    }
}
