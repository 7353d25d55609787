import DNS
import Lab
import Propagation

/// How a verdict compares with the truth.
package struct Judgement: Hashable, Sendable {
    /// `secondPassSafe` or `decommissionSafe`.
    package var level: Event
    package var at: Instant
    /// What stands against it; empty where it is right.
    package var objections: [Objection]
    /// How long after the truth it came, beyond *settle*: after the last instant at which anything but the
    /// target can be alive, after the resolvers that count were able to tell, and after the machine woke.
    package var lateness: Duration
    /// How long after the core's own bound it came, beyond *settle*, by the same measure.
    package var latenessAfterBound: Duration

    package enum Objection: Hashable, Sendable {
        /// Servers that resolvers may ask serve something else.
        case served(servers: [Int])
        /// A cache that nobody polls may hold a copy until then.
        case dark(until: Instant)
        /// A cache of a polled resolver gives its clients something else.
        case held(resolver: Int, cache: Int, until: Instant)
    }

    package var isFalse: Bool { !objections.isEmpty }
}

/// Judges verdicts by a world's truth.
package struct Judge: Sendable {
    package let truth: WorldTruth

    package init(_ world: SimulatedWorld) { truth = WorldTruth(world) }
    package init(truth: WorldTruth) { self.truth = truth }

    /// - Returns: `nil` for an event that is no verdict.
    package func judge(_ event: Event, of simulator: Simulator) -> Judgement? {
        guard event == .secondPassSafe || event == .decommissionSafe else { return nil }
        let (now, world) = (simulator.now, simulator.world)
        let policy = world.watch.policy
        var base = truth.lastCopyEnd(at: now) ?? now
        base = max(base, SimulatedWorld.origin)
        let blinds =
            (world.resolverLinks.flatMap(\.faults).map(\.during) + world.sleeps
            + world.interruptions)
            .sorted { $0.lowerBound < $1.lowerBound }
        base = Self.delayed(base, by: blinds)
        let bound = max(base, simulator.tracker.bound?.at ?? base)
        let hindrances =
            world.authorityLinks.flatMap(\.faults).map(\.during) + world.sleeps
            + world.interruptions
        let patience =
            simulator.tracker.publishedAt.map { $0 + Policy.senderPatience }.flatMap {
                event == .decommissionSafe ? $0 : nil
            } ?? base
        let due = Self.delayed(max(base + policy.settle, patience), by: hindrances)
        let dueByBound = Self.delayed(max(bound + policy.settle, due), by: hindrances)
        return Judgement(
            level: event, at: now, objections: objections(simulator), lateness: now - due,
            latenessAfterBound: now - dueByBound)
    }

    private func objections(_ simulator: Simulator) -> [Judgement.Objection] {
        let (now, world) = (simulator.now, simulator.world)
        var found: [Judgement.Objection] = []
        // What changes while the last answers are on their way, nobody can know.
        let looked = min(simulator.tracker.authority.askedSince ?? now, now)
        let elsewhere = truth.serversElsewhere(at: looked)
        if !elsewhere.isEmpty { found.append(.served(servers: elsewhere)) }
        if let end = truth.lastCopyEnd(at: looked), end > now { found.append(.dark(until: end)) }
        let copies = world.lab.truth(about: world.question, at: now) {
            WorldTruth.isTarget($0, world.watch.target)
        }
        for copy in copies.copies where !copy.isTarget && copy.entry.fetchedAt <= looked {
            found.append(.held(resolver: copy.resolver, cache: copy.cache, until: copy.entry.expiry))
        }
        return found
    }

    /// While a resolver tells nothing, or the machine sleeps, nobody can know that all has flipped: what was
    /// under way at `instant`, or had just begun, delays it.
    private static func delayed(_ instant: Instant, by blinds: [Range<Instant>]) -> Instant {
        var instant = instant
        for blind in blinds where blind.upperBound != Range<Instant>.always.upperBound {
            if blind.lowerBound <= instant + confirmation { instant = max(instant, blind.upperBound) }
        }
        return instant
    }

    /// So long the watch may take to confirm what is so, unless it is hindered anew.
    private static let confirmation: Duration = .seconds(600)
}
