import DNS

/// When to ask next (§7): when there is something to learn.
package enum Schedule {
    /// The shortest time between two samples of one resolver for one domain.
    package static let shortestInterval: Duration = .seconds(5)
    /// The longest time between two samples: it finds other caches, and rollbacks.
    package static let longestInterval: Duration = .seconds(300)
    /// A sample comes this long after a copy's expiry …
    package static let afterExpiry: Duration = .milliseconds(500)
    /// … plus a random part of this, so that domains do not ask in the same instant.
    package static let jitter: Duration = .seconds(1)
    /// Look-outs come up to this much before the longest interval ends, for the same reason.
    package static let lookoutJitter: Duration = .seconds(10)
    /// When to confirm the first target sample.
    package static let confirmationsAfter: [Duration] = [.seconds(5), .seconds(10), .seconds(20)]
    /// Samples of a resolver in the first sweep, at once and from different ports: they find separate caches.
    package static let firstSamples = 3
    /// The SOA comes along with a due MX sample if the last one is this old, and after a flip.
    package static let serialInterval: Duration = .seconds(1800)

    /// From how many source ports an authoritative server is asked until publication, and before each level:
    /// of four back ends behind one address, one may be stale (§3).
    package static let portsOfServer = 3
    /// Between polls for the MX after publication; before, `Policy.publicationInterval`.
    package static let authorityAfterPublication: Duration = .seconds(300)
    /// The longest time between two answers about the MX, unless two polls fail in a row or the machine
    /// sleeps.
    package static let longestGap: Duration = authorityAfterPublication * 2 + .seconds(30)
    /// How long after `second_pass_safe` the servers are still witnessed: the second pass runs then.
    package static let witnessAfterSecondPass: Duration = .seconds(3600)
    /// The share of an authoritative server's rate for regular polls; the rest is for domains near a level.
    package static let regularShare = 0.8
    /// Questions to each server in a poll before publication: the MX from each port, and the SOA.
    static let questionsOfPoll = portsOfServer + 1
    /// Intervals at a busy server after publication, in paces (`ServerLoad.pace`): half of the regular share
    /// goes to polls for the MX, two questions each, half to witness polls.
    static let (pacesOfRegression, pacesOfWitness) = (4, 2)
    /// How long before it is due a level is *near*.
    package static let nearness: Duration = .seconds(600)

    /// How often the delegation is searched anew.
    package static let searchInterval: Duration = .seconds(300)
}

/// The *purpose* of a visit: why it is due at its instant.
package enum Purpose: Sendable, Hashable {
    /// Nothing is known yet.
    case first
    /// A copy has just expired.
    case expiry
    /// Target samples need confirmation.
    case confirmation
    /// A *look-out*: finds other caches behind the address, and rollbacks.
    case lookout
    /// It told nothing the last time.
    case retry
    /// Authoritative servers: whether the change is published.
    case publication
    /// Authoritative servers: whether the change is taken back, or was meanwhile.
    case regression
    /// Authoritative servers, in between: a *witness* poll, one question a server, shows whether anything was
    /// edited.
    case witness
    /// Silent authoritative servers stop blocking publication.
    case blockEnd
    /// All else is met for the next level, which has to be confirmed.
    case level

    /// *Urgent* visits can show a flip. Where rates are short they go before the others, the *patient* ones.
    package var isUrgent: Bool {
        switch self {
        case .lookout, .regression, .witness, .retry: false
        case .first, .expiry, .confirmation, .publication, .blockEnd, .level: true
        }
    }
}

/// When something is due, and why.
package struct Due: Sendable, Hashable {
    package var at: Instant
    package var purpose: Purpose

    package init(_ at: Instant, _ purpose: Purpose) {
        self.at = at
        self.purpose = purpose
    }
}

extension ResolverState {
    /// When the next sample is due.
    ///
    /// - Parameters:
    ///   - jitter: 0 to 1, drawn by the caller for each sample.
    ///   - mayFlip: as `DomainTracker.mayFlip`; before, an expiry teaches nothing.
    ///   - level: when a level needs this resolver's confirmation; `nil` where none does.
    package func nextSample(
        after now: Instant, jitter: Double, policy: Policy, mayFlip: Bool = true, level: Instant? = nil
    ) -> Due {
        guard let checkedAt else { return Due(now, .first) }
        var due = wantedSample(checkedAt, jitter: jitter, policy: policy, mayFlip: mayFlip)
        if let level, !wasAsked(since: level), level < due.at { due = Due(max(level, now), .level) }
        let latest = checkedAt + Schedule.longestInterval
        if due.at > latest { due = Due(latest - Schedule.lookoutJitter * jitter, .lookout) }
        due.at = max(due.at, checkedAt + Schedule.shortestInterval)
        return due
    }

    private func wantedSample(
        _ checkedAt: Instant, jitter: Double, policy: Policy, mayFlip: Bool
    ) -> Due {
        if let last, !last.state.isInformative {
            return Due(checkedAt + retryInterval + Schedule.jitter * jitter, .retry)
        }
        let lookout = Due(checkedAt + Schedule.longestInterval - Schedule.lookoutJitter * jitter, .lookout)
        guard mayFlip else { return lookout }
        var candidates: [Due] = []
        if let expiry = copies.nextExpiry(after: checkedAt) {
            candidates.append(Due(expiry + Schedule.afterExpiry + Schedule.jitter * jitter, .expiry))
        }
        if let next = nextConfirmation(after: checkedAt, policy: policy) {
            candidates.append(Due(next, .confirmation))
        }
        // A copy with TTL 0 is already expired: the next question is answered anew.
        if candidates.isEmpty, let last, last.state != .target { return Due(checkedAt, .expiry) }
        return candidates.min { $0.at < $1.at } ?? lookout
    }

    /// Resolvers cache failures for up to five minutes (RFC 9520 §3.2), so the interval doubles.
    private var retryInterval: Duration {
        Schedule.shortestInterval * (1 << min(uninformativeInARow, 6))
    }

    private func nextConfirmation(after instant: Instant, policy: Policy) -> Instant? {
        guard let runBegan, !isClear(at: instant, policy: policy) else { return nil }
        // A live old copy prevents confirmation. One more sample may find another cache; then its expiry is
        // waited for.
        if let oldUntil, oldUntil > instant + Schedule.confirmationsAfter[2], confirmations > 1 {
            return oldUntil + Schedule.afterExpiry
        }
        let planned = Schedule.confirmationsAfter.map { runBegan + $0 }.first { $0 > instant }
        if let planned { return planned }
        // Now more samples, a wider spread, or an old copy's expiry can be missing.
        guard confirmations >= policy.confirmations else { return instant + Schedule.shortestInterval }
        let spread = runBegan + policy.confirmationSpread
        return max(spread, oldUntil.map { $0 + Schedule.afterExpiry } ?? spread)
    }

    /// Whether to ask for the SOA with the next sample.
    package func wantsSerial(at now: Instant) -> Bool {
        guard let serialAt else { return true }
        let hasJustFlipped = confirmations == 1 && runBegan.map { serialAt < $0 } ?? false
        return hasJustFlipped || now - serialAt >= Schedule.serialInterval
    }
}

extension DomainTracker {
    /// When the next poll of all authoritative servers is due, after one at `last`.
    ///
    /// - Parameters:
    ///   - full: when they were last asked for the MX; `nil` where that was at `last`.
    ///   - pace: as `ServerLoad.pace`.
    package func nextPoll(after last: Instant, full: Instant? = nil, pace: Duration = .zero) -> Due {
        guard publishedAt != nil else {
            let interval = max(policy.publicationInterval, pace * Schedule.questionsOfPoll)
            let regular = Due(last + interval, .publication)
            guard let until = authority.blockedUntil, until > last, until < regular.at else { return regular }
            return Due(until, .blockEnd)
        }
        let regular = max(Schedule.authorityAfterPublication, pace * Schedule.pacesOfRegression)
        var due = Due((full ?? last) + regular, .regression)
        if PlantedFault.notPolledAfterPublication.isPlanted { due.at = last + Policy.assumedTTL.duration }
        let level = nextLevelDue
        if isWitnessed(at: last) {
            let isNear = level.map { $0 - last <= Schedule.nearness } ?? false
            let interval = max(policy.publicationInterval, isNear ? .zero : pace * Schedule.pacesOfWitness)
            if last + interval < due.at { due = Due(last + interval, .witness) }
        }
        guard authorityHasSay, let level else { return due }
        let asked = full ?? last
        // A confirmation that told nothing is tried again: soon, then less and less often.
        let patience = max((asked - level) / 4, policy.publicationInterval)
        let again = min(patience, Schedule.authorityAfterPublication)
        let wanted = asked < level ? max(level, last) : asked + again
        return wanted <= due.at ? Due(wanted, .level) : due
    }

    /// Whether witness polls leave no gap, so that nothing has to be inferred.
    private func isWitnessed(at now: Instant) -> Bool {
        if PlantedFault.notWitnessed.isPlanted || PlantedFault.notPolledAfterPublication.isPlanted {
            return false
        }
        return secondPassAt.map { now < $0 + Schedule.witnessAfterSecondPass } ?? true
    }
}
