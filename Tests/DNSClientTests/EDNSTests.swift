import DNS
import DNSClient
import Testing

/// Servers and paths that do not take EDNS (the verdict's §1).
@Suite("EDNS")
struct EDNSTests {
    /// How a server says that it does not take an OPT.
    enum Rejection: CaseIterable, Sendable {
        case formatError, formatErrorWithOPT, notImplemented, badVersion
        case bareFormatError, bareNotImplemented, bareBadVersion

        func reply(to query: Peer.Query) -> Peer.Reply {
            switch self {
            case .formatError: query.error(1)
            case .formatErrorWithOPT: query.error(1, upperBits: 0)
            case .notImplemented: query.error(4)
            case .badVersion: query.error(0, upperBits: 1)
            case .bareFormatError: query.bareError(1)
            case .bareNotImplemented: query.bareError(4)
            case .bareBadVersion: query.bareError(0, upperBits: 1)
            }
        }
    }

    @Test(
        "a server that rejects EDNS is asked without, in the same try and from then on",
        arguments: Rejection.allCases)
    func rejections(_ rejection: Rejection) async throws {
        let peer = Peer { [$0.hasEDNS ? rejection.reply(to: $0) : $0.positive] }
        try await withClient(asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.addressCount == 1)
            #expect(exchange.tries == 1)
            #expect(exchange.isWithoutEDNS)
            #expect(peer.seen.map(\.hasEDNS) == [true, false])
            #expect(await client.exchange(request).addressCount == 1)
            #expect(peer.seen.map(\.hasEDNS) == [true, false, false])
        }
    }

    @Test("an error with and without EDNS is the answer, and says nothing about EDNS")
    func errorsOfBothKinds() async throws {
        let peer = Peer { [$0.error(1)] }
        try await withClient(asking: peer) { client, request in
            for _ in 0..<2 {
                guard case .response(let message) = await client.exchange(request).outcome else {
                    Issue.record("no response")
                    return
                }
                #expect(message.responseCode == .formatError)
            }
            #expect(peer.seen.map(\.hasEDNS) == [true, false, true, false])
        }
    }

    @Test(
        "the last of several tries goes without EDNS where all before were met with silence; once is enough")
    func silence() async throws {
        let peer = Peer { $0.hasEDNS ? [] : [$0.positive] }
        try await withClient(configuration(timeout: .milliseconds(100)), asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.addressCount == 1)
            #expect(exchange.tries == 3)
            #expect(exchange.isWithoutEDNS)
            #expect(peer.seen.map(\.hasEDNS) == [true, true, false])
            let next = await client.exchange(request)
            #expect(next.tries == 1)
            #expect(next.isWithoutEDNS)
            #expect(peer.seen.map(\.hasEDNS) == [true, true, false, false])
        }
    }

    @Test("a single try has EDNS")
    func singleTry() async throws {
        let peer = Peer { $0.hasEDNS ? [] : [$0.positive] }
        try await withClient(configuration(timeout: .milliseconds(100), tries: 1), asking: peer) {
            client, request in
            #expect(await client.exchange(request).addressCount == nil)
            #expect(peer.seen.map(\.hasEDNS) == [true])
        }
    }

    @Test("a server that has answered with EDNS is never tried without, however silent it is")
    func speakersAreNotTried() async throws {
        let peer = Peer { $0.index == 0 ? [$0.positive] : [] }
        try await withClient(configuration(timeout: .milliseconds(100)), asking: peer) { client, request in
            let first = await client.exchange(request)
            #expect(first.addressCount == 1)
            #expect(!first.isWithoutEDNS)
            #expect(await client.exchange(request).addressCount == nil)
            #expect(peer.seen.map(\.hasEDNS) == [true, true, true, true])
        }
    }

    @Test("a server that is slow and then fails is not taken for one without EDNS")
    func slowFailure() async throws {
        let peer = Peer { $0.index < 2 ? [] : [$0.index == 2 ? $0.error(2) : $0.positive] }
        try await withClient(configuration(timeout: .milliseconds(100)), asking: peer) { client, request in
            #expect(await client.exchange(request).tries == 3)
            #expect(await client.exchange(request).addressCount == 1)
            #expect(peer.seen.map(\.hasEDNS) == [true, true, false, true])
        }
    }

    @Test("an answer over TCP, too", arguments: [false, true])
    func streams(isBare: Bool) async throws {
        let peer = Peer(streaming: { socket, query in
            let hasEDNS = query[11] == 1
            let bare: [UInt8] = [query[0], query[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]
            let error = isBare ? bare : response(to: query, flags: 0x8181, addresses: 0)
            write((hasEDNS ? error : response(to: query)).framed, to: socket)
            waitForEnd(of: socket)
        }) { [$0.truncated] }
        try await withClient(asking: peer) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.addressCount == 1)
            #expect(exchange.usedTCP)
        }
    }

    @Test("an error whose header stands alone ends the try, not the query", arguments: [2, 3, 5] as [UInt8])
    func bareErrors(code: UInt8) async throws {
        let moody = Peer { [$0.index < 2 ? $0.bareError(code) : $0.positive] }
        try await withClient(asking: moody) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.addressCount == 1)
            #expect(exchange.tries == 3)
        }
        let stubborn = Peer { [$0.bareError(code)] }
        try await withClient(asking: stubborn) { client, request in
            let exchange = await client.exchange(request)
            #expect(exchange.outcome == .bareError(ResponseCode(rawValue: UInt16(code))))
            #expect(exchange.tries == 3)
            #expect(await client.statistics.timeouts == 0)
        }
    }
}
