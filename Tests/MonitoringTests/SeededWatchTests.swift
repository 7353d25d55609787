import DNS
import Lab
import Monitoring
import Propagation
import Testing

/// Worlds drawn from a seed, in which every resolver is one cache that respects TTLs: there the samples
/// see every copy, so "propagated" must never come while one is alive, and must come soon after.
@Suite("Many worlds on simulated time", .timeLimit(.minutes(5)))
struct SeededWatchTests {
    private struct Draw {
        var generator: SeededGenerator
        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        mutating func seconds(_ range: ClosedRange<Int>) -> Duration { .seconds(Int64(number(range))) }
    }

    @Test("never before the last copy is gone, and not long after", arguments: UInt64(1)...30)
    func world(seed: UInt64) async throws {
        var draw = Draw(generator: SeededGenerator(seed: seed))
        let oldTTL = draw.number(1...3000)
        let count = draw.number(1...12)
        let resolvers = (0..<count).map { index in
            let cap = draw.number(0...2) == 0 ? draw.number(1...300) : 604_800
            return LabResolver(
                "r\(index)",
                policy: CachePolicy(cap: TTL(seconds: cap), prefetches: draw.number(0...3) == 0))
        }
        let ages = (0..<count + 40).map { _ in draw.seconds(0...oldTTL) }
        let lag = draw.seconds(0...400)
        let scene = Scene(resolvers, oldTTL: oldTTL, lag: lag, age: { ages[$0] })
        let lies = Locked<[Instant]>([])
        let watcher = scene.watcher { event, tracker in
            let truth = scene.truth
            let isOld = !truth.oldCopies.isEmpty || !truth.authoritiesElsewhere.isEmpty
            if isOld, tracker.verdict(at: scene.simulation.now).exitCode(for: .propagated) == 0 {
                lies.withLock { $0.append(event.at) }
            }
        }
        let result = await scene.run(watcher)
        #expect(lies.withLock { $0 } == [])
        #expect(result.ending == .conditionMet)
        let propagated = try #require(scene.events.first(.level(.propagated)))
        #expect(scene.truth(at: propagated).oldCopies.isEmpty)
        // A copy fetched from the lagging server at its last moment lives that long, and that server is
        // asked every 30 s; the next question comes just after the expiry, and its confirmations take 10 s.
        let latest = Scene.switched + lag + .seconds(Int64(max(oldTTL, 30)))
        #expect(propagated <= latest + .seconds(30))
    }
}
