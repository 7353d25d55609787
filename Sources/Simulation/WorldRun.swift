import DNS
import Judging
import Propagation

/// What came of one world.
package struct WorldRun: Sendable {
    package let nature: WorldFacts.Nature
    package let objections: [Objection]
    package let reached: [Reached]
    package let falseAlarms: [Alarm]
    package let queries: Simulator.QueryCount
    /// Whether the watch's condition was met before the world's end.
    package let isComplete: Bool

    /// The objections without an excuse, in a lawful world.
    package var falseClaims: [Objection] {
        nature == .lawful ? objections.filter(\.excuses.isEmpty) : []
    }

    /// Runs a world to its end.
    ///
    /// - Parameter observe: called with every moment, and the judge after it.
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
            judge.follow(simulator, moment.events)
            observe(simulator, moment, judge)
        }
        nature = judge.facts.nature
        objections = judge.objections
        reached = judge.reached
        falseAlarms = judge.falseAlarms
        queries = simulator.queries
        isComplete = simulator.state.isComplete
    }
}

extension Judge {
    /// Judges what a simulated watch claims now, and what it takes back.
    package mutating func follow(_ simulator: Simulator, _ events: [Event] = []) {
        if simulator.runs != runs { endRun(next: simulator.runBegan, runs: simulator.runs) }
        sightings = simulator.sightings
        for event in events {
            switch event {
            case .level(.regression): takenBack(.published, at: simulator.now)
            case .level(.unpropagated): takenBack(.propagated, at: simulator.now)
            case .level(.secondPassUnsafe): takenBack(.secondPass, at: simulator.now)
            default: break
            }
        }
        look(at: simulator.now, simulator.tracker.claims, in: simulator.world.lab) {
            simulator.world.assumed(by: simulator.tracker, at: simulator.now)
        }
    }
}
