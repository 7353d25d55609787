import DNS

/// A resolver as the configuration names it.
package struct ResolverIdentity: Sendable, Hashable {
    package var name: String
    package var endpoint: Endpoint
    /// Shown, and never counted.
    package var isOptional: Bool
    /// ISO 3166-1 alpha-2, where the configuration tells.
    package var country: String?
    package var operatorName: String?

    package init(
        name: String, endpoint: Endpoint, isOptional: Bool = false, country: String? = nil,
        operatorName: String? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.isOptional = isOptional
        self.country = country
        self.operatorName = operatorName
    }
}

/// Why a resolver is left out of the count (§6).
package enum Exclusion: Sendable, Hashable, Codable {
    case optional
    /// This host has no route to the address's family: says nothing about the resolver.
    case noRoute
    case neverAnswered(String)
    case refuses(String)
    /// It has told nothing for half an hour, and every copy that was seen there has expired.
    case setAside(String)
}

/// Everything that the samples of one resolver have told about one domain (§2).
///
///     samples ──► copies alive ──► holding until `oldUntil` ──► target samples in a row ──► clear
///                     ▲                                                  │
///                     └──────────── a later non-target sample ◄──────────┘
package struct ResolverState: Sendable, Codable {
    private var sharedIdentity = Self.nobody
    private var sharedLast: Shared<Reading>?
    private var sharedInformative: Shared<Reading>?
    private var sharedHolding: Shared<Reading>?
    private var sharedFailing: Shared<Reading>?
    package private(set) var informedAt: Instant?
    package private(set) var checkedAt: Instant?
    package private(set) var roundTrip: Duration?
    package private(set) var serial: SerialNumber?
    package private(set) var serialAt: Instant?
    /// The latest instant until which a non-target copy that was seen can live.
    package private(set) var oldUntil: Instant?
    /// When the RRset of the copy that `oldUntil` comes from expires.
    package private(set) var holdingExpiry: Instant?
    /// When a copy of anything but the target was last served.
    package private(set) var lastOldAt: Instant?
    /// Target samples in a row.
    package private(set) var confirmations = 0
    package private(set) var overdueEvidence: OverdueEvidence?
    /// When a cache last showed a non-target copy whose earlier one had expired: it fetched it anew, or serves it stale.
    private(set) var renewedAt: Instant?
    private(set) var copies = CachedCopies()
    private(set) var runBegan: Instant?
    /// How old the copies of the run are.
    private var runAge: TargetAge?
    /// Samples in a row that told nothing.
    private(set) var uninformativeInARow = 0
    /// Since when no sample has told anything, and since when all say that there is no such name.
    private var uninformedSince: Instant?
    private var deniedSince: Instant?
    private var denialsInARow: Int?
    /// Whether it is left out of the count until its next answer.
    private var isSetAside: Bool?
    /// Whether this run has asked it for its copy of the NS RRset.
    var wasAskedForNameServers = false
    /// Since when every sample has refused us, and when a failure was counted last.
    private var refusedSince: Instant?
    private var failureCountedAt: Instant?
    private var runLast: Instant?
    /// The latest sample that was not the target, or that told nothing before the resolver was clear.
    private var runBarredUntil: Instant?
    private(set) var stayedClearWhileUninformed = false
    /// Whether an earlier run found it clear, and nothing has spoken against it since.
    private var isKeptClear = false

    /// A non-target copy that was served when its cache should have dropped it.
    package struct OverdueEvidence: Sendable, Hashable, Codable {
        /// When the cache's earlier copy expired; `nil` where the resolver itself said "stale" (EDE 3, 19).
        package var expired: Instant?
    }

    /// How far past a copy's expiry a non-target answer may come before it is evidence.
    package static let overdueTolerance: Duration = .seconds(5)

    package init(_ identity: ResolverIdentity) {
        sharedIdentity = Shared(identity)
    }

    /// All but the identity: the configuration tells that anew.
    private enum CodingKeys: String, CodingKey {
        case sharedLast = "last"
        case sharedInformative = "informative"
        case sharedHolding = "holding"
        case sharedFailing = "failing"
        case informedAt, checkedAt, roundTrip, serial, serialAt, oldUntil, holdingExpiry, lastOldAt
        case confirmations, overdueEvidence, copies, runBegan, runAge, uninformativeInARow, refusedSince
        case failureCountedAt, runLast, runBarredUntil, stayedClearWhileUninformed
        case renewedAt, uninformedSince, deniedSince, denialsInARow, isSetAside
    }

    /// Whose state one is that has been read back and not been given to anybody yet.
    private static let nobody = Shared(ResolverIdentity(name: "", endpoint: Endpoint(.v4(0))))

    /// What was kept of an earlier run, for the same address as `unasked`.
    package init(kept state: ResolverState, wasClear: Bool, for unasked: ResolverState) {
        self = state
        isKeptClear = wasClear
        sharedIdentity = unasked.sharedIdentity
    }

    package var identity: ResolverIdentity { sharedIdentity.value }
    var isOptional: Bool { sharedIdentity.value.isOptional }
    /// The last reading of any kind; what it says of the server's health.
    package var last: Reading? { sharedLast?.value }
    package var hasBeenAsked: Bool { sharedLast != nil }
    /// The last informative reading.
    package var lastInformative: Reading? { sharedInformative?.value }
    /// The non-target reading that `oldUntil` comes from.
    package var holding: Reading? { sharedHolding?.value }
    /// The most copies that were alive at once: at least as many caches stand behind the address.
    package var cachesSeen: Int { copies.most }
}

extension ResolverState {
    /// Takes in one sample of the MX, received at `instant`.
    ///
    /// The samples of one sweep may be taken in any order; what is latest in time is what counts as last.
    package mutating func record(
        _ reading: Reading, at instant: Instant, roundTrip: Duration?, policy: Policy
    ) {
        let isLatest = checkedAt.map { $0 <= instant } ?? true
        checkedAt = max(checkedAt ?? instant, instant)
        let shared = Shared(reading)
        guard reading.state.isInformative else {
            recordUninformative(shared, at: instant, isLatest: isLatest, policy: policy)
            return
        }
        uninformativeInARow = 0
        uninformedSince = nil
        refusedSince = nil
        noteDenial(reading, at: instant)
        if let roundTrip { self.roundTrip = roundTrip }
        noteOverdue(reading, at: instant)
        copies.note(reading, at: instant)
        if reading.state == .target {
            extendRun(reading, at: instant)
        } else {
            endRun(at: instant)
            stayedClearWhileUninformed = false
            lastOldAt = max(lastOldAt ?? instant, instant)
            noteHolding(shared, at: instant)
        }
        if isLatest { sharedLast = shared }
        if informedAt.map({ $0 <= instant }) ?? true {
            sharedInformative = shared
            informedAt = instant
        }
    }

    private mutating func noteDenial(_ reading: Reading, at instant: Instant) {
        guard reading.absence == .nameError else {
            (deniedSince, denialsInARow, isSetAside) = (nil, nil, nil)
            return
        }
        deniedSince = deniedSince ?? instant
        denialsInARow = (denialsInARow ?? 0) + 1
    }

    private mutating func recordUninformative(
        _ reading: Shared<Reading>, at instant: Instant, isLatest: Bool, policy: Policy
    ) {
        let isClear = isClear(at: instant, policy: policy)
        if !isClear { endRun(at: instant) }
        if reading.value.state == .failing { sharedFailing = reading }
        // The samples of one sweep fail together, and are one failure.
        if failureCountedAt.map({ instant - $0 >= Schedule.shortestInterval }) ?? true {
            failureCountedAt = instant
            uninformativeInARow += 1
        }
        uninformedSince = uninformedSince ?? instant
        refusedSince = reading.value.isRefusal ? refusedSince ?? instant : nil
        guard isLatest else { return }
        stayedClearWhileUninformed = isClear
        sharedLast = reading
    }

    /// Takes in the serial number that rode along.
    package mutating func record(serial: SerialNumber, at instant: Instant) {
        self.serial = serial
        serialAt = instant
    }

    private mutating func extendRun(_ reading: Reading, at instant: Instant) {
        if let runBarredUntil, instant < runBarredUntil { return }
        let copy = TargetAge.Copy(shown: instant, remaining: reading.ttl ?? TTL(seconds: 0))
        if reading.canonicalName != nil {
            // The MX at an alias's end is as old as other domains made it.
            runAge = nil
        } else if runBegan == nil {
            runAge = TargetAge(copy)
        } else {
            runAge?.note(copy)
        }
        runBegan = min(runBegan ?? instant, instant)
        runLast = max(runLast ?? instant, instant)
        confirmations += 1
    }

    private mutating func endRun(at instant: Instant) {
        runBarredUntil = max(runBarredUntil ?? instant, instant)
        runBegan = nil
        runAge = nil
        runLast = nil
        confirmations = 0
        isKeptClear = false
    }

    private mutating func noteHolding(_ reading: Shared<Reading>, at instant: Instant) {
        let expiry = instant + (reading.value.lifetime ?? TTL(seconds: 0)).duration
        if let oldUntil, oldUntil >= expiry, oldUntil > instant { return }
        oldUntil = max(oldUntil ?? expiry, expiry)
        sharedHolding = reading
        holdingExpiry = instant + (reading.value.ttl ?? TTL(seconds: 0)).duration
    }

    /// A non-target copy that comes after its cache's earlier one has expired was fetched anew, or is that one served
    /// on. It counts as served on if that expiry is more than `overdueTolerance` ago. The cache is known by its NSID,
    /// or by being the only one ever seen.
    private mutating func noteOverdue(_ reading: Reading, at instant: Instant) {
        guard reading.state != .target else { return }
        if reading.isDeclaredStale {
            overdueEvidence = OverdueEvidence(expired: nil)
            return
        }
        let mayBeAnother = reading.nsid == nil && cachesSeen > 1
        guard !mayBeAnother, let holding, let holdingExpiry, holding.nsid == reading.nsid,
            holdingExpiry < instant
        else { return }
        renewedAt = instant
        guard holdingExpiry + Self.overdueTolerance < instant else { return }
        overdueEvidence = OverdueEvidence(expired: holdingExpiry)
    }
}

// MARK: - What it comes to

extension ResolverState {
    /// Whether the resolver is clear (§2): every copy seen that was not the target has expired, and the last
    /// samples were all the target, the last of them after that expiry: a cache may count in whole seconds, and
    /// round up. One that told nothing lately cannot become clear, but stays so.
    package func isClear(at now: Instant, policy: Policy) -> Bool {
        if let sharedLast, !sharedLast.value.state.isInformative { return stayedClearWhileUninformed }
        let needed = PlantedFault.oneSampleConfirms.isPlanted ? 1 : policy.confirmations
        guard confirmations >= needed, let runBegan, let runLast else { return false }
        guard isKeptClear || runLast - runBegan >= policy.confirmationSpread else { return false }
        if PlantedFault.oldCopiesForgotten.isPlanted { return true }
        return oldUntil.map { runLast >= $0 && now >= $0 } ?? true
    }

    /// The state to show at `now`: a non-target copy that is still alive outweighs a target sample.
    package func state(at now: Instant) -> MailState {
        sharedShown(at: now)?.value.state ?? sharedLast?.value.state ?? .silent
    }

    /// When the copy of the RRset that is shown at `now` expires, or expired.
    package func shownExpiry(at now: Instant) -> Instant? {
        if isHolding(at: now) { return holdingExpiry }
        guard let ttl = lastInformative?.ttl, let informedAt else { return nil }
        return informedAt + ttl.duration
    }

    /// The reading to show at `now`, by the same rule; `nil` while nothing informative has come.
    package func shown(at now: Instant) -> Reading? { sharedShown(at: now)?.value }

    private func sharedShown(at now: Instant) -> Shared<Reading>? {
        if isHolding(at: now) { return sharedHolding }
        return isInformed || isHeard(at: now) ? sharedInformative : nil
    }

    /// Whether it has told something lately enough to back a level.
    func isHeard(at now: Instant) -> Bool { informedAt.map { now - $0 <= Policy.heardWithin } ?? false }

    /// Whether a non-target copy that was seen can still be alive.
    package func isHolding(at now: Instant) -> Bool {
        oldUntil.map { now < $0 } ?? false
    }

    /// Since when, without interruption, the resolver has pointed at the target (§2).
    package func targetSince(at now: Instant) -> Instant? {
        guard !isHolding(at: now), let runBegan else { return nil }
        let since = runAge?.since ?? runBegan
        return oldUntil.map { max($0, since) } ?? since
    }

    /// Whether the authoritative servers' TTL is still to tell how old its copies are.
    package var isUndated: Bool { runAge.map { $0.since == nil } ?? false }

    /// Dates the copies of the target that have not been dated.
    mutating func dateTarget(by authority: AuthorityState) {
        guard let copy = runAge?.undated, let fetched = authority.fetchInstant(of: copy) else { return }
        runAge?.date(fetched: fetched)
    }

    /// Whether the resolver goes on serving what should have expired: it stretches TTLs or serves stale.
    ///
    /// It may say so itself. Or its cache's earlier copy expired after publication: one that fetched the
    /// previous RRset once more before the switch did nothing wrong. Or it serves what no cache that respects
    /// TTLs can hold any more, whichever of its caches it is.
    package func isOverdue(publishedAt: Instant?, bound: Instant?) -> Bool {
        guard confirmations == 0, let lastOldAt else { return false }
        if let bound, lastOldAt > bound + Self.overdueTolerance { return true }
        guard let evidence = overdueEvidence else { return false }
        guard let expired = evidence.expired else { return true }
        return publishedAt.map { expired >= $0 } ?? false
    }

    /// Whether the resolver counts (§6): `exclusion` says why not. One that answered, and has since refused us
    /// for minutes until every copy seen must have expired, does not count any more, unless it was clear.
    package var counts: Bool {
        if isOptional || isSetAside == true { return false }
        if sharedInformative != nil { return !hasTurnedAway }
        return sharedLast == nil || sharedFailing.map { !$0.value.isRefusal } ?? false
    }

    /// Whether it says that there is no such name.
    var isDenying: Bool { deniedSince != nil }

    /// Leaves it out of the count where it tells nothing any more: for half an hour and ten questions, and every
    /// copy that was seen there has expired (§6).
    ///
    /// - Parameter isDenialRefuted: whether "there is no such name" is nothing that a cache can hold by now.
    mutating func setAside(at now: Instant, isDenialRefuted: Bool) {
        let isGone = oldUntil.map { now >= $0 } ?? true
        let isSilent = isGone && uninformativeInARow >= Self.questionsToSetAside && isLong(uninformedSince)
        let isDenying =
            isDenialRefuted && (denialsInARow ?? 0) >= Self.questionsToSetAside && isLong(deniedSince)
        if isSilent || isDenying { isSetAside = true }
    }

    private func isLong(_ since: Instant?) -> Bool {
        guard let since, let checkedAt else { return false }
        return checkedAt - since >= Self.silenceToSetAside
    }

    private static let silenceToSetAside: Duration = .seconds(1800)
    private static let questionsToSetAside = 10

    private var hasTurnedAway: Bool {
        guard let refusedSince, let checkedAt, !stayedClearWhileUninformed,
            checkedAt - refusedSince >= Self.refusalToExclude
        else { return false }
        return oldUntil.map { checkedAt >= $0 } ?? true
    }

    /// Refusals for so long are no passing limit of rates.
    private static let refusalToExclude: Duration = .seconds(300)

    /// Whether the last sample told something.
    var isInformed: Bool { sharedLast?.value.state.isInformative ?? false }

    /// Whether the last sample answers a question that left at `instant` or later.
    func wasAsked(since instant: Instant) -> Bool {
        checkedAt.map { $0 - (roundTrip ?? .zero) >= instant } ?? false
    }

    /// Why the resolver does not count, or `nil` if it does (§6).
    package var exclusion: Exclusion? {
        if isOptional { return .optional }
        guard !counts, let last else { return nil }
        if isSetAside == true {
            return .setAside(last.error ?? "it says that the domain does not exist")
        }
        if let failing = sharedFailing?.value { return .refuses(failing.error ?? "refused") }
        return last.hasNoRoute ? .noRoute : .neverAnswered(last.error ?? "no answer")
    }
}
