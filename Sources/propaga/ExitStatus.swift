import ArgumentParser

/// Exit codes other than the verdict's 0, 1 and 2. They are those of sysexits.h if one fits.
enum ExitStatus {
    static let usage = ExitCode(64)
    static let missingInput = ExitCode(66)
    static let cannotCreate = ExitCode(73)
    static let outputError = ExitCode(74)
    static let configuration = ExitCode(78)
    static let interrupted = ExitCode(130)
    static let terminated = ExitCode(143)
}

/// Writes an error to standard error, with the program's name on each line, and returns the exit code to throw.
func failure(_ code: ExitCode, _ message: String) -> ExitCode {
    StandardError.write(message.split(separator: "\n").map { "propaga: \($0)\n" }.joined())
    return code
}
