import DNS
import Glibc
import NIOCore

/// One TCP connection: messages behind a length of two octets (RFC 1035 §4.2.2), as many as the client
/// likes, answered as they get ready (RFC 7766 §6.2.1.1).
final class StreamFace: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let responder: LabResponder
    private var received = ByteBuffer()
    private var waiting = WaitingReplies()
    private var isMute = false

    init(responder: LabResponder) { self.responder = responder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var arrived = unwrapInboundIn(data)
        received.writeBuffer(&arrived)
        while let message = received.readLengthPrefixedSlice(as: UInt16.self) {
            answer(Array(message.readableBytesView), context: context)
        }
        received.discardReadBytes()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) { waiting.cancelAll() }

    private func answer(_ octets: [UInt8], context: ChannelHandlerContext) {
        for reply in responder.replies(to: octets, over: .tcp, from: context.remoteAddress) {
            if reply.delay <= .zero {
                send(reply.octets, context: context)
            } else {
                schedule(reply, context: context)
            }
        }
    }

    private func schedule(_ reply: LabReply, context: ChannelHandlerContext) {
        let key = waiting.nextKey()
        let delay = TimeAmount.nanoseconds(reply.delay.wholeNanoseconds)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let timer = context.eventLoop.scheduleTask(in: delay) {
            let (face, context) = bound.value
            face.waiting.remove(key)
            face.send(reply.octets, context: context)
        }
        waiting.add(timer, key: key)
    }

    private func send(_ octets: [UInt8], context: ChannelHandlerContext) {
        guard !isMute else { return }
        let framed = Self.framed(octets)
        switch responder.streamFault {
        case .none: write(framed, context)
        case .stallsAfterConnect: isMute = true
        case .stallsMidMessage:
            isMute = true
            write(framed.prefix(framed.count / 2), context)
        case .closesMidMessage: writeAndClose(framed.prefix(framed.count / 2), context)
        case .closesWithoutAnswer: writeAndClose([], context)
        case .resets: reset(context)
        case .liesAboutLength(let excess):
            writeAndClose(Self.framed(octets, claiming: octets.count + excess)[...], context)
        case .oversized:
            write(Self.framed(octets + Array(repeating: 0, count: max(0, 65_535 - octets.count))), context)
        case .trickles:
            for octet in framed { write([octet], context) }
        }
    }

    private static func framed(_ octets: [UInt8], claiming length: Int? = nil) -> [UInt8] {
        let length = UInt16(truncatingIfNeeded: length ?? octets.count)
        return [UInt8(length >> 8), UInt8(length & 0xFF)] + octets
    }

    private func write(_ octets: some Sequence<UInt8>, _ context: ChannelHandlerContext) {
        let buffer = context.channel.allocator.buffer(bytes: octets)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func writeAndClose(_ octets: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        isMute = true
        if !octets.isEmpty { write(octets, context) }
        context.close(promise: nil)
    }

    /// A close without lingering discards what is unsent and resets the connection (RFC 9293 §3.10.4).
    private func reset(_ context: ChannelHandlerContext) {
        isMute = true
        let atOnce = linger(l_onoff: 1, l_linger: 0)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        guard let options = context.value.channel as? any SocketOptionProvider else { return }
        options.setSoLinger(atOnce).whenComplete { _ in context.value.close(promise: nil) }
    }
}
