import ArgumentParser
import DNS
import History
import Monitoring
import Propagation
import Reporting
import Storytelling

/// `propaga report`: how the propagation went.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Tells how a propagation went, from the history.",
        discussion: """
            The report tells when each authoritative server lowered its TTL and switched, when each resolver \
            changed to the new MX, which resolvers were slowest or served expired copies, and when each level was \
            reached. It asks nobody.

            EXAMPLES
              propaga report example.it
              propaga report --format html example.it > example.it.html
              propaga report --format json example.it | jq .levels
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, html }

    @OptionGroup var file: HistoryFileOptions
    @Argument(help: "The domain.")
    var domain: String?

    @Option(
        name: .long, help: ArgumentHelp("text, json or html (one page, no network).", valueName: "format"))
    var format = Format.text

    @Option(
        name: .long,
        help: ArgumentHelp(
            "An exchange of the new MX, to choose one of several reports of this domain. Repeatable.",
            valueName: "host")
    )
    var mx: [String] = []

    @Flag(name: .long, help: "No colour. (The variable NO_COLOR does the same.)")
    var noColor = false

    @Flag(name: .long, help: "Print the JSON Schema of the report and exit.")
    var schema = false

    func validate() throws {
        guard !schema else { return }
        guard let domain else {
            throw ValidationError("no domain given: name one, as in 'propaga report example.it'")
        }
        _ = try DomainName(argument: domain)
        for text in mx { _ = try ExchangePattern(text) }
    }

    func run() throws {
        var output = StandardOutput()
        if schema {
            try output.append(DocumentSchema.report)
            return try output.flush()
        }
        let report = ReportDocument(try chronicle(), generatedAt: MonitorClock.system.read().wall)
        switch format {
        case .text: try output.append(ReportTable(.forTerminal(noColor: noColor)).render(report))
        case .json: try output.append(line: report)
        case .html: try output.append(ReportPage(report, zone: .local).html)
        }
        try output.flush()
    }

    /// The history of the domain for the given exchanges, or else for those of the last look.
    private func chronicle() throws -> Chronicle {
        let name = try DomainName(argument: domain ?? "")
        let chronicles = try HistoryFile.chronicles(of: name, in: file.open())
        let wanted = Set(mx.map { $0.lowercased() })
        let found = chronicles.last {
            wanted.isEmpty || Set($0.target.accepted.map { $0.lowercased() }) == wanted
        }
        guard let found else {
            let known = chronicles.map { $0.target.accepted.joined(separator: " ") }
            throw failure(
                ExitStatus.missingInput,
                "the history has nothing about \(name) with these exchanges, only with"
                    + " \(escaped(known.joined(separator: "; or with ")))"
            )
        }
        if chronicles.count > 1, wanted.isEmpty {
            StandardError.write(
                "propaga: the history has \(name) with \(chronicles.count) sets of exchanges. This report is for the set of the last look; choose another with --mx\n"
            )
        }
        return found
    }
}
