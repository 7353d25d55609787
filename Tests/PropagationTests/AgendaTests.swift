import Builders
import DNS
import Propagation
import Testing

@Suite("What is due, for whom, and why (§7)")
struct AgendaTests {
    private func agenda(domains: Int = 1, rates: [Double] = [20], limit: Int = 2_000) -> Agenda {
        Agenda(domains: domains, rates: rates, limit: limit, at: at(0))
    }

    private let first = Agenda.Server.resolver(0)

    @Test("it can be asked what comes next and why")
    func asked() {
        var agenda = agenda()
        agenda.plan(Due(at(7), .confirmation), domain: 0, server: first)
        #expect(agenda.planned(domain: 0, server: first) == Due(at(7), .confirmation))
        #expect(agenda.nextInstant(after: at(0)) == at(7))
        #expect(agenda.take(at: at(6.9)) == nil)
        let visit = agenda.take(at: at(7))
        #expect(visit?.server == first && visit?.due == Due(at(7), .confirmation))
        #expect(agenda.nextInstant(after: at(7)) == nil && agenda.take(at: at(100)) == nil)
    }

    @Test("a visit that is planned anew takes the place of the one before")
    func plannedAnew() {
        var agenda = agenda()
        agenda.plan(Due(at(5), .expiry), domain: 0, server: first)
        agenda.plan(Due(at(300), .lookout), domain: 0, server: first)
        agenda.plan(Due(at(2), .confirmation), domain: 0, server: first)
        #expect(agenda.take(at: at(10))?.due == Due(at(2), .confirmation))
        #expect(agenda.take(at: at(1000)) == nil)
    }

    @Test("a visit that is under way stays alone until it is finished")
    func underWay() throws {
        var agenda = agenda()
        agenda.plan(Due(at(0), .first), domain: 0, server: first)
        let taken = agenda.take(at: at(0))
        let visit = try #require(taken)
        agenda.plan(Due(at(0), .expiry), domain: 0, server: first)
        #expect(agenda.take(at: at(1)) == nil)
        agenda.finish(visit)
        agenda.plan(Due(at(0), .expiry), domain: 0, server: first)
        #expect(agenda.take(at: at(1))?.due.purpose == .expiry)
    }

    @Test("rates hold under bulk: a second brings as many as the rate, after the first burst")
    func rates() {
        let domains = 500
        var agenda = agenda(domains: domains, rates: [20, 5])
        for domain in 0..<domains {
            for resolver in 0..<2 {
                agenda.plan(Due(at(0), .expiry), domain: domain, server: .resolver(resolver))
            }
        }
        var taken = [[0, 0]]
        for tenth in 0..<200 {
            if tenth % 10 == 0, tenth > 0 { taken.append([0, 0]) }
            while let visit = agenda.take(at: at(Double(tenth) / 10)) {
                guard case .resolver(let index) = visit.server else { continue }
                taken[taken.count - 1][index] += 1
                agenda.finish(visit)
            }
        }
        #expect(taken[0].enumerated().allSatisfy { index, count in count <= [40, 13][index] })
        #expect(
            taken.dropFirst().allSatisfy { (19...21).contains($0[0]) && (4...6).contains($0[1]) }, "\(taken)")
    }

    @Test("what a visit sends beyond its first query is paid for later")
    func charged() {
        var agenda = agenda(domains: 30, rates: [10])
        for domain in 0..<30 { agenda.plan(Due(at(0), .first), domain: domain, server: first) }
        var taken = 0
        for second in 0..<5 {
            while agenda.take(at: at(Double(second))) != nil {
                agenda.charge(3, to: first)
                taken += 1
            }
        }
        // 10 at once and 10 each second are 50 queries, four a visit.
        #expect((11...14).contains(taken))
        #expect(agenda.nextInstant(after: at(4)).map { $0 > at(4) } == true)
    }

    @Test("where rates are short, what tells of a flip goes before what looks out for surprises")
    func urgency() {
        var agenda = agenda(domains: 40, rates: [10])
        for domain in 0..<40 {
            let purpose: Purpose = domain % 2 == 0 ? .lookout : .expiry
            agenda.plan(Due(at(Double(domain) / 100), purpose), domain: domain, server: first)
        }
        var purposes: [Purpose] = []
        for second in 1...5 {
            while let visit = agenda.take(at: at(Double(second))) { purposes.append(visit.due.purpose) }
        }
        #expect(purposes == Array(repeating: .expiry, count: 20) + Array(repeating: .lookout, count: 20))
    }

    @Test("demand beyond the rate starves neither what is urgent nor what looks out")
    func overload() {
        let domains = 1_500
        var agenda = agenda(domains: domains, rates: [2])
        for domain in 0..<domains { agenda.plan(Due(at(0), .first), domain: domain, server: first) }
        var (seen, lookouts) = (Set<Int>(), 0)
        for second in 0..<7_200 {
            while let visit = agenda.take(at: at(Double(second))) {
                seen.insert(visit.domain)
                if visit.due.purpose == .lookout { lookouts += 1 }
                agenda.finish(visit)
                agenda.plan(Due(at(Double(second) + 300), .lookout), domain: visit.domain, server: first)
            }
        }
        #expect(seen.count == domains)
        #expect(lookouts > 5_000)
    }

    @Test("no more are under way than the limit allows, and every server gets its turn")
    func limit() {
        var agenda = agenda(domains: 10, rates: [100, 100, 100], limit: 6)
        for domain in 0..<10 {
            for resolver in 0..<3 {
                agenda.plan(Due(at(0), .first), domain: domain, server: .resolver(resolver))
            }
        }
        var visits: [Agenda.Visit] = []
        while let visit = agenda.take(at: at(0)) { visits.append(visit) }
        #expect(visits.count == 6)
        #expect(Set(visits.map(\.server)) == [.resolver(0), .resolver(1), .resolver(2)])
        #expect(agenda.nextInstant(after: at(0)) == nil)
        agenda.finish(visits[0])
        #expect(agenda.take(at: at(0)) != nil)
    }
}

@Suite("A watch as a state machine")
struct WatchStateTests {
    private func state(
        resolvers: Int = 2, condition: Condition = .propagated, asksAuthority: Bool = true,
        policy: Policy = Policy(settle: .seconds(60), previousTTL: TTL(seconds: 600))
    ) -> WatchState {
        let tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: policy, resolvers: Make.resolvers(resolvers),
            asksAuthority: asksAuthority)
        return WatchState(
            trackers: [tracker], condition: condition, rates: Array(repeating: 20, count: resolvers),
            seed: 7, at: at(0))
    }

    /// Runs it with answers from two functions until the condition or the deadline; answers take no time.
    private func run(
        _ state: inout WatchState, until deadline: Double, resolver: (Int, Double) -> Reading,
        authority: (Double) -> Reading
    ) -> [(Double, Event)] {
        var events: [(Double, Event)] = []
        var now = at(0)
        while now <= at(deadline), !state.isComplete {
            let second = (now - at(0)).inSeconds
            while let step = state.next(at: now) {
                let concluded: [Event]
                switch step {
                case .ask(let question):
                    let sample = WatchState.Sample(resolver(question.resolver, second), received: now)
                    concluded = state.take(
                        Array(repeating: sample, count: question.samples), serial: SerialNumber(1),
                        for: question, at: now)
                case .poll(let poll):
                    let server = Make.servers(1)[0]
                    concluded = state.take(
                        [WatchState.PollAnswer(server, .init(authority(second), received: now))],
                        search: .success(Make.delegation(1)), for: poll, at: now)
                }
                events += concluded.map { (second, $0) }
            }
            guard let next = state.nextInstant(after: now) else { break }
            now = max(next, now)
        }
        return events
    }

    private func instant(_ events: [(Double, Event)], _ event: Event) -> Double? {
        events.first { $0.1 == event }?.0
    }

    private let previous = Make.previous(ttl: 600, isAuthoritative: true)
    private let target = Make.target(isAuthoritative: true)

    @Test("before the switch resolvers are only looked in on; after it they are asked at once")
    func nothingToLearn() throws {
        var state = state()
        var asked: [Double] = []
        let events = run(
            &state, until: 5000,
            resolver: { index, second in
                if index == 0 { asked.append(second) }
                return second < 1000 ? Make.previous(ttl: 60) : Make.target()
            }, authority: { $0 < 1000 ? previous : target })
        // At second 0, then every five minutes, less the jitter; an expiry every minute teaches nothing.
        #expect(asked.filter { $0 < 1000 }.count == 4)
        let published = try #require(instant(events, .level(.published)))
        #expect((1000...1030).contains(published))
        #expect(asked.contains(published))
        let propagated = try #require(instant(events, .level(.propagated)))
        #expect(propagated <= published + 12)
    }

    @Test("the whole way to the second pass: bound, settle, and a last look at the authority")
    func secondPass() throws {
        var state = state(condition: .secondPass)
        var polls: [Double] = []
        let events = run(
            &state, until: 10_000,
            resolver: { _, second in second < 400 ? Make.previous(ttl: 30) : Make.target() },
            authority: { second in
                polls.append(second)
                return second < 310 ? previous : target
            })
        let published = try #require(instant(events, .level(.published)))
        let safe = try #require(instant(events, .level(.secondPassSafe)))
        #expect(safe == published + 600 + 60)
        #expect(polls.last == safe, "the last poll is the one that confirms")
        #expect(state.isComplete)
    }

    @Test("with nobody to ask, the instant itself brings the level")
    func withoutAuthority() throws {
        var state = state(condition: .secondPass, asksAuthority: false)
        let events = run(
            &state, until: 10_000, resolver: { _, _ in Make.target() }, authority: { _ in target })
        let propagated = try #require(instant(events, .level(.propagated)))
        #expect(instant(events, .level(.secondPassSafe)) == propagated + 600 + 60)
    }

    @Test("the SOA rides along with the first sweep, with a flip, and every half hour")
    func serials() {
        var state = state(resolvers: 1, condition: .decommission)
        var withSerial: [Double] = []
        var now = at(0)
        while now < at(6000) {
            let second = (now - at(0)).inSeconds
            while let step = state.next(at: now) {
                switch step {
                case .ask(let question):
                    if question.asksSerial { withSerial.append(second) }
                    let reading = second < 1000 ? Make.previous(ttl: 50) : Make.target()
                    _ = state.take(
                        [.init(reading, received: now)], serial: question.asksSerial ? SerialNumber(1) : nil,
                        for: question, at: now)
                case .poll(let poll):
                    _ = state.take(
                        [.init(Make.servers(1)[0], .init(target, received: now))],
                        search: .success(Make.delegation(1)), for: poll, at: now)
                }
            }
            guard let next = state.nextInstant(after: now) else { break }
            now = max(next, now)
        }
        #expect(withSerial.count == 4, "\(withSerial)")
        #expect(withSerial.first == 0)
        #expect(withSerial[1] > 1000 && withSerial[1] < 1060)
    }

    @Test("one seed gives one course", arguments: [1, 2] as [UInt64])
    func reproducible(seed: UInt64) {
        func course() -> [Double] {
            let tracker = DomainTracker(
                domain: Make.domain, target: .qboxmail, policy: Policy(), resolvers: Make.resolvers(3))
            var state = WatchState(
                trackers: [tracker], condition: .propagated, rates: [20, 20, 20], seed: seed, at: at(0))
            return run(
                &state, until: 2000, resolver: { index, _ in Make.previous(ttl: 100 + index) },
                authority: { _ in target }
            ).map(\.0) + [(state.nextInstant(after: at(2000))! - at(0)).inSeconds]
        }
        #expect(course() == course())
    }
}
