import DNS
import Glibc
import NIOCore
import NIOPosix

/// The face of one model server: a UDP and a TCP socket on the same loopback address and port.
///
/// It answers on event loops and never blocks them: a reply's delay is a timer. Its time comes from the given
/// function.
package final class LabServer: Sendable {
    /// Why a server did not start.
    package enum StartError: Error, Hashable, CustomStringConvertible {
        /// Only 127.0.0.0/8 and ::1 are permitted: a laboratory keeps to its host.
        case notLoopback(IPAddress)
        /// No port was free for UDP and TCP at once.
        case noPort(IPAddress)

        package var description: String {
            switch self {
            case .notLoopback(let address): "\(address) is no loopback address"
            case .noPort(let address): "no port on \(address) is free for both UDP and TCP"
            }
        }
    }

    package let id: LabServerID
    /// Where it listens.
    package let endpoint: Endpoint
    private let channels: [any Channel]
    private let connections: OpenConnections

    private init(
        id: LabServerID, endpoint: Endpoint, channels: [any Channel], connections: OpenConnections
    ) {
        self.id = id
        self.endpoint = endpoint
        self.channels = channels
        self.connections = connections
    }

    /// Binds a server and lets it answer.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free for UDP and TCP.
    ///   - listensOnTCP: Without, connections are refused, as with a firewall that forgot TCP.
    ///   - idleLimit: How long a connection may be idle before it is closed (RFC 7766 §6.2.3).
    ///   - now: The clock of the world.
    /// - Throws: `StartError`, or NIO's `IOError` if the address or the given port cannot be bound.
    package static func start(
        _ id: LabServerID, of world: SharedWorld, on address: IPAddress = .labDefault, port: UInt16 = 0,
        listensOnTCP: Bool = true, idleLimit: Duration = .seconds(10),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        now: @escaping @Sendable () -> Instant
    ) async throws -> LabServer {
        guard address.isLoopback else { throw StartError.notLoopback(address) }
        let responder = LabResponder(id: id, world: world, now: now)
        let connections = OpenConnections()
        let face = Face(
            address: "\(address)", responder: responder, connections: connections, idleLimit: idleLimit,
            group: group)
        // A port that is free for UDP may be taken for TCP; then another one is tried.
        for _ in 0..<64 {
            let (datagrams, bound) = try await face.bindDatagrams(port: port)
            do {
                var channels = datagrams
                if listensOnTCP { channels.append(try await face.bindStreams(port: bound)) }
                return LabServer(
                    id: id, endpoint: Endpoint(address, port: UInt16(bound)), channels: channels,
                    connections: connections)
            } catch {
                for channel in datagrams { try? await channel.close() }
                let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
                guard isTaken, port == 0 else { throw error }
            }
        }
        throw StartError.noPort(address)
    }

    /// Closes the sockets and every open connection, and drops the replies that have not left.
    package func stop() async {
        for channel in channels { try? await channel.close() }
        await connections.closeAll()
    }
}

/// Opens the sockets of one server.
private struct Face {
    var address: String
    var responder: LabResponder
    var connections: OpenConnections
    var idleLimit: Duration
    var group: any EventLoopGroup

    /// The socket that is asked, and beside it the one from which some replies wrongly come; both on one
    /// event loop.
    func bindDatagrams(port: UInt16) async throws -> (channels: [any Channel], port: Int) {
        let bootstrap = DatagramBootstrap(group: group.next())
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 30 * 2048))
            .channelOption(.datagramVectorReadMessageCount, value: 30)
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
        let otherPort = try await bootstrap.bind(host: address, port: 0).get()
        do {
            let asked = try await bootstrap.channelInitializer { [responder] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramFace(responder: responder, otherPort: otherPort))
                }
            }.bind(host: address, port: Int(port)).get()
            return ([asked, otherPort], asked.localAddress?.port ?? 0)
        } catch {
            try? await otherPort.close()
            throw error
        }
    }

    func bindStreams(port: Int) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [responder, connections, idleLimit] channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(allTimeout: .nanoseconds(idleLimit.wholeNanoseconds)),
                        StreamFace(responder: responder),
                    ])
                }
            }
            .bind(host: address, port: port).get()
    }
}
