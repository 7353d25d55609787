import DNS

/// A file that cannot be used: its name, and for each wrong line what was expected there. It names all wrong lines
/// at once, so that the user can correct them together.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package struct Fault: Equatable, Sendable {
        /// Counted from 1; `nil` for the whole file.
        package var line: Int?
        package var message: String
    }

    package let file: String
    package private(set) var faults: [Fault] = []
    private var unnamed = 0

    /// It names at most so many: a file of another kind is wrong in every line.
    private static let most = 20

    init(file: String) { self.file = file }

    var isEmpty: Bool { faults.isEmpty }

    mutating func add(_ message: String, line: Int?) {
        if faults.count < Self.most {
            faults.append(Fault(line: line, message: message))
        } else {
            unnamed += 1
        }
    }

    /// A line for each fault, as compilers write them.
    package var description: String {
        let lines = faults.map { fault in
            fault.line.map { "\(file):\($0): \(fault.message)" } ?? "\(file): \(fault.message)"
        }
        return (lines + (unnamed > 0 ? ["\(file): and \(unnamed) more"] : [])).joined(separator: "\n")
    }
}

/// Text of a file, made safe for a terminal.
func shown(_ text: some StringProtocol) -> String {
    text.unicodeScalars.prefix(60).map { $0.isInvisible ? "?" : String($0) }.joined()
}
