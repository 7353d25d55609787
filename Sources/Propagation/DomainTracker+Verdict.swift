import DNS

extension DomainTracker {
    /// What is known at `now`. Levels are those that `conclude(at:)` has reached: a verdict never runs
    /// ahead of the last poll, and takes a level back at once where the resolvers no longer hold it.
    package func verdict(at now: Instant) -> Verdict {
        let counted = countedResolvers
        let clear = counted.count { $0.isClear(at: now, policy: policy) }
        let quorum = quorum
        let phase = phase(quorum: quorum)
        return Verdict(
            phase: phase, basis: basis, publishedAt: publishedAt, propagatedAt: propagatedAt,
            propagatedNotBefore: propagatedAt ?? notBefore(counted, now: now),
            counted: counted.count, clear: clear, excluded: resolvers.count { $0.exclusion != nil },
            reasons: reasons(phase: phase, quorum: quorum, counted: counted, clear: clear, now: now),
            warnings: warnings)
    }

    private func phase(quorum: Quorum) -> Phase {
        if !quorum.isReached || !authorityIsKnown { return .undetermined }
        if propagatedAt != nil { return .propagated }
        if publishedAt != nil { return .propagating }
        switch basis {
        case .resolvers: return .propagating
        case .operator where !authority.contradicts: return .unpublished
        default:
            return authority.answering.contains { $0.reading?.state == .target } ? .publishing : .unpublished
        }
    }

    /// Whether publication can be judged at all: an authoritative server answers, or did when the change
    /// was seen, or the verdict rests on something else.
    private var authorityIsKnown: Bool {
        switch basis {
        case .authority: publishedAt != nil || !authority.answering.isEmpty
        case .operator: publishedAt != nil || !isAwaitingAuthority
        case .resolvers: true
        }
    }

    /// Nothing can be said of the end before the change is made: until then caches may fetch anew.
    private func notBefore(_ counted: [ResolverState], now: Instant) -> Instant? {
        guard publishedAt != nil || basis == .resolvers else { return nil }
        return counted.compactMap(\.oldUntil).filter { $0 > now }.max()
    }
}

// MARK: - Reasons

extension DomainTracker {
    private func reasons(
        phase: Phase, quorum: Quorum, counted: [ResolverState], clear: Int, now: Instant
    ) -> [Reason] {
        if resolvers.allSatisfy({ $0.last == nil })
            && authority.servers.allSatisfy({ $0.standing == .unasked })
        {
            return [.notAsked] + (authority.discoveryError.map { [.authorityUnknown($0)] } ?? [])
        }
        var reasons: [Reason] = []
        if !quorum.isReached {
            reasons.append(
                .noQuorum(counted: quorum.counted, eligible: quorum.eligible, needed: quorum.needed))
        }
        reasons += publicationReasons(now: now)
        if propagatedAt != nil {
            reasons.append(.propagated(resolvers: counted.count))
        } else {
            reasons += propagationReasons(counted, now: now)
        }
        return reasons
    }

    private func publicationReasons(now: Instant) -> [Reason] {
        if !authorityIsKnown {
            if let error = authority.discoveryError { return [.authorityUnknown(error)] }
            return [.authoritySilent(asked: authority.servers.count)]
        }
        if let regressedAt { return [.regression(since: regressedAt)] }
        if publishedAt != nil {
            return basis == .authority ? [.published(servers: authority.answering.count)] : []
        }
        if authority.contradicts {
            let others = authority.answering.filter { $0.reading?.state != .target }
            return [.notPublished(servers: others.map(\.identity), of: authority.answering.count)]
        }
        if let operatorPublishedAt, operatorPublishedAt > now {
            return [.publicationAhead(operatorPublishedAt)]
        }
        if basis == .authority, let until = authority.blockedUntil {
            return [.authorityBlocked(servers: authority.blocking, until: until)]
        }
        return []
    }

    private func propagationReasons(_ counted: [ResolverState], now: Instant) -> [Reason] {
        let waiting = counted.filter { !$0.isClear(at: now, policy: policy) }
        let overdue = waiting.filter { $0.isOverdue(publishedAt: publishedAt) }
        let holding = waiting.filter { $0.isHolding(at: now) }
        let uninformed = waiting.filter { $0.last?.state.isInformative == false }
        let unconfirmed = waiting.count {
            !$0.isHolding(at: now) && $0.last?.state.isInformative == true
        }
        var reasons: [Reason] = []
        if let until = holding.compactMap(\.oldUntil).max() {
            reasons.append(.holding(resolvers: holding.count, of: counted.count, until: until))
        }
        if !overdue.isEmpty { reasons.append(.overdue(resolvers: overdue.map(\.identity.name))) }
        if !uninformed.isEmpty { reasons.append(.uninformed(resolvers: uninformed.map(\.identity.name))) }
        if unconfirmed > 0 {
            reasons.append(
                .unconfirmed(resolvers: unconfirmed, of: counted.count, needed: policy.confirmations))
        }
        return reasons
    }
}

// MARK: - Warnings (§1)

extension DomainTracker {
    /// Worth a look, and never a changed verdict; each once, authoritative servers' first.
    var warnings: [Warning] {
        var found: [Warning] = []
        for server in authority.servers {
            found += exchangeFaults(
                server.reading,
                server: server.identity.name?.description ?? server.identity.endpoint.description)
            found += standingFaults(server)
        }
        for (server, newest) in authority.lagging {
            found.append(.lagging(server: server.identity, serial: server.serial!, newest: newest))
        }
        for resolver in resolvers where resolver.exclusion != .optional {
            found += exchangeFaults(resolver.lastInformative, server: resolver.identity.name)
        }
        var seen = Set<Warning>()
        return (found + exchangeWarnings).filter { seen.insert($0).inserted }
    }

    private func standingFaults(_ server: AuthorityServerState) -> [Warning] {
        switch server.standing {
        case .unasked, .answering: []
        case .lame(let reason): [.lame(server: server.identity, reason)]
        case .silent(let reason): [.silentAuthority(server: server.identity, reason)]
        case .noRoute: [.unreachableFamily(server: server.identity)]
        }
    }

    private func exchangeFaults(_ reading: Reading?, server: String) -> [Warning] {
        guard let reading, reading.state.isInformative else { return [] }
        var found: [Warning] = []
        if reading.hasUnequalTTLs { found.append(.unequalTTLs(server: server)) }
        if let canonicalName = reading.canonicalName { found.append(.viaAlias(canonicalName)) }
        let isAtTarget = reading.state == .target || reading.state == .mixed
        if isAtTarget, !reading.exchanges.contains(where: { $0.exchange == target.primary }) {
            found.append(.primaryAbsent(target.primary))
        }
        for foreign in reading.exchanges where !foreign.accepted {
            if reading.exchanges.contains(where: { $0.accepted && $0.preference == foreign.preference }) {
                found.append(.equalPreference(foreign: foreign.exchange, preference: foreign.preference))
            }
            if let meant = target.probableTypo(foreign.exchange) {
                found.append(.probableTypo(foreign.exchange, meant: meant))
            }
        }
        return found
    }
}
