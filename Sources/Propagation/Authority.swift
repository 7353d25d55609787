import DNS

/// All authoritative servers of one domain, and whether the change is published (§3).
package struct AuthorityState: Sendable {
    /// The zone that holds the domain's MX; `nil` until it is found, or where addresses were given.
    package var zone: DomainName?
    package private(set) var servers: [AuthorityServerState] = []
    /// Servers that have left the delegation, while resolvers may still ask them.
    package private(set) var former: [FormerServer] = []
    /// Why the servers could not be found.
    package var discoveryError: String?
    /// Whether that is because the domain does not exist.
    package internal(set) var isDenied = false
    /// Name servers of the zone whose addresses no resolver told: each may serve anything, as a silent
    /// server may, and blocks as long.
    package private(set) var unresolved: [DomainName] = []
    /// The names that only the parent, or only the zone itself, has in its NS RRset.
    package private(set) var onlyAtParent: [DomainName] = []
    package private(set) var onlyAtChild: [DomainName] = []
    /// The greatest NS TTL that parent or zone had at the last search.
    package private(set) var nameServerTTL: TTL?
    /// Since when those that answer have all served the target.
    package private(set) var agreedSince: Instant?
    /// When a server first told what it serves.
    package private(set) var firstTold: Instant?
    /// When the last of those that told anything did so first: of the time before, not all is known.
    private var lastFirstTold: Instant?
    /// The longest lifetime of a copy of what is not the target that any server was seen to serve.
    package private(set) var longestSeen: TTL?
    /// When the zone was last found to have changed more than once since the poll before.
    private(set) var lastDoubt: Instant?
    /// What former servers that nobody asks any more have left behind.
    private var formerBound: Instant?

    /// A silent server blocks no longer than this after the others agreed, or than the zone's SOA
    /// REFRESH if that is shorter (§3).
    package static let longestBlock: Duration = .seconds(3600)

    package init(zone: DomainName? = nil, servers: [AuthorityIdentity] = []) {
        self.zone = zone
        self.servers = servers.map { AuthorityServerState($0) }
    }

    /// Every server that a poll asks: those of the delegation, then the former ones.
    package var polled: [AuthorityIdentity] {
        servers.map(\.identity) + former.map(\.state.identity)
    }

    /// Takes what a search found, keeping what is known of the servers that stay.
    ///
    /// Addresses of name servers that are `unresolved` this time go on to be asked. A server that has left
    /// is a former one for as long as the NS RRset that named it can live in caches.
    package mutating func apply(_ delegation: Delegation, at now: Instant) {
        let isKept = { (identity: AuthorityIdentity) in
            identity.name.map(delegation.unresolved.contains) ?? false
        }
        let kept = servers.map(\.identity).filter { isKept($0) && !delegation.servers.contains($0) }
        let identities = delegation.servers + kept
        let known = servers + former.map(\.state)
        let left = servers.filter { !identities.contains($0.identity) }
        servers = identities.map { identity in
            known.first { $0.identity == identity }
                ?? AuthorityServerState(identity, joinedLate: firstTold != nil)
        }
        let until = now + (nameServerTTL ?? Policy.assumedTTL).duration
        former = former.filter { !identities.contains($0.state.identity) }
        former += left.filter { $0.standing != .noRoute }.map { FormerServer(state: $0, until: until) }
        zone = delegation.zone
        unresolved = delegation.unresolved.filter { name in !kept.contains { $0.name == name } }
        onlyAtParent = delegation.onlyAtParent
        onlyAtChild = delegation.onlyAtChild
        nameServerTTL = delegation.nameServerTTL ?? nameServerTTL
        discoveryError = nil
        isDenied = false
    }

    /// Takes in the answer about the MX of the server at an index of `polled`.
    package mutating func record(_ reading: Reading, server: Int, at instant: Instant, roundTrip: Duration?) {
        withServer(server) { $0.record(reading, at: instant, roundTrip: roundTrip) }
    }

    /// Takes in the zone's SOA, as the server at an index of `polled` has it.
    package mutating func record(_ startOfAuthority: StartOfAuthority, server: Int) {
        withServer(server) { $0.record(startOfAuthority) }
    }

    private mutating func withServer(_ index: Int, _ body: (inout AuthorityServerState) -> Void) {
        if index < servers.count {
            body(&servers[index])
        } else {
            body(&former[index - servers.count].state)
        }
    }
}

// MARK: - What a poll's end means

extension AuthorityState {
    /// Draws the conclusion of one poll that ended at `now`: whether the target is published.
    ///
    /// - Parameter assumed: how long copies live of what nobody saw.
    mutating func conclude(at now: Instant, assumed: TTL) -> Bool {
        noteExposures(assumed: assumed)
        forgetFormer(at: now, assumed: assumed)
        // Where all are silent for once, they do not disagree: the wait for one that always is goes on.
        let agree = agree
        if contradicts { agreedSince = nil } else if agree { agreedSince = agreedSince ?? now }
        guard agree, let blockedUntil else { return false }
        return now >= blockedUntil || blocking.isEmpty
    }

    private mutating func noteExposures(assumed: TTL) {
        for index in servers.indices where servers[index].isFresh {
            let served = served(by: servers[index])
            if served != nil, !servers[index].hasTold, let instant = servers[index].checkedAt {
                firstTold = firstTold ?? instant
                if !servers[index].joinedLate { lastFirstTold = max(lastFirstTold ?? instant, instant) }
            }
            if case .other(let lifetime) = served { longestSeen = max(longestSeen ?? lifetime, lifetime) }
            let unseen = (longestSeen ?? assumed).duration
            if Self.note(served, in: &servers[index], unseen: unseen, silentLag: silentLag) {
                lastDoubt = servers[index].checkedAt
            }
        }
        for index in former.indices where former[index].state.isFresh {
            let served = served(by: former[index].state)
            let unseen = (longestSeen ?? assumed).duration
            _ = Self.note(served, in: &former[index].state, unseen: unseen, silentLag: silentLag)
        }
    }

    /// - Parameters:
    ///   - unseen: how long copies live of what nobody saw.
    ///   - silentLag: how long after this one a silent server may serve the same.
    /// - Returns: whether the zone changed more than once since the last answer, which nobody saw.
    private static func note(
        _ served: Exposure.Served?, in server: inout AuthorityServerState, unseen: Duration,
        silentLag: Duration
    ) -> Bool {
        defer { server.settle(hasTold: served != nil) }
        guard let served, let instant = server.checkedAt else { return false }
        let wasTarget = server.exposure.servesTarget
        let isFirst = !server.hasTold
        let lastToldAt = server.lastToldAt
        server.exposure.note(served, at: instant)
        guard served == .target else { return false }
        // It did not answer at first; until now it may have served what the others did.
        if isFirst, server.wasSilentAtFirst { server.exposure.extend(to: instant + unseen) }
        // One step of the serial is one change, and one change does not lead away and back. More than one may
        // have: what was served in between, nobody saw.
        guard wasTarget, server.hasSkippedSerials else { return false }
        // In the few minutes between two polls it was what had been there before; in a longer time, anything.
        let wasLookedAway = lastToldAt.map { instant - $0 > Schedule.longestGap } ?? true
        let longest = wasLookedAway ? max(unseen, Policy.assumedTTL.duration) : unseen
        server.exposure.extend(to: instant + silentLag + longest)
        return true
    }

    private func served(by server: AuthorityServerState) -> Exposure.Served? {
        if let reading = effectiveReading(of: server) {
            return reading.state == .target ? .target : .other(lifetime: reading.lifetime ?? TTL(seconds: 0))
        }
        if case .lame = server.standing { return .nothing }
        return nil
    }

    private mutating func forgetFormer(at now: Instant, assumed: TTL) {
        for server in former where server.until <= now {
            let bound = server.bound(unseen: longestSeen ?? assumed)
            formerBound = [formerBound, bound].compactMap { $0 }.max()
        }
        former.removeAll { $0.until <= now }
    }
}

// MARK: - The bound's parts (§4)

extension AuthorityState {
    /// Until when copies can live of what is not the target and that the servers were seen to serve.
    ///
    /// - Parameters:
    ///   - publishedAt: from then on a server that went silent is taken to serve the target too (§3).
    ///   - assumed: how long copies live of what nobody saw.
    /// - Returns: `nil` where nothing but the target was ever seen.
    func witnessedBound(publishedAt: Instant, assumed: TTL) -> Instant? {
        let unseen = longestSeen ?? assumed
        var bounds = servers.map { $0.exposure.bound(stoppingAt: publishedAt) }
        let mayServeAnything = servers.contains { !$0.hasTold && $0.standing.isSilent }
        if mayServeAnything || !unresolved.isEmpty { bounds.append(publishedAt + unseen.duration) }
        bounds += former.map { $0.bound(unseen: unseen) }
        bounds.append(formerBound)
        return bounds.compactMap { $0 }.max()
    }

    /// Until when a server may have served, to resolvers, what was never seen; `nil` before any has told anything.
    ///
    /// One that never answered us may be behind the others, by no more than it is waited for (§3).
    var unseenUntil: Instant? {
        guard let firstTold, let lastFirstTold else { return firstTold }
        return max(lastFirstTold, firstTold + silentLag)
    }

    /// How far behind the others a server is taken to be at most that resolvers hear and we do not; zero where
    /// there is none.
    private var silentLag: Duration {
        let isSilent = servers.contains { !$0.hasTold && $0.standing.isSilent }
        return isSilent || !unresolved.isEmpty ? longestWait : .zero
    }

    /// The former servers that still serve something else, or may.
    package var formerServingOther: [FormerServer] {
        former.filter { $0.state.exposure.current != nil || !$0.state.hasTold }
    }

    /// Whether every server that answers has been asked at `instant` or later, and one does.
    func isConfirmed(since instant: Instant) -> Bool {
        var isAnswered = false
        for server in servers where effectiveState(of: server) != nil {
            guard let askedAt = server.askedAt, askedAt >= instant else { return false }
            isAnswered = true
        }
        return isAnswered
    }
}

extension AuthorityServerState.Standing {
    var isSilent: Bool {
        switch self {
        case .silent, .referring, .unasked: true
        case .answering, .lame, .noRoute: false
        }
    }
}
