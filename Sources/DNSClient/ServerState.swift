import DNS
import DequeModule
import NIOCore
import NIOPosix

/// What the engine knows of one server: who waits for it, its rate, and its lanes.
final class ServerState {
    let endpoint: Endpoint
    let address: SocketAddress
    var waiting = WaitingLine()
    var bucket: TokenBucket
    /// Whether its bucket is that of a server that is polled.
    var isPolled = false
    var lanes: [Lane] = []
    /// Whether the server is in the engine's round, or waits for a token or a socket.
    var isQueued = false
    var isDelayed = false
    var edns = EDNSUse.unknown
    /// How many sockets in a row could not be opened because there was no local address.
    var addressShortages = 0
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

    /// A lane that the last samples did not use, at random; `nil` if another should be opened.
    ///
    /// - Parameter mayOpen: whether another one can be opened. If not, the least recently used one must do.
    func chooseLane(at now: Instant, mayOpen: Bool, limit: Int, identifiers: inout SecureIdentifiers) -> Lane?
    {
        // With all lanes open, the latest half of the uses is left out.
        let rest = limit / 2
        var usable = 0
        var rested = 0
        var oldest: Lane?
        for lane in lanes where !lane.isWornOut(at: now) {
            usable += 1
            if uses - lane.useNumber >= rest { rested += 1 }
            if lane.useNumber < oldest?.useNumber ?? .max { oldest = lane }
        }
        if mayOpen, usable < limit, uses < limit || rested == 0 { return nil }
        guard rested > 0 else { return oldest }
        var choice = identifiers.below(rested)
        for lane in lanes where !lane.isWornOut(at: now) && uses - lane.useNumber >= rest {
            if choice == 0 { return lane }
            choice -= 1
        }
        return oldest
    }

    func takesEDNS(at now: Instant) -> Bool {
        switch edns {
        case .unknown, .spoken: true
        case .rejected: false
        case .unanswered(let until): now >= until
        }
    }

    func noteUse(_ lane: Lane, at now: Instant) {
        uses += 1
        lane.useNumber = uses
        lane.lastUsed = now
        lane.questions += 1
    }
}

/// The slots that wait for their turn at a server: first those with priority, then the rest, each in the order of
/// arrival.
struct WaitingLine {
    private var early = Deque<Int>()
    private var rest = Deque<Int>()

    var isEmpty: Bool { early.isEmpty && rest.isEmpty }
    var first: Int? { early.first ?? rest.first }

    mutating func append(_ slot: Int, goesFirst: Bool) {
        if goesFirst { early.append(slot) } else { rest.append(slot) }
    }

    /// Puts a slot back for its next try, before the others of its kind.
    mutating func prepend(_ slot: Int, goesFirst: Bool) {
        if goesFirst { early.prepend(slot) } else { rest.prepend(slot) }
    }

    mutating func removeFirst() {
        if early.popFirst() == nil { rest.removeFirst() }
    }

    mutating func removeAll() -> [Int] {
        defer { self = WaitingLine() }
        return Array(early) + rest
    }
}

/// What is known of a server and EDNS.
enum EDNSUse: Equatable {
    case unknown
    /// It answered a query with an OPT: there is no need to try without.
    case spoken
    /// It rejects an OPT, and answers without.
    case rejected
    /// It was silent to queries with an OPT, and answered one without.
    case unanswered(until: Instant)
}

extension IPAddress {
    /// The octets as NIO takes them.
    fileprivate var packed: ByteBuffer { ByteBuffer(bytes: octets) }
}
