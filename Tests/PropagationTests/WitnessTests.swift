import Builders
import DNS
import Propagation
import Testing

/// Between two polls for the MX the authoritative servers are asked whether anything was edited (§7).
@Suite("Witness instead of inferring")
struct WitnessTests {
    /// Domains that share one server, all switched and published, and what was asked of it.
    private struct Watch {
        var state: WatchState
        var serial: (Double) -> UInt32
        var reading: (Double) -> Reading = { _ in PolledZone.target }
        /// What the one resolver shows, and when it was asked.
        var held: (Double) -> Reading = { _ in Make.target() }
        private(set) var asks: [Double] = []
        private(set) var polls: [(at: Double, domain: Int, asked: (mx: Int, serial: Bool))] = []
        private(set) var events: [(at: Double, Event)] = []
        /// When a poll was to go before all others at the server.
        private(set) var early: [Double] = []

        init(domains: Int = 1, settle: Int64 = 7200, serial: @escaping (Double) -> UInt32) {
            let trackers = (0..<domains).map { _ in
                var tracker = DomainTracker(
                    domain: Make.domain, target: .qboxmail,
                    policy: Policy(
                        confirmationSpread: .zero, settle: .seconds(settle), previousTTL: TTL(seconds: 600)),
                    resolvers: Make.resolvers(1))
                for _ in 0..<3 { tracker.record(Make.target(), resolver: 0, at: at(0)) }
                return tracker
            }
            state = WatchState(
                trackers: trackers, condition: .decommission, rates: [1000], seed: 7, at: at(0))
            self.serial = serial
        }

        mutating func run(until end: Double) {
            var now = at(0)
            while now <= at(end) {
                let second = (now - at(0)).inSeconds
                while let step = state.next(at: now) {
                    switch step {
                    case .ask(let question):
                        asks.append(second)
                        let sample = WatchState.Sample(held(second), received: now)
                        _ = state.take([sample], serial: nil, for: question, at: now)
                    case .poll(let poll): take(poll, second)
                    }
                }
                guard let next = state.nextInstant(after: now) else { return }
                now = max(next, now)
            }
        }

        private mutating func take(_ poll: WatchState.Poll, _ second: Double) {
            let server = Make.servers(1)[0]
            let asked = poll.scope.questions(for: server)
            polls.append((second, poll.domain, asked))
            if poll.scope.goesFirst { early.append(second) }
            let samples = (0..<asked.mx).map { _ in
                WatchState.Sample(reading(second), received: at(second))
            }
            let start = StartOfAuthority(
                primary: "ns1.example.it", serial: SerialNumber(serial(second)), refresh: 3600, minimum: 300)
            let answer = WatchState.PollAnswer(
                server, samples, asked.serial ? start : nil, at: at(second))
            events += state.take(
                [answer], search: poll.searches ? .success(Make.delegation(1)) : nil, for: poll,
                at: at(second)
            ).map { (second, $0) }
        }

        /// When the server was asked from `start` on about a domain, and for what: `M` and `S`.
        func asked(from start: Double, domain: Int = 0) -> [String] {
            polls.filter { $0.at >= start && $0.domain == domain }.map {
                "\(Int($0.at)):" + ($0.asked.mx > 0 ? "M" : "") + ($0.asked.serial ? "S" : "")
            }
        }
    }

    @Test("the serial every half minute, the MX with it every five minutes")
    func serials() {
        var watch = Watch { $0 < 100 ? 1 : 2 }
        watch.run(until: 760)
        #expect(
            watch.asked(from: 420) == [
                "420:S", "450:S", "480:S", "510:S", "540:S", "570:S", "600:MS", "630:S", "660:S", "690:S",
                "720:S", "750:S",
            ])
    }

    @Test("the MX in its place where the serial was never seen to move")
    func neverMoved() {
        var watch = Watch { _ in 1 }
        watch.run(until: 340)
        #expect(watch.asked(from: 0) == ["0:MS"] + (1...9).map { "\($0 * 30):M" } + ["300:MS", "330:M"])
    }

    @Test("a serial that moves is followed by the MX at once, and a rollback seen within half a minute")
    func moved() {
        var watch = Watch { $0 < 100 ? 1 : $0 < 500 ? 2 : 3 }
        watch.reading = { $0 < 500 ? PolledZone.target : PolledZone.short }
        watch.run(until: 530)
        #expect(watch.asked(from: 480) == ["480:S", "510:S", "510:MS"])
        #expect(watch.events.contains { $0.at == 510 && $0.1 == .level(.regression) })
    }

    @Test("an hour after the second pass is safe, the MX every five minutes is enough")
    func afterwards() throws {
        var watch = Watch(settle: 60) { $0 < 100 ? 1 : 2 }
        watch.run(until: 5400)
        let safe = try #require(watch.state.trackers[0].secondPassAt)
        #expect(safe == at(660))
        #expect(watch.early == [660], "the poll that a level waits for goes before the others")
        let end = (safe - at(0)).inSeconds + 3600
        let asked = watch.polls.filter { $0.at > end + 30 }
        #expect(asked.allSatisfy { $0.asked.mx > 0 } && (3...4).contains(asked.count))
    }

    @Test("domains that share a server are asked about less often; one that a level is near for is not")
    func shared() {
        // 1,000 domains at 20 queries/s: one question about each takes 62.5 s with four fifths of the rate, so the
        // serial is asked for every 125 s, and the MX every five minutes.
        var watch = Watch(domains: 1000) { $0 < 100 ? 1 : 2 }
        watch.run(until: 1500)
        let asked = watch.polls.filter { $0.domain == 3 && $0.at > 400 }
        #expect(
            asked.map(\.at) == [425, 550, 600, 725, 850, 900, 1025, 1150, 1200, 1325, 1450, 1500])
        #expect(asked.filter { $0.asked.mx > 0 }.map(\.at) == [600, 900, 1200, 1500])
        let near = watch.state.trackers[3].nextPoll(after: at(7500), full: at(7450), pace: .seconds(100))
        #expect(near == Due(at(7530), .witness))
    }

    @Test("a round that takes longer than the schedule wants is told of, once all have been asked")
    func slowRound() {
        var watch = Watch(domains: 1000) { $0 < 100 ? 1 : 2 }
        #expect(watch.state.slowRound == nil)
        watch.run(until: 100)
        #expect(watch.state.slowRound == WatchState.SlowRound(domains: 1000, length: .seconds(125), rate: 20))
        var few = Watch(domains: 100) { $0 < 100 ? 1 : 2 }
        few.run(until: 100)
        #expect(few.state.slowRound == nil)
    }

    @Test("a resolver that turns back has the servers asked for the MX at once, whatever was planned")
    func upgraded() throws {
        var watch = Watch { $0 < 100 ? 1 : 2 }
        watch.held = { $0 < 500 ? Make.target() : Make.previous(ttl: 9000) }
        watch.run(until: 610)
        let turnsBack = try #require(watch.asks.first { $0 > 500 })
        #expect(turnsBack < 599)
        #expect(watch.polls.contains { $0.at == turnsBack && $0.asked.mx > 0 })
    }
}
