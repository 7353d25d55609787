import DNS
import DNSClient
import Lab
import Testing

@Suite("Peers that lie, over UDP", .serialized)
struct HostilePeerTests {
    private static let lie = LabAnswer(
        answer: [
            ResourceRecord(
                owner: domain, type: .mx, ttl: TTL(seconds: 60),
                data: .mx(MailExchange(preference: 1, exchange: "evil.example")))
        ])

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var mischief: [LabManners.Mischief]
        var counts: @Sendable (Statistics) -> Int
    }

    static let cases = [
        Case(testDescription: "wrong ID", mischief: [.wrongID], counts: \.ignoredUnknownID),
        Case(
            testDescription: "other name", mischief: [.wrongQuestion(Question("example.net", .mx))],
            counts: \.ignoredOtherQuestion),
        Case(
            testDescription: "other type", mischief: [.wrongQuestion(Question(domain, .txt))],
            counts: \.ignoredOtherQuestion),
        Case(testDescription: "no response bit", mischief: [.notAResponse], counts: \.ignoredGarbage),
        Case(
            testDescription: "eleven octets", mischief: [.raw(Array(repeating: 0x80, count: 11))],
            counts: \.ignoredGarbage),
        Case(testDescription: "one octet", mischief: [.raw([0])], counts: \.ignoredGarbage),
        Case(testDescription: "empty", mischief: [.raw([])], counts: \.ignoredGarbage),
    ]

    @Test("a datagram that is no answer is counted, and the wait goes on to the real one", arguments: cases)
    func ignored(_ test: Case) async throws {
        let manners = LabManners(mischief: test.mischief, lie: Self.lie)
        try await withServer(manners) { request, _ in
            try await withClient { client in
                let exchange = await client.exchange(request)
                #expect(exchange.exchanges == honest)
                #expect(exchange.tries == 1)
                #expect(test.counts(await client.statistics) >= 1)
            }
        }
    }

    @Test("the same without a real answer ends as silence, after all tries", arguments: cases)
    func neverAnswered(_ test: Case) async throws {
        let manners = LabManners(mischief: test.mischief, lie: Self.lie, isHonest: false)
        try await withServer(manners) { request, _ in
            try await withClient(timeout: .milliseconds(60)) { client in
                let exchange = await client.exchange(request)
                #expect(exchange.outcome == .silent(.timeout))
                #expect(exchange.tries == 2)
                #expect(await client.statistics.inFlight == 0)
            }
        }
    }

    @Test("an answer from another port never reaches us: the kernel drops it")
    func otherPort() async throws {
        try await withServer(LabManners(mischief: [.otherPort], lie: Self.lie)) { request, _ in
            try await withClient { client in
                #expect(await client.exchange(request).exchanges == honest)
            }
        }
        try await withServer(LabManners(mischief: [.otherPort], lie: Self.lie, isHonest: false)) {
            request, _ in
            try await withClient(timeout: .milliseconds(60)) { client in
                #expect(await client.exchange(request).outcome == .silent(.timeout))
            }
        }
    }

    @Test("duplicates and late answers are counted, and disturb no later question")
    func duplicates() async throws {
        try await withServer(LabManners(mischief: [.duplicate, .late(.milliseconds(20))])) { request, _ in
            try await withClient { client in
                for _ in 0..<20 { #expect(await client.exchange(request).exchanges == honest) }
                #expect(await client.statistics.answers == 20)
                #expect(await client.statistics.ignoredUnknownID >= 19)
            }
        }
    }

    @Test("random octets under the right ID, then the real answer", arguments: [12, 40, 512, 4000])
    func garbage(count: Int) async throws {
        try await withServer(LabManners(mischief: [.garbage(count)])) { request, _ in
            try await withClient { client in
                for _ in 0..<20 { #expect(await client.exchange(request).exchanges == honest) }
            }
        }
    }

    @Test("a malformed answer to our question ends that try; where all are, the outcome says so")
    func malformed() async throws {
        // The honest answer, cut by one octet.
        let manners = LabManners(rewrite: { _, _, honest in [LabReply(honest.octets.dropLast())] })
        try await withServer(manners) { request, _ in
            try await withClient { client in
                let exchange = await client.exchange(request)
                #expect(exchange.isMalformed)
                #expect(exchange.tries == 2)
                #expect(await client.statistics.malformed == 2)
            }
        }
    }

    @Test("nothing listens: ICMP ends the tries at once")
    func refused() async throws {
        let server = try await RecordingServer.run(answers: false) { $0.endpoint }
        try await withClient(timeout: .seconds(60), tries: 3) { client in
            let request = Request(server: server, question: mx, recursionDesired: true)
            let exchanges = await client.exchanges(Array(repeating: request, count: 10))
            for exchange in exchanges {
                #expect(exchange.isUnreachable)
                #expect(exchange.tries == 3)
            }
        }
    }

    @Test("an address that no datagram can be sent to is known at once, and said")
    func noRoute() async throws {
        // Connecting to the broadcast address is forbidden, so nothing leaves this host.
        let broadcast = Request(
            server: Endpoint("255.255.255.255:53")!, question: mx, recursionDesired: true)
        try await withClient(timeout: .seconds(60)) { client in
            for exchange in await client.exchanges([broadcast, broadcast]) {
                guard case .silent(.noRoute) = exchange.outcome else {
                    Issue.record("\(exchange.outcome)")
                    continue
                }
            }
        }
    }

    @Test("FORMERR to EDNS: asked again without, and remembered")
    func withoutEDNS() async throws {
        try await withServer(LabManners(edns: .formatError)) { request, _ in
            try await withClient { client in
                let first = await client.exchange(request)
                #expect(first.exchanges == honest)
                #expect(first.tries == 1)
                let sent = await client.statistics.queriesSent
                #expect(await client.exchange(request).exchanges == honest)
                #expect(await client.statistics.queriesSent == sent + 1)
            }
        }
    }

    @Test("FORMERR of a header alone, which has no question to compare")
    func bareFormatError() async throws {
        let manners = LabManners(rewrite: { query, _, honest in
            guard query.edns != nil else { return [honest] }
            let id = [UInt8(query.id >> 8), UInt8(query.id & 0xFF)]
            return [LabReply(id + [0x80, 0x01, 0, 0, 0, 0, 0, 0, 0, 0])]
        })
        try await withServer(manners) { request, _ in
            try await withClient { client in
                #expect(await client.exchange(request).exchanges == honest)
            }
        }
    }

    @Test("loss is made up for by the tries")
    func loss() async throws {
        try await withServer(LabManners(loss: 0.3)) { request, _ in
            try await withClient(timeout: .milliseconds(150), tries: 12) { client in
                let exchanges = await client.exchanges(Array(repeating: request, count: 50))
                #expect(exchanges.allSatisfy { $0.exchanges == honest })
                #expect(exchanges.contains { $0.tries > 1 })
            }
        }
    }

    @Test("IPv6")
    func sixth() async throws {
        try await withServer(LabManners(), address: IPAddress("::1")!) { request, network in
            guard network.leftOut.isEmpty else { return }
            try await withClient { client in
                #expect(await client.exchange(request).exchanges == honest)
            }
        }
    }
}

@Suite("Peers that misbehave over TCP", .serialized)
struct StreamTests {
    private func exchange(_ fault: LabStreamFault, timeout: Duration = .milliseconds(150)) async throws
        -> Exchange
    {
        try await withServer(LabManners(truncatesDatagrams: true, stream: fault)) { request, _ in
            try await withClient(timeout: timeout) { client in
                let exchange = await client.exchange(request)
                let statistics = await client.statistics
                #expect(statistics.inFlight == 0)
                #expect(statistics.tcpExchanges >= 1)
                return exchange
            }
        }
    }

    @Test(
        "a truncated answer comes whole over TCP, even octet by octet",
        arguments: [LabStreamFault.none, .trickles])
    func truncated(fault: LabStreamFault) async throws {
        let exchange = try await exchange(fault, timeout: .seconds(5))
        #expect(exchange.exchanges == honest)
        #expect(exchange.usedTCP)
    }

    @Test(
        "a peer that stalls runs out of time",
        arguments: [LabStreamFault.stallsAfterConnect, .stallsMidMessage])
    func stalls(fault: LabStreamFault) async throws {
        #expect(try await exchange(fault).outcome == .silent(.timeout))
    }

    @Test(
        "a peer that closes or resets ends the try at once",
        arguments: [LabStreamFault.closesMidMessage, .closesWithoutAnswer, .resets, .liesAboutLength(10)])
    func closes(fault: LabStreamFault) async throws {
        let exchange = try await exchange(fault, timeout: .seconds(60))
        #expect(exchange.isUnreachable)
    }

    @Test(
        "a length that is too short, and 64 KB of padding, are malformed",
        arguments: [LabStreamFault.liesAboutLength(-5), .oversized])
    func malformed(fault: LabStreamFault) async throws {
        let exchange = try await exchange(fault, timeout: .seconds(60))
        #expect(exchange.isMalformed)
    }
}
