import Foundation
import Testing

/// Two authoritative servers, four caches before the first of them, and a folder for everything.
struct World: Sendable {
    let folder: URL
    /// Where the caches ask.
    let primary: Server
    /// Served by other software; switched on its own.
    let secondary: Server
    let caches: [Server]

    var authorities: [Server] { [primary, secondary] }
    var servers: [Server] { authorities + caches }

    /// The programs that a world needs, `dig` among them.
    static let programs = AuthorityKind.allCases.map(\.program) + CacheKind.allCases.map(\.program) + ["dig"]

    /// Starts everything, runs `body`, and stops everything, whatever happens. Where `body` throws, the
    /// servers' logs are printed.
    static func with<Value: Sendable>(
        _ zone: Zone, caches kinds: [CacheKind] = CacheKind.allCases,
        _ body: (World) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryFolder { folder in
            let primary = try await Server.start(.nsd, serving: zone, in: folder)
            let secondary = try await Server.start(.knot, serving: zone, in: folder)
            let caches = try await startAll(kinds, asking: primary, in: folder)
            let world = World(folder: folder, primary: primary, secondary: secondary, caches: caches)
            do {
                let value = try await body(world)
                await world.stop()
                return value
            } catch {
                await world.stop()
                print(world.servers.map(\.transcript).joined(separator: "\n"))
                throw error
            }
        }
    }

    /// A `resolvers.conf` that names the caches; its path.
    func resolversFile() throws -> String {
        let file = folder.appending(path: "resolvers.conf")
        try caches.map { "\($0.endpoint) \($0.name)\n" }.joined().write(
            to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// Options that point `propaga` at this world.
    func options() throws -> [String] {
        try ["--resolvers", resolversFile()] + authorities.flatMap { ["--authority", $0.endpoint] }
    }

    private func stop() async {
        for server in servers.reversed() { await server.stop() }
    }

    private static func startAll(
        _ kinds: [CacheKind], asking primary: Server, in folder: URL
    ) async throws -> [Server] {
        try await withThrowingTaskGroup(of: (Int, Server).self) { group in
            for (index, kind) in kinds.enumerated() {
                group.addTask { (index, try await Server.start(kind, asking: primary, in: folder)) }
            }
            return try await group.reduce(into: [(Int, Server)]()) { $0.append($1) }
                .sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
