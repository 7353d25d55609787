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
package enum Exclusion: Sendable, Hashable {
    case optional
    /// This host has no route to the address's family: says nothing about the resolver.
    case noRoute
    case neverAnswered(String)
    case refuses(String)
}

/// Everything that the samples of one resolver have told about one domain (§2).
///
///     samples ──► copies alive ──► holding until `oldUntil` ──► target samples in a row ──► clear
///                     ▲                                                  │
///                     └──────────── a later non-target sample ◄──────────┘
package struct ResolverState: Sendable {
    package let identity: ResolverIdentity
    /// The last informative reading, and when it came.
    package private(set) var lastInformative: Reading?
    package private(set) var informedAt: Instant?
    /// The last reading of any kind; what it says of the server's health.
    package private(set) var last: Reading?
    /// The last reading that was an answer and told nothing.
    private var lastFailing: Reading?
    package private(set) var checkedAt: Instant?
    package private(set) var roundTrip: Duration?
    package private(set) var serial: SerialNumber?
    /// The latest instant until which a non-target copy that was seen can live.
    package private(set) var oldUntil: Instant?
    /// The non-target reading that `oldUntil` comes from, and when that very copy's RRset expires.
    package private(set) var holding: Reading?
    package private(set) var holdingExpiry: Instant?
    package private(set) var cachesSeen = 0
    /// Target samples in a row.
    package private(set) var confirmations = 0
    package private(set) var overdueEvidence: OverdueEvidence?

    private var copies: [CachedCopy] = []
    private(set) var runBegan: Instant?
    /// Samples in a row that told nothing.
    private(set) var uninformativeInARow = 0
    private var runLast: Instant?
    /// The latest sample that was not the target, or that told nothing before the resolver was clear.
    private var runBarredUntil: Instant?
    private var stayedClearWhileUninformed = false

    /// A non-target copy that was served when its cache should have dropped it.
    package struct OverdueEvidence: Sendable, Hashable {
        /// When the cache's earlier copy expired; `nil` where the resolver itself said "stale" (EDE 3, 19).
        package var expired: Instant?
        package var seen: Instant
    }

    package init(_ identity: ResolverIdentity) {
        self.identity = identity
    }
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
        guard reading.state.isInformative else {
            recordUninformative(reading, at: instant, isLatest: isLatest, policy: policy)
            return
        }
        uninformativeInARow = 0
        if let roundTrip { self.roundTrip = roundTrip }
        noteOverdue(reading, at: instant)
        noteCopy(reading, at: instant)
        if reading.state == .target {
            extendRun(at: instant)
        } else {
            endRun(at: instant)
            noteHolding(reading, at: instant)
        }
        if isLatest { last = reading }
        if informedAt.map({ $0 <= instant }) ?? true {
            lastInformative = reading
            informedAt = instant
        }
    }

    private mutating func recordUninformative(
        _ reading: Reading, at instant: Instant, isLatest: Bool, policy: Policy
    ) {
        let isClear = isClear(at: instant, policy: policy)
        if !isClear { endRun(at: instant) }
        if reading.state == .failing { lastFailing = reading }
        uninformativeInARow += 1
        guard isLatest else { return }
        stayedClearWhileUninformed = isClear
        last = reading
    }

    /// Takes in the serial number that rode along.
    package mutating func record(serial: SerialNumber) {
        self.serial = serial
    }

    private mutating func extendRun(at instant: Instant) {
        if let runBarredUntil, instant < runBarredUntil { return }
        runBegan = min(runBegan ?? instant, instant)
        runLast = max(runLast ?? instant, instant)
        confirmations += 1
    }

    private mutating func endRun(at instant: Instant) {
        runBarredUntil = max(runBarredUntil ?? instant, instant)
        runBegan = nil
        runLast = nil
        confirmations = 0
    }

    private mutating func noteHolding(_ reading: Reading, at instant: Instant) {
        let expiry = instant + (reading.lifetime ?? TTL(seconds: 0)).duration
        if let oldUntil, oldUntil >= expiry, oldUntil > instant { return }
        oldUntil = max(oldUntil ?? expiry, expiry)
        holding = reading
        holdingExpiry = instant + (reading.ttl ?? TTL(seconds: 0)).duration
    }
}

// MARK: - Separate caches behind the address

extension ResolverState {
    /// Copies whose expiry instants differ by more than this are in different caches: answers carry
    /// whole seconds, and the way back takes up to a second or so.
    package static let sameCopyTolerance: Duration = .seconds(2)
    /// How far past a copy's expiry a non-target answer may come before it is evidence.
    package static let overdueTolerance: Duration = .seconds(5)
    /// How many copies alive are kept apart; far more caches than samples can tell from one another.
    static let maximumCopies = 64

    struct CachedCopy: Sendable {
        var expiry: Instant
        var nsid: [UInt8]?
        var isTarget: Bool
    }

    /// The instant at which the earliest non-target copy still alive at `now` expires.
    package func nextExpiry(after now: Instant) -> Instant? {
        copies.lazy.filter { !$0.isTarget && $0.expiry > now }.map(\.expiry).min()
    }

    private mutating func noteCopy(_ reading: Reading, at instant: Instant) {
        let copy = CachedCopy(
            expiry: instant + (reading.ttl ?? TTL(seconds: 0)).duration, nsid: reading.nsid,
            isTarget: reading.state == .target)
        copies.removeAll { $0.expiry + Self.sameCopyTolerance < instant }
        let isKnown = copies.contains {
            $0.nsid == copy.nsid && $0.isTarget == copy.isTarget
                && abs($0.expiry - copy.expiry) <= Self.sameCopyTolerance
        }
        if !isKnown, copies.count < Self.maximumCopies { copies.append(copy) }
        cachesSeen = max(cachesSeen, copies.count)
    }

    /// A non-target copy is its cache's earlier one, served on, if that one expired more than
    /// `overdueTolerance` ago; the cache is known by its NSID, or by being the only one ever seen.
    private mutating func noteOverdue(_ reading: Reading, at instant: Instant) {
        guard reading.state != .target else { return }
        if reading.isDeclaredStale {
            overdueEvidence = OverdueEvidence(expired: nil, seen: instant)
            return
        }
        let mayBeAnother = reading.nsid == nil && cachesSeen > 1
        guard !mayBeAnother, let holding, let holdingExpiry, holding.nsid == reading.nsid,
            holdingExpiry + Self.overdueTolerance < instant
        else { return }
        overdueEvidence = OverdueEvidence(expired: holdingExpiry, seen: instant)
    }

    private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}

// MARK: - What it comes to

extension ResolverState {
    /// Whether the resolver is clear (§2): every copy seen that was not the target has expired, and the last
    /// samples were all the target. One that told nothing lately cannot become clear, but stays so.
    package func isClear(at now: Instant, policy: Policy) -> Bool {
        if let last, !last.state.isInformative { return stayedClearWhileUninformed }
        guard confirmations >= policy.confirmations, let runBegan, let runLast else { return false }
        guard runLast - runBegan >= policy.confirmationSpread else { return false }
        return oldUntil.map { now >= $0 } ?? true
    }

    /// The state to show at `now`: a non-target copy that is still alive outweighs a target sample.
    package func state(at now: Instant) -> MailState {
        shown(at: now)?.state ?? last?.state ?? .silent
    }

    /// When the copy of the RRset that is shown at `now` expires, or expired.
    package func shownExpiry(at now: Instant) -> Instant? {
        if isHolding(at: now) { return holdingExpiry }
        guard let ttl = lastInformative?.ttl, let informedAt else { return nil }
        return informedAt + ttl.duration
    }

    /// The reading to show at `now`, by the same rule; `nil` while nothing informative has come.
    package func shown(at now: Instant) -> Reading? {
        isHolding(at: now) ? holding : lastInformative
    }

    /// Whether a non-target copy that was seen can still be alive.
    package func isHolding(at now: Instant) -> Bool {
        oldUntil.map { now < $0 } ?? false
    }

    /// Since when, without interruption, the resolver has pointed at the target.
    package func targetSince(at now: Instant) -> Instant? {
        guard !isHolding(at: now), let runBegan else { return nil }
        return oldUntil.map { max($0, runBegan) } ?? runBegan
    }

    /// Whether the resolver goes on serving what should have expired: it stretches TTLs or serves stale.
    ///
    /// A cache that fetched the previous RRset once more before the switch did nothing wrong, so a copy
    /// counts only if the earlier one expired after publication.
    package func isOverdue(publishedAt: Instant?) -> Bool {
        guard let evidence = overdueEvidence, confirmations == 0 else { return false }
        guard let expired = evidence.expired else { return true }
        return publishedAt.map { expired >= $0 } ?? false
    }

    /// Why the resolver does not count, or `nil` if it does (§6).
    package var exclusion: Exclusion? {
        if identity.isOptional { return .optional }
        guard lastInformative == nil, let last else { return nil }
        if let lastFailing { return lastFailing.isRefusal ? .refuses(lastFailing.error ?? "refused") : nil }
        return last.hasNoRoute ? .noRoute : .neverAnswered(last.error ?? "no answer")
    }
}
