import ArgumentParser
import DNS
import Planning
import Propagation
import Reporting

/// Prints plans, one domain after another, and gives the exit code at the end. Each printer has the clock reading
/// that turned the operator's wishes into instants.
protocol PlanPrinter {
    mutating func start() throws
    mutating func add(_ plan: Plan) throws
    mutating func finish() throws -> Int32
}

/// `--quiet`: only the exit code.
struct QuietPlanPrinter: PlanPrinter {
    private var worst = WorstCode()

    init() {}

    func start() {}
    mutating func add(_ plan: Plan) { worst.add(plan.exitCode) }
    func finish() -> Int32 { worst.code }
}

/// `--format table`: one domain in full, or one row per domain.
struct TablePlanPrinter: PlanPrinter {
    let clock: ClockReading
    let style: TextStyle
    let isSingle: Bool
    /// Every domain in full.
    let showsAll: Bool
    private var overview: PlanOverviewRenderer
    private var output = StandardOutput()
    private var worst = WorstCode()

    init(clock: ClockReading, style: TextStyle, isSingle: Bool, showsAll: Bool) {
        self.clock = clock
        self.style = style
        self.isSingle = isSingle
        self.showsAll = showsAll
        overview = PlanOverviewRenderer(style)
    }

    mutating func start() throws {
        if !isSingle, !showsAll { try output.append(overview.header) }
    }

    mutating func add(_ plan: Plan) throws {
        let status = PlanStatus(plan, clock: clock, zone: style.zone)
        worst.add(status.exitCode)
        if isSingle || showsAll {
            overview.count(status)
            try output.append(PlanTableRenderer(style).render(status))
            if !isSingle { try output.append("\n") }
        } else {
            try output.append(overview.add(status))
        }
        // Flush: people watch the rows come, and otherwise progress on standard error would go between them.
        if StandardOutput.isTerminal { try output.flush() }
    }

    mutating func finish() throws -> Int32 {
        if !isSingle { try output.append(overview.summary) }
        try output.flush()
        return worst.code
    }
}

/// `--format json`: one document, written as it grows.
struct JSONPlanPrinter: PlanPrinter {
    let clock: ClockReading
    let target: Target
    let policy: Policy
    let strategy: MigrationStrategy
    private var document = DocumentStream()
    private var output = StandardOutput()
    private var worst = WorstCode()

    init(clock: ClockReading, target: Target, policy: Policy, strategy: MigrationStrategy) {
        self.clock = clock
        self.target = target
        self.policy = policy
        self.strategy = strategy
    }

    mutating func start() throws {
        try output.append {
            document.start(
                PlanStatus.Head(
                    generatedAt: clock.wall, target: target, strategy: strategy, policy: policy), into: &$0)
        }
    }

    mutating func add(_ plan: Plan) throws {
        worst.add(plan.exitCode)
        try output.append { document.append(PlanStatus(plan, clock: clock), into: &$0) }
    }

    mutating func finish() throws -> Int32 {
        try output.append { document.finish(PlanStatus.Tail(exitCode: worst.code), into: &$0) }
        try output.flush()
        return worst.code
    }
}

/// `--format ics`: one calendar of all domains.
struct CalendarPlanPrinter: PlanPrinter {
    let clock: ClockReading
    let zone: TimeZoneChoice
    private var calendar: PlanCalendar
    private var worst = WorstCode()

    init(clock: ClockReading, zone: TimeZoneChoice, commands: PlanCommands) {
        self.clock = clock
        self.zone = zone
        calendar = PlanCalendar(createdAt: clock.wall, commands: commands)
    }

    func start() {}

    mutating func add(_ plan: Plan) {
        let status = PlanStatus(plan, clock: clock, zone: zone)
        worst.add(status.exitCode)
        calendar.add(status)
        if status.timeline == nil {
            StandardError.write("propaga: \(plan.domain): no dates for a calendar; --format table says why\n")
        }
    }

    func finish() throws -> Int32 {
        guard !calendar.isEmpty else { return worst.code }
        var output = StandardOutput()
        try output.append { $0 += calendar.octets }
        try output.flush()
        return worst.code
    }
}

/// `--format markdown`: a runbook, one section per domain.
struct RunbookPlanPrinter: PlanPrinter {
    private let clock: ClockReading
    private let runbook: PlanRunbook
    private let zone: TimeZoneChoice
    private var output = StandardOutput()
    private var worst = WorstCode()
    private var isFirst = true

    init(clock: ClockReading, zone: TimeZoneChoice, commands: PlanCommands) {
        self.clock = clock
        self.zone = zone
        runbook = PlanRunbook(zone: zone, commands: commands)
    }

    func start() {}

    mutating func add(_ plan: Plan) throws {
        let status = PlanStatus(plan, clock: clock, zone: zone)
        worst.add(status.exitCode)
        if !isFirst { try output.append("\n") }
        isFirst = false
        try output.append(runbook.section(status))
    }

    mutating func finish() throws -> Int32 {
        try output.flush()
        return worst.code
    }
}
