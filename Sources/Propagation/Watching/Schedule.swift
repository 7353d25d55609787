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
    /// Look-outs come up to so much before the longest interval is over, for the same reason.
    package static let lookoutJitter: Duration = .seconds(10)
    /// After the first target sample: when to confirm it.
    package static let confirmationsAfter: [Duration] = [.seconds(5), .seconds(10), .seconds(20)]
    /// Samples a resolver in the first sweep: at once and from different ports, to find separate caches.
    package static let firstSamples = 3
    /// The SOA rides along with an MX sample that is due anyway, if the last one is as old as this, and when
    /// the MX has just changed.
    package static let serialInterval: Duration = .seconds(1800)

    /// From so many source ports an authoritative server is asked until the change is published, and before each
    /// level: of four back ends behind one address, one may be stale (§3).
    package static let portsOfServer = 3
    /// The MX at authoritative servers, after the change is published; before, `Policy.publicationInterval`.
    package static let authorityAfterPublication: Duration = .seconds(300)
    /// Between two answers of an authoritative server there is no more than this, unless two polls in a row were
    /// missed or the machine slept.
    package static let longestGap: Duration = authorityAfterPublication * 2 + .seconds(30)
    /// After the second pass is safe, the servers are watched as closely as before for so long: the pass runs then.
    package static let witnessAfterSecondPass: Duration = .seconds(3600)
    /// Of what an authoritative server may be asked, so much goes to domains that no level is near for.
    package static let regularShare = 0.8
    /// Before publication a poll is so many questions to each server: MX from each port, and SOA.
    static let questionsOfPoll = portsOfServer + 1
    /// After it, where a server is busy, half of its regular share goes to polls for the MX, two questions each, and
    /// half to asking for the serial alone.
    static let (pacesOfRegression, pacesOfWitness) = (4, 2)
    /// A level is near so long before it is due.
    package static let nearness: Duration = .seconds(600)

    /// How often the delegation is looked up anew.
    package static let searchInterval: Duration = .seconds(300)
}

/// Why a server is asked, at that instant and not at another.
package enum Purpose: Sendable, Hashable {
    /// Nothing is known yet.
    case first
    /// A copy that was seen has just expired.
    case expiry
    /// Target samples that are yet to be confirmed.
    case confirmation
    /// Other caches behind the address, and changes of mind.
    case lookout
    /// It told nothing the last time.
    case retry
    /// Authoritative servers: whether the change is published.
    case publication
    /// Authoritative servers: whether it is taken back, or has been in between.
    case regression
    /// Authoritative servers, between two polls for that: whether anything was edited.
    case witness
    /// The silent authoritative servers are not waited for any longer.
    case blockEnd
    /// All else is met for the next level.
    case level

    /// Where rates are short, what tells of a flip goes before what looks out for surprises.
    package var isUrgent: Bool {
        switch self {
        case .lookout, .regression, .witness, .retry: false
        case .first, .expiry, .confirmation, .publication, .blockEnd, .level: true
        }
    }
}

/// An instant and what it is for.
package struct Due: Sendable, Hashable {
    package var at: Instant
    package var purpose: Purpose

    package init(_ at: Instant, _ purpose: Purpose) {
        self.at = at
        self.purpose = purpose
    }
}

extension ResolverState {
    /// The next sample.
    ///
    /// - Parameters:
    ///   - jitter: 0 to 1, drawn by the caller, once for each sample.
    ///   - mayFlip: whether caches can fetch the target at all; before, an expiry teaches nothing.
    ///   - level: when a level needs this resolver's confirmation.
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
        // A copy with TTL 0 has expired as it came: the next question is answered anew.
        if candidates.isEmpty, let last, last.state != .target { return Due(checkedAt, .expiry) }
        return candidates.min { $0.at < $1.at } ?? lookout
    }

    /// Resolvers remember failures for up to five minutes (RFC 9520 §3.2), so patience doubles.
    private var retryInterval: Duration {
        Schedule.shortestInterval * (1 << min(uninformativeInARow, 6))
    }

    private func nextConfirmation(after instant: Instant, policy: Policy) -> Instant? {
        guard let runBegan, !isClear(at: instant, policy: policy) else { return nil }
        // While an old copy is known to live on, nothing can be confirmed: one more sample soon may find another
        // cache, and then the copy's expiry is the next reason to ask.
        if let oldUntil, oldUntil > instant + Schedule.confirmationsAfter[2], confirmations > 1 {
            return oldUntil + Schedule.afterExpiry
        }
        let planned = Schedule.confirmationsAfter.map { runBegan + $0 }.first { $0 > instant }
        if let planned { return planned }
        // All planned confirmations are in: what is missing is more of them, a wider spread, or an old
        // copy's expiry.
        guard confirmations >= policy.confirmations else { return instant + Schedule.shortestInterval }
        let spread = runBegan + policy.confirmationSpread
        return max(spread, oldUntil.map { $0 + Schedule.afterExpiry } ?? spread)
    }

    /// Whether the SOA is worth a question with the next sample.
    package func wantsSerial(at now: Instant) -> Bool {
        guard let serialAt else { return true }
        let hasJustFlipped = confirmations == 1 && runBegan.map { serialAt < $0 } ?? false
        return hasJustFlipped || now - serialAt >= Schedule.serialInterval
    }
}

extension DomainTracker {
    /// The next poll of all authoritative servers, after one at `last`.
    ///
    /// - Parameters:
    ///   - full: when they were last asked for the MX; `nil` where that was at `last`.
    ///   - pace: how long the busiest of its servers takes for one question about each of its domains.
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
        // Where the poll that should have confirmed it told nothing, it is tried again: soon, then less and less.
        let patience = max((asked - level) / 4, policy.publicationInterval)
        let again = min(patience, Schedule.authorityAfterPublication)
        let wanted = asked < level ? max(level, last) : asked + again
        return wanted <= due.at ? Due(wanted, .level) : due
    }

    /// Whether what the authoritative servers serve is to be witnessed without a gap, and not inferred later.
    private func isWitnessed(at now: Instant) -> Bool {
        if PlantedFault.notWitnessed.isPlanted || PlantedFault.notPolledAfterPublication.isPlanted {
            return false
        }
        return secondPassAt.map { now < $0 + Schedule.witnessAfterSecondPass } ?? true
    }
}
