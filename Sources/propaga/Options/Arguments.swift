import ArgumentParser
import DNS
import Glibc
import Propagation
import Reporting

extension Duration {
    /// Reads `90s`, `30m`, `6h`, `2d`. It is the `transform` of an option: only a transform can say what is wrong.
    @Sendable static func read(_ text: String) throws -> Duration { try DurationText.parse(text) }

    /// The same length as an option's value, not rounded.
    var argument: String {
        let milliseconds = wholeNanoseconds / 1_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

extension Condition: ExpressibleByArgument {}

/// One `--mx`: a host, or `*.suffix`.
enum ExchangePattern {
    case host(DomainName)
    case suffix(DomainName)

    init(_ text: String) throws {
        do {
            if text.hasPrefix("*.") {
                self = .suffix(try DomainName(typed: String(text.dropFirst(2))))
            } else {
                self = .host(try DomainName(typed: text))
            }
        } catch {
            throw ValidationError(
                "--mx \(escaped(text)): \(error); expected a host such as mx01.cbsolt.net, or *.cbsolt.net")
        }
    }
}

/// Text that a person or a file gave, safe for a terminal.
func escaped(_ text: String) -> String { text.escapedForDisplay }

/// A variable of the environment; `nil` if it is not set, or empty.
func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

extension DomainName {
    /// A domain from the command line.
    ///
    /// - Throws: a usage error if it is not a domain.
    init(argument text: String) throws {
        do {
            try self.init(typed: text)
        } catch {
            throw ValidationError("'\(escaped(text))' is not a domain: \(error)")
        }
    }
}
