import DNS

/// Everything known about one domain: takes in readings and instants, gives verdicts and events.
///
///     unpublished ─► publishing ─► propagating ─► propagated
///          ▲              │             │              │
///          └── regression ┴─────────────┴──────────────┘
///
/// It reads no clock and no socket. `conclude(at:)` draws what a poll's end means; between polls,
/// `verdict(at:)` can be asked for any later instant.
package struct DomainTracker: Sendable {
    package let domain: DomainName
    package let target: Target
    package let policy: Policy
    package var authority: AuthorityState
    package private(set) var resolvers: [ResolverState]
    /// Where publication is read from; authority unless the operator said otherwise.
    package let basis: Basis

    package private(set) var publishedAt: Instant?
    package private(set) var propagatedAt: Instant?
    package private(set) var regressedAt: Instant?
    /// What is known of the accepted exchanges' own names.
    package var exchangeWarnings: [Warning] = []

    /// The operator's word on when the change was published.
    package let operatorPublishedAt: Instant?
    private let asksAuthority: Bool
    private var shownStates: [MailState?]

    /// - Parameter publishedAt: the operator's word on when the change was published; it stands in for
    ///   what the authoritative servers' answers would date, and they can still contradict it.
    package init(
        domain: DomainName, target: Target, policy: Policy, resolvers: [ResolverIdentity],
        asksAuthority: Bool = true, publishedAt: Instant? = nil
    ) {
        self.domain = domain
        self.target = target
        self.policy = policy
        self.resolvers = resolvers.map(ResolverState.init)
        authority = AuthorityState()
        operatorPublishedAt = publishedAt
        self.asksAuthority = asksAuthority
        basis = publishedAt != nil ? .operator : asksAuthority ? .authority : .resolvers
        shownStates = Array(repeating: nil, count: resolvers.count)
    }

    package mutating func record(
        _ reading: Reading, resolver: Int, at instant: Instant, roundTrip: Duration? = nil
    ) {
        resolvers[resolver].record(reading, at: instant, roundTrip: roundTrip, policy: policy)
    }

    package mutating func record(serial: SerialNumber, resolver: Int) {
        resolvers[resolver].record(serial: serial)
    }

    /// Draws what has changed by `now`, usually after each poll, and after a copy's expiry.
    package mutating func conclude(at now: Instant) -> [Event] {
        var events = concludeTransitions(at: now)
        let authorityAgrees = authority.conclude(at: now)
        events += concludePublication(at: now, authorityAgrees: authorityAgrees)
        let holds = publishedAt != nil && quorum.isReached && allClear(at: now)
        if holds, propagatedAt == nil {
            propagatedAt = now
            events.append(.propagated)
        } else if !holds, propagatedAt != nil {
            propagatedAt = nil
            events.append(.unpropagated)
        }
        return events
    }

    private mutating func concludeTransitions(at now: Instant) -> [Event] {
        var events: [Event] = []
        for index in resolvers.indices where resolvers[index].last != nil {
            let state = resolvers[index].state(at: now)
            guard state != shownStates[index] else { continue }
            events.append(.transition(resolver: index, from: shownStates[index], to: state))
            shownStates[index] = state
        }
        return events
    }

    private mutating func concludePublication(at now: Instant, authorityAgrees: Bool) -> [Event] {
        let holds =
            switch basis {
            case .authority: authorityAgrees || (publishedAt != nil && !authority.contradicts)
            case .operator:
                operatorPublishedAt! <= now && !authority.contradicts
                    && (publishedAt != nil || !isAwaitingAuthority)
            case .resolvers: publishedAt != nil || (quorum.isReached && allClear(at: now))
            }
        if holds, publishedAt == nil {
            publishedAt = operatorPublishedAt ?? now
            regressedAt = nil
            return [.published]
        }
        if !holds, publishedAt != nil {
            publishedAt = nil
            regressedAt = now
            return [.regression]
        }
        return []
    }
}

extension DomainTracker {
    /// Whether the authoritative servers' first word is still to come: until then nobody knows whether they
    /// contradict the operator.
    var isAwaitingAuthority: Bool { asksAuthority && authority.isPending }
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

    /// The quorum as the last samples leave it; at least one resolver must count.
    package var quorum: Quorum {
        var (eligible, counted) = (0, 0)
        for resolver in resolvers {
            switch resolver.exclusion {
            case .optional: continue
            case .neverAnswered, .refuses, .noRoute: eligible += 1
            case nil:
                eligible += 1
                if resolver.last != nil { counted += 1 }
            }
        }
        let needed = max(1, (eligible * policy.quorum + 99) / 100)
        return Quorum(eligible: eligible, counted: counted, needed: needed)
    }

    /// The resolvers that count.
    package var countedResolvers: [ResolverState] {
        resolvers.filter { $0.exclusion == nil && $0.last != nil }
    }

    private func allClear(at now: Instant) -> Bool {
        resolvers.allSatisfy { $0.exclusion != nil || $0.isClear(at: now, policy: policy) }
    }
}
