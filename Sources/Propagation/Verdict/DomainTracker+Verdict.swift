import DNS

extension DomainTracker {
    /// The verdict at `now`. Its levels are those of the last `conclude(at:)`: no level without an answer.
    package func verdict(at now: Instant) -> Verdict {
        let counted = countedResolvers
        let clear = counted.count { $0.isClear(at: now, policy: policy) }
        let quorum = quorum
        let phase = phase(quorum: quorum, at: now)
        let bound = bound
        var verdict = Verdict(
            phase: phase, basis: basis, counted: counted.count, clear: clear,
            excluded: resolvers.count { !$0.counts },
            reasons: reasons(phase: phase, quorum: quorum, counted: counted, clear: clear, now: now),
            warnings: warnings)
        // What an earlier run knew is claimed only after this run has heard enough.
        guard isCurrent else { return verdict }
        verdict.publishedAt = publishedAt
        verdict.propagatedAt = propagatedAt
        verdict.propagatedNotBefore = propagatedAt ?? notBefore(counted, now: now)
        verdict.bound = bound
        verdict.assumptions = assumptions(at: now)
        verdict.secondPassAt = secondPassAt
        verdict.decommissionAt = decommissionAt
        if let publishedAt, let bound {
            let settled = max(verdict.propagatedNotBefore ?? now, bound.at) + policy.settle
            let moved = secondPassDue.flatMap { $0 > now ? $0 : nil }
            verdict.secondPassNotBefore = secondPassAt.map { moved ?? $0 } ?? settled
            verdict.decommissionNotBefore =
                decommissionAt
                ?? max(decommissionDue ?? publishedAt, verdict.secondPassNotBefore ?? publishedAt)
        }
        return verdict
    }

    /// Whether the last conclusion meets the condition; cheaper than a verdict.
    package func meets(_ condition: Condition) -> Bool {
        let isReached =
            switch condition {
            case .published: publishedAt != nil
            case .propagated: propagatedAt != nil
            case .secondPass: secondPassAt != nil
            case .decommission: decommissionAt != nil
            }
        guard isReached, let concludedAt else { return false }
        return phase(quorum: quorum, at: concludedAt) != .undetermined
    }

    private func phase(quorum: Quorum, at now: Instant) -> Phase {
        let isKnown = quorum.isReached && authorityIsKnown && isCurrent
        // While most resolvers fail, what they told before is no verdict.
        return isKnown && (publishedAt == nil || isHeard(at: now)) ? levelPhase : .undetermined
    }

    /// The phase by the levels reached, whether or not there can be a verdict now.
    package var levelPhase: Phase {
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

    /// Whether publication can be judged: a server answers, or did at publication, or the basis is another.
    var authorityIsKnown: Bool {
        switch basis {
        case .authority: publishedAt != nil || !authority.answering.isEmpty
        case .operator: publishedAt != nil || !isAwaitingAuthority
        case .resolvers: true
        }
    }

    /// `nil` before publication: until then caches fetch anew.
    private func notBefore(_ counted: [ResolverState], now: Instant) -> Instant? {
        guard publishedAt != nil || basis == .resolvers else { return nil }
        return counted.compactMap(\.oldUntil).filter { $0 > now }.max()
    }
}
