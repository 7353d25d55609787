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
            Asks again just after a cached copy should have expired, not by a fixed interval, and ends when \
            the condition is met for every domain, when the deadline passes, or when it is interrupted.
            On a terminal it draws a screen that counts every copy down; press ? there for its keys.

            EXAMPLES
              propaga watch example.it
              propaga watch --until published --deadline 2h example.it
              propaga watch --format ndjson --file domains.txt > events.ndjson

            What is seen is kept (--history): a watch that is started again goes on where the last one ended.

            The exit code is that of the last status: 0 met, 1 not yet, 2 cannot tell; 130 after Ctrl-C and \
            143 after SIGTERM, with the last status printed first.
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
            "live (a screen), log (a line a transition) or ndjson (an event a line).",
            discussion: "Default: live on a terminal, unless -v logs to it; else log.", valueName: "format"))
    var format: Format?

    @Option(
        name: .long,
        help: ArgumentHelp("Give up after this time, as in 90s, 30m, 6h, 2d.", valueName: "duration"),
        transform: Duration.read)
    var deadline: Duration?

    @Flag(name: .shortAndLong, help: "Print nothing; the exit code tells.")
    var quiet = false

    @Flag(name: .long, help: "No colour (also with NO_COLOR set).")
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
    /// The one that is not asked for. A log on the terminal and a screen would spoil each other.
    static func standard(verbose: Bool = false) -> Self {
        LivePrinter.isPossible && !(verbose && StandardError.isTerminal) ? .live : .log
    }

    func validate() throws {
        if self == .live, !LivePrinter.isPossible {
            throw ValidationError(
                "--format live needs a terminal on standard output; use log or ndjson elsewhere")
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
            // The terminal has gone, and nobody is left to read.
        }
        guard let signal else { return last.exitCode }
        let word = signal == SIGINT ? "interrupted" : signal == SIGTERM ? "terminated" : "hung up"
        StandardError.write("propaga: \(word), so the exit code is \(128 + signal)\n")
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
        // What a terminal that hangs up did to the screen is no news.
        if signal != SIGHUP { try ended.get() }
        return (result, signal)
    }

    /// Waits for signals until the task is cancelled; the first one asks for an orderly end. Who sends another
    /// does not want to wait for it: a terminal that takes nothing any more could hold it up for ever.
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

    /// As under nohup: who ignores it for us wants the watch to go on.
    private static var ignoresHangUp: Bool {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
