import DNS
import Lab
import Propagation

/// What a schedule costs over simulated migrations, and how soon it tells.
package struct ScheduleFigures: Sendable {
    /// Queries to resolvers.
    package var queries = 0
    /// How many of them asked for the SOA.
    package var serials = 0
    /// Queries to authoritative servers.
    package var authority = 0
    /// Seconds from the flip of a resolver's last cache to the first target sample.
    package var toTarget: [Double] = []
    /// … and to *clear*.
    package var toClear: [Double] = []
    /// Resolvers called clear before all their caches had flipped.
    package var early = 0

    mutating func add(_ other: ScheduleFigures) {
        queries += other.queries
        serials += other.serials
        authority += other.authority
        toTarget += other.toTarget
        toClear += other.toClear
        early += other.early
    }
}

/// What is noted of one resolver's samples.
private struct Progress {
    var flip: Instant
    var firstTarget: Instant?
    var clearSince: Instant?

    mutating func note(isTarget: Bool, asked: Instant, received: Instant, isClear: Bool) {
        if isTarget, firstTarget == nil, asked >= flip { firstTarget = received }
        if !isClear { clearSince = nil } else if clearSince == nil { clearSince = received }
    }

    func figures(into figures: inout ScheduleFigures) {
        guard let clearSince else { return }
        if clearSince < flip { figures.early += 1 }
        figures.toClear.append(max(0, (clearSince - flip).inSeconds))
        if let firstTarget { figures.toTarget.append((firstTarget - flip).inSeconds) }
    }
}

extension Migration {
    /// Watches by the core's schedule, until every resolver is clear.
    package func watched() -> ScheduleFigures {
        var simulator = Simulator(world, marks: [published])
        var figures = ScheduleFigures()
        var progress: [Progress] = []
        while let moment = simulator.next() {
            if case .mark = moment {
                progress = flips(in: simulator.world.lab).map { Progress(flip: $0) }
                for index in progress.indices { progress[index].note(simulator, resolver: index) }
            }
            guard !progress.isEmpty, case .asked(let question, let samples, _) = moment else { continue }
            for sample in samples {
                progress[question.resolver].note(
                    isTarget: sample.reading.state == .target,
                    asked: sample.received - (sample.roundTrip ?? .zero), received: sample.received,
                    isClear: simulator.isClear(question.resolver))
            }
            for index in progress.indices where index != question.resolver {
                progress[index].note(simulator, resolver: index)
            }
            if progress.allSatisfy({ $0.clearSince != nil }) { break }
        }
        for one in progress { one.figures(into: &figures) }
        figures.queries = simulator.queries.total - simulator.queries.authority
        figures.serials = simulator.queries.serials
        figures.authority = simulator.queries.authority
        return figures
    }

    /// The simplest poller: asks each resolver for the MX every `interval`, with the same rule for clear.
    package func polled(every interval: Duration) -> ScheduleFigures {
        var lab = world.lab
        var generator = SeededGenerator(seed: world.seed)
        var figures = ScheduleFigures()
        var states = world.resolverIdentities.map { ResolverState($0) }
        var progress: [Progress] = []
        var visits = world.visits[...]
        var tick = SimulatedWorld.origin
        while tick < world.end {
            for index in states.indices {
                let now = tick + interval * index / states.count
                while let visit = visits.first, visit.at <= now {
                    lab.warm(world.question, resolver: visit.resolver, cache: visit.cache, at: visit.at)
                    visits.removeFirst()
                }
                if progress.isEmpty, now >= published {
                    progress = flips(in: lab).map { Progress(flip: $0) }
                    for one in progress.indices {
                        progress[one].note(states[one], at: now, world.watch.policy)
                    }
                }
                let (sample, asked, tries) = ask(index, at: now, &lab, &generator)
                figures.queries += tries
                states[index].record(
                    sample.reading, at: sample.received, roundTrip: sample.roundTrip,
                    policy: world.watch.policy)
                guard !progress.isEmpty else { continue }
                progress[index].note(
                    isTarget: sample.reading.state == .target, asked: asked, received: sample.received,
                    isClear: states[index].isClear(at: sample.received, policy: world.watch.policy))
            }
            tick = tick + interval
            if !progress.isEmpty, progress.allSatisfy({ $0.clearSince != nil }) { break }
        }
        for one in progress { one.figures(into: &figures) }
        return figures
    }

    private func ask(
        _ resolver: Int, at now: Instant, _ lab: inout LabWorld, _ generator: inout SeededGenerator
    ) -> (WatchState.Sample, asked: Instant, tries: Int) {
        let link = world.resolverLinks[resolver]
        var asked = now
        for attempt in 1...Int(Simulator.tries) {
            guard !generator.happens(link.loss) else {
                asked = asked + Simulator.timeout
                continue
            }
            let port = UInt16(truncatingIfNeeded: generator.next() | 1024)
            let answer = lab.answer(
                of: .resolver(resolver), to: LabQuery(question: world.question), sourcePort: port, at: asked)
            let reading = Reading(
                of: .response(Message(answer, to: world.question)), domain: world.domain,
                target: world.watch.target)
            let delay = generator.duration(in: link.delay)
            return (WatchState.Sample(reading, received: asked + delay, roundTrip: delay), asked, attempt)
        }
        let silence = Reading(of: .silent(.timeout), domain: world.domain, target: world.watch.target)
        return (WatchState.Sample(silence, received: asked), asked, Int(Simulator.tries))
    }
}

extension Progress {
    /// A resolver can also become clear by the expiry of an old copy.
    fileprivate mutating func note(_ simulator: Simulator, resolver: Int) {
        guard clearSince == nil, simulator.isClear(resolver) else { return }
        clearSince = simulator.now
    }

    fileprivate mutating func note(_ state: ResolverState, at now: Instant, _ policy: Policy) {
        if state.isClear(at: now, policy: policy) { clearSince = now }
    }
}

extension Simulator {
    fileprivate func isClear(_ resolver: Int) -> Bool {
        tracker.resolvers[resolver].isClear(at: now, policy: tracker.policy)
    }
}

// MARK: - The table

/// The core's schedule beside pollers with fixed intervals, over the same migrations.
package struct ScheduleComparison: Sendable {
    package static let intervals: [Duration] = [.seconds(5), .seconds(15), .seconds(60), .seconds(300)]
    /// The core's schedule must need at most this share of a 15 s poller's queries (§7), and reach *clear*
    /// within these seconds.
    package static let queryShare = 0.1
    package static let medianToClear = 15.0
    package static let highToClear = 60.0

    package private(set) var core = ScheduleFigures()
    package private(set) var pollers = Array(repeating: ScheduleFigures(), count: intervals.count)

    package init() {}

    package init(seeds: Range<UInt64>) {
        for seed in seeds {
            let migration = Migration(seed: seed)
            core.add(migration.watched())
            for (index, interval) in Self.intervals.enumerated() {
                pollers[index].add(migration.polled(every: interval))
            }
        }
    }

    package mutating func add(_ other: ScheduleComparison) {
        core.add(other.core)
        for index in pollers.indices { pollers[index].add(other.pollers[index]) }
    }

    private var share: Double { Double(core.queries) / Double(max(1, pollers[1].queries)) }

    package var isGood: Bool {
        let sorted = core.toClear.sorted()
        return share <= Self.queryShare && percentile(50, of: sorted) ?? .infinity <= Self.medianToClear
            && percentile(95, of: sorted) ?? .infinity <= Self.highToClear
    }

    package var report: String {
        var lines = [
            Self.row(["", "queries", "", "first target after", "", "", "clear after", "", "", "clear"]),
            Self.row([
                "schedule", "", "share", "median", "95 %", "worst", "median", "95 %", "worst", "too early",
            ]),
            row("propaga", core),
        ]
        for (interval, figures) in zip(Self.intervals, pollers) {
            lines.append(row("every \(interval.components.seconds) s", figures))
        }
        let percent = Double(Int(share * 1000)) / 10
        let beside = Double(core.authority * 1000 / max(1, pollers[1].queries)) / 10
        lines.append(
            "propaga's: \(core.serials) for the SOA; beside them \(core.authority) to authoritative servers (\(beside) %)"
        )
        lines.append(
            "goal: a tenth of what every 15 s asks resolvers (\(percent) %), clear after 15 s in the median and 60 s in "
                + "95 %: \(isGood ? "reached" : "MISSED")")
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ figures: ScheduleFigures) -> String {
        let (target, clear) = (figures.toTarget.sorted(), figures.toClear.sorted())
        let share = Double(figures.queries) / Double(max(1, pollers[1].queries))
        let times = [target, clear].flatMap {
            [percentile(50, of: $0), percentile(95, of: $0), $0.last].map(Tally.seconds)
        }
        let early = Double(figures.early * 1000 / max(1, clear.count)) / 10
        return Self.row(
            [name, "\(figures.queries)", "\(Double(Int(share * 1000)) / 10) %"] + times + ["\(early) %"])
    }

    private static func row(_ cells: [String]) -> String {
        cells.enumerated().map { pad($1, to: $0 == 0 ? -12 : 11) }.joined()
    }
}
