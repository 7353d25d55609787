import DNS

/// One authoritative server: a name of the NS RRset and one of its addresses.
package struct AuthorityIdentity: Sendable, Hashable, Codable {
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
package struct AuthorityServerState: Sendable, Codable {
    private let sharedIdentity: Shared<AuthorityIdentity>
    private var sharedReading: Shared<Reading>?
    package private(set) var serial: SerialNumber?
    /// SOA REFRESH in seconds: how soon a secondary looks for a new version (RFC 1035 §3.3.13).
    package private(set) var refresh: UInt32?
    /// SOA RETRY in seconds: how soon it tries again where that failed.
    private(set) var retry: UInt32?
    package private(set) var checkedAt: Instant?
    package private(set) var roundTrip: Duration?
    /// What caches may hold because of this server.
    package internal(set) var exposure = Exposure()

    /// The newest serial seen, and the newest as it was at `seenUntil`.
    private var newestSerial: SerialNumber?
    private var toldSerial: SerialNumber?
    /// Until when it is known what it served, without a gap that a serial is still to tell of.
    private(set) var seenUntil: Instant?
    /// What it served when the serial came last.
    private var exposureAtSerial: Exposure.Snapshot?
    private var olderSerialsInARow = 0
    /// Whether the serial came along with the last answer.
    private var isSerialFresh = false
    /// How it numbers its zone's versions; `nil` before it gave a serial.
    package private(set) var numbering: SerialNumbering?
    /// When the newest serial was seen last.
    private var newestSerialAt: Instant?
    /// How often the serial told of several edits that nobody saw, and the MX was the target before and after.
    private var idleDoubts: Int?
    /// What its address shows of several machines behind it; `nil` before it told anything.
    private var machines: Shared<FrontEnds>?
    /// The zone's primary server, by its SOA.
    package private(set) var primary: DomainName?
    /// Whether an answer has come in since the last conclusion.
    private(set) var isFresh = false
    /// Whether it has ever told with authority what it serves, and whether it was asked before and did not.
    private(set) var hasTold = false
    private(set) var wasSilentAtFirst = false
    /// When it last told what it serves, since when it does not any more, and when it last gave anything at all.
    private(set) var lastToldAt: Instant?
    private(set) var silentSince: Instant?
    private var lastHeardAt: Instant?
    /// When it came into the delegation, and whether that was while others had been asked already: before,
    /// nobody asked it.
    let joinedAt: Instant
    let joinedLate: Bool
    /// The last search that did not find it; `nil` where there was none.
    let joinedAfter: Instant?
    /// Whether its name had been known by other addresses: then it has no past of its own that nobody saw.
    private let hasKnownName: Bool?
    /// Whether the operator named it: nobody delegates to it by that.
    private let isNamedByOperator: Bool?
    /// How long resolvers can hold the record that leads to its address.
    private var addressLifetime: LeadLifetime?

    /// How far the server can be relied on.
    package enum Standing: Sendable, Hashable, Codable {
        case unasked
        /// It answers with authority.
        case answering
        /// It answers with authority that the domain is an alias for a name outside of its zones.
        case referring(to: DomainName)
        /// It never answered with authority, and says from several ports that it does not know the zone.
        case lame(String)
        /// It told nothing, or refuses us, or gives no AA, or tells no more what it told before: to others it may
        /// serve the previous zone. What it gives without authority is no word for the target; for anything else
        /// it is (`hearsay`).
        case silent(String)
        /// This host never reached the address's family; it is left out, and said so.
        case noRoute
    }

    package var identity: AuthorityIdentity { sharedIdentity.value }
    package var reading: Reading? { sharedReading?.value }
    /// The last reading's state, without a copy of the reading.
    var state: MailState? { sharedReading?.value.state }

    /// How a server came into the set.
    package enum Origin: Sendable {
        /// Before any other had told anything.
        case first
        /// While others had been asked already: nobody asked it before.
        case late(after: Instant?)
        /// As a further address of a name that was known.
        case knownName
        /// The operator named it.
        case operatorsWord
    }

    /// - Parameter wasUnresolved: whether its name was known before its address: it was asked in vain, as it were.
    package init(
        _ identity: AuthorityIdentity, joinedAt: Instant, _ origin: Origin = .first,
        wasUnresolved: Bool = false
    ) {
        sharedIdentity = Shared(identity)
        self.joinedAt = joinedAt
        (joinedLate, joinedAfter) =
            switch origin {
            case .late(let search): (true, search)
            case .first, .knownName, .operatorsWord: (false, nil)
            }
        hasKnownName = if case .knownName = origin { true } else { nil }
        isNamedByOperator = if case .operatorsWord = origin { true } else { nil }
        wasSilentAtFirst = wasUnresolved
    }

    /// Whether what it served before anybody asked it counts as unseen.
    var hasUnseenPast: Bool { hasKnownName != true }
    var isGiven: Bool { isNamedByOperator == true }

    /// Takes in the TTL of the record that leads to its address; `nil` where nobody responsible told it.
    mutating func note(addressTTL ttl: TTL?, at now: Instant) {
        guard let ttl else { return }
        addressLifetime = addressLifetime ?? LeadLifetime()
        addressLifetime?.note(ttl, at: now)
    }

    /// Until when resolvers can be led to an address that its name was seen to have no more at `now`.
    func endOfAddress(seenAt now: Instant) -> Instant { (addressLifetime ?? LeadLifetime()).end(of: now) }

    /// How far the last answer makes the server count.
    package private(set) var standing = Standing.unasked

    /// Only one that never told, and that says to several ports that the zone is not its own, is lame: whoever
    /// refuses us, or gives us no AA, may serve others as before.
    private static func standing(of reading: Reading, hasTold: Bool, isDenied: Bool) -> Standing {
        let reason = reading.error ?? "answers without authority"
        if reading.hasNoRoute { return hasTold ? .silent(reason) : .noRoute }
        if reading.isAuthoritative, reading.state.isInformative { return .answering }
        if reading.isAuthoritative, let end = reading.danglingAlias { return .referring(to: end) }
        return isDenied && !hasTold ? .lame(reason) : .silent(reason)
    }

    /// How long copies live of what it serves without authority, where that is not the target: many resolvers
    /// take it all the same.
    var hearsay: TTL? {
        guard let reading, reading.state.isInformative, !reading.isAuthoritative, reading.state != .target,
            !PlantedFault.hearsayIgnored.isPlanted
        else { return nil }
        return reading.lifetime ?? TTL(seconds: 0)
    }

    /// From when on a server that tells nothing is taken to serve what the others do (§3): so long after
    /// they agreed, and after it was first waited for.
    package func inStep(with agreedSince: Instant, wait: Duration) -> Instant {
        if exposure.servesTarget { return agreedSince + wait }
        let since = hasTold ? silentSince : joinedAt
        let heard = exposure.current == nil ? nil : lastHeardAt
        return max(agreedSince, since ?? agreedSince, heard ?? agreedSince) + wait
    }

    /// How long a secondary with this SOA may go on serving an older zone while its primary is out of its reach at
    /// times: REFRESH and three times RETRY; `nil` before it gave one.
    var longestBehind: Duration? {
        refresh.map { .seconds(Int64($0)) + .seconds(Int64(retry ?? 0)) * 3 }
    }

    /// What its serials say of edits since it last told what it serves; `nil` before it gave any.
    var editsSinceTold: SerialNumbering.Edits? {
        guard let toldSerial, let newestSerial, let numbering else { return nil }
        let edits = numbering.edits(from: toldSerial, to: newestSerial)
        return PlantedFault.skippedSerialsIgnored.isPlanted
            ? SerialNumbering.Edits(atLeast: min(edits.atLeast, 1), atMost: 1) : edits
    }

    /// Whether the serial has moved since it last told what it serves.
    var hasMovedSerial: Bool { toldSerial != nil && newestSerial != toldSerial }

    /// Whether the serial stood still while the MX changed.
    var hasChangedUnderSerial: Bool {
        isSerialFresh && toldSerial != nil && newestSerial == toldSerial && serial == newestSerial
            && !frontEnds.isCache && exposureAtSerial.map { $0 != exposure.snapshot } ?? false
    }
    mutating func noteChangeUnderSerial() { numbering?.noteChangeUnderSerial() }

    /// Whether a serial that stands still says that nothing changed. From a cache it does not: that holds the SOA for
    /// its own TTL.
    package var serialTellsOfEdits: Bool { numbering?.tellsOfEdits ?? false && !frontEnds.isCache }

    /// Whether the zone is known to change all the time for other reasons than the MX (§3).
    var isBusy: Bool { idleDoubts ?? 0 >= Self.doubtsOfBusyZone }
    mutating func noteIdleDoubt() { idleDoubts = (idleDoubts ?? 0) + 1 }
    private static let doubtsOfBusyZone = 3

    /// The newest serial that was seen.
    var knownSerial: SerialNumber? { newestSerial }

    /// Whether a serial came with the last answer, or since, where the server ever gave one.
    var isSerialTold: Bool { serial == nil || isSerialFresh }

    /// Whether no gap before the last answer is left of which a serial is still to tell.
    var isAccountedFor: Bool {
        guard let seenUntil, let checkedAt else { return false }
        return seenUntil >= checkedAt
    }

    /// Whether the last answer came so soon after what was known before that nobody rolled the MX back and forward in
    /// between.
    var isWithinLook: Bool {
        guard let seenUntil, let checkedAt else { return false }
        return checkedAt - seenUntil <= Self.longestSeenGap
    }
    static let longestSeenGap: Duration = .seconds(60)

    /// When the question left whose answer is the last one: what it says held then or later.
    var askedAt: Instant? { checkedAt.map { $0 - (roundTrip ?? .zero) } }

    /// What its address shows of several machines behind it.
    var frontEnds: FrontEnds { machines?.value ?? FrontEnds() }

    /// Whether it gave two contents in turn so lately that the target alone is no word for all machines behind it.
    var isUnsettled: Bool {
        guard let until = machines?.value.quietUntil, let checkedAt, !PlantedFault.frontEndsIgnored.isPlanted
        else {
            return false
        }
        return checkedAt < until
    }

    /// - Parameters:
    ///   - isDenied: whether every one of several ports was told that the zone is unknown.
    ///   - isMixed: whether some of them were given the target, and others something else.
    ///   - serial: that of the SOA that came along.
    mutating func record(
        _ reading: Reading, at instant: Instant, roundTrip: Duration?, isDenied: Bool, isMixed: Bool,
        serial: SerialNumber?
    ) {
        noteMachines(reading, at: instant, isMixed: isMixed, serial: serial)
        sharedReading = Shared(reading)
        let standing = Self.standing(of: reading, hasTold: hasTold, isDenied: isDenied)
        // One lost answer does not make a lame server one that may serve anything.
        if case (.lame, .silent) = (self.standing, standing) {} else { self.standing = standing }
        checkedAt = instant
        if let roundTrip { self.roundTrip = roundTrip }
        isFresh = true
        isSerialFresh = false
    }

    private mutating func noteMachines(
        _ reading: Reading, at instant: Instant, isMixed: Bool, serial: SerialNumber?
    ) {
        guard reading.state.isInformative else { return }
        var known = frontEnds
        if reading.isAuthoritative {
            let told = toldSerial
            known.note(
                reading, isMixed: isMixed, isEdit: serial.map { told?.precedes($0) == true } ?? false,
                isUnedited: serial != nil && serial == told && serialTellsOfEdits, at: instant)
        } else if hasTold {
            known.noteWithoutAuthority(at: instant)
        }
        machines = Shared(known)
    }

    /// Takes in the zone's SOA, which came along with the last reading or alone.
    mutating func record(_ startOfAuthority: StartOfAuthority, at instant: Instant) {
        serial = startOfAuthority.serial
        primary = startOfAuthority.primary
        (refresh, retry) = (startOfAuthority.refresh, startOfAuthority.retry)
        isSerialFresh = true
        follow(startOfAuthority.serial, at: instant)
        // Alone, it says that nothing has changed.
        if !isFresh, serialTellsOfEdits, startOfAuthority.serial == toldSerial, let seenUntil,
            instant - seenUntil <= Schedule.longestGap
        {
            self.seenUntil = instant
        }
    }

    private mutating func follow(_ serial: SerialNumber, at instant: Instant) {
        guard let newestSerial, numbering != nil else {
            (newestSerial, newestSerialAt) = (serial, instant)
            numbering = SerialNumbering(serial, at: instant)
            return
        }
        guard serial != newestSerial else {
            (olderSerialsInARow, newestSerialAt) = (0, instant)
            return
        }
        // Front ends that lag show older serials in between; only what is newer than all before is a change,
        // unless it stays: then the zone was made anew, and counts from a lower number.
        if serial.precedes(newestSerial) != false {
            olderSerialsInARow += 1
            guard olderSerialsInARow >= Self.olderSerialsOfNewZone else { return }
        }
        olderSerialsInARow = 0
        if !SerialNumbering.haveSameLook(newestSerial, serial) { idleDoubts = nil }
        numbering?.note(
            from: newestSerial, to: serial, last: newestSerialAt ?? instant, now: instant)
        (self.newestSerial, newestSerialAt) = (serial, instant)
    }

    private static let olderSerialsOfNewZone = 3

    /// Ends a conclusion: what it was drawn from is no news any more.
    ///
    /// - Parameters:
    ///   - hasTold: whether the last answer told with authority what the server serves.
    ///   - wasHeard: whether it gave anything at all.
    mutating func settle(hasTold: Bool, wasHeard: Bool) {
        isFresh = false
        if wasHeard { lastHeardAt = checkedAt }
        if hasTold {
            self.hasTold = true
            lastToldAt = checkedAt
            silentSince = nil
            if isSerialFresh { exposureAtSerial = exposure.snapshot }
            // A machine that is behind, or a serial that was lost, tells nothing of the newest one.
            let isNewest = isSerialTold && serial == newestSerial
            if isNewest || isWithinLook && !hasMovedSerial {
                (toldSerial, seenUntil) = (newestSerial, checkedAt)
            }
        } else {
            silentSince = silentSince ?? checkedAt
            if !self.hasTold { wasSilentAtFirst = true }
        }
    }
}
