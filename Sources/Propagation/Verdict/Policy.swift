import DNS

/// The numbers that the verdict rests on. Each has its default, its bounds and its source.
package struct Policy: Sendable, Equatable {
    /// How many samples in a row must show the target before a resolver is clear.
    ///
    /// Default 3, from 1 to 20. One address is many caches: if a tenth are stale, n samples miss them all
    /// with probability 0.9ⁿ. The expiry of every copy seen carries the rest of the proof.
    package var confirmations: Int
    /// The least time between the first and the last of these samples.
    ///
    /// Default 10 s when watching, so that one burst to one front end does not count as many; zero for a
    /// single check, which sends them back to back from different ports.
    package var confirmationSpread: Duration
    /// The share of the non-optional resolvers that must count for a verdict, in percent.
    ///
    /// Default 80, from 1 to 100.
    package var quorum: Int
    /// *Settle*: how long to wait before the second pass, after the later of propagation and bound (§5).
    ///
    /// Default 2 h: the guide's "some hours after the DNS update has propagated" (G7). From 0 to 7 days.
    package var settle: Duration
    /// The operator's word on the longest TTL that the MX had before the watch.
    ///
    /// Default: none, and `assumedTTL` stands in. From 0 to 604,800 s, the cap of RFC 8767 §4.
    package var previousTTL: TTL?
    /// Whether only an earlier run was told `previousTTL`: then it does not cover the time since.
    package internal(set) var isPreviousTTLRecalled = false

    /// How often the authoritative servers are asked until the change is published.
    ///
    /// Default 30 s (§7), from 5 s to 5 min; less in the demonstration, whose TTLs are seconds.
    package var publicationInterval: Duration = .seconds(30)

    package static let confirmationRange = 1...20
    package static let quorumRange = 1...100
    package static let settleRange: ClosedRange<Duration> = .zero ... .seconds(7 * 86_400)
    package static let previousTTLRange = 0...Int(TTL.maximum)

    /// The assumed TTL of an unseen MX RRset: a day, the longest that is common.
    package static let assumedTTL = TTL(seconds: 86_400)
    /// The assumed TTL of an unseen delegation: two days, as at most registries.
    package static let assumedNameServerTTL = TTL(seconds: 172_800)
    /// A resolver that told nothing for this long backs no level beyond `published` (§6).
    package static let heardWithin: Duration = .seconds(900)
    /// How long queued mail may still go to the old server: senders try for 4–5 days (RFC 5321 §4.5.4.1).
    package static let senderPatience: Duration = .seconds(5 * 86_400)

    /// The lifetime of copies of what was unseen, before the watch began or where nothing else was ever seen.
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
