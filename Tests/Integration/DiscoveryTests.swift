import Foundation
import Testing

extension RealServers {
    /// The authoritative servers as the DNS itself names them. A name server has no port in the DNS, so this
    /// needs port 53 of some loopback address.
    @Suite("Discovery")
    struct DiscoveryTests {
        static let address = "127.9.9.1"
        static var canListen: Bool { Port.isFree(53, on: address) }

        @Test(
            "Without --authority the zone's own name servers are found and asked",
            .enabled(if: canListen, "needs the right to listen at 127.9.9.1:53"),
            .enabled(if: Executable.runs(with: ["nsd", "unbound", "dig"]), "needs nsd, unbound and dig"))
        func discovers() async throws {
            try await withTemporaryFolder { folder in
                var zone = Zone.after(ttl: 30)
                zone.nameServer = Self.address
                let authority = try await Server.start(
                    .nsd, serving: zone, in: folder, address: Self.address, port: 53)
                let cache = try await Server.start(.unbound, asking: authority, in: folder)
                let resolvers = folder.appending(path: "resolvers.conf")
                try "\(cache.endpoint)\n".write(to: resolvers, atomically: true, encoding: .utf8)
                let run = try await Propaga.run(
                    ["check", Zone.origin, "--format", "json", "--resolvers", resolvers.path])
                await cache.stop()
                await authority.stop()

                #expect(run.ending == .exited(0), "\(run.errors)")
                let found = try run.status().domain.authority
                #expect(found.zone == Zone.origin)
                #expect(found.servers.map(\.name) == ["ns1.\(Zone.origin)"])
                #expect(found.servers.map(\.address) == ["\(Self.address):53"])
                #expect(found.servers.map(\.state) == ["target"])
                #expect(found.servers.map(\.soaSerial) == [zone.serial])
            }
        }
    }
}
