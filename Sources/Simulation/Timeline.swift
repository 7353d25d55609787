import DNS
import Lab
import Propagation

/// What a world is, and what happens in it, line by line.
package struct Timeline: Sendable {
    package private(set) var lines: [String] = []
    private var shown: [String: String] = [:]
    private var bound: Bound?

    /// Runs a world to its end.
    package init(_ world: SimulatedWorld) {
        var timeline = Self.empty
        timeline.describe(world)
        let judge = Judge(world)
        let run = WorldRun(world, judge: judge) { simulator, moment in
            timeline.note(moment, simulator)
            for event in moment.events {
                if let judgement = judge.judge(event, of: simulator) { timeline.note(judgement) }
            }
        }
        if !run.isComplete { timeline.lines.append("the end: the watch still waits") }
        timeline.lines.append(
            "judged as \(run.kind); \(run.queries.mailExchanges) MX, \(run.queries.serials) SOA and "
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
                + (watch.asksAuthority ? "" : ", --no-authority"))
        for index in world.lab.authorities.indices { describe(authority: index, of: world) }
        for delegation in world.lab.sources.delegations { describe(delegation, of: world) }
        for index in world.lab.resolvers.indices { describe(resolver: index, of: world) }
        for sleep in world.sleeps {
            lines.append("sleep \(Self.text(sleep))")
        }
        for step in world.wallSteps {
            lines.append("the wall clock jumps by \(TimelineText.time(step.step)) at \(TimelineText.time(step.at))")
        }
        let truth = WorldTruth(world)
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
        let names = delegation.servers.map { "\(world.lab.authorities[$0].name)" }.joined(separator: ", ")
        let since =
            delegation.since < SimulatedWorld.origin - .seconds(30 * 86_400)
            ? "always" : "from \(TimelineText.time(delegation.since))"
        lines.append(
            "delegation \(since): \(names), TTL \(delegation.parentTTL) at the parent, "
                + "\(delegation.childTTL) in the zone")
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
                note(
                    answer.sample.reading, by: "\(answer.server.name ?? .root)", at: answer.sample.received,
                    serial)
            }
        case .concluded, .mark: break
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

    /// Shows an answer where it says something else than the one before.
    private mutating func note(_ reading: Reading, by server: String, at instant: Instant, _ more: String = "") {
        var plain = reading
        plain.ttl = nil
        plain.lifetime = nil
        let text = TimelineText.text(plain) + more
        guard shown[server] != text else { return }
        shown[server] = text
        add("\(server): \(TimelineText.text(reading))\(more)", at: instant)
    }

    private mutating func note(_ judgement: Judgement) {
        for objection in judgement.objections {
            let text =
                switch objection {
                case .served(let servers): "servers \(servers) still serve something else"
                case .dark(let until): "a cache that nobody polls may hold a copy until \(TimelineText.time(until))"
                case .held(let resolver, let cache, let until):
                    "resolver \(resolver + 1), cache \(cache + 1) gives something else until \(TimelineText.time(until))"
                }
            add("!! FALSE: \(text)", at: judgement.at)
        }
        add(
            "== late by \(TimelineText.time(judgement.lateness)) after the truth, "
                + "\(TimelineText.time(judgement.latenessAfterBound)) after the bound", at: judgement.at)
    }

    private mutating func add(_ text: String, at instant: Instant) {
        lines.append(pad(TimelineText.time(instant), to: 16) + "  " + text)
    }
}
