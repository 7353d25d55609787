import Propagation

/// What came of many worlds.
package struct Tally: Sendable {
    /// The worlds of one kind.
    package struct Row: Sendable {
        package var worlds = 0
        /// Seconds; one a verdict.
        package var lateness: [Double] = []
        package var wrong: [UInt64] = []
        package var missing: [UInt64] = []
        /// The seed of the latest verdict.
        package var latest: (seed: UInt64, seconds: Double)?
    }

    package private(set) var rows: [WorldRun.Kind: Row] = [:]
    package private(set) var queries = 0

    package init() {}

    /// Runs the worlds of all these seeds.
    package init(seeds: Range<UInt64>) {
        for seed in seeds { add(WorldRun(SimulatedWorld(seed: seed)), seed: seed) }
    }

    package mutating func add(_ run: WorldRun, seed: UInt64) {
        var row = rows[run.kind] ?? Row()
        row.worlds += 1
        if run.isFalseSafe { row.wrong.append(seed) }
        if !run.isComplete { row.missing.append(seed) }
        for judgement in run.judgements {
            let late = run.kind == .assumed ? judgement.latenessAfterBound : judgement.lateness
            row.lateness.append(late.inSeconds)
            if late.inSeconds > row.latest?.seconds ?? -.infinity { row.latest = (seed, late.inSeconds) }
        }
        queries += run.queries.total
        rows[run.kind] = row
    }

    package mutating func add(_ other: Tally) {
        queries += other.queries
        for (kind, row) in other.rows {
            var sum = rows[kind] ?? Row()
            sum.worlds += row.worlds
            sum.lateness += row.lateness
            sum.wrong += row.wrong
            sum.missing += row.missing
            if let latest = row.latest, latest.seconds > sum.latest?.seconds ?? -.infinity { sum.latest = latest }
            rows[kind] = sum
        }
    }

    package subscript(_ kind: WorldRun.Kind) -> Row { rows[kind] ?? Row() }
    package var worlds: Int { rows.values.reduce(0) { $0 + $1.worlds } }

    /// Seeds of worlds that keep to TTLs, in which a verdict said "safe" and was wrong.
    package var falseSafes: [UInt64] { (self[.known].wrong + self[.assumed].wrong).sorted() }
    /// Seeds of such worlds in which the verdict never came.
    package var missing: [UInt64] { (self[.known].missing + self[.assumed].missing).sorted() }

    /// A verdict in a world that the watch knows may come this much after the truth, *settle* apart.
    package static let latestKnown: Duration = .seconds(600)

    /// Whether every verdict was right, and came, in time.
    package var isGood: Bool {
        falseSafes.isEmpty && missing.isEmpty
            && (self[.known].latest?.seconds ?? 0) <= Self.latestKnown.inSeconds
    }
}

extension Tally {
    /// A table for a person.
    package var report: String {
        var lines = ["worlds: \(worlds), queries: \(queries), false safes: \(falseSafes.count)"]
        lines.append(Self.row("how late verdicts are, settle apart", "worlds", "median", "95 %", "worst"))
        let names: [(WorldRun.Kind, String)] = [
            (.known, "TTLs respected and known: after the truth"),
            (.assumed, "TTLs respected, some assumed: after the bound"),
            (.lawless, "TTLs broken: after the truth"),
        ]
        for (kind, name) in names {
            let row = self[kind]
            let sorted = row.lateness.sorted()
            lines.append(
                Self.row(
                    name, "\(row.worlds)", Self.seconds(percentile(50, of: sorted)),
                    Self.seconds(percentile(95, of: sorted)), Self.seconds(sorted.last)))
        }
        let lawless = self[.lawless]
        lines.append(
            "TTLs broken: \(lawless.wrong.count) verdicts while a cache still gave another MX, "
                + "\(lawless.missing.count) that never came")
        lines += falseSafes.map { "FALSE SAFE in world \($0): make simulate SEED=\($0)" }
        lines += missing.map { "no verdict in world \($0): make simulate SEED=\($0)" }
        if let latest = self[.known].latest, latest.seconds > Self.latestKnown.inSeconds {
            lines.append("too late in world \(latest.seed): make simulate SEED=\(latest.seed)")
        }
        return lines.joined(separator: "\n")
    }

    private static func row(
        _ name: String, _ worlds: String, _ median: String, _ high: String, _ worst: String
    ) -> String {
        pad(name, to: -48) + [worlds, median, high, worst].map { pad($0, to: 12) }.joined()
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
