import ArgumentParser
import Foundation
import Propagation
import Simulation

/// Checks that the simulation notices each rule left out of the core: by a false claim, or by no verdict.
enum Mutants {
    static func plant(_ name: String) throws {
        guard let fault = PlantedFault(rawValue: name) else {
            let names = PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is no rule that can be left out; these are: \(names)")
        }
        try plant(fault)
    }

    static func run(_ seeds: Range<UInt64>, jobs: Int) async throws {
        var survivors = 0
        for fault in PlantedFault.allCases {
            try plant(fault)
            guard let caught = await first(in: seeds, jobs: jobs) else {
                survivors += 1
                say("\(fault.rawValue): NOT NOTICED in \(seeds.count) worlds")
                continue
            }
            say("\(fault.rawValue): \(caught)")
        }
        say("\(PlantedFault.allCases.count - survivors) of \(PlantedFault.allCases.count) noticed")
        if survivors > 0 { throw ExitCode(1) }
    }

    /// Unbuffered: the next line may be minutes away.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    /// What the first world that notices the fault shows, in the order of seeds.
    private static func first(in seeds: Range<UInt64>, jobs: Int) async -> String? {
        var start = seeds.lowerBound
        while start < seeds.upperBound {
            let end = min(start + UInt64(jobs) * 50, seeds.upperBound)
            let found = await SimulateCommand.blocks(start..<end, of: 50, jobs: jobs) { block in
                block.lazy.compactMap { Self.noticed(in: $0) }.first
            }
            if let first = found.lazy.compactMap({ $0 }).first { return first }
            start = end
        }
        return nil
    }

    private static func noticed(in seed: UInt64) -> String? {
        let run = WorldRun(SimulatedWorld(seed: seed))
        guard run.nature == .lawful else { return nil }
        if let objection = run.falseClaims.first {
            return "world \(seed), \(objection.level): \(TimelineText.text(objection.reason))"
        }
        return run.isComplete ? nil : "world \(seed): no verdict"
    }

    #if PROPAGA_MUTANTS
        private static func plant(_ fault: PlantedFault) throws { PlantedFault.planted = fault }
    #else
        private static func plant(_ fault: PlantedFault) throws {
            throw ValidationError("this build leaves no rule out; use `make mutants`")
        }
    #endif
}
