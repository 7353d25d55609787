import DNS
import NIOCore
import NIOPosix

/// One connected UDP socket towards one server, on a random port of the kernel's choice.
///
/// It is connected: the kernel drops datagrams from any other address or port, and reports ICMP errors (RFC 1122
/// §4.1.3.3). It is used only on the event loop.
final class Lane {
    let server: ServerState
    private(set) var channel: (any Channel)?
    private(set) var isClosed = false
    var pending = PendingTable()
    /// No further question leaves from this port; it closes with the last answer or timeout.
    var isRetired = false
    /// Slots that wait for the socket to open.
    var backlog: [Int] = []
    var questions = 0
    let opened: Instant
    var lastUsed: Instant
    /// The server's count of uses when this lane was last chosen.
    var useNumber = 0
    var needsFlush = false

    /// A port serves this many questions at most, and for this long …
    static let questionLimit = 512
    static let lifetime: Duration = .seconds(20)
    /// … and is closed after so long without one.
    static let idleLimit: Duration = .seconds(5)

    init(server: ServerState, now: Instant) {
        self.server = server
        opened = now
        lastUsed = now
    }

    var isIdle: Bool { pending.isEmpty && backlog.isEmpty }

    /// Whether no further question may leave from this port.
    func isWornOut(at now: Instant) -> Bool {
        isRetired || questions >= Self.questionLimit || now - opened >= Self.lifetime
    }

    func attach(_ channel: any Channel) {
        if isClosed {
            channel.close(promise: nil)
        } else {
            self.channel = channel
        }
    }

    /// Puts a query into the socket's outgoing batch.
    func write(_ octets: [UInt8], id: UInt16) {
        guard let channel, octets.count >= 2 else { return }
        var buffer = channel.allocator.buffer(capacity: octets.count)
        buffer.writeBytes(octets)
        buffer.setInteger(id, at: 0)
        channel.write(buffer, promise: nil)
    }

    func flush() {
        needsFlush = false
        channel?.flush()
    }

    func close() {
        isClosed = true
        // Forget it first: closing calls the handler at once.
        let channel = channel
        self.channel = nil
        channel?.close(promise: nil)
    }
}

/// Hands a lane's datagrams and errors to the engine.
final class LaneHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let lane: Lane
    private let engine: Engine

    init(lane: Lane, engine: Engine) {
        self.lane = lane
        self.engine = engine
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        engine.received(unwrapInboundIn(data).data, on: lane)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        engine.pumpSoon()
    }

    /// ICMP said that nobody listens there: every try on this lane is over. NIO closes the channel itself
    /// after errors that it deems fatal.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        engine.failed(lane, reason: describe(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        engine.closed(lane)
    }
}

/// A few words for a system error.
func describe(_ error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    return switch error.errnoCode {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET: "connection reset"
    case EHOSTUNREACH: "host unreachable"
    case ENETUNREACH: "network unreachable"
    case EMFILE, ENFILE: "no file descriptors left"
    case ETIMEDOUT: "timed out"
    default: unsafe String(cString: strerror(error.errnoCode))
    }
}
