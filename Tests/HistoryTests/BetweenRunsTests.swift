import DNS
import Foundation
import GRDB
import Propagation
import Synchronization
import Testing

@testable import History

@Suite("Between two runs, in doubt not yet")
struct BetweenRunsTests {
    private static let old: DomainName = "mail.old.it"
    private static let new: DomainName = "mx01.cbsolt.net"
    private static let quick = Policy(confirmationSpread: .zero)

    private static func next(
        _ store: HistoryStore, _ seconds: Int64, policy: Policy = quick, asksAuthority: Bool = true,
        publishedAt: Instant? = nil, resolvers: [ResolverIdentity] = Make.resolvers
    ) throws -> DomainTracker {
        let clock = Make.clock(seconds)
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: policy, resolvers: resolvers,
            asksAuthority: asksAuthority, publishedAt: publishedAt)
        if let recalled = try store.recall(Make.domain, target: .qboxmail, at: clock) {
            tracker.recall(recalled.recollection, at: clock.instant)
        }
        return tracker
    }

    private static func save(
        _ store: HistoryStore, _ tracker: DomainTracker, _ seconds: Int64,
        _ events: [(at: Instant, event: Event)]
    ) throws {
        try store.save([HistoryEntry(tracker, at: Make.clock(seconds), events: events)])
    }

    @Test("A wall clock that went back and is right again makes nothing expire early")
    func backAndForth() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            let w0 = Make.clock(0).wall.milliseconds
            func clock(_ instant: Int64, _ wall: Int64) -> ClockReading {
                ClockReading(
                    instant: Instant(seconds: instant), wall: WallTime(milliseconds: w0 + wall * 1_000))
            }
            var tracker = Make.tracker(policy: Self.quick)
            let events = tracker.see(Self.old, ttl: 3_600, at: 10_000)
            try HistoryStore(path: path, boot: "a").save([
                HistoryEntry(tracker, at: clock(10_000, 0), events: events)
            ])
            // Ten minutes later, another start, the wall clock three hours behind: nobody answers, all is saved.
            let b = try HistoryStore(path: path, boot: "b")
            let rb = clock(100, 600 - 10_800)
            var second = Make.tracker(policy: Self.quick)
            second.recall(
                try #require(try b.recall(Make.domain, target: .qboxmail, at: rb)).recollection,
                at: rb.instant)
            try b.save([HistoryEntry(second, at: rb)])
            // Ten minutes later, another start, the clock is right.
            let c = try HistoryStore(path: path, boot: "c")
            let rc = clock(100, 1_200)
            var third = Make.tracker(policy: Self.quick)
            third.recall(
                try #require(try c.recall(Make.domain, target: .qboxmail, at: rc)).recollection,
                at: rc.instant)
            // 1200 s have passed since the copy was seen with 3600 s: it must not end before 100 + 2400.
            let until = try #require(third.resolvers[0].oldUntil)
            #expect(
                until >= Instant(seconds: 100 + 2_399),
                "ends \((until - rc.instant).inSeconds) s from now, 2400 s are left")
        }
    }

    @Test("A resolver that is asked no more does not tell of the clock for ever")
    func delistedClock() async throws {
        try await withStore { store in
            var tracker = Make.tracker(policy: Self.quick)
            let seentracker = tracker.see(Self.old, at: 1_000)
            try Self.save(store, tracker, 1_000, seentracker)
            // The wall clock is put back by an hour; one resolver is asked no more.
            func clock(_ s: Int64) -> ClockReading {
                ClockReading(
                    instant: Instant(seconds: s),
                    wall: WallTime(milliseconds: Make.clock(s).wall.milliseconds - 3_600_000))
            }
            var told = 0
            for seconds in stride(from: Int64(1_300), through: 4_000, by: 300) {
                let recalled = try #require(
                    try store.recall(Make.domain, target: .qboxmail, at: clock(seconds)))
                if recalled.clockWentBack != nil { told += 1 }
                var next = Make.tracker(policy: Self.quick, resolvers: Array(Make.resolvers.dropLast()))
                next.recall(recalled.recollection, at: Instant(seconds: seconds))
                let events = next.see(Self.old, at: seconds)
                try store.save([HistoryEntry(next, at: clock(seconds), events: events)])
            }
            #expect(told == 1)
        }
    }

    @Test("A run that asks no authoritative server takes no level away")
    func noAuthorityBetween() async throws {
        try await withStore { store in
            var tracker = Make.tracker(
                policy: Policy(confirmationSpread: .zero, settle: .zero, previousTTL: TTL(seconds: 600)))
            _ = tracker.see(Self.old, serial: 1, at: 1_000)
            _ = tracker.see(Self.new, serial: 2, at: 2_000)
            _ = tracker.see(Self.new, serial: 2, at: 3_000)
            _ = tracker.see(Self.new, serial: 2, at: 3_001)
            #expect(tracker.meets(.secondPass))
            try Self.save(store, tracker, 3_001, [])
            var blind = try Self.next(store, 3_300, asksAuthority: false)
            for index in blind.resolvers.indices {
                for ms in 0..<3 {
                    blind.record(
                        Make.reading(Self.new), resolver: index,
                        at: Instant(seconds: 3_301) + .milliseconds(ms))
                }
            }
            let e = blind.conclude(at: Instant(seconds: 3_302)).map {
                (at: Instant(seconds: 3_302), event: $0)
            }
            try Self.save(store, blind, 3_302, e)
            var third = try Self.next(
                store, 3_600,
                policy: Policy(confirmationSpread: .zero, settle: .zero, previousTTL: TTL(seconds: 600)))
            let events = third.see(Self.new, serial: 2, at: 3_601).map(\.event)
            #expect(third.meets(.secondPass))
            #expect(third.publishedAt == tracker.publishedAt)
            #expect(events.isEmpty)
        }
    }

    @Test("The operator may correct when the change was published")
    func publishedAtCorrected() async throws {
        try await withStore { store in
            var first = try Self.next(store, 1_000_000, publishedAt: Instant(seconds: 100_000))
            let seenfirst = first.see(Self.new, serial: 1, at: 1_000_001)
            try Self.save(store, first, 1_000_001, seenfirst)
            #expect(first.publishedAt == Instant(seconds: 100_000))
            var second = try Self.next(store, 1_000_100, publishedAt: Instant(seconds: 900_000))
            _ = second.see(Self.new, serial: 1, at: 1_000_101)
            #expect(second.publishedAt == Instant(seconds: 900_000))
        }
    }

    private static func seeServers(
        _ tracker: inout DomainTracker, _ servers: [AuthorityIdentity], _ exchange: DomainName, ttl: Int,
        serial: UInt32?,
        nsTTL: Int = 600, at seconds: Int64
    ) -> [Event] {
        let now = Instant(seconds: seconds)
        for index in tracker.resolvers.indices {
            for sample in 0..<3 {
                tracker.record(
                    Make.reading(exchange, ttl: ttl), resolver: index,
                    at: now - .milliseconds(30 - sample * 10))
            }
        }
        tracker.authority.apply(
            Delegation(zone: "example.it", servers: servers, nameServerTTL: TTL(seconds: nsTTL)), at: now)
        for index in tracker.authority.servers.indices {
            tracker.authority.record(
                Make.reading(exchange, ttl: ttl, isAuthoritative: true), server: index, at: now,
                roundTrip: nil)
            if let serial { tracker.authority.record(Make.soa(serial), server: index, at: now) }
        }
        return tracker.conclude(at: now)
    }

    @Test("Name servers that came between two runs may have served anything until now")
    func movedInGap() async throws {
        try await withStore { store in
            let a = AuthorityIdentity(name: "ns1.old.example", endpoint: Endpoint("198.51.100.1:53")!)
            let b = AuthorityIdentity(name: "ns1.new.example", endpoint: Endpoint("198.51.100.2:53")!)
            var first = Make.tracker(policy: Self.quick)
            _ = Self.seeServers(&first, [a], Self.old, ttl: 300, serial: 1, at: 1_000)
            try Self.save(store, first, 1_000, [])
            // Three days later another provider's servers, asked for the first time, serve the target.
            let later: Int64 = 1_000 + 3 * 86_400
            var second = try Self.next(store, later)
            _ = Self.seeServers(&second, [b], Self.new, ttl: 300, serial: 50, at: later + 1)
            let bound = try #require(second.bound?.at)
            #expect(
                bound >= Instant(seconds: later + 1 + 86_400),
                "bound \((bound - Instant(seconds: later + 1)).inSeconds) s after the first look at them")
            var safe: Int64?
            for step in stride(from: Int64(300), through: 86_400, by: 300) where safe == nil {
                if Self.seeServers(&second, [b], Self.new, ttl: 300, serial: 50, at: later + 1 + step)
                    .contains(.level(.secondPassSafe))
                {
                    safe = step
                }
            }
        }
    }

    @Test("A serial that stands still while the MX changes says nothing of a long gap")
    func constantSerial() async throws {
        try await withStore { store in
            var first = Make.tracker(policy: Self.quick)
            _ = Self.seeServers(&first, [Make.server], Self.old, ttl: 300, serial: 1, at: 1_000)
            try Self.save(store, first, 1_000, [])
            let later: Int64 = 1_000 + 3 * 86_400
            var second = try Self.next(store, later)
            _ = Self.seeServers(&second, [Make.server], Self.new, ttl: 300, serial: 1, at: later + 1)
            let bound = try #require(second.bound?.at)
            #expect(
                bound >= Instant(seconds: later + 1 + 86_400),
                "bound \((bound - Instant(seconds: later + 1)).inSeconds) s later")
        }
    }

    @Test("Sets of exchanges that nothing names any more are dropped")
    func mailSets() async throws {
        try await withStore { store in
            var tracker = Make.tracker(policy: Self.quick)
            for round in 0..<300 {
                let seconds = Int64(1_000 + round * 300)
                let events = tracker.see(
                    try DomainName(typed: "m\(round).old.it"), serial: UInt32(round), at: seconds)
                try Self.save(store, tracker, seconds, events)
            }
            let count = try await store.queue.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM mail_set") ?? 0
            }
            #expect(count < 150, "\(count) sets for 30 spans")
        }
    }

    @Test("Levels that come and go do not fill the disk")
    func levels() async throws {
        try await withStore { store in
            var tracker = Make.tracker(policy: Self.quick)
            for round in 0..<2_000 {
                let seconds = Int64(1_000 + round * 30)
                let events = tracker.seeAuthority(
                    round.isMultiple(of: 2) ? Self.old : Self.new, serial: UInt32(round), at: seconds)
                try Self.save(store, tracker, seconds, events)
            }
            let count = try await store.queue.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM event") ?? 0
            }
            #expect(count < 500, "\(count) events")
        }
    }

    @Test("An overdue resolver is so still when nobody answers a run")
    func overdue() async throws {
        try await withStore { store in
            var tracker = Make.tracker(
                policy: Policy(confirmationSpread: .zero, previousTTL: TTL(seconds: 600)))
            _ = tracker.see(Self.old, ttl: 600, serial: 1, at: 1_000)
            _ = tracker.seeAuthority(Self.new, ttl: 600, serial: 2, at: 1_300)
            for seconds in [1_700, 2_400, 3_100] as [Int64] {
                for index in tracker.resolvers.indices {
                    tracker.record(
                        Make.reading(Self.old, ttl: 600), resolver: index, at: Instant(seconds: seconds))
                }
                let events = tracker.seeAuthority(Self.new, ttl: 600, serial: 2, at: seconds)
                try Self.save(store, tracker, seconds, events)
            }
            func told() async throws -> [Int] {
                try await store.queue.read {
                    try Int.fetchAll(
                        $0,
                        sql: "SELECT value FROM event WHERE kind = 'overdue' AND name = 'cache-1' ORDER BY id"
                    )
                }
            }
            let before = try await told()
            // The network is down for one check.
            let next = try Self.next(store, 3_400)
            try Self.save(store, next, 3_401, [])
            #expect(try await told() == before)
        }
    }

    @Test("A watch begun seconds after a check takes no level back")
    func checkThenWatch() async throws {
        try await withStore { store in
            var check = Make.tracker(policy: Self.quick)
            _ = check.see(Self.old, ttl: 60, serial: 1, at: 1_000)
            try Self.save(store, check, 1_000, [])
            var second = try Self.next(store, 1_100)
            let events = second.see(Self.new, ttl: 60, serial: 2, at: 1_101)
            #expect(events.map(\.event).contains(.level(.propagated)))
            try Self.save(store, second, 1_101, events)
            var watch = try Self.next(store, 1_104, policy: Policy())
            let taken = watch.see(Self.new, ttl: 60, serial: 2, at: 1_105).map(\.event)
            #expect(!taken.contains(.level(.unpropagated)), "\(taken)")
        }
    }

    @Test("Nobody prunes what another process writes about")
    func prune() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            let first = try HistoryStore(path: path, boot: "a")
            let second = try HistoryStore(path: path, boot: "a")
            var tracker = Make.tracker()
            let events = tracker.see(Self.old, at: 1_000)
            #expect(first.own(Make.domain, target: .qboxmail))
            try Self.save(first, tracker, 1_000, events)
            #expect(try second.prune(before: Make.clock(2_000).wall) == 0)
        }
    }

    @Test("A printer that blocks does not keep what is learnt from the file")
    func blockedPrinter() async throws {
        try await withStore { store in
            let gate = DispatchSemaphore(value: 0)
            let recorder = HistoryRecorder(store) { _ in }
            var tracker = Make.tracker(policy: Self.quick)
            let events = tracker.see(Self.old, at: 1_000)
            recorder.put(HistoryEntry(tracker, at: Make.clock(1_000), events: events)) { gate.wait() }
            let later = tracker.see(Self.new, serial: 2, at: 2_000)
            recorder.put(HistoryEntry(tracker, at: Make.clock(2_000), events: later)) {}
            defer { gate.signal() }
            let deadline = ContinuousClock.now + .seconds(20)
            while try store.summaries().first?.lastLook != Make.clock(2_000).wall {
                try #require(ContinuousClock.now < deadline, "nothing is written while the printer waits")
                await Task.yield()
            }
        }
    }

    @Test("A file whose maker was killed half-way is taken for ours")
    func killedAtCreation() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            do {
                let queue = try DatabaseQueue(path: path)
                try await queue.write {
                    try $0.execute(
                        sql:
                            "CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)"
                    )
                }
            }
            #expect(throws: Never.self) { _ = try HistoryStore(path: path, boot: "a") }
        }
    }

    @Test(
        "Failures make no quorum for what an earlier run knew", arguments: [true, false],
        [Reading.refused, .failed])
    func nobodyTells(asksAuthority: Bool, reading: Reading) async throws {
        try await withStore { store in
            let policy = Policy(confirmationSpread: .zero, settle: .zero, previousTTL: TTL(seconds: 600))
            var first = try Self.next(store, 1_000, policy: policy, asksAuthority: asksAuthority)
            for seconds in [1_000, 2_000, 3_000, 3_001] as [Int64] {
                if asksAuthority {
                    _ = first.see(Self.new, serial: 2, at: seconds)
                } else {
                    for index in first.resolvers.indices {
                        for ms in 0..<3 {
                            first.record(
                                Make.reading(Self.new), resolver: index,
                                at: Instant(seconds: seconds) + .milliseconds(ms))
                        }
                    }
                    _ = first.conclude(at: Instant(seconds: seconds) + .milliseconds(5))
                }
            }
            #expect(first.meets(.secondPass))
            try Self.save(store, first, 3_001, [])
            var next = try Self.next(store, 90_000, policy: policy, asksAuthority: asksAuthority)
            for index in next.resolvers.indices {
                for ms in 0..<3 {
                    next.record(reading, resolver: index, at: Instant(seconds: 90_001) + .milliseconds(ms))
                }
            }
            if asksAuthority {
                _ = next.seeAuthority(Self.new, serial: 2, at: 90_001)
            } else {
                _ = next.conclude(at: Instant(seconds: 90_002))
            }
            let verdict = next.verdict(at: Instant(seconds: 90_002))
            #expect(
                verdict.exitCode(for: .secondPass) == 2,
                "\(verdict.phase) \(verdict.counted) counted, \(verdict.clear) clear")
        }
    }
}

extension Reading {
    fileprivate static var refused: Reading { failure(.refused) }
    fileprivate static var failed: Reading { failure(.serverFailure) }

    private static func failure(_ code: ResponseCode) -> Reading {
        let message = Message(responseCode: code, question: Question(Make.domain, .mx))
        return Reading(of: .response(message), domain: Make.domain, target: .qboxmail)
    }
}
