import DNS

/// The *bound*: from then on no cache that respects TTLs can hold anything but the target (§4).
package struct Bound: Sendable, Hashable {
    package var at: Instant
    package var basis: Basis

    package init(at: Instant, basis: Basis) {
        self.at = at
        self.basis = basis
    }

    package enum Basis: Sendable, Hashable {
        /// Authoritative servers were seen to serve what lives longest and to stop, or may have in a gap.
        case witnessed
        /// Nobody watched the servers before `since`, and a copy fetched just before may carry `ttl`: the
        /// operator's word, what a resolver showed, or the assumed day.
        case unwitnessed(ttl: TTL, since: Instant, isAssumed: Bool)
        /// Former servers still serve something else to resolvers that hold the former NS RRset.
        case formerServers
        /// A resolver showed a copy fetched after publication: some server gives others another MX.
        case refetched(resolver: String, seen: Instant)
        /// The name servers changed then, by the operator's word: an NS RRset may lead to former ones.
        case nameServers(since: Instant)
    }
}

extension DomainTracker {
    /// The bound, as far as it is known; `nil` until publication, since until then copies are fetched anew.
    ///
    /// Before a server's first answer an RRset with another TTL may have stood there, lowered a minute
    /// before. So copies fetched until the last server first answered are taken to live `--previous-ttl`, or
    /// a day.
    package var bound: Bound? {
        guard let publishedAt else { return nil }
        var latest = bound(effectivePolicy, publishedAt)
        if let refetched, !PlantedFault.laterFetchesIgnored.isPlanted {
            let at = refetched.at + longestKnownTTL.duration
            if at > latest.at {
                latest = Bound(at: at, basis: .refetched(resolver: refetched.resolver, seen: refetched.at))
            }
        }
        return latest
    }

    /// The bound if the operator's words are right and no server hides anything; a longer-lived copy refutes
    /// it.
    var boundAsSaid: Bound? { publishedAt.map { bound(policy, $0) } }

    private func bound(_ policy: Policy, _ publishedAt: Instant) -> Bound {
        var bounds = [unwitnessedBound(policy, publishedAt)]
        let isOperatorsWord = basis == .operator && coveringWord != nil
        if let at = authority.witnessedBound(
            publishedAt: publishedAt, isOperatorsWord: isOperatorsWord, policy)
        {
            let former = authority.former.compactMap {
                authority.bound(of: $0, publishedAt: publishedAt, policy)
            }
            bounds.append(Bound(at: at, basis: former.max() == at ? .formerServers : .witnessed))
        }
        if let nameServersSince, !PlantedFault.changedServersWordIgnored.isPlanted {
            let lead = nameServersSince + authority.longestNameServerTTL.duration
            let lifetime = max(policy.unseenTTL, provenHeld ?? policy.unseenTTL)
            bounds.append(Bound(at: lead + lifetime.duration, basis: .nameServers(since: nameServersSince)))
        }
        return bounds.reduce(bounds[0]) { $1.at > $0.at ? $1 : $0 }
    }

    private func unwitnessedBound(_ policy: Policy, _ publishedAt: Instant) -> Bound {
        var ttl = policy.unseenTTL
        var isAssumed = policy.previousTTL == nil
        // A longer lifetime that resolvers showed is proof, whatever the operator said.
        if let provenHeld, provenHeld > ttl {
            ttl = provenHeld
            isAssumed = false
        }
        if PlantedFault.unseenPastIgnored.isPlanted { ttl = TTL(seconds: 0) }
        let since = trustedOperatorWord ?? authority.unseenUntil ?? publishedAt
        return Bound(
            at: since + ttl.duration, basis: .unwitnessed(ttl: ttl, since: since, isAssumed: isAssumed))
    }

    /// When the second pass is safe at the earliest: *settle* after propagation and bound (§5).
    package var secondPassDue: Instant? {
        guard let propagatedAt, let bound else { return nil }
        let settle = PlantedFault.settleIgnored.isPlanted ? .zero : policy.settle
        return max(propagatedAt, bound.at) + settle
    }

    /// When the old provider can be asked to delete the domain at the earliest.
    package var decommissionDue: Instant? {
        guard let publishedAt else { return nil }
        let isShort = PlantedFault.decommissionAfterADay.isPlanted
        let patience = isShort ? Policy.assumedTTL.duration : Policy.senderPatience
        // A silent server may give senders the previous MX until it is in step.
        let inStep = authority.inStepBy(publishedAt: publishedAt) ?? publishedAt
        // A bound that moved since the second pass moves this level too.
        return max(
            max(publishedAt, inStep) + patience, secondPassAt ?? publishedAt, secondPassDue ?? publishedAt)
    }

    /// When the next level can be confirmed; `nil` where none waits for that alone.
    package var nextLevelDue: Instant? {
        guard propagatedAt != nil, decommissionAt == nil else { return nil }
        return secondPassAt == nil ? secondPassDue : decommissionDue
    }

    /// Whether the authoritative servers *have a say*: they are asked, and one told something.
    var authorityHasSay: Bool {
        switch basis {
        case .authority: true
        case .operator: authority.firstTold != nil
        case .resolvers: false
        }
    }

    /// Whether a level is confirmed (§5): those who have a say were asked at `instant` or later and do not
    /// contradict. These are the authoritative servers, or else every resolver that counts and answers.
    func isConfirmed(since instant: Instant) -> Bool {
        if PlantedFault.levelsWithoutOneMoreLook.isPlanted { return true }
        if authorityHasSay { return authority.isConfirmed(since: instant) }
        var confirming = 0
        for index in resolvers.indices where resolvers[index].counts {
            guard resolvers[index].isInformed else { continue }
            guard resolvers[index].wasAsked(since: instant) else { return false }
            confirming += 1
        }
        return confirming >= quorum.needed
    }
}
