import DNS

/// To which authoritative servers the parent delegates a zone, from one instant on.
package struct LabDelegation: Hashable, Sendable {
    package var zone: DomainName
    package var since: Instant
    /// Indices of the world's authoritative servers.
    package var servers: [Int]
    /// The NS RRset's TTL on the parent's side of the cut, and on the zone's own (RFC 2181 §5.4.1).
    package var parentTTL: TTL
    package var childTTL: TTL

    package init(
        _ zone: DomainName, since: Instant = Instant(nanoseconds: .min), servers: [Int],
        parentTTL: TTL = TTL(seconds: 10_800), childTTL: TTL = TTL(seconds: 3600)
    ) {
        self.zone = zone
        self.since = since
        self.servers = servers
        self.parentTTL = parentTTL
        self.childTTL = childTTL
    }

    /// How long a resolver may go by it that has just been told.
    package var longestTTL: TTL { max(parentTTL, childTTL) }
}

/// The NS RRset of the delegated zone as one cache holds it.
struct LabHeldDelegation: Hashable, Sendable {
    var servers: [Int]
    var expiry: Instant
}

/// Whom resolvers can ask.
package struct LabSources: Sendable {
    package var authorities: [LabAuthority]
    /// In the order in which they come; empty where every server that carries a zone may be asked about it.
    package var delegations: [LabDelegation]

    package init(authorities: [LabAuthority], delegations: [LabDelegation] = []) {
        self.authorities = authorities
        self.delegations = delegations
    }

    /// What the parent says at `instant` about the zone that the name lies in; `nil` where it says nothing.
    package func delegation(for name: DomainName, at instant: Instant) -> LabDelegation? {
        delegations.last { $0.since <= instant && name.isAtOrBelow($0.zone) }
    }
}
