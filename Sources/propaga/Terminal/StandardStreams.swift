import ArgumentParser
import Glibc
import Reporting

/// Standard output, written in large pieces. If its reader goes away, the program ends quietly.
struct StandardOutput {
    private var buffer: [UInt8] = []
    private static let pieceSize = 1 << 16

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The terminal's columns, else 80.
    static var columns: Int {
        var size = winsize()
        let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return isKnown ? Int(size.ws_col) : 80
    }

    /// Appends through `body`. The buffer is written when it is large enough.
    ///
    /// - Throws: an `ExitCode` when standard output cannot take it.
    mutating func append(_ body: (inout [UInt8]) -> Void) throws {
        body(&buffer)
        if buffer.count >= Self.pieceSize { try flush() }
    }

    mutating func append(_ text: String) throws {
        try append { $0.append(contentsOf: text.utf8) }
    }

    /// Appends a value as JSON, on a line of its own.
    mutating func append(line value: some Encodable) throws {
        try append {
            $0.append(json: value)
            $0.append(UInt8(ascii: "\n"))
        }
    }

    /// Writes the buffer.
    mutating func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard !writeAll(buffer, to: STDOUT_FILENO) else { return }
        // The reader of a pipe has seen enough: end as SIGPIPE would, without a message.
        if errno == EPIPE { throw ExitCode(141) }
        throw failure(ExitStatus.outputError, unsafe "standard output: \(String(cString: strerror(errno)))")
    }
}

/// Standard error: progress, logs and errors.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func write(_ text: String) {
        // If standard error itself fails, there is no place left to report it.
        _ = writeAll(Array(text.utf8), to: STDERR_FILENO)
    }
}

/// Writes every octet, or leaves the reason in `errno`.
private func writeAll(_ octets: [UInt8], to descriptor: CInt) -> Bool {
    var offset = 0
    while offset < octets.count {
        let written = unsafe octets.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress! + offset, octets.count - offset)
        }
        if written >= 0 {
            offset += written
        } else if errno == EAGAIN {
            var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&state, 1, -1)
        } else if errno != EINTR {
            return false
        }
    }
    return true
}
