import DNS
import DNSClient
import Lab
import NIOCore
import NIOPosix
import Synchronization

let monotonic: @Sendable () -> Instant = {
    Instant(nanoseconds: ContinuousClock.now.duration(to: origin).wholeNanoseconds * -1)
}
private let origin = ContinuousClock.now

let domain: DomainName = "example.it"
let mx = Question(domain, .mx)

/// A client that is shut down whatever the test does.
func withClient<Result: Sendable>(
    timeout: Duration = .seconds(5), tries: Int = 2,
    _ adjust: (inout Configuration) -> Void = { _ in },
    _ body: (ExchangeClient) async throws -> Result
) async throws -> Result {
    var configuration = Configuration(now: monotonic)
    configuration.timeout = timeout
    configuration.tries = tries
    configuration.defaultRate = 1_000_000
    adjust(&configuration)
    let client = ExchangeClient(configuration: configuration)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// One resolver with these manners, on loopback, for as long as `body` runs.
func withServer<Result: Sendable>(
    _ manners: LabManners, address: IPAddress? = nil,
    _ body: @Sendable (Request, LabNetwork) async throws -> Result
) async throws -> Result {
    var world = LabWorld.plain(delays: [.zero])
    world.resolvers[0].manners = manners
    if let address { world.resolvers[0].addresses = [address] }
    return try await LabNetwork.run(world, now: monotonic) { network in
        let server = network.endpoint(of: .resolver(0))!
        return try await body(Request(server: server, question: mx, recursionDesired: true), network)
    }
}

extension Exchange {
    /// The exchanges of the answer's MX; `nil` where no response came.
    var exchanges: [DomainName]? {
        guard case .response(let message) = outcome else { return nil }
        return message.answer.compactMap { if case .mx(let mx) = $0.data { mx.exchange } else { nil } }
    }
}

extension Exchange {
    var isMalformed: Bool {
        if case .malformed = outcome { true } else { false }
    }

    var isUnreachable: Bool {
        if case .silent(.unreachable) = outcome { true } else { false }
    }
}

let honest: [DomainName] = ["mx01.cbsolt.net", "mx02.qboxmail.com"]

/// A UDP server that notes who asks, and answers only where told to.
final class RecordingServer: Sendable {
    struct Seen: Sendable {
        var port: Int
        var id: UInt16
    }

    let endpoint: Endpoint
    private let channel: any Channel
    private let recorder: Recorder

    /// Every datagram so far, in the order of arrival.
    var seen: [Seen] { recorder.log.withLock { $0 } }

    static func run<Result: Sendable>(
        answers: Bool, _ body: (RecordingServer) async throws -> Result
    ) async throws -> Result {
        let server = try await RecordingServer(answers: answers)
        do {
            let result = try await body(server)
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    private init(answers: Bool) async throws {
        let recorder = Recorder(answers: answers)
        self.recorder = recorder
        channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(recorder.handler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        endpoint = Endpoint("127.0.0.1:\(channel.localAddress!.port!)")!
    }

    /// Shares the log with the channel's handler.
    final class Recorder: Sendable {
        let log = Mutex<[Seen]>([])
        let answers: Bool

        init(answers: Bool) { self.answers = answers }

        func handler() -> Handler { Handler(self) }
    }

    final class Handler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>
        private let recorder: Recorder

        init(_ recorder: Recorder) { self.recorder = recorder }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var envelope = unwrapInboundIn(data)
            let id: UInt16 = envelope.data.getInteger(at: 0)!
            recorder.log.withLock { $0.append(Seen(port: envelope.remoteAddress.port!, id: id)) }
            guard recorder.answers else { return }
            // The query as it came, with QR set and the OPT left as it is: an empty answer.
            envelope.data.setInteger(UInt8(0x80), at: 2)
            context.writeAndFlush(wrapOutboundOut(envelope), promise: nil)
        }
    }
}
