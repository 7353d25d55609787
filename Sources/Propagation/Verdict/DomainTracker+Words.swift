import DNS

// MARK: - What copies in resolvers prove (§4)

extension DomainTracker {
    /// The operator's word on publication, *refuted* by an answer: it no longer counts, in this run or later
    /// ones.
    struct RefutedWord: Sendable, Codable, Equatable {
        /// What was said, and when another MX was served after that.
        var said: Instant
        var seen: Instant
    }

    /// The longest lifetimes of copies of anything but the target, as resolvers showed them: the longest,
    /// whose it was, and what a second resolver showed as well.
    struct HeldLifetime: Sendable, Codable, Equatable {
        var longest: TTL
        var by: Endpoint
        var ofTwo: TTL?

        mutating func note(_ lifetime: TTL, by resolver: Endpoint) {
            if resolver != by { ofTwo = max(ofTwo ?? TTL(seconds: 0), min(lifetime, longest)) }
            if lifetime > longest { (longest, by) = (lifetime, resolver) }
        }
    }

    /// What resolvers' copies proved so far; a change is worth keeping for the next run.
    package struct Proved: Equatable, Sendable {
        fileprivate var held: HeldLifetime?
        fileprivate var refetched: Refetched?
        fileprivate var refutedTTL: RefutedTTL?
        fileprivate var refutedWord: RefutedWord?
        fileprivate var unexamined: [Int: Copy]
    }

    package var proved: Proved {
        Proved(
            held: held, refetched: refetched, refutedTTL: refutedTTL, refutedWord: refutedWord,
            unexamined: unexamined)
    }

    /// Whether a copy waits for the authoritative servers' next answer.
    package var hasUnexaminedCopy: Bool { !unexamined.isEmpty }

    /// Tests `--previous-ttl` against the copies alive at `now`, and against what the servers serve. To be
    /// called before the servers' answers are concluded from.
    mutating func examineLifetimes(at now: Instant) {
        for index in resolvers.indices where resolvers[index].counts && resolvers[index].isHolding(at: now) {
            guard let copy = evidence(of: resolvers[index], at: now) else { continue }
            note(held: copy.lifetime, by: resolvers[index].identity.endpoint)
            if let ttl = copy.ttl, !authority.explains(copyUntil: copy.until, at: now) { refuteTTL(by: ttl) }
        }
        // What a server serves before the change stood there before the watch.
        if !authority.hasAgreed, let served = authority.longestPrevious { refuteTTL(by: served) }
    }

    /// Tests the bound and `--published-at` against the copies alive at `now`.
    ///
    /// - Returns: whether this refuted the word on publication.
    mutating func examineBound(at now: Instant) -> Bool {
        let wasContradicted = isOperatorContradicted
        for index in resolvers.indices where resolvers[index].counts && resolvers[index].isHolding(at: now) {
            if let copy = evidence(of: resolvers[index], at: now) { unexamined[index] = copy }
        }
        for (index, copy) in unexamined.sorted(by: { $0.key < $1.key }) {
            guard let boundAsSaid, copy.until > boundAsSaid.at + ResolverState.overdueTolerance else {
                unexamined[index] = nil
                continue
            }
            guard wereServersAsked(since: copy.seen) else { continue }
            unexamined[index] = nil
            // Nothing that the servers show explains it, as a rollback or a serial that tells of one would.
            if !authorityHasSay || !authority.contradicts { noteFetchedSince(copy, of: resolvers[index]) }
        }
        return isOperatorContradicted != wasContradicted
    }

    private func wereServersAsked(since instant: Instant) -> Bool {
        guard authorityHasSay else { return true }
        return authority.askedSince.map { $0 + Self.oneSweep >= instant } ?? false
    }

    /// The answers of one sweep come within this time, unless timeouts are long or most servers dead.
    package static let oneSweep: Duration = .seconds(10)

    /// A copy of anything but the target, alive at `now`, if it proves something.
    ///
    /// A copy served past its TTL proves nothing. Nor does a negative answer of a kind that no authoritative
    /// server ever gave: the resolver filters, or its network answers in its place.
    private func evidence(of resolver: ResolverState, at now: Instant) -> Copy? {
        guard resolver.isHolding(at: now), let until = resolver.oldUntil, let reading = resolver.holding,
            !reading.isDeclaredStale
        else { return nil }
        // A null MX is a record: no filter makes one up.
        let isDenial = reading.state == .noMX && reading.absence != .nullMX
        if isDenial, authorityHasSay, !authority.hasServed(reading.absence) { return nil }
        return Copy(
            lifetime: reading.lifetime ?? TTL(seconds: 0), until: until, ttl: isDenial ? nil : reading.ttl)
    }

    struct Copy: Sendable, Codable, Equatable {
        /// What was left of its lifetime when it was first seen.
        var lifetime: TTL
        var until: Instant
        /// What was left of the MX RRset's TTL then; `nil` for a negative answer.
        var ttl: TTL?
        var seen: Instant { until - lifetime.duration }
    }

    private mutating func note(held lifetime: TTL, by resolver: Endpoint) {
        if held == nil { held = HeldLifetime(longest: lifetime, by: resolver) }
        held!.note(lifetime, by: resolver)
    }

    private mutating func refuteTTL(by lifetime: TTL) {
        guard let told = effectivePolicy.previousTTL,
            lifetime.seconds > told.seconds + Self.roundingOfTTLs
        else { return }
        refute(told, seen: lifetime)
    }

    private mutating func refute(_ told: TTL, seen: TTL) {
        if PlantedFault.refutedTTLStands.isPlanted { return }
        refutedTTL = RefutedTTL(said: told, seen: seen)
        authority.wordUntil = nil
    }

    /// The policy without a refuted word.
    var effectivePolicy: Policy {
        guard refutedTTL != nil else { return policy }
        var policy = policy
        policy.previousTTL = nil
        return policy
    }

    /// No copy from before publication lives so long. Either something else was served since, by a server
    /// that we do not see, or a word that the bound rests on is wrong.
    private mutating func noteFetchedSince(_ copy: Copy, of resolver: ResolverState) {
        // The cache's earlier copy was seen to expire, so this one was fetched since, whatever the TTLs were.
        let isFetchedAnew = resolver.renewedAt.map { $0 >= copy.seen } ?? false
        if !isFetchedAnew {
            // The copy does not tell which of two words is wrong. Neither word is about negative answers.
            if copy.ttl != nil, let told = effectivePolicy.previousTTL { refute(told, seen: copy.lifetime) }
            if basis == .operator, operatorWordStands, let said = operatorPublishedAt {
                let seen = max(copy.until - longestKnownTTL.duration, said)
                refutePublication(RefutedWord(said: said, seen: seen))
                return
            }
        }
        guard refetched.map({ $0.at < copy.seen }) ?? true else { return }
        refetched = Refetched(at: copy.seen, resolver: resolver.identity.name)
    }

    private mutating func refutePublication(_ word: RefutedWord) {
        if PlantedFault.refutedPublicationStands.isPlanted { return }
        refutedWord = word
        isOperatorContradicted = true
        guard publishedAt == word.said else { return }
        if asksAuthority {
            publishedAt = authority.agreedSince
        } else {
            basis = .resolvers
            publishedAt = nil
        }
    }

    /// The lifetime of a copy fetched from an unseen server: the longest ever seen or told, or a day.
    var longestKnownTTL: TTL {
        [authority.longestSeen, effectivePolicy.previousTTL, provenHeld].compactMap { $0 }.max()
            ?? Policy.assumedTTL
    }

    /// The longest lifetime of a copy of anything but the target that a resolver showed.
    package var longestHeld: TTL? { held?.longest }

    /// As much of it as is proof: more than a day needs two resolvers, if the authoritative servers have a
    /// say.
    var provenHeld: TTL? {
        guard let held else { return nil }
        guard authorityHasSay else { return held.longest }
        return max(held.ofTwo ?? TTL(seconds: 0), min(held.longest, Policy.assumedTTL))
    }

    /// The operator's word on the TTL, refuted, and the lifetime that refuted it.
    struct RefutedTTL: Sendable, Codable, Equatable {
        var said: TTL
        var seen: TTL
    }

    /// A *refetched* copy lives beyond the bound, so it was fetched after publication (§3). `at`: first seen.
    struct Refetched: Sendable, Codable, Equatable {
        var at: Instant
        var resolver: String
    }

    /// Caches count whole seconds, and may round up.
    package static let roundingOfTTLs: UInt32 = 2
}
