import DNS

/// Everything known about one domain: takes in readings and instants, gives verdicts and events.
///
///     unpublished ─► publishing ─► propagating ─► propagated ─► second_pass_safe ─► decommission_safe
///          ▲              │             ▲ │           │ │               │                   │
///          │              │             │ └───────────┘ │ (a non-target sample)             │
///          │              │             └───────────────┼───────────────┴───────────────────┤
///          └── regression ┴─────────────────────────────┴───────────────────────────────────┘
///
/// It reads no clock and no socket. `conclude(at:)` draws what a poll's end means; between polls,
/// `verdict(at:)` can be asked for any later instant.
package struct DomainTracker: Sendable {
    package let domain: DomainName
    package let target: Target
    package internal(set) var policy: Policy
    package var authority: AuthorityState
    package internal(set) var resolvers: [ResolverState]
    /// Where publication is read from; authority unless the operator said otherwise.
    package internal(set) var basis: Basis

    package internal(set) var publishedAt: Instant?
    package internal(set) var propagatedAt: Instant?
    package internal(set) var secondPassAt: Instant?
    package internal(set) var decommissionAt: Instant?
    package internal(set) var regressedAt: Instant?
    /// What is known of the accepted exchanges' own names.
    package var exchangeWarnings: [Warning] = []

    /// The operator's word on when the change was published.
    package internal(set) var operatorPublishedAt: Instant?
    /// The operator's word on when the name servers changed last; `nil` where they are taken not to have.
    package internal(set) var nameServersSince: Instant?
    /// The longest lifetimes that copies of anything but the target had when resolvers showed them.
    var held: HeldLifetime?
    /// Whether something else was seen to be served after the operator's instant of publication.
    var isOperatorContradicted = false
    /// The last copy in a resolver that lives beyond the bound, and so was fetched after publication.
    var refetched: Refetched?
    /// By resolver, a copy that may be such a one: the authoritative servers have not been asked since it was seen. It
    /// may have expired by the time they are.
    var unexamined: [Int: Copy] = [:]
    let asksAuthority: Bool
    var shownStates: [MailState?]
    /// Set while this run goes on from an earlier one and has not heard enough yet for a verdict of its own.
    var recalled: Recalled?
    /// The levels that earlier runs reached, by what publication was read from.
    var keptLevels: [Basis: Levels] = [:]
    /// What the operator said and an answer contradicted; it does not count.
    var refutedWord: RefutedWord?
    var refutedTTL: RefutedTTL?
    /// When the last conclusion was drawn.
    private(set) var concludedAt: Instant?
    /// Resolvers that showed something else before the last conclusion, in a sample that was taken in only after it.
    private var latecomers = Set<Int>()
    /// What an earlier run knew of the authoritative servers, where this one does not ask them.
    var keptAuthority: Shared<AuthorityState>?
    private var knownExchanges = KnownExchanges()

    package init(
        domain: DomainName, target: Target, policy: Policy, resolvers: [ResolverIdentity],
        asksAuthority: Bool = true, publishedAt: Instant? = nil, nameServersSince: Instant? = nil
    ) {
        self.init(
            domain: domain, target: target, policy: policy, unasked: resolvers.map(ResolverState.init),
            asksAuthority: asksAuthority, publishedAt: publishedAt, nameServersSince: nameServersSince)
    }

    /// - Parameters:
    ///   - unasked: the resolvers, of which nothing is known yet; many domains share their identities.
    ///   - publishedAt: the operator's word on when the change was published; it stands in for what the
    ///     authoritative servers' answers would date, and they can still contradict it.
    ///   - nameServersSince: the operator's word on when the zone's name servers changed last.
    package init(
        domain: DomainName, target: Target, policy: Policy, unasked: [ResolverState],
        asksAuthority: Bool, publishedAt: Instant?, nameServersSince: Instant? = nil
    ) {
        self.domain = domain
        self.target = target
        self.policy = policy
        resolvers = unasked
        authority = AuthorityState()
        operatorPublishedAt = publishedAt
        self.nameServersSince = nameServersSince
        self.asksAuthority = asksAuthority
        basis = publishedAt != nil ? .operator : asksAuthority ? .authority : .resolvers
        shownStates = Array(repeating: nil, count: unasked.count)
    }

    package mutating func record(
        _ reading: Reading, resolver: Int, at instant: Instant, roundTrip: Duration? = nil
    ) {
        var reading = reading
        knownExchanges.share(&reading.exchanges)
        resolvers[resolver].record(reading, at: instant, roundTrip: roundTrip, policy: policy)
        if reading.state.isInformative, reading.state != .target, concludedAt.map({ instant < $0 }) ?? false {
            latecomers.insert(resolver)
        }
    }

    package mutating func record(serial: SerialNumber, resolver: Int, at instant: Instant) {
        resolvers[resolver].record(serial: serial, at: instant)
    }

    /// Draws what has changed by `now`, usually after each poll, and after a copy's expiry.
    package mutating func conclude(at now: Instant) -> [Event] {
        concludedAt = now
        defer { latecomers = [] }
        var events = concludeTransitions(at: now)
        examineLifetimes(at: now)
        let doubt = authority.doubt
        let authorityAgrees = authority.conclude(
            at: now, policy: effectivePolicy, isDated: coveringWord != nil, gapMemory: gapMemory)
        if let new = authority.doubt, new != doubt, publishedAt != nil { events.append(.doubt(new)) }
        setAside(at: now)
        for index in resolvers.indices { resolvers[index].dateTarget(by: authority) }
        if recalled != nil {
            guard isCurrent else { return events + concludeContradiction(at: now) }
            recalled = nil
        }
        events += concludePublication(at: now, authorityAgrees: authorityAgrees)
        if examineBound(at: now) {
            events += concludePublication(at: now, authorityAgrees: authorityAgrees)
        }
        events += concludePropagation(at: now)
        events += concludeSafety(at: now)
        return events
    }

    /// A resolver that goes on saying "no such name" filters, once no cache can hold that any more. Where the zone
    /// said so itself, a server elsewhere may be behind, for as long as a secondary can be.
    private mutating func setAside(at now: Instant) {
        let lag: Duration = authority.hasServed(.nameError) ? authority.longestSilence : .zero
        // Who tells something else is not looked at: the bound costs more than all the rest.
        let failing = resolvers.indices.filter { !resolvers[$0].isInformed || resolvers[$0].isDenying }
        guard !failing.isEmpty else { return }
        let isPast = authorityHasSay && boundAsSaid.map { $0.at + lag <= now } ?? false
        for index in failing { resolvers[index].setAside(at: now, isDenialRefuted: isPast) }
    }

    private mutating func concludeTransitions(at now: Instant) -> [Event] {
        var events: [Event] = []
        for index in resolvers.indices where resolvers[index].hasBeenAsked {
            let state = resolvers[index].state(at: now)
            guard state != shownStates[index] else { continue }
            events.append(.transition(resolver: index, from: shownStates[index], to: state))
            shownStates[index] = state
        }
        return events
    }

    /// What takes a remembered level back needs no second voice.
    private mutating func concludeContradiction(at now: Instant) -> [Event] {
        guard basis != .resolvers, publishedAt != nil, authority.contradicts else { return [] }
        return concludePublication(at: now, authorityAgrees: false) + concludePropagation(at: now)
            + concludeSafety(at: now)
    }

    private mutating func concludePublication(at now: Instant, authorityAgrees: Bool) -> [Event] {
        let serversHold = authorityAgrees || (publishedAt != nil && !authority.isOpposed)
        let holds =
            switch basis {
            case .authority: serversHold
            // The operator spoke of the first time: what was taken back is published again by the servers' word.
            case .operator where !operatorWordStands:
                operatorPublishedAt! <= now && serversHold
            case .operator:
                operatorPublishedAt! <= now && !authority.contradicts
                    && (publishedAt != nil || !isAwaitingAuthority)
            case .resolvers: resolversHold(at: now, since: publishedAt)
            }
        if authority.contradicts, !authority.hasAgreed { isOperatorContradicted = true }
        if holds, publishedAt == nil {
            publishedAt = regressedAt == nil ? trustedOperatorWord ?? now : now
            regressedAt = nil
            return [.published]
        }
        if !holds, publishedAt != nil, !PlantedFault.regressionsIgnored.isPlanted {
            publishedAt = nil
            regressedAt = now
            return [.regression]
        }
        return []
    }

    private mutating func concludePropagation(at now: Instant) -> [Event] {
        let holds = publishedAt != nil && resolversHold(at: now, since: propagatedAt)
        if holds, propagatedAt == nil {
            propagatedAt = now
            return [.propagated]
        }
        if !holds, propagatedAt != nil {
            propagatedAt = nil
            return [.unpropagated]
        }
        return []
    }

    /// The two levels that wait for an instant. Each is reached only by an authoritative answer to a question
    /// that left when all else was met: what was seen minutes before may have been taken back since.
    private mutating func concludeSafety(at now: Instant) -> [Event] {
        guard propagatedAt != nil else {
            let wasSafe = secondPassAt != nil
            secondPassAt = nil
            decommissionAt = nil
            return wasSafe ? [.secondPassUnsafe] : []
        }
        var events: [Event] = []
        // One that has yet to confirm what it shows takes no level back, and lets none be reached.
        guard isHeard(at: now), allClear(at: now) else { return events }
        if secondPassAt == nil, let due = secondPassDue, due <= now, isConfirmed(since: due) {
            secondPassAt = now
            events.append(.secondPassSafe)
        }
        if decommissionAt == nil, secondPassAt != nil, let due = decommissionDue, due <= now,
            isConfirmed(since: due)
        {
            decommissionAt = now
            events.append(.decommissionSafe)
        }
        return events
    }
}

extension DomainTracker {
    /// Whether the authoritative servers' first word is still to come: until then nobody knows whether they
    /// contradict the operator.
    package var isAwaitingAuthority: Bool { asksAuthority && authority.isPending }

    /// Whether the servers have never been seen to serve anything else since the operator's instant, or have not
    /// taken it back.
    var operatorWordStands: Bool { !isOperatorContradicted && regressedAt == nil }

    /// The operator's word, unless an authoritative server was seen to contradict it.
    var trustedOperatorWord: Instant? { isOperatorContradicted ? nil : operatorPublishedAt }

    /// The same, as long as the change has not been taken back since: of a second publication the operator said
    /// nothing.
    var coveringWord: Instant? {
        if PlantedFault.wordCoversSecondPublication.isPlanted { return trustedOperatorWord }
        guard let word = trustedOperatorWord, regressedAt == nil, publishedAt ?? word == word else {
            return nil
        }
        return word
    }

    /// Whether there is anything to learn from resolvers: before an authoritative server serves the target,
    /// caches can only fetch anew what they have.
    package var mayFlip: Bool {
        switch basis {
        case .authority: authority.servesTarget || publishedAt != nil || authority.answering.isEmpty
        case .operator, .resolvers: true
        }
    }
}

// MARK: - Who counts (§6)

extension DomainTracker {
    /// How many resolvers count, against how many must.
    package struct Quorum: Sendable, Equatable {
        /// All that are not optional. Those out of this host's reach are among them: else a host that
        /// reaches one of forty resolvers would take its word for all.
        package var eligible: Int
        package var counted: Int
        package var needed: Int
        package var isReached: Bool { counted >= needed }
    }

    /// The quorum as the last samples leave it; at least one resolver must count. What an earlier run heard makes
    /// no quorum.
    package var quorum: Quorum {
        var (eligible, counted) = (0, 0)
        for index in resolvers.indices where !resolvers[index].isOptional {
            eligible += 1
            guard resolvers[index].counts, resolvers[index].hasBeenAsked else { continue }
            if let recalled, !resolvers[index].isHeard(since: recalled.at) { continue }
            counted += 1
        }
        let needed = max(1, (eligible * policy.quorum + 99) / 100)
        return Quorum(eligible: eligible, counted: counted, needed: needed)
    }

    /// The resolvers that count.
    package var countedResolvers: [ResolverState] {
        resolvers.filter { $0.counts && $0.hasBeenAsked }
    }

    /// Whether a quorum of resolvers told something lately: every level beyond `published` needs that (§6).
    func isHeard(at now: Instant) -> Bool {
        if PlantedFault.quorumNotHeard.isPlanted { return true }
        // By index: a resolver's state is not copied that way.
        let heard = resolvers.indices.count { resolvers[$0].counts && resolvers[$0].isHeard(at: now) }
        let quorum = quorum
        return quorum.isReached && heard >= quorum.needed
    }

    /// Whether the resolvers back a level. It is taken back only by what one of them shows: neither by silence, nor by
    /// one that has yet to confirm what it shows.
    ///
    /// - Parameter since: when the level was reached; `nil` where it is not.
    private func resolversHold(at now: Instant, since: Instant?) -> Bool {
        if PlantedFault.resolversDoNotMatter.isPlanted { return true }
        guard let since else { return isHeard(at: now) && allClear(at: now) }
        return !resolvers.indices.contains { index in
            let hasShownOther = resolvers[index].lastOldAt.map { $0 >= since } ?? false
            return (hasShownOther || latecomers.contains(index)) && resolvers[index].counts
                && !resolvers[index].isClear(at: now, policy: policy)
        }
    }

    private func allClear(at now: Instant) -> Bool {
        if PlantedFault.resolversDoNotMatter.isPlanted { return true }
        for index in resolvers.indices where resolvers[index].counts {
            guard resolvers[index].isClear(at: now, policy: policy) else { return false }
        }
        return true
    }
}

/// The few sets of exchanges that a domain's answers carry. Thousands of readings share their storage.
private struct KnownExchanges: Sendable {
    private var sets: [[ReadExchange]] = []
    /// Old, new, and what stands between; a hostile server's inventions are not collected.
    private static let capacity = 8

    mutating func share(_ exchanges: inout [ReadExchange]) {
        guard !exchanges.isEmpty else { return }
        if let known = sets.first(where: { $0 == exchanges }) {
            exchanges = known
        } else if sets.count < Self.capacity {
            sets.append(exchanges)
        }
    }
}
