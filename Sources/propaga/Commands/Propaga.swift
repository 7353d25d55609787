import ArgumentParser

/// The command line. Each command has its own file; `CommonOptions` has what they share.
@main
struct Propaga: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propaga",
        abstract: "Tells when a mail domain's move to Qboxmail has propagated, resolver by resolver.",
        discussion: """
            After you change the MX records, every cache in the world keeps the previous MX until its copy \
            expires. propaga asks the authoritative servers and a list of public resolvers, follows the TTL \
            of every copy down to zero, and tells you when the second pass is safe.

            EXAMPLES
              propaga plan example.it                     before the switch: is it ready, and when
              propaga check example.it                    ask everybody once, show a table
              propaga check -q example.it && next-step    a gate for scripts: only the exit code
              propaga watch example.it                    wait until it has propagated
              propaga report --format html example.it     how it went, from the history
              propaga history list                        what earlier runs have seen
              propaga demo                                a whole move on loopback

            EXIT CODES
              0   every domain meets the condition
              1   not yet, and that is certain
              2   cannot tell
              64  wrong usage            66  missing input file
              73  cannot create the history
              74  cannot use the history, or cannot write the output
              78  malformed configuration
              130, 143  interrupted, terminated
            """,
        version: "0.1.0",
        subcommands: [
            PlanCommand.self, CheckCommand.self, WatchCommand.self, ReportCommand.self, HistoryCommand.self,
            ResolversCommand.self, DemoCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try await parsed(Array(CommandLine.arguments.dropFirst()))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }

    private static func parsed(_ arguments: [String]) async throws -> any ParsableCommand {
        do {
            return try await asyncParseAsRoot(arguments)
        } catch  where exitCode(for: error) == ExitStatus.usage {
            guard let word = UnknownWord(in: arguments) else { throw error }
            throw failure(ExitStatus.usage, "\(word)")
        }
    }

    /// Without a command it fails: a script that lost its command must not read the help as a verdict.
    func run() async throws {
        StandardError.write(Self.helpMessage() + "\n")
        throw ExitStatus.usage
    }
}
