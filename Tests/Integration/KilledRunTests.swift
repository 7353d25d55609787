import Foundation
import Testing

/// Watches that are killed at any moment, on servers whose zone goes back and forth.
@Suite(
    "A killed watch has forgotten nothing that it told",
    .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
struct KilledRunTests {
    /// What one watch told of a level.
    private struct Told: Hashable {
        var event: String
        var at: String
    }

    private static let kills = 200
    /// How many watches are killed between two changes of the zone; a resolver is clear after 10 s.
    private static let killsAZone = 50

    @Test("200 random moments", .timeLimit(.minutes(8)))
    func killed() async throws {
        var generator = SystemRandomNumberGenerator()
        try await World.with(.before(ttl: 1), caches: [.unbound]) { world in
            var told: Set<Told> = []
            var switchedAt = Date.distantFuture
            for number in 0..<Self.kills {
                if number % Self.killsAZone == 0 {
                    let isNew = number / Self.killsAZone % 2 == 1
                    let serial = UInt32(2026_02_01 + number)
                    for server in world.authorities {
                        try await server.switchZone(
                            to: isNew ? .after(serial: serial, ttl: 1) : .before(serial: serial, ttl: 1))
                    }
                    switchedAt = isNew ? Date() : .distantFuture
                }
                if number % 20 == 0 { try await expectRemembered(told, world) }
                // On a busy machine none of the short ones may live to see the change taken back.
                let wantsRegression =
                    number >= 2 * Self.killsAZone && !told.contains { $0.event == "regression" }
                let latest = wantsRegression ? 3000 : 700
                let moment = Duration.milliseconds(Int.random(in: 0...latest, using: &generator))
                let events = try await killedWatch(after: moment, world)
                for event in events where event.event == "second_pass_safe" {
                    // Whole seconds: what is reported in the switch's own second may be of after it.
                    #expect(
                        try event.time.addingTimeInterval(1) >= switchedAt, "safe while the old MX was served"
                    )
                }
                told.formUnion(try events.compactMap(Self.told))
            }
            try await expectRemembered(told, world)
            #expect(told.contains { $0.event == "second_pass_safe" }, "nothing to forget: \(told)")
            #expect(told.contains { $0.event == "regression" })
        }
    }

    private func killedWatch(after moment: Duration, _ world: World) async throws -> [EventLine] {
        let watch = try Propaga.start(
            [
                "watch", Zone.origin, "--format", "ndjson", "--until", "decommission", "--settle", "0s",
                "--previous-ttl", "1", "--confirmations", "1",
            ] + world.options(), in: world.folder)
        try await Task.sleep(for: moment)
        watch.signal(SIGKILL)
        let ending = try await watch.end(within: .seconds(10))
        #expect(ending == .killed(signal: SIGKILL), "\(watch.transcript)")
        #expect(watch.errors.isEmpty, "\(watch.errors)")
        return try EventLine.lines(watch.output)
    }

    /// Opens the file as the next run does, and looks for all that was told.
    private func expectRemembered(_ told: Set<Told>, _ world: World) async throws {
        guard !told.isEmpty else { return }
        // The wall clock is read once for the file and once for the line: the second may differ.
        let remembered = Set(
            try await world.history().events.flatMap { event in
                let at = try Date(event.at, strategy: .iso8601)
                return [-1, 0, 1].map { shift in
                    Told(event: event.event, at: at.addingTimeInterval(shift).formatted(.iso8601))
                }
            })
        #expect(told.subtracting(remembered).isEmpty)
    }

    private static func told(_ line: EventLine) throws -> Told? {
        switch line.event {
        case "published", "propagated", "second_pass_safe": Told(event: line.event, at: line.at)
        case "regression":
            switch line.level {
            case "propagated": Told(event: "unpropagated", at: line.at)
            case "second_pass_safe": Told(event: "second_pass_unsafe", at: line.at)
            default: Told(event: "regression", at: line.at)
            }
        default: nil
        }
    }
}
