/// How many queries one address may get now: `rate` a second, and a burst of one second's worth (at
/// least 8, so that the samples of one sweep leave together).
package struct TokenBucket: Sendable {
    package let rate: Double
    private let capacity: Double
    private var tokens: Double
    private var updated: Instant

    package static let smallestBurst = 8.0

    /// Other rates are moved into this range: one query in 1,000 s, and more than any network carries.
    package static let sensibleRates = 0.001...1e9

    package init(rate: Double, now: Instant) {
        let rate = min(
            max(rate.isNaN ? 0 : rate, Self.sensibleRates.lowerBound), Self.sensibleRates.upperBound)
        self.rate = rate
        capacity = max(rate, Self.smallestBurst)
        tokens = capacity
        updated = now
    }

    /// Takes one token if there is one.
    package mutating func take(at now: Instant) -> Bool {
        refill(at: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// Whether the bucket is full, so that it can be forgotten.
    package func isFull(at now: Instant) -> Bool { tokens + (now - updated).inSeconds * rate >= capacity }

    /// Takes tokens even if they are not there: later queries then wait longer.
    package mutating func charge(_ count: Int) { tokens -= Double(count) }

    /// Gives back a token that was not used.
    package mutating func giveBack() { tokens = min(capacity, tokens + 1) }

    /// When the next token will be there.
    package func nextToken(after now: Instant) -> Instant {
        tokens >= 1 ? now : updated + .nanoseconds(Int64(((1 - tokens) / rate * 1e9).rounded(.up)))
    }

    private mutating func refill(at now: Instant) {
        guard now > updated else { return }
        tokens = min(capacity, tokens + (now - updated).inSeconds * rate)
        updated = now
    }
}
