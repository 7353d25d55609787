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

    @Option(help: "Threads.")
    var jobs = 2

    mutating func run() async throws {
        if let scenario { return try Self.play(scenario) }
        if let seed { return print(Timeline(SimulatedWorld(seed: seed)).text) }
        let clock = ContinuousClock()
        let start = clock.now
        let tally = await Self.tally(from..<from + seeds, jobs: jobs)
        let elapsed = (clock.now - start) / .seconds(1)
        print(tally.report)
        print("\(Int(Double(tally.worlds) / elapsed)) worlds a second, \(jobs) threads")
        if !tally.isGood { throw ExitCode(1) }
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

    /// Blocks of seeds run side by side; their results are put together in the order of the seeds.
    private static func tally(_ seeds: Range<UInt64>, jobs: Int) async -> Tally {
        let size: UInt64 = 100
        let blocks = stride(from: seeds.lowerBound, to: seeds.upperBound, by: UInt64.Stride(size)).map {
            $0..<min($0 + size, seeds.upperBound)
        }
        return await withTaskGroup(of: (Int, Tally).self) { group in
            var results = [Tally?](repeating: nil, count: blocks.count)
            var next = 0
            while next < min(max(1, jobs), blocks.count) {
                let index = next
                group.addTask { (index, Tally(seeds: blocks[index])) }
                next += 1
            }
            for await (index, tally) in group {
                results[index] = tally
                guard next < blocks.count else { continue }
                let following = next
                group.addTask { (following, Tally(seeds: blocks[following])) }
                next += 1
            }
            return results.reduce(into: Tally()) { sum, tally in tally.map { sum.add($0) } }
        }
    }
}
