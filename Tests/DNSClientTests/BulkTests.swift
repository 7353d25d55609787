import DNS
import DNSClient
import Testing

/// Many at once: limits, ports, IDs, cancellation, want of sockets.
@Suite(.timeLimit(.minutes(5)))
struct BulkTests {
    @Test func fiveThousandAtOnce() async throws {
        try await withClient(asking: Peer()) { client, request in
            let requests = (0..<5_000).map { index in
                let name = try! DomainName(labels: [Array("d\(index)".utf8), Array("test".utf8)])
                return Request(server: request.server, question: Question(name, .a), recursionDesired: true)
            }
            let exchanges = await client.exchanges(requests)
            #expect(exchanges.allSatisfy { $0.addressCount == 1 })
            for (request, exchange) in zip(requests, exchanges) {
                guard case .response(let message) = exchange.outcome else { continue }
                #expect(message.question == request.question)
            }
            #expect(await client.statistics.inFlight == 0)
        }
    }

    @Test func samplesLeaveFromDistinctPorts() async throws {
        let peer = Peer()
        try await withClient(asking: peer) { client, request in
            for _ in 0..<50 { _ = await client.exchanges([request, request, request]) }
            let ports = peer.seen.map(\.sourcePort)
            #expect(ports.count == 150)
            // Any three that follow one another differ, over the ends of batches too.
            for start in 0..<148 { #expect(Set(ports[start..<(start + 3)]).count == 3) }
            // More where the machine is so slow that ports wear out by age meanwhile.
            #expect(Set(ports).count >= 8)
        }
    }

    @Test func portsWearOutAndIDsDoNotRepeatOnThem() async throws {
        let peer = Peer()
        var configuration = configuration()
        configuration.portsPerServer = 1
        try await withClient(configuration, asking: peer) { client, request in
            for _ in 0..<6 { _ = await client.exchanges(Array(repeating: request, count: 250)) }
            let ports = Dictionary(grouping: peer.seen, by: \.sourcePort)
            #expect(ports.count >= 3)
            for queries in ports.values {
                #expect(queries.count <= 512)
                #expect(Set(queries.map(\.id)).count == queries.count)
            }
        }
    }

    /// The peer says nothing, so what has come is what is under way: the limit, and no query more until
    /// the first ones have had their time.
    @Test func theInFlightLimitHolds() async throws {
        let peer = Peer { _ in [] }
        var configuration = configuration(timeout: .milliseconds(200), tries: 1)
        configuration.inFlightLimit = 10
        try await withClient(configuration, asking: peer) { client, request in
            let task = Task { await client.exchanges(Array(repeating: request, count: 30)) }
            var most = 0
            let hasSeenAll = await eventually {
                let statistics = await client.statistics
                most = max(most, statistics.inFlight)
                // Each query beyond the limit needs the end of another.
                if statistics.queriesSent - statistics.timeouts > 10 { most = .max }
                return peer.seen.count == 30
            }
            #expect(hasSeenAll)
            #expect(most <= 10)
            let exchanges = await task.value
            #expect(exchanges.allSatisfy { $0.outcome == .silent(.timeout) })
            // Three rounds of ten: the last leaves two timeouts after the first, however slow the machine.
            let departures = exchanges.map(\.sent)
            #expect(departures.max()! - departures.min()! >= .milliseconds(390))
        }
    }

    /// One is under way at a time, and nobody answers: what goes first is the next, whatever came before it.
    @Test func whatGoesFirstDoesNotWaitForTheRest() async throws {
        let peer = Peer { _ in [] }
        var configuration = configuration(timeout: .milliseconds(200), tries: 1)
        configuration.inFlightLimit = 1
        try await withClient(configuration, asking: peer) { client, request in
            let rest = Task { await client.exchanges(Array(repeating: request, count: 100)) }
            #expect(await eventually { peer.seen.count > 0 })
            var early = request
            early.question = Question("level.example.it", .mx)
            early.goesFirst = true
            _ = await client.exchange(early)
            rest.cancel()
            let place = peer.seen.firstIndex { $0.octets.contains("level".utf8) }
            // As many as a slow machine lets pass until the request has come.
            #expect(place.map { $0 < 20 } ?? false)
            _ = await rest.value
        }
    }

    @Test func cancellationLeavesNothingBehind() async throws {
        let peer = Peer { _ in [] }
        try await withClient(asking: peer) { client, request in
            let task = Task { await client.exchanges(Array(repeating: request, count: 200)) }
            #expect(await eventually { await client.statistics.inFlight == 200 })
            task.cancel()
            let exchanges = await task.value
            #expect(exchanges.allSatisfy { $0.outcome == .silent(.cancelled) })
            #expect(await client.statistics.inFlight == 0)
        }
    }

    /// The cancellation reaches the client before the questions do.
    @Test func tasksThatAreCancelledFromTheStart() async throws {
        let peer = Peer { _ in [] }
        try await withClient(asking: peer) { client, request in
            for _ in 0..<100 {
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return await client.exchange(request)
                }
                #expect(await task.value.outcome == .silent(.cancelled))
            }
            #expect(await client.statistics.inFlight == 0)
            #expect(peer.seen.isEmpty)
        }
    }

    @Test func shutdownEndsWhatIsPending() async throws {
        let peer = Peer { _ in [] }
        defer { peer.stop() }
        let client = ExchangeClient(configuration: configuration())
        let request = Request(server: peer.endpoint, question: question, recursionDesired: true)
        let task = Task { await client.exchanges(Array(repeating: request, count: 50)) }
        #expect(await eventually { await client.statistics.inFlight == 50 })
        await client.shutdown()
        #expect(await task.value.allSatisfy { $0.outcome == .silent(.cancelled) })
        #expect(await client.exchange(request).outcome == .silent(.cancelled))
        await client.shutdown()
        #expect(await client.statistics.socketsOpen == 0)
        #expect(await client.statistics.queriesSent == 50)
    }

    /// Two sockets for twelve servers, each with its own queue: none starves, and no caller sees an error.
    @Test func fewSocketsOnlySlowDown() async throws {
        let peers = (0..<12).map { _ in Peer() }
        defer { for peer in peers { peer.stop() } }
        var configuration = configuration()
        configuration.socketLimit = 2
        let client = ExchangeClient(configuration: configuration)
        let requests = (0..<120).map {
            Request(server: peers[$0 % 12].endpoint, question: question, recursionDesired: true)
        }
        let exchanges = await client.exchanges(requests)
        #expect(exchanges.allSatisfy { $0.addressCount == 1 })
        #expect(await client.statistics.socketsOpen <= 2)
        #expect(await client.statistics.socketsDelayed > 0)
        await client.shutdown()
    }

    /// A broadcast address cannot be connected to without asking for it, hence no packet leaves.
    @Test func addressesWithoutARouteEndAtOnce() async throws {
        let client = ExchangeClient(configuration: configuration())
        let nowhere = Request(
            server: Endpoint("255.255.255.255:53")!, question: question, recursionDesired: true)
        let exchanges = await client.exchanges(Array(repeating: nowhere, count: 100))
        #expect(exchanges.allSatisfy { $0.hasNoRoute && $0.tries == 0 })
        #expect(await client.statistics.queriesSent == 0)
        #expect(await client.statistics.socketsOpen == 0)
        await client.shutdown()
    }
}
