import ArgumentParser
import DNS
import Glibc
import Propagation
import Reporting

/// Prints the result of a sweep, one domain after another, and gives the exit code at the end.
protocol StatusPrinter {
    mutating func start(at clock: ClockReading) throws
    mutating func add(_ tracker: DomainTracker, at clock: ClockReading) throws
    mutating func finish(deadlinePassed: Bool) throws -> Int32
}

/// The worst domain's exit code: 2 over 1 over 0.
struct WorstCode {
    private(set) var code: Int32 = 0
    mutating func add(_ other: Int32) { code = max(code, other) }
}

/// `--quiet`: only the exit code.
struct QuietPrinter: StatusPrinter {
    let condition: Condition
    private var worst = WorstCode()

    init(condition: Condition) { self.condition = condition }

    func start(at clock: ClockReading) {}

    mutating func add(_ tracker: DomainTracker, at clock: ClockReading) {
        worst.add(tracker.verdict(at: clock.instant).exitCode(for: condition))
    }

    func finish(deadlinePassed: Bool) -> Int32 { worst.code }
}

/// `--format json`: one document, written as it grows.
struct JSONPrinter: StatusPrinter {
    let condition: Condition
    let target: Target
    private var document = DocumentStream()
    private var output = StandardOutput()
    private var worst = WorstCode()

    init(condition: Condition, target: Target) {
        self.condition = condition
        self.target = target
    }

    mutating func start(at clock: ClockReading) throws {
        try output.append {
            document.start(
                Status.Head(generatedAt: clock.wall, condition: condition, target: target), into: &$0)
        }
    }

    mutating func add(_ tracker: DomainTracker, at clock: ClockReading) throws {
        let status = DomainStatus(tracker, at: clock, condition: condition)
        worst.add(status.exitCode)
        try output.append { document.append(status, into: &$0) }
    }

    mutating func finish(deadlinePassed: Bool) throws -> Int32 {
        let tail = Status.Tail(exitCode: worst.code, deadlinePassed: deadlinePassed)
        try output.append { document.finish(tail, into: &$0) }
        try output.flush()
        return worst.code
    }
}

/// `--format table`: one domain in full, or one row per domain.
struct TablePrinter: StatusPrinter {
    let condition: Condition
    let style: TextStyle
    private let isSingle: Bool
    private var overview: OverviewRenderer
    private var output = StandardOutput()
    private var worst = WorstCode()

    init(condition: Condition, count: Int, style: TextStyle) {
        self.condition = condition
        self.style = style
        isSingle = count == 1
        overview = OverviewRenderer(style, condition: condition)
    }

    mutating func start(at clock: ClockReading) throws {
        if !isSingle { try output.append(overview.header) }
    }

    mutating func add(_ tracker: DomainTracker, at clock: ClockReading) throws {
        let status = DomainStatus(tracker, at: clock, condition: condition, zone: style.zone)
        worst.add(status.exitCode)
        if isSingle {
            try output.append(TableRenderer(style).render(status, condition: condition, at: clock.wall))
        } else {
            try output.append(overview.add(status, at: clock.wall))
            // Flush: people watch the rows come, and otherwise progress on standard error would go between them.
            if StandardOutput.isTerminal { try output.flush() }
        }
    }

    mutating func finish(deadlinePassed: Bool) throws -> Int32 {
        if !isSingle { try output.append(overview.summary) }
        try output.flush()
        return worst.code
    }
}

/// `--format nagios`: one line, and the monitoring plugins' exit codes.
struct NagiosPrinter: StatusPrinter {
    /// The monitoring plugins' code for "cannot tell".
    static let unknown = ExitCode(3)

    let condition: Condition
    let isQuiet: Bool
    private var renderer = NagiosRenderer()

    init(condition: Condition, isQuiet: Bool) {
        self.condition = condition
        self.isQuiet = isQuiet
    }

    func start(at clock: ClockReading) {}

    mutating func add(_ tracker: DomainTracker, at clock: ClockReading) {
        renderer.add(
            DomainStatus(tracker, at: clock, condition: condition), of: tracker, at: clock.instant)
    }

    func finish(deadlinePassed: Bool) throws -> Int32 {
        let (line, exitCode) = renderer.finish()
        guard !isQuiet else { return exitCode }
        var output = StandardOutput()
        try output.append(line + "\n")
        try output.flush()
        return exitCode
    }
}

extension TextStyle {
    /// The style for standard output: a terminal's width and colours, or a pipe, for which nothing is cut.
    static func forTerminal(noColor: Bool, isVerbose: Bool = false) -> TextStyle {
        let isTerminal = StandardOutput.isTerminal
        let mayColor = !noColor && environment("NO_COLOR") == nil && environment("TERM") != "dumb"
        return TextStyle(
            width: isTerminal ? StandardOutput.columns : nil, usesColor: isTerminal && mayColor,
            isASCII: !localeIsUTF8, isVerbose: isVerbose)
    }

    private static var localeIsUTF8: Bool {
        // The first that is set decides, as in setlocale(3).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }
}
