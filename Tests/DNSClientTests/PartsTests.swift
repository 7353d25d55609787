import DNS
import Testing

@testable import DNSClient

/// The pure parts, on given instants.
struct PartsTests {
    private let start = Instant(seconds: 1_000)

    @Test(arguments: [1.0, 20.0, 500.0])
    func bucketsKeepTheRate(rate: Double) {
        var bucket = TokenBucket(rate: rate, now: start)
        var taken = 0
        for millisecond in 0..<10_000 {
            while bucket.take(at: start + .milliseconds(millisecond)) { taken += 1 }
        }
        let most = max(rate, 8) + rate * 10
        #expect(Double(taken) <= most)
        #expect(Double(taken) >= most - rate * 0.01 - 2)
    }

    @Test(arguments: [1.0, 20.0, 333.0])
    func theNextTokenIsThereWhenPromised(rate: Double) {
        var bucket = TokenBucket(rate: rate, now: start)
        while bucket.take(at: start) {}
        let next = bucket.nextToken(after: start)
        var early = bucket
        let isEarly = early.take(at: next - .microseconds(10))
        let isInTime = bucket.take(at: next + .microseconds(1))
        #expect(!isEarly)
        #expect(isInTime)
        #expect(!bucket.isFull(at: next))
        #expect(bucket.isFull(at: next + .seconds(9)))
    }

    @Test(arguments: [0, -1, .nan, .infinity] as [Double])
    func strangeRatesNeitherTrapNorStop(rate: Double) {
        var bucket = TokenBucket(rate: rate, now: start)
        for _ in 0..<20 { _ = bucket.take(at: start) }
        #expect(bucket.nextToken(after: start) <= start + .seconds(1_000))
    }

    @Test func pendingTableKnowsWhatIsOver() {
        var table = PendingTable()
        #expect(table[7] == .unknown)
        for id in 0..<600 as Range<UInt16> { table.insert(Int(id) + 1, id: id &* 109) }
        #expect(table.count == 600)
        for id in 0..<600 as Range<UInt16> { #expect(table[id &* 109] == .slot(Int(id) + 1)) }
        table.end(109)
        table.end(109)
        #expect(table[109] == .over)
        #expect(table.count == 599)
        #expect(!table.slots.contains(2))
        #expect(table[601 &* 109] == .unknown)
    }

    @Test func deadlinesComeInOrderAndStaleOnesGo() {
        var queue = DeadlineQueue()
        for slot in 0..<3 {
            queue.append(.init(deadline: start + .seconds(slot), slot: slot, generation: 0))
        }
        queue.dropStale { $0.slot != 0 }
        #expect(queue.first?.slot == 1)
        #expect(queue.popExpired(at: start) == nil)
        #expect(queue.popExpired(at: start + .seconds(1))?.slot == 1)
        #expect(queue.popExpired(at: start + .seconds(1)) == nil)
    }

    @Test func identifiersSpread() {
        var identifiers = SecureIdentifiers()
        let drawn = (0..<4_096).map { _ in identifiers.next() }
        // 4,096 of 65,536 at random: about 3,971 distinct ones.
        #expect(Set(drawn).count > 3_800)
        #expect(Set((0..<200).map { _ in identifiers.below(8) }) == Set(0..<8))
    }

    @Test func configurationsAreBroughtToSense() {
        var configuration = Configuration(now: { Instant(seconds: 0) })
        configuration.tries = 0
        configuration.inFlightLimit = -1
        configuration.portsPerServer = 0
        configuration.socketLimit = 0
        configuration.timeout = .zero
        let sane = configuration.sane
        #expect([sane.tries, sane.inFlightLimit, sane.portsPerServer, sane.socketLimit] == [1, 1, 1, 1])
        #expect(sane.timeout > .zero)
    }
}
