import ArgumentParser
import DNS
import Glibc
import Monitoring

/// Reads input files, and says which one cannot be read and why.
enum InputFiles {
    /// The whole text of a file; `-` is standard input. Ill-formed UTF-8 is replaced.
    ///
    /// - Throws: exit code 66, with the reason on standard error.
    static func text(of path: String) throws -> String {
        guard let text = try? quietText(of: path) else { throw unreadable(path) }
        return text
    }

    /// The same without an error message; `errno` has the reason.
    static func quietText(of path: String) throws -> String {
        let descriptor = unsafe path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ExitStatus.missingInput }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(descriptor, &piece, piece.count)
            if count == 0 { break }
            if count > 0 {
                octets.append(contentsOf: piece[..<count])
            } else if errno != EINTR {
                throw ExitStatus.missingInput
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func unreadable(_ path: String) -> ExitCode {
        failure(ExitStatus.missingInput, unsafe "\(path): \(String(cString: strerror(errno)))")
    }

    /// The domains of a file.
    ///
    /// - Throws: exit code 66 if the file cannot be read, 64 if a line is not a domain name.
    static func domains(in path: String) throws -> [DomainName] {
        let text = try text(of: path)
        do {
            return try DomainList.parse(text, file: path == "-" ? "standard input" : path)
        } catch {
            throw failure(ExitStatus.usage, "\(error)")
        }
    }
}
