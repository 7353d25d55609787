import ArgumentParser
import Propagation

/// A word of the command line in the place of a command or an option that does not exist.
///
/// The library reports such words last: it first takes the value behind a mistyped option as a domain, and refuses
/// that. So after a failure this looks through the command line again, and compares it with what the help lists.
struct UnknownWord: CustomStringConvertible {
    /// Which word it is, and what the user probably meant.
    let description: String

    private static let program = "propaga"

    /// - Returns: `nil` if every command and option is known.
    init?(in arguments: [String]) {
        var command: any ParsableCommand.Type = Propaga.self
        var name = Self.program
        var rest = arguments[...]
        while let word = rest.first, !word.hasPrefix("-"), !command.configuration.subcommands.isEmpty {
            guard word != "help" else { return nil }
            guard
                let next = command.configuration.subcommands.first(where: {
                    $0.configuration.commandName == word
                })
            else {
                self.init(word, noCommandOf: command, name)
                return
            }
            (command, name, rest) = (next, "\(name) \(word)", rest.dropFirst())
        }
        let known = Self.options(of: command.configuration.defaultSubcommand ?? command)
        let words = rest.prefix { $0 != "--" }.filter { $0.hasPrefix("-") }
        guard let word = words.first(where: { !Self.isOption($0, of: known) }) else { return nil }
        self.init(word, noOptionOf: name, known)
    }

    private init(_ word: String, noCommandOf command: any ParsableCommand.Type, _ name: String) {
        let known = command.configuration.subcommands.compactMap { $0.configuration.commandName }
        let remedy =
            nearest(to: word, among: known).map { "did you mean '\($0)'?" }
            ?? (word.contains(".")
                ? "put the domain after a command, as in 'propaga check \(escaped(word))'"
                : "'\(name)' has \(known.joined(separator: ", "))")
        description = "unknown command '\(escaped(word))'; \(remedy)"
    }

    private init(_ word: String, noOptionOf name: String, _ known: [String]) {
        let option = String(word.prefix { $0 != "=" })
        let remedy =
            nearest(to: option, among: known).map { "did you mean '\($0)'?" }
            ?? (name == Self.program
                ? "put options after the command" : "'\(name) --help' lists the options")
        description = "unknown option '\(escaped(option))'; \(remedy)"
    }
}

// MARK: - What is known

extension UnknownWord {
    /// The options that the help lists; the library has no other way to tell them.
    private static func options(of command: any ParsableCommand.Type) -> [String] {
        let help = Propaga.helpMessage(for: command, includeHidden: true, columns: 1_000)
        return help.split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
            line.split { $0 == " " || $0 == "," }.prefix { $0.hasPrefix("-") }.map(String.init)
        }
    }

    private static func isOption(_ word: String, of known: [String]) -> Bool {
        let name = word.prefix { $0 != "=" }
        if known.contains(String(name)) || name == "--generate-completion-script" { return true }
        // `-` is standard input, `-5s` a value, and `-qv` stands for `-q -v`.
        let letters = name.dropFirst()
        return letters.first?.isNumber == true || letters.allSatisfy { known.contains("-\($0)") }
    }
}

/// The known word that the user probably meant: it differs by few letters, or begins with the typed ones.
private func nearest(to word: String, among known: [String]) -> String? {
    func letters(_ word: String) -> String { String(word.drop { $0 == "-" }).lowercased() }
    let typed = letters(word)
    let most = typed.count > 2 ? min(2, typed.count / 2) : 0
    let near = known.compactMap { name in
        editDistance(typed, letters(name), limit: most).map { (name: name, distance: $0) }
    }
    return near.min { $0.distance < $1.distance }?.name
        ?? known.first { typed.count > 2 && letters($0).hasPrefix(typed) }
}
