import DNS
import DNSClient
import Testing

/// What comes beside, before or instead of the answer.
@Suite(.timeLimit(.minutes(5)))
struct HostilePeerTests {
    /// The false datagrams of each case come first, then the good answer: it is the one that counts.
    @Test func falseDatagramsDoNotEndTheWait() async throws {
        let peer = Peer { query in
            [
                Peer.Reply(octets: response(to: query.octets, addresses: 2, changingID: 1)),
                query.otherQuestion,
                Peer.Reply(octets: response(to: query.octets, flags: 0x0100, addresses: 2)),
                Peer.Reply(octets: [1, 2, 3]),
                Peer.Reply(octets: response(to: query.octets, addresses: 2), fromOtherPort: true),
                query.positive,
                query.positive,
            ]
        }
        try await withClient(asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.addressCount == 1)
            #expect(exchange.tries == 1)
            #expect(await eventually { await client.statistics.ignoredLate == 1 })
            let statistics = await client.statistics
            #expect(statistics.ignoredUnknownID == 1)
            #expect(statistics.ignoredOtherQuestion == 1)
            #expect(statistics.ignoredNoResponse == 1)
            #expect(statistics.ignoredGarbage == 1)
            #expect(statistics.answers == 1)
            #expect(statistics.inFlight == 0)
        }
    }

    @Test func anAnswerFromAnotherPortIsNone() async throws {
        let peer = Peer { [Peer.Reply(octets: response(to: $0.octets), fromOtherPort: true)] }
        try await withClient(configuration(timeout: .milliseconds(100)), asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.outcome == .silent(.timeout))
            #expect(exchange.tries == 3)
            #expect(peer.seen.count == 3)
            #expect(Set(peer.seen.map(\.sourcePort)).count == 3)
            #expect(await client.statistics.timeouts == 3)
            #expect(await client.statistics.retries == 2)
        }
    }

    @Test func garbageAloneEndsByTime() async throws {
        let peer = Peer { _ in [Peer.Reply(octets: Array(repeating: 0xFF, count: 100))] }
        try await withClient(configuration(timeout: .milliseconds(50)), asking: peer) { client, request in
            #expect(await client.exchange(request).outcome == .silent(.timeout))
        }
    }

    @Test func malformedBodiesEndTheirTries() async throws {
        let peer = Peer { [$0.malformed] }
        try await withClient(asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.isMalformed)
            #expect(exchange.tries == 3)
        }
    }

    @Test func aGoodAnswerAfterAMalformedOneCounts() async throws {
        let peer = Peer { [$0.index == 0 ? $0.malformed : $0.positive] }
        try await withClient(asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.addressCount == 1)
            #expect(exchange.tries == 2)
        }
    }

    /// The first try's answer comes with the second query, to the first one's port.
    @Test func theAnswerOfAnEarlierTryIsLate() async throws {
        let client = ExchangeClient(configuration: configuration(timeout: .milliseconds(100)))
        let peer = Peer { query in query.index == 0 ? [] : [query.positive] }
        defer { peer.stop() }
        let exchange = await client.exchange(
            Request(server: peer.endpoint, question: question, recursionDesired: true))
        #expect(exchange.addressCount == 1)
        #expect(exchange.tries >= 2)
        #expect(Set(peer.seen.map(\.id)).count == peer.seen.count)
        await client.shutdown()
    }

    @Test func refusalsEndAtOnce() async throws {
        let peer = Peer()
        peer.stop()
        let closed = peer.endpoint
        // The peer's thread closes the sockets; until then it would not refuse.
        let client = ExchangeClient(configuration: configuration(timeout: .seconds(30)))
        let request = Request(server: closed, question: question, recursionDesired: true)
        var patient = configuration(timeout: .milliseconds(200), tries: 1)
        patient.socketLimit = 4
        let probe = ExchangeClient(configuration: patient)
        #expect(await eventually { await probe.exchange(request).isUnreachable })
        let exchange = await client.exchange(request)
        #expect(exchange.isUnreachable)
        #expect(exchange.tries == 3)
        #expect(await client.statistics.timeouts == 0)
        await client.shutdown()
        await probe.shutdown()
    }

    @Test func ipv6() async throws {
        try await withClient(asking: Peer(isV6: true)) { client, request in
            #expect(await client.exchange(request).addressCount == 1)
        }
    }
}
