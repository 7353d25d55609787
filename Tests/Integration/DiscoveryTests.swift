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

        @Test(
            "Parent and zone name different servers, one is lame and one lags: each is asked and named",
            .enabled(if: DelegatedWorld.canRun, "needs port 53 of \(DelegatedWorld.Place.all)"))
        func delegation() async throws {
            let run = try await DelegatedWorld.with { try await $0.check("example.zz") }
            #expect(run.ending == .exited(0), "\(run.errors)")
            let domain = try run.status().domain
            #expect(domain.published.reached && domain.published.basis == "authority")
            let servers = domain.authority.servers
            typealias Place = DelegatedWorld.Place
            #expect(
                servers.map(\.name) == ["extra.example.zz", "lame.zz", "ns1.example.zz", "ns2.example.zz"])
            #expect(
                servers.map(\.address)
                    == [Place.first, Place.lame, Place.first, Place.second].map { "\($0):53" })
            #expect(servers.map(\.state) == ["target", "failing", "target", "target"])
            #expect(servers.map(\.soaSerial) == [12, nil, 12, 11])
            let expected = [
                "only the parent names lame.zz, only the zone itself names extra.example.zz",
                "lame.zz (\(Place.lame)) is listed as authoritative but is not (REFUSED)",
                "ns2.example.zz (\(Place.second)) has an old zone, serial 11; another server has 12",
            ]
            for warning in expected {
                #expect(domain.warnings.contains { $0.contains(warning) }, "\(domain.warnings)")
            }
        }

        @Test(
            "An alias into another zone is as far as the servers of that zone are",
            .enabled(if: DelegatedWorld.canRun, "needs port 53 of \(DelegatedWorld.Place.all)"))
        func alias() async throws {
            let run = try await DelegatedWorld.with { try await $0.check("mail.example.zz") }
            #expect(run.ending == .exited(1), "\(run.errors)")
            let domain = try run.status().domain
            #expect(domain.phase == "unpublished")
            #expect(domain.authority.zone == "example.zz")
            let end = try #require(domain.authority.servers.last)
            #expect(end.name == "ns.other.zz")
            #expect(end.exchanges == ["10 mail.old-provider.zz."])
        }

        @Test(
            "What does not exist, and what nobody serves, ends undetermined and with the reason",
            .enabled(if: DelegatedWorld.canRun, "needs port 53 of \(DelegatedWorld.Place.all)"))
        func broken() async throws {
            let runs = try await DelegatedWorld.with { world in
                var runs: [Propaga.Run] = []
                for domain in ["nowhere.zz", "example.zzz", "broken.zz"] {
                    runs.append(try await world.check(domain))
                }
                return runs
            }
            #expect(runs.map(\.ending) == [.exited(2), .exited(2), .exited(2)])
            let domains = try runs.map { try $0.status().domain }
            #expect(domains.map(\.phase) == ["undetermined", "undetermined", "undetermined"])
            let nonexistent = ["nowhere.zz", "example.zzz"]
            for (domain, (name, zone)) in zip(domains, zip(nonexistent, ["zone zz", "root zone"])) {
                let sentence = "\(name) does not exist, as the servers of the \(zone) say"
                #expect(domain.reasons.contains { $0.contains(sentence) }, "\(domain.reasons)")
            }
            #expect(domains[2].authority.servers.map(\.name) == ["lame.zz"])
            #expect(domains[2].warnings.contains { $0.contains("lame.zz") }, "\(domains[2].warnings)")
        }
    }
}
