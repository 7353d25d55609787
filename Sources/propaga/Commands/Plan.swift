import ArgumentParser
import DNS
import DNSClient
import Monitoring
import Planning
import Propagation
import Reporting

/// `propaga plan`: before the switch, whether domains are ready, and the days that follow.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tells whether a domain is ready for the switch, and gives the dates of every step.",
        discussion: """
            propaga asks the authoritative servers and the resolvers once, compares the answers with the \
            provider's guide, and changes nothing. It checks the TTL and since when, copies with a longer TTL, \
            servers and delegation, old and new exchanges, MTA-STS, TLSA, SPF, DNSSEC. Each line says ok, wait \
            (until when), fix (how) or unknown.

            EXAMPLES
              propaga plan example.it
              propaga plan --lowered-at 2026-11-21T09:00:00Z example.it
              propaga plan --switch-at 2026-11-28T06:00:00Z --strategy two-pass example.it
              propaga plan --also news.example.it --format markdown example.it > runbook.md
              propaga plan --format ics --file domains.txt > moves.ics
              propaga plan -q example.it && echo "switch now"
              propaga plan --forwarding postfix example.it

            propaga remembers what it sees (--history): if you plan some days before, it knows since when the TTL \
            is low. With several domains each gets a row; add -v to see all lines of every domain.

            The exit code is 0 if every domain is ready now, 1 if at least one must wait or needs a fix, 2 if \
            propaga cannot tell for at least one.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, ics, markdown }

    @OptionGroup var domains: DomainOptions
    @OptionGroup var planning: PlanOptions
    @OptionGroup var asking: AskingOptions
    @OptionGroup var policy: PolicyOptions
    @OptionGroup var history: HistoryOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Print how to make the old server forward mail: postfix, exim, sendmail, opensmtpd (for these domains),"
                + " haproxy or nftables (for all connections).",
            valueName: "server"))
    var forwarding: ForwardingKind?

    @Option(
        name: .customLong("old-server"),
        help: ArgumentHelp(
            "The address at which the old server takes mail, for --forwarding haproxy or nftables. Repeatable."
                + " (default: the addresses of the present MX)", valueName: "address"))
    var oldServer: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "table, json, ics (a calendar) or markdown (a runbook).", valueName: "format"))
    var format = Format.table

    @Flag(name: .shortAndLong, help: "Print nothing: the exit code tells the result.")
    var quiet = false

    @Flag(name: .long, help: "No colour. (The variable NO_COLOR does the same.)")
    var noColor = false

    @Flag(name: .long, help: "Print the JSON Schema of the plan and exit.")
    var schema = false

    func validate() throws {
        if !schema { try domains.namesGiven() }
        if forwarding != nil, quiet || format != .table {
            throw ValidationError("--forwarding prints a recipe: leave out --format and --quiet")
        }
        if !oldServer.isEmpty, forwarding?.forwardsConnections != true {
            throw ValidationError("--old-server needs --forwarding haproxy or --forwarding nftables")
        }
        _ = try oldServers
    }

    private var oldServers: [IPAddress] {
        get throws {
            try oldServer.map { text in
                guard let address = IPAddress(text) else {
                    throw ValidationError(
                        "--old-server \(escaped(text)): expected an address, such as 192.0.2.1 or 2001:db8::1"
                    )
                }
                return address
            }
        }
    }

    func run() async throws {
        if schema {
            var output = StandardOutput()
            try output.append(DocumentSchema.plan)
            return try output.flush()
        }
        let session = try Session(
            domains: domains, asking: asking, policy: policy,
            // A recipe is not a look at a domain, so nothing is remembered.
            history: forwarding == nil ? history : try HistoryOptions.parse(["--no-history"]),
            condition: .published,
            publishedAt: nil, nameServersSince: nil, spread: .zero, isQuiet: quiet)
        if let forwarding {
            let recipe = PlanForwarding(
                session, forwarding, subdomains: try planning.subdomains(of: session.domains),
                oldServers: try oldServers, options: sharedOptions)
            return try await recipe.show()
        }
        let now = session.clock.read()
        let wishes = try planning.wishes(at: now)
        let wanted = Preflight.Wanted(
            samples: policy.confirmations, subdomains: try planning.subdomains(of: session.domains))
        var printer = printer(for: session, wishes, now)
        let code = try await look(session, wanted, wishes, with: &printer)
        if code != 0 { throw ExitCode(code) }
    }

    private func look(
        _ session: Session, _ wanted: Preflight.Wanted, _ wishes: PlanWishes,
        with printer: inout any PlanPrinter
    ) async throws -> Int32 {
        let clock = session.clock
        var progress = Progress(total: session.domains.count, now: clock.now)
        session.monitor.prepare()
        try printer.start()
        let said = try planning.loweredSince(at: clock.read())
        try await Preflight(session.monitor).lookAtAll(
            session.domains, wanted: wanted, begin: session.begin
        ) { index, looked in
            for sweep in looked.sweeps { session.history?.save(sweep) }
            var facts = looked.facts
            func loweredSince(_ name: DomainName) throws -> Instant? {
                try said ?? session.history?.loweredSince(name)
            }
            facts.loweredSince = try loweredSince(facts.domain)
            for index in facts.subdomains.indices {
                facts.subdomains[index].loweredSince = try loweredSince(facts.subdomains[index].domain)
            }
            try printer.add(Plan(facts, wishes, at: clock.now()))
            progress.show(done: index + 1)
        }
        progress.clear()
        let statistics = await session.client.statistics
        session.logger.info("\(statistics)")
        let code = try printer.finish()
        return session.history?.exitCode(code) ?? code
    }

    private func printer(
        for session: Session, _ wishes: PlanWishes, _ clock: ClockReading
    ) -> any PlanPrinter {
        if quiet { return QuietPlanPrinter() }
        let style = TextStyle.forTerminal(noColor: noColor)
        let isSingle = session.domains.count == 1
        let settings = session.monitor.settings
        return switch format {
        case .table:
            TablePlanPrinter(clock: clock, style: style, isSingle: isSingle, showsAll: asking.verbose)
        case .json:
            JSONPlanPrinter(
                clock: clock, target: settings.target, policy: settings.policy, strategy: wishes.strategy)
        case .ics: CalendarPlanPrinter(clock: clock, zone: style.zone, commands: commands)
        case .markdown: RunbookPlanPrinter(clock: clock, zone: style.zone, commands: commands)
        }
    }
}

// MARK: - The commands of a runbook

extension PlanCommand {
    private var commands: PlanCommands {
        PlanCommands(
            options: sharedOptions, planOptions: planning.lasting(previousTTL: policy.previousTTL),
            loweredAt: planning.loweredAt, isRemembered: !history.noHistory)
    }

    /// The options of this run that every later command needs too.
    private var sharedOptions: [String] {
        var shared = policy.mx.flatMap { ["--mx", $0] }
        shared += asking.resolvers.flatMap { ["--resolvers", $0] }
        shared += asking.authorities.flatMap { ["--authority", $0] }
        shared += history.files.flatMap { ["--history", $0] } + (history.noHistory ? ["--no-history"] : [])
        if policy.settle != Policy().settle {
            shared += ["--settle", policy.settle.argument]
        }
        if policy.quorum != Policy().quorum { shared += ["--quorum", "\(policy.quorum)"] }
        if policy.confirmations != Policy().confirmations {
            shared += ["--confirmations", "\(policy.confirmations)"]
        }
        let usual = Configuration(now: MonitorClock.system.now)
        if asking.timeout != usual.timeout {
            shared += ["--timeout", asking.timeout.argument]
        }
        if asking.authorityRate != AskingOptions.usualAuthorityRate {
            shared += ["--authority-rate", "\(asking.authorityRate)"]
        }
        if asking.tries != usual.tries { shared += ["--tries", "\(asking.tries)"] }
        return shared
    }
}
