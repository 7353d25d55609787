import Glibc
import Synchronization

/// Gives the terminal back if the program does not end in the usual way, but by `exit`, by a signal that nobody else
/// handles, or by a crash.
///
/// Everything that a signal handler uses exists before the first handler is installed. A handler allocates nothing,
/// takes no lock, and calls only what POSIX allows there (signal-safety(7)).
enum TerminalGuard {
    /// Ends a synchronized frame, colours, and the alternate screen; wraps lines and shows the cursor again.
    private static let restoring: StaticString =
        "\u{1B}[?2026l\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// Faults, and requests to end while nobody listens for them.
    private static let signals = [
        SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGSYS, SIGQUIT, SIGINT, SIGTERM, SIGHUP,
    ]

    private struct State {
        var output: CInt = -1
        /// The terminal that keys come from, or -1.
        var input: CInt = -1
        var modes = termios()
    }

    // Pointers: a handler may run while a variable changes, and Swift would stop the program for that.
    nonisolated(unsafe) private static let state = {
        let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
        unsafe state.initialize(to: State())
        return unsafe state
    }()
    /// What each signal did before, by its number.
    nonisolated(unsafe) private static let previous = {
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        unsafe actions.initialize(repeating: sigaction(), count: 65)
        return unsafe actions
    }()
    private static let isArmed = Atomic(false)

    private static let isInstalled: Void = {
        atexit { TerminalGuard.restore() }
        for signal in signals { install(signal) }
    }()

    /// From now on the terminal is given back, whatever happens.
    ///
    /// - Parameters:
    ///   - input: the terminal whose modes are changed, with what they were; or `nil`.
    static func arm(output: CInt, input: (descriptor: CInt, modes: termios)?) {
        isArmed.store(false, ordering: .sequentiallyConsistent)
        unsafe state.pointee.output = output
        unsafe state.pointee.input = input?.descriptor ?? -1
        if let input { unsafe state.pointee.modes = input.modes }
        _ = restoring.utf8CodeUnitCount
        _ = unsafe previous
        isArmed.store(true, ordering: .sequentiallyConsistent)
        _ = isInstalled
    }

    /// Gives the terminal back, once; safe in a signal handler.
    static func restore() {
        guard isArmed.exchange(false, ordering: .sequentiallyConsistent) else { return }
        _ = unsafe write(state.pointee.output, restoring.utf8Start, restoring.utf8CodeUnitCount)
        let input = unsafe state.pointee.input
        guard input >= 0 else { return }
        // In the background it is somebody else's terminal, and touching it would stop us.
        let foreground = tcgetpgrp(input)
        if foreground == -1 || foreground == getpgrp() {
            unsafe tcsetattr(input, TCSANOW, &state.pointee.modes)
        }
    }

    private static func install(_ signal: CInt) {
        unsafe sigaction(signal, nil, previous + Int(signal))
        // An ignored signal stays ignored, as under nohup. A request to end that has a handler belongs to somebody else.
        let isFault = ![SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(signal)
        let handler = unsafe address(of: previous[Int(signal)])
        guard handler == 0 || isFault && handler != 1 else { return }
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_sigaction = { signal, information, context in
            TerminalGuard.restore()
            unsafe TerminalGuard.callPrevious(signal, information, context)
            // The signal is blocked until this handler returns. Then it ends the process, even if the handler
            // before only reported it, as Swift's own does.
            Glibc.signal(signal, SIG_DFL)
            raise(signal)
        }
        action.sa_flags = CInt(SA_ONSTACK | SA_SIGINFO)
        unsafe sigemptyset(&action.sa_mask)
        unsafe sigaction(signal, &action, nil)
    }

    private static func callPrevious(
        _ signal: CInt, _ information: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
    ) {
        let before = unsafe previous + Int(signal)
        guard unsafe address(of: before.pointee) > 1 else { return }
        if unsafe before.pointee.sa_flags & CInt(SA_SIGINFO) != 0 {
            unsafe before.pointee.__sigaction_handler.sa_sigaction(signal, information, context)
        } else {
            unsafe before.pointee.__sigaction_handler.sa_handler(signal)
        }
    }

    /// 0 for the default, 1 for what is ignored.
    private static func address(of action: sigaction) -> Int {
        unsafe withUnsafeBytes(of: action.__sigaction_handler) { unsafe $0.load(as: Int.self) }
    }
}
