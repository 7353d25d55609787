import ArgumentParser
import Foundation
import Simulation

/// Runs simulated worlds against the real core.
@main
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs the core on simulated time, over worlds that follow from seeds.")

    @Option(help: "How many worlds to run and judge.")
    var seeds: UInt64 = 5000

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Show what happens in the world of this seed.")
    var seed: UInt64?

    @Option(help: "Play a scenario file, and say what does not come true.")
    var scenario: String?

    @Option(help: "Compare the schedule with fixed pollers over this many migrations.")
    var schedule: UInt64?

    @Flag(help: "Leave rules of the core out, one at a time: each must be noticed within so many worlds.")
    var mutants = false

    @Option(help: "Leave this rule out.")
    var without: String?

    @Option(help: "Threads.")
    var jobs = 2

    mutating func run() async throws {
        if let without { try Mutants.plant(without) }
        if mutants { return try await Mutants.run(from..<from + seeds, jobs: jobs) }
        if let scenario { return try Self.play(scenario) }
        if let seed { return print(Timeline(SimulatedWorld(seed: seed)).text) }
        if let schedule { return try await Self.compare(from..<from + schedule, jobs: jobs) }
        let clock = ContinuousClock()
        let start = clock.now
        let tallies = await Self.blocks(from..<from + seeds, of: 100, jobs: jobs) { Tally(seeds: $0) }
        let tally = tallies.reduce(into: Tally()) { $0.add($1) }
        let elapsed = (clock.now - start) / .seconds(1)
        print(tally.report)
        print("\(Int(Double(tally.worlds) / elapsed)) worlds a second, \(jobs) threads")
        if !tally.isGood { throw ExitCode(1) }
    }

    private static func compare(_ seeds: Range<UInt64>, jobs: Int) async throws {
        let parts = await blocks(seeds, of: 5, jobs: jobs) { ScheduleComparison(seeds: $0) }
        let comparison = parts.reduce(into: ScheduleComparison()) { $0.add($1) }
        print("\(seeds.count) migrations, \(Migration.description)")
        print(comparison.report)
        if !comparison.isGood { throw ExitCode(1) }
    }

    private static func play(_ path: String) throws {
        let scenario: Scenario
        do {
            scenario = try Scenario(parsing: String(contentsOfFile: path, encoding: .utf8))
        } catch let error as ScenarioError {
            print("\(path):\(error)")
            throw ExitCode(1)
        }
        let run = ScenarioRun(scenario)
        print(scenario.title)
        print(Timeline(scenario.world).text)
        for failure in run.failures { print("\(path):\(failure)") }
        if !run.failures.isEmpty { throw ExitCode(1) }
    }

    /// Runs blocks of seeds side by side; the results are in the order of the seeds.
    static func blocks<Part: Sendable>(
        _ seeds: Range<UInt64>, of size: Int, jobs: Int, _ run: @escaping @Sendable (Range<UInt64>) -> Part
    ) async -> [Part] {
        let blocks = stride(from: seeds.lowerBound, to: seeds.upperBound, by: size).map {
            $0..<min($0 + UInt64(size), seeds.upperBound)
        }
        return await withTaskGroup(of: (Int, Part).self) { group in
            var results = [Part?](repeating: nil, count: blocks.count)
            var rest = blocks.enumerated().makeIterator()
            func start() {
                guard let (index, block) = rest.next() else { return }
                group.addTask { (index, run(block)) }
            }
            for _ in 0..<max(1, jobs) { start() }
            for await (index, part) in group {
                results[index] = part
                start()
            }
            return results.compactMap { $0 }
        }
    }
}
