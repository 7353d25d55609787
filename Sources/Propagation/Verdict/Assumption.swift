import DNS

/// What a verdict takes for granted because nobody can see it (§3, §4). Every "safe" names them.
package enum Assumption: Sendable, Hashable {
    /// The zone's name servers were the same from that instant on until they were first looked up.
    case nameServersUnchanged(since: Instant)
    /// A server that does not answer us has served what the others serve since that instant.
    case caughtUp(server: AuthorityIdentity, by: Instant)
    /// Nobody rolled the MX back and forward again in a time when nobody looked, and of which no serial tells.
    case noRollback(from: Instant, until: Instant)
}

extension DomainTracker {
    /// What the levels that are reached, and the bound, rest on beside what was seen; empty before publication.
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
        // A level that is still to come waits for the serial instead.
        let untold = secondPassAt == nil ? [] : authority.untoldSpans
        if let span = AuthorityState.BlindSpan(over: untold + (known.map { [$0] } ?? [])),
            !PlantedFault.rollbacksNotMentioned.isPlanted
        {
            found.append(.noRollback(from: span.from, until: span.until))
        }
        return found
    }

    /// For how long after a gap levels rest on what was served in it: until what could be fetched then is gone,
    /// whatever TTL it had, and has settled.
    var gapMemory: Duration { max(longestKnownTTL, Policy.assumedTTL).duration + policy.settle }

    /// Former name servers may be asked by resolvers that hold an NS RRset from before the first look; `nil` where
    /// the operator said since when there are none, a copy named them, or all such copies are gone.
    private func nameServersAssumed(at now: Instant, _ publishedAt: Instant) -> Instant? {
        if PlantedFault.changedServersNotMentioned.isPlanted { return nil }
        guard nameServersSince == nil, authority.foundEarlierServers != true else { return nil }
        let first = authority.firstSearchedAt ?? publishedAt
        let lifetime = authority.longestNameServerTTL.duration
        let gone = first + lifetime + max(effectivePolicy.unseenTTL, provenHeld ?? TTL(seconds: 0)).duration
        return now < gone + policy.settle ? first - lifetime : nil
    }

    /// Whether a resolver is worth a question about its copy of the NS RRset: once in a run, as long as it may hold
    /// one from before the first look.
    package func wantsNameServers(ofResolver index: Int, at now: Instant) -> Bool {
        guard asksAuthority, !authority.isGiven, !resolvers[index].wasAskedForNameServers else {
            return false
        }
        return authority.firstSearchedAt.map { now < $0 + authority.longestNameServerTTL.duration } ?? true
    }

    /// Takes in a resolver's copy of the NS RRset; `nil` where it gave none.
    ///
    /// - Returns: whether it names servers that are not known yet.
    @discardableResult
    package mutating func record(nameServers copy: WatchState.NameServerCopy?, resolver: Int) -> Bool {
        resolvers[resolver].wasAskedForNameServers = true
        guard let copy, !resolvers[resolver].isOptional else { return false }
        return authority.take(copy)
    }
}

extension AuthorityState {
    /// By server, from when to when no serial tells what became of the zone: it has answered, and its serial was lost.
    fileprivate var untoldSpans: [BlindSpan] {
        servers.compactMap { server in
            guard effectiveState(of: server) != nil, !server.isSerialTold, !server.isWithinLook,
                let from = server.seenUntil, let until = server.checkedAt
            else { return nil }
            return BlindSpan(from: from, until: until)
        }
    }

    /// When the last of the servers that tell nothing is taken to serve the target; `nil` where there is none.
    func inStepBy(publishedAt: Instant) -> Instant? {
        assumedInStep(publishedAt: publishedAt).lazy.compactMap { assumption in
            if case .caughtUp(_, let by) = assumption { by } else { nil }
        }.max()
    }

    /// The servers that tell nothing, did not serve the target when last heard, and are taken to do so by now.
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
