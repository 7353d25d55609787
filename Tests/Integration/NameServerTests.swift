import Foundation
import Testing

extension RealServers {
    /// Whom resolvers may ask, although neither a first answer of the parent nor the zone names it.
    @Suite("Name servers that are hidden or left behind")
    struct NameServerTests {
        typealias World = DelegatedWorld
        static let domain = "example.zz"
        /// Where the new zone is, and where the old one goes on.
        static let (new, second, old) = (World.Place.first, World.Place.second, World.Place.lame)

        /// The zones of the parent, which delegates the domain by these lines.
        static func parent(_ lines: String, serial: Int = 1) -> [String: String] {
            let zz = World.zone(
                "zz", "ns A \(World.Place.parent)\n\(lines)", serial: serial, nameServers: ["ns"])
            let root = World.zone(
                ".",
                """
                zz. NS ns.zz.
                ns.zz. A \(World.Place.parent)
                qboxmail.com. NS ns.zz.
                cbsolt.net. NS ns.zz.
                """, nameServers: ["ns.zz."])
            return [".": root, "zz": zz, "cbsolt.net": World.exchanges("cbsolt.net")]
        }

        static func zone(_ exchange: String, _ lines: String, _ nameServers: [String]) -> [String: String] {
            [domain: World.zone(domain, "@ MX 10 \(exchange).\n\(lines)", nameServers: nameServers)]
        }

        static let target = "mx01.qboxmail.com"
        static let previous = "mail.old-provider.zz"

        @Test(
            "The parent's glue leads to the old machine, the zone's own address does not: the old one is asked",
            .enabled(if: World.canRun, "needs port 53 of \(World.Place.all)"))
        func glue() async throws {
            let addresses = "ns1 A \(Self.new)\nns2 A \(Self.second)"
            let names = ["ns1", "ns2"]
            let delegation = """
                example NS ns1.example
                example NS ns2.example
                ns1.example A \(Self.old)
                ns2.example A \(Self.second)
                """
            let run = try await World.with([
                .init(address: World.Place.parent, files: Self.parent(delegation)),
                .init(address: Self.new, files: Self.zone(Self.target, addresses, names)),
                .init(kind: .knot, address: Self.second, files: Self.zone(Self.target, addresses, names)),
                .init(address: Self.old, files: Self.zone(Self.previous, addresses, names)),
            ]) { try await $0.check(Self.domain) }
            let found = try run.status().domain
            #expect(run.ending == .exited(1) && !found.published.reached, "\(run.errors)")
            let asked = found.authority.servers.map { "\($0.name ?? "") \($0.address) \($0.state ?? "")" }
            #expect(asked.contains("ns1.example.zz \(Self.old):53 previous"), "\(asked)")
            let sentence =
                "the parent's glue for ns1.example.zz (\(Self.old)) leads to a server that still has the previous MX"
            #expect(found.warnings.contains { $0.contains(sentence) }, "\(found.warnings)")
        }

        @Test(
            "A name server moved to a new machine: the old one is asked on for as long as its address is cached",
            .enabled(if: World.canRun, "needs port 53 of \(World.Place.all)"),
            .enabled(if: Port.isFree(53, on: "127.0.0.1"), "needs port 53 of 127.0.0.1"))
        func renumbered() async throws {
            // named listens at no other loopback address.
            let machine = "127.0.0.1"
            func delegation(_ address: String) -> String {
                "example 5 NS ns1.example\nns1.example 7200 A \(address)"
            }
            func address(_ address: String) -> String { "ns1 7200 A \(address)" }
            let found = try await World.with([
                .init(address: World.Place.parent, files: Self.parent(delegation(machine))),
                .init(address: Self.new, files: Self.zone(Self.target, address(Self.new), ["ns1"])),
                .init(
                    kind: .named, address: machine, files: Self.zone(Self.previous, address(machine), ["ns1"])
                ),
            ]) { world in
                let history = ["--history", world.folder.appending(path: "history.sqlite").path]
                let before = try await world.run("check", Self.domain, history)
                #expect(try before.status().domain.authority.servers.map(\.state) == ["previous"])
                try await world.reload(
                    World.Place.parent, Self.parent(delegation(Self.new), serial: 2), until: "zz", serial: 2)
                return try await world.withColdResolver { cold in
                    try await cold.run(
                        "check", Self.domain, history + ["--previous-ttl", "60", "--settle", "0s"]
                    )
                    .status()
                }
            }
            let domain = try found.domain
            #expect(domain.published.reached && !domain.secondPass.safe, "\(domain.reasons)")
            #expect(
                domain.reasons.contains { $0.contains("ns1.example.zz (\(machine))") }, "\(domain.reasons)")
            let bound = try Date(#require(domain.secondPass.bound), strategy: .iso8601)
            let now = try Date(found.generatedAt, strategy: .iso8601)
            #expect(abs(bound.timeIntervalSince(now) - 7260) < 60, "its address, then its MX")
        }

        @Test(
            "One of the parent's servers is behind, and refers to the old server: that is asked as well",
            .enabled(if: World.canRun, "needs port 53 of \(World.Place.all)"))
        func parentBehind() async throws {
            let parents = "example NS {0}.example\n{0}.example A {1}\nns A \(World.Place.second)"
            func lines(_ name: String, _ address: String) -> String {
                parents.replacing("{0}", with: name).replacing("{1}", with: address)
            }
            // The name of the parent's server has two addresses; at the second one is behind.
            var behind = Self.parent(lines("old", Self.old))
            behind["."] = nil
            let found = try await World.with([
                .init(address: World.Place.parent, files: Self.parent(lines("new", Self.new))),
                .init(kind: .knot, address: World.Place.second, files: behind),
                .init(address: Self.new, files: Self.zone(Self.target, "new A \(Self.new)", ["new"])),
                .init(address: Self.old, files: Self.zone(Self.previous, "old A \(Self.old)", ["old"])),
            ]) { try await $0.check(Self.domain).status().domain }
            #expect(!found.published.reached)
            let states = found.authority.servers.map { "\($0.name ?? "") \($0.state ?? "")" }
            #expect(states == ["new.example.zz target", "old.example.zz previous"])
            let sentence = "only some of the parent's servers name new.example.zz and old.example.zz"
            #expect(found.warnings.contains { $0.contains(sentence) }, "\(found.warnings)")
        }

        @Test(
            "The name servers changed before the first look: a resolver's copy names the old ones, which are asked",
            .enabled(if: World.canRun, "needs port 53 of \(World.Place.all)"))
        func movedBeforeTheFirstLook() async throws {
            func delegation(_ name: String, _ address: String) -> String {
                "example 3600 NS \(name).example\n\(name).example 3600 A \(address)"
            }
            let found = try await World.with([
                .init(address: World.Place.parent, files: Self.parent(delegation("old", Self.old))),
                .init(address: Self.new, files: Self.zone(Self.target, "new A \(Self.new)", ["new"])),
                .init(address: Self.old, files: Self.zone(Self.previous, "old A \(Self.old)", ["old"])),
            ]) { world in
                try await world.warm(Self.domain)
                try await world.reload(
                    World.Place.parent, Self.parent(delegation("new", Self.new), serial: 2), until: "zz",
                    serial: 2)
                return try await world.run("check", Self.domain, ["--previous-ttl", "60"]).status()
            }
            let domain = try found.domain
            let bound = try Date(#require(domain.secondPass.bound), strategy: .iso8601)
            let now = try Date(found.generatedAt, strategy: .iso8601)
            #expect(bound.timeIntervalSince(now) > 172_000, "\(domain.reasons)")
            #expect(
                domain.reasons.contains { $0.contains("old.example.zz (\(Self.old))") }, "\(domain.reasons)")
            #expect(domain.assumptions == [])
        }
    }
}
