import Judging

/// A *tally*: what came of many worlds.
package struct Tally: Sendable {
    /// The levels that had to wait for the same thing.
    package struct Row: Sendable {
        /// Seconds, one a level reached.
        package var afterTruth: [Double] = []
        package var afterDue: [Double] = []
        /// The latest after it was due, with its seed.
        package var latest: (seed: UInt64, seconds: Double)?

        mutating func add(_ other: Row) {
            afterTruth += other.afterTruth
            afterDue += other.afterDue
            note(other.latest)
        }

        mutating func note(_ candidate: (seed: UInt64, seconds: Double)?) {
            guard let candidate, candidate.seconds > latest?.seconds ?? -.infinity else { return }
            latest = candidate
        }
    }

    package private(set) var worlds = 0
    package private(set) var queries = 0
    package private(set) var rows: [Due.Wait: Row] = [:]
    /// Seeds of worlds in which a claim was false, with the first objection.
    package private(set) var falseClaims: [(seed: UInt64, objection: Objection)] = []
    /// Seeds of lawful worlds in which the condition was never met.
    package private(set) var missing: [UInt64] = []
    /// How many worlds had an excused claim, by its excuse.
    package private(set) var excused: [Objection.Excuse: Int] = [:]
    /// Seeds of lawful worlds with a false alarm, with the first one.
    package private(set) var falseAlarms: [(seed: UInt64, alarm: Alarm)] = []
    /// By numbering: the lawful worlds, and those with a false alarm.
    package private(set) var numberings: [SimulatedWorld.Numbering: (worlds: Int, alarms: Int)] = [:]
    /// By nature: the worlds, and those with a false claim.
    package private(set) var natures: [WorldFacts.Nature: (worlds: Int, wrong: Int)] = [:]

    package init() {}

    /// Runs the worlds of all these seeds.
    package init(seeds: Range<UInt64>) {
        for seed in seeds {
            let world = SimulatedWorld(seed: seed)
            add(WorldRun(world), seed: seed, world.numbering)
        }
    }

    package mutating func add(_ run: WorldRun, seed: UInt64, _ numbering: SimulatedWorld.Numbering = .steps) {
        worlds += 1
        queries += run.queries.total
        let nature = natures[run.nature] ?? (0, 0)
        natures[run.nature] = (nature.worlds + 1, nature.wrong + (run.objections.isEmpty ? 0 : 1))
        guard run.nature == .lawful else { return }
        if let objection = run.falseClaims.first { falseClaims.append((seed, objection)) }
        if let excuse = run.objections.lazy.compactMap(\.excuses.first).first {
            excused[excuse, default: 0] += 1
        }
        if !run.isComplete { missing.append(seed) }
        let alarm = run.falseAlarms.first
        if let alarm { falseAlarms.append((seed, alarm)) }
        let (worlds, alarms) = numberings[numbering] ?? (0, 0)
        numberings[numbering] = (worlds + 1, alarms + (alarm == nil ? 0 : 1))
        for reach in run.reached {
            rows[reach.wait, default: Row()].afterTruth.append(reach.afterTruth.inSeconds)
            rows[reach.wait, default: Row()].afterDue.append(reach.afterDue.inSeconds)
            rows[reach.wait, default: Row()].note((seed, reach.afterDue.inSeconds))
        }
    }

    package mutating func add(_ other: Tally) {
        worlds += other.worlds
        queries += other.queries
        for (wait, row) in other.rows { rows[wait, default: Row()].add(row) }
        falseClaims += other.falseClaims
        missing += other.missing
        falseAlarms += other.falseAlarms
        numberings.merge(other.numberings) { ($0.worlds + $1.worlds, $0.alarms + $1.alarms) }
        excused.merge(other.excused, uniquingKeysWith: +)
        natures.merge(other.natures) { ($0.worlds + $1.worlds, $0.wrong + $1.wrong) }
    }

    /// At least 95 of 100 levels are reached within this time after `Due.at`, whatever they waited for.
    package static let latest: Duration = .seconds(900)

    /// The waits after which levels come too late.
    package var tooLate: [Due.Wait] {
        Due.Wait.allCases.filter { wait in
            percentile(95, of: (rows[wait]?.afterDue ?? []).sorted()).map { $0 > Self.latest.inSeconds }
                ?? false
        }
    }

    /// At most one world of a thousand may have a false alarm.
    private var alarmsTooOften: Bool { falseAlarms.count * 1000 > worlds }

    /// Whether no claim was false without an excuse, all came in time, and false alarms are rare.
    package var isGood: Bool {
        falseClaims.isEmpty && missing.isEmpty && tooLate.isEmpty && !alarmsTooOften
    }
}

// MARK: - For a person

extension Tally {
    package var report: String {
        var lines = ["worlds: \(worlds), queries: \(queries), false claims: \(falseClaims.count)"]
        lines.append(
            Self.row(["levels that waited for", "levels", "after truth", "", "after due", "", "", "in world"])
        )
        lines.append(Self.row(["", "", "median", "95 %", "median", "95 %", "worst", ""]))
        for wait in Due.Wait.allCases {
            guard let row = rows[wait] else { continue }
            let (truth, due) = (row.afterTruth.sorted(), row.afterDue.sorted())
            let values =
                [percentile(50, of: truth), percentile(95, of: truth)]
                + [percentile(50, of: due), percentile(95, of: due), due.last]
            lines.append(
                Self.row(
                    [wait.rawValue, "\(due.count)"] + values.map(Self.seconds)
                        + [row.latest.map { "\($0.seed)" } ?? "-"]))
        }
        for excuse in Objection.Excuse.allCases {
            guard let count = excused[excuse] else { continue }
            lines.append("wrong in \(count) worlds, since it rests on what is not so: \(excuse.rawValue)")
        }
        for numbering in SimulatedWorld.Numbering.allCases {
            guard let (worlds, alarms) = numberings[numbering] else { continue }
            lines.append("serials: \(numbering.rawValue): \(worlds) worlds, a false alarm in \(alarms)")
        }
        let (lawless, sampled) = (natures[.lawless] ?? (0, 0), natures[.sampled] ?? (0, 0))
        lines.append("TTLs broken: \(lawless.worlds) worlds, a claim wrong in \(lawless.wrong)")
        lines.append("back ends disagree: \(sampled.worlds) worlds, a claim wrong in \(sampled.wrong)")
        lines += falseClaims.map {
            "FALSE in world \($0.seed), \($0.objection.level) at \(TimelineText.time($0.objection.at)): "
                + "\(TimelineText.text($0.objection.reason)): make simulate SEED=\($0.seed)"
        }
        lines += falseAlarms.prefix(20).map {
            "ALARM in world \($0.seed), \($0.alarm.level) at \(TimelineText.time($0.alarm.at)): "
                + "make simulate SEED=\($0.seed)"
        }
        lines += missing.map { "no verdict in world \($0): make simulate SEED=\($0)" }
        lines += tooLate.map { "too late: \($0.rawValue)" }
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String {
        cells.enumerated().map { pad($1, to: $0 == 0 ? -38 : 12) }.joined()
    }

    static func seconds(_ value: Double?) -> String {
        guard let value else { return "-" }
        return "\(Double((value * 10).rounded()) / 10) s"
    }
}

/// The value below which `percent` of the sorted values lie; `nil` where there are none.
func percentile(_ percent: Int, of sorted: [Double]) -> Double? {
    sorted.isEmpty ? nil : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
}

/// Fills with spaces: on the left, or on the right where the width is negative.
func pad(_ text: String, to width: Int) -> String {
    let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? text + spaces : spaces + text
}
