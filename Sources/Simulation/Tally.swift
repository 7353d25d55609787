import Judging

/// What came of many worlds.
package struct Tally: Sendable {
    /// Levels that had to wait for the same thing.
    package struct Row: Sendable {
        /// Seconds; one a level that was reached.
        package var afterTruth: [Double] = []
        package var afterDue: [Double] = []
        /// The seed of the one that came latest after it was due.
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
    /// Seeds of lawful worlds in which what was waited for never came.
    package private(set) var missing: [UInt64] = []
    /// How many worlds had a false claim that rests on something that is not so, by what that is.
    package private(set) var excused: [Objection.Excuse: Int] = [:]
    /// Seeds of lawful worlds in which a level was taken back for nothing, with the first one.
    package private(set) var falseAlarms: [(seed: UInt64, alarm: Alarm)] = []
    /// How many lawful worlds there were of each numbering of serials, and in how many of them a level was taken back for
    /// nothing.
    package private(set) var numberings: [SimulatedWorld.Numbering: (worlds: Int, alarms: Int)] = [:]
    /// How many worlds of each nature there were, and in how many of them a claim was false.
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

    /// 95 of 100 levels are reached so soon after they could be, whatever had to be waited for.
    package static let latest: Duration = .seconds(900)

    /// What comes too late, by what had to be waited for.
    package var tooLate: [Due.Wait] {
        Due.Wait.allCases.filter { wait in
            percentile(95, of: (rows[wait]?.afterDue ?? []).sorted()).map { $0 > Self.latest.inSeconds }
                ?? false
        }
    }

    /// In no more than one of a thousand worlds is a level taken back for nothing.
    private var alarmsTooOften: Bool { falseAlarms.count * 1000 > worlds }

    /// Whether every claim was right where what it rests on is so, and came, in time, and none was taken back for nothing.
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

/// The value below which so many percent of the sorted values lie; `nil` where there are none.
func percentile(_ percent: Int, of sorted: [Double]) -> Double? {
    sorted.isEmpty ? nil : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
}

/// Fills with spaces: on the left, or on the right where the width is negative.
func pad(_ text: String, to width: Int) -> String {
    let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? text + spaces : spaces + text
}
