import DNS

/// What one search for a domain's authoritative servers found: the servers that the parent delegates to,
/// joined with the zone's own NS RRset (RFC 1034 §4.2.2 wants both to be the same).
package struct Delegation: Sendable, Equatable {
    /// The zone that holds the domain's MX; `nil` where addresses were given.
    package var zone: DomainName?
    /// Every address of every name server.
    package var servers: [AuthorityIdentity]
    /// Name servers about whose addresses nobody told anything: not the same as having none.
    package var unresolved: [DomainName]
    /// The greater of the parent's and the zone's own NS TTL: so long a resolver may go on asking a server
    /// that has left the set. `nil` where neither was told.
    package var nameServerTTL: TTL?
    /// Where parent and zone disagree: the names that only one of them has.
    package var onlyAtParent: [DomainName]
    package var onlyAtChild: [DomainName]

    package init(
        zone: DomainName? = nil, servers: [AuthorityIdentity], unresolved: [DomainName] = [],
        nameServerTTL: TTL? = nil, onlyAtParent: [DomainName] = [], onlyAtChild: [DomainName] = []
    ) {
        self.zone = zone
        self.servers = servers
        self.unresolved = unresolved
        self.nameServerTTL = nameServerTTL
        self.onlyAtParent = onlyAtParent
        self.onlyAtChild = onlyAtChild
    }
}

/// A server that has left the delegation. Resolvers that still hold the former NS RRset go on asking it
/// until `until`, and copies of what it serves live on from there (§4).
package struct FormerServer: Sendable {
    package internal(set) var state: AuthorityServerState
    package let until: Instant

    /// The latest instant at which a copy from it can live.
    ///
    /// - Parameter unseen: how long a copy lives of what a server that never told anything may serve.
    func bound(unseen: TTL) -> Instant? {
        state.hasTold ? state.exposure.bound(stoppingAt: until) : until + unseen.duration
    }
}
