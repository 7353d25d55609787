import ArgumentParser
import DNS
import Glibc
import Monitoring
import Reporting
import Synchronization

/// Draws the live screen and obeys its keys. It has its own thread, because it waits in `poll`, and that must not
/// block one of the few threads that Swift's tasks share.
///
///     news, keys, signals, the next second ──► view ──► frame ──► lines that changed ──► terminal
final class LiveLoop: Sendable {
    private let board: LiveBoard
    private let settings: LiveSettings
    private let terminal: Terminal
    private let clock: MonitorClock
    /// Asks the watch to end.
    private let stop: @Sendable () -> Void
    private let isEnding = Atomic(false)
    private let failure = Mutex<(any Error)?>(nil)
    private let thread = Mutex<pthread_t?>(nil)

    /// The least time between two frames that only news caused.
    private static let frameInterval: Duration = .milliseconds(100)
    /// If nothing follows an escape for this long, it was the key.
    private static let escapeTimeout: CInt = 50

    init(
        board: LiveBoard, settings: LiveSettings, terminal: Terminal, clock: MonitorClock,
        stop: @escaping @Sendable () -> Void
    ) {
        self.board = board
        self.settings = settings
        self.terminal = terminal
        self.clock = clock
        self.stop = stop
    }

    func start() {
        let body = unsafe Unmanaged.passRetained(self)
        thread.withLock { thread in
            var started = pthread_t()
            let failed = unsafe pthread_create(
                &started, nil,
                { body in
                    unsafe Unmanaged<LiveLoop>.fromOpaque(body!).takeRetainedValue().run()
                    return nil
                }, unsafe body.toOpaque())
            if failed == 0 {
                thread = started
            } else {
                unsafe body.release()
                let reason = unsafe String(cString: strerror(failed))
                failure.withLock {
                    $0 = propaga.failure(ExitStatus.outputError, "no thread for the screen: \(reason)")
                }
                stop()
            }
        }
    }

    /// Leaves the screen and waits until that is done.
    ///
    /// - Throws: what went wrong on the way.
    func end() throws {
        isEnding.store(true, ordering: .sequentiallyConsistent)
        SignalPipe.send(SignalPipe.wake)
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let started { pthread_join(started, nil) }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func run() {
        SignalPipe.install()
        do {
            try terminal.enter()
            try loop()
        } catch {
            failure.withLock { $0 = error }
            stop()
        }
        terminal.leave()
        SignalPipe.uninstall()
    }
}

// MARK: - The loop

extension LiveLoop {
    /// What the loop remembers from turn to turn.
    private struct Turn {
        var view: LiveView
        var diff = ScreenDiff()
        var keys = KeyDecoder()
        var extent = LiveView.Extent(rows: 0, visible: 0)
        var drawnAt: Instant?
        /// Something other than news changed: draw at once.
        var isStale = true
        var hasNews = false
        var readsKeys: Bool
    }

    private func loop() throws {
        var turn = Turn(view: LiveView(domains: board.domains), readsKeys: terminal.input != nil)
        while !isEnding.load(ordering: .sequentiallyConsistent) {
            try wait(&turn)
            // While news waits for its frame, later news does not wake the loop.
            if !turn.hasNews { turn.hasNews = board.takeNews() }
            let now = clock.now()
            if turn.isStale || isDue(turn, now) { try draw(&turn) }
        }
    }

    private func isDue(_ turn: Turn, _ now: Instant) -> Bool {
        guard let drawnAt = turn.drawnAt else { return true }
        let age = now - drawnAt
        return turn.hasNews && age >= Self.frameInterval || age >= .seconds(1)
    }

    /// Milliseconds until a frame is due: soon if there is news, else with the next second of the clock.
    private func timeout(_ turn: Turn) -> CInt {
        if turn.isStale { return 0 }
        if turn.keys.isWaiting { return Self.escapeTimeout }
        guard let drawnAt = turn.drawnAt else { return 0 }
        let reading = clock.read()
        if turn.hasNews {
            let left = Self.frameInterval - (reading.instant - drawnAt)
            return CInt(max(0, min(100, left.inMilliseconds.rounded(.up))))
        }
        return CInt(1000 - (reading.wall.milliseconds % 1000 + 1000) % 1000)
    }

    private func wait(_ turn: inout Turn) throws {
        var sources = [pollfd(fd: SignalPipe.descriptor, events: Int16(POLLIN), revents: 0)]
        if turn.readsKeys, let input = terminal.input {
            sources.append(pollfd(fd: input, events: Int16(POLLIN), revents: 0))
        }
        let timeout = timeout(turn)
        let ready = unsafe poll(&sources, nfds_t(sources.count), timeout)
        if ready == 0, timeout > 0 {
            if turn.keys.isWaiting {
                handle(turn.keys.flush(), &turn)
            } else if !turn.hasNews {
                turn.isStale = true
            }
        }
        for signal in SignalPipe.drain() { try handle(CInt(signal), &turn) }
        guard ready > 0, sources.count > 1, sources[1].revents != 0 else { return }
        if let octets = terminal.read() {
            handle(turn.keys.take(octets), &turn)
        } else {
            turn.readsKeys = false
        }
    }

    private func handle(_ signal: CInt, _ turn: inout Turn) throws {
        switch signal {
        case SIGTSTP:
            terminal.leave()
            SignalPipe.stopProcess()
            try terminal.enter()
        case SIGCONT: try terminal.reenter()
        case SIGWINCH: break
        default: return
        }
        turn.diff.forget()
        turn.isStale = true
    }

    private func handle(_ keys: [Key], _ turn: inout Turn) {
        for key in keys {
            turn.isStale = true
            switch turn.view.handle(key, turn.extent) {
            case .quit: stop()
            case .repaint: turn.diff.forget()
            case nil: break
            }
        }
    }

    private func draw(_ turn: inout Turn) throws {
        _ = board.takeNews()
        let reading = clock.read()
        let frame = frame(&turn.view, turn.extent, at: reading)
        turn.extent = frame.extent
        (turn.drawnAt, turn.isStale, turn.hasNews) = (reading.instant, false, false)
        let octets = turn.diff.update(to: frame.lines)
        if !octets.isEmpty { try terminal.write(octets) }
    }

    private func frame(
        _ view: inout LiveView, _ extent: LiveView.Extent, at reading: ClockReading
    ) -> LiveFrame {
        let size = terminal.size
        if view.showsHelp { return LiveHelp.frame(settings, size, over: extent) }
        switch view.page {
        case .detail(let domain):
            return LiveDetail(settings, size).frame(
                board.status(domain, at: reading), at: reading.wall, event: board.event(of: domain),
                note: board.note, isAlone: board.domains == 1, view: &view)
        case .overview:
            return LiveOverview(settings, size).frame(
                board.tally(at: reading), at: reading.wall, event: board.event, note: board.note, view: &view
            ) { board.status($0, at: reading) }
        }
    }
}
