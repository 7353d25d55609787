import DNS

/// How long copies of a name's MX live: of what the authoritative servers serve now, and of what they served
/// before its TTL was lowered.
///
///     served before: `longest`          served now
///     ─────────────────────────┬──────────────────────► now ······ the switch
///                        `loweredAt`
///                              └── `longest` ──► `goneBy`: copies from before are gone
///
/// What nobody saw is taken as the verdict takes it (`DomainTracker.bound`): until the TTL is known to have been
/// low, or the servers were first heard, a copy may carry the TTL that the operator gave, that a resolver showed,
/// or else a day.
package struct PlanLifetimes: Sendable, Hashable {
    /// The longest that any answering server gives its copies.
    package let served: TTL
    /// Whether that is as short as the guide wants it.
    package let isLowered: Bool
    /// How long copies live that are fetched right before the switch.
    package let atSwitch: TTL
    /// The longest lifetime of a copy from before the TTL was lowered.
    package let longest: TTL
    /// Nobody knows that: it is the one that the verdict assumes.
    package let isAssumed: Bool
    /// Since when the TTL is low; the present, where it is to be lowered first; `nil` where nobody knows.
    package let loweredAt: Instant?
    /// By when every copy from before that respects its TTL is gone.
    package let goneBy: Instant
    /// Resolvers that hold a copy which lives longer than any that can be fetched now.
    package let longHolders: Int
    /// Until when the last of these copies lives.
    package let heldUntil: Instant?

    /// - Returns: `nil` where no authoritative server tells what it serves.
    package init?(_ tracker: DomainTracker, loweredSince: Instant?, at now: Instant) {
        let readings = tracker.authority.servers.compactMap(tracker.authority.effectiveReading)
        guard let served = readings.map({ $0.lifetime ?? TTL(seconds: 0) }).max() else { return nil }
        self.served = served
        let isLowered = served <= PlanGuide.timeToLive.upperBound
        self.isLowered = isLowered
        atSwitch = isLowered ? served : PlanGuide.timeToLive.lowerBound
        var longest = tracker.policy.unseenTTL
        var isAssumed = tracker.policy.previousTTL == nil
        // A resolver that shows a longer lifetime proves it, whatever was said.
        let proven = [tracker.longestHeld, isLowered ? nil : served].compactMap { $0 }.max()
        if let proven, proven > longest { (longest, isAssumed) = (proven, false) }
        self.longest = longest
        self.isAssumed = isAssumed
        loweredAt = isLowered ? loweredSince : now
        let holders = Self.longHolders(tracker, served: isLowered ? served : longest, at: now)
        longHolders = holders.count
        heldUntil = holders.max()
        let unseenUntil = loweredAt ?? tracker.authority.unseenUntil ?? now
        let bounds = [unseenUntil + longest.duration, heldUntil, tracker.authority.endedBound]
        goneBy = bounds.compactMap { $0 }.max() ?? now
    }

    /// Caches count in whole seconds, and may round up.
    private static let roundingOfTTLs: Duration = .seconds(2)

    /// When the copies expire that live longer than one that is fetched now.
    private static func longHolders(_ tracker: DomainTracker, served: TTL, at now: Instant) -> [Instant] {
        tracker.countedResolvers.compactMap(\.oldUntil)
            .filter { $0 > now + served.duration + roundingOfTTLs }
    }

    /// Whether copies from before may live longer than the guide allows.
    package var isLongBefore: Bool { !isLowered || longest > PlanGuide.timeToLive.upperBound }

    /// The earliest good moment for the switch: copies from before are gone, and where nobody knows how long
    /// they live, the guide's two days have passed as well.
    package var readyAt: Instant? {
        guard isLongBefore else { return nil }
        guard isAssumed, let loweredAt else { return goneBy }
        return max(goneBy, loweredAt + PlanGuide.loweredAhead)
    }

    /// Whether it is known since when the TTL is low, as far as that matters.
    package func isLoweringKnown(at now: Instant) -> Bool {
        !isLongBefore || isLowered && (loweredAt != nil || isGone(at: now))
    }

    /// Whether they are gone, as far as is known.
    package func isGone(at now: Instant) -> Bool { goneBy <= now }

    /// By when every copy is gone that was fetched before a switch at `instant`.
    package func bound(switchingAt instant: Instant) -> Instant {
        max(instant + atSwitch.duration, goneBy)
    }
}
