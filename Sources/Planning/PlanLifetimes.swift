import DNS
import Propagation

/// How long copies of a name's MX live: of what is served now, and of what was before its TTL was lowered.
///
///     served before: `longest`          served now
///     ─────────────────────────┬──────────────────────► now ······ the switch
///                        `loweredAt`
///                              └── `longest` ──► `goneBy`: copies from before are gone
///
/// The unseen is taken as in a verdict (`DomainTracker.bound`): until the TTL is known to be low, or the
/// servers first answered, a copy may carry the operator's TTL, one that a resolver showed, or else a day.
package struct PlanLifetimes: Sendable, Hashable {
    /// The longest lifetime that an answering server gives its copies.
    package let served: TTL
    /// Whether `served` is as short as the guide wants.
    package let isLowered: Bool
    /// The lifetime of copies fetched right before the switch.
    package let atSwitch: TTL
    /// The longest lifetime of a copy from before the TTL was lowered.
    package let longest: TTL
    /// Whether `longest` is only the day that a verdict assumes.
    package let isAssumed: Bool
    /// Since when the TTL is low; `now` where it is not yet; `nil` where unknown.
    package let loweredAt: Instant?
    /// When the last copy from before `loweredAt` that respects its TTL expires.
    package let goneBy: Instant
    /// Whether `goneBy` is late because the lowering was seen late: a server served a longer TTL, and was
    /// next asked after `loweredAt`.
    package let isSeenLate: Bool
    /// Resolvers that hold a copy from before, which outlives any fetched now.
    package let longHolders: Int
    /// When the last of these copies expires.
    package let heldUntil: Instant?
    /// Resolvers whose copy outlives even one from before: they stretch TTLs.
    package let stretching: Int
    /// The longest lifetime of such a copy.
    package let stretchedTo: TTL?
    /// When the last copy that any resolver showed expires.
    package let cachedUntil: Instant?
    /// How far silent servers may lag, and what their copies may carry until then; `nil` where all tell.
    package let silent: Silence?

    package struct Silence: Sendable, Hashable {
        package var lag: Duration
        /// The longest lifetime last heard from such a server; zero where none was heard.
        package var lifetime: TTL
        /// When copies expire that it gave before being in step with the others' low TTL.
        var goneBy: Instant?
    }

    /// - Returns: `nil` where no authoritative server tells what it serves.
    package init?(_ tracker: DomainTracker, loweredSince: Instant?, at now: Instant) {
        let readings = tracker.authority.servers.compactMap(tracker.authority.effectiveReading)
        // The whole negative TTL counts: the zone's should be lowered, though caches cap it at 3 h.
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
        // Resolvers answer some seconds after the servers, with the same whole seconds left.
        let fromBefore =
            max(unseenUntil + tracker.longestFromBefore.duration, tracker.authority.endedBound ?? unseenUntil)
            + DomainTracker.oneSweep
        let long = tracker.longHolders(served, at: now)
        let stretching = isLowered ? long.filter { $0.until > fromBefore } : []
        self.stretching = stretching.count
        stretchedTo = stretching.map(\.lifetime).max()

        // A longer lifetime that a resolver or server shows is proof, whatever the operator said.
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

    /// The earliest good moment for the switch: copies from before are gone, and, where their lifetime is
    /// assumed, the guide's two days have passed.
    package var readyAt: Instant? {
        guard isLongBefore else { return nil }
        guard isAssumed, let loweredAt else { return goneBy }
        return max(goneBy, loweredAt + PlanGuide.loweredAhead)
    }

    /// Whether it is known since when the TTL is low, if that matters.
    package func isLoweringKnown(at now: Instant) -> Bool {
        !isLongBefore || isLowered && (loweredAt != nil || isGone(at: now))
    }

    /// Whether copies from before are gone.
    package func isGone(at now: Instant) -> Bool { goneBy <= now }

    /// When every copy fetched before a switch at `instant` is gone.
    package func bound(switchingAt instant: Instant) -> Instant {
        let afterSilence = silent.map { instant + $0.lag + max(atSwitch, $0.lifetime).duration }
        return max(instant + atSwitch.duration, goneBy, afterSilence ?? goneBy)
    }

    /// When the resolvers seen serve the new MX after a switch at `instant`, TTL stretchers among them.
    package func propagated(switchingAt instant: Instant) -> Instant {
        let stretched = instant + max(atSwitch, stretchedTo ?? atSwitch).duration
        return max(stretched, cachedUntil ?? stretched, instant + (silent?.lag ?? .zero))
    }
}

// MARK: - What was seen

extension DomainTracker {
    /// The copies that outlive one fetched now: their expiry, and their lifetime when seen.
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

    /// The longest lifetime of a copy from before the TTL was lowered, by what was said and seen; the
    /// greatest TTL there is, where a resolver disproved the assumed day.
    fileprivate var longestFromBefore: TTL {
        let known = [policy.unseenTTL, authority.longestSeen, longestHeld].compactMap { $0 }.max()
        if policy.previousTTL == nil, let longestHeld, longestHeld > Policy.assumedTTL {
            return TTL(seconds: Int(TTL.maximum))
        }
        return known ?? policy.unseenTTL
    }
}

extension AuthorityState {
    /// What silent servers may serve while the others serve a low TTL since `instant`; `nil` if all tell.
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
