import DNS
import Glibc
import NIOCore
import NIOPosix

/// All servers of a world on loopback, started together and stopped together.
package final class LabNetwork: Sendable {
    /// The world behind the servers; what is changed in it shows in the next reply.
    package let world: SharedWorld
    /// The servers that run, one for each address that a model server has.
    package let servers: [LabServer]
    /// The servers with an IPv6 address that this host cannot bind.
    package let leftOut: [LabServerID]

    private init(world: SharedWorld, servers: [LabServer], leftOut: [LabServerID]) {
        self.world = world
        self.servers = servers
        self.leftOut = leftOut
    }

    /// Starts every server of a world on ports that are free.
    ///
    /// - Parameters:
    ///   - sharedAuthorityPort: Whether all authoritative servers listen on the same port, so that a client
    ///     that learns their addresses through the DNS finds them all there. They need distinct addresses.
    ///   - now: The clock of the world.
    /// - Throws: What `LabServer.start` throws; nothing is left running then.
    package static func start(
        _ world: LabWorld, sharedAuthorityPort: Bool = false,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        now: @escaping @Sendable () -> Instant
    ) async throws -> LabNetwork {
        let shared = SharedWorld(world)
        var attempt = 0
        while true {
            attempt += 1
            var start = Start(world: shared, group: group, now: now)
            do {
                try await start.all(of: world, sharedAuthorityPort: sharedAuthorityPort)
                return LabNetwork(world: shared, servers: start.servers, leftOut: start.leftOut)
            } catch {
                for server in start.servers { await server.stop() }
                let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
                guard isTaken, sharedAuthorityPort, attempt < 32 else { throw error }
            }
        }
    }

    /// Starts every server of a world for as long as `body` runs, and stops them whatever comes of it.
    package static func run<Result: Sendable>(
        _ world: LabWorld, sharedAuthorityPort: Bool = false, now: @escaping @Sendable () -> Instant,
        _ body: @Sendable (LabNetwork) async throws -> Result
    ) async throws -> Result {
        let network = try await start(world, sharedAuthorityPort: sharedAuthorityPort, now: now)
        do {
            let result = try await body(network)
            await network.stop()
            return result
        } catch {
            await network.stop()
            throw error
        }
    }

    /// Stops all servers; a second time does nothing.
    package func stop() async {
        for server in servers { await server.stop() }
    }

    /// Where a server listens, the first of its addresses first; empty if it was left out.
    package func endpoints(of id: LabServerID) -> [Endpoint] {
        servers.filter { $0.id == id }.map(\.endpoint)
    }

    /// The first endpoint of a server; `nil` if it was left out.
    package func endpoint(of id: LabServerID) -> Endpoint? { endpoints(of: id).first }
}

/// The servers that run so far while a network starts.
private struct Start {
    let world: SharedWorld
    let group: any EventLoopGroup
    let now: @Sendable () -> Instant
    var servers: [LabServer] = []
    var leftOut: [LabServerID] = []
    private var authorityPort: UInt16 = 0

    init(world: SharedWorld, group: any EventLoopGroup, now: @escaping @Sendable () -> Instant) {
        self.world = world
        self.group = group
        self.now = now
    }

    mutating func all(of description: LabWorld, sharedAuthorityPort: Bool) async throws {
        for id in description.servers {
            for address in description.addresses(of: id) {
                guard let server = try await one(id, on: address, port: port(for: id)) else { continue }
                servers.append(server)
                if sharedAuthorityPort, case .authority = id { authorityPort = server.endpoint.port }
            }
        }
    }

    private func port(for id: LabServerID) -> UInt16 {
        if case .authority = id { authorityPort } else { 0 }
    }

    private mutating func one(
        _ id: LabServerID, on address: IPAddress, port: UInt16
    ) async throws -> LabServer? {
        do {
            return try await LabServer.start(id, of: world, on: address, port: port, group: group, now: now)
        } catch let error as IOError
            where address.isV6 && [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode)
        {
            leftOut.append(id)
            return nil
        }
    }
}
