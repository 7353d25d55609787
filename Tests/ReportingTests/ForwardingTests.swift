import DNS
import Testing

@testable import Reporting

@Suite struct ForwardingTests {
    private static let kinds = ForwardingKind.allCases
    private static let mailKinds = kinds.filter { !$0.forwardsConnections }

    private static func forwarding(_ domains: [DomainName] = ["example.it", "a-b.example.org"]) throws
        -> Forwarding
    {
        try Forwarding(
            domains: domains, exchange: "mx01.cbsolt.net",
            exchangeAddresses: [
                try #require(IPAddress("192.0.2.25")), try #require(IPAddress("2001:db8::25")),
            ],
            serverAddresses: [
                try #require(IPAddress("198.51.100.7")), try #require(IPAddress("2001:db8:7::1")),
            ])
    }

    private static func file(_ path: String, of recipe: ForwardingRecipe) throws -> String {
        try #require(recipe.files.first { $0.path == path }, "\(path) is not written").contents
    }

    @Test func theOptionsValuesAreTheProgramsNames() {
        #expect(
            Self.kinds.map(\.rawValue) == [
                "postfix", "exim", "sendmail", "opensmtpd", "haproxy", "nftables",
            ])
        #expect(Self.mailKinds == [.postfix, .exim, .sendmail, .opensmtpd])
    }

    // MARK: Every recipe

    @Test(arguments: kinds) func aRecipeSaysWhatWhenAndHowToUndo(kind: ForwardingKind) throws {
        let recipe = try Self.forwarding().recipe(kind)
        let words = recipe.introduction.joined(separator: " ")
        #expect(words.contains("mx01.cbsolt.net"))
        #expect(words.contains("Set it up when"))
        #expect(words.contains("`propaga watch --until published example.it`"))
        #expect(words.contains("Take it away when"))
        #expect(words.contains("`propaga watch --until decommission example.it`"))
        #expect(words.contains("SPF"))
        for purpose in ForwardingStep.Purpose.allCases {
            #expect(recipe.steps.contains { $0.purpose == purpose }, "nothing to \(purpose)")
        }
        for purpose in [ForwardingStep.Purpose.check, .load, .verify] {
            #expect(!recipe.commands(purpose).isEmpty, "no command to \(purpose)")
        }
        #expect(!recipe.files.isEmpty)
        // Every file is taken away again, or its lines are.
        let undone = recipe.undo.flatMap(\.commands).joined(separator: "\n")
        for file in recipe.files { #expect(undone.contains(file.path), "\(file.path) stays") }
    }

    @Test(arguments: kinds) func theWatchOfARecipeHasTheOptionsOfThisRun(kind: ForwardingKind) throws {
        let forwarding = try Forwarding(
            domains: ["example.it"], exchange: "mx.custom.it", exchangeAddresses: [.v4(1)],
            serverAddresses: [.v4(2)], options: ["--mx", "mx.custom.it", "--resolvers", "my list.conf"])
        let words = try forwarding.recipe(kind).introduction.joined(separator: " ")
        let options = "--mx mx.custom.it --resolvers 'my list.conf' example.it`"
        #expect(words.contains("`propaga watch --until published \(options)"))
        #expect(words.contains("`propaga watch --until decommission \(options)"))
    }

    @Test(arguments: mailKinds) func aMailServerForwardsEveryDomainAndNoOther(kind: ForwardingKind) throws {
        let contents = try Self.forwarding().recipe(kind).files.map(\.contents)
        #expect(contents.contains { $0.contains("example.it") && $0.contains("a-b.example.org") })
        let one = try Self.forwarding(["example.it"]).recipe(kind).files.map(\.contents).joined()
        #expect(!one.contains("example.org"))
    }

    @Test(arguments: kinds) func aConnectionIsForwardedWhateverTheDomain(kind: ForwardingKind) throws {
        let contents = try Self.forwarding().recipe(kind).files.map(\.contents).joined()
        #expect(contents.contains("example.it") != kind.forwardsConnections)
        let words = try Self.forwarding().recipe(kind).introduction.joined(separator: " ")
        #expect(words.contains("every domain moves") == kind.forwardsConnections)
    }

    @Test(arguments: kinds) func theTextHoldsAllOfIt(kind: ForwardingKind) throws {
        let recipe = try Self.forwarding().recipe(kind)
        let lines = recipe.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "# \(recipe.title)")
        #expect(lines.count { $0 == "```" } % 2 == 0)
        #expect(lines.contains("## Files") && lines.contains("## Commands, as root"))
        #expect(lines.contains("## Undo, as root"))
        for file in recipe.files {
            #expect(recipe.text.contains("```\n\(file.contents)```\n"), "\(file.path) is changed")
        }
        for command in (recipe.steps + recipe.undo).flatMap(\.commands) {
            #expect(lines.contains(command[...]), "'\(command)' does not stand on a line of its own")
        }
        // What is to be copied from a sentence stands on one line.
        for (index, part) in recipe.text.split(separator: "```\n").enumerated() where index % 2 == 0 {
            for line in part.split(separator: "\n") { #expect(line.count { $0 == "`" } % 2 == 0, "\(line)") }
        }
        #expect(recipe.text.hasSuffix("\n") && !recipe.text.hasSuffix("\n\n"))
        #expect(!recipe.text.contains(" \n"))
    }

    // MARK: Each kind

    @Test func postfixLooksUpNoMXOfTheExchange() throws {
        let recipe = try Self.forwarding().recipe(.postfix)
        #expect(
            try Self.file("/etc/postfix/propaga_transport", of: recipe)
                == "example.it relay:[mx01.cbsolt.net]\na-b.example.org relay:[mx01.cbsolt.net]\n")
        #expect(
            try Self.file("/etc/postfix/propaga_recipients", of: recipe)
                == "example.it reject_unverified_recipient\na-b.example.org reject_unverified_recipient\n")
        // No table that would let everybody relay to names below these.
        #expect(
            try Self.file("/etc/postfix/propaga_domains", of: recipe)
                == "/^example\\.it$/ x\n/^a-b\\.example\\.org$/ x\n")
        // What the operator had there stays.
        for command in recipe.commands(.configure) { #expect(command.contains("$(postconf -h ")) }
    }

    @Test func eximsLinesGoToFilesThatDebianReads() throws {
        let recipe = try Self.forwarding(["Example.IT"]).recipe(.exim)
        #expect(
            try Self.file("/etc/exim4/hubbed_hosts", of: recipe)
                == "# propaga: begin\nexample.it: mx01.cbsolt.net byname\n# propaga: end\n")
        #expect(
            try Self.file("/etc/exim4/local_rcpt_callout", of: recipe)
                == "# propaga: begin\n*@example.it\n# propaga: end\n")
        #expect(recipe.files.allSatisfy { $0.placement == .appended })
    }

    @Test func sendmailNoLongerTakesTheDomainForItsOwn() throws {
        let recipe = try Self.forwarding().recipe(.sendmail)
        #expect(
            try Self.file("/etc/mail/mailertable", of: recipe).contains(
                "\nexample.it\tesmtp:[mx01.cbsolt.net]\n"))
        let remove = try #require(recipe.commands(.configure).first)
        #expect(remove.hasSuffix(" -f /etc/mail/propaga-domains.sed /etc/mail/local-host-names"))
        // A dot that stood for any octet would take out another domain.
        let script = try Self.file("/etc/mail/propaga-domains.sed", of: recipe)
        #expect(script.hasPrefix(#"/^[[:space:]]*example\.it[[:space:]]*$/Id"#))
        #expect(script.contains(#"a-b\.example\.org"#))
    }

    @Test(arguments: kinds) func noLineGrowsWithTheNumberOfDomains(kind: ForwardingKind) throws {
        func longest(_ count: Int) throws -> Int {
            let domains = (0..<count).map { DomainName("d\($0).example.it")! }
            let lines = try Self.forwarding(domains).recipe(kind).text.split(separator: "\n")
            return lines.map(\.utf8.count).max() ?? 0
        }
        // OpenSMTPD's list is one line of its file, which may be as long as it likes.
        if kind != .opensmtpd { #expect(try longest(5_000) <= longest(1) + 30) }
    }

    @Test func eximTakesNoUnderscore() throws {
        #expect(throws: ForwardingError.underscore("a_b.example.org")) {
            try Self.forwarding(["example.it", "a_b.example.org"]).recipe(.exim)
        }
        for kind in Self.mailKinds where kind != .exim {
            #expect(try Self.forwarding(["a_b.example.org"]).recipe(kind).kind == kind)
        }
    }

    @Test func noServiceThatFlushesRulesIsEnabled() throws {
        let recipe = try Self.forwarding().recipe(.nftables)
        let commands = (recipe.steps + recipe.undo).flatMap(\.commands).joined(separator: "\n")
        #expect(!commands.contains("/etc/nftables.conf") && !commands.contains("enable nftables"))
        let unit = try Self.file("/etc/systemd/system/propaga-forwarding.service", of: recipe)
        #expect(unit.contains("ExecStart=/usr/sbin/nft -f /etc/nftables-propaga.conf\n"))
    }

    @Test func connectionsOfEverybodyMustNotRelay() throws {
        for kind in Self.kinds where kind.forwardsConnections {
            let words = try Self.forwarding().recipe(kind).introduction.joined(separator: " ")
            #expect(words.contains("never to let that address relay"))
        }
    }

    @Test func opensmtpdForwardsBeforeAnyOtherRule() throws {
        let recipe = try Self.forwarding().recipe(.opensmtpd)
        let rules = try Self.file("/etc/smtpd-forwarding.conf", of: recipe)
        #expect(rules.contains(#"{ "example.it", "a-b.example.org" }"#))
        #expect(rules.contains(#"relay host "smtp://mx01.cbsolt.net""#))
        #expect(recipe.commands(.configure).joined().contains("0,/^match/s//include"))
    }

    @Test func haproxyLeavesLoopbackAlone() throws {
        let section = try Self.file("/etc/haproxy/haproxy.cfg", of: Self.forwarding().recipe(.haproxy))
        #expect(section.contains("    bind 198.51.100.7:25\n    bind [2001:db8:7::1]:25\n"))
        #expect(section.contains("    server propaga_exchange mx01.cbsolt.net:25 "))
        #expect(section.contains("    mode tcp\n"))
    }

    @Test func nftablesTurnsWhatComesFromOutsideOnly() throws {
        let rules = try Self.file("/etc/nftables-propaga.conf", of: Self.forwarding().recipe(.nftables))
        let match = #"iifname != "lo" fib daddr type local tcp dport 25"#
        #expect(rules.contains("\(match) dnat to 192.0.2.25\n"))
        #expect(rules.contains("\(match) dnat to 2001:db8::25\n"))
        #expect(rules.contains("ct status dnat ip daddr 192.0.2.25 tcp dport 25 masquerade"))
        #expect(!rules.contains("reject"))
        #expect(!rules.contains("hook output"))
    }

    @Test func nftablesTurnsAwayTheFamilyThatTheExchangeLacks() throws {
        let address = try #require(IPAddress("192.0.2.25"))
        let forwarding = try Forwarding(
            domains: ["example.it"], exchange: "mx01.cbsolt.net", exchangeAddresses: [address])
        let recipe = try forwarding.recipe(.nftables)
        let rules = try Self.file("/etc/nftables-propaga.conf", of: recipe)
        let parts = rules.split(separator: "table ip6 propaga_smtp {")
        try #require(parts.count == 2)
        #expect(parts[0].contains("dnat to 192.0.2.25") && !parts[0].contains("reject"))
        #expect(parts[1].contains("reject with tcp reset") && !parts[1].contains("dnat"))
        let switches = try Self.file("/etc/sysctl.d/90-propaga-forwarding.conf", of: recipe)
        #expect(switches == "net.ipv4.ip_forward = 1\n")
    }

    // MARK: What cannot be

    @Test(arguments: [
        #"a\"b.it"#, #"a\010b.it"#, #"a\$b.it"#, #"a\000.it"#, #"a\;b.it"#, #"a\032b.it"#, #"a\'b.it"#,
        #"a\`b.it"#, #"a\\b.it"#, #"a\.b.it"#, #"a\035b.it"#, #"\255.it"#, "a/b.it", "*.it", "-e.it", "e-.it",
        "example.-it", ".",
    ]) func aNameThatCouldBreakOutIsRefused(text: String) throws {
        let name = try DomainName(presentation: text)
        #expect(throws: ForwardingError.unsuitableName(name)) { try Self.forwarding(["example.it", name]) }
        #expect(throws: ForwardingError.unsuitableName(name)) {
            try Forwarding(domains: ["example.it"], exchange: name)
        }
        #expect(ForwardingError.unsuitableName(name).description.hasPrefix("\(name) cannot stand"))
    }

    @Test(arguments: Array(UInt8.min...UInt8.max)) func onlyPlainOctetsAreTaken(octet: UInt8) throws {
        let name = try DomainName(labels: [[0x61, octet, 0x62], [0x69, 0x74]])
        let isPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8.contains(octet)
        if isPlain {
            #expect(try Self.forwarding([name]).domains.count == 1)
        } else {
            #expect(throws: ForwardingError.unsuitableName(name)) { try Self.forwarding([name]) }
        }
    }

    @Test func aDomainNamedTwiceStandsOnce() throws {
        let forwarding = try Self.forwarding(["example.it", "EXAMPLE.it", "xn--caf-dma.it"])
        #expect(forwarding.domains == ["example.it", "xn--caf-dma.it"])
    }

    @Test func anAddressOfTwoExchangesIsBoundOnce() throws {
        let address = try #require(IPAddress("198.51.100.7"))
        let forwarding = try Forwarding(
            domains: ["example.it"], exchange: "mx01.cbsolt.net", serverAddresses: [address, address])
        let section = try Self.file("/etc/haproxy/haproxy.cfg", of: forwarding.recipe(.haproxy))
        #expect(section.split(separator: "bind ").count == 2)
    }

    @Test func whatIsMissingIsNamed() throws {
        #expect(throws: ForwardingError.noDomain) { try Self.forwarding([]) }
        let bare = try Forwarding(domains: ["example.it"], exchange: "mx01.cbsolt.net")
        for kind in Self.mailKinds { #expect(try bare.recipe(kind).kind == kind) }
        #expect(throws: ForwardingError.noExchangeAddress("mx01.cbsolt.net")) { try bare.recipe(.nftables) }
        #expect(throws: ForwardingError.noServerAddress) { try bare.recipe(.haproxy) }
        #expect(ForwardingError.noExchangeAddress("mx01.cbsolt.net").description.contains("mx01.cbsolt.net"))
    }
}
