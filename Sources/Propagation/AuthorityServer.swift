import DNS

/// One authoritative server: a name of the NS RRset and one of its addresses.
package struct AuthorityIdentity: Sendable, Hashable {
    /// `nil` where the operator gave an address alone.
    package var name: DomainName?
    package var endpoint: Endpoint
    /// Where the domain is an alias whose end lies in another zone: that end, about which this server is
    /// asked in place of the domain.
    package var alias: DomainName?

    package init(name: DomainName?, endpoint: Endpoint, alias: DomainName? = nil) {
        self.name = name
        self.endpoint = endpoint
        self.alias = alias
    }
}

/// What one authoritative server has said, asked directly without recursion.
package struct AuthorityServerState: Sendable {
    private let sharedIdentity: Shared<AuthorityIdentity>
    private var sharedReading: Shared<Reading>?
    package private(set) var serial: SerialNumber?
    /// SOA REFRESH in seconds: how soon a secondary looks for a new version (RFC 1035 §3.3.13).
    package private(set) var refresh: UInt32?
    package private(set) var checkedAt: Instant?
    package private(set) var roundTrip: Duration?
    /// What caches may hold because of this server.
    package internal(set) var exposure = Exposure()

    /// The newest serial seen, and whether it has moved on by more than one step since the last conclusion.
    private var newestSerial: SerialNumber?
    private(set) var hasSkippedSerials = false
    /// Whether an answer has come in since the last conclusion.
    private(set) var isFresh = false
    /// Whether it has ever told anything, and whether it was asked before and did not.
    private(set) var hasTold = false
    private(set) var wasSilentAtFirst = false
    /// When it last told what it serves.
    private(set) var lastToldAt: Instant?
    /// Whether it came into the delegation while that was watched: before, nobody asked it.
    let joinedLate: Bool

    /// How far the server can be relied on.
    package enum Standing: Sendable, Hashable {
        case unasked
        /// It answers with authority.
        case answering
        /// It answers with authority that the domain is an alias for a name outside of its zones.
        case referring(to: DomainName)
        /// It answers, and says that the zone is not its own: no resolver takes the MX from it.
        case lame(String)
        /// It told nothing: it may still have the previous zone.
        case silent(String)
        /// This host cannot reach the address's family; it is left out, and said so.
        case noRoute
    }

    package var identity: AuthorityIdentity { sharedIdentity.value }
    package var reading: Reading? { sharedReading?.value }
    /// The last reading's state, without a copy of the reading.
    var state: MailState? { sharedReading?.value.state }

    package init(_ identity: AuthorityIdentity, joinedLate: Bool = false) {
        sharedIdentity = Shared(identity)
        self.joinedLate = joinedLate
    }

    /// How far the last answer makes the server count.
    package private(set) var standing = Standing.unasked

    private static func standing(of reading: Reading) -> Standing {
        if reading.hasNoRoute { return .noRoute }
        if reading.state.isInformative {
            return reading.isAuthoritative ? .answering : .lame("answers without authority")
        }
        if let end = reading.danglingAlias, reading.isAuthoritative { return .referring(to: end) }
        let reason = reading.error ?? reading.state.rawValue
        let denies = reading.responseCode == .refused || reading.responseCode == .notAuthoritative
        let refers = reading.responseCode == .noError && !reading.isAuthoritative
        return denies || refers ? .lame(reason) : .silent(reason)
    }

    /// When the question left whose answer is the last one: what it says held then or later.
    var askedAt: Instant? { checkedAt.map { $0 - (roundTrip ?? .zero) } }

    mutating func record(_ reading: Reading, at instant: Instant, roundTrip: Duration?) {
        sharedReading = Shared(reading)
        standing = Self.standing(of: reading)
        checkedAt = instant
        if let roundTrip { self.roundTrip = roundTrip }
        isFresh = true
    }

    mutating func record(_ startOfAuthority: StartOfAuthority) {
        serial = startOfAuthority.serial
        refresh = startOfAuthority.refresh
        guard let newestSerial else {
            self.newestSerial = startOfAuthority.serial
            return
        }
        // Front ends that lag show older serials in between; only what is newer than all before is a change.
        guard newestSerial.precedes(startOfAuthority.serial) == true else { return }
        if startOfAuthority.serial.value &- newestSerial.value > 1 { hasSkippedSerials = true }
        self.newestSerial = startOfAuthority.serial
    }

    /// Ends a conclusion: what it was drawn from is no news any more.
    ///
    /// - Parameter hasTold: whether the last answer told what the server serves.
    mutating func settle(hasTold: Bool) {
        isFresh = false
        if hasTold {
            self.hasTold = true
            lastToldAt = checkedAt
            hasSkippedSerials = false
        } else if !self.hasTold {
            wasSilentAtFirst = true
        }
    }
}
