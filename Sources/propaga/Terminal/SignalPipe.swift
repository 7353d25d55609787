import Glibc

/// Signals for the screen, as octets in a pipe on which its loop waits. Other threads wake the loop through the same
/// pipe.
enum SignalPipe {
    /// The octet of a wake-up that is no signal.
    static let wake: UInt8 = 0
    /// Resized, suspended, continued.
    private static let signals = [SIGWINCH, SIGTSTP, SIGCONT]

    /// Reading and writing end; both never block.
    nonisolated(unsafe) private static let ends = {
        let ends = UnsafeMutablePointer<CInt>.allocate(capacity: 2)
        unsafe ends.initialize(repeating: -1, count: 2)
        guard unsafe pipe(ends) == 0 else { return unsafe ends }
        for end in unsafe [ends[0], ends[1]] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return unsafe ends
    }()

    /// What to wait on.
    static var descriptor: CInt { unsafe ends[0] }

    /// To be called on the loop's own thread: this thread must get the signals that other threads block.
    static func install() {
        _ = unsafe ends
        for signal in signals { handle(signal) }
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals + [SIGTTOU] { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    static func uninstall() {
        for signal in signals { Glibc.signal(signal, SIG_DFL) }
    }

    static func send(_ octet: UInt8) {
        var octet = octet
        // A full pipe has enough wake-ups.
        _ = unsafe write(ends[1], &octet, 1)
    }

    /// Everything that has come since the last call.
    static func drain() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(ends[0], &buffer, buffer.count)
        return count > 0 ? Array(buffer.prefix(count)) : []
    }

    /// Stops the process as Ctrl-Z would have without us; returns when it is continued.
    static func stopProcess() {
        signal(SIGTSTP, SIG_DFL)
        raise(SIGTSTP)
        handle(SIGTSTP)
    }

    private static func handle(_ signal: CInt) {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { signal in
            let saved = errno
            SignalPipe.send(UInt8(truncatingIfNeeded: signal))
            errno = saved
        }
        action.sa_flags = CInt(SA_RESTART)
        unsafe sigemptyset(&action.sa_mask)
        unsafe sigaction(signal, &action, nil)
    }
}
