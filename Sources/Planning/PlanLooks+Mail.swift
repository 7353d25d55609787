import DNS
import Propagation

// MARK: - What else mail depends on

extension PlanLooks {
    var mailLines: [PlanLine] {
        var lines = newExchanges
        if !authority.agree, lifetimes != nil { lines += [presentExchanges] + associations }
        lines.append(transportPolicy)
        if let include = target.policyInclude { lines.append(senderPolicy(include)) }
        let ownPolicies = (facts.senderPolicies?.records ?? []).compactMap(SenderPolicy.init)
        if !authority.agree, ownPolicies.count == 1, ownPolicies[0].passesOwnMX {
            lines.append(PlanLine(.ok, .senderPolicyByMX))
        }
        lines += [signatures, wildcard]
        return lines + facts.subdomains.flatMap(subdomain)
    }

    /// Accepted exchanges must have addresses and be no aliases (RFC 2181 §10.3).
    private var newExchanges: [PlanLine] {
        let untold = facts.accepted.filter { $0.addresses == nil }.map(\.name)
        var lines: [PlanLine] = []
        for exchange in facts.accepted {
            if exchange.isAlias { lines.append(PlanLine(.fix, .fault(.exchangeIsAlias(exchange.name)))) }
            if exchange.addresses == [] { lines.append(PlanLine(.fix, .fault(.unresolvable(exchange.name)))) }
        }
        if !untold.isEmpty { lines.append(PlanLine(.unknown, .newExchangesUnknown(untold))) }
        return lines.isEmpty ? [PlanLine(.ok, .newExchanges(facts.accepted.map(\.name)))] : lines
    }

    private var presentExchanges: PlanLine {
        let reading = authority.presentReading
        guard let reading, reading.state != .noMX else {
            return PlanLine(.ok, .noPresentExchange(reading?.absence, own: facts.ownAddresses))
        }
        return PlanLine(.ok, .presentExchanges(reading.exchanges, facts.present))
    }

    /// TLSA records of previous exchanges bind the old server's certificate while mail goes there (RFC 7672).
    private var associations: [PlanLine] {
        let old = facts.present.filter { !target.accepts($0.name) }
        guard !old.isEmpty else { return [] }
        let bound = old.filter { ($0.associations ?? 0) > 0 }.map(\.name)
        if !bound.isEmpty {
            let newHave = facts.accepted.contains { ($0.associations ?? 0) > 0 }
            return [PlanLine(.ok, .associations(present: bound, newHave: newHave))]
        }
        let isTold = old.allSatisfy { $0.associations != nil }
        return [isTold ? PlanLine(.ok, .noAssociations) : PlanLine(.unknown, .untold(.associations))]
    }

    /// An MTA-STS policy names the exchanges that senders may use (RFC 8461). Its fetch by HTTPS is not made
    /// here.
    private var transportPolicy: PlanLine {
        guard let texts = facts.transportPolicies else {
            return PlanLine(.unknown, .untold(.transportPolicy))
        }
        guard let record = texts.first(where: Self.isTransportPolicy) else {
            return PlanLine(.ok, .noTransportPolicy)
        }
        let id = Self.policyID(record)
        return wishes.hasCheckedPolicy
            ? PlanLine(.ok, .transportPolicyChecked(id: id)) : PlanLine(.unknown, .transportPolicy(id: id))
    }

    private static func fields(_ record: String) -> [Substring] {
        record.split(separator: ";").map { field in
            let start = field.drop { $0 == " " || $0 == "\t" }
            return start.prefix { $0 != " " && $0 != "\t" }
        }
    }

    private static func isTransportPolicy(_ text: String) -> Bool { fields(text).first == "v=STSv1" }

    private static func policyID(_ record: String) -> String? {
        fields(record).first { $0.hasPrefix("id=") }.map { String($0.dropFirst(3)) }
    }

    private func senderPolicy(_ include: DomainName) -> PlanLine {
        guard let policies = facts.senderPolicies else { return PlanLine(.unknown, .untold(.senderPolicy)) }
        switch policies.records.count {
        case 0: return PlanLine(.ok, .noSenderPolicy(include: include))
        case 1: break
        case let count: return PlanLine(.fix, .severalSenderPolicies(count))
        }
        if policies.included.contains(include) { return PlanLine(.ok, .senderPolicy(include: include)) }
        // It may be in a part that could not be looked at.
        guard policies.isComplete else { return PlanLine(.unknown, .untold(.senderPolicy)) }
        let hasAll = policies.records.first.flatMap(SenderPolicy.init)?.hasAll ?? false
        return PlanLine(
            .fix, .senderPolicyLacks(include: include, lookups: policies.lookups, hasAll: hasAll))
    }

    private var signatures: PlanLine {
        guard let signatures = facts.signatures else { return PlanLine(.unknown, .untold(.signatures)) }
        if !signatures.refusing.isEmpty { return PlanLine(.fix, .brokenSignatures(signatures.refusing)) }
        if signatures.validating > 0 { return PlanLine(.ok, .signed(resolvers: signatures.validating)) }
        if signatures.unconcerned > 0 {
            return PlanLine(.ok, .signedInVain(resolvers: signatures.unconcerned))
        }
        return switch signatures.isSigned {
        case false?: PlanLine(.ok, .unsigned)
        case true?: PlanLine(.unknown, .signedUnvalidated)
        case nil: PlanLine(.unknown, .untold(.signatures))
        }
    }
}

// MARK: - Names that move along

extension PlanLooks {
    private var wildcard: PlanLine {
        guard let reading = facts.wildcard, reading.state.isInformative else {
            return PlanLine(.unknown, .untold(.wildcard))
        }
        if reading.state == .noMX || reading.state == .target { return PlanLine(.ok, .noWildcard) }
        let lifetime = reading.lifetime ?? TTL(seconds: 0)
        if lifetime > PlanGuide.timeToLive.upperBound {
            return PlanLine(.fix, .wildcardTooLong(facts.domain, lifetime))
        }
        return PlanLine(.ok, .wildcard(facts.domain, reading.exchanges.map(\.exchange), lifetime))
    }

    /// The obstacles of a subdomain, found as for the domain; one line where there are none.
    private func subdomain(_ subdomain: SubdomainFacts) -> [PlanLine] {
        let (name, authority) = (subdomain.domain, subdomain.tracker.authority)
        if authority.isDenied { return [PlanLine(.ok, .subdomainWithoutMail(name))] }
        guard let reading = authority.presentReading, let lifetimes = subdomain.lifetimes(at: now) else {
            return [PlanLine(.unknown, .subdomainUntold(name))]
        }
        let looks = PlanLooks(facts: PlanFacts(subdomain), wishes: wishes, lifetimes: lifetimes, now: now)
        let ofMoving = subdomain.movesAlong ? looks.copyLines : []
        // Faults of servers that both share are told once.
        let ofServers = looks.serverLines.filter { !serverLines.contains($0) }
        let obstacles = (looks.domainLines + ofMoving + ofServers).filter { $0.status != .ok }
            .map { PlanLine($0.status, .ofSubdomain(name, $0.finding)) }
        return obstacles.isEmpty ? [summary(of: subdomain, reading, lifetimes)] : obstacles
    }

    private func summary(of subdomain: SubdomainFacts, _ reading: Reading, _ lifetimes: PlanLifetimes)
        -> PlanLine
    {
        let name = subdomain.domain
        if subdomain.tracker.authority.agree { return PlanLine(.ok, .subdomainSwitched(name)) }
        if !subdomain.movesAlong { return PlanLine(.ok, .subdomainWithoutMail(name)) }
        guard reading.state == .noMX else {
            return PlanLine(.ok, .subdomain(name, reading.exchanges.map(\.exchange), lifetimes.served))
        }
        guard let addresses = subdomain.ownAddresses else {
            return PlanLine(.unknown, .subdomainAddressesUntold(name))
        }
        return PlanLine(.ok, .subdomainByAddress(name, addresses, lifetimes.served))
    }
}

extension PlanFacts {
    /// A subdomain's facts, as those of a domain.
    fileprivate init(_ subdomain: SubdomainFacts) {
        self.init(subdomain.tracker)
        loweredSince = subdomain.loweredSince
        ownAddresses = subdomain.ownAddresses
    }
}
