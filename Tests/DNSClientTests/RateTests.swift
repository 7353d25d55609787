import DNS
import Testing

@testable import DNSClient

@Suite("Rates and deadlines, on given instants")
struct RateTests {
    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    @Test(
        "a burst of one second's worth, at least eight, then the rate",
        arguments: [
            (20.0, 20), (2.0, 8), (100.0, 100), (0.5, 8),
        ])
    func burst(rate: Double, burst: Int) {
        var bucket = TokenBucket(rate: rate, now: at(0))
        var taken = 0
        while bucket.take(at: at(0)) { taken += 1 }
        #expect(taken == burst)
        #expect(bucket.nextToken(after: at(0)) == at(1 / rate))
    }

    @Test("over a long time no more than the rate and the burst", arguments: [1.0, 20.0, 333.0])
    func longRun(rate: Double) {
        var bucket = TokenBucket(rate: rate, now: at(0))
        var taken = 0
        for millisecond in 0..<10_000 {
            while bucket.take(at: at(Double(millisecond) / 1000)) { taken += 1 }
        }
        #expect(Double(taken) <= max(rate, 8) + rate * 10)
        #expect(Double(taken) >= rate * 10)
    }

    @Test("waiting until the next token is enough, and no shorter wait is")
    func nextToken() {
        var bucket = TokenBucket(rate: 7, now: at(0))
        var now = at(0)
        for _ in 0..<100 {
            while bucket.take(at: now) {}
            let next = bucket.nextToken(after: now)
            #expect(next > now)
            var early = bucket
            let isEarly = early.take(at: next - .milliseconds(1))
            #expect(!isEarly)
            now = next
            let isThere = bucket.take(at: now)
            #expect(isThere)
        }
    }

    @Test("a clock that steps back gives no tokens")
    func backwards() {
        var bucket = TokenBucket(rate: 10, now: at(100))
        while bucket.take(at: at(100)) {}
        let taken = bucket.take(at: at(50))
        #expect(!taken)
    }

    @Test("deadlines expire in order, and what is over is passed by")
    func deadlines() {
        var queue = DeadlineQueue()
        for slot in 0..<5 {
            queue.append(.init(deadline: at(Double(slot)), slot: slot, generation: UInt32(slot)))
        }
        queue.dropStale { $0.slot != 0 }
        #expect(queue.first?.slot == 1)
        #expect(queue.popExpired(at: at(0.5)) == nil)
        #expect(queue.popExpired(at: at(2))?.slot == 1)
        #expect(queue.popExpired(at: at(2))?.slot == 2)
        #expect(queue.popExpired(at: at(2)) == nil)
    }

    @Test("identifiers use the whole range")
    func identifiers() {
        var identifiers = SecureIdentifiers()
        let drawn = (0..<20_000).map { _ in identifiers.next() }
        #expect(Set(drawn).count > 15_000)
        #expect(Set(drawn.map { $0 >> 12 }).count == 16)
    }
}
