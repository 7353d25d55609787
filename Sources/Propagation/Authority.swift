import DNS

/// One authoritative server: a name of the NS RRset and one of its addresses.
package struct AuthorityIdentity: Sendable, Hashable {
    /// `nil` where the operator gave an address alone.
    package var name: DomainName?
    package var endpoint: Endpoint

    package init(name: DomainName?, endpoint: Endpoint) {
        self.name = name
        self.endpoint = endpoint
    }
}

/// What one authoritative server has said, asked directly without recursion.
package struct AuthorityServerState: Sendable {
    package let identity: AuthorityIdentity
    package private(set) var reading: Reading?
    package private(set) var serial: SerialNumber?
    /// SOA REFRESH in seconds: how soon a secondary looks for a new version (RFC 1035 §3.3.13).
    package private(set) var refresh: UInt32?
    package private(set) var checkedAt: Instant?
    package private(set) var roundTrip: Duration?

    /// How far the server can be relied on.
    package enum Standing: Sendable, Hashable {
        case unasked
        /// It answers with authority.
        case answering
        /// It answers, and says that the zone is not its own: no resolver takes the MX from it.
        case lame(String)
        /// It told nothing: it may still have the previous zone.
        case silent(String)
        /// This host cannot reach the address's family; it is left out, and said so.
        case noRoute
    }

    package init(_ identity: AuthorityIdentity) {
        self.identity = identity
    }

    /// How far the last answer makes the server count.
    package var standing: Standing {
        guard let reading else { return .unasked }
        if reading.hasNoRoute { return .noRoute }
        if reading.state.isInformative {
            return reading.isAuthoritative ? .answering : .lame("answers without authority")
        }
        let reason = reading.error ?? reading.state.rawValue
        let denies = reading.responseCode == .refused || reading.responseCode == .notAuthoritative
        let refers = reading.responseCode == .noError && !reading.isAuthoritative
        return denies || refers ? .lame(reason) : .silent(reason)
    }

    mutating func record(_ reading: Reading, at instant: Instant, roundTrip: Duration?) {
        self.reading = reading
        checkedAt = instant
        if let roundTrip { self.roundTrip = roundTrip }
    }

    mutating func record(_ startOfAuthority: StartOfAuthority) {
        serial = startOfAuthority.serial
        refresh = startOfAuthority.refresh
    }
}

/// All authoritative servers of one domain, and whether the change is published (§3).
package struct AuthorityState: Sendable {
    /// The zone that holds the domain's MX; `nil` until it is found, or where addresses were given.
    package var zone: DomainName?
    package private(set) var servers: [AuthorityServerState] = []
    /// Why the servers could not be found.
    package var discoveryError: String?
    /// Name servers of the zone whose addresses no resolver told: each may serve anything, as a silent
    /// server may, and blocks as long.
    package private(set) var unresolved: [DomainName] = []
    /// Since when those that answer have all served the target.
    package private(set) var agreedSince: Instant?

    /// A silent server blocks no longer than this after the others agreed, or than the zone's SOA
    /// REFRESH if that is shorter (§3).
    package static let longestBlock: Duration = .seconds(3600)

    package init(zone: DomainName? = nil, servers: [AuthorityIdentity] = []) {
        self.zone = zone
        self.servers = servers.map(AuthorityServerState.init)
    }

    /// Takes the servers that a fresh discovery found, keeping what is known of those that stay.
    ///
    /// - Parameter unresolved: name servers about whose addresses nothing was learnt this time; the
    ///   addresses known from earlier go on to be asked.
    package mutating func replaceServers(
        _ identities: [AuthorityIdentity], zone: DomainName?, unresolved: [DomainName] = []
    ) {
        let kept = servers.map(\.identity).filter { identity in
            identity.name.map(unresolved.contains) ?? false
        }
        self.zone = zone
        self.unresolved = unresolved.filter { name in !kept.contains { $0.name == name } }
        discoveryError = nil
        servers = (identities + kept).map { identity in
            servers.first { $0.identity == identity } ?? AuthorityServerState(identity)
        }
    }

    package mutating func record(_ reading: Reading, server: Int, at instant: Instant, roundTrip: Duration?) {
        servers[server].record(reading, at: instant, roundTrip: roundTrip)
    }

    package mutating func record(_ startOfAuthority: StartOfAuthority, server: Int) {
        servers[server].record(startOfAuthority)
    }
}

extension AuthorityState {
    /// Those that answer with authority.
    package var answering: [AuthorityServerState] { servers.filter { $0.standing == .answering } }

    /// Those that told nothing, each with its reason.
    package var silent: [(AuthorityServerState, reason: String)] {
        servers.compactMap { server in
            if case .silent(let reason) = server.standing { (server, reason) } else { nil }
        }
    }

    /// The servers that are waited for although the others agree: those that told nothing, and those whose
    /// addresses nobody told, with an unspecified address in its place.
    package var blocking: [AuthorityIdentity] {
        silent.map(\.0.identity)
            + unresolved.map { AuthorityIdentity(name: $0, endpoint: Endpoint(.v4(0))) }
    }

    /// Whether no server has told anything yet, and it may still come: neither did the search for them fail.
    var isPending: Bool {
        discoveryError == nil && servers.allSatisfy { $0.standing == .unasked }
    }

    /// Whether at least one answers and all that answer serve the target.
    package var agree: Bool {
        let answering = answering
        return !answering.isEmpty && answering.allSatisfy { $0.reading?.state == .target }
            && !servers.contains { $0.standing == .unasked }
    }

    /// Whether a server that answers with authority serves anything but the target.
    package var contradicts: Bool {
        answering.contains { $0.reading?.state != .target }
    }

    /// Whether every server that answers serves the same state and exchanges; `nil` while none does.
    package var isConsistent: Bool? {
        guard let first = answering.first?.reading else { return nil }
        return answering.allSatisfy {
            $0.reading?.state == first.state && $0.reading?.exchanges == first.exchanges
        }
    }

    /// The servers whose serial comes before another's (RFC 1982), with the newest serial.
    package var lagging: [(AuthorityServerState, newest: SerialNumber)] {
        guard let newest = answering.compactMap(\.serial).reduce(nil, Self.newer) else { return [] }
        return answering.filter { $0.serial?.precedes(newest) == true }.map { ($0, newest) }
    }

    private static func newer(_ left: SerialNumber?, _ right: SerialNumber) -> SerialNumber {
        guard let left else { return right }
        return left.precedes(right) == true ? right : left
    }

    /// When the silent servers stop blocking, if the others go on agreeing; `nil` where they do not agree.
    package var blockedUntil: Instant? {
        guard let agreedSince else { return nil }
        let refresh = answering.compactMap(\.refresh).min().map { Duration.seconds(Int64($0)) }
        return agreedSince + min(refresh ?? Self.longestBlock, Self.longestBlock)
    }

    /// Draws the conclusion of one poll that ended at `now`: whether the target is published.
    mutating func conclude(at now: Instant) -> Bool {
        agreedSince = agree ? agreedSince ?? now : nil
        guard let blockedUntil else { return false }
        return blocking.isEmpty || now >= blockedUntil
    }
}
