import ArgumentParser
import DNS
import Monitoring
import Propagation
import Reporting

/// `propaga check`: one sweep, one status, one exit code.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Asks once, prints the status, and exits with the verdict.",
        discussion: """
            propaga asks every resolver several times at once, from different ports, and every \
            authoritative server directly. The check takes as long as the slowest answer.

            EXAMPLES
              propaga check example.it
              propaga check --format json --file domains.txt > status.json
              propaga check -q --until published example.it && echo "the change is made"
              propaga check --mx mail.provider.example --authority 192.0.2.53 example.it
              propaga check --format nagios example.it
              propaga check -q --until second-pass example.it && start-the-second-pass

            propaga remembers what it sees (--history): a check from cron knows what the checks before it saw.
            The exit code is 0 if every domain meets the condition, 1 if at least one certainly does not, 2 if \
            propaga cannot tell for at least one. With --format nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, nagios }

    @OptionGroup var domains: DomainOptions
    @OptionGroup var asking: AskingOptions
    @OptionGroup var verdict: VerdictOptions
    @OptionGroup var history: HistoryOptions

    @Option(name: .long, help: ArgumentHelp("table, json or nagios.", valueName: "format"))
    var format = Format.table

    @Flag(name: .shortAndLong, help: "Print nothing: the exit code tells the result.")
    var quiet = false

    @Flag(name: .long, help: "No colour. (The variable NO_COLOR does the same.)")
    var noColor = false

    @Flag(name: .long, help: "Print the JSON Schema of the status and exit.")
    var schema = false

    func validate() throws {
        if !schema { try domains.namesGiven() }
    }

    func run() async throws {
        if schema {
            var output = StandardOutput()
            try output.append(DocumentSchema.status)
            return try output.flush()
        }
        let session = try openSession()
        var printer = printer(for: session)
        let code = try await sweep(session, with: &printer)
        if code != 0 { throw ExitCode(code) }
    }

    /// With `--format nagios`, a history that cannot be used gets the plugins' own code for "cannot tell".
    private func openSession() throws -> Session {
        do {
            return try Session(
                domains: domains, asking: asking, verdict: verdict, history: history, spread: .zero,
                isQuiet: quiet)
        } catch let code as ExitCode
            where format == .nagios && [ExitStatus.cannotCreate, ExitStatus.outputError].contains(code)
        {
            var output = StandardOutput()
            if !quiet { try output.append("MX UNKNOWN - propaga cannot use the history\n") }
            try output.flush()
            throw NagiosPrinter.unknown
        }
    }

    private func sweep(_ session: Session, with printer: inout any StatusPrinter) async throws -> Int32 {
        let clock = session.clock
        var progress = Progress(total: session.domains.count, now: clock.now)
        progress.announce(session.estimate)
        session.monitor.prepare()
        try printer.start(at: clock.read())
        try await session.monitor.checkAll(
            session.domains, samples: session.monitor.settings.policy.confirmations,
            isRemembered: session.history != nil, begin: session.begin
        ) { index, result in
            // Save before printing, so that no level that was reported is ever forgotten.
            session.history?.save(result)
            try printer.add(result.tracker, at: clock.read())
            progress.show(done: index + 1)
        }
        progress.clear()
        let statistics = await session.client.statistics
        session.logger.info("\(statistics)")
        let code = try printer.finish(deadlinePassed: false)
        let failure = format == .nagios ? NagiosPrinter.unknown : ExitStatus.outputError
        return session.history?.exitCode(code, failure: failure) ?? code
    }

    private func printer(for session: Session) -> any StatusPrinter {
        let condition = session.condition
        if quiet, format != .nagios { return QuietPrinter(condition: condition) }
        return switch format {
        case .json: JSONPrinter(condition: condition, target: session.monitor.settings.target)
        case .nagios: NagiosPrinter(condition: condition, isQuiet: quiet)
        case .table:
            TablePrinter(
                condition: condition, count: session.domains.count,
                style: .forTerminal(noColor: noColor, isVerbose: asking.verbose))
        }
    }
}
