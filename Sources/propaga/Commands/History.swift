import ArgumentParser
import DNS
import History
import Monitoring
import Propagation
import Reporting
import Storytelling

/// `propaga history`: what propaga remembers of earlier runs.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows, exports and forgets what earlier runs have seen.",
        discussion: """
            'check', 'watch' and 'plan' keep what they see in one file, so that the next run continues where the \
            last one ended. This command reads that file and asks nobody.

            EXAMPLES
              propaga history list
              propaga history show example.it
              propaga history export --format csv > events.csv
              propaga history forget example.it
              propaga history prune --older-than 400d
            """,
        subcommands: [
            HistoryList.self, HistoryShow.self, HistoryExport.self, HistoryForget.self, HistoryPrune.self,
        ],
        defaultSubcommand: HistoryList.self)
}

/// Which file; what all of them share.
struct HistoryFileOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The history file.",
            discussion: "Default: $XDG_STATE_HOME/propaga/history.sqlite, or the same in ~/.local/state.",
            valueName: "file"))
    var history: String?

    func open() throws -> HistoryStore { try HistoryFile.openExisting(history) }
}

/// A table for people, JSON for programs.
enum HistoryFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json

    static var standard: Self { StandardOutput.isTerminal ? .table : .json }
}

struct HistoryList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the domains with their phase and last change.")

    @OptionGroup var file: HistoryFileOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "table or json.", discussion: "Default: a table on a terminal, else json.", valueName: "format"))
    var format: HistoryFormat?
    @Flag(name: .long, help: "No colour (also with NO_COLOR set).")
    var noColor = false

    func run() throws {
        let summaries = try reading { try file.open().summaries() }
        var output = StandardOutput()
        switch format ?? .standard {
        case .table:
            let now = MonitorClock.system.read().wall
            try output.append(HistoryRenderer(.forTerminal(noColor: noColor), at: now).list(summaries))
        case .json:
            try output.appendHistory { append in
                for summary in summaries { try append(HistoryDocument.Domain(summary)) }
            }
        }
        try output.flush()
    }
}

struct HistoryShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows what happened to one domain, event by event.")

    @OptionGroup var file: HistoryFileOptions
    @Argument(help: "The domain.")
    var domain: String
    @Option(
        name: .long,
        help: ArgumentHelp(
            "table or json.", discussion: "Default: a table on a terminal, else json.", valueName: "format"))
    var format: HistoryFormat?
    @Flag(name: .long, help: "No colour (also with NO_COLOR set).")
    var noColor = false

    func validate() throws { _ = try DomainName(argument: domain) }

    func run() throws {
        let chronicles = try HistoryFile.chronicles(of: DomainName(argument: domain), in: file.open())
        var output = StandardOutput()
        switch format ?? .standard {
        case .table:
            let renderer = HistoryRenderer(
                .forTerminal(noColor: noColor), at: MonitorClock.system.read().wall)
            try output.append(chronicles.map(renderer.timeline).joined(separator: "\n"))
        case .json:
            try output.appendHistory { append in
                for chronicle in chronicles { try append(HistoryDocument.Domain(chronicle)) }
            }
        }
        try output.flush()
    }
}

struct HistoryExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the whole history, as JSON or CSV.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case json, csv }

    @OptionGroup var file: HistoryFileOptions
    @Option(name: .long, help: ArgumentHelp("json or csv.", valueName: "format"))
    var format = Format.json
    @Flag(name: .long, help: "Print the JSON Schema of the export and exit.")
    var schema = false

    func run() throws {
        var output = StandardOutput()
        if schema {
            try output.append(DocumentSchema.history)
            return try output.flush()
        }
        let store = try file.open()
        switch format {
        case .json:
            try output.appendHistory { append in
                try reading { try store.forEachChronicle { try append(HistoryDocument.Domain($0)) } }
            }
        case .csv:
            try output.append(HistoryCSV.header)
            try reading { try store.forEachChronicle { try output.append(HistoryCSV.rows($0)) } }
        }
        try output.flush()
    }
}

struct HistoryForget: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Forgets a domain: the next run starts without any knowledge of it.")

    @OptionGroup var file: HistoryFileOptions
    @Argument(help: "The domains.")
    var domains: [String]

    func validate() throws { for domain in domains { _ = try DomainName(argument: domain) } }

    func run() throws {
        let store = try file.open()
        var isComplete = true
        for domain in try domains.map(DomainName.init(argument:)) {
            switch try reading({ try store.forget(domain) }) {
            case .forgotten: StandardError.write("\(domain) is forgotten\n")
            case .unknown:
                StandardError.write("propaga: the history has nothing about \(domain)\n")
                isComplete = false
            case .followed:
                StandardError.write(
                    "propaga: \(domain) is followed by another propaga, which would write it again: end that one first\n"
                )
                isComplete = false
            }
        }
        if !isComplete { throw ExitCode(1) }
    }
}

struct HistoryPrune: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Forgets the domains that nobody has asked about for a long time.")

    @OptionGroup var file: HistoryFileOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Forget a domain if the last look is longer ago than this, such as 90d.", valueName: "duration"),
        transform: Duration.read)
    var olderThan: Duration

    func run() throws {
        let age = olderThan.components.seconds
        let now = MonitorClock.system.read().wall
        let limit = WallTime(milliseconds: now.milliseconds - age * 1_000)
        let count = try reading { try file.open().prune(before: limit) }
        StandardError.write("\(count) \(count == 1 ? "domain is" : "domains are") forgotten\n")
    }
}

extension HistoryFile {
    /// What the history has about one domain.
    ///
    /// - Throws: exit code 66 if that is nothing.
    static func chronicles(of domain: DomainName, in store: HistoryStore) throws -> [Chronicle] {
        let chronicles = try reading { try store.chronicles(of: domain) }
        guard !chronicles.isEmpty else {
            throw propaga.failure(
                ExitStatus.missingInput,
                "the history \(escaped(store.path)) has nothing about \(domain); 'propaga history list' shows what it has"
            )
        }
        return chronicles
    }
}

extension StandardOutput {
    /// The document of the history.
    ///
    /// - Parameter body: gives the domains, one after the other.
    fileprivate mutating func appendHistory(
        _ body: ((HistoryDocument.Domain) throws -> Void) throws -> Void
    ) throws {
        var document = DocumentStream()
        try append { document.start(HistoryDocument.Head(), into: &$0) }
        try body { domain in try append { document.append(domain, into: &$0) } }
        try append { document.finish(into: &$0) }
    }
}

/// Turns what a history throws into a message and an exit code.
private func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as HistoryError {
        throw HistoryFile.failure(error)
    }
}
