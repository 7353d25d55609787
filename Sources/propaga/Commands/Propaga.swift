import ArgumentParser

/// The command line. One file a command; `CommonOptions` holds what they share.
@main
struct Propaga: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propaga",
        abstract: "Tells when a mail domain's move to Qboxmail has propagated, resolver by resolver.",
        discussion: """
            After the MX records have changed, every cache in the world keeps the previous ones until its \
            copy expires. propaga asks the authoritative servers and a list of public resolvers, follows \
            every copy's TTL to zero, and says when what it can see has flipped.

            EXAMPLES
              propaga plan example.it                     before the switch: is it ready, and when
              propaga check example.it                    one sweep, as a table
              propaga check -q example.it && next-step    a gate: the exit code alone
              propaga watch example.it                    until it has propagated
              propaga report --format html example.it     how it went, from the history
              propaga history list                        what former runs have seen
              propaga demo                                all of it on loopback

            EXIT CODES
              0   every domain meets the condition
              1   not yet, and that is certain
              2   cannot tell
              64  wrong usage            66  missing input file
              73, 74  the history cannot be made, or used; 74 also: the output cannot be written
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

    /// Without a command. A script whose command got lost must not take the help for a verdict.
    func run() async throws {
        StandardError.write(Self.helpMessage() + "\n")
        throw ExitStatus.usage
    }
}
