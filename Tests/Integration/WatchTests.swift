import Foundation
import Synchronization
import Testing

extension RealServers {
    /// `watch` on real servers, to its end.
    @Suite(
        "watch on a real switch",
        .enabled(if: Executable.runs(with: World.programs), "needs \(World.programs)"))
    struct WatchTests {
        @Test(
            "A switch is watched to the second pass, and never called done while dig sees an old copy",
            .timeLimit(.minutes(3)))
        func wholeSwitch() async throws {
            let (before, after) = (Zone.before(ttl: 5), Zone.after(ttl: 5))
            try await World.with(before) { world in
                let arguments = [
                    "watch", Zone.origin, "--until", "second-pass", "--settle", "2s", "--previous-ttl", "5",
                    "--format", "ndjson",
                ]
                let watch = try Propaga.start(arguments + world.options(), in: world.folder)
                try await eventually("every resolver has been sampled", within: .seconds(20)) {
                    let names = try EventLine.lines(watch.output).filter { $0.event == "sample" }.map(
                        \.resolver)
                    return Set(names).count == world.caches.count ? true : nil
                }
                for server in world.authorities { try await server.switchZone(to: after) }

                let lastOldCopy = try await watchWithDig(world, until: watch)
                #expect(try await watch.end(within: .seconds(5)) == .exited(0), "\(watch.transcript)")
                let events = try EventLine.lines(watch.output)
                try expectOrder(events, world)
                let done = try #require(events.first { $0.event == "propagated" })
                #expect(try done.time.addingTimeInterval(1) >= lastOldCopy)
                try expectSecondPass(events)
            }
        }

        @Test("A deadline that passes says so, and the code is that of the last status")
        func deadline() async throws {
            try await World.with(.before(ttl: 5), caches: [.unbound]) { world in
                let run = try await Propaga.run(
                    ["watch", Zone.origin, "--deadline", "2s", "--format", "ndjson"] + world.options())
                #expect(run.ending == .exited(1))
                let last = try #require(try EventLine.lines(run.output).last?.status)
                #expect(last.deadlinePassed && last.exitCode == 1)
            }
        }

        @Test(
            "A signal ends it with a last status",
            arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
        func signal(number: Int32, code: Int32) async throws {
            try await World.with(.before(ttl: 5), caches: [.unbound]) { world in
                let watch = try Propaga.start(
                    ["watch", Zone.origin, "--format", "ndjson"] + world.options(), in: world.folder)
                try await eventually("the resolver has been sampled", within: .seconds(20)) {
                    try EventLine.lines(watch.output).contains { $0.event == "sample" } ? true : nil
                }
                watch.signal(number)
                #expect(try await watch.end(within: .seconds(10)) == .exited(code), "\(watch.transcript)")
                let last = try #require(try EventLine.lines(watch.output).last)
                #expect(last.event == "status")
                #expect(try last.status?.domain.resolvers.map(\.state) == ["previous"])
            }
        }

        /// Asks every cache again and again until the watch ends.
        ///
        /// - Returns: the last time at which one still gave the old MX.
        private func watchWithDig(_ world: World, until watch: Child) async throws -> Date {
            var last = Date.distantPast
            try await eventually("the watch ends", within: .seconds(150)) {
                for cache in world.caches {
                    // Asked before, answered after: the copy was there at some instant in between.
                    let asked = Date()
                    if try await Dig.mail(cache).data("MX") != Zone.after(ttl: 5).exchanges { last = asked }
                }
                return watch.poll() == nil ? nil : true
            }
            return last
        }

        /// The second pass comes when propagation and bound have settled, and is the last event but the status.
        private func expectSecondPass(_ events: [EventLine]) throws {
            let safe = try #require(events.last { $0.event != "status" && $0.event != "sample" })
            #expect(safe.event == "second_pass_safe")
            let propagated = try #require(events.last { $0.event == "propagated" })
            let pass = try #require(try events.last?.status?.domain.secondPass)
            let bound = try #require(pass.bound.flatMap { try? Date($0, strategy: .iso8601) })
            let settled = try max(propagated.time, bound).addingTimeInterval(Double(pass.settle))
            #expect(pass.safe && pass.settle == 2)
            // Instants in documents are whole seconds.
            #expect(try safe.time >= settled.addingTimeInterval(-1))
        }

        private func expectOrder(_ events: [EventLine], _ world: World) throws {
            let times = try events.map { try $0.time }
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }, "the events are out of order")
            let published = try #require(events.firstIndex { $0.event == "published" })
            let propagated = try #require(events.firstIndex { $0.event == "propagated" })
            #expect(published < propagated)
            for cache in world.caches {
                let flip = events.firstIndex {
                    $0.event == "transition" && $0.resolver == cache.name && $0.from == "previous"
                        && $0.to == "target"
                }
                #expect(try #require(flip, "\(cache.name) never flipped") < propagated)
            }
            let last = try #require(events.last)
            #expect(last.event == "status")
            let domain = try #require(try last.status?.domain)
            #expect(domain.conditionMet && domain.phase == "second_pass_safe")
            #expect(events.count { $0.event == "status" } == 1)
        }
    }
}
