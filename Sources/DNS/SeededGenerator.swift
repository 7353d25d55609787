/// A random number generator with a seed: the same seed gives the same numbers, so a world can be replayed.
///
/// It is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
/// a counter, well mixed. It is good enough for jitter and a laboratory, but never for query IDs or ports.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var counter: UInt64

    package init(seed: UInt64) { counter = seed }

    package mutating func next() -> UInt64 {
        counter &+= 0x9E37_79B9_7F4A_7C15
        var value = counter
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension RandomNumberGenerator {
    /// Whether an event of the given probability (0 to 1) happens this time.
    package mutating func happens(_ probability: Double) -> Bool {
        // Probabilities 0 and 1 draw no number: switching a fault off must not change the rest of a world.
        guard probability > 0 else { return false }
        return probability >= 1 || Double.random(in: 0..<1, using: &self) < probability
    }

    /// A duration drawn evenly from `range`.
    package mutating func duration(in range: ClosedRange<Duration>) -> Duration {
        guard range.lowerBound < range.upperBound else { return range.lowerBound }
        let bounds = range.lowerBound.wholeNanoseconds...range.upperBound.wholeNanoseconds
        return .nanoseconds(Int64.random(in: bounds, using: &self))
    }
}
