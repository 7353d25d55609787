import DNS

/// A resolver as the configuration names it.
package struct ResolverIdentity: Sendable, Hashable {
    package var name: String
    package var endpoint: Endpoint
    /// Shown, never counted.
    package var isOptional: Bool
    /// ISO 3166-1 alpha-2, from the configuration.
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

/// Why a resolver is *excluded*: left out of the count (§6).
package enum Exclusion: Sendable, Hashable, Codable {
    case optional
    /// This host has no route to the address's family.
    case noRoute
    case neverAnswered(String)
    case refuses(String)
    /// *Set aside*: it told nothing for half an hour and ten questions, and every copy seen there expired; or
    /// it goes on saying NXDOMAIN although no cache can hold that. Its next other answer ends it.
    case setAside(String)
}

/// What the samples of one resolver told about one domain (§2). `run…` is about its target samples in a row.
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
    /// Until when non-target copies that were seen can live.
    package private(set) var oldUntil: Instant?
    /// When the MX RRset of the copy behind `oldUntil` expires.
    package private(set) var holdingExpiry: Instant?
    /// When it last showed anything but the target.
    package private(set) var lastOldAt: Instant?
    /// Target samples in a row.
    package private(set) var confirmations = 0
    package private(set) var overdueEvidence: OverdueEvidence?
    /// When a cache last showed a non-target copy after its earlier one expired: fetched anew, or stale.
    private(set) var renewedAt: Instant?
    private(set) var copies = CachedCopies()
    private(set) var runBegan: Instant?
    private var runAge: TargetAge?
    /// Failures in a row; the samples of one sweep are one.
    private(set) var uninformativeInARow = 0
    /// Since when no sample was informative, and since when all say NXDOMAIN.
    private var uninformedSince: Instant?
    private var deniedSince: Instant?
    private var denialsInARow: Int?
    private var isSetAside: Bool?
    /// Whether this run has asked it for its copy of the NS RRset.
    var wasAskedForNameServers = false
    /// Since when every sample refuses us, and when a failure was last counted.
    private var refusedSince: Instant?
    private var failureCountedAt: Instant?
    private var runLast: Instant?
    /// The last sample that ended a run: not the target, or uninformative while not clear.
    private var runBarredUntil: Instant?
    private(set) var stayedClearWhileUninformed = false
    /// Whether an earlier run found it clear, and no sample ended that.
    private var isKeptClear = false

    /// A non-target copy served after its cache should have dropped it.
    package struct OverdueEvidence: Sendable, Hashable, Codable {
        /// When the cache's earlier copy expired; `nil` where the resolver says "stale" (EDE 3, 19).
        package var expired: Instant?
    }

    /// How long after a copy's expiry a non-target answer is still no evidence (§2).
    package static let overdueTolerance: Duration = .seconds(5)

    package init(_ identity: ResolverIdentity) {
        sharedIdentity = Shared(identity)
    }

    /// All but the identity, which comes from the configuration.
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

    /// The identity of a decoded state until `init(kept:…)`.
    private static let nobody = Shared(ResolverIdentity(name: "", endpoint: Endpoint(.v4(0))))

    /// An earlier run's state, for the resolver at the same address.
    package init(kept state: ResolverState, wasClear: Bool, for unasked: ResolverState) {
        self = state
        isKeptClear = wasClear
        sharedIdentity = unasked.sharedIdentity
    }

    package var identity: ResolverIdentity { sharedIdentity.value }
    var isOptional: Bool { sharedIdentity.value.isOptional }
    /// The last reading of any kind.
    package var last: Reading? { sharedLast?.value }
    package var hasBeenAsked: Bool { sharedLast != nil }
    /// The last informative reading.
    package var lastInformative: Reading? { sharedInformative?.value }
    /// The non-target reading behind `oldUntil`.
    package var holding: Reading? { sharedHolding?.value }
    /// At least so many caches stand behind the address: the most copies alive at once.
    package var cachesSeen: Int { copies.most }
}

extension ResolverState {
    /// Takes in one sample of the MX, received at `instant`.
    ///
    /// The samples of one sweep may come in any order; the latest by `instant` counts as the last.
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
        // The samples of one sweep fail together: one failure.
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

    /// Takes in the serial that came along.
    package mutating func record(serial: SerialNumber, at instant: Instant) {
        self.serial = serial
        serialAt = instant
    }

    private mutating func extendRun(_ reading: Reading, at instant: Instant) {
        if let runBarredUntil, instant < runBarredUntil { return }
        let copy = TargetAge.Copy(shown: instant, remaining: reading.ttl ?? TTL(seconds: 0))
        if reading.canonicalName != nil {
            // Behind an alias the MX may be older than the domain's switch.
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

    /// A non-target copy after its cache's earlier one expired was fetched anew, or, more than
    /// `overdueTolerance` after that expiry, served on. Its cache is known by NSID, or by being the only one
    /// seen.
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
    /// *Clear* (§2): every non-target copy seen has expired, and the last samples were all the target, the
    /// last of them after that expiry, as caches may round up. While failing it stays as it is.
    package func isClear(at now: Instant, policy: Policy) -> Bool {
        if let sharedLast, !sharedLast.value.state.isInformative { return stayedClearWhileUninformed }
        let needed = PlantedFault.oneSampleConfirms.isPlanted ? 1 : policy.confirmations
        guard confirmations >= needed, let runBegan, let runLast else { return false }
        guard isKeptClear || runLast - runBegan >= policy.confirmationSpread else { return false }
        if PlantedFault.oldCopiesForgotten.isPlanted { return true }
        return oldUntil.map { runLast >= $0 && now >= $0 } ?? true
    }

    /// The state to show at `now`: a live non-target copy outweighs a target sample.
    package func state(at now: Instant) -> MailState {
        sharedShown(at: now)?.value.state ?? sharedLast?.value.state ?? .silent
    }

    /// When the RRset shown at `now` expires, or expired.
    package func shownExpiry(at now: Instant) -> Instant? {
        if isHolding(at: now) { return holdingExpiry }
        guard let ttl = lastInformative?.ttl, let informedAt else { return nil }
        return informedAt + ttl.duration
    }

    /// The reading to show at `now`, by the rule of `state(at:)`; `nil` while none is informative.
    package func shown(at now: Instant) -> Reading? { sharedShown(at: now)?.value }

    private func sharedShown(at now: Instant) -> Shared<Reading>? {
        if isHolding(at: now) { return sharedHolding }
        return isInformed || isHeard(at: now) ? sharedInformative : nil
    }

    /// *Heard*: informative lately enough to back a level (§6).
    func isHeard(at now: Instant) -> Bool { informedAt.map { now - $0 <= Policy.heardWithin } ?? false }

    /// *Holding*: a non-target copy that was seen can be alive.
    package func isHolding(at now: Instant) -> Bool {
        oldUntil.map { now < $0 } ?? false
    }

    /// Since when the resolver shows the target without interruption (§2).
    package func targetSince(at now: Instant) -> Instant? {
        guard !isHolding(at: now), let runBegan else { return nil }
        let since = runAge?.since ?? runBegan
        return oldUntil.map { max($0, since) } ?? since
    }

    /// Whether its copies wait for the authoritative servers' TTL to be dated.
    package var isUndated: Bool { runAge.map { $0.since == nil } ?? false }

    /// Dates the copies of the target by the authoritative servers' TTL.
    mutating func dateTarget(by authority: AuthorityState) {
        guard let copy = runAge?.undated, let fetched = authority.fetchInstant(of: copy) else { return }
        runAge?.date(fetched: fetched)
    }

    /// *Overdue* (§2): it serves what should have expired, by stretching TTLs or serving stale.
    ///
    /// Either it says so, or its cache's earlier copy expired after publication, or no cache that respects
    /// TTLs can hold what it serves. Before publication fetching the former RRset once more is no fault.
    package func isOverdue(publishedAt: Instant?, bound: Instant?) -> Bool {
        guard confirmations == 0, let lastOldAt else { return false }
        if let bound, lastOldAt > bound + Self.overdueTolerance { return true }
        guard let evidence = overdueEvidence else { return false }
        guard let expired = evidence.expired else { return true }
        return publishedAt.map { expired >= $0 } ?? false
    }

    /// Whether the resolver *counts* (§6); `exclusion` says why not. One that answered once, and then refuses
    /// us for minutes until every copy seen has expired, does not, unless it was clear.
    package var counts: Bool {
        if isOptional || isSetAside == true { return false }
        if sharedInformative != nil { return !hasTurnedAway }
        return sharedLast == nil || sharedFailing.map { !$0.value.isRefusal } ?? false
    }

    /// Whether it says NXDOMAIN.
    var isDenying: Bool { deniedSince != nil }

    /// Sets it aside (`Exclusion.setAside`) if it is time.
    ///
    /// - Parameter isDenialRefuted: whether no cache can hold an NXDOMAIN by now.
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

    /// Refusals for this long are no rate limit.
    private static let refusalToExclude: Duration = .seconds(300)

    /// Whether the last sample was informative.
    var isInformed: Bool { sharedLast?.value.state.isInformative ?? false }

    /// Whether the last sample answers a question that left at `instant` or later.
    func wasAsked(since instant: Instant) -> Bool {
        checkedAt.map { $0 - (roundTrip ?? .zero) >= instant } ?? false
    }

    /// Why the resolver does not count; `nil` if it does (§6).
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
