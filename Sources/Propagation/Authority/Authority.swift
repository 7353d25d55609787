import DNS

/// All authoritative servers of one domain, and whether the change is published (§3).
package struct AuthorityState: Sendable, Codable {
    /// The zone that holds the domain's MX; `nil` until it is found, or where addresses were given.
    package var zone: DomainName?
    package internal(set) var servers: [AuthorityServerState] = []
    /// Servers that have left the delegation, while resolvers may still ask them.
    package internal(set) var former: [FormerServer] = []
    /// Why the servers could not be found.
    package var discoveryError: String?
    /// The zone's own name servers that are not asked, since the operator named others.
    package internal(set) var notAsked: [DomainName]?
    /// Whether that is because the domain does not exist.
    package internal(set) var isDenied = false
    /// What the last search found to be at odds, for warnings; `nil` before one succeeded.
    private(set) var discord: Discord?
    /// Since when those that answer have all served the target.
    package internal(set) var agreedSince: Instant?
    /// Whether they ever have.
    var hasAgreed = false
    /// When a server first told what it serves.
    package internal(set) var firstTold: Instant?
    /// When the last of those that told anything did so first: of the time before, not all is known.
    var lastFirstTold: Instant?
    /// The lifetimes of copies of what is not the target, as the servers were seen to serve it.
    var served = ServedLifetimes()
    /// When the zone was last found to have been edited more than once between two looks.
    package internal(set) var doubt: Doubt?
    /// When the operator last said what TTL the MX had in the days before; `nil` where that was at the very
    /// beginning, or never.
    var wordUntil: Instant?
    /// When a server was last seen to serve anything but the target.
    var lastOther: Instant?
    /// When the servers were last asked and none of them served the target.
    var noTargetAt: Instant?
    /// The ways in which servers were ever seen to serve no MX.
    var servedAbsences: Set<Absence>?
    /// When the servers were last looked up, and when first.
    private(set) var searchedAt: Instant?
    private(set) var firstSearchedAt: Instant?
    /// Name servers that copies of the NS RRset in resolvers name, and no search found.
    private(set) var namesInCopies: Set<DomainName>?
    /// Whether some of them were found.
    private(set) var foundEarlierServers: Bool?
    /// The times in which a rollback could have gone unnoticed that nothing else tells of.
    var blindSpan: BlindSpan?
    /// What former servers that nobody asks any more have left behind.
    var formerBound: Instant?
    /// Name servers whose addresses nobody tells: each may serve anything, as a silent server may, and is waited
    /// for as long.
    private(set) var unresolvedNames: [DomainName: Unresolved] = [:]
    /// Such names that have left the delegation; the latest of both instants.
    private(set) var unresolvedLeft: UnresolvedLeft?
    /// Whether a server or a name has left that never told anything.
    private(set) var hasLeftUnheard = false
    private var nameServerLifetime = LeadLifetime()

    /// A silent server blocks no longer than this after the others agreed, or than the zone's SOA
    /// REFRESH if that is shorter (§3).
    package static let longestBlock: Duration = .seconds(3600)
    /// How long after the others agreed a silent server may go on serving what it served, at most (§3).
    package static let longestSilence: Duration = .seconds(86_400)
    /// How many former servers are asked; what further ones may have left behind is taken for served.
    static let maximumFormer = 64
    /// How many names from resolvers' copies are looked up; a hostile resolver can make up any number.
    static let maximumNamesInCopies = 16

    /// Where those who name the servers are at odds.
    struct Discord: Sendable, Codable {
        /// The names that only the parent, or only the zone itself, has in its NS RRset.
        var onlyAtParent: [DomainName]
        var onlyAtChild: [DomainName]
        /// The names that not all of the parent's servers have.
        var onlyAtSomeParents: [DomainName]
        /// The addresses that only the parent's glue gives.
        var onlyInGlue: Set<AuthorityIdentity>
    }

    /// From the first to the last instant of times in which nobody looked, and of which the serials tell nothing.
    struct BlindSpan: Sendable, Codable {
        var from: Instant
        var until: Instant

        init(from: Instant, until: Instant) { (self.from, self.until) = (from, until) }

        /// From the beginning of the first to the end of the last; `nil` where there is none.
        init?(over spans: [BlindSpan]) {
            guard let from = spans.map(\.from).min(), let until = spans.map(\.until).max() else { return nil }
            self.init(from: from, until: until)
        }
    }

    /// The zone was edited several times between two looks, or its MX while the serial stood still: in between it may
    /// have served anything. No evidence that it did (§3).
    package struct Doubt: Sendable, Hashable, Codable {
        /// So many at least.
        package var edits: Int
        package var from: Instant
        package var until: Instant
        /// The serial that was found.
        var serial: SerialNumber?

        package init(edits: Int, from: Instant, until: Instant, serial: SerialNumber? = nil) {
            (self.edits, self.from, self.until, self.serial) = (edits, from, until, serial)
        }
    }

    /// A name server without an address.
    struct Unresolved: Sendable, Codable {
        var since: Instant
        /// Whether it came into the delegation while that was watched.
        var joinedLate: Bool
    }

    /// Name servers without an address that have left.
    struct UnresolvedLeft: Sendable, Codable {
        var since: Instant
        var until: Instant
    }

    package init() {}

    /// Every server that a poll asks: those of the delegation, then the former ones.
    package var polled: [AuthorityIdentity] {
        servers.map(\.identity) + former.map(\.state.identity)
    }

    /// Whether what a resolver says, "there is none", can be a copy of what a server ever said.
    func hasServed(_ absence: Absence?) -> Bool {
        absence.map { servedAbsences?.contains($0) ?? false } ?? false
    }

    /// The longest lifetime of a copy of what is not the target that any server was seen to serve.
    package var longestSeen: TTL? { served.longest }

    /// How long resolvers hold the zone's NS RRset, by the last search; `nil` where nobody told.
    package var nameServerTTL: TTL? { nameServerLifetime.current }

    /// Name servers of the zone whose addresses no resolver told.
    package var unresolved: [DomainName] {
        unresolvedNames.keys.sorted { $0.description < $1.description }
    }
}

// MARK: - Searches

extension AuthorityState {
    /// Takes in a search's result. Where it failed, what was known of the servers stays: a resolver's hiccup
    /// must not forget them.
    package mutating func take(_ search: Result<Delegation, SearchError>?, at now: Instant) {
        switch search {
        case .success(let delegation)?: apply(delegation, at: now)
        case .failure(let error)?:
            if servers.isEmpty { zone = error.zone }
            discoveryError = error.message
            isDenied = error.isDenial
        case nil: break
        }
    }

    /// Takes what a search found, keeping what is known of the servers that stay.
    ///
    /// Addresses of name servers that are `unresolved` this time go on to be asked. A server that has left is a
    /// former one for as long as the record that led to it can live in caches: the NS RRset that named it, or,
    /// where its name stays, its address.
    package mutating func apply(_ delegation: Delegation, at now: Instant) {
        let identities = identities(in: delegation)
        let known = servers + former.map(\.state)
        let knownNames = Set(servers.compactMap(\.identity.name))
        let left = servers.filter { !identities.contains($0.identity) }
        servers = identities.map { identity in
            known.first { $0.identity == identity }
                ?? newServer(identity, in: delegation, knownNames, at: now)
        }
        former.removeAll { identities.contains($0.state.identity) }
        let names = Set(identities.compactMap(\.name))
        let until = nameServerLifetime.end(of: now)
        for server in left {
            let keepsName = server.identity.name.map(names.contains) ?? false
            let forgotten = keepsName ? PlantedFault.formerAddressesForgotten : .formerNamesForgotten
            if forgotten.isPlanted { continue }
            dismiss(server, until: keepsName ? server.endOfAddress(seenAt: now) : until)
        }
        note(unresolved: delegation.unresolved, at: now, until: until)
        nameServerLifetime.note(delegation.nameServerTTL, at: now)
        for index in servers.indices {
            servers[index].note(addressTTL: delegation.addressTTLs[servers[index].identity], at: now)
        }
        firstSearchedAt = firstSearchedAt ?? now
        follow(delegation.held, at: now)
        zone = delegation.zone
        notAsked = delegation.isGiven ? delegation.notAsked ?? notAsked : nil
        discord = Discord(
            onlyAtParent: delegation.onlyAtParent, onlyAtChild: delegation.onlyAtChild,
            onlyAtSomeParents: delegation.onlyAtSomeParents, onlyInGlue: delegation.onlyInGlue)
        discoveryError = nil
        isDenied = false
        searchedAt = now
    }

    private func newServer(
        _ identity: AuthorityIdentity, in delegation: Delegation, _ knownNames: Set<DomainName>,
        at now: Instant
    ) -> AuthorityServerState {
        if let name = identity.name, let unresolved = unresolvedNames[name] {
            return AuthorityServerState(
                identity, joinedAt: unresolved.since,
                unresolved.joinedLate ? .late(after: nil) : .first, wasUnresolved: true)
        }
        let isKnown = identity.name.map(knownNames.contains) ?? false
        let origin: AuthorityServerState.Origin =
            delegation.isGiven
            ? .operatorsWord
            : isKnown ? .knownName : firstTold != nil ? .late(after: searchedAt) : .first
        return AuthorityServerState(identity, joinedAt: now, origin)
    }

    /// Servers that nobody names any more but a copy of the NS RRset in some resolver are former ones, that left
    /// before the first search.
    private mutating func follow(_ held: [AuthorityIdentity], at now: Instant) {
        guard let until = endOfNamesInCopies, until > now else { return }
        if PlantedFault.earlierServersForgotten.isPlanted, !held.isEmpty { return foundEarlierServers = true }
        for identity in held where former.count < Self.maximumFormer && !polled.contains(identity) {
            former.append(FormerServer(state: AuthorityServerState(identity, joinedAt: now), until: until))
            foundEarlierServers = true
        }
    }

    /// Each address once; those of names that cannot be resolved this time among them.
    private func identities(in delegation: Delegation) -> [AuthorityIdentity] {
        let kept = servers.map(\.identity).filter { identity in
            identity.name.map(delegation.unresolved.contains) ?? false
        }
        var seen = Set<AuthorityIdentity>()
        if PlantedFault.glueNotAsked.isPlanted { seen = delegation.onlyInGlue }
        if PlantedFault.parentsThatAreBehindIgnored.isPlanted {
            seen.formUnion(
                delegation.servers.filter { server in
                    server.name.map(delegation.onlyAtSomeParents.contains) ?? false
                })
        }
        return (delegation.servers + kept).filter { seen.insert($0).inserted }
    }

    private mutating func dismiss(_ server: AuthorityServerState, until: Instant) {
        // Without a route there never was anything to be learnt from it. And to whom nobody delegated, no resolver
        // was led.
        if server.standing == .noRoute || server.isGiven { return }
        if !server.hasTold, server.standing.isSilent { hasLeftUnheard = true }
        let ended = server.exposure.endedBound
        if let end = server.identity.alias, !servers.contains(where: { $0.identity.alias == end }) {
            // The alias is gone. What its end serves is reached through copies of the alias alone, which
            // count with the server that gave it.
            formerBound = [formerBound, ended].compactMap { $0 }.max()
        } else if former.count < Self.maximumFormer {
            former.append(FormerServer(state: server, until: until))
        } else {
            let unheard = server.hasTold ? nil : until + Policy.assumedTTL.duration
            let bound = server.exposure.bound(stoppingAt: until)
            formerBound = [formerBound, bound, unheard].compactMap { $0 }.max()
        }
    }

    private mutating func note(unresolved names: [DomainName], at now: Instant, until: Instant) {
        let located = Set(servers.compactMap(\.identity.name))
        for (name, unresolved) in unresolvedNames where !names.contains(name) || located.contains(name) {
            unresolvedNames[name] = nil
            if located.contains(name) { continue }
            // Gone, it may be asked as long as any former server.
            hasLeftUnheard = true
            let left = unresolvedLeft ?? UnresolvedLeft(since: unresolved.since, until: until)
            unresolvedLeft = UnresolvedLeft(
                since: max(left.since, unresolved.since), until: max(left.until, until))
        }
        for name in names where !located.contains(name) && unresolvedNames[name] == nil {
            unresolvedNames[name] = Unresolved(since: now, joinedLate: firstTold != nil)
        }
    }
}

// MARK: - Copies of the NS RRset

extension AuthorityState {
    /// Takes in a resolver's copy of the zone's NS RRset: it may name servers that left before the first search.
    ///
    /// - Returns: whether it names any that are not known yet.
    mutating func take(_ copy: WatchState.NameServerCopy) -> Bool {
        if isGiven || endOfNamesInCopies.map({ $0 <= copy.received }) ?? false { return false }
        let known = Set(polled.compactMap(\.name)).union(unresolvedNames.keys).union(namesInCopies ?? [])
        let new = copy.names.filter { !known.contains($0) }
        let room = Self.maximumNamesInCopies - (namesInCopies?.count ?? 0)
        guard !new.isEmpty, room > 0 else { return false }
        namesInCopies = (namesInCopies ?? []).union(new.prefix(room))
        return true
    }

    /// The names of such servers, whose addresses are to be looked up.
    package func namesToFollow(at now: Instant) -> [DomainName] {
        if isGiven || endOfNamesInCopies.map({ $0 <= now }) ?? false { return [] }
        let known = Set(servers.compactMap(\.identity.name))
        return (namesInCopies ?? []).subtracting(known).sorted { $0.description < $1.description }
    }

    /// Whether the servers were ever looked up.
    package var hasBeenSearched: Bool { firstSearchedAt != nil }

    /// Whether the operator named all servers: nobody else's are looked for.
    var isGiven: Bool { !servers.isEmpty && servers.allSatisfy(\.isGiven) }

    func unresolvedSince(_ name: DomainName) -> Instant { unresolvedNames[name]!.since }

    /// Until when resolvers can hold an NS RRset from before the first search.
    private var endOfNamesInCopies: Instant? {
        firstSearchedAt.map { $0 + longestNameServerTTL.duration }
    }

    /// The longest that an NS RRset lives which nobody saw: two days, or what was seen where that is more.
    var longestNameServerTTL: TTL { max(Policy.assumedNameServerTTL, nameServerTTL ?? TTL(seconds: 0)) }
}

// MARK: - Polls

extension AuthorityState {
    /// Takes in a poll's answers; those of servers that are not known any more are dropped.
    package mutating func take(_ answers: [WatchState.PollAnswer]) {
        let polled = polled
        for (index, answer) in answers.enumerated() {
            // They come in the order in which they were asked, unless the servers have changed meanwhile.
            let isInPlace = polled.indices.contains(index) && polled[index] == answer.server
            guard let place = isInPlace ? index : polled.firstIndex(of: answer.server) else { continue }
            if let sample = answer.sample {
                record(
                    sample.reading, server: place, at: sample.received, roundTrip: sample.roundTrip,
                    isDenied: answer.isDenied, isMixed: answer.isMixed,
                    serial: answer.startOfAuthority?.serial)
            }
            guard let start = answer.startOfAuthority, let received = answer.serialReceived else { continue }
            record(start, server: place, at: received)
            if answer.server.alias == nil { zone = zone ?? answer.zone }
        }
    }

    /// Takes in the answer about the MX of the server at an index of `polled`.
    ///
    /// - Parameters:
    ///   - isDenied: whether several ports were told, all of them, that the zone is unknown.
    ///   - isMixed: whether some ports were given the target, and others something else.
    ///   - serial: that of the SOA that came along; it is taken in apart.
    package mutating func record(
        _ reading: Reading, server: Int, at instant: Instant, roundTrip: Duration?, isDenied: Bool = false,
        isMixed: Bool = false, serial: SerialNumber? = nil
    ) {
        withServer(server) {
            $0.record(
                reading, at: instant, roundTrip: roundTrip, isDenied: isDenied, isMixed: isMixed,
                serial: serial)
        }
    }

    /// Takes in the zone's SOA, as the server at an index of `polled` has it.
    package mutating func record(_ startOfAuthority: StartOfAuthority, server: Int, at instant: Instant) {
        withServer(server) { $0.record(startOfAuthority, at: instant) }
    }

    /// Whether a server's serial has moved since it last told what it serves.
    var hasMovedSerial: Bool {
        servers.indices.contains { servers[$0].hasMovedSerial }
            || former.indices.contains { former[$0].state.hasMovedSerial }
    }

    /// The servers whose serial, where it stands still, says that nothing was edited.
    var tellingSerials: [AuthorityIdentity] {
        (servers + former.map(\.state)).filter(\.serialTellsOfEdits).map(\.identity)
    }

    private mutating func withServer(_ index: Int, _ body: (inout AuthorityServerState) -> Void) {
        if index < servers.count {
            body(&servers[index])
        } else {
            body(&former[index - servers.count].state)
        }
    }
}
