import DNS
import DNSClient
import Glibc

/// What is asked in these tests unless they say otherwise.
let question = Question(try! DomainName(labels: ["www", "test"].map { Array($0.utf8) }), .a)

/// A response to the query `octets` with that many addresses, its flags as given.
func response(
    to octets: [UInt8], flags: UInt16 = 0x8180, addresses: Int = 1, changingID: UInt16 = 0
) -> [UInt8] {
    var end = 12
    while octets[end] != 0 { end += Int(octets[end]) + 1 }
    var result = Array(octets[..<(end + 5)])
    result[0] ^= UInt8(changingID >> 8)
    result[1] ^= UInt8(changingID & 0xFF)
    result[2] = UInt8(flags >> 8)
    result[3] = UInt8(flags & 0xFF)
    result[6] = UInt8(addresses >> 8)
    result[7] = UInt8(addresses & 0xFF)
    result[11] = 0
    for index in 0..<addresses {
        result += [0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, UInt8(index >> 8), UInt8(index & 0xFF)]
    }
    return result
}

extension Peer.Query {
    /// A good answer.
    var positive: Peer.Reply { Peer.Reply(octets: response(to: octets)) }
    /// An answer whose RDATA runs past its end.
    var malformed: Peer.Reply { Peer.Reply(octets: response(to: octets).dropLast(2)) }
    /// Truncated: ask over TCP.
    var truncated: Peer.Reply { Peer.Reply(octets: response(to: octets, flags: 0x8380, addresses: 0)) }
    /// An error with the question, and with an OPT where there are upper bits.
    func error(_ code: UInt8, upperBits: UInt8? = nil) -> Peer.Reply {
        var reply = response(to: octets, flags: 0x8180 | UInt16(code), addresses: 0)
        if let upperBits {
            reply[11] = 1
            reply += Self.opt(upperBits)
        }
        return Peer.Reply(octets: reply)
    }
    /// A header alone, or with an OPT.
    func bareError(_ code: UInt8, upperBits: UInt8? = nil) -> Peer.Reply {
        let count: UInt8 = upperBits == nil ? 0 : 1
        return Peer.Reply(
            octets: [octets[0], octets[1], 0x80, code, 0, 0, 0, 0, 0, 0, 0, count]
                + (upperBits.map(Self.opt) ?? []))
    }
    private static func opt(_ upperBits: UInt8) -> [UInt8] { [0, 0, 41, 4, 208, upperBits, 0, 0, 0, 0, 0] }
    /// A good answer to another question.
    var otherQuestion: Peer.Reply {
        var reply = positive
        reply.octets[13] ^= 1
        return reply
    }
}

extension Array where Element == UInt8 {
    fileprivate func dropLast(_ count: Int) -> [UInt8] { Array(self[..<(self.count - count)]) }
    /// With the length in front, as TCP wants it.
    var framed: [UInt8] { [UInt8(count >> 8), UInt8(count & 0xFF)] + self }
}

extension Exchange {
    var addressCount: Int? {
        guard case .response(let message) = outcome else { return nil }
        return message.answer.count
    }
    var isMalformed: Bool {
        if case .malformed = outcome { true } else { false }
    }
    var isUnreachable: Bool {
        if case .silent(.unreachable) = outcome { true } else { false }
    }
    var hasNoRoute: Bool {
        if case .silent(.noRoute) = outcome { true } else { false }
    }
}

/// Monotonic time.
func monotonic() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

/// A configuration for loopback: long patience unless the test is about silence, and no rate.
func configuration(timeout: Duration = .seconds(20), tries: Int = 3) -> Configuration {
    var configuration = Configuration(now: { monotonic() })
    configuration.timeout = timeout
    configuration.tries = tries
    configuration.defaultRate = 1e6
    return configuration
}

/// Runs a test with a client and a peer, and ends both.
func withClient(
    _ configuration: Configuration = configuration(), asking peer: Peer,
    _ body: (ExchangeClient, Request) async throws -> Void
) async throws {
    let client = ExchangeClient(configuration: configuration)
    defer { peer.stop() }
    do {
        try await body(
            client, Request(server: peer.endpoint, question: question, recursionDesired: true))
    } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}

/// Waits until `condition` holds, ten seconds at most, and says whether it does.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let end = monotonic() + .seconds(10)
    while monotonic() < end {
        if await condition() { return true }
        await Task.yield()
    }
    return await condition()
}
