import DNS
import DNSClient
import Lab
import Testing

@Suite("Many questions at once", .serialized)
struct LoadTests {
    @Test("thousands of questions are all answered, each with its own")
    func thousands() async throws {
        let domains = (0..<200).map { DomainName("d\($0).example.it")! }
        let world = LabWorld.plain(delays: [.zero, .milliseconds(3), .milliseconds(9)], domains: domains)
        try await LabNetwork.run(world, now: monotonic) { network in
            let requests = (0..<6_000).map { index in
                Request(
                    server: network.endpoint(of: .resolver(index % 3))!,
                    question: Question(domains[index % 200], .mx),
                    recursionDesired: true)
            }
            try await withClient(timeout: .seconds(2), tries: 5) { client in
                let exchanges = await client.exchanges(requests)
                for (request, exchange) in zip(requests, exchanges) {
                    guard case .response(let message) = exchange.outcome else {
                        Issue.record("\(exchange.outcome)")
                        continue
                    }
                    #expect(message.question == request.question)
                }
                let statistics = await client.statistics
                #expect(statistics.answers == 6_000)
                #expect(statistics.inFlight == 0)
            }
        }
    }

    @Test("equal questions of a batch leave from different ports, with different IDs")
    func ports() async throws {
        try await RecordingServer.run(answers: true) { server in
            try await withClient { client in
                let request = Request(server: server.endpoint, question: mx, recursionDesired: true)
                _ = await client.exchanges([request, request, request])
                #expect(Set(server.seen.map(\.port)).count == 3)
                for _ in 0..<40 { _ = await client.exchange(request) }
                #expect(server.seen.count == 43)
                #expect(Set(server.seen.map(\.port)).count == 8)
                for (one, next) in zip(server.seen, server.seen.dropFirst()) {
                    #expect(one.port != next.port)
                }
                #expect(Set(server.seen.map(\.id)).count > 30, "IDs are not counted up or reused")
            }
        }
    }

    @Test("a port serves a limited number of questions")
    func wornOut() async throws {
        try await RecordingServer.run(answers: true) { server in
            try await withClient({ $0.portsPerServer = 1 }) { client in
                let request = Request(server: server.endpoint, question: mx, recursionDesired: true)
                for _ in 0..<30 { _ = await client.exchanges(Array(repeating: request, count: 50)) }
                #expect(Set(server.seen.map(\.port)).count >= 3)
            }
        }
    }

    @Test("no more questions are under way than allowed")
    func inFlightLimit() async throws {
        try await RecordingServer.run(answers: false) { server in
            try await withClient(timeout: .milliseconds(200), tries: 1, { $0.inFlightLimit = 10 }) { client in
                let request = Request(server: server.endpoint, question: mx, recursionDesired: true)
                async let all = client.exchanges(Array(repeating: request, count: 25))
                while server.seen.count < 10 { await Task.yield() }
                #expect(await client.statistics.inFlight <= 10)
                let exchanges = await all
                #expect(exchanges.count == 25)
                #expect(server.seen.count == 25)
                // Three rounds of a timeout each, and no sooner.
                #expect(exchanges.map(\.sent).max()! - exchanges.map(\.sent).min()! >= .milliseconds(390))
            }
        }
    }

    @Test("few sockets only slow it down")
    func fewSockets() async throws {
        try await withServer(LabManners()) { request, _ in
            try await withClient(timeout: .seconds(5), { $0.socketLimit = 1 }) { client in
                let exchanges = await client.exchanges(Array(repeating: request, count: 500))
                #expect(exchanges.allSatisfy { $0.exchanges == honest })
                #expect(await client.statistics.socketsOpen <= 1)
            }
        }
    }

    @Test("more servers than sockets: each gets its turn")
    func moreServersThanSockets() async throws {
        let world = LabWorld.plain(delays: Array(repeating: .milliseconds(1), count: 12))
        try await LabNetwork.run(world, now: monotonic) { network in
            let requests = (0..<12).map {
                Request(server: network.endpoint(of: .resolver($0))!, question: mx, recursionDesired: true)
            }
            try await withClient(timeout: .seconds(5), { $0.socketLimit = 3 }) { client in
                let exchanges = await client.exchanges(requests + requests)
                #expect(exchanges.allSatisfy { $0.exchanges == honest })
            }
        }
    }

    @Test("cancelling ends the questions at once and leaves nothing behind")
    func cancellation() async throws {
        try await RecordingServer.run(answers: false) { server in
            try await withClient(timeout: .seconds(60)) { client in
                let request = Request(server: server.endpoint, question: mx, recursionDesired: true)
                let task = Task { await client.exchanges(Array(repeating: request, count: 50)) }
                while server.seen.isEmpty { await Task.yield() }
                task.cancel()
                let exchanges = await task.value
                #expect(exchanges.allSatisfy { $0.outcome == .silent(.cancelled) })
                #expect(await client.statistics.inFlight == 0)
                let unstarted = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return await client.exchange(request)
                }
                unstarted.cancel()
                #expect(await unstarted.value.outcome == .silent(.cancelled))
            }
        }
    }

    @Test("shutting down ends what is under way")
    func shutdown() async throws {
        try await RecordingServer.run(answers: false) { server in
            let client = ExchangeClient(configuration: Configuration(now: monotonic))
            let request = Request(server: server.endpoint, question: mx, recursionDesired: true)
            let task = Task { await client.exchanges(Array(repeating: request, count: 5)) }
            while server.seen.isEmpty { await Task.yield() }
            await client.shutdown()
            #expect(await task.value.allSatisfy { $0.outcome == .silent(.cancelled) })
        }
    }
}
