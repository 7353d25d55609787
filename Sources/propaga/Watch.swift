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

            EXAMPLES
              propaga watch example.it
              propaga watch --until published --deadline 2h example.it
              propaga watch --format ndjson --file domains.txt > events.ndjson

            The exit code is that of the last status: 0 met, 1 not yet, 2 cannot tell; 130 after Ctrl-C and \
            143 after SIGTERM, with the last status printed first.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case log, ndjson }

    @OptionGroup var domains: DomainOptions
    @OptionGroup var asking: AskingOptions
    @OptionGroup var verdict: VerdictOptions

    @Option(
        name: .long,
        help: ArgumentHelp("log (a line a transition) or ndjson (an event a line).", valueName: "format"))
    var format = Format.log

    @Option(
        name: .long,
        help: ArgumentHelp("Give up after this time, as in 90s, 30m, 6h, 2d.", valueName: "duration"))
    var deadline: DurationArgument?

    @Flag(name: .shortAndLong, help: "Print nothing; the exit code tells.")
    var quiet = false

    @Flag(name: .long, help: "No colour (also with NO_COLOR set).")
    var noColor = false

    func validate() throws {
        try domains.namesGiven()
    }

    func run() async throws {
        let session = try Session(
            domains: domains, asking: asking, verdict: verdict, spread: Policy().confirmationSpread)
        let printer: any WatchPrinter =
            if quiet { SilentWatchPrinter() } else {
                switch format {
                case .log: LogPrinter(session: session, style: .forTerminal(noColor: noColor))
                case .ndjson: NDJSONPrinter(session: session)
                }
            }
        let code = try await WatchRun(session: session, printer: printer, deadline: deadline?.duration).run()
        if code != 0 { throw ExitCode(code) }
    }
}

/// One watch from its first question to its last status; `demo` uses it too.
struct WatchRun {
    let session: Session
    let printer: any WatchPrinter
    let deadline: Duration?

    /// Runs to the end and prints the last status.
    ///
    /// - Returns: the exit code, 130 or 143 after a signal.
    func run() async throws -> Int32 {
        let (result, signal) = await watchUntilSignal()
        let last = LastStatus(
            trackers: result.trackers, clock: session.clock.read(), condition: session.condition,
            target: session.monitor.settings.target, deadlinePassed: result.ending == .deadlinePassed)
        try printer.finish(last)
        await session.client.shutdown()
        return signal.map { 128 + $0 } ?? last.exitCode
    }

    private func watchUntilSignal() async -> (WatchResult, signal: Int32?) {
        let watcher = Watcher(
            monitor: session.monitor, domains: session.domains, condition: session.condition,
            deadline: deadline.map { session.clock.now() + $0 }, rates: session.rates, onEvent: printer.show)
        session.monitor.prepare()
        let watching = Task {
            var watcher = watcher
            return await watcher.run()
        }
        let signals = Task {
            let signal = await Self.firstSignal()
            if signal != nil { watching.cancel() }
            return signal
        }
        let result = await watching.value
        signals.cancel()
        return (result, await signals.value)
    }

    private static func firstSignal() async -> Int32? {
        for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
            return signal == .sigint ? SIGINT : SIGTERM
        }
        return nil
    }
}
