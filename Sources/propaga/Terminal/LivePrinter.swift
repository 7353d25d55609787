import ArgumentParser
import Glibc
import Monitoring
import Propagation
import Reporting
import Synchronization

/// `--format live`: a screen that moves, and at its end the table that `log` ends with too.
final class LivePrinter: WatchPrinter {
    private let session: Session
    private let style: TextStyle
    private let board: LiveBoard
    private let loop = Mutex<LiveLoop?>(nil)
    private let notes = Mutex<[String]>([])

    init(session: Session, style: TextStyle) {
        self.session = session
        self.style = style
        board = LiveBoard(session: session, zone: style.zone)
    }

    /// Whether standard output is a terminal on which a screen can be drawn.
    static var isPossible: Bool {
        unsafe StandardOutput.isTerminal && getenv("TERM").map { unsafe String(cString: $0) } != "dumb"
    }

    func begin(stop: @escaping @Sendable () -> Void) {
        // A file without domains leaves nothing to draw.
        guard board.domains > 0 else { return }
        let terminal = Terminal()
        let settings = LiveSettings(
            condition: session.condition, style: style, resolvers: session.monitor.resolvers,
            confirmations: session.monitor.settings.policy.confirmations, hasKeys: terminal.input != nil)
        let loop = LiveLoop(
            board: board, settings: settings, terminal: terminal, clock: session.clock, stop: stop)
        self.loop.withLock { $0 = loop }
        loop.start()
    }

    func show(_ event: WatchEvent, _ tracker: DomainTracker) {
        if board.put(event, tracker) { SignalPipe.send(SignalPipe.wake) }
    }

    /// Shown on the screen, and printed again when the screen is gone.
    func note(_ text: String) {
        notes.withLock { $0.append(text) }
        board.put(note: text)
        SignalPipe.send(SignalPipe.wake)
    }

    func end() throws {
        let loop = loop.withLock { loop in
            defer { loop = nil }
            return loop
        }
        defer {
            for note in notes.withLock({ $0 }) { StandardError.write("propaga: \(note)\n") }
        }
        try loop?.end()
    }

    func finish(_ last: LastStatus) throws {
        // The terminal may have another width than at the start.
        let style = TextStyle(
            width: StandardOutput.columns, usesColor: style.usesColor, isASCII: style.isASCII,
            zone: style.zone, isVerbose: style.isVerbose)
        try LogPrinter(session: session, style: style).finish(last)
    }
}
