import DNS

/// Recipes that pass on whole connections (fact G4 of the migration guide).
extension Forwarding {
    /// Bound to the addresses that the world sends to, never to loopback: there the local mail server goes on
    /// taking what this machine's own programs send.
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
                    "Mail that leaves this server is not touched: haproxy takes connections, and the mail server"
                    + " keeps port 25 on the loopback address for the programs of this machine. While the new"
                    + " server cannot be reached, connections are closed and senders try again later."),
            files: [section],
            steps: [
                ForwardingStep(
                    .configure,
                    "The bind lines have the addresses of the present exchanges. Keep those that are this machine's"
                        + " (behind NAT its own one stands there instead):",
                    ["ip -brief address"]),
                ForwardingStep(
                    .check, "Check. It must say: Configuration file is valid.",
                    ["haproxy -c -f \(configuration)"]),
                ForwardingStep(
                    .load,
                    "The mail server must give port 25 away, on all addresses but 127.0.0.1. Postfix: in"
                        + " /etc/postfix/master.cf write `127.0.0.1:smtp inet` for `smtp inet` (inet_interfaces would"
                        + " take 587 and 465 away as well), then `postfix reload`. exim on Debian:"
                        + " `dc_local_interfaces='127.0.0.1.25 ; 0.0.0.0.587'` in /etc/exim4/update-exim4.conf.conf,"
                        + " with the ports that it has now, then `systemctl restart exim4`. From here on connections"
                        + " are forwarded:",
                    ["systemctl restart haproxy"]),
                trialConnection(to: first.description),
            ],
            undo: [
                ForwardingStep(
                    .configure, "Take the lines out:", [section.removal, "systemctl restart haproxy"]),
                afterwards("let the mail server listen on port 25 of all addresses, as before."),
            ])
    }

    /// Only packets to this machine's own addresses that come in from outside are turned; what it sends passes
    /// neither chain's rule, and neither does what it passes on for others.
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
                    "Mail that leaves this server is not touched, nor are connections over the loopback interface,"
                    + " and the mail server may go on listening: connections from outside no longer reach it."
                    + " This takes the kernel's IP forwarding, so this machine becomes a router: see to it that its"
                    + " firewall forwards nothing else."),
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
                    "A rule has an address, not a name. See that \(first) is still one of \(exchange), and look"
                        + " again every day: nothing follows a change by itself.",
                    ["getent ahosts \(exchange)"]),
                ForwardingStep(.check, "Check. It must say nothing.", ["nft -c -f \(rules)"]),
                ForwardingStep(
                    .load,
                    "From here on connections are forwarded. A firewall that drops what is forwarded (ufw, Docker's"
                        + " rules) needs a rule as well: `ct status dnat accept` in its forward chain."
                        + (six == nil
                            ? ""
                            : " Where IPv6 addresses come from router advertisements, forwarding stops them:"
                                + " set accept_ra = 2 for that interface."),
                    ["sysctl -q -p \(switches)", "nft -f \(rules)"]),
                ForwardingStep(
                    .load,
                    "So that it lasts over a restart of the machine. A restart of a firewall that begins with"
                        + " `flush ruleset` takes the rules away: load them again then.",
                    ["systemctl daemon-reload", "systemctl enable \(unit)"]),
                trialConnection(to: serverAddresses.first?.description ?? "OLD-SERVER"),
            ],
            undo: [
                ForwardingStep(
                    .configure, "Take the rules out. Leave IP forwarding on if it was on before.",
                    [
                        "nft delete table ip propaga_smtp", "nft delete table ip6 propaga_smtp",
                        "systemctl disable \(unit)", "rm \(rules) \(switches) /etc/systemd/system/\(unit)",
                        "systemctl daemon-reload",
                    ]
                        + (four == nil ? [] : ["sysctl -q -w net.ipv4.ip_forward=0"])
                        + (six == nil ? [] : ["sysctl -q -w net.ipv6.conf.all.forwarding=0"])),
                afterwards("nothing else is to be done: connections reach the mail server again."),
            ])
    }

    /// The rules of one address family. Where the exchange has no address in it, senders are turned away, and
    /// try the other: else they would go on delivering here.
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
        // Declared, deleted and made anew, so that loading it twice leaves one set of rules.
        return [
            "table \(family) propaga_smtp", "delete table \(family) propaga_smtp",
            "table \(family) propaga_smtp {",
        ]
            + chains + ["}"]
    }
}
