import DNS

// MARK: - What copies in resolvers prove (§4)

extension DomainTracker {
    /// What an operator said and an answer contradicted. It counts no more, in this run and in later ones.
    struct RefutedWord: Sendable, Codable, Equatable {
        /// When the change was published, as was said, and when another MX was still served after that.
        var said: Instant
        var seen: Instant
    }

    /// Who showed the copy that lived longest, and for how long a second one saw copies live as well.
    struct HeldLifetime: Sendable, Codable, Equatable {
        var longest: TTL
        var by: Endpoint
        var ofTwo: TTL?

        mutating func note(_ lifetime: TTL, by resolver: Endpoint) {
            if resolver != by { ofTwo = max(ofTwo ?? TTL(seconds: 0), min(lifetime, longest)) }
            if lifetime > longest { (longest, by) = (lifetime, resolver) }
        }
    }

    /// What resolvers' copies have proved so far, to tell whether the next run should know of more.
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

    /// Whether a copy waits for the authoritative servers' word.
    package var hasUnexaminedCopy: Bool { !unexamined.isEmpty }

    /// Draws from the copies alive at `now`, and from what the servers serve, what they prove against
    /// `--previous-ttl`; to be called before the servers' answers are concluded from.
    mutating func examineLifetimes(at now: Instant) {
        for index in resolvers.indices where resolvers[index].counts && resolvers[index].isHolding(at: now) {
            guard let copy = evidence(of: resolvers[index], at: now) else { continue }
            note(held: copy.lifetime, by: resolvers[index].identity.endpoint)
            if let ttl = copy.ttl, !authority.explains(copyUntil: copy.until, at: now) { refuteTTL(by: ttl) }
        }
        // What a server serves before the change is what stood there before the watch.
        if !authority.hasAgreed, let served = authority.longestPrevious { refuteTTL(by: served) }
    }

    /// Draws from the copies alive at `now` what they prove against the bound, and `--published-at`.
    ///
    /// - Returns: whether the word on the publication counts no more.
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
            // The servers show nothing that it can come from: a rollback does, and so does a serial that tells of one.
            if !authorityHasSay || !authority.contradicts { noteFetchedSince(copy, of: resolvers[index]) }
        }
        return isOperatorContradicted != wasContradicted
    }

    private func wereServersAsked(since instant: Instant) -> Bool {
        guard authorityHasSay else { return true }
        return authority.askedSince.map { $0 + Self.oneSweep >= instant } ?? false
    }

    /// The answers of one sweep come within so long, unless timeouts are long or most servers dead.
    package static let oneSweep: Duration = .seconds(10)

    /// A copy of something else than the target, alive at `now`, as far as it proves anything.
    ///
    /// One that is served past its TTL proves nothing. Nor does a resolver's "there is none" where no authoritative
    /// server ever said so: it filters, or its network answers in its place.
    private func evidence(of resolver: ResolverState, at now: Instant) -> Copy? {
        guard resolver.isHolding(at: now), let until = resolver.oldUntil, let reading = resolver.holding,
            !reading.isDeclaredStale
        else { return nil }
        // A null MX is a record like any other: who filters does not make one up.
        let isDenial = reading.state == .noMX && reading.absence != .nullMX
        if isDenial, authorityHasSay, !authority.hasServed(reading.absence) { return nil }
        return Copy(
            lifetime: reading.lifetime ?? TTL(seconds: 0), until: until, ttl: isDenial ? nil : reading.ttl)
    }

    struct Copy: Sendable, Codable, Equatable {
        /// What was left of it when it was first seen.
        var lifetime: TTL
        var until: Instant
        /// What was left of the MX RRset's TTL then; `nil` where there is none.
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

    /// The policy without a word that was contradicted.
    var effectivePolicy: Policy {
        guard refutedTTL != nil else { return policy }
        var policy = policy
        policy.previousTTL = nil
        return policy
    }

    /// No copy from before publication lives so long: something else was served since, by a server or a site that
    /// does not show it to us. Or the words on which the bound rests are wrong.
    private mutating func noteFetchedSince(_ copy: Copy, of resolver: ResolverState) {
        // Where that cache's earlier copy was seen to expire, this one was fetched since, whatever TTLs there were.
        let isFetchedAnew = resolver.renewedAt.map { $0 >= copy.seen } ?? false
        if !isFetchedAnew {
            // Which of two words is wrong, the copy does not tell. How long "there is none" lives, neither says.
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

    /// How long a copy lives that is fetched from a server nobody sees: the longest that was ever seen or told; a
    /// day where nothing was.
    var longestKnownTTL: TTL {
        [authority.longestSeen, effectivePolicy.previousTTL, provenHeld].compactMap { $0 }.max()
            ?? Policy.assumedTTL
    }

    /// The longest lifetime that a copy of anything but the target had when a resolver showed it.
    package var longestHeld: TTL? { held?.longest }

    /// As much of it as counts for all: more than a day must have been seen by two, since one resolver alone is no
    /// witness against all authoritative servers.
    var provenHeld: TTL? {
        guard let held else { return nil }
        guard authorityHasSay else { return held.longest }
        return max(held.ofTwo ?? TTL(seconds: 0), min(held.longest, Policy.assumedTTL))
    }

    /// The operator's word on the TTL that was contradicted, and the lifetime that did so.
    struct RefutedTTL: Sendable, Codable, Equatable {
        var said: TTL
        var seen: TTL
    }

    /// A copy that was fetched after publication, and where it was first seen.
    struct Refetched: Sendable, Codable, Equatable {
        var at: Instant
        var resolver: String
    }

    /// Caches count in whole seconds, and may round up.
    package static let roundingOfTTLs: UInt32 = 2
}
