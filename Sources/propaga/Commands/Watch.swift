import ArgumentParser
import DNS
import Glibc
import Monitoring
import Propagation
import Reporting
import UnixSignals

/// `propaga watch`: follows domains until the condition is met.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follows domains until they have propagated.",
        discussion: """
            propaga asks a resolver again just after its copy should have expired, not at fixed intervals. It \
            ends when every domain meets the condition, when the deadline passes, or when you interrupt it.
            On a terminal it shows a screen with a countdown for every copy; press ? there to see the keys.

            EXAMPLES
              propaga watch example.it
              propaga watch --until published --deadline 2h example.it
              propaga watch --format ndjson --file domains.txt > events.ndjson

            propaga remembers what it sees (--history): a new watch continues where the last one ended.

            The exit code is that of the last status: 0 met, 1 not yet, 2 cannot tell. After Ctrl-C it is 130, \
            after SIGTERM 143; propaga prints the last status first.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case live, log, ndjson }

    @OptionGroup var domains: DomainOptions
    @OptionGroup var asking: AskingOptions
    @OptionGroup var verdict: VerdictOptions
    @OptionGroup var history: HistoryOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "live (a screen), log (a line for each change) or ndjson (a line for each event).",
            discussion: "Default: live on a terminal, unless -v writes its log there; otherwise log.",
            valueName: "format"))
    var format: Format?

    @Option(
        name: .long,
        help: ArgumentHelp("Give up after this time, such as 90s, 30m, 6h, 2d.", valueName: "duration"),
        transform: Duration.read)
    var deadline: Duration?

    @Flag(name: .shortAndLong, help: "Print nothing: the exit code tells the result.")
    var quiet = false

    @Flag(name: .long, help: "No colour. (The variable NO_COLOR does the same.)")
    var noColor = false

    func validate() throws {
        try domains.namesGiven()
        try format?.validate()
    }

    func run() async throws {
        let session = try Session(
            domains: domains, asking: asking, verdict: verdict, history: history,
            spread: Policy().confirmationSpread, isQuiet: quiet)
        let chosen = format ?? .standard(verbose: asking.verbose)
        let printer =
            quiet
            ? SilentWatchPrinter()
            : chosen.printer(
                for: session, style: .forTerminal(noColor: noColor, isVerbose: asking.verbose))
        let code = try await WatchRun(session: session, printer: printer, deadline: deadline).run()
        if code != 0 { throw ExitCode(code) }
    }
}

extension WatchCommand.Format {
    /// The format if the user asks for none. A screen and a log of `-v` would spoil each other on one terminal.
    static func standard(verbose: Bool = false) -> Self {
        LivePrinter.isPossible && !(verbose && StandardError.isTerminal) ? .live : .log
    }

    func validate() throws {
        if self == .live, !LivePrinter.isPossible {
            throw ValidationError(
                "--format live needs a terminal on standard output: use log or ndjson")
        }
    }

    func printer(for session: Session, style: TextStyle) -> any WatchPrinter {
        switch self {
        case .live: LivePrinter(session: session, style: style)
        case .log: LogPrinter(session: session, style: style)
        case .ndjson: NDJSONPrinter(session: session)
        }
    }
}

/// One watch from its first question to its last status; `demo` uses it too.
struct WatchRun {
    let session: Session
    let printer: any WatchPrinter
    let deadline: Duration?

    /// Runs to the end and prints the last status.
    ///
    /// - Returns: the exit code, 129, 130 or 143 after a signal.
    func run() async throws -> Int32 {
        do {
            let code = try await watchAndPrint()
            await session.client.shutdown()
            return code
        } catch {
            await session.client.shutdown()
            throw error
        }
    }

    private func watchAndPrint() async throws -> Int32 {
        let (result, signal) = try await watchUntilSignal()
        let last = LastStatus(
            trackers: result.trackers, clock: session.clock.read(), condition: session.condition,
            target: session.monitor.settings.target, deadlinePassed: result.ending == .deadlinePassed)
        do {
            try printer.finish(last)
        } catch  where signal == SIGHUP {
            // The terminal has gone, so nobody reads the last status.
        }
        guard let signal else { return last.exitCode }
        let word = signal == SIGINT ? "interrupted" : signal == SIGTERM ? "terminated" : "hung up"
        StandardError.write("propaga: \(word); the exit code is \(128 + signal)\n")
        return 128 + signal
    }

    private func watchUntilSignal() async throws -> (WatchResult, signal: Int32?) {
        let telling = WatchTelling(session, printer)
        let watcher = Watcher(
            monitor: session.monitor, trackers: try session.domains.map(session.begin),
            condition: session.condition, deadline: deadline.map { session.clock.now() + $0 },
            rates: session.rates, authorityRate: session.authorityRate, onEvent: telling.tell)
        session.monitor.prepare()
        let watching = Task {
            var watcher = watcher
            return await watcher.run()
        }
        let signals = Task { await Self.firstSignal { watching.cancel() } }
        printer.begin { watching.cancel() }
        let result = await watching.value
        await telling.finish(result.trackers)
        let ended = Result { try printer.end() }
        signals.cancel()
        let signal = await signals.value
        // If the terminal hung up, an error of the screen is no news.
        if signal != SIGHUP { try ended.get() }
        return (result, signal)
    }

    /// Waits for signals until the task is cancelled. The first one asks for an orderly end. A second one ends the
    /// program at once: a terminal that accepts no more output could block the orderly end for ever.
    private static func firstSignal(stop: @Sendable () -> Void) async -> Int32? {
        let trapped: [UnixSignal] = [.sigint, .sigterm] + (ignoresHangUp ? [] : [.sighup])
        var first: Int32?
        for await signal in await UnixSignalsSequence(trapping: trapped) {
            if first != nil {
                TerminalGuard.restore()
                _exit(128 + signal.rawValue)
            }
            first = signal.rawValue
            stop()
        }
        return first
    }

    /// As under nohup: if SIGHUP was ignored before the start, the watch must continue.
    private static var ignoresHangUp: Bool {
        var action = sigaction()
        unsafe sigaction(SIGHUP, nil, &action)
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
