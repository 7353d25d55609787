import Foundation
import Testing

/// A DNS of its own on port 53 of some loopback addresses: a root, a top-level domain that delegates
/// `example.zz`, the servers that it is delegated to, and a resolver that starts at that root.
///
/// The resolver sends from 127.0.0.1 alone, so that the kernel lets no question of it off the machine.
struct DelegatedWorld: Sendable {
    enum Place {
        static let parent = "127.9.9.1"
        static let first = "127.9.9.2"
        static let second = "127.9.9.3"
        static let lame = "127.9.9.4"
        static let all = [parent, first, second, lame]
    }

    static let programs = ["nsd", "knotd", "unbound", "dig"]
    static var canRun: Bool {
        Place.all.allSatisfy { Port.isFree(53, on: $0) } && Executable.runs(with: programs)
    }

    let folder: URL
    private let servers: [Server]
    private let resolver: Server

    /// An authoritative server, and what it serves, by origin.
    struct Authority {
        var kind = AuthorityKind.nsd
        var address: String
        var files: [String: String]
    }

    static func with<Value: Sendable>(_ body: (DelegatedWorld) async throws -> Value) async throws -> Value {
        try await with(
            [
                Authority(address: Place.parent, files: parentFiles),
                Authority(address: Place.first, files: childFiles(serial: 12)),
                Authority(kind: .knot, address: Place.second, files: childFiles(serial: 11)),
                Authority(address: Place.lame, files: [:]),
            ], body)
    }

    /// - Parameter authorities: the first of them serves the root.
    static func with<Value: Sendable>(
        _ authorities: [Authority], _ body: (DelegatedWorld) async throws -> Value
    ) async throws -> Value {
        try await withTemporaryFolder { folder in
            var servers: [Server] = []
            do {
                for authority in authorities {
                    servers.append(
                        try await start(authority.kind, authority.files, authority.address, in: folder))
                }
                let resolver = try await Server.start(resolvingFrom: servers[0], in: folder)
                servers.append(resolver)
                let world = DelegatedWorld(folder: folder, servers: servers, resolver: resolver)
                let value = try await body(world)
                for server in servers.reversed() { await server.stop() }
                return value
            } catch {
                for server in servers.reversed() { await server.stop() }
                print(servers.map(\.transcript).joined(separator: "\n"))
                throw error
            }
        }
    }

    /// Serves other zones at an address from now on.
    func reload(_ address: String, _ files: [String: String], until origin: String, serial: UInt32)
        async throws
    {
        let server = servers.first { $0.address == address && $0.port == 53 }!
        try await server.reload(files, until: origin, serial: serial)
    }

    /// The same world, asked through another resolver, whose caches are empty.
    func withColdResolver<Value: Sendable>(
        _ body: (DelegatedWorld) async throws -> Value
    ) async throws -> Value {
        let cold = try await Server.start(
            resolvingFrom: servers[0], in: folder.appending(path: "cold-\(UUID().uuidString)"))
        do {
            let value = try await body(DelegatedWorld(folder: folder, servers: servers, resolver: cold))
            await cold.stop()
            return value
        } catch {
            await cold.stop()
            throw error
        }
    }

    /// Lets the resolver fetch the MX, as another client's question does.
    func warm(_ domain: String) async throws {
        _ = try await Dig.ask(resolver, domain, "MX")
    }

    func check(_ domain: String) async throws -> Propaga.Run { try await run("check", domain) }

    func run(_ command: String, _ domain: String, _ options: [String] = []) async throws -> Propaga.Run {
        let file = folder.appending(path: "resolvers.conf")
        try "\(resolver.endpoint)\n".write(to: file, atomically: true, encoding: .utf8)
        return try await Propaga.run(
            [command, domain, "--format", "json", "--resolvers", file.path] + options)
    }

    private static func start(
        _ kind: AuthorityKind, _ files: [String: String], _ address: String, in parent: URL
    ) async throws -> Server {
        let folder = parent.appending(path: address)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Every server of the harness has this zone, by which it is known to be ready.
        let files = files.merging(["qboxmail.com": exchanges("qboxmail.com")]) { own, _ in own }
        return try await Server.start(kind, serving: files, in: folder, address: address, port: 53)
    }
}

// MARK: - The zones

extension DelegatedWorld {
    private static var parentFiles: [String: String] {
        [
            ".": zone(
                ".",
                """
                zz. NS ns.zz.
                ns.zz. A \(Place.parent)
                qboxmail.com. NS ns.zz.
                cbsolt.net. NS ns.zz.
                """, nameServers: ["ns.zz."]),
            "zz": zone(
                "zz",
                """
                ns A \(Place.parent)
                example NS ns1.example
                example NS ns2.example
                example NS lame
                ns1.example A \(Place.first)
                ns2.example A \(Place.second)
                lame A \(Place.lame)
                other NS ns.other
                ns.other A \(Place.second)
                broken NS lame
                """, nameServers: ["ns"]),
            "cbsolt.net": exchanges("cbsolt.net"),
        ]
    }

    /// The zone names a server that the parent does not, and leaves out the lame one; `mail` leads out of it.
    private static func childFiles(serial: Int) -> [String: String] {
        [
            "example.zz": zone(
                "example.zz",
                """
                ns1 A \(Place.first)
                ns2 A \(Place.second)
                extra A \(Place.first)
                @ MX 10 mx01.qboxmail.com.
                @ MX 20 mx02.qboxmail.com.
                mail CNAME in.other.zz.
                """, serial: serial, nameServers: ["ns1", "ns2", "extra"]),
            "other.zz": zone(
                "other.zz",
                """
                ns A \(Place.second)
                in MX 10 mail.old-provider.zz.
                """, nameServers: ["ns"]),
        ].filter { $0.key != "other.zz" || serial == 11 }
    }

    static func exchanges(_ origin: String) -> String {
        zone(
            origin,
            """
            mx01 A 127.0.0.1
            mx02 A 127.0.0.1
            """, nameServers: ["ns.zz."])
    }

    static func zone(
        _ origin: String, _ records: String, serial: Int = 1, nameServers: [String]
    ) -> String {
        """
        $ORIGIN \(origin == "." ? "." : "\(origin).")
        $TTL 60
        @ SOA \(nameServers[0]) hostmaster.zz. \(serial) 3600 600 86400 60
        \(nameServers.map { "@ NS \($0)" }.joined(separator: "\n"))
        \(records)

        """
    }
}
