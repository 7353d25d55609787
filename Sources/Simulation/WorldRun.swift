import DNS
import Propagation

/// What came of one world.
package struct WorldRun: Sendable {
    /// How a world's verdict is to be judged.
    package enum Kind: Int, Sendable, CaseIterable {
        /// Caches keep to TTLs, and the watch knows all that decides: the verdict must be right, and soon.
        case known
        /// Caches keep to TTLs, and the watch must assume some of it: the verdict must be right.
        case assumed
        /// Caches break TTLs, or authoritative servers flap: nobody can be sure.
        case lawless
    }

    package let kind: Kind
    package let judgements: [Judgement]
    package let queries: Simulator.QueryCount
    /// Whether what the watch waits for came before the world's end.
    package let isComplete: Bool

    package var isFalseSafe: Bool { judgements.contains(where: \.isFalse) }

    /// Runs a world to its end.
    package init(_ world: SimulatedWorld, observe: (Simulator, Simulator.Moment) -> Void = { _, _ in }) {
        self.init(world, judge: Judge(world), observe: observe)
    }

    package init(
        _ world: SimulatedWorld, judge: Judge, observe: (Simulator, Simulator.Moment) -> Void = { _, _ in }
    ) {
        var judgements: [Judgement] = []
        var simulator = Simulator(world)
        while let moment = simulator.next() {
            for event in moment.events {
                if let judgement = judge.judge(event, of: simulator) { judgements.append(judgement) }
            }
            observe(simulator, moment)
        }
        kind = Kind(world, judge.truth, at: judgements.first?.at ?? world.end)
        self.judgements = judgements
        queries = simulator.queries
        isComplete = simulator.state.isComplete
    }
}

extension WorldRun.Kind {
    /// How much the bound that follows from the operator's word may exceed the truth for the word to be called
    /// tight.
    private static let tightness: Duration = .seconds(60)

    /// - Parameter instant: when the verdict came.
    package init(_ world: SimulatedWorld, _ truth: WorldTruth, at instant: Instant) {
        if world.traits.contains(.breaksTTLs) {
            self = .lawless
        } else if world.traits.contains(.hasBlindSpots) || !Self.isTight(world, truth, at: instant) {
            self = .assumed
        } else {
            self = .known
        }
    }

    /// Whether what is assumed of the time before the watch, and of servers before they came into the delegation,
    /// ends no later than the truth does.
    private static func isTight(_ world: SimulatedWorld, _ truth: WorldTruth, at instant: Instant) -> Bool {
        guard let end = truth.lastCopyEnd(at: instant) else { return true }
        let moved = world.lab.sources.delegations.map(\.since).filter { $0 <= instant }.max()
        let since = world.watch.publishedAt.map { min($0, SimulatedWorld.origin) } ?? SimulatedWorld.origin
        return max(moved ?? since, since) + world.watch.policy.unseenTTL.duration
            <= max(end, SimulatedWorld.origin) + tightness
    }
}
