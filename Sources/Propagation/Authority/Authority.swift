import DNS

/// All authoritative servers of one domain, and whether the change is published (§3).
package struct AuthorityState: Sendable, Codable {
    /// The zone that holds the domain's MX; `nil` until it is found, or where addresses were given.
    package var zone: DomainName?
    package internal(set) var servers: [AuthorityServerState] = []
    /// Servers that left the delegation, while resolvers may still ask them.
    package internal(set) var former: [FormerServer] = []
    /// Why the servers could not be found.
    package var discoveryError: String?
    /// The zone's name servers that are not asked, since the operator named others.
    package internal(set) var notAsked: [DomainName]?
    /// Whether the search failed because the domain does not exist.
    package internal(set) var isDenied = false
    /// The contradictions that the last search found, for warnings; `nil` before one succeeded.
    private(set) var discord: Discord?
    /// Since when the servers agree (`agree`).
    package internal(set) var agreedSince: Instant?
    /// Whether they ever agreed.
    var hasAgreed = false
    /// When a server first told what it serves.
    package internal(set) var firstTold: Instant?
    /// When the last server to answer answered first: what was served before is not all known.
    var lastFirstTold: Instant?
    /// The lifetimes of copies of anything but the target, as the servers were seen to serve it.
    var served = ServedLifetimes()
    /// The last doubt.
    package internal(set) var doubt: Doubt?
    /// Until when the operator's `--previous-ttl` covers gaps: it was said again then. `nil` where it was
    /// said only at the beginning, or never.
    var wordUntil: Instant?
    /// When a server was last seen to serve anything but the target.
    var lastOther: Instant?
    /// When the servers were last asked and none served the target.
    var noTargetAt: Instant?
    /// The kinds of negative answer that servers ever gave.
    var servedAbsences: Set<Absence>?
    /// When the servers were last looked up, and when first.
    private(set) var searchedAt: Instant?
    private(set) var firstSearchedAt: Instant?
    /// Name servers that only resolvers' copies of the NS RRset name.
    private(set) var namesInCopies: Set<DomainName>?
    /// Whether an address of one of them was found.
    private(set) var foundEarlierServers: Bool?
    /// The gaps in which a rollback could have gone unnoticed.
    var blindSpan: BlindSpan?
    /// Until when copies from former servers that are no longer asked can live.
    var formerBound: Instant?
    /// Name servers whose addresses are unknown: each may serve anything, and blocks as a silent one.
    private(set) var unresolvedNames: [DomainName: Unresolved] = [:]
    /// The same, of those that left the delegation; the latest of each instant.
    private(set) var unresolvedLeft: UnresolvedLeft?
    /// Whether a server or a name left that never answered.
    private(set) var hasLeftUnheard = false
    private var nameServerLifetime = LeadLifetime()

    /// How long a silent server blocks `published` at most; less if the SOA REFRESH is shorter (§3).
    package static let longestBlock: Duration = .seconds(3600)
    /// How long after the others agreed a silent server may go on serving what it served, at most (§3).
    package static let longestSilence: Duration = .seconds(86_400)
    /// How many former servers are asked; further ones are taken to serve what they served.
    static let maximumFormer = 64
    /// How many names from resolvers' copies are looked up: a hostile resolver can invent any number.
    static let maximumNamesInCopies = 16

    /// Where parent, zone and glue disagree about the servers.
    struct Discord: Sendable, Codable {
        /// The names that only the parent's NS RRset, or only the zone's, has.
        var onlyAtParent: [DomainName]
        var onlyAtChild: [DomainName]
        /// The names that not all of the parent's servers have.
        var onlyAtSomeParents: [DomainName]
        /// The addresses that only glue gives.
        var onlyInGlue: Set<AuthorityIdentity>
    }

    /// A *blind span*: from the first to the last of the gaps in which a rollback could have gone unnoticed,
    /// since serials do not tell how often the zone was edited. It becomes an `Assumption` (§4).
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

    /// A *doubt*: a serial proves more than one edit in a gap, or stood still while the MX changed: anything
    /// may have been served meanwhile (§4). It is no evidence: it moves the bound, and takes no level back.
    package struct Doubt: Sendable, Hashable, Codable {
        /// At least so many.
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
        /// As `AuthorityServerState.joinedLate`.
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

    /// Whether a server ever gave this kind of negative answer, so that a resolver's can be a copy.
    func hasServed(_ absence: Absence?) -> Bool {
        absence.map { servedAbsences?.contains($0) ?? false } ?? false
    }

    /// The longest lifetime of a copy of anything but the target that a server was seen to serve.
    package var longestSeen: TTL? { served.longest }

    /// How long resolvers hold the zone's NS RRset, by the last search; `nil` where unknown.
    package var nameServerTTL: TTL? { nameServerLifetime.current }

    /// Name servers of the zone whose addresses no resolver told.
    package var unresolved: [DomainName] {
        unresolvedNames.keys.sorted { $0.description < $1.description }
    }
}

// MARK: - Searches

extension AuthorityState {
    /// Takes in a search's result. A failed search forgets no server: the fault may be a resolver's.
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

    /// Takes in what a search found, and keeps what is known of the servers that stay.
    ///
    /// A name that is `unresolved` this time keeps its addresses. A server that left is a former one while
    /// caches can hold what led to it: the NS RRset that named it, or its address where its name stays.
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

    /// Servers that only a resolver's copy of the NS RRset names are former: they left before the first
    /// search.
    private mutating func follow(_ held: [AuthorityIdentity], at now: Instant) {
        guard let until = endOfNamesInCopies, until > now else { return }
        if PlantedFault.earlierServersForgotten.isPlanted, !held.isEmpty { return foundEarlierServers = true }
        for identity in held where former.count < Self.maximumFormer && !polled.contains(identity) {
            former.append(FormerServer(state: AuthorityServerState(identity, joinedAt: now), until: until))
            foundEarlierServers = true
        }
    }

    /// Each address once, with those of names that are unresolved this time.
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
        // A server without a route taught us nothing, and no delegation led resolvers to a given one.
        if server.standing == .noRoute || server.isGiven { return }
        if !server.hasTold, server.standing.isSilent { hasLeftUnheard = true }
        let ended = server.exposure.endedBound
        if let end = server.identity.alias, !servers.contains(where: { $0.identity.alias == end }) {
            // The alias is gone. Its target is reached only by copies of it, which count with its server.
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
            // Resolvers may ask it as long as any former server.
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
    /// Takes in a resolver's copy of the NS RRset, which may name servers that left before the first search.
    ///
    /// - Returns: whether it names any not known yet.
    mutating func take(_ copy: WatchState.NameServerCopy) -> Bool {
        if isGiven || endOfNamesInCopies.map({ $0 <= copy.received }) ?? false { return false }
        let known = Set(polled.compactMap(\.name)).union(unresolvedNames.keys).union(namesInCopies ?? [])
        let new = copy.names.filter { !known.contains($0) }
        let room = Self.maximumNamesInCopies - (namesInCopies?.count ?? 0)
        guard !new.isEmpty, room > 0 else { return false }
        namesInCopies = (namesInCopies ?? []).union(new.prefix(room))
        return true
    }

    /// The names from such copies whose addresses the next search looks up.
    package func namesToFollow(at now: Instant) -> [DomainName] {
        if isGiven || endOfNamesInCopies.map({ $0 <= now }) ?? false { return [] }
        let known = Set(servers.compactMap(\.identity.name))
        return (namesInCopies ?? []).subtracting(known).sorted { $0.description < $1.description }
    }

    /// Whether a search ever succeeded.
    package var hasBeenSearched: Bool { firstSearchedAt != nil }

    /// Whether the operator named all servers: then none are searched for.
    var isGiven: Bool { !servers.isEmpty && servers.allSatisfy(\.isGiven) }

    func unresolvedSince(_ name: DomainName) -> Instant { unresolvedNames[name]!.since }

    /// Until when resolvers can hold an NS RRset from before the first search.
    private var endOfNamesInCopies: Instant? {
        firstSearchedAt.map { $0 + longestNameServerTTL.duration }
    }

    /// How long an unseen NS RRset lives: two days, or the longest seen where that is more.
    var longestNameServerTTL: TTL { max(Policy.assumedNameServerTTL, nameServerTTL ?? TTL(seconds: 0)) }
}

// MARK: - Polls

extension AuthorityState {
    /// Takes in a poll's answers, and drops those of servers no longer known.
    package mutating func take(_ answers: [WatchState.PollAnswer]) {
        let polled = polled
        for (index, answer) in answers.enumerated() {
            // They come in the order of `polled`, unless the servers changed meanwhile.
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
    ///   - isDenied: whether several ports were asked from, and each was told that the zone is unknown.
    ///   - isMixed: whether some ports were given the target, and others not.
    ///   - serial: that of the SOA that came along; `record(_:server:at:)` takes it in.
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

    /// Whether a server's serial has moved since its last answer about the MX.
    var hasMovedSerial: Bool {
        servers.indices.contains { servers[$0].hasMovedSerial }
            || former.indices.contains { former[$0].state.hasMovedSerial }
    }

    /// The servers whose serial says by standing still that nothing was edited.
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
