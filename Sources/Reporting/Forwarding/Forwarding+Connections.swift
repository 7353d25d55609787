import DNS

/// Recipes that pass on whole connections (fact G4 of the migration guide).
extension Forwarding {
    /// It listens on the addresses that the world sends to, never on loopback: there the local mail server still
    /// takes the mail of this machine's own programs.
    func haproxyRecipe() throws(ForwardingError) -> ForwardingRecipe {
        guard let first = serverAddresses.first else { throw .noServerAddress }
        let configuration = "/etc/haproxy/haproxy.cfg"
        let section = ForwardingFile.appended(
            to: configuration,
            [
                "resolvers propaga", "    parse-resolv-conf", "", "listen propaga_smtp", "    mode tcp",
                "    option tcplog",
            ] + serverAddresses.map { "    bind \(Endpoint($0, port: 25))" } + [
                "    timeout connect 30s",
                "    # Longer than the ten minutes that a sender waits for the end of a message (RFC 5321, 4.5.3.2.6).",
                "    timeout client 11m", "    timeout server 11m",
                "    server propaga_exchange \(exchange):25 resolvers propaga init-addr last,libc,none",
            ])
        return ForwardingRecipe(
            kind: .haproxy, title: title(.haproxy),
            introduction: connectionIntroduction(
                own:
                    "Mail that leaves this server does not change: haproxy only takes connections from outside, and the"
                    + " mail server keeps port 25 on the loopback address for the programs of this machine. While the"
                    + " new server cannot be reached, haproxy closes connections and senders try again later."
            ),
            files: [section],
            steps: [
                ForwardingStep(
                    .configure,
                    "The bind lines have the addresses of the present exchanges. Keep only those of this machine"
                        + " (behind NAT, write its own address instead):",
                    ["ip -brief address"]),
                ForwardingStep(
                    .check, "Check. It must say: Configuration file is valid.",
                    ["haproxy -c -f \(configuration)"]),
                ForwardingStep(
                    .load,
                    "Make the mail server stop listening on port 25 of all addresses except 127.0.0.1. Postfix: in"
                        + " /etc/postfix/master.cf replace `smtp inet` with `127.0.0.1:smtp inet` (inet_interfaces would"
                        + " take 587 and 465 away too), then `postfix reload`. exim on Debian:"
                        + " `dc_local_interfaces='127.0.0.1.25 ; 0.0.0.0.587'` in /etc/exim4/update-exim4.conf.conf,"
                        + " with the ports that it has now, then `systemctl restart exim4`. This command starts the"
                        + " forwarding:",
                    ["systemctl restart haproxy"]),
                trialConnection(to: first.description),
            ],
            undo: [
                ForwardingStep(
                    .configure, "Remove the lines:", [section.removal, "systemctl restart haproxy"]),
                afterwards("let the mail server listen on port 25 of all addresses, as before."),
            ])
    }

    /// The rules redirect only packets that come from outside to this machine's own addresses. They touch neither
    /// what it sends itself nor what it forwards for others.
    func nftablesRecipe() throws(ForwardingError) -> ForwardingRecipe {
        let four = exchangeAddresses.first { !$0.isV6 }
        let six = exchangeAddresses.first { $0.isV6 }
        guard let first = four ?? six else { throw .noExchangeAddress(exchange) }
        let rules = "/etc/nftables-propaga.conf"
        let switches = "/etc/sysctl.d/90-propaga-forwarding.conf"
        let unit = "propaga-forwarding.service"
        return ForwardingRecipe(
            kind: .nftables, title: title(.nftables),
            introduction: connectionIntroduction(
                own:
                    "Make sure that this machine's firewall forwards nothing else: the recipe needs the kernel's IP"
                    + " forwarding, so this machine becomes a router. Mail that leaves this server does not change, and"
                    + " connections over the loopback interface do not either. The mail server may keep listening:"
                    + " connections from outside no longer reach it."),
            files: [
                .own(
                    rules,
                    ["# \(exchange) had these addresses when this was written."]
                        + Self.table("ip", to: four) + Self.table("ip6", to: six)),
                .own(
                    switches,
                    (four == nil ? [] : ["net.ipv4.ip_forward = 1"])
                        + (six == nil ? [] : ["net.ipv6.conf.all.forwarding = 1"])),
                // A unit of its own: Debian's nftables.service begins with "flush ruleset", and would take the rules
                // of another firewall away at the next start.
                .own(
                    "/etc/systemd/system/\(unit)",
                    [
                        "[Unit]", "Description=SMTP connections to \(exchange)",
                        "After=nftables.service ufw.service firewalld.service", "", "[Service]",
                        "Type=oneshot",
                        "RemainAfterExit=yes", "ExecStart=/usr/sbin/nft -f \(rules)", "", "[Install]",
                        "WantedBy=multi-user.target",
                    ]),
            ],
            steps: [
                ForwardingStep(
                    .configure,
                    "Check that \(first) is still an address of \(exchange), and check again every day: a rule has an"
                        + " address, not a name, and does not follow a change by itself.",
                    ["getent ahosts \(exchange)"]),
                ForwardingStep(.check, "Check. It must print nothing.", ["nft -c -f \(rules)"]),
                ForwardingStep(
                    .load,
                    "These commands start the forwarding. A firewall that drops forwarded packets (ufw, Docker's"
                        + " rules) needs another rule: `ct status dnat accept` in its forward chain."
                        + (six == nil
                            ? ""
                            : " If this machine gets its IPv6 address from router advertisements, set accept_ra = 2 for"
                                + " that interface: forwarding stops them otherwise."),
                    ["sysctl -q -p \(switches)", "nft -f \(rules)"]),
                ForwardingStep(
                    .load,
                    "Keep it over a restart of the machine. If you restart a firewall that begins with `flush ruleset`,"
                        + " load the rules again: it removes them.",
                    ["systemctl daemon-reload", "systemctl enable \(unit)"]),
                trialConnection(to: serverAddresses.first?.description ?? "OLD-SERVER"),
            ],
            undo: [
                ForwardingStep(
                    .configure, "Remove the rules. Leave IP forwarding on if it was on before.",
                    [
                        "nft delete table ip propaga_smtp", "nft delete table ip6 propaga_smtp",
                        "systemctl disable \(unit)", "rm \(rules) \(switches) /etc/systemd/system/\(unit)",
                        "systemctl daemon-reload",
                    ]
                        + (four == nil ? [] : ["sysctl -q -w net.ipv4.ip_forward=0"])
                        + (six == nil ? [] : ["sysctl -q -w net.ipv6.conf.all.forwarding=0"])),
                afterwards("there is nothing else to do: connections reach the mail server again."),
            ])
    }

    /// The rules of one address family. If the exchange has no address in that family, they reject senders, which
    /// then try the other family. Without that, senders would still deliver here.
    private static func table(_ family: String, to address: IPAddress?) -> [String] {
        let match = "iifname != \"lo\" fib daddr type local tcp dport 25"
        var chains = [
            "    chain incoming {", "        type filter hook input priority filter; policy accept;",
            "        \(match) reject with tcp reset", "    }",
        ]
        if let address {
            chains = [
                "    chain turn {", "        type nat hook prerouting priority dstnat; policy accept;",
                "        \(match) dnat to \(address)", "    }", "    chain hide {",
                "        type nat hook postrouting priority srcnat; policy accept;",
                "        ct status dnat \(family) daddr \(address) tcp dport 25 masquerade", "    }",
            ]
        }
        // Declare, delete and create it: loading the file twice then leaves one set of rules.
        return [
            "table \(family) propaga_smtp", "delete table \(family) propaga_smtp",
            "table \(family) propaga_smtp {",
        ]
            + chains + ["}"]
    }
}
