import DNS

/// To which authoritative servers the parent delegates a zone, from one instant on.
///
/// Servers of the same name are the addresses of one name server.
package struct LabDelegation: Hashable, Sendable {
    package var zone: DomainName
    package var since: Instant
    /// Indices of the world's authoritative servers.
    package var servers: [Int]
    /// Those that only the parent's glue leads to.
    package var glue: [Int] = []
    /// Those that only some of the parent's servers name: these are behind.
    package var behind: [Int] = []
    /// The NS RRset's TTL on the parent's side of the cut, and on the zone's own (RFC 2181 §5.4.1).
    package var parentTTL: TTL
    package var childTTL: TTL
    /// The TTL of the name servers' addresses, glue among them.
    package var addressTTL: TTL

    package init(
        _ zone: DomainName, since: Instant = Instant(nanoseconds: .min), servers: [Int],
        parentTTL: TTL = TTL(seconds: 10_800), childTTL: TTL = TTL(seconds: 3600),
        addressTTL: TTL = TTL(seconds: 3600)
    ) {
        self.zone = zone
        self.since = since
        self.servers = servers
        self.parentTTL = parentTTL
        self.childTTL = childTTL
        self.addressTTL = addressTTL
    }

    /// How long a resolver may go by the NS RRset that it has just been told.
    package var longestTTL: TTL { max(parentTTL, childTTL) }

    /// All that a resolver may come to ask.
    package var reachable: [Int] { servers + glue + behind }
}

/// The NS RRset of the delegated zone as one cache holds it.
struct LabHeldDelegation: Hashable, Sendable {
    var names: [DomainName]
    var expiry: Instant
}

/// The addresses of a name server as one cache holds them.
struct LabHeldAddresses: Hashable, Sendable {
    var servers: [Int]
    var expiry: Instant
}

/// Whom resolvers can ask.
package struct LabSources: Sendable {
    package var authorities: [LabAuthority]
    /// In the order in which they come; empty if every server that carries a zone may be asked about it.
    package var delegations: [LabDelegation]

    package init(authorities: [LabAuthority], delegations: [LabDelegation] = []) {
        self.authorities = authorities
        self.delegations = delegations
    }

    /// What the parent says at `instant` about the zone that the name lies in; `nil` if it says nothing.
    package func delegation(for name: DomainName, at instant: Instant) -> LabDelegation? {
        delegations.last { $0.since <= instant && name.isAtOrBelow($0.zone) }
    }

    /// The addresses of a name server at `instant`, and their TTL: as long as it is in no other delegation, those
    /// that it had in the last one.
    package func addresses(
        of name: DomainName, for domain: DomainName, at instant: Instant
    ) -> (servers: [Int], ttl: TTL) {
        for delegation in delegations.reversed()
        where delegation.since <= instant && domain.isAtOrBelow(delegation.zone) {
            let servers = delegation.reachable.filter { authorities[$0].name == name }
            if !servers.isEmpty { return (servers, delegation.addressTTL) }
        }
        return ([], TTL(seconds: 0))
    }
}
