import Builders
import DNS
import Propagation
import Testing

/// Since when a resolver shows the target: its copies' age tells (§2).
@Suite("Since when")
struct TargetAgeTests {
    private var tracker: DomainTracker = {
        var tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: Policy(), resolvers: Make.resolvers(2))
        tracker.authority.take(.success(Make.delegation(1)), at: at(0))
        return tracker
    }()

    private mutating func poll(_ second: Double, _ reading: Reading) {
        tracker.authority.take([
            WatchState.PollAnswer(
                Make.servers(1)[0], WatchState.Sample(reading, received: at(second), roundTrip: .zero))
        ])
        _ = tracker.conclude(at: at(second))
    }

    private mutating func show(_ second: Double, left: Int) {
        tracker.record(Make.target(ttl: left), resolver: 0, at: at(second))
    }

    private func since(at second: Double) -> Instant? { tracker.resolvers[0].targetSince(at: at(second)) }

    private mutating func publish(_ second: Double, ttl: Int = 600) {
        poll(second, Make.target(ttl: ttl, isAuthoritative: true))
    }

    @Test("the first look dates it: a copy is as old as its TTL has run down")
    mutating func firstLook() {
        publish(1000)
        show(1000, left: 250)
        publish(1000.1)
        #expect(since(at: 1001) == at(650))
    }

    @Test("of several caches the one that fetched last counts")
    mutating func latestFetch() {
        publish(1000)
        for left in [250, 580, 30] { show(1000, left: left) }
        publish(1000.1)
        #expect(since(at: 1001) == at(980))
    }

    @Test("what the same cache fetches next is no news")
    mutating func refetch() {
        publish(1000)
        show(1000, left: 250)
        publish(1000.1)
        for (second, left) in [(1100.0, 150), (1260.0, 590), (1900.0, 550)] {
            show(second, left: left)
            publish(second + 0.1)
        }
        #expect(since(at: 2000) == at(650))
    }

    @Test("a copy that lives longer than the servers' TTL is dated by when it was shown")
    mutating func longerThanServed() {
        publish(1000)
        show(1000, left: 3600)
        publish(1000.1)
        #expect(since(at: 1001) == at(1000))
    }

    @Test("a copy that looks older than the change was given a shorter TTL")
    mutating func capped() {
        poll(900, Make.previous(ttl: 600, isAuthoritative: true))
        poll(950, Make.target(ttl: 86_400, isAuthoritative: true))
        show(1000, left: 21_600)
        publish(1000.1, ttl: 86_400)
        #expect(since(at: 1001) == at(1000))
    }

    @Test("it is dated when the servers are heard, and a TTL that is raised later changes nothing")
    mutating func heardLater() {
        show(1000, left: 250)
        #expect(since(at: 1000) == at(1000))
        publish(1030)
        #expect(since(at: 1030) == at(650))
        publish(1100, ttl: 86_400)
        #expect(since(at: 1100) == at(650))
    }

    @Test("behind an alias the MX is as old as others made it: the first look dates it")
    mutating func alias() {
        publish(1000)
        let records =
            [Make.cname(Make.domain, "mx.far.it")]
            + Make.mx([(10, "mx01.cbsolt.net")], ttl: 10, owner: "mx.far.it")
        tracker.record(Make.reading(Make.answer(records)), resolver: 0, at: at(1000))
        publish(1000.1)
        #expect(since(at: 1001) == at(1000))
    }

    @Test("another MX in between begins it anew, and a copy of it that lives on comes before")
    mutating func interrupted() {
        publish(1000)
        show(1000, left: 250)
        publish(1000.1)
        tracker.record(Make.previous(ttl: 100), resolver: 0, at: at(1010))
        show(1020, left: 590)
        publish(1020.1)
        #expect(since(at: 1050) == nil)
        #expect(since(at: 1200) == at(1110))
    }
}
