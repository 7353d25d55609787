import DNS

// MARK: - Reasons

extension DomainTracker {
    func reasons(
        phase: Phase, quorum: Quorum, counted: [ResolverState], clear: Int, now: Instant
    ) -> [Reason] {
        if resolvers.allSatisfy({ !$0.hasBeenAsked })
            && authority.servers.allSatisfy({ $0.standing == .unasked })
        {
            return [.notAsked] + (searchReason.map { [$0] } ?? [])
        }
        if let recalled, !isCurrent { return recalledReasons(recalled, quorum: quorum) }
        var reasons: [Reason] = []
        if !quorum.isReached {
            reasons.append(
                .noQuorum(counted: quorum.counted, eligible: quorum.eligible, needed: quorum.needed))
        }
        if quorum.isReached, publishedAt != nil, !isHeard(at: now) {
            let heard = counted.count { $0.isHeard(at: now) }
            reasons.append(.unheard(told: heard, of: quorum.eligible, needed: quorum.needed))
        }
        reasons += publicationReasons(now: now)
        if propagatedAt != nil {
            reasons.append(.propagated(resolvers: counted.count))
        } else {
            reasons += propagationReasons(counted, now: now)
        }
        return reasons + safetyReasons(now: now)
    }

    /// Why the search for the authoritative servers failed; `nil` where it did not.
    var searchReason: Reason? {
        authority.discoveryError.map { authority.isDenied ? .nonexistent($0) : .authorityUnknown($0) }
    }

    private func publicationReasons(now: Instant) -> [Reason] {
        if !authorityIsKnown {
            if let searchReason { return [searchReason] }
            return [
                authority.isPending ? .authorityPending : .authoritySilent(asked: authority.servers.count)
            ]
        }
        if let regressedAt { return [.regression(since: regressedAt)] }
        let hearsay = authority.hearsay
        let doubts: [Reason] = hearsay.isEmpty ? [] : [.servedWithoutAuthority(servers: hearsay)]
        if publishedAt != nil {
            let answering = authority.answering.count
            return doubts
                + (basis == .authority && answering > 0
                    ? [.published(servers: answering, notAsked: authority.notAsked?.count ?? 0)] : [])
        }
        if authority.contradicts {
            let others = authority.answering.filter { authority.effectiveState(of: $0) != .target }
            return [.notPublished(servers: others.map(\.identity), of: authority.answering.count)]
        }
        if let operatorPublishedAt, operatorPublishedAt > now {
            return [.publicationAhead(operatorPublishedAt)]
        }
        if basis != .resolvers, let until = authority.unsettledUntil {
            return doubts + [.alternating(servers: authority.unsettled, until: until)]
        }
        if basis != .resolvers, let until = authority.blockedUntil {
            return doubts + [.authorityBlocked(servers: authority.blocking, until: until)]
        }
        return doubts
    }

    private func propagationReasons(_ counted: [ResolverState], now: Instant) -> [Reason] {
        let waiting = counted.filter { !$0.isClear(at: now, policy: policy) }
        let boundAt = bound?.at
        let overdue = waiting.filter { $0.isOverdue(publishedAt: publishedAt, bound: boundAt) }
        let holding = waiting.filter { $0.isHolding(at: now) }
        let uninformed = waiting.filter { $0.last?.state.isInformative == false }
        let unconfirmed = waiting.count {
            !$0.isHolding(at: now) && $0.last?.state.isInformative == true
        }
        var reasons: [Reason] = []
        if let until = holding.compactMap(\.oldUntil).max() {
            reasons.append(
                .holding(
                    resolvers: holding.count, of: counted.count, until: until,
                    states: Self.states(holding, at: now)))
        }
        if !overdue.isEmpty { reasons.append(.overdue(resolvers: overdue.map(\.identity.name))) }
        if !uninformed.isEmpty { reasons.append(.uninformed(resolvers: uninformed.map(\.identity.name))) }
        if unconfirmed > 0 {
            reasons.append(
                .unconfirmed(resolvers: unconfirmed, of: counted.count, needed: policy.confirmations))
        }
        return reasons
    }

    private static func states(_ resolvers: [ResolverState], at now: Instant) -> [MailState] {
        let counts = Dictionary(resolvers.map { ($0.state(at: now), 1) }, uniquingKeysWith: +)
        return MailState.allCases.filter { counts[$0] != nil }.sorted { counts[$0]! > counts[$1]! }
    }

    /// What the levels above `propagated` wait for; nothing before publication.
    private func safetyReasons(now: Instant) -> [Reason] {
        guard publishedAt != nil, let bound else { return [] }
        if let decommissionAt { return [.decommissionSafe(since: decommissionAt)] }
        if let secondPassAt, let patience = decommissionDue {
            return [
                .secondPassSafe(since: secondPassAt),
                patience > now ? .senderPatience(until: patience) : awaitingConfirmation,
            ]
        }
        var reasons: [Reason] = []
        if bound.at > now { reasons.append(.bounded(bound)) }
        let former = authority.formerServingOther
        if let until = former.map(\.until).max(), until > now {
            reasons.append(.formerServers(former.map(\.state.identity), until: until))
        }
        if let due = secondPassDue, bound.at <= now {
            reasons.append(due > now ? .settling(until: due) : awaitingConfirmation)
        }
        return reasons
    }

    private var awaitingConfirmation: Reason {
        if authorityHasSay { return .awaitingConfirmation(silent: authority.silent.map(\.0.identity)) }
        let uninformed = resolvers.filter { $0.counts && !$0.isInformed }
        return .awaitingConfirmation(silent: [], resolvers: uninformed.map(\.identity.name))
    }
}
