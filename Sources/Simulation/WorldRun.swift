import DNS
import Judging
import Propagation

/// What came of one world.
package struct WorldRun: Sendable {
    package let nature: WorldFacts.Nature
    package let objections: [Objection]
    package let reached: [Reached]
    package let queries: Simulator.QueryCount
    /// Whether what the watch waits for came before the world's end.
    package let isComplete: Bool

    /// What stands against a claim although all that it rests on is so.
    package var falseClaims: [Objection] {
        nature == .lawful ? objections.filter(\.excuses.isEmpty) : []
    }

    /// Runs a world to its end.
    ///
    /// - Parameter observe: told of every moment, and of the judge as it stands by then.
    package init(
        _ world: SimulatedWorld, observe: (Simulator, Simulator.Moment, Judge) -> Void = { _, _, _ in }
    ) {
        self.init(world, judge: Judge(world.facts), observe: observe)
    }

    package init(
        _ world: SimulatedWorld, judge: Judge,
        observe: (Simulator, Simulator.Moment, Judge) -> Void = { _, _, _ in }
    ) {
        var judge = judge
        var simulator = Simulator(world)
        while let moment = simulator.next() {
            judge.follow(simulator)
            observe(simulator, moment, judge)
        }
        nature = judge.facts.nature
        objections = judge.objections
        reached = judge.reached
        queries = simulator.queries
        isComplete = simulator.state.isComplete
    }
}

extension Judge {
    /// Looks at what a simulated watch claims now.
    package mutating func follow(_ simulator: Simulator) {
        if simulator.runs != runs { endRun(next: simulator.runBegan, runs: simulator.runs) }
        sightings = simulator.sightings
        look(at: simulator.now, simulator.tracker.claims, in: simulator.world.lab) {
            simulator.world.assumed(by: simulator.tracker, at: simulator.now)
        }
    }
}
