import DNS

/// A *tracker*: everything known about one domain. It takes in readings, and gives verdicts and events.
///
///     unpublished ─► publishing ─► propagating ─► propagated ─► second_pass_safe ─► decommission_safe
///          ▲              │             ▲ │           │ │               │                   │
///          │              │             │ └───────────┘ │ (a non-target sample)             │
///          │              │             └───────────────┼───────────────┴───────────────────┤
///          └── regression ┴─────────────────────────────┴───────────────────────────────────┘
///
/// It reads no clock and no socket. `conclude(at:)` concludes a poll; `verdict(at:)` serves any later
/// instant.
package struct DomainTracker: Sendable {
    package let domain: DomainName
    package let target: Target
    package internal(set) var policy: Policy
    package var authority: AuthorityState
    package internal(set) var resolvers: [ResolverState]
    package internal(set) var basis: Basis

    package internal(set) var publishedAt: Instant?
    package internal(set) var propagatedAt: Instant?
    package internal(set) var secondPassAt: Instant?
    package internal(set) var decommissionAt: Instant?
    package internal(set) var regressedAt: Instant?
    /// Warnings about the accepted exchanges' own names.
    package var exchangeWarnings: [Warning] = []

    /// The operator's *word* on when the change was published (`--published-at`).
    package internal(set) var operatorPublishedAt: Instant?
    /// The operator's word on when the name servers last changed; `nil` where they are assumed not to have.
    package internal(set) var nameServersSince: Instant?
    var held: HeldLifetime?
    /// Whether anything but the target was seen to be served after the operator's instant of publication.
    var isOperatorContradicted = false
    var refetched: Refetched?
    /// By resolver, a copy that may have been fetched after publication: the authoritative servers were not
    /// asked since it was seen. It may expire before they are.
    var unexamined: [Int: Copy] = [:]
    let asksAuthority: Bool
    var shownStates: [MailState?]
    /// Set while this run goes on from an earlier one, and has not heard enough for a verdict.
    var recalled: Recalled?
    /// The levels that earlier runs reached, by their basis.
    var keptLevels: [Basis: Levels] = [:]
    /// The operator's words that an answer contradicted; they do not count.
    var refutedWord: RefutedWord?
    var refutedTTL: RefutedTTL?
    /// When the last conclusion was drawn.
    private(set) var concludedAt: Instant?
    /// *Latecomers*: resolvers with a sample of something else from before the last conclusion, taken in
    /// later.
    private var latecomers = Set<Int>()
    /// What an earlier run knew of the authoritative servers, if this run does not ask them.
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
    ///   - unasked: the resolvers, of which nothing is known yet; domains share their identities.
    ///   - publishedAt: the operator's word on when the change was published, in place of what answers would
    ///     date; they can still contradict it.
    ///   - nameServersSince: the operator's word on when the zone's name servers last changed.
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

    /// Draws the *conclusions* at `now`: what changed, and which levels are reached or taken back. To be
    /// called after each poll, and after a copy's expiry.
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

    /// A resolver that goes on saying NXDOMAIN filters, once no cache can hold that. If the zone itself once
    /// said so, a secondary may be behind, and its longest lag is waited for first.
    private mutating func setAside(at now: Instant) {
        let lag: Duration = authority.hasServed(.nameError) ? authority.longestSilence : .zero
        // Only failing and denying resolvers need the bound, which costs more than all the rest.
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

    /// A remembered level is taken back without a quorum.
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
            // The word covers the first publication: after a regression the servers decide.
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
            return [.level(.published)]
        }
        if !holds, publishedAt != nil, !PlantedFault.regressionsIgnored.isPlanted {
            publishedAt = nil
            regressedAt = now
            return [.level(.regression)]
        }
        return []
    }

    private mutating func concludePropagation(at now: Instant) -> [Event] {
        let holds = publishedAt != nil && resolversHold(at: now, since: propagatedAt)
        if holds, propagatedAt == nil {
            propagatedAt = now
            return [.level(.propagated)]
        }
        if !holds, propagatedAt != nil {
            propagatedAt = nil
            return [.level(.unpropagated)]
        }
        return []
    }

    /// The two levels that wait for an instant. Each is reached only by an authoritative answer to a question
    /// that left when all else was met: an older answer may have been overtaken.
    private mutating func concludeSafety(at now: Instant) -> [Event] {
        guard propagatedAt != nil else {
            let wasSafe = secondPassAt != nil
            secondPassAt = nil
            decommissionAt = nil
            return wasSafe ? [.level(.secondPassUnsafe)] : []
        }
        var events: [Event] = []
        // A resolver that is not clear takes no level back here, and lets none be reached.
        guard isHeard(at: now), allClear(at: now) else { return events }
        if secondPassAt == nil, let due = secondPassDue, due <= now, isConfirmed(since: due) {
            secondPassAt = now
            events.append(.level(.secondPassSafe))
        }
        if decommissionAt == nil, secondPassAt != nil, let due = decommissionDue, due <= now,
            isConfirmed(since: due)
        {
            decommissionAt = now
            events.append(.level(.decommissionSafe))
        }
        return events
    }
}

extension DomainTracker {
    /// Whether the authoritative servers' first answer is still to come: they may contradict the operator.
    package var isAwaitingAuthority: Bool { asksAuthority && authority.isPending }

    /// Whether no server served anything else since the operator's instant, and there was no regression.
    var operatorWordStands: Bool { !isOperatorContradicted && regressedAt == nil }

    /// The operator's word on publication, unless an answer contradicted it.
    var trustedOperatorWord: Instant? { isOperatorContradicted ? nil : operatorPublishedAt }

    /// The same, until a regression: the word does not cover a second publication.
    var coveringWord: Instant? {
        if PlantedFault.wordCoversSecondPublication.isPlanted { return trustedOperatorWord }
        guard let word = trustedOperatorWord, regressedAt == nil, publishedAt ?? word == word else {
            return nil
        }
        return word
    }

    /// Whether a resolver may *flip*: show the target after another MX. Before an authoritative server serves
    /// the target, caches can only fetch anew what they have.
    package var mayFlip: Bool {
        switch basis {
        case .authority: authority.servesTarget || publishedAt != nil || authority.answering.isEmpty
        case .operator, .resolvers: true
        }
    }
}

// MARK: - Who counts (§6)

extension DomainTracker {
    /// The *quorum*: how many resolvers count, and how many must (§6).
    package struct Quorum: Sendable, Equatable {
        /// All that are not optional, with those that this host cannot reach: a host that reaches one of
        /// forty must not take its word for all.
        package var eligible: Int
        package var counted: Int
        package var needed: Int
        package var isReached: Bool { counted >= needed }
    }

    /// The quorum by the last samples of this run; at least one resolver must count.
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

    /// The resolvers that count, as far as they were asked.
    package var countedResolvers: [ResolverState] {
        resolvers.filter { $0.counts && $0.hasBeenAsked }
    }

    /// Whether a quorum told something within `Policy.heardWithin`, as levels beyond `published` need (§6).
    func isHeard(at now: Instant) -> Bool {
        if PlantedFault.quorumNotHeard.isPlanted { return true }
        // By index, so that no resolver's state is copied.
        let heard = resolvers.indices.count { resolvers[$0].counts && resolvers[$0].isHeard(at: now) }
        let quorum = quorum
        return quorum.isReached && heard >= quorum.needed
    }

    /// Whether the resolvers back a level. Only another MX that one shows takes a level back: silence does
    /// not, nor does a resolver that is not clear yet.
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

/// The few sets of exchanges in a domain's answers: thousands of readings share their storage.
private struct KnownExchanges: Sendable {
    private var sets: [[ReadExchange]] = []
    /// Old, new, and some between; a hostile server's inventions are not collected.
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
