import DNS

/// The numbers that the verdict rests on. Each has its default, its bounds and its source.
package struct Policy: Sendable, Equatable {
    /// How many samples in a row must show the target before a resolver is clear.
    ///
    /// Default 3, from 1 to 20. One address is many caches: were a tenth of them stale, n samples miss
    /// them all with probability 0.9ⁿ; the expiry of every copy seen carries the rest of the proof.
    package var confirmations: Int
    /// The least time between the first and the last of these samples.
    ///
    /// Default 10 s when watching, so that one burst over one front end is not taken for many; zero for a
    /// single check, which sends them back to back from different ports.
    package var confirmationSpread: Duration
    /// The share of the non-optional resolvers that must count for a verdict, in percent.
    ///
    /// Default 80, from 1 to 100.
    package var quorum: Int
    /// How long to wait, after the later of propagation and bound, before the second pass.
    ///
    /// Default 2 h: the guide's "some hours after the DNS update has propagated" (G7). From 0 to 7 days.
    package var settle: Duration
    /// The longest TTL that the MX had before it was watched, as the operator knows it.
    ///
    /// Default: not known, `assumedTTL` stands in. From 0 to 604,800 s (RFC 8767 §4 caps there).
    package var previousTTL: TTL?
    /// Whether an earlier run was told `previousTTL`, and not this one: then it says nothing of what came since.
    package internal(set) var isPreviousTTLRecalled = false

    /// How often the authoritative servers are asked until the change is published.
    ///
    /// Default 30 s (§7), from 5 s to 5 min. The demonstration, whose TTLs are seconds, asks more often.
    package var publicationInterval: Duration = .seconds(30)

    package static let confirmationRange = 1...20
    package static let quorumRange = 1...100
    package static let settleRange: ClosedRange<Duration> = .zero ... .seconds(7 * 86_400)
    package static let previousTTLRange = 0...Int(TTL.maximum)

    /// What a TTL that nobody saw is taken to be: a day, the longest that is common for MX records.
    package static let assumedTTL = TTL(seconds: 86_400)
    /// What the TTL of a delegation that nobody saw is taken to be: two days, as most registries have it.
    package static let assumedNameServerTTL = TTL(seconds: 172_800)
    /// A resolver that told nothing for so long does not back a level beyond `published` (§6).
    package static let heardWithin: Duration = .seconds(900)
    /// How long after publication queued mail may still come by the old way: senders try for 4–5 days
    /// (RFC 5321 §4.5.4.1).
    package static let senderPatience: Duration = .seconds(5 * 86_400)

    /// How long copies live of what nobody saw before the watch began, or where nothing else was ever seen.
    package var unseenTTL: TTL { previousTTL ?? Self.assumedTTL }

    package init(
        confirmations: Int = 3, confirmationSpread: Duration = .seconds(10), quorum: Int = 80,
        settle: Duration = .seconds(7200), previousTTL: TTL? = nil
    ) {
        self.confirmations = confirmations
        self.confirmationSpread = confirmationSpread
        self.quorum = quorum
        self.settle = settle
        self.previousTTL = previousTTL
    }
}
