import DNS
import Propagation

/// The checks of a plan, and the lines that they give.
struct PlanLooks {
    let facts: PlanFacts
    let wishes: PlanWishes
    let lifetimes: PlanLifetimes?
    let now: Instant

    var tracker: DomainTracker { facts.tracker }
    var authority: AuthorityState { facts.tracker.authority }
    var target: Target { facts.tracker.target }

    /// In the order of the work: the domain, its TTL, its servers, its mail.
    var lines: [PlanLine] {
        let domain = domainLines
        // There is nothing else to say about a name that does not exist.
        if authority.isDenied { return domain }
        return domain + copyLines + serverLines + mailLines
    }
}

// MARK: - The domain

extension PlanLooks {
    var domainLines: [PlanLine] {
        var lines: [PlanLine] = []
        if let unknown = unknownLine { lines.append(unknown) }
        if authority.agree {
            lines.append(PlanLine(.ok, .switched(servers: authority.answering.count)))
        } else if authority.servesTarget {
            let others = authority.answering.filter { authority.effectiveState(of: $0) != .target }
            lines.append(
                PlanLine(
                    .fix,
                    .partlySwitched(others: others.map(\.identity), of: authority.answering.count)))
        }
        if let zone = authority.zone, zone != facts.domain { lines.append(PlanLine(.ok, .inZone(zone))) }
        return lines
    }

    private var unknownLine: PlanLine? {
        if authority.isDenied { return PlanLine(.fix, .nonexistent(authority.discoveryError ?? "")) }
        guard lifetimes == nil else { return nil }
        if tracker.basis == .resolvers { return PlanLine(.unknown, .authorityNotAsked) }
        if let error = authority.discoveryError { return PlanLine(.unknown, .authorityUnknown(error)) }
        return PlanLine(.unknown, .authoritySilent(asked: authority.servers.count))
    }
}

// MARK: - Copies (G2)

extension PlanLooks {
    var copyLines: [PlanLine] {
        guard let lifetimes, !authority.agree else { return [] }
        return [timeToLive(lifetimes), lowering(lifetimes), copies(lifetimes)]
    }

    private func timeToLive(_ lifetimes: PlanLifetimes) -> PlanLine {
        let reading = authority.presentReading
        let hasMX = reading?.state != .noMX || reading?.absence == .nullMX
        guard lifetimes.isLowered else {
            let long = authority.answering.filter { server in
                let lifetime = authority.effectiveReading(of: server)?.lifetime ?? TTL(seconds: 0)
                return lifetime > PlanGuide.timeToLive.upperBound
            }
            let finding: PlanFinding =
                hasMX
                ? .timeToLiveTooLong(
                    lifetimes.served, servers: long.map(\.identity), of: authority.answering.count)
                : .negativeTTLTooLong(lifetimes.served)
            return PlanLine(.fix, finding)
        }
        return PlanLine(
            .ok,
            hasMX
                ? .timeToLive(lifetimes.served, servers: authority.answering.count)
                : .negativeTTL(lifetimes.served))
    }

    /// Since when the TTL is low, and whether copies from before are gone.
    private func lowering(_ lifetimes: PlanLifetimes) -> PlanLine {
        let ready = lifetimes.readyAt ?? now
        let status: PlanLine.Status = ready <= now ? .ok : .wait(until: ready)
        if !lifetimes.isLowered { return PlanLine(status, .notLowered(lifetimes)) }
        if let since = lifetimes.loweredAt { return PlanLine(status, .lowered(since: since, lifetimes)) }
        if !lifetimes.isLongBefore { return PlanLine(.ok, .neverLonger(lifetimes.longest)) }
        // The servers were watched for long enough.
        if lifetimes.isGone(at: now) { return PlanLine(.ok, .longerCopiesGone(lifetimes)) }
        // A copy that outlives what the servers give now proves that the TTL was longer lately.
        if !lifetimes.isAssumed || lifetimes.longHolders > 0 {
            return PlanLine(status, .longerBefore(lifetimes))
        }
        return PlanLine(.unknown, .loweredUnknown(lifetimes))
    }

    /// What the resolvers hold.
    private func copies(_ lifetimes: PlanLifetimes) -> PlanLine {
        let quorum = tracker.quorum
        let told = tracker.countedResolvers.count { $0.lastInformative != nil }
        if let until = lifetimes.heldUntil {
            return PlanLine(
                .wait(until: until), .longCopies(resolvers: lifetimes.longHolders, of: told))
        }
        guard quorum.isReached, told >= quorum.needed else {
            return PlanLine(
                .unknown, .noQuorum(counted: told, eligible: quorum.eligible, needed: quorum.needed))
        }
        guard let length = lifetimes.stretchedTo else { return PlanLine(.ok, .noLongCopies(resolvers: told)) }
        return PlanLine(.ok, .stretchedCopies(resolvers: lifetimes.stretching, of: told, length))
    }
}

// MARK: - The authoritative servers

extension PlanLooks {
    var serverLines: [PlanLine] {
        let faults = tracker.warnings.compactMap(line(about:))
        var lines = faults.filter { $0.finding.topic == .zone || $0.finding.topic == .timeToLive }
        let serverFaults = faults.filter { $0.finding.topic == .authority }
        if !authority.answering.isEmpty {
            if authority.isConsistent == false, !authority.servesTarget {
                lines.append(PlanLine(.fix, .authorityDiffers))
            } else if serverFaults.allSatisfy({ $0.status == .ok }) {
                let serial = authority.answering.first?.serial
                lines.append(
                    PlanLine(.ok, .authorityConsistent(servers: authority.answering.count, serial: serial)))
            }
        }
        if !authority.unresolved.isEmpty {
            lines.append(PlanLine(.unknown, .unresolvedNameServers(authority.unresolved)))
        }
        return lines + serverFaults + delegationLines(faults.filter { $0.finding.topic == .delegation })
            + faults.filter { $0.finding.topic == .presentExchanges }
    }

    private func line(about warning: Warning) -> PlanLine? {
        switch warning {
        // Where none answers, the fault may be this host's.
        case .silentAuthority where authority.answering.isEmpty: PlanLine(.unknown, .fault(warning))
        case .lagging, .lame, .silentAuthority, .delegationMismatch, .unequalTTLs, .missingDot,
            .exchangeIsAddress, .exchangeIsDomain, .nullBesideOthers, .probableTypo:
            PlanLine(.fix, .fault(warning))
        case .notAsked, .unreachableFamily, .viaAlias: PlanLine(.ok, .fault(warning))
        default: nil
        }
    }

    private func delegationLines(_ faults: [PlanLine]) -> [PlanLine] {
        let own = authority.servers.filter { $0.identity.alias == nil }.compactMap(\.identity.name)
        var seen: Set<DomainName> = []
        let names = own.filter { seen.insert($0).inserted }
        // Given addresses have no delegation to check.
        guard !names.isEmpty else { return [] }
        var lines = faults
        if let lifetime = authority.nameServerTTL {
            if faults.isEmpty { lines.append(PlanLine(.ok, .delegation(lifetime))) }
        } else {
            lines.append(PlanLine(.unknown, .delegationUnknown))
        }
        let finding: PlanFinding =
            wishes.leavesNameServers
            ? .leavingNameServers(names, authority.nameServerTTL ?? Policy.assumedNameServerTTL)
            : .nameServers(names, authority.nameServerTTL)
        return authority.agree ? lines : lines + [PlanLine(.ok, finding)]
    }
}
