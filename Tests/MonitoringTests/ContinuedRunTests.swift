import DNS
import Foundation
import History
import Lab
import Monitoring
import Propagation
import Testing

/// Checks every five minutes and watches that are ended and begun anew, each of which knows of the others by the
/// history's file alone, beside one long watch over the same world.
@Suite("Many runs come to what one long watch does", .timeLimit(.minutes(2)))
struct ContinuedRunTests {
    private static let interval: Duration = .seconds(300)
    private static let oldTTL = 1800
    private static let levels: [Event] = [.level(.published), .level(.propagated), .level(.secondPassSafe)]

    /// The same world each time: every copy was fetched before anybody looked, and expires after the switch, so
    /// that it matters to none of them who asks when.
    private static func scene(_ seed: UInt64) -> Scene {
        var generator = SeededGenerator(seed: seed)
        let ages = (0..<60).map { _ in
            Duration.seconds(Int64.random(in: 0...Int64(oldTTL - 120), using: &generator))
        }
        return Scene(
            (0..<6).map { LabResolver("r\($0)") }, oldTTL: oldTTL, lag: .zero, age: { ages[$0] })
    }

    private static func monitor(_ scene: Scene, spread: Duration) -> Monitor {
        let policy = Policy(confirmationSpread: spread, previousTTL: TTL(seconds: oldTTL))
        return Monitor(
            client: scene.client, resolvers: scene.resolvers,
            settings: MonitorSettings(policy: policy, authority: .given(scene.authority)),
            clock: scene.simulation.clock)
    }

    /// When the levels were reached, by one watch.
    private static func longWatch(_ scene: Scene) async -> [Event: Instant] {
        let monitor = monitor(scene, spread: .seconds(10))
        let watcher = Watcher(
            monitor: monitor, trackers: [monitor.tracker(for: "example.it")], condition: .secondPass,
            seed: 1, onEvent: { event, _ in scene.events.add(event) })
        _ = await scene.run(watcher)
        return Dictionary(
            scene.events.concluded.filter { levels.contains($0.1) }.map { ($0.1, $0.at) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The same by a check every five minutes, each with a store of its own.
    private static func checks(_ scene: Scene, history path: String) async throws -> [Event: Instant] {
        let reached = Locked<[Event: Instant]>([:])
        let failure = Locked<(any Error)?>(nil)
        await scene.simulation.run {
            do {
                while reached.withLock({ $0[.level(.secondPassSafe)] == nil }),
                    scene.simulation.now < Scene.start + .seconds(40_000)
                {
                    let result = try await check(scene, history: path)
                    for (instant, event) in result.events where levels.contains(event) {
                        reached.withLock { $0[event] = $0[event] ?? instant }
                    }
                    try await scene.simulation.sleep(until: scene.simulation.now + interval)
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return reached.withLock { $0 }
    }

    private static func check(_ scene: Scene, history path: String) async throws -> CheckResult {
        let monitor = monitor(scene, spread: .zero)
        let store = try HistoryStore(path: path, boot: "simulated")
        var tracker = monitor.tracker(for: "example.it")
        #expect(store.own("example.it", target: .qboxmail))
        let now = scene.simulation.clock.read()
        if let recalled = try store.recall("example.it", target: .qboxmail, at: now) {
            tracker.recall(recalled.recollection, at: now.instant)
        }
        let result = await monitor.check(tracker, samples: 3)
        try store.save([
            HistoryEntry(result.tracker, at: scene.simulation.clock.read(), events: result.events)
        ])
        return result
    }

    @Test(
        "a check every five minutes reaches each level when one watch does, a poll later",
        arguments: UInt64(1)...8)
    func cron(seed: UInt64) async throws {
        let expected = await Self.longWatch(Self.scene(seed))
        let scene = Self.scene(seed)
        let reached = try await withHistoryFile { try await Self.checks(scene, history: $0) }
        for level in Self.levels {
            let watched = try #require(expected[level])
            let checked = try #require(reached[level])
            // A copy may expire just after a check, and a watch waits 10 s for confirmations.
            #expect(checked >= watched - .seconds(40), "\(level): not before the watch")
            #expect(checked <= watched + Self.interval + .seconds(30), "\(level): not long after it")
        }
        let safe = try #require(reached[.level(.secondPassSafe)])
        #expect(scene.truth(at: safe).oldCopies.isEmpty)
    }

    @Test("a watch that is ended and begun anew goes on where it was", arguments: UInt64(1)...8)
    func interrupted(seed: UInt64) async throws {
        let expected = await Self.longWatch(Self.scene(seed))
        let scene = Self.scene(seed)
        let reached = Locked<[Event: Instant]>([:])
        try await withHistoryFile { path in
            var generator = SeededGenerator(seed: seed ^ 0xA5)
            while reached.withLock({ $0[.level(.secondPassSafe)] == nil }) {
                let length = Duration.seconds(Int64.random(in: 5...1200, using: &generator))
                try await Self.watch(scene, for: length, history: path, reached)
                try #require(scene.simulation.now < Scene.start + .seconds(40_000))
            }
        }
        for level in Self.levels {
            let watched = try #require(expected[level])
            let continued = try #require(reached.withLock { $0[level] })
            #expect(abs((continued - watched).inSeconds) <= 60, "\(level)")
        }
    }

    private static func watch(
        _ scene: Scene, for length: Duration, history path: String, _ reached: Locked<[Event: Instant]>
    ) async throws {
        let monitor = monitor(scene, spread: .seconds(10))
        let store = try HistoryStore(path: path, boot: "simulated")
        let recorder = HistoryRecorder(store) { Issue.record("\($0)") }
        var tracker = monitor.tracker(for: "example.it")
        let now = scene.simulation.clock.read()
        if let recalled = try store.recall("example.it", target: .qboxmail, at: now) {
            tracker.recall(recalled.recollection, at: now.instant)
        }
        let watcher = Watcher(
            monitor: monitor, trackers: [tracker], condition: .secondPass, deadline: now.instant + length,
            seed: 1
        ) { event, tracker in
            guard case .learnt(let news) = event.kind else { return }
            for conclusion in news.events {
                reached.withLock { $0[conclusion] = $0[conclusion] ?? event.at }
            }
            let entry = HistoryEntry(
                tracker, at: scene.simulation.clock.read(), concluded: news.events, at: event.at,
                resolvers: news.resolvers, concernsDomain: news.concernsDomain)
            recorder.put(entry) {}
        }
        // A simulation runs once; each watch gets one that begins where the last ended.
        _ = await scene.run(watcher)
        if let error = await recorder.finish() { throw error }
    }

    @Test("what is remembered counts only when those who have a say are heard again")
    func silenceIsNoYes() async throws {
        let scene = Self.scene(3)
        try await withHistoryFile { path in
            _ = try await Self.checks(scene, history: path)
            #expect(try await Self.verdict(scene, history: path).meets(.secondPass))
            // The authoritative servers fall silent.
            scene.client.kill(scene.authority)
            let silent = try await Self.verdict(scene, history: path)
            #expect(silent.isUndetermined)
            #expect(!silent.meets(.published) && !silent.isPublished && !silent.isPropagated)
            // They answer, and the resolvers do not.
            scene.client.revive()
            scene.client.kill(scene.resolvers.map(\.endpoint))
            #expect(try await Self.verdict(scene, history: path).isUndetermined)
            // They answer, but tell nothing: no failure makes a quorum for what was known before.
            for code in [ResponseCode.refused, .serverFailure] {
                scene.client.revive()
                scene.client.fail(scene.resolvers.map(\.endpoint), with: code)
                #expect(try await Self.verdict(scene, history: path).isUndetermined, "\(code)")
            }
            // All are heard again: nothing has been forgotten.
            scene.client.revive()
            #expect(try await Self.verdict(scene, history: path).meets(.secondPass))
        }
    }

    private static func verdict(_ scene: Scene, history path: String) async throws -> Verdict {
        let result = Locked<Result<CheckResult, any Error>?>(nil)
        await scene.simulation.run {
            do {
                let checked = try await check(scene, history: path)
                result.withLock { $0 = .success(checked) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
        }
        let tracker = try #require(result.withLock { $0 }).get().tracker
        return tracker.verdict(at: scene.simulation.now)
    }
}

/// A path in a folder of its own, gone afterwards.
private func withHistoryFile<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "propaga-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.appending(path: "history.sqlite").path)
}
