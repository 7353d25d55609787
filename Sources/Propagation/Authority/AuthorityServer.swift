import DNS

/// One authoritative server: a name of the NS RRset and one of its addresses.
package struct AuthorityIdentity: Sendable, Hashable, Codable {
    /// `nil` where the operator gave an address alone.
    package var name: DomainName?
    package var endpoint: Endpoint
    /// Where the domain is an alias into another zone: the alias's target, about which this server is asked.
    package var alias: DomainName?

    package init(name: DomainName?, endpoint: Endpoint, alias: DomainName? = nil) {
        self.name = name
        self.endpoint = endpoint
        self.alias = alias
    }
}

/// What one authoritative server answered, asked directly without recursion. It *tells* (answers) when it
/// says with authority (AA) what it serves.
package struct AuthorityServerState: Sendable, Codable {
    private let sharedIdentity: Shared<AuthorityIdentity>
    private var sharedReading: Shared<Reading>?
    package private(set) var serial: SerialNumber?
    /// SOA REFRESH in seconds: how soon a secondary looks for a new version (RFC 1035 §3.3.13).
    package private(set) var refresh: UInt32?
    /// SOA RETRY in seconds: how soon it tries again after a failure.
    private(set) var retry: UInt32?
    package private(set) var checkedAt: Instant?
    package private(set) var roundTrip: Duration?
    /// What caches may hold because of this server.
    package internal(set) var exposure = Exposure()

    /// The newest serial seen, and the newest as it was at `seenUntil`.
    private var newestSerial: SerialNumber?
    private var toldSerial: SerialNumber?
    /// Until when it is known what it served: no gap before that waits for a serial.
    private(set) var seenUntil: Instant?
    /// What it served when it last told with a serial.
    private var contentAtSerial: Content?
    private var olderSerialsInARow = 0
    /// Whether a serial came with the last answer, or since.
    private var isSerialFresh = false
    /// `nil` before it gave a serial.
    package private(set) var numbering: SerialNumbering?
    /// When the newest serial was last seen.
    private var newestSerialAt: Instant?
    /// *Idle doubts*: doubts after which the MX was the same as before.
    private var idleDoubts: Int?
    /// `nil` before the first answer.
    private var machines: Shared<FrontEnds>?
    /// The zone's primary server, by its SOA.
    package private(set) var primary: DomainName?
    /// Whether an answer came in since the last conclusion.
    private(set) var isFresh = false
    /// Whether it ever told what it serves, and whether it was asked before that in vain.
    private(set) var hasTold = false
    private(set) var wasSilentAtFirst = false
    /// When it last told, since when it no longer does, and when it last gave anything, hearsay too.
    private(set) var lastToldAt: Instant?
    private(set) var silentSince: Instant?
    private var lastHeardAt: Instant?
    /// When it came into the delegation. It *joined late* if others had told by then: nobody asked it before,
    /// so it has a past of its own that was not seen.
    let joinedAt: Instant
    let joinedLate: Bool
    /// The last search that did not find it; `nil` where there was none.
    let joinedAfter: Instant?
    /// Whether its name was known by other addresses: then it has no unseen past of its own.
    private let hasKnownName: Bool?
    /// Whether the operator named it, which is no delegation.
    private let isNamedByOperator: Bool?
    /// How long resolvers can hold the record that leads to its address.
    private var addressLifetime: LeadLifetime?

    /// A server's *standing*: what its last answer is worth (§3).
    package enum Standing: Sendable, Hashable, Codable {
        case unasked
        /// It answers with authority.
        case answering
        /// It answers with authority that the domain is an alias into a zone that it does not serve.
        case referring(to: DomainName)
        /// It never answered with authority, and tells several ports that it does not know the zone.
        case lame(String)
        /// *Silent*: no answer, a refusal, no AA, or no longer what it told. It may serve the previous zone
        /// to others. What it gives without AA counts only against the target (`hearsay`).
        case silent(String)
        /// This host never reached the address's family; the server is left out, with a warning.
        case noRoute
    }

    package var identity: AuthorityIdentity { sharedIdentity.value }
    package var reading: Reading? { sharedReading?.value }
    /// The last reading's state, without a copy of the reading.
    var state: MailState? { sharedReading?.value.state }

    /// How a server came into the set of those asked.
    package enum Origin: Sendable {
        /// Before any other had told anything.
        case first
        /// After others had told. `after`: the last search that did not find it.
        case late(after: Instant?)
        /// As a further address of a known name.
        case knownName
        /// The operator named it.
        case operatorsWord
    }

    /// - Parameter wasUnresolved: whether its name was known before its address: it was asked in vain.
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

    /// Whether what it served before it was asked counts as unseen.
    var hasUnseenPast: Bool { hasKnownName != true }
    var isGiven: Bool { isNamedByOperator == true }

    /// Takes in the TTL of its address record; `nil` where no server responsible for it told.
    mutating func note(addressTTL ttl: TTL?, at now: Instant) {
        guard let ttl else { return }
        addressLifetime = addressLifetime ?? LeadLifetime()
        addressLifetime?.note(ttl, at: now)
    }

    /// Until when resolvers can be led to its address, if the name was seen without it at `now`.
    func endOfAddress(seenAt now: Instant) -> Instant { (addressLifetime ?? LeadLifetime()).end(of: now) }

    package private(set) var standing = Standing.unasked

    /// Only a server that never told, and tells several ports that the zone is not its own, is lame. One that
    /// refuses us, or gives us no AA, may serve others as before.
    private static func standing(of reading: Reading, hasTold: Bool, isDenied: Bool) -> Standing {
        let reason = reading.error ?? "answers without authority"
        if reading.hasNoRoute { return hasTold ? .silent(reason) : .noRoute }
        if reading.isAuthoritative, reading.state.isInformative { return .answering }
        if reading.isAuthoritative, let end = reading.danglingAlias { return .referring(to: end) }
        return isDenied && !hasTold ? .lame(reason) : .silent(reason)
    }

    /// *Hearsay*: another MX than the target's, given without AA (§3). Many resolvers accept it, so copies of
    /// it live for this long; `nil` where there is none. The target without AA proves nothing.
    var hearsay: TTL? {
        guard let reading, reading.state.isInformative, !reading.isAuthoritative, reading.state != .target,
            !PlantedFault.hearsayIgnored.isPlanted
        else { return nil }
        return reading.lifetime ?? TTL(seconds: 0)
    }

    /// When a silent server is *in step*: assumed to serve what the others serve (§3), `wait` after they
    /// agreed, and after it was first waited for.
    package func inStep(with agreedSince: Instant, wait: Duration) -> Instant {
        if exposure.servesTarget { return agreedSince + wait }
        let since = hasTold ? silentSince : joinedAt
        let heard = exposure.current == nil ? nil : lastHeardAt
        return max(agreedSince, since ?? agreedSince, heard ?? agreedSince) + wait
    }

    /// How long a secondary with this SOA may go on serving an older zone without its primary: REFRESH + 3 ×
    /// RETRY; `nil` before it gave an SOA.
    var longestBehind: Duration? {
        refresh.map { .seconds(Int64($0)) + .seconds(Int64(retry ?? 0)) * 3 }
    }

    /// The edits that its serials show since it last told; `nil` before it gave any.
    var editsSinceTold: SerialNumbering.Edits? {
        guard let toldSerial, let newestSerial, let numbering else { return nil }
        let edits = numbering.edits(from: toldSerial, to: newestSerial)
        return PlantedFault.skippedSerialsIgnored.isPlanted
            ? SerialNumbering.Edits(atLeast: min(edits.atLeast, 1), atMost: 1) : edits
    }

    /// Whether the serial moved since it last told.
    var hasMovedSerial: Bool { toldSerial != nil && newestSerial != toldSerial }

    private struct Content: Sendable, Codable {
        var exposure: Exposure.Snapshot
        /// The target's TTL is no part of the exposure.
        var ttl: TTL?
        var isCache: Bool
        var at: Instant
    }

    /// If the serial stood still while the MX or its TTL changed: when it was last told before the change. A cache that
    /// was known gives other TTLs, and so does one whose copy runs down; else the zone may have been edited.
    var toldBeforeChangeUnderSerial: Instant? {
        guard isSerialFresh, toldSerial != nil, newestSerial == toldSerial, serial == newestSerial,
            let content = contentAtSerial, !content.isCache, !frontEnds.hasRunDown
        else { return nil }
        return content.exposure != exposure.snapshot || content.ttl != reading?.ttl ? content.at : nil
    }
    mutating func noteChangeUnderSerial() { numbering?.noteChangeUnderSerial() }

    /// Whether a serial that stands still proves that nothing was edited. A cache's proves nothing.
    package var serialTellsOfEdits: Bool { numbering?.tellsOfEdits ?? false && !frontEnds.isCache }

    /// A *busy* zone: idle doubts show edits for other reasons. What further ones hide is only assumed (§4).
    var isBusy: Bool { idleDoubts ?? 0 >= Self.doubtsOfBusyZone }
    mutating func noteIdleDoubt() { idleDoubts = (idleDoubts ?? 0) + 1 }
    private static let doubtsOfBusyZone = 3

    /// The newest serial that was seen.
    var knownSerial: SerialNumber? { newestSerial }

    /// Whether the last answer's serial is known, if the server ever gave one.
    var isSerialTold: Bool { serial == nil || isSerialFresh }

    /// Whether no gap before the last answer waits for a serial.
    var isAccountedFor: Bool {
        guard let seenUntil, let checkedAt else { return false }
        return seenUntil >= checkedAt
    }

    /// Whether the last answer came so soon that there is no gap before it. A *gap* is a time over
    /// `longestSeenGap` between two answers: the MX may have been rolled back and forward in it.
    var isWithinLook: Bool {
        guard let seenUntil, let checkedAt else { return false }
        return checkedAt - seenUntil <= Self.longestSeenGap
    }
    static let longestSeenGap: Duration = .seconds(60)

    /// When the question of the last answer left: what the answer says held then or later.
    var askedAt: Instant? { checkedAt.map { $0 - (roundTrip ?? .zero) } }

    var frontEnds: FrontEnds { machines?.value ?? FrontEnds() }

    /// *Unsettled*: it gave the target and something else in turn lately; the target does not count yet (§3).
    var isUnsettled: Bool {
        guard let until = machines?.value.quietUntil, let checkedAt, !PlantedFault.frontEndsIgnored.isPlanted
        else {
            return false
        }
        return checkedAt < until
    }

    /// - Parameters:
    ///   - isDenied: whether several ports were asked from, and each was told that the zone is unknown.
    ///   - isMixed: whether some ports were given the target, and others not.
    ///   - serial: that of the SOA that came along.
    mutating func record(
        _ reading: Reading, at instant: Instant, roundTrip: Duration?, isDenied: Bool, isMixed: Bool,
        serial: SerialNumber?
    ) {
        noteMachines(reading, at: instant, isMixed: isMixed, serial: serial)
        sharedReading = Shared(reading)
        let standing = Self.standing(of: reading, hasTold: hasTold, isDenied: isDenied)
        // One lost answer makes no lame server silent.
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

    /// Takes in the zone's SOA, which came with the last reading or alone.
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
        // Front ends that lag show older serials in between, so only a newer one is a change. An older one
        // that stays means that the zone was made anew, with lower numbers.
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

    /// Ends a conclusion: the last answer is no longer fresh.
    ///
    /// - Parameters:
    ///   - hasTold: whether the last answer told what the server serves.
    ///   - wasHeard: whether it gave anything at all.
    mutating func settle(hasTold: Bool, wasHeard: Bool) {
        isFresh = false
        if wasHeard { lastHeardAt = checkedAt }
        if hasTold {
            self.hasTold = true
            lastToldAt = checkedAt
            silentSince = nil
            if isSerialFresh, let checkedAt {
                contentAtSerial = Content(
                    exposure: exposure.snapshot, ttl: reading?.ttl, isCache: frontEnds.isCache, at: checkedAt)
            }
            // A machine that is behind, or a lost serial, does not confirm the newest one.
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
