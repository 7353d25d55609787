import DNS

/// When to ask next (§7): where there is something to learn, and not before.
package enum Schedule {
    /// No resolver is asked about one domain more often than this.
    package static let shortestInterval: Duration = .seconds(5)
    /// No resolver is left unasked for longer, to notice other caches and changes of mind.
    package static let longestInterval: Duration = .seconds(300)
    /// A copy is asked for again this long after it should have expired …
    package static let afterExpiry: Duration = .milliseconds(500)
    /// … plus a random part of this, so that many domains do not ask in the same instant.
    package static let jitter: Duration = .seconds(1)
    /// After the first target sample: when to confirm it.
    package static let confirmationsAfter: [Duration] = [.seconds(5), .seconds(10), .seconds(20)]
    /// Authoritative servers: until the change is published, and after.
    package static let authorityBeforePublication: Duration = .seconds(30)
    package static let authorityAfterPublication: Duration = .seconds(300)
}

extension ResolverState {
    /// The instant of the next sample.
    ///
    /// - Parameter jitter: 0 to 1, drawn by the caller, once for each sample.
    package func nextSample(after now: Instant, jitter: Double, policy: Policy) -> Instant {
        guard let checkedAt else { return now }
        let soonest = checkedAt + Schedule.shortestInterval
        let latest = checkedAt + Schedule.longestInterval
        let wanted = wantedSample(checkedAt, jitter: Schedule.jitter * jitter, policy: policy)
        return min(max(wanted, soonest), latest)
    }

    private func wantedSample(_ checkedAt: Instant, jitter: Duration, policy: Policy) -> Instant {
        if let last, !last.state.isInformative { return checkedAt + retryInterval + jitter }
        var candidates: [Instant] = []
        if let expiry = nextExpiry(after: checkedAt) {
            candidates.append(expiry + Schedule.afterExpiry + jitter)
        }
        if let next = nextConfirmation(after: checkedAt, policy: policy) { candidates.append(next) }
        // A copy with TTL 0 has expired as it came: the next question is answered anew.
        if candidates.isEmpty, let last, last.state != .target { return checkedAt }
        return candidates.min() ?? checkedAt + Schedule.longestInterval
    }

    /// Resolvers remember failures for up to five minutes (RFC 9520 §3.2), so patience doubles.
    private var retryInterval: Duration {
        Schedule.shortestInterval * (1 << min(uninformativeInARow, 6))
    }

    private func nextConfirmation(after instant: Instant, policy: Policy) -> Instant? {
        guard let runBegan, !isClear(at: instant, policy: policy) else { return nil }
        let planned = Schedule.confirmationsAfter.map { runBegan + $0 }.first { $0 > instant }
        if let planned { return planned }
        // All planned confirmations are in: what is missing is more of them, a wider spread, or an old
        // copy's expiry.
        guard confirmations >= policy.confirmations else { return instant + Schedule.shortestInterval }
        let spread = runBegan + policy.confirmationSpread
        return max(spread, oldUntil ?? spread)
    }
}

extension AuthorityState {
    /// The instant of the next poll of all authoritative servers, after one at `last`.
    package func nextPoll(after last: Instant, isPublished: Bool) -> Instant {
        let regular =
            last + (isPublished ? Schedule.authorityAfterPublication : Schedule.authorityBeforePublication)
        guard !isPublished, let blockedUntil, blockedUntil > last else { return regular }
        return min(regular, blockedUntil)
    }
}
