import DNS
import DequeModule
import NIOCore
import NIOPosix

/// What the engine knows of one server: who waits for it, its rate, and its lanes.
final class ServerState {
    let endpoint: Endpoint
    let address: SocketAddress
    var waiting = Deque<Int>()
    var bucket: TokenBucket
    var lanes: [Lane] = []
    /// Whether the server stands in the engine's round, or waits for a token or a socket.
    var isQueued = false
    var isDelayed = false
    /// Until then queries leave without EDNS, since the server did not understand it.
    var ednsOffUntil: Instant?
    private var uses = 0

    init?(_ endpoint: Endpoint, rate: Double, now: Instant) {
        self.endpoint = endpoint
        guard
            let address = try? SocketAddress(
                packedIPAddress: endpoint.address.packed, port: Int(endpoint.port))
        else { return nil }
        self.address = address
        bucket = TokenBucket(rate: rate, now: now)
    }

    /// A lane that the last samples did not use, at random; `nil` where another should be opened.
    ///
    /// - Parameter mayOpen: whether another can be: if not, the least recently used one has to serve.
    func chooseLane(at now: Instant, mayOpen: Bool, limit: Int, identifiers: inout SecureIdentifiers) -> Lane?
    {
        let usable = lanes.filter { !$0.isClosed && !$0.isWornOut(at: now) }
        // With all lanes open, the latest half of the uses is left out.
        let rested = usable.filter { uses - $0.useNumber >= limit / 2 }
        if rested.isEmpty {
            if mayOpen, usable.count < limit { return nil }
            return usable.min { $0.useNumber < $1.useNumber }
        }
        if mayOpen, usable.count < limit, uses < limit { return nil }
        return rested[identifiers.below(rested.count)]
    }

    func noteUse(_ lane: Lane, at now: Instant) {
        uses += 1
        lane.useNumber = uses
        lane.lastUsed = now
        lane.questions += 1
    }
}

extension IPAddress {
    /// The octets as NIO takes them.
    fileprivate var packed: ByteBuffer { ByteBuffer(bytes: octets) }
}
