import DNS
import Reporting
import Testing

/// The recipes that pass on connections: checked by their programs, then used.
@Suite("Forwarding connections, with haproxy and nftables", .serialized)
struct ForwardedConnectionTests {
    private static func recipe(_ kind: ForwardingKind) throws -> ForwardingRecipe {
        try Forwarding(
            domains: ["example.it"], exchange: "mx01.cbsolt.net",
            exchangeAddresses: [#require(IPAddress("192.0.2.25"))],
            serverAddresses: [#require(IPAddress("198.51.100.7"))]
        ).recipe(kind)
    }

    @Test(
        "haproxy takes the section beside Debian's own, whether or not the name can be looked up",
        .enabled(if: ScratchMachine.runs(with: ["haproxy"]), ScratchMachine.needs), arguments: [true, false])
    func haproxy(isKnown: Bool) async throws {
        let recipe = try Self.recipe(.haproxy)
        var machine = ScratchMachine(servers: ["haproxy"])
        if !isKnown { machine.hosts.removeLast() }
        let found = try await machine.run([
            ("prepare", "\(InstalledServers.haproxy)\ncp /etc/haproxy/haproxy.cfg /tmp/before"),
            ("install", recipe.installation), ("check", recipe.script(.check)),
            (
                "damage",
                "cp /etc/haproxy/haproxy.cfg /tmp/whole; sed -i 's/mode tcp/mode smtp/' /etc/haproxy/haproxy.cfg"
            ),
            ("damaged", recipe.script(.check)),
            ("undo", "cp /tmp/whole /etc/haproxy/haproxy.cfg; \(recipe.removal)"),
            ("after", "cmp /etc/haproxy/haproxy.cfg /tmp/before"),
        ])
        for step in ["prepare", "install", "check", "damage", "undo", "after"] {
            #expect(found[step].code == 0, "\(step):\n\(found[step].output)")
        }
        #expect(found["check"].output.contains("Configuration file is valid"))
        // It warns that the server waits for its address, and of nothing else.
        let warnings = found["check"].output.split(separator: "\n").filter { $0.hasPrefix("[WARNING]") }
        #expect(warnings.count == (isKnown ? 0 : 1), "\(warnings)")
        #expect(warnings.allSatisfy { $0.contains("could not resolve address 'mx01.cbsolt.net'") })
        #expect(found["damaged"].code != 0)
    }

    @Test(
        "A connection to haproxy is answered by the new exchange, one over loopback by the old server",
        .enabled(if: ScratchMachine.runs(with: ["haproxy", "postfix"]), ScratchMachine.needs))
    func haproxyForwards() async throws {
        let recipe = try Self.recipe(.haproxy)
        let found = try await ScratchMachine(servers: ["haproxy", "postfix"]).run([
            ("prepare", InstalledServers.haproxy), ("install", recipe.installation),
            (
                "start",
                """
                smtp-sink -u root -h mx01.cbsolt.net 127.0.99.1:25 100 &
                smtp-sink -u root -h old.example.net 127.0.0.1:25 100 &
                \(ScratchMachine.greeting("127.0.99.1"))
                \(ScratchMachine.greeting("127.0.0.1"))
                haproxy -D -f /etc/haproxy/haproxy.cfg
                """
            ),
            ("new", ScratchMachine.greeting("127.0.99.1")),
            ("loopback", ScratchMachine.greeting("127.0.0.1")),
            ("verify", recipe.script(.verify)),
            ("listening", "ss -Hltn 'sport = :25' | awk '{ print $4 }' | sort"),
        ])
        for step in ["prepare", "install", "start"] {
            #expect(found[step].code == 0, "\(step):\n\(found[step].output)")
        }
        #expect(found["new"].output.hasPrefix("220 mx01.cbsolt.net "), "\(found["new"].output)")
        #expect(found["verify"].output == found["new"].output)
        #expect(found["listening"].output == "127.0.0.1:25\n127.0.99.1:25\n198.51.100.7:25\n")
        #expect(found["loopback"].output.hasPrefix("220 old.example.net "), "\(found["loopback"].output)")
    }

    @Test(
        "nftables takes the rules, once and again, and nothing of them stays",
        .enabled(if: ScratchMachine.runs(with: ["nftables"]), ScratchMachine.needs))
    func nftables() async throws {
        let recipe = try Self.recipe(.nftables)
        let path = recipe.files[0].path
        let found = try await ScratchMachine(servers: ["nftables"]).run([
            ("install", recipe.installation), ("check", recipe.script(.check)),
            ("load", "nft -f \(path); nft list ruleset >/tmp/once; nft -f \(path)"),
            ("same", "nft list ruleset | cmp - /tmp/once; cat /tmp/once"),
            ("damage", "cp \(path) /tmp/whole; sed -i 's/dnat to 192.0.2.25/dnat to mx/' \(path)"),
            ("damaged", recipe.script(.check)), ("undo", recipe.removal), ("after", "nft list ruleset"),
        ])
        for step in ["install", "check", "load", "same", "damage", "undo", "after"] {
            #expect(found[step].code == 0, "\(step):\n\(found[step].output)")
        }
        #expect(found["check"].output.isEmpty)
        #expect(found["same"].output.contains("dnat to 192.0.2.25"))
        #expect(found["damaged"].code != 0)
        #expect(found["after"].output.isEmpty)
    }

    /// The old server between two networks: a sender's, and the new exchange's, which has no way back to the sender.
    private static let networks = """
        home=$(readlink /proc/self/ns/net)
        for side in sender exchange; do
            unshare --net sleep 600 &
            pid=$!
            echo $pid >/tmp/$side
            timeout 20 bash -c "until [ \\$(readlink /proc/$pid/ns/net) != $home ]; do sleep 0.02; done"
            ip link add $side type veth peer name out netns $pid
        done
        inside() { nsenter --net=/proc/$(cat /tmp/$1)/ns/net "${@:2}"; }
        ip address add 198.51.100.7/24 dev sender && ip link set sender up
        ip address add 192.0.2.1/24 dev exchange && ip link set exchange up
        inside sender ip address add 198.51.100.99/24 dev out && inside sender ip link set out up
        inside exchange ip address add 192.0.2.25/24 dev out && inside exchange ip link set out up
        inside exchange smtp-sink -u root -h mx01.cbsolt.net 192.0.2.25:25 100 &
        inside sender smtp-sink -u root -h elsewhere.example 198.51.100.99:25 100 &
        smtp-sink -u root -h old.example.net 0.0.0.0:25 100 &
        """

    @Test(
        "A connection from outside is answered by the new exchange, the old server's own go where they went",
        .enabled(if: ScratchMachine.runs(with: ["nftables", "postfix"]), ScratchMachine.needs))
    func nftablesForwards() async throws {
        let recipe = try Self.recipe(.nftables)
        let load = try #require(recipe.steps.first { $0.purpose == .load }).commands.joined(separator: "\n")
        let outside = "nsenter --net=/proc/$(cat /tmp/sender)/ns/net "
        let found = try await ScratchMachine(servers: ["nftables", "postfix"]).run([
            ("networks", Self.networks), ("before", outside + ScratchMachine.greeting("198.51.100.7")),
            ("exchange", ScratchMachine.greeting("192.0.2.25")),
            ("install", recipe.installation), ("load", load), ("verify", outside + recipe.script(.verify)),
            ("own address", outside + ScratchMachine.greeting("198.51.100.7")),
            ("loopback", ScratchMachine.greeting("127.0.0.1")),
            ("outgoing", ScratchMachine.greeting("198.51.100.99")),
            ("undo", recipe.removal), ("after", outside + ScratchMachine.greeting("198.51.100.7")),
        ])
        for step in ["networks", "install", "load", "undo"] {
            #expect(found[step].code == 0, "\(step):\n\(found[step].output)")
        }
        for (step, name) in [
            ("before", "old.example.net"), ("exchange", "mx01.cbsolt.net"),
            ("own address", "mx01.cbsolt.net"),
            ("loopback", "old.example.net"), ("outgoing", "elsewhere.example"), ("after", "old.example.net"),
        ] {
            #expect(found[step].output.hasPrefix("220 \(name) "), "\(step): \(found[step].output)")
        }
    }
}
