import DNS
import Judging
import Lab
import Propagation

/// What came of a scenario.
package struct ScenarioRun: Sendable {
    /// An expectation that did not come true.
    package struct Failure: Hashable, Sendable, CustomStringConvertible {
        package var line: Int
        package var message: String
        package var description: String { "\(line): \(message)" }
    }

    package private(set) var failures: [Failure] = []
    private var firsts: [String: Instant] = [:]

    package init(_ scenario: Scenario) {
        var judge = Judge(scenario.world.facts)
        var states: [(line: Int, at: Instant, Scenario.State)] = []
        for expectation in scenario.expectations {
            if case .state(let instant, let state) = expectation.kind {
                states.append((expectation.line, instant, state))
            }
        }
        var simulator = Simulator(scenario.world, marks: states.map(\.at))
        while let moment = simulator.next() {
            judge.follow(simulator)
            for event in moment.events { note(event, simulator) }
            guard case .mark(let index) = moment, let found = Self.mismatch(states[index].2, in: simulator)
            else {
                continue
            }
            failures.append(Failure(line: states[index].line, message: found))
        }
        for expectation in scenario.expectations { check(expectation) }
        if judge.facts.nature == .lawful, let objection = judge.objections.first(where: \.excuses.isEmpty) {
            failures.append(
                Failure(
                    line: 1,
                    message: "expected right claims, found \(objection.level) at "
                        + "\(TimelineText.time(objection.at)) with \(TimelineText.text(objection.reason))"))
        }
        failures.sort { $0.line < $1.line }
    }

    private mutating func note(_ event: Event, _ simulator: Simulator) {
        guard let name = Self.name(event), firsts[name] == nil else { return }
        firsts[name] = simulator.now
    }

    /// As scenarios spell it.
    private static func name(_ event: Event) -> String? {
        switch event {
        case .transition: nil
        case .level(let level): level.rawValue
        case .doubt: "doubt"
        }
    }

    private mutating func check(_ expectation: Scenario.Expectation) {
        let message: String?
        switch expectation.kind {
        case .state: message = nil
        case .never(let name):
            message = firsts[name].map { "expected no \(name), found one at \(TimelineText.time($0))" }
        case .event(let name, let range):
            let found = firsts[name]
            let wanted =
                "expected \(name) between \(TimelineText.time(range.lowerBound)) and "
                + TimelineText.time(range.upperBound)
            message =
                found.map(range.contains) ?? false
                ? nil : "\(wanted), found \(found.map { "it at \(TimelineText.time($0))" } ?? "none")"
        case .order(let first, let second):
            let isInOrder =
                if let one = firsts[first], let other = firsts[second] { one <= other } else { false }
            message =
                isInOrder
                ? nil
                : "expected \(first) before \(second), found \(firsts[first].map { TimelineText.time($0) } ?? "none")"
                    + " and \(firsts[second].map { TimelineText.time($0) } ?? "none")"
        }
        if let message { failures.append(Failure(line: expectation.line, message: message)) }
    }
}

// MARK: - States

extension ScenarioRun {
    /// The wall clock is right to the second.
    private static let tolerance: Duration = .seconds(2)
    /// A bound counts from a poll, and before publication polls are 30 s apart.
    private static let boundTolerance: Duration = .seconds(35)

    /// What was expected and what was found; `nil` where they agree.
    private static func mismatch(_ state: Scenario.State, in simulator: Simulator) -> String? {
        let (tracker, now) = (simulator.tracker, simulator.now)
        let verdict = tracker.verdict(at: now)
        switch state {
        case .phase(let phase):
            return text("phase \(phase.rawValue)", verdict.phase.rawValue, isMet: verdict.phase == phase)
        case .exit(let code):
            let found = verdict.exitCode(for: simulator.world.watch.condition)
            return text("exit \(code)", "\(found)", isMet: found == code)
        case .bound(let wanted):
            let isMet =
                if let wanted, let found = verdict.bound?.at {
                    found >= wanted && found <= wanted + boundTolerance
                } else {
                    wanted == nil && verdict.bound == nil
                }
            return text(
                "bound \(wanted.map { TimelineText.time($0) } ?? "none")",
                verdict.bound.map { TimelineText.text($0) } ?? "none", isMet: isMet)
        case .reason(let words):
            return text("reason", words, among: verdict.reasons.map { "\($0)" })
        case .warning(let words):
            return text("warning", words, among: verdict.warnings.map { "\($0)" })
        case .assumption(let words):
            return text("assumption", words, among: verdict.assumptions.map { "\($0)" })
        case .noWarnings:
            return text("no warnings", "\(verdict.warnings)", isMet: verdict.warnings.isEmpty)
        case .wall(let wanted):
            let wall = wallTime(in: simulator)
            return text(
                "wall \(TimelineText.time(wanted))", TimelineText.time(wall),
                isMet: wall >= wanted && wall <= wanted + tolerance)
        case .resolver(let name, let wanted):
            let found = resolver(name, tracker, at: now)
            return text(
                "resolver \(name) \(wanted)", found.joined(separator: ", "), isMet: found.contains(wanted))
        case .caches(let name, let wanted):
            let found = tracker.resolvers.first { $0.identity.name == name }?.cachesSeen ?? 0
            return text("resolver \(name) caches \(wanted)", "\(found)", isMet: found >= wanted)
        }
    }

    private static func text(_ wanted: String, _ found: String, isMet: Bool) -> String? {
        isMet ? nil : "expected \(wanted), found \(found)"
    }

    private static func text(_ what: String, _ words: [String], among found: [String]) -> String? {
        let isMet = found.contains { text in
            text.prefix { $0 != "(" } == words[0] && words.allSatisfy(text.contains)
        }
        return text(
            "\(what) \(words.joined(separator: " "))",
            found.isEmpty ? "none" : found.joined(separator: "; "), isMet: isMet)
    }

    /// What the wall clock shows; at first it showed the watch's own time.
    private static func wallTime(in simulator: Simulator) -> Instant {
        simulator.world.wallSteps.filter { $0.at <= simulator.now }.reduce(simulator.now) { $0 + $1.step }
    }

    /// All words that hold for a resolver.
    private static func resolver(_ name: String, _ tracker: DomainTracker, at now: Instant) -> [String] {
        guard let state = tracker.resolvers.first(where: { $0.identity.name == name }) else { return [] }
        let isOverdue = state.isOverdue(publishedAt: tracker.publishedAt, bound: tracker.bound?.at)
        return [
            state.state(at: now).rawValue,
            state.isClear(at: now, policy: tracker.policy) ? "clear" : "unclear",
            state.counts ? "counts" : "excluded",
        ] + (isOverdue ? ["overdue"] : [])
    }
}
