import DNS
import NIOCore

/// Gives datagrams to the model, and sends its replies, each at its time.
final class DatagramFace: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let responder: LabResponder
    private let otherPort: any Channel
    private var waiting = WaitingReplies()
    private var hasWritten = false

    init(responder: LabResponder, otherPort: any Channel) {
        self.responder = responder
        self.otherPort = otherPort
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let octets = Array(envelope.data.readableBytesView)
        for reply in responder.replies(to: octets, over: .udp, from: envelope.remoteAddress) {
            if reply.delay <= .zero {
                send(reply, to: envelope.remoteAddress, context: context)
                hasWritten = true
            } else {
                schedule(reply, to: envelope.remoteAddress, context: context)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // One flush for all datagrams of one wake-up lets NIO send them with one system call.
        if hasWritten { context.flush() }
        hasWritten = false
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An ICMP error about a client that has gone must not hurt the next client.
    }

    func channelInactive(context: ChannelHandlerContext) { waiting.cancelAll() }

    private func schedule(_ reply: LabReply, to client: SocketAddress, context: ChannelHandlerContext) {
        let key = waiting.nextKey()
        let delay = TimeAmount.nanoseconds(reply.delay.wholeNanoseconds)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let timer = context.eventLoop.scheduleTask(in: delay) {
            let (face, context) = bound.value
            face.waiting.remove(key)
            face.send(reply, to: client, context: context)
            context.flush()
        }
        waiting.add(timer, key: key)
    }

    private func send(_ reply: LabReply, to client: SocketAddress, context: ChannelHandlerContext) {
        let envelope = AddressedEnvelope(
            remoteAddress: client, data: context.channel.allocator.buffer(bytes: reply.octets))
        if reply.fromOtherPort {
            otherPort.writeAndFlush(envelope, promise: nil)
        } else {
            context.write(wrapOutboundOut(envelope), promise: nil)
        }
    }
}
