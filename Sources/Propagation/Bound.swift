import DNS

/// The instant after which no cache that respects TTLs can hold anything but the target (§4), and what
/// it rests on.
package struct Bound: Sendable, Hashable {
    package var at: Instant
    package var basis: Basis

    package init(at: Instant, basis: Basis) {
        self.at = at
        self.basis = basis
    }

    package enum Basis: Sendable, Hashable {
        /// The authoritative servers were seen to serve what lives longest, and to stop.
        case witnessed
        /// Nobody watched the servers before `since`: a copy fetched just before then may carry `ttl`, which
        /// the operator gave, or which is assumed.
        case unwitnessed(ttl: TTL, since: Instant, isAssumed: Bool)
        /// Servers that have left the delegation still serve something else to resolvers that know the former
        /// NS RRset.
        case formerServers
    }
}

extension DomainTracker {
    /// The bound as far as it is known; `nil` until the change is published, since until then copies can be
    /// fetched anew.
    ///
    /// What no authoritative server was seen to do counts as well: before a server's first answer an RRset with
    /// another TTL may have stood there, lowered a minute before. So copies fetched until the last of them first
    /// answered are taken to live as long as the operator says (`--previous-ttl`), or else a day.
    package var bound: Bound? {
        guard let publishedAt else { return nil }
        var bound = unwitnessedBound(publishedAt)
        if let at = authority.witnessedBound(publishedAt: publishedAt, assumed: policy.unseenTTL),
            at > bound.at
        {
            let former = authority.former.compactMap { $0.bound(unseen: policy.unseenTTL) }.max()
            bound = Bound(at: at, basis: former == at ? .formerServers : .witnessed)
        }
        return bound
    }

    private func unwitnessedBound(_ publishedAt: Instant) -> Bound {
        var ttl = policy.unseenTTL
        var isAssumed = policy.previousTTL == nil
        if basis == .resolvers, let longestHeld, longestHeld > ttl {
            ttl = longestHeld
            isAssumed = false
        }
        let since = trustedOperatorWord ?? authority.unseenUntil ?? publishedAt
        return Bound(
            at: since + ttl.duration, basis: .unwitnessed(ttl: ttl, since: since, isAssumed: isAssumed))
    }

    /// When the second pass can be called safe at the earliest: settled since propagation and bound.
    package var secondPassDue: Instant? {
        guard let propagatedAt, let bound else { return nil }
        return max(propagatedAt, bound.at) + policy.settle
    }

    /// When the old provider can be asked to delete the domain at the earliest.
    package var decommissionDue: Instant? {
        guard let publishedAt else { return nil }
        return max(publishedAt + Policy.senderPatience, secondPassAt ?? publishedAt)
    }

    /// The instant at which a level needs one more look at the authoritative servers; `nil` where none does.
    package var nextLevelDue: Instant? {
        guard propagatedAt != nil, decommissionAt == nil else { return nil }
        return secondPassAt == nil ? secondPassDue : decommissionDue
    }

    /// Whether the authoritative servers were asked at `instant` or later and have nothing against it; as far as
    /// they have a say.
    func isConfirmed(since instant: Instant) -> Bool {
        switch basis {
        case .resolvers: true
        case .authority: authority.isConfirmed(since: instant)
        case .operator: authority.firstTold == nil || authority.isConfirmed(since: instant)
        }
    }
}
