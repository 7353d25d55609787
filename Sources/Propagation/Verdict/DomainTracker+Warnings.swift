import DNS

// MARK: - Warnings (§1)

extension DomainTracker {
    /// Each once, those about authoritative servers first.
    package var warnings: [Warning] {
        var found: [Warning] = []
        let served = authority.servedExchanges
        for server in authority.servers {
            found += exchangeFaults(
                authority.effectiveReading(of: server), served: served,
                server: server.identity.name?.description ?? server.identity.endpoint.description)
            found += standingFaults(server) + frontEndFaults(server)
        }
        for (server, newest) in authority.lagging {
            found.append(.lagging(server: server.identity, serial: server.serial!, newest: newest))
        }
        if let others = authority.notAsked, !others.isEmpty {
            found.append(.notAsked(others, given: authority.servers.map(\.identity)))
        }
        if let doubtfulEdits { found.append(doubtfulEdits) }
        if let refutedWord {
            found.append(.refutedPublication(said: refutedWord.said, seen: refutedWord.seen))
        }
        if let denial { found.append(denial) }
        if let refutedTTL { found.append(.refutedTTL(said: refutedTTL.said, seen: refutedTTL.seen)) }
        if let refetched, secondPassAt == nil {
            found.append(.fetchedSince(resolver: refetched.resolver, at: refetched.at))
        }
        found += delegationFaults
        for resolver in resolvers where !resolver.identity.isOptional {
            found += exchangeFaults(
                resolver.lastInformative, served: served, server: resolver.identity.name)
            if let warning = longerThanServed(resolver) { found.append(warning) }
            if case .setAside(let reason)? = resolver.exclusion {
                found.append(.setAside(resolver: resolver.identity.name, reason))
            }
        }
        var seen = Set<Warning>()
        return (found + exchangeWarnings).filter { seen.insert($0).inserted }
    }

    /// What moves the bound without taking a level back, while copies of it can live.
    private var doubtfulEdits: Warning? {
        guard let publishedAt, let concludedAt, let bound else { return nil }
        let doubt = authority.doubt.flatMap { $0.until > publishedAt ? $0 : nil }
        guard let secondPassAt else {
            return bound.at > concludedAt ? doubt.map { .unseenChanges($0, waitUntil: nil) } : nil
        }
        guard let due = secondPassDue, due > concludedAt else { return nil }
        if let doubt, doubt.until > secondPassAt { return .unseenChanges(doubt, waitUntil: due) }
        return .movedBound(waitUntil: due)
    }

    /// Where parent, zone and glue disagree.
    private var delegationFaults: [Warning] {
        guard let discord = authority.discord else { return [] }
        var found: [Warning] = []
        if !discord.onlyAtParent.isEmpty || !discord.onlyAtChild.isEmpty {
            found.append(
                .delegationMismatch(onlyAtParent: discord.onlyAtParent, onlyAtChild: discord.onlyAtChild))
        }
        if !discord.onlyAtSomeParents.isEmpty {
            found.append(.parentsDisagree(on: discord.onlyAtSomeParents))
        }
        for server in authority.servers where discord.onlyInGlue.contains(server.identity) {
            found.append(
                .onlyInGlue(server: server.identity, authority.effectiveReading(of: server)?.state))
        }
        return found
    }

    /// Where all resolvers that tell anything say NXDOMAIN.
    private var denial: Warning? {
        let told = resolvers.lazy.filter { $0.counts }.compactMap(\.lastInformative)
        let denying = told.count { $0.absence == .nameError }
        return denying > 0 && denying == told.count ? .nonexistent(resolvers: denying) : nil
    }

    /// A copy that outlives the servers' TTLs: the resolver stretches TTLs, or one was longer before the
    /// watch.
    private func longerThanServed(_ resolver: ResolverState) -> Warning? {
        guard let served = [authority.longestSeen, policy.previousTTL].compactMap({ $0 }).max(),
            let holding = resolver.holding, let held = holding.lifetime,
            held.seconds > served.seconds + Self.roundingOfTTLs, holding.state != .target
        else { return nil }
        return .longerThanServed(resolver: resolver.identity.name, held: held, served: served)
    }

    private func standingFaults(_ server: AuthorityServerState) -> [Warning] {
        switch server.standing {
        case .unasked, .answering: []
        case .lame(let reason): [.lame(server: server.identity, reason)]
        case .silent(let reason): [.silentAuthority(server: server.identity, reason)]
        case .referring(let end):
            authority.effectiveReading(of: server) == nil
                ? [
                    .silentAuthority(
                        server: server.identity, "it refers to \(end), whose servers gave no usable answer")
                ]
                : []
        case .noRoute: [.unreachableFamily(server: server.identity)]
        }
    }

    /// What a server's front ends do.
    private func frontEndFaults(_ server: AuthorityServerState) -> [Warning] {
        let (frontEnds, now) = (server.frontEnds, server.checkedAt)
        func isLately(_ instant: Instant?) -> Bool {
            guard let instant, let now else { return false }
            return now - instant <= Self.faultsAreToldFor
        }
        var found: [Warning] = []
        if isLately(frontEnds.alternatedAt) { found.append(.alternatingAuthority(server: server.identity)) }
        if frontEnds.isCache, let longest = frontEnds.greatestTTL {
            found.append(.cachedAuthority(server: server.identity, longest: longest))
        }
        if isLately(frontEnds.withoutAuthorityAt), server.hasTold {
            found.append(.authorityAtTimes(server: server.identity))
        }
        return found
    }

    private static let faultsAreToldFor: Duration = .seconds(3600)

    /// - Parameter served: the exchanges that authoritative servers give; `nil` where none tells. A mistake
    ///   that only cached copies have was corrected in the zone.
    private func exchangeFaults(_ reading: Reading?, served: Set<DomainName>?, server: String) -> [Warning] {
        guard let reading, reading.state.isInformative else { return [] }
        var found: [Warning] = []
        if reading.hasUnequalTTLs { found.append(.unequalTTLs(server: server)) }
        if let canonicalName = reading.canonicalName { found.append(.viaAlias(canonicalName)) }
        let isAtTarget = reading.state == .target || reading.state == .mixed
        if isAtTarget, !reading.exchanges.contains(where: { $0.exchange == target.primary }) {
            found.append(.primaryAbsent(target.primary))
        }
        if reading.state == .noMX, reading.absence != .nullMX, let zone = authority.zone, domain != zone,
            domain.isAtOrBelow(zone)
        {
            found.append(.belowApex(domain, zone: zone))
        }
        for foreign in reading.exchanges where !foreign.accepted {
            let isServed = served?.contains(foreign.exchange) ?? true
            if foreign.exchange.isRoot {
                if isServed { found.append(.nullBesideOthers) }
                continue
            }
            switch target.mistake(in: foreign.exchange, of: domain) {
            // Before the switch this is a common name for the old server.
            case .exchangeIsDomain? where reading.state != .mixed: break
            case let mistake?:
                if isServed { found.append(mistake) }
                if mistake.leadsNowhere { continue }
            case nil: break
            }
            if reading.exchanges.contains(where: { $0.accepted && $0.preference == foreign.preference }) {
                found.append(.equalPreference(foreign: foreign.exchange, preference: foreign.preference))
            } else if reading.state == .mixed {
                found.append(.foreignExchange(foreign.exchange, preference: foreign.preference))
            }
        }
        return found
    }
}

extension AuthorityState {
    /// The exchanges that the servers give; `nil` where none tells.
    fileprivate var servedExchanges: Set<DomainName>? {
        let told = servers.compactMap { effectiveReading(of: $0) }.filter(\.state.isInformative)
        return told.isEmpty ? nil : Set(told.flatMap { $0.exchanges.map(\.exchange) })
    }
}

extension Warning {
    /// Whether the name leads to no server that could take mail.
    fileprivate var leadsNowhere: Bool {
        switch self {
        case .missingDot, .exchangeIsAddress: true
        default: false
        }
    }
}
