import DNS

extension DomainTracker {
    /// What is known at `now`. Levels are those that `conclude(at:)` has reached: a verdict never runs
    /// ahead of the last poll, and takes a level back at once where the resolvers no longer hold it.
    package func verdict(at now: Instant) -> Verdict {
        let counted = countedResolvers
        let clear = counted.count { $0.isClear(at: now, policy: policy) }
        let quorum = quorum
        let phase = phase(quorum: quorum)
        let bound = bound
        var verdict = Verdict(
            phase: phase, basis: basis, publishedAt: publishedAt, propagatedAt: propagatedAt,
            propagatedNotBefore: propagatedAt ?? notBefore(counted, now: now), bound: bound,
            secondPassAt: secondPassAt, decommissionAt: decommissionAt,
            counted: counted.count, clear: clear, excluded: resolvers.count { !$0.counts },
            reasons: reasons(phase: phase, quorum: quorum, counted: counted, clear: clear, now: now),
            warnings: warnings)
        if let publishedAt, let bound {
            let settled = max(verdict.propagatedNotBefore ?? now, bound.at) + policy.settle
            verdict.secondPassNotBefore = secondPassAt ?? settled
            verdict.decommissionNotBefore =
                decommissionAt
                ?? max(publishedAt + Policy.senderPatience, verdict.secondPassNotBefore ?? publishedAt)
        }
        return verdict
    }

    /// Whether the condition is met by what `conclude(at:)` has reached; cheaper than a whole verdict.
    package func meets(_ condition: Condition) -> Bool {
        let isReached =
            switch condition {
            case .published: publishedAt != nil
            case .propagated: propagatedAt != nil
            case .secondPass: secondPassAt != nil
            case .decommission: decommissionAt != nil
            }
        return isReached && phase(quorum: quorum) != .undetermined
    }

    private func phase(quorum: Quorum) -> Phase {
        if !quorum.isReached || !authorityIsKnown { return .undetermined }
        if decommissionAt != nil { return .decommissionSafe }
        if secondPassAt != nil { return .secondPassSafe }
        if propagatedAt != nil { return .propagated }
        if publishedAt != nil { return .propagating }
        switch basis {
        case .resolvers: return .propagating
        case .operator where operatorWordStands && !authority.contradicts: return .unpublished
        default: return authority.servesTarget ? .publishing : .unpublished
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
        if resolvers.allSatisfy({ !$0.hasBeenAsked })
            && authority.servers.allSatisfy({ $0.standing == .unasked })
        {
            return [.notAsked] + (searchReason.map { [$0] } ?? [])
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
        return reasons + safetyReasons(now: now)
    }

    /// Why the authoritative servers are not known; `nil` where they are.
    private var searchReason: Reason? {
        authority.discoveryError.map { authority.isDenied ? .nonexistent($0) : .authorityUnknown($0) }
    }

    private func publicationReasons(now: Instant) -> [Reason] {
        if !authorityIsKnown {
            return [searchReason ?? .authoritySilent(asked: authority.servers.count)]
        }
        if let regressedAt { return [.regression(since: regressedAt)] }
        if publishedAt != nil {
            return basis == .authority ? [.published(servers: authority.answering.count)] : []
        }
        if authority.contradicts {
            let others = authority.answering.filter { authority.effectiveState(of: $0) != .target }
            return [.notPublished(servers: others.map(\.identity), of: authority.answering.count)]
        }
        if let operatorPublishedAt, operatorPublishedAt > now {
            return [.publicationAhead(operatorPublishedAt)]
        }
        if basis != .resolvers, let until = authority.blockedUntil {
            return [.authorityBlocked(servers: authority.blocking, until: until)]
        }
        return []
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

    /// What the levels above `propagated` wait for; nothing before the change is published.
    private func safetyReasons(now: Instant) -> [Reason] {
        guard let publishedAt, let bound else { return [] }
        if let decommissionAt { return [.decommissionSafe(since: decommissionAt)] }
        if let secondPassAt {
            let patience = max(publishedAt + Policy.senderPatience, secondPassAt)
            return [
                .secondPassSafe(since: secondPassAt),
                patience > now ? .senderPatience(until: patience) : .awaitingConfirmation,
            ]
        }
        var reasons: [Reason] = []
        if bound.at > now { reasons.append(.bounded(bound)) }
        let former = authority.formerServingOther
        if let until = former.map(\.until).max(), until > now {
            reasons.append(.formerServers(former.map(\.state.identity), until: until))
        }
        if let due = secondPassDue, bound.at <= now {
            reasons.append(due > now ? .settling(until: due) : .awaitingConfirmation)
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
                authority.effectiveReading(of: server),
                server: server.identity.name?.description ?? server.identity.endpoint.description)
            found += standingFaults(server)
        }
        for (server, newest) in authority.lagging {
            found.append(.lagging(server: server.identity, serial: server.serial!, newest: newest))
        }
        if !authority.onlyAtParent.isEmpty || !authority.onlyAtChild.isEmpty {
            found.append(
                .delegationMismatch(
                    onlyAtParent: authority.onlyAtParent, onlyAtChild: authority.onlyAtChild))
        }
        for resolver in resolvers where !resolver.identity.isOptional {
            found += exchangeFaults(resolver.lastInformative, server: resolver.identity.name)
            if let warning = longerThanServed(resolver) { found.append(warning) }
        }
        var seen = Set<Warning>()
        return (found + exchangeWarnings).filter { seen.insert($0).inserted }
    }

    /// A copy that outlives what the authoritative servers were seen to serve: the resolver stretches TTLs, or
    /// the TTL was longer before anybody watched.
    private func longerThanServed(_ resolver: ResolverState) -> Warning? {
        guard let served = [authority.longestSeen, policy.previousTTL].compactMap({ $0 }).max(),
            let holding = resolver.holding, let held = holding.lifetime,
            held.seconds > served.seconds + Self.roundingOfTTLs, holding.state != .target
        else { return nil }
        return .longerThanServed(resolver: resolver.identity.name, held: held, served: served)
    }

    /// Caches count in whole seconds, and may round up.
    private static let roundingOfTTLs: UInt32 = 2

    private func standingFaults(_ server: AuthorityServerState) -> [Warning] {
        switch server.standing {
        case .unasked, .answering: []
        case .lame(let reason): [.lame(server: server.identity, reason)]
        case .silent(let reason): [.silentAuthority(server: server.identity, reason)]
        case .referring(let end):
            authority.effectiveReading(of: server) == nil
                ? [
                    .silentAuthority(
                        server: server.identity, "it refers to \(end), whose servers told nothing")
                ]
                : []
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
