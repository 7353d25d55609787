import DNS

/// How many queries one address may get now: `rate` a second, and a burst of one second's worth (at
/// least 8, so that the samples of one sweep leave together).
struct TokenBucket {
    let rate: Double
    private let capacity: Double
    private var tokens: Double
    private var updated: Instant

    static let smallestBurst = 8.0

    init(rate: Double, now: Instant) {
        self.rate = rate
        capacity = max(rate, Self.smallestBurst)
        tokens = capacity
        updated = now
    }

    /// Takes one token if there is one.
    mutating func take(at now: Instant) -> Bool {
        refill(at: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// When the next token will be there.
    func nextToken(after now: Instant) -> Instant {
        tokens >= 1 ? now : updated + .nanoseconds(Int64(((1 - tokens) / rate * 1e9).rounded(.up)))
    }

    private mutating func refill(at now: Instant) {
        guard now > updated else { return }
        tokens = min(capacity, tokens + (now - updated).inSeconds * rate)
        updated = now
    }
}
