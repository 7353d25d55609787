import DNS

/// A *recollection*: all that a run leaves to the next about a domain, so that verdicts continue as in one
/// run. A history keeps its parts, each written on its own. A *run* is one process from start to end.
///
///     run ──► DomainMemory, ResolverMemory a resolver ──► (history) ──► Recollection ──► next run
///
/// Its instants are on the earlier run's clock; a history shifts them to the present one.
package struct Recollection: Sendable {
    package var domain: DomainMemory
    /// By address: a resolver's name may have changed.
    package var resolvers: [Endpoint: ResolverMemory]

    package init(domain: DomainMemory, resolvers: [Endpoint: ResolverMemory]) {
        self.domain = domain
        self.resolvers = resolvers
    }
}

/// What is kept of a domain beside its resolvers.
package struct DomainMemory: Sendable, Codable {
    /// The last look.
    package var takenAt: Instant
    /// By basis: a run without the authoritative servers must not take away levels reached with them.
    var levels: [Basis: Levels]
    /// The operator's words, from that run or an earlier one.
    var operatorPublishedAt: Instant?
    var operatorPreviousTTL: TTL?
    var isOperatorContradicted: Bool
    var nameServersSince: Instant?
    var held: DomainTracker.HeldLifetime?
    var refetched: DomainTracker.Refetched?
    var refutedTTL: DomainTracker.RefutedTTL?
    var refutedWord: DomainTracker.RefutedWord?
    /// By the resolver's address.
    var unexamined: [Endpoint: DomainTracker.Copy]?
    var authority: AuthorityState
}

/// The levels that were reached, and when.
struct Levels: Sendable, Codable {
    var publishedAt: Instant?
    var propagatedAt: Instant?
    var secondPassAt: Instant?
    var decommissionAt: Instant?
    var regressedAt: Instant?
}

/// What is kept of one resolver.
package struct ResolverMemory: Sendable, Codable {
    var state: ResolverState
    /// Whether it was clear by that run's policy: a check's samples come back to back.
    var isClear: Bool
    /// The state last reported.
    var shown: MailState?
}

extension DomainTracker {
    /// All that the next run needs to know.
    package func recollection(at now: Instant) -> Recollection {
        let known = resolvers.indices.filter { resolvers[$0].hasBeenAsked }
        return Recollection(
            domain: memory(at: now),
            resolvers: Dictionary(
                known.map { (resolvers[$0].identity.endpoint, memory(ofResolver: $0, at: now)) },
                uniquingKeysWith: { first, _ in first }))
    }

    /// What the next run needs to know beside the resolvers.
    package func memory(at now: Instant) -> DomainMemory {
        DomainMemory(
            takenAt: now, levels: keptLevels.merging([basis: levels]) { $1 },
            operatorPublishedAt: operatorPublishedAt, operatorPreviousTTL: policy.previousTTL,
            isOperatorContradicted: isOperatorContradicted, nameServersSince: nameServersSince, held: held,
            refetched: refetched, refutedTTL: refutedTTL, refutedWord: refutedWord,
            unexamined: unexamined.isEmpty
                ? nil
                : Dictionary(
                    uniqueKeysWithValues: unexamined.map { (resolvers[$0].identity.endpoint, $1) }),
            authority: keptAuthority?.value ?? authority)
    }

    /// What the next run needs to know of one resolver.
    package func memory(ofResolver index: Int, at now: Instant) -> ResolverMemory {
        ResolverMemory(
            state: resolvers[index], isClear: resolvers[index].isClear(at: now, policy: policy),
            shown: shownStates[index])
    }

    /// Goes on where an earlier run ended. To be called before anything else is taken in.
    ///
    /// The operator's earlier words hold unless this run has others. No level counts until those who have a
    /// say are heard again: the change may have been taken back meanwhile.
    package mutating func recall(_ recollection: Recollection, at now: Instant) {
        let memory = recollection.domain
        recallAuthority(of: memory)
        recallTTL(of: memory, at: now)
        recallWord(of: memory)
        nameServersSince = nameServersSince ?? memory.nameServersSince
        refetched = memory.refetched
        for index in resolvers.indices {
            guard let kept = recollection.resolvers[resolvers[index].identity.endpoint] else { continue }
            resolvers[index] = ResolverState(
                kept: kept.state, wasClear: kept.isClear, for: resolvers[index])
            shownStates[index] = kept.shown
            unexamined[index] = memory.unexamined?[resolvers[index].identity.endpoint]
        }
        recalled = Recalled(at: now, lastLook: memory.takenAt)
        // Levels on another basis have to be reached anew.
        keptLevels = memory.levels
        if let levels = memory.levels[basis] { self.levels = levels }
        // A new word on publication replaces the earlier one.
        if let word = trustedOperatorWord, let publishedAt, publishedAt == memory.operatorPublishedAt {
            self.publishedAt = word
        }
    }

    private var levels: Levels {
        get {
            Levels(
                publishedAt: publishedAt, propagatedAt: propagatedAt, secondPassAt: secondPassAt,
                decommissionAt: decommissionAt, regressedAt: regressedAt)
        }
        set {
            (publishedAt, propagatedAt) = (newValue.publishedAt, newValue.propagatedAt)
            (secondPassAt, decommissionAt) = (newValue.secondPassAt, newValue.decommissionAt)
            regressedAt = newValue.regressedAt
        }
    }

    /// This run's word covers the time since the last look; copies that are gone since do not refute it.
    private mutating func recallTTL(of memory: DomainMemory, at now: Instant) {
        refutedTTL = memory.refutedTTL
        guard let said = policy.previousTTL else {
            held = memory.held
            policy.previousTTL = memory.operatorPreviousTTL
            policy.isPreviousTTLRecalled = policy.previousTTL != nil
            return
        }
        if let refutedTTL, said <= refutedTTL.said {
            held = memory.held
        } else {
            refutedTTL = nil
            authority.wordUntil = now
        }
    }

    private mutating func recallWord(of memory: DomainMemory) {
        refutedWord = memory.refutedWord
        if let said = operatorPublishedAt, said != memory.operatorPublishedAt {
            let others = [memory.authority.lastOther, memory.refutedWord?.seen, memory.refetched?.at]
            guard let seen = others.compactMap({ $0 }).max(), seen > said else {
                refutedWord = nil
                return
            }
            refutedWord = RefutedWord(said: said, seen: seen)
        }
        operatorPublishedAt = memory.operatorPublishedAt
        isOperatorContradicted = memory.isOperatorContradicted
        let countsWord = operatorPublishedAt != nil && (asksAuthority || !isOperatorContradicted)
        basis = countsWord ? .operator : asksAuthority ? .authority : .resolvers
    }

    private mutating func recallAuthority(of memory: DomainMemory) {
        guard asksAuthority else {
            keptAuthority = Shared(memory.authority)
            return
        }
        authority = memory.authority
        authority.forgetSearchError()
    }

    /// Marks a run that goes on from an earlier one.
    struct Recalled: Sendable {
        /// When this run began.
        var at: Instant
        /// When the earlier run last looked.
        var lastLook: Instant
    }
}

// MARK: - What is known anew

extension DomainTracker {
    /// Whether this run heard enough for a verdict of its own: remembered levels and silence make none.
    package var isCurrent: Bool {
        guard let recalled, !PlantedFault.rememberedLevelsClaimed.isPlanted else { return true }
        return authorityIsHeard(since: recalled.at) && quorum.isReached
            && resolvers.allSatisfy { !$0.counts || $0.wasSampled(since: recalled.at) }
    }

    /// Whether the authoritative servers told something since then, or have no say.
    private func authorityIsHeard(since instant: Instant) -> Bool {
        guard asksAuthority else { return true }
        if authorityHasSay { return authority.isHeard(since: instant) }
        return authority.wasPolled(since: instant) || authority.discoveryError != nil
    }

    /// The reasons while a run has not heard enough: what was known before, and what is awaited.
    func recalledReasons(_ recalled: Recalled, quorum: Quorum) -> [Reason] {
        var reasons = [Reason.remembered(levelPhase, at: recalled.lastLook)]
        if !quorum.isReached, resolvers.allSatisfy({ !$0.counts || $0.wasSampled(since: recalled.at) }) {
            reasons.append(
                .noQuorum(counted: quorum.counted, eligible: quorum.eligible, needed: quorum.needed))
        }
        if !authorityIsHeard(since: recalled.at) {
            if let searchReason {
                reasons.append(searchReason)
            } else {
                reasons.append(
                    authority.wasPolled(since: recalled.at)
                        ? .authoritySilent(asked: authority.servers.count) : .authorityPending)
            }
        }
        return reasons
    }
}

extension AuthorityState {
    mutating func forgetSearchError() {
        discoveryError = nil
        isDenied = false
    }

    /// Whether a server told what it serves, asked then or later.
    func isHeard(since instant: Instant) -> Bool {
        servers.contains { server in
            effectiveState(of: server) != nil && (server.askedAt.map { $0 >= instant } ?? false)
        }
    }

    func wasPolled(since instant: Instant) -> Bool {
        servers.contains { $0.checkedAt.map { $0 >= instant } ?? false }
    }
}

extension ResolverState {
    /// Whether it was asked since then, with or without an answer.
    func wasSampled(since instant: Instant) -> Bool { checkedAt.map { $0 >= instant } ?? false }

    /// *News*: the next run would know less from an earlier state than from this one. One more sample of what
    /// was known is none, since that run begins with samples of its own.
    package func hasNews(since earlier: ResolverState, at now: Instant, policy: Policy) -> Bool {
        hasBeenAsked != earlier.hasBeenAsked || last?.state != earlier.last?.state
            || Self.isLater(oldUntil, than: earlier.oldUntil) || serial != earlier.serial
            || isClear(at: now, policy: policy) != earlier.isClear(at: now, policy: policy)
            || overdueEvidence?.expired != earlier.overdueEvidence?.expired
            || cachesSeen != earlier.cachesSeen || exclusion != earlier.exclusion
    }

    private static func isLater(_ instant: Instant?, than earlier: Instant?) -> Bool {
        guard let instant else { return false }
        return earlier.map { instant - $0 > CachedCopies.sameCopyTolerance } ?? true
    }

    /// Whether it told anything since then. A failure counts as told unless the resolver is kept clear: a
    /// SERVFAIL or REFUSED must not make it clear in this run.
    func isHeard(since instant: Instant) -> Bool {
        if let informedAt, informedAt >= instant { return true }
        return wasSampled(since: instant) && last?.state == .failing && !stayedClearWhileUninformed
    }
}
