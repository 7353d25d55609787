import DNS
import DNSClient
import Foundation
import Lab
import Monitoring
import Propagation
import Testing

@Suite("A watch over real sockets", .timeLimit(.minutes(5)))
struct SocketWatchTests {
    private static let now: @Sendable () -> Instant = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    @Test("a switch with a TTL of a few seconds, before resolvers that lose, truncate and dislike EDNS")
    func toTheEnd() async throws {
        let start = Self.now()
        let switched = start + .seconds(2)
        let world = LabWorld.switching(
            from: .hosts("mail.old.it", ttl: 6), to: .hosts("mx01.cbsolt.net", ttl: 60), at: switched,
            resolvers: [
                LabResolver("plain"),
                LabResolver("three", cacheCount: 3),
                LabResolver("lossy", manners: LabManners(loss: 0.1)),
                LabResolver("truncates", manners: LabManners(truncatesDatagrams: true)),
                LabResolver("no-edns", manners: LabManners(edns: .formatError)),
                LabResolver("forged", manners: LabManners(mischief: [.wrongID, .garbage(40)])),
            ])
        let events = Events()
        let result = try await LabNetwork.run(world, now: Self.now) { network in
            var configuration = Configuration(now: Self.now)
            configuration.timeout = .milliseconds(500)
            let client = ExchangeClient(configuration: configuration)
            let resolvers = try world.resolvers.indices.map { index in
                ResolverIdentity(
                    name: world.resolvers[index].name,
                    endpoint: try #require(network.endpoint(of: .resolver(index))))
            }
            let clock = MonitorClock(
                now: Self.now,
                read: { ClockReading(instant: Self.now(), wall: WallTime(milliseconds: 0)) },
                sleep: { instant in
                    let left = instant - Self.now()
                    if left > .zero { try await Task.sleep(for: left) }
                })
            let monitor = Monitor(
                client: client, resolvers: resolvers,
                settings: MonitorSettings(
                    policy: Policy(confirmationSpread: .seconds(3)), authority: .none), clock: clock)
            var watcher = Watcher(
                monitor: monitor, trackers: ["example.it"].map(monitor.tracker(for:)), condition: .propagated,
                deadline: start + .seconds(240), onEvent: { event, _ in events.add(event) })
            let result = await watcher.run()
            let left = await client.statistics.inFlight
            #expect(left == 0)
            await client.shutdown()
            return result
        }
        #expect(result.ending == .conditionMet)
        let propagated = try #require(events.first(.level(.propagated)))
        #expect(propagated >= switched)
        let tracker = result.trackers[0]
        #expect(tracker.verdict(at: propagated).exitCode(for: .propagated) == 0)
        // On a busy machine the first questions may come after the switch: then no old copy was seen.
        #expect(tracker.resolvers.allSatisfy { $0.oldUntil.map { $0 <= propagated } ?? true })
        #expect(tracker.resolvers.allSatisfy { $0.lastInformative?.state == .target })
    }
}
