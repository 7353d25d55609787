import DNS
import Foundation
import History
import Propagation
import Testing

@Suite("What is saved comes back")
struct StoreTests {
    private static let old: DomainName = "mail.old.it"
    private static let new: DomainName = "mx01.cbsolt.net"

    private static func entry(
        _ tracker: DomainTracker, _ seconds: Int64, _ events: [(at: Instant, event: Event)] = [],
        scope: HistoryEntry.Scope = .everything
    ) -> HistoryEntry {
        HistoryEntry(tracker, at: Make.clock(seconds), events: events, scope: scope)
    }

    private static func recalled(
        _ store: HistoryStore, _ seconds: Int64, target: Target = .qboxmail
    ) throws -> DomainTracker? {
        let clock = Make.clock(seconds)
        guard let recalled = try store.recall(Make.domain, target: target, at: clock) else { return nil }
        var tracker = Make.tracker(target: target)
        tracker.recall(recalled.recollection, at: clock.instant)
        return tracker
    }

    @Test("A run goes on with all that was known: the same sightings lead to the same verdict")
    func continues() async throws {
        try await withStore { store in
            var whole = Make.tracker(
                policy: Policy(confirmationSpread: .zero, previousTTL: TTL(seconds: 900)))
            var events = whole.see(Self.old, serial: 1, at: 1_000)
            events += whole.see(Self.new, ttl: 300, serial: 2, at: 2_000)
            try store.save([Self.entry(whole, 2_000, events)])
            let recalled = try #require(
                try store.recall(Make.domain, target: .qboxmail, at: Make.clock(2_290)))
            #expect(recalled.clockWentBack == nil)
            var continued = Make.tracker(policy: Policy(confirmationSpread: .zero))
            continued.recall(recalled.recollection, at: Instant(seconds: 2_290))
            // The operator's word on the TTL holds on.
            #expect(continued.policy.previousTTL == TTL(seconds: 900))
            for seconds in [2_300, 2_600, 9_900] as [Int64] {
                #expect(
                    whole.see(Self.new, ttl: 300, serial: 2, at: seconds).map(\.event)
                        == continued.see(Self.new, ttl: 300, serial: 2, at: seconds).map(\.event))
                let now = Instant(seconds: seconds)
                #expect(whole.verdict(at: now) == continued.verdict(at: now))
            }
            #expect(whole.meets(.secondPass))
            #expect(continued.authority.servers[0].exposure == whole.authority.servers[0].exposure)
        }
    }

    @Test("What is remembered claims nothing before it is heard again")
    func claimsNothing() async throws {
        try await withStore { store in
            var tracker = Make.tracker(policy: Policy(confirmationSpread: .zero))
            var events = tracker.see(Self.old, serial: 1, at: 1_000)
            events += tracker.see(Self.new, serial: 2, at: 2_000)
            events += tracker.see(Self.new, serial: 2, at: 2_700)
            try store.save([Self.entry(tracker, 2_700, events)])
            #expect(tracker.meets(.propagated))
            var next = try #require(try Self.recalled(store, 3_000))
            let verdict = next.verdict(at: Instant(seconds: 3_000))
            #expect(verdict.isUndetermined && !verdict.isPublished && !verdict.isPropagated)
            #expect(verdict.reasons.contains(.remembered(.propagated, at: Instant(seconds: 2_700))))
            // The authoritative servers alone are not enough, but can take it back.
            #expect(
                next.seeAuthority(Self.old, serial: 3, at: 3_001).map(\.event) == [
                    .level(.regression), .level(.unpropagated),
                ])
        }
    }

    @Test("A level that was reached is there again at the first sweep, since when it was")
    func keepsLevels() async throws {
        try await withStore { store in
            var tracker = Make.tracker(policy: Policy(confirmationSpread: .zero))
            var events = tracker.see(Self.old, serial: 1, at: 1_000)
            events += tracker.see(Self.new, serial: 2, at: 2_000)
            events += tracker.see(Self.new, serial: 2, at: 2_700)
            try store.save([Self.entry(tracker, 2_700, events)])
            var next = try #require(try Self.recalled(store, 3_000))
            #expect(next.see(Self.new, serial: 2, at: 3_000).isEmpty)
            #expect(next.propagatedAt == tracker.propagatedAt)
            #expect(next.publishedAt == tracker.publishedAt)
        }
    }

    @Test("The operator's word counts in later runs too, unless an earlier one has seen otherwise")
    func operatorsWord() async throws {
        var tracker = Make.tracker(policy: Policy(confirmationSpread: .zero))
        _ = tracker.see(Self.old, serial: 1, at: 500_000)
        _ = tracker.see(Self.new, serial: 2, at: 500_600)
        let recollection = tracker.recollection(at: Instant(seconds: 500_600))
        func next(publishedAt: Int64?) -> DomainTracker {
            var next = DomainTracker(
                domain: Make.domain, target: .qboxmail, policy: Policy(confirmationSpread: .zero),
                resolvers: Make.resolvers, publishedAt: publishedAt.map(Instant.init(seconds:)))
            next.recall(recollection, at: Instant(seconds: 500_690))
            _ = next.see(Self.new, serial: 2, at: 500_700)
            return next
        }
        // The old MX was still seen at 500,000.
        let refuted = next(publishedAt: 1_000)
        #expect(refuted.publishedAt == Instant(seconds: 500_600))
        #expect(refuted.basis == .authority)
        #expect(
            refuted.verdict(at: Instant(seconds: 500_700)).warnings.contains(
                .refutedPublication(said: Instant(seconds: 1_000), seen: Instant(seconds: 500_000))))
        // Between the two looks it may have been.
        let told = next(publishedAt: 500_300)
        #expect(told.publishedAt == Instant(seconds: 500_300) && told.basis == .operator)
        var later = Make.tracker(policy: Policy(confirmationSpread: .zero))
        later.recall(told.recollection(at: Instant(seconds: 500_700)), at: Instant(seconds: 500_790))
        _ = later.see(Self.new, serial: 2, at: 500_800)
        #expect(later.publishedAt == Instant(seconds: 500_300) && later.basis == .operator)
    }

    @Test("Between two runs nobody looked: a zone that changed more than once may have served anything")
    func longGap() async throws {
        var tracker = Make.tracker(policy: Policy(confirmationSpread: .zero))
        _ = tracker.see(Self.old, ttl: 600, serial: 10, at: 1_000)
        var single = tracker
        // Four days later: one change, and it is the switch itself.
        _ = single.see(Self.new, serial: 11, at: 346_600)
        #expect(single.bound?.at == Instant(seconds: 346_600 + 600))
        // More than one: a longer TTL may have stood there meanwhile.
        var doubtful = tracker
        _ = doubtful.see(Self.new, serial: 13, at: 346_600)
        #expect(doubtful.bound?.at == Instant(seconds: 346_600 + 86_400))
        // Unless the operator says, when the next run begins, what it can have been.
        var said = Make.tracker(
            policy: Policy(confirmationSpread: .zero, previousTTL: TTL(seconds: 1_800)))
        said.recall(tracker.recollection(at: Instant(seconds: 1_000)), at: Instant(seconds: 346_590))
        _ = said.see(Self.new, serial: 13, at: 346_600)
        #expect(said.bound?.at == Instant(seconds: 346_600 + 1_800))
        // What was said before that covers nothing.
        var saidBefore = Make.tracker(policy: Policy(confirmationSpread: .zero))
        saidBefore.recall(
            said.recollection(at: Instant(seconds: 346_600)), at: Instant(seconds: 700_000))
        _ = saidBefore.see(Self.new, serial: 19, at: 700_010)
        #expect(saidBefore.bound?.at == Instant(seconds: 700_010 + 86_400))
    }

    @Test("What was seen is kept apart by target")
    func targets() async throws {
        try await withStore { store in
            let other = Target(name: "custom", primary: "mx.else.example", hosts: ["mx.else.example"])
            var tracker = Make.tracker()
            let events = tracker.see(Self.new, at: 1_000)
            try store.save([Self.entry(tracker, 1_000, events)])
            #expect(try Self.recalled(store, 1_100, target: other) == nil)
            #expect(try Self.recalled(store, 1_100) != nil)
            var judged = Make.tracker(target: other)
            let others = judged.see(Self.new, at: 1_200)
            try store.save([Self.entry(judged, 1_200, others)])
            #expect(try store.chronicles(of: Make.domain).map(\.target.name) == ["qboxmail", "custom"])
        }
    }

    @Test("A domain that nobody told anything about leaves no trace")
    func noTrace() async throws {
        try await withStore { store in
            var tracker = Make.tracker("exmaple.it")
            var silent = Reading(state: .silent)
            silent.error = "no answer in time"
            tracker.record(silent, resolver: 0, at: Instant(seconds: 1))
            try store.save([Self.entry(tracker, 1)])
            #expect(try store.summaries().isEmpty)
        }
    }

    @Test("A resolver that was added is asked anew, one that got another name is known by its address")
    func otherResolvers() async throws {
        try await withStore { store in
            var tracker = Make.tracker()
            let events = tracker.see(Self.old, at: 1_000)
            try store.save([Self.entry(tracker, 1_000, events)])
            var resolvers = Make.resolvers
            resolvers[0].name = "renamed"
            resolvers.append(ResolverIdentity(name: "added", endpoint: Endpoint("192.0.2.9:53")!))
            let recalled = try #require(
                try store.recall(Make.domain, target: .qboxmail, at: Make.clock(1_100)))
            var next = Make.tracker(resolvers: resolvers)
            next.recall(recalled.recollection, at: Instant(seconds: 1_100))
            #expect(next.resolvers.map(\.identity.name) == ["renamed", "cache-2", "cache-3", "added"])
            #expect(next.resolvers.map(\.hasBeenAsked) == [true, true, true, false])
        }
    }

    @Test("Another start of the machine: what had ten minutes left has as much less as the wall clock tells")
    func reboot() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            var tracker = Make.tracker()
            let events = tracker.see(Self.old, ttl: 600, at: 90_000)
            try HistoryStore(path: path, boot: "before").save([Self.entry(tracker, 90_000, events)])
            let store = try HistoryStore(path: path, boot: "after")
            func oldUntil(wall: Int64) throws -> Instant? {
                let clock = ClockReading(
                    instant: Instant(seconds: 50),
                    wall: WallTime(milliseconds: Make.clock(90_000).wall.milliseconds + wall * 1_000))
                let recalled = try #require(try store.recall(Make.domain, target: .qboxmail, at: clock))
                #expect((recalled.clockWentBack != nil) == (wall < 0))
                var next = Make.tracker()
                next.recall(recalled.recollection, at: clock.instant)
                return next.resolvers[0].oldUntil
            }
            // The last sample came 10 ms before the sweep's end.
            let tenth = Duration.milliseconds(10)
            #expect(try oldUntil(wall: 100) == Instant(seconds: 50 + 500) - tenth)
            #expect(try oldUntil(wall: 100_000).map { $0 < Instant(seconds: 50) } == true)
            // It went back: no time has passed, for all that is known.
            #expect(try oldUntil(wall: -3_600) == Instant(seconds: 50 + 600) - tenth)
        }
    }
}

@Suite("What is told of the past")
struct ChronicleStoreTests {
    @Test("Levels, transitions, what became clear and what the authoritative servers served, in order")
    func story() async throws {
        try await withStore { store in
            var tracker = Make.tracker(policy: Policy(confirmationSpread: .zero))
            for (exchange, serial, seconds) in [
                ("mail.old.it", 1, 1_000), ("mail.old.it", 1, 1_300), ("mx01.cbsolt.net", 2, 2_000),
                ("mx01.cbsolt.net", 2, 2_600),
            ] as [(DomainName, UInt32, Int64)] {
                let events = tracker.see(exchange, serial: serial, at: seconds)
                try store.save([HistoryEntry(tracker, at: Make.clock(seconds), events: events)])
            }
            let chronicle = try #require(try store.chronicles(of: "EXAMPLE.it").first)
            let levels = chronicle.entries.compactMap { entry in
                if case .level(let level) = entry.kind { (level, entry.at) } else { nil }
            }
            #expect(levels.map(\.0) == [.published, .propagated])
            #expect(levels.map(\.1) == [Make.clock(2_000).wall, Make.clock(2_000).wall])
            let clear = chronicle.entries.filter { if case .clear(_, true) = $0.kind { true } else { false } }
            #expect(clear.count == 3)
            #expect(chronicle.served.map(\.state) == [.previous, .target])
            #expect(chronicle.served[0].firstSeen == Make.clock(1_000).wall)
            #expect(chronicle.served[0].lastSeen == Make.clock(1_300).wall)
            #expect(chronicle.served[0].goneAt == Make.clock(2_000).wall)
            #expect(chronicle.served[1].goneAt == nil)
            #expect(chronicle.served[0].ttl == TTL(seconds: 600))
            #expect(chronicle.firstLook == Make.clock(1_000).wall)
            #expect(chronicle.lastLook == Make.clock(2_600).wall)
            #expect(chronicle.resolvers.map(\.server.name) == ["cache-1", "cache-2", "cache-3"])
            #expect(chronicle.standing.phase == .propagated)
        }
    }

    @Test("A flapping cache and a server that counts its TTL down do not fill the disk")
    func bounded() async throws {
        try await withStore { store in
            var tracker = Make.tracker()
            for round in 0..<200 {
                let seconds = Int64(1_000 + round * 700)
                let exchange: DomainName = round.isMultiple(of: 2) ? "mail.old.it" : "mx01.cbsolt.net"
                let events = tracker.see(exchange, ttl: 600 - round, serial: 1, at: seconds)
                try store.save([HistoryEntry(tracker, at: Make.clock(seconds), events: events)])
            }
            let chronicle = try #require(try store.chronicles(of: Make.domain).first)
            #expect(chronicle.served.count == 30)
            for resolver in Make.resolvers {
                let own = chronicle.entries.filter { entry in
                    switch entry.kind {
                    case .transition(let server, _, _, _), .clear(let server, _), .overdue(let server, _):
                        server.endpoint == resolver.endpoint
                    case .level, .clockWentBack: false
                    }
                }
                #expect(own.count <= 30)
                #expect(own.first?.at == Make.clock(1_000).wall, "the first flips tell when it flipped")
                #expect(try #require(own.last).at > Make.clock(1_000 + 190 * 700).wall)
            }
        }
    }

    @Test("What is forgotten is gone, and what was looked at lately stays")
    func forgetting() async throws {
        try await withStore { store in
            for (index, name) in ["a.example", "b.example", "c.example"].enumerated() {
                var tracker = Make.tracker(try DomainName(typed: name))
                let seconds = Int64(1_000 + index * 1_000)
                let events = tracker.see("mail.old.it", at: seconds)
                try store.save([HistoryEntry(tracker, at: Make.clock(seconds), events: events)])
            }
            #expect(try store.forget("B.example") == .forgotten)
            #expect(try store.forget("b.example") == .unknown)
            #expect(try store.prune(before: Make.clock(1_500).wall) == 1)
            #expect(try store.summaries().map(\.domain) == ["c.example"])
            #expect(try store.chronicles(of: "a.example").isEmpty)
        }
    }

    @Test("Only one process writes about a domain, and nobody forgets it meanwhile")
    func owners() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "h.sqlite").path
            let first = try HistoryStore(path: path, boot: "a")
            let second = try HistoryStore(path: path, boot: "a")
            var tracker = Make.tracker()
            let events = tracker.see("mail.old.it", at: 1_000)
            #expect(first.own(Make.domain, target: .qboxmail))
            #expect(first.own("EXAMPLE.IT", target: .qboxmail))
            try first.save([HistoryEntry(tracker, at: Make.clock(1_000), events: events)])
            #expect(!second.own(Make.domain, target: .qboxmail))
            #expect(second.own("other.example", target: .qboxmail))
            // It reads what the other has written, at any time.
            #expect(try second.recall(Make.domain, target: .qboxmail, at: Make.clock(1_001)) != nil)
            #expect(try second.forget(Make.domain) == .followed)
            first.disown(Make.domain, target: .qboxmail)
            #expect(second.own(Make.domain, target: .qboxmail))
            #expect(try second.forget(Make.domain) == .forgotten)
        }
    }
}
