import ArgumentParser
import Glibc
import Reporting

/// The terminal with the live screen, and the terminal from which its keys come, if there is one.
struct Terminal {
    private let output = STDOUT_FILENO
    /// Standard input if it is a terminal, else the controlling terminal; `nil` if keys come from nowhere.
    private(set) var input: CInt?

    init() {
        if isatty(STDIN_FILENO) == 1 {
            input = STDIN_FILENO
        } else {
            let descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
            if descriptor >= 0 { input = descriptor }
        }
    }

    var size: ScreenSize {
        var size = winsize()
        let isKnown =
            unsafe ioctl(output, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        return isKnown
            ? ScreenSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
            : ScreenSize(columns: 80, rows: 24)
    }

    /// Takes the terminal: the alternate screen, no cursor, no wrapping, keys as they are typed. Signals
    /// stay the terminal's: Ctrl-C and Ctrl-Z work even if this program hangs.
    ///
    /// In the background this stops the process until it is in the foreground (SIGTTOU).
    func enter() throws {
        var before: (CInt, termios)?
        if let input {
            var modes = termios()
            if unsafe tcgetattr(input, &modes) == 0 { before = (input, modes) }
        }
        TerminalGuard.arm(output: output, input: before)
        if let (input, modes) = before { applyRawModes(modes, to: input) }
        try write(Array("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l".utf8))
    }

    /// Takes the terminal again after the process was stopped from outside: it may have changed since.
    func reenter() throws {
        if let input {
            var modes = termios()
            if unsafe tcgetattr(input, &modes) == 0 { applyRawModes(modes, to: input) }
        }
        try write(Array("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l".utf8))
    }

    func leave() { TerminalGuard.restore() }

    /// - Throws: an `ExitCode` when the terminal cannot take it.
    func write(_ octets: [UInt8]) throws {
        var output = StandardOutput()
        try output.append { $0 = octets }
        try output.flush()
    }

    /// What has been typed; `nil` when nothing will come any more.
    func read() -> [UInt8]? {
        guard let input else { return nil }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe Glibc.read(input, &buffer, buffer.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    private func applyRawModes(_ modes: termios, to input: CInt) {
        var raw = modes
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        // Without this, Ctrl-S would freeze the screen.
        raw.c_iflag &= ~tcflag_t(IXON)
        unsafe withUnsafeMutableBytes(of: &raw.c_cc) {
            unsafe $0[Int(VMIN)] = 1
            unsafe $0[Int(VTIME)] = 0
        }
        unsafe tcsetattr(input, TCSANOW, &raw)
    }
}
