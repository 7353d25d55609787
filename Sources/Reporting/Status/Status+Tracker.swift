import DNS
import Propagation

extension DomainStatus {
    /// What a tracker knows at one instant.
    ///
    /// - Parameter zone: the zone of the times in sentences; documents use UTC.
    package init(
        _ tracker: DomainTracker, at clock: ClockReading, condition: Condition, zone: TimeZoneChoice = .utc
    ) {
        let now = clock.instant
        let verdict = tracker.verdict(at: now)
        let sentences = Sentences(TimeText(zone: zone, clock: clock))
        domain = tracker.domain
        phase = verdict.phase
        conditionMet = verdict.meets(condition)
        published = PublishedStatus(
            reached: verdict.isPublished, at: clock.timestamp(verdict.publishedAt), basis: verdict.basis)
        propagated = PropagatedStatus(
            reached: verdict.isPropagated, at: clock.timestamp(verdict.propagatedAt),
            notBefore: clock.timestamp(verdict.propagatedNotBefore))
        secondPass = SecondPassStatus(
            safe: verdict.meets(.secondPass), at: clock.timestamp(verdict.secondPassAt),
            notBefore: clock.timestamp(verdict.secondPassNotBefore),
            bound: clock.timestamp(verdict.bound?.at), settle: tracker.policy.settle.components.seconds)
        decommission = DecommissionStatus(
            safe: verdict.meets(.decommission), notBefore: clock.timestamp(verdict.decommissionNotBefore))
        reasons = Self.inOrder(verdict.reasons, isMet: conditionMet).map(sentences.sentence)
        warnings = sentences.sentences(verdict.warnings)
        assumptions = AssumptionTexts(verdict.assumptions, sentences.times, clock)
        resolversCounted = verdict.counted
        resolversClear = verdict.clear
        resolversExcluded = verdict.excluded
        authority = AuthorityStatus(tracker.authority)
        resolvers = tracker.resolvers.map {
            ResolverStatus($0, at: clock, policy: tracker.policy, verdict: verdict)
        }
    }
}

extension DomainStatus {
    /// Faces with little room show only the first reason. So reasons to wait come before good news, unless the
    /// condition is met.
    private static func inOrder(_ reasons: [Reason], isMet: Bool) -> [Reason] {
        func rank(_ reason: Reason) -> Int {
            switch reason {
            case .bounded, .formerServers, .settling, .awaitingConfirmation, .senderPatience: 1
            case .secondPassSafe, .decommissionSafe: 2
            case .propagated: 3
            case .published: 4
            default: 0
            }
        }
        return (isMet ? [2, 3, 4, 0, 1] : [0, 1, 2, 3, 4]).flatMap { wanted in
            reasons.filter { rank($0) == wanted }
        }
    }
}

extension AuthorityStatus {
    init(_ authority: AuthorityState) {
        self.init(
            zone: authority.zone, consistent: authority.isConsistent,
            servers: authority.servers.map { AuthorityServerStatus($0, of: authority) })
    }
}

extension AuthorityServerStatus {
    init(_ server: AuthorityServerState, of authority: AuthorityState) {
        let reading = authority.effectiveReading(of: server) ?? server.reading
        self.init(
            name: server.identity.name, address: server.identity.endpoint, state: reading?.state,
            mx: reading?.exchanges ?? [], ttl: reading?.ttl?.seconds, soaSerial: server.serial?.value,
            roundTrip: server.roundTrip.map(Milliseconds.init),
            error: Self.error(of: server, isEffective: authority.effectiveReading(of: server) != nil),
            isWithoutEDNS: server.reading?.isWithoutEDNS ?? false)
    }

    private static func error(of server: AuthorityServerState, isEffective: Bool) -> String? {
        switch server.standing {
        case .unasked, .answering: nil
        case .referring: isEffective ? nil : server.reading?.error?.escapedForDisplay
        case .lame(let reason), .silent(let reason): reason.escapedForDisplay
        case .noRoute: server.reading?.error?.escapedForDisplay ?? "no route from this host"
        }
    }
}

extension ResolverStatus {
    init(_ resolver: ResolverState, at clock: ClockReading, policy: Policy, verdict: Verdict) {
        let now = clock.instant
        let shown = resolver.shown(at: now)
        let last = resolver.last
        let expiry = resolver.shownExpiry(at: now)
        self.init(
            name: resolver.identity.name.escapedForDisplay, address: resolver.identity.endpoint,
            transport: .udp, state: shown?.state ?? last?.state ?? .silent,
            targetSince: clock.timestamp(resolver.targetSince(at: now)),
            clear: resolver.isClear(at: now, policy: policy),
            overdue: resolver.isOverdue(publishedAt: verdict.publishedAt, bound: verdict.bound?.at),
            excluded: resolver.exclusion.map(Sentences.sentence), mx: shown?.exchanges ?? [],
            ttl: shown?.ttl?.seconds, ttlRemaining: expiry.map { Self.secondsLeft(until: $0, now: now) },
            expiresAt: clock.timestamp(expiry), oldUntil: clock.timestamp(resolver.oldUntil),
            cachesSeen: resolver.cachesSeen, confirmations: resolver.confirmations,
            soaSerial: resolver.serial?.value, rcode: last?.responseCode?.description,
            nsid: (last?.nsid ?? shown?.nsid).map(nameServerIdentifierText),
            ede: last?.extendedErrors.map(ExtendedErrorStatus.init) ?? [],
            roundTrip: resolver.roundTrip.map(Milliseconds.init),
            checkedAt: clock.timestamp(resolver.checkedAt), error: last?.error?.escapedForDisplay,
            isWithoutEDNS: last?.isWithoutEDNS ?? false)
    }

    /// Rounded up, so that 0 means expired.
    private static func secondsLeft(until expiry: Instant, now: Instant) -> Int64 {
        expiry <= now ? 0 : (expiry.nanoseconds - now.nanoseconds + 999_999_999) / 1_000_000_000
    }
}

extension ClockReading {
    func timestamp(_ instant: Instant?) -> Timestamp? {
        instant.map { Timestamp(wallTime(at: $0)) }
    }
}
