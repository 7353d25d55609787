import DNS
import NIOCore
import NIOPosix

/// One question over TCP, after a truncated answer: length and message in one write (RFC 7766 §8), one
/// answer read, connection closed.
final class TCPExchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let engine: Engine
    private let slot: Int
    private let generation: UInt32
    private var received = ByteBuffer()
    private var channel: (any Channel)?
    private var isDone = false
    /// What the engine is told of the descriptor, once.
    private var holdsSocket = true

    private struct Closed: Error {}

    init(engine: Engine, slot: Int, generation: UInt32) {
        self.engine = engine
        self.slot = slot
        self.generation = generation
    }

    func start(_ octets: [UInt8], id: UInt16, to address: SocketAddress, on loop: any EventLoop) {
        let exchange = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.nanoseconds(engine.configuration.timeout.wholeNanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // From here on the connection can be given up while it is being made.
                    exchange.value.channel = channel
                    try channel.pipeline.syncOperations.addHandler(exchange.value)
                }
            }
            .connect(to: address)
            .whenComplete { result in
                switch result {
                case .success(let channel): exchange.value.connected(channel, octets, id: id)
                case .failure(let error):
                    exchange.value.releaseSocket()
                    exchange.value.fail(describe(error), error)
                }
            }
    }

    private func connected(_ channel: any Channel, _ octets: [UInt8], id: UInt16) {
        guard !isDone else {
            releaseSocket()
            return channel.close(promise: nil)
        }
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.releaseSocket() }
        var buffer = channel.allocator.buffer(capacity: octets.count + 2)
        buffer.writeInteger(UInt16(octets.count))
        buffer.writeBytes(octets)
        buffer.setInteger(id, at: 2)
        channel.writeAndFlush(buffer, promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        var piece = unwrapInboundIn(data)
        received.writeBuffer(&piece)
        while let message = received.readLengthPrefixedSlice(as: UInt16.self) {
            // A message that is not ours is ignored, as over UDP: another may follow.
            if engine.receivedOverTCP(message, slot: slot, generation: generation) {
                cancel()
                return
            }
        }
        // Without this, messages that are not ours would pile up.
        received.discardReadBytes()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(describe(error), error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(
            received.readableBytes > 0 ? "closed in the middle of a message" : "closed without an answer",
            Closed())
    }

    private func fail(_ reason: String, _ error: any Error) {
        guard !isDone else { return }
        cancel()
        engine.failedOverTCP(slot: slot, generation: generation, error: error, reason: reason)
    }

    private func releaseSocket() {
        guard holdsSocket else { return }
        holdsSocket = false
        engine.closedStream()
    }

    /// Closes the connection without telling the engine.
    func cancel() {
        isDone = true
        let channel = channel
        self.channel = nil
        channel?.close(promise: nil)
    }
}
