import DNS

/// What one search for a domain's authoritative servers found: the servers that the parent delegates to,
/// joined with the zone's own NS RRset (RFC 1034 §4.2.2 wants both to be the same).
package struct Delegation: Sendable, Equatable {
    /// The zone that holds the domain's MX; `nil` where addresses were given.
    package var zone: DomainName?
    /// Every address of every name server, the parent's glue among them.
    package var servers: [AuthorityIdentity]
    /// How long resolvers may hold the record that leads to an address, A, AAAA or glue, as those told who are
    /// responsible for it; without an entry where none of them did.
    package var addressTTLs: [AuthorityIdentity: TTL] = [:]
    /// The addresses that the parent's glue alone gives.
    package var onlyInGlue: Set<AuthorityIdentity> = []
    /// Name servers that some of the parent's servers name, and others do not: these are behind, or those are.
    package var onlyAtSomeParents: [DomainName] = []
    /// Addresses of name servers that a resolver's copy of the NS RRset still names, and nobody else does.
    package var held: [AuthorityIdentity] = []
    /// Whether the operator named the servers: nobody delegates to them by that.
    package var isGiven = false
    /// The zone's name servers that are not among those which the operator named; `nil` where nobody told.
    package var notAsked: [DomainName]?
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

/// Why the authoritative servers of a domain could not be found.
package struct SearchError: Error, Equatable, Sendable {
    /// The zone, where at least that was found.
    package var zone: DomainName?
    /// A sentence; may hold names from the network: escape it for display.
    package var message: String
    /// The domain does not exist, as those say who must know.
    package var isDenial: Bool

    package init(zone: DomainName? = nil, _ message: String, isDenial: Bool = false) {
        self.zone = zone
        self.message = message
        self.isDenial = isDenial
    }
}

/// A server that has left the delegation, or an address that its name no longer has. Resolvers that still hold
/// the record that led there go on asking it until `until`, and copies of what it serves live on from there (§4).
package struct FormerServer: Sendable, Codable {
    package internal(set) var state: AuthorityServerState
    package let until: Instant

    /// Whether it serves something else than the target, or may.
    var mayServeOther: Bool {
        state.exposure.current != nil || (!state.hasTold && state.standing.isSilent)
    }
}

/// How long caches can hold a record that leads to servers: the NS RRset that names them, or one's address.
struct LeadLifetime: Sendable, Codable {
    /// The TTL at the last search; `nil` where nobody told one.
    private(set) var current: TTL?
    /// Until when copies with a longer TTL can live that was lowered since.
    private var loweredBound: Instant?

    mutating func note(_ ttl: TTL?, at now: Instant) {
        guard let ttl else { return }
        if let current, ttl < current {
            loweredBound = max(loweredBound ?? now, now + current.duration)
        }
        current = ttl
    }

    /// Until when caches can hold a record that was seen no more at `now`.
    func end(of now: Instant) -> Instant {
        let last = now + (current ?? Policy.assumedNameServerTTL).duration
        return max(last, loweredBound ?? last)
    }
}
