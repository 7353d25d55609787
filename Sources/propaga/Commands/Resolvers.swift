import ArgumentParser
import Monitoring
import Reporting

/// `propaga resolvers`: which resolvers propaga asks.
struct ResolversCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolvers",
        abstract: "Lists the resolvers that propaga asks, and where the list comes from.",
        discussion: """
            EXAMPLES
              propaga resolvers
              propaga resolvers --resolvers my-resolvers.conf
            """
    )

    @Option(name: .long, help: ArgumentHelp("The list to read.", valueName: "file"))
    var resolvers: String?

    func run() throws {
        let (list, origin) = try ResolverSource.load(resolvers)
        var output = StandardOutput()
        let names = list.entries.map { escaped($0.identity.name) }
        let addresses = list.entries.map { "\($0.identity.endpoint)" }
        let nameWidth = names.map(\.count).max() ?? 0
        let addressWidth = addresses.map(\.count).max() ?? 0
        for (index, entry) in list.entries.enumerated() {
            let words = [
                pad(addresses[index], addressWidth), pad(names[index], nameWidth),
                entry.identity.country ?? "--",
                escaped(entry.identity.operatorName ?? ""), entry.rate.map { "rate=\($0)" } ?? "",
                entry.identity.isOptional ? "optional" : "",
            ]
            try output.append(words.filter { !$0.isEmpty }.joined(separator: "  ") + "\n")
        }
        try output.flush()
        StandardError.write("\(list.entries.count) resolvers from \(escaped(origin))\n")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
