import DNS

/// What one *search* for a domain's authoritative servers found: the servers that the parent delegates to,
/// joined with the zone's own NS RRset (RFC 1034 §4.2.2 wants both the same).
package struct Delegation: Sendable, Equatable {
    /// The zone that holds the domain's MX; `nil` where addresses were given.
    package var zone: DomainName?
    /// Every address of every name server, the parent's glue among them.
    package var servers: [AuthorityIdentity]
    /// The TTL of each address record, A, AAAA or glue, as responsible servers told it.
    package var addressTTLs: [AuthorityIdentity: TTL] = [:]
    /// The addresses that only the parent's glue gives.
    package var onlyInGlue: Set<AuthorityIdentity> = []
    /// Name servers that only some of the parent's servers name: one of the parent's servers is behind.
    package var onlyAtSomeParents: [DomainName] = []
    /// Addresses of name servers that only a resolver's copy of the NS RRset names.
    package var held: [AuthorityIdentity] = []
    /// Whether the operator named the servers, which is no delegation.
    package var isGiven = false
    /// The zone's name servers that the operator did not name; `nil` where unknown.
    package var notAsked: [DomainName]?
    /// *Unresolved* name servers: whether they have addresses is unknown.
    package var unresolved: [DomainName]
    /// The greater of the parent's and the zone's NS TTL: until then resolvers may ask a former server.
    package var nameServerTTL: TTL?
    /// The names that only one of parent and zone has.
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

/// Why a search failed.
package struct SearchError: Error, Equatable, Sendable {
    /// The zone, where at least that was found.
    package var zone: DomainName?
    /// A sentence. It may hold names from the network: escape it for display.
    package var message: String
    /// Whether the responsible servers deny that the domain exists.
    package var isDenial: Bool

    package init(zone: DomainName? = nil, _ message: String, isDenial: Bool = false) {
        self.zone = zone
        self.message = message
        self.isDenial = isDenial
    }
}

/// A *former* server: it left the delegation, or its name lost the address. Resolvers that hold the record
/// that led there ask it until `until`, and copies of what it serves live on from there (§4).
package struct FormerServer: Sendable, Codable {
    package internal(set) var state: AuthorityServerState
    package let until: Instant

    /// Whether it serves something else than the target, or may.
    var mayServeOther: Bool {
        state.exposure.current != nil || (!state.hasTold && state.standing.isSilent)
    }
}

/// How long caches can hold a *lead*: a record that takes resolvers to a server, an NS RRset or an address.
struct LeadLifetime: Sendable, Codable {
    /// The TTL at the last search; `nil` where unknown.
    private(set) var current: TTL?
    /// Until when copies with a longer TTL, lowered since, can live.
    private var loweredBound: Instant?

    mutating func note(_ ttl: TTL?, at now: Instant) {
        guard let ttl else { return }
        if let current, ttl < current {
            loweredBound = max(loweredBound ?? now, now + current.duration)
        }
        current = ttl
    }

    /// Until when caches can hold a record that was found gone at `now`.
    func end(of now: Instant) -> Instant {
        let last = now + (current ?? Policy.assumedNameServerTTL).duration
        return max(last, loweredBound ?? last)
    }
}
