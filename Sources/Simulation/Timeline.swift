import DNS
import Judging
import Lab
import Propagation

/// What a world is, and what happens in it, line by line.
package struct Timeline: Sendable {
    package private(set) var lines: [String] = []
    private var shown: [String: String] = [:]
    private var bound: Bound?
    private var judged = (objections: 0, reached: 0, alarms: 0)

    /// Runs a world to its end.
    package init(_ world: SimulatedWorld) {
        var timeline = Self.empty
        timeline.describe(world)
        let run = WorldRun(world) { simulator, moment, judge in
            timeline.note(moment, simulator)
            timeline.note(judge)
        }
        if !run.isComplete { timeline.lines.append("the end: the watch still waits") }
        timeline.lines.append(
            "judged as \(run.nature); \(run.queries.mailExchanges) MX, \(run.queries.serials) SOA and "
                + "\(run.queries.authority) authoritative queries")
        self = timeline
    }

    private init() {}
    private static var empty: Timeline { Timeline() }

    package var text: String { lines.joined(separator: "\n") }
}

// MARK: - What the world is

extension Timeline {
    private mutating func describe(_ world: SimulatedWorld) {
        let watch = world.watch
        lines.append("world \(world.seed): \(world.domain), simulated until \(TimelineText.time(world.end))")
        lines.append(
            "watch: until \(watch.condition.rawValue), settle \(TimelineText.time(watch.policy.settle)), "
                + "\(watch.policy.confirmations) confirmations, quorum \(watch.policy.quorum) %"
                + (watch.policy.previousTTL.map { ", --previous-ttl \($0)" } ?? "")
                + (watch.publishedAt.map { ", --published-at \(TimelineText.time($0))" } ?? "")
                + (watch.nameServersSince.map { ", --name-servers-since \(TimelineText.time($0))" } ?? "")
                + (watch.isSaidAgain ? ", said to every run" : "")
                + (watch.asksAuthority ? "" : ", --no-authority"))
        for index in world.lab.authorities.indices { describe(authority: index, of: world) }
        for delegation in world.lab.sources.delegations { describe(delegation, of: world) }
        for index in world.lab.resolvers.indices { describe(resolver: index, of: world) }
        for sleep in world.sleeps {
            lines.append("sleep \(Self.text(sleep))")
        }
        for interruption in world.interruptions {
            lines.append("nobody watches \(Self.text(interruption))")
        }
        for step in world.wallSteps {
            lines.append(
                "the wall clock jumps by \(TimelineText.time(step.step)) at \(TimelineText.time(step.at))")
        }
        let truth = WorldTruth(world.facts)
        for span in truth.spans {
            let until = span.until.map { TimelineText.time($0) } ?? "for ever"
            lines.append(
                "truth: \(world.lab.authorities[span.server].name) serves something else "
                    + "until \(until), TTL \(span.lifetime)"
                    + (span.lastCopyEnd.map { ", copies until \(TimelineText.time($0))" } ?? ""))
        }
    }

    private mutating func describe(authority index: Int, of world: SimulatedWorld) {
        let authority = world.lab.authorities[index]
        var line = "authority \(authority.name): \(authority.conduct)"
        if authority.lag > .zero { line += ", lag \(TimelineText.time(authority.lag))" }
        for lag in authority.backEnds { line += ", a back end \(TimelineText.time(lag)) behind" }
        if let front = authority.front {
            line += ", \(front.caches) caches in front, up to \(front.period) s old"
        }
        if authority.missingAuthority > 0 { line += ", AA missing in \(authority.missingAuthority) %" }
        lines.append(line + Self.text(world.authorityLinks[index]))
        guard world.carriesDomain(index) else { return }
        for change in [Instant(seconds: 0)] + Set(authority.zones.flatMap(\.changes)).sorted() {
            let answer = authority.answer(world.question, at: change + authority.lag)
            let reading = Reading(
                of: .response(Message(answer, to: world.question)), domain: world.domain,
                target: world.watch.target)
            let since =
                change < SimulatedWorld.origin - .seconds(30 * 86_400)
                ? "always" : "from \(TimelineText.time(change + authority.lag))"
            lines.append("    \(since): \(TimelineText.text(reading))")
        }
    }

    private mutating func describe(_ delegation: LabDelegation, of world: SimulatedWorld) {
        func names(_ servers: [Int]) -> String {
            servers.map { "\(world.lab.authorities[$0].name) (\($0))" }.joined(separator: ", ")
        }
        let since =
            delegation.since < SimulatedWorld.origin - .seconds(30 * 86_400)
            ? "always" : "from \(TimelineText.time(delegation.since))"
        var line = "delegation \(since): \(names(delegation.servers))"
        if !delegation.glue.isEmpty { line += "; only in glue \(names(delegation.glue))" }
        if !delegation.behind.isEmpty { line += "; only at some parents \(names(delegation.behind))" }
        lines.append(
            line + "; TTL \(delegation.parentTTL) at the parent, \(delegation.childTTL) in the zone, "
                + "\(delegation.addressTTL) of addresses")
    }

    private mutating func describe(resolver index: Int, of world: SimulatedWorld) {
        let resolver = world.lab.resolvers[index]
        let policy = resolver.policy
        var line = "resolver \(resolver.name): \(resolver.caches.count) caches"
        if resolver.caches.count > 1 { line += resolver.balancing == .random ? " at random" : " by port" }
        if policy.cap.seconds < TTL.maximum { line += ", cap \(policy.cap)" }
        if policy.floor.seconds > 0 { line += ", floor \(policy.floor)" }
        if policy.prefetches { line += ", prefetches" }
        if let stale = policy.serveStale {
            line += ", serves stale for \(TimelineText.time(stale.refreshesAfter))"
            line += stale.saysSo ? " and says so" : " and does not say so"
        }
        if resolver.isParentCentric { line += ", goes by the parent's NS" }
        if world.watch.optionalResolvers.contains(index) { line += ", optional" }
        lines.append(line + Self.text(world.resolverLinks[index]))
    }

    private static func text(_ link: Link) -> String {
        var text = ", \(Int(link.delay.lowerBound.inMilliseconds)) ms"
        if link.loss > 0 { text += ", loss \(Int(link.loss * 100)) %" }
        for fault in link.faults { text += ", \(fault.kind) \(Self.text(fault.during))" }
        return text
    }

    private static func text(_ range: Range<Instant>) -> String {
        if range == .always { return "always" }
        let from = "from \(TimelineText.time(range.lowerBound))"
        let isEndless = range.upperBound == Range<Instant>.always.upperBound
        return isEndless ? from : from + " to \(TimelineText.time(range.upperBound))"
    }
}

// MARK: - What happens

extension Timeline {
    private mutating func note(_ moment: Simulator.Moment, _ simulator: Simulator) {
        let resolvers = simulator.world.resolverIdentities
        switch moment {
        case .asked(let question, let samples, _):
            for sample in samples {
                note(sample.reading, by: resolvers[question.resolver].name, at: sample.received)
            }
        case .polled(_, let answers, _):
            for answer in answers {
                let serial = answer.startOfAuthority.map { ", serial \($0.serial)" } ?? ""
                guard let sample = answer.sample else { continue }
                note(
                    sample.reading,
                    by: "\(answer.server.name ?? .root) (\(simulator.world.authorityIndex(answer.server)))",
                    at: sample.received, serial)
            }
        case .mark: break
        }
        for event in moment.events {
            add("== " + TimelineText.text(event, resolvers: resolvers), at: simulator.now)
        }
        let now = simulator.tracker.bound
        if now != bound {
            add("== bound " + (now.map { TimelineText.text($0) } ?? "taken back"), at: simulator.now)
        }
        bound = now
    }

    /// Shows an answer that differs from the one before.
    private mutating func note(
        _ reading: Reading, by server: String, at instant: Instant, _ more: String = ""
    ) {
        var plain = reading
        plain.ttl = nil
        plain.lifetime = nil
        let text = TimelineText.text(plain) + more
        guard shown[server] != text else { return }
        shown[server] = text
        add("\(server): \(TimelineText.text(reading))\(more)", at: instant)
    }

    private mutating func note(_ judge: Judge) {
        for objection in judge.objections.dropFirst(judged.objections) {
            let excuses = objection.excuses.map(\.rawValue).joined(separator: ", ")
            add(
                "!! FALSE \(objection.level): \(TimelineText.text(objection.reason))"
                    + (excuses.isEmpty ? "" : "; it rests on what is not so: \(excuses)"), at: objection.at)
        }
        for reach in judge.reached.dropFirst(judged.reached) {
            add(
                "== \(reach.level) late by \(TimelineText.time(reach.afterTruth)) after the truth, "
                    + "\(TimelineText.time(reach.afterDue)) after it was due (\(reach.wait.rawValue))",
                at: reach.at)
        }
        for alarm in judge.falseAlarms.dropFirst(judged.alarms) {
            add("!! ALARM: \(alarm.level) is taken back for nothing", at: alarm.at)
        }
        judged = (judge.objections.count, judge.reached.count, judge.falseAlarms.count)
    }

    private mutating func add(_ text: String, at instant: Instant) {
        lines.append(pad(TimelineText.time(instant), to: 16) + "  " + text)
    }
}
