import DNS

/// An *assumption*: what a verdict takes for granted since no answer shows it (§3, §4). Every "safe" names
/// it.
package enum Assumption: Sendable, Hashable {
    /// The zone's name servers did not change from that instant until the first search.
    case nameServersUnchanged(since: Instant)
    /// A server that does not answer us has served what the others serve since that instant (§3).
    case caughtUp(server: AuthorityIdentity, by: Instant)
    /// The MX was not rolled back and forward in that time: no poll saw it, and no serial tells (§4).
    case noRollback(from: Instant, until: Instant)
}

extension DomainTracker {
    /// The assumptions of the bound and of the levels reached; empty before publication.
    package func assumptions(at now: Instant) -> [Assumption] {
        guard let publishedAt else { return [] }
        var found: [Assumption] = []
        if let since = nameServersAssumed(at: now, publishedAt) {
            found.append(.nameServersUnchanged(since: since))
        }
        if asksAuthority, !PlantedFault.silentServersNotMentioned.isPlanted {
            found += authority.assumedInStep(publishedAt: publishedAt)
        }
        let known = authority.blindSpan.flatMap { $0.until + gapMemory > secondPassAt ?? now ? $0 : nil }
        // A level not yet reached waits for the serial instead.
        let untold = secondPassAt == nil ? [] : authority.untoldSpans
        if let span = AuthorityState.BlindSpan(over: untold + (known.map { [$0] } ?? [])),
            !PlantedFault.rollbacksNotMentioned.isPlanted
        {
            found.append(.noRollback(from: span.from, until: span.until))
        }
        return found
    }

    /// How long after a gap a copy from it can matter: the longest TTL known, at least a day, plus *settle*.
    var gapMemory: Duration { max(longestKnownTTL, Policy.assumedTTL).duration + policy.settle }

    /// Since when the name servers are assumed unchanged: resolvers may hold an NS RRset from before. `nil`
    /// where the operator said when they changed, a copy named former ones, or all such copies have expired.
    private func nameServersAssumed(at now: Instant, _ publishedAt: Instant) -> Instant? {
        if PlantedFault.changedServersNotMentioned.isPlanted { return nil }
        guard nameServersSince == nil, authority.foundEarlierServers != true else { return nil }
        let first = authority.firstSearchedAt ?? publishedAt
        let lifetime = authority.longestNameServerTTL.duration
        let gone = first + lifetime + max(effectivePolicy.unseenTTL, provenHeld ?? TTL(seconds: 0)).duration
        return now < gone + policy.settle ? first - lifetime : nil
    }

    /// Whether to ask a resolver for its copy of the NS RRset: once a run, while it may predate the search.
    package func wantsNameServers(ofResolver index: Int, at now: Instant) -> Bool {
        guard asksAuthority, !authority.isGiven, !resolvers[index].wasAskedForNameServers else {
            return false
        }
        return authority.firstSearchedAt.map { now < $0 + authority.longestNameServerTTL.duration } ?? true
    }

    /// Takes in a resolver's copy of the NS RRset; `nil` where it gave none.
    ///
    /// - Returns: whether it names servers not known yet.
    @discardableResult
    package mutating func record(nameServers copy: WatchState.NameServerCopy?, resolver: Int) -> Bool {
        resolvers[resolver].wasAskedForNameServers = true
        guard let copy, !resolvers[resolver].isOptional else { return false }
        return authority.take(copy)
    }
}

extension AuthorityState {
    /// For each server that answers while its serial was lost, an *untold span*: from what was last known to
    /// the last answer. The next serial tells whether the zone was edited in it.
    fileprivate var untoldSpans: [BlindSpan] {
        servers.compactMap { server in
            guard effectiveState(of: server) != nil, !server.isSerialTold, !server.isWithinLook,
                let from = server.seenUntil, let until = server.checkedAt
            else { return nil }
            return BlindSpan(from: from, until: until)
        }
    }

    /// When the last silent server is assumed to serve the target; `nil` where none is silent.
    func inStepBy(publishedAt: Instant) -> Instant? {
        assumedInStep(publishedAt: publishedAt).lazy.compactMap { assumption in
            if case .caughtUp(_, let by) = assumption { by } else { nil }
        }.max()
    }

    /// The silent servers that were not last heard to serve the target, and when each is assumed to.
    fileprivate func assumedInStep(publishedAt: Instant) -> [Assumption] {
        let (agreed, wait) = (agreedSince ?? publishedAt, longestSilence)
        var found = servers.filter { isSilent($0) && !$0.exposure.servesTarget }.map {
            Assumption.caughtUp(server: $0.identity, by: $0.inStep(with: agreed, wait: wait))
        }
        for server in former where isSilent(server.state) && !server.state.exposure.servesTarget {
            let by = min(server.until, server.state.inStep(with: agreed, wait: wait))
            found.append(.caughtUp(server: server.state.identity, by: by))
        }
        for name in unresolved {
            let identity = AuthorityIdentity(name: name, endpoint: Endpoint(.v4(0)))
            found.append(.caughtUp(server: identity, by: max(agreed, unresolvedSince(name)) + wait))
        }
        return found
    }
}
