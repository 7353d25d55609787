import DNS
import Propagation

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
    /// Whether `goneBy` is so late because nobody looked when the TTL was lowered: the servers were seen to serve
    /// a longer one, and next seen after `loweredAt`.
    package let isSeenLate: Bool
    /// Resolvers that hold a copy from before, which lives longer than any that can be fetched now.
    package let longHolders: Int
    /// Until when the last of these copies lives.
    package let heldUntil: Instant?
    /// Resolvers that hold a copy which lives longer than that and can be none from before: they stretch TTLs.
    package let stretching: Int
    /// The longest that such a copy was seen to live.
    package let stretchedTo: TTL?
    /// Until when the last copy lives that any resolver was seen to hold.
    package let cachedUntil: Instant?
    /// How far behind the others a server that tells nothing is taken to be at most, and what copies of it may
    /// carry until then; `nil` where every server tells.
    package let silent: Silence?

    package struct Silence: Sendable, Hashable {
        package var lag: Duration
        /// What such a server was last heard to serve; zero where none was heard.
        package var lifetime: TTL
        /// By when copies are gone that it gave before it is in step with the others' low TTL.
        var goneBy: Instant?
    }

    /// - Returns: `nil` where no authoritative server tells what it serves.
    package init?(_ tracker: DomainTracker, loweredSince: Instant?, at now: Instant) {
        let readings = tracker.authority.servers.compactMap(tracker.authority.effectiveReading)
        // Of a negative TTL the whole: what the zone says is to be lowered, though caches keep to 3 h of it.
        let lifetimes = readings.flatMap { [$0.lifetime, $0.ttl].compactMap { $0 } }
        guard !readings.isEmpty else { return nil }
        let served = lifetimes.max() ?? TTL(seconds: 0)
        self.served = served
        let isLowered = served <= PlanGuide.timeToLive.upperBound
        self.isLowered = isLowered
        atSwitch = isLowered ? served : PlanGuide.timeToLive.lowerBound
        let loweredAt = isLowered ? loweredSince : now
        self.loweredAt = loweredAt
        let unseenUntil = loweredAt ?? tracker.authority.unseenUntil ?? now
        cachedUntil = tracker.countedResolvers.compactMap(\.oldUntil).max()
        // The resolvers' answers may come some seconds after the servers', with the same whole seconds left.
        let fromBefore =
            max(unseenUntil + tracker.longestFromBefore.duration, tracker.authority.endedBound ?? unseenUntil)
            + DomainTracker.oneSweep
        let long = tracker.longHolders(served, at: now)
        let stretching = isLowered ? long.filter { $0.until > fromBefore } : []
        self.stretching = stretching.count
        stretchedTo = stretching.map(\.lifetime).max()

        // A resolver that shows a longer lifetime proves it, whatever was said; so do the servers.
        let stretched = stretchedTo ?? TTL(seconds: 0)
        let held = tracker.longestHeld.flatMap { $0 > stretched ? $0 : nil }
        let proven = [held, tracker.authority.longestSeen, served].compactMap { $0 }.max() ?? served
        longest = max(tracker.policy.unseenTTL, proven)
        isAssumed = tracker.policy.previousTTL == nil && proven <= Policy.assumedTTL
        let holders = isLowered ? long.map(\.until).filter { $0 <= fromBefore } : []
        longHolders = holders.count
        heldUntil = holders.max()
        silent = tracker.authority.silence(lowSince: unseenUntil)
        let usual =
            [unseenUntil + longest.duration, heldUntil, silent?.goneBy].compactMap { $0 }.max() ?? now
        goneBy = max(usual, tracker.authority.endedBound ?? usual)
        isSeenLate = isLowered && loweredAt != nil && goneBy > usual
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
        let afterSilence = silent.map { instant + $0.lag + max(atSwitch, $0.lifetime).duration }
        return max(instant + atSwitch.duration, goneBy, afterSilence ?? goneBy)
    }

    /// By when the resolvers serve the new MX that were seen, after a switch at `instant`: those that stretch
    /// TTLs, and what they hold now, among them.
    package func propagated(switchingAt instant: Instant) -> Instant {
        let stretched = instant + max(atSwitch, stretchedTo ?? atSwitch).duration
        return max(stretched, cachedUntil ?? stretched, instant + (silent?.lag ?? .zero))
    }
}

// MARK: - What was seen

extension DomainTracker {
    /// The copies that live longer than one that is fetched now: until when, and for how long when they were seen.
    fileprivate func longHolders(_ served: TTL, at now: Instant) -> [(until: Instant, lifetime: TTL)] {
        countedResolvers.compactMap { resolver in
            guard let until = resolver.oldUntil,
                until > now + served.duration + .seconds(Int64(Self.roundingOfTTLs))
            else {
                return nil
            }
            return (until, resolver.holding?.lifetime ?? served)
        }
    }

    /// How long a copy from before the TTL was lowered can live at most, for all that was said and seen; any time,
    /// where a resolver has disproved the day that is assumed.
    fileprivate var longestFromBefore: TTL {
        let known = [policy.unseenTTL, authority.longestSeen, longestHeld].compactMap { $0 }.max()
        if policy.previousTTL == nil, let longestHeld, longestHeld > Policy.assumedTTL {
            return TTL(seconds: Int(TTL.maximum))
        }
        return known ?? policy.unseenTTL
    }
}

extension AuthorityState {
    /// What servers that tell nothing may serve, while the others have served a low TTL since an instant; `nil`
    /// where there is none.
    fileprivate func silence(lowSince instant: Instant) -> PlanLifetimes.Silence? {
        let silent = servers.filter { $0.standing.isSilent }
        guard !silent.isEmpty || !unresolved.isEmpty else { return nil }
        let wait = longestSilence
        return PlanLifetimes.Silence(
            lag: wait, lifetime: silent.compactMap(\.exposure.current).max() ?? TTL(seconds: 0),
            goneBy: silent.compactMap { $0.exposure.bound(stoppingAt: $0.inStep(with: instant, wait: wait)) }
                .max())
    }
}
