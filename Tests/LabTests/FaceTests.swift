import DNS
import Foundation
import Lab
import Testing

@Suite(.timeLimit(.minutes(5))) struct FaceTests {
    /// A world of one resolver with the given manners, and its copy loaded.
    static func world(_ manners: LabManners = LabManners(), cacheCount: Int = 1) -> LabWorld {
        .switching(
            from: oldMail, to: newMail, at: seconds(1e9),
            resolvers: [LabResolver("one", cacheCount: cacheCount, manners: manners)])
    }

    static func framed(_ octets: [UInt8]) -> [UInt8] {
        [UInt8(octets.count >> 8), UInt8(octets.count & 0xFF)] + octets
    }

    /// Runs a blocking client against the one resolver of a world.
    private func client<Value: Sendable>(
        _ world: LabWorld, _ body: @escaping @Sendable (Endpoint) throws -> Value
    ) async throws -> Value {
        try await LabNetwork.run(world, now: monotonic) { network in
            let endpoint = try #require(network.endpoint(of: .resolver(0)))
            return try await blocking { try body(endpoint) }
        }
    }

    @Test("a datagram is answered, and so is one on IPv6")
    func aDatagramIsAnsweredAndSoIsOneOnIPv6() async throws {
        var world = Self.world()
        world.resolvers[0].addresses.append(.labDefaultV6)
        let query = LabQuery(id: 99, question: mx)
        try await LabNetwork.run(world, now: monotonic) { network in
            let endpoints = network.endpoints(of: .resolver(0))
            #expect(endpoints.count + network.leftOut.count == 2)
            for endpoint in endpoints {
                let reply = try await blocking {
                    let socket = try Socket(endpoint, stream: false)
                    socket.write(query.octets)
                    return try socket.read()
                }
                #expect(Array(reply[..<8]) == [0, 99, 0x81, 0x80, 0, 1, 0, 1])
            }
        }
    }

    @Test("what is no query gets no reply, and the next one does")
    func whatIsNoQueryGetsNoReplyAndTheNextOneDoes() async throws {
        let reply = try await client(Self.world()) { endpoint in
            let socket = try Socket(endpoint, stream: false)
            socket.write([1, 2, 3])
            socket.write(LabQuery(id: 5, question: mx).octets)
            return try socket.read()
        }
        #expect(Array(reply[..<2]) == [0, 5])
    }

    @Test("thousands of datagrams come back, each under its ID")
    func thousandsOfDatagramsComeBackEachUnderItsID() async throws {
        let count = 5000
        let seen = try await client(Self.world(cacheCount: 4)) { endpoint in
            let socket = try Socket(endpoint, stream: false)
            var seen: Set<UInt16> = []
            // Few enough at once for any receive buffer.
            for start in stride(from: 0, to: count, by: 50) {
                for id in start..<(start + 50) { socket.write(LabQuery(id: UInt16(id), question: mx).octets) }
                for _ in 0..<50 {
                    let reply = try socket.read()
                    seen.insert(UInt16(reply[0]) << 8 | UInt16(reply[1]))
                }
            }
            return seen
        }
        #expect(seen.count == count)
    }

    @Test("a reply waits for its delay, and shorter ones overtake it")
    func aReplyWaitsForItsDelayAndShorterOnesOvertakeIt() async throws {
        var world = Self.world(.delayed(.milliseconds(300)))
        world.resolvers.append(LabResolver("quick"))
        try await LabNetwork.run(world, now: monotonic) { network in
            let slow = try #require(network.endpoint(of: .resolver(0)))
            let quick = try #require(network.endpoint(of: .resolver(1)))
            let (ids, elapsed) = try await blocking {
                let socket = try Socket(slow, stream: false, connected: false)
                let start = monotonic()
                socket.write(LabQuery(id: 1, question: mx).octets, to: slow)
                socket.write(LabQuery(id: 2, question: mx).octets, to: quick)
                let ids = [try socket.read()[1], try socket.read()[1]]
                return (ids, monotonic() - start)
            }
            #expect(ids == [2, 1])
            #expect(elapsed >= .milliseconds(300))
        }
    }

    @Test("a forger comes first, from another port where told")
    func aForgerComesFirstFromAnotherPortWhereTold() async throws {
        let lie = LabAnswer(.nameError)
        let manners = LabManners(mischief: [.wrongID, .notAResponse, .garbage(30), .duplicate], lie: lie)
        let replies = try await client(Self.world(manners)) { endpoint in
            let socket = try Socket(endpoint, stream: false)
            socket.write(LabQuery(id: 5, question: mx).octets)
            return try (0..<5).map { _ in try socket.read() }
        }
        #expect(Array(replies[0][..<2]) != [0, 5] && replies[0][3] & 0xF == 3)
        #expect(replies[1][2] & 0x80 == 0)
        #expect(replies[2].count == 30 && Array(replies[2][..<2]) == [0, 5])
        #expect(replies[3] == replies[4] && replies[4][3] & 0xF == 0)
        let fromPort = try await client(Self.world(LabManners(mischief: [.otherPort], isHonest: false))) {
            endpoint in
            let socket = try Socket(endpoint, stream: false, connected: false)
            socket.write(LabQuery(id: 5, question: mx).octets, to: endpoint)
            return try socket.readWithPort().port != endpoint.port
        }
        #expect(fromPort)
    }

    @Test("a test rewrites replies while the servers run")
    func aTestRewritesRepliesWhileTheServersRun() async throws {
        try await LabNetwork.run(Self.world(), now: monotonic) { network in
            network.world.withWorld { world in
                world[mannersOf: .resolver(0)].rewrite = { query, transport, honest in
                    [LabReply([UInt8(query.id), transport == .udp ? 1 : 2])]
                }
            }
            let endpoint = try #require(network.endpoint(of: .resolver(0)))
            let reply = try await blocking {
                let socket = try Socket(endpoint, stream: false)
                socket.write(LabQuery(id: 42, question: mx).octets)
                return try socket.read()
            }
            #expect(reply == [42, 1])
        }
    }

    @Test("a connection carries several queries, even in pieces")
    func aConnectionCarriesSeveralQueriesEvenInPieces() async throws {
        let replies = try await client(Self.world()) { endpoint in
            let socket = try Socket(endpoint, stream: true)
            let both = [1, 2].flatMap { Self.framed(LabQuery(id: $0, question: mx).octets) }
            socket.write(Array(both[..<1]))
            socket.write(Array(both[1..<50]))
            socket.write(Array(both[50...]))
            return try (0..<2).map { _ in
                let head = try socket.read(2)
                return try socket.read(Int(head[0]) << 8 | Int(head[1]))
            }
        }
        #expect(replies.map { $0[1] }.sorted() == [1, 2])
    }

    /// What a client reads to the end of the stream under a fault.
    private func stream(_ fault: LabStreamFault) async throws -> [UInt8] {
        try await client(Self.world(LabManners(stream: fault))) { endpoint in
            let socket = try Socket(endpoint, stream: true)
            socket.write(Self.framed(LabQuery(id: 1, question: mx).octets))
            return try socket.read(65_537)
        }
    }

    @Test("each stream fault shows as told")
    func eachStreamFaultShowsAsTold() async throws {
        #expect(try await stream(.closesWithoutAnswer).isEmpty)
        let half = try await stream(.closesMidMessage)
        #expect(half.count > 2 && Int(half[1]) + 2 > half.count)
        let lying = try await stream(.liesAboutLength(7))
        #expect(Int(lying[0]) << 8 | Int(lying[1]) == lying.count - 2 + 7)
        let large = try await stream(.oversized)
        #expect(large.count == 65_537 && large[0] == 255 && large[1] == 255)
        await #expect(throws: Socket.Failure(code: ECONNRESET)) { try await stream(.resets) }
    }

    @Test(
        "a connection that stalls ends when the server stops",
        arguments: [LabStreamFault.stallsAfterConnect, .stallsMidMessage])
    func aConnectionThatStallsEndsWhenTheServerStops(fault: LabStreamFault) async throws {
        let server = try await LabServer.start(
            .resolver(0), of: SharedWorld(Self.world(LabManners(stream: fault))), idleLimit: .seconds(3600),
            now: monotonic)
        let socket = try Socket(server.endpoint, stream: true)
        socket.write(Self.framed(LabQuery(id: 1, question: mx).octets))
        if fault == .stallsMidMessage {
            let first = try await blocking { try socket.read() }
            #expect(first.count > 2 && first.count < 2 + Int(first[1]))
        }
        await server.stop()
        #expect(try await blocking { try socket.read() }.isEmpty)
    }

    @Test("an idle connection is closed")
    func anIdleConnectionIsClosed() async throws {
        let server = try await LabServer.start(
            .resolver(0), of: SharedWorld(Self.world()), idleLimit: .milliseconds(50), now: monotonic)
        let rest = try await blocking { [endpoint = server.endpoint] in
            try Socket(endpoint, stream: true).read()
        }
        #expect(rest.isEmpty)
        await server.stop()
    }

    @Test("a stopped server leaves its port free")
    func aStoppedServerLeavesItsPortFree() async throws {
        // Another test may take the port in between, so some attempts are allowed.
        var isTakenAgain = false
        for _ in 0..<10 where !isTakenAgain {
            let shared = SharedWorld(Self.world())
            let first = try await LabServer.start(.resolver(0), of: shared, now: monotonic)
            await first.stop()
            await first.stop()
            let second = try? await LabServer.start(
                .resolver(0), of: shared, port: first.endpoint.port, now: monotonic)
            isTakenAgain = second?.endpoint == first.endpoint
            await second?.stop()
        }
        #expect(isTakenAgain)
    }

    @Test("a stopped server drops what waited, and lets go of its world and clock")
    func aStoppedServerDropsWhatWaitedAndLetsGoOfItsWorldAndClock() async throws {
        // A reply that still waited for its hour would keep the clock alive, and the test until its limit.
        let (released, signal) = AsyncStream<Void>.makeStream()
        var clock: Witness? = Witness { signal.finish() }
        let asked = AsyncStream<Void>.makeStream()
        var server: LabServer? = try await LabServer.start(
            .resolver(0), of: SharedWorld(Self.world(.delayed(.seconds(3600)))),
            now: { [clock] in
                asked.continuation.yield()
                return clock == nil ? seconds(0) : monotonic()
            })
        clock = nil
        let socket = try Socket(try #require(server).endpoint, stream: false)
        socket.write(LabQuery(question: mx).octets)
        for await _ in asked.stream { break }
        await server?.stop()
        server = nil
        for await _ in released {}
    }

    @Test("without TCP, connections are refused")
    func withoutTCPConnectionsAreRefused() async throws {
        let server = try await LabServer.start(
            .resolver(0), of: SharedWorld(Self.world()), listensOnTCP: false, now: monotonic)
        #expect(throws: Socket.Failure(code: ECONNREFUSED)) { try Socket(server.endpoint, stream: true) }
        await server.stop()
    }

    @Test("only loopback is bound")
    func onlyLoopbackIsBound() async throws {
        await #expect(throws: LabServer.StartError.notLoopback(.v4(0))) {
            _ = try await LabServer.start(
                .resolver(0), of: SharedWorld(Self.world()), on: .v4(0), now: monotonic)
        }
    }

    @Test("the demonstration's authorities share a port")
    func theDemonstrationsAuthoritiesShareAPort() async throws {
        let demo = DemoWorld(seed: 1, start: monotonic())
        try await LabNetwork.run(demo.world, sharedAuthorityPort: true, now: monotonic) { network in
            let endpoints = demo.world.authorities.indices.compactMap { network.endpoint(of: .authority($0)) }
            #expect(endpoints.count == 3)
            #expect(Set(endpoints.map(\.port)).count == 1)
            #expect(Set(endpoints.map(\.address)).count == 3)
        }
    }
}
