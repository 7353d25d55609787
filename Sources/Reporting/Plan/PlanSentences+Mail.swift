import DNS
import Planning
import Propagation

// MARK: - Exchanges and policies

extension PlanSentences {
    func mailSentence(_ finding: PlanFinding) -> String {
        switch finding {
        case .newExchanges(let names):
            "\(Self.list(names)) \(Sentences.verb(names.count, "has an address and is no alias", "have addresses and are no aliases"))"
        case .newExchangesUnknown(let names): "no resolver gave the addresses of \(Self.list(names))"
        case .presentExchanges(let exchanges, let facts): presentExchanges(exchanges, facts)
        case .noPresentExchange(let absence, let own): Self.noPresentExchange(absence, own)
        case .noTransportPolicy: "there is no MTA-STS record"
        case .transportPolicy(let id):
            "there is an MTA-STS record\(Self.policyID(id)): senders that honour it deliver only to the exchanges"
                + " in its policy. We did not fetch the policy, because propaga speaks DNS only"
        case .transportPolicyChecked(let id):
            "there is an MTA-STS record\(Self.policyID(id)), and --mta-sts-checked says that its policy lists the"
                + " new exchanges. We did not fetch the policy"
        case .noAssociations: "the present exchanges have no TLSA records"
        case .associations(let present, let newHave):
            "\(Self.list(present)) \(Sentences.verb(present.count, "has", "have")) TLSA records (DANE):"
                + " leave them and the certificate as they are while mail still comes there."
                + " The new exchanges have \(newHave ? "their own" : "none")"
        case .noSenderPolicy(let include):
            "there is no SPF record, so the move cannot break it. One for the new provider needs include:\(include)"
        case .senderPolicy(let include): "the SPF record includes \(include)"
        case .senderPolicyByMX:
            "if the old server still sends mail after the switch, add it to the SPF record before (ip4:, ip6: or a:):"
                + " the record lets the domain's MX send ('mx'), and after the switch that is the new provider's"
        case .senderPolicyLacks(let include, _, _):
            "the SPF record does not include \(include): receivers may refuse mail sent through the new provider"
        case .severalSenderPolicies(let count):
            "there are \(count) SPF records, so none of them is valid (RFC 7208 §4.5)"
        case .fault(let warning): Sentences(times).sentence(warning)
        case .untold(let topic): Self.untold(topic)
        default: ""
        }
    }

    static func list(_ names: [DomainName]) -> String { Sentences.list(names.map(\.description)) }

    private func presentExchanges(_ exchanges: [ReadExchange], _ facts: [ExchangeFacts]) -> String {
        let old = exchanges.filter { !$0.accepted }
        let names = old.map { exchange in
            let addresses = facts.first { $0.name == exchange.exchange }?.addresses
            let shown = addresses.map { $0.isEmpty ? "no address" : Self.list($0) } ?? "address not known"
            return "\(exchange.exchange) (\(shown))"
        }
        return
            "mail goes to \(Sentences.list(names)). After the switch, forward it from there"
    }

    private static func list(_ addresses: [IPAddress]) -> String {
        addresses.prefix(3).map(\.description).joined(separator: ", ")
    }

    private static func noPresentExchange(_ absence: Absence?, _ own: [IPAddress]?) -> String {
        switch absence {
        case .nullMX: return "the domain takes no mail now (null MX, RFC 7505): there is nothing to forward"
        case .nameError: return "the name does not exist in its zone yet, and gets no mail"
        case .noData, nil: break
        }
        guard let own else { return "there is no MX, and no resolver gave the domain's own addresses" }
        return own.isEmpty
            ? "there is no MX and no address: the domain gets no mail yet"
            : "there is no MX: mail goes to the domain's own \(own.count == 1 ? "address" : "addresses") \(list(own))."
                + " After the switch, forward it from there"
    }

    private static func policyID(_ id: String?) -> String {
        id.map { " (id \($0.escapedForDisplay.shortened(to: 40, ellipsis: "…")))" } ?? ""
    }

    static func untold(_ topic: PlanTopic) -> String {
        switch topic {
        case .transportPolicy: "we got no answer whether there is an MTA-STS record"
        case .senderPolicy: "we got no answer for the SPF record, or for a part that it includes"
        case .associations: "we got no answer whether the present exchanges have TLSA records"
        case .signatures: "we got no answer whether the zone is signed"
        case .wildcard: "we got no answer whether there is a wildcard MX"
        default: "we got no answer"
        }
    }
}

// MARK: - Signatures, and names that move along

extension PlanSentences {
    func zoneSentence(_ finding: PlanFinding) -> String {
        switch finding {
        case .unsigned: "the zone is not signed (its parent has no DS record)"
        case .signed(let resolvers):
            "the zone is signed, and \(resolvers == 1 ? "a resolver validates" : "\(resolvers) resolvers validate") it"
        case .signedUnvalidated: "the zone is signed, but none of the resolvers we asked validates"
        case .signedInVain(let resolvers):
            "the zone has a DS record, but \(resolvers == 1 ? "a resolver that validates treats" : "\(resolvers) resolvers that validate treat")"
                + " it as unsigned. That happens if a zone above it is not signed"
        case .brokenSignatures(let resolvers):
            "the zone's signatures are broken: \(Sentences.list(resolvers.map(\.label)))"
                + " \(Sentences.verb(resolvers.count, "answers", "answer")) SERVFAIL, and"
                + " \(Sentences.verb(resolvers.count, "gives", "give")) the record with validation switched off"
        case .noWildcard: "no wildcard MX leads to other exchanges"
        case .wildcard(let name, let exchanges, let ttl):
            "*.\(name) has an MX of its own (\(Self.list(exchanges)), TTL \(Self.length(ttl)))."
                + " Change it at the switch too if mail for such names moves"
        case .wildcardTooLong(let name, let ttl):
            "*.\(name) has an MX of its own, with a TTL of \(Self.length(ttl))"
        case .subdomain(let name, let exchanges, let ttl):
            "the MX of \(name) is \(Self.list(exchanges)), with a TTL of \(Self.length(ttl))."
                + " Change it at the switch too"
        case .subdomainByAddress(let name, let addresses, let ttl):
            "give \(name) the new MX at the switch: it has none, so mail goes to its own"
                + " \(addresses.count == 1 ? "address" : "addresses") \(Self.list(addresses)), and caches keep that for"
                + " \(Self.length(ttl)) (the negative TTL)"
        case .ofSubdomain(let name, let finding): "\(name): \(sentence(PlanLine(.ok, finding)))"
        case .subdomainSwitched(let name): "\(name) has switched already"
        case .subdomainWithoutMail(let name): "\(name) has no MX: there is nothing to switch"
        case .subdomainUntold(let name): "no authoritative server gave the MX of \(name)"
        case .subdomainAddressesUntold(let name):
            "\(name) has no MX, and no resolver gave its own addresses: mail may go there"
        case .firstPass(let start):
            "run the first of two passes before the switch: it begins not before \(times.text(start))"
        case .untold(let topic): Self.untold(topic)
        default: ""
        }
    }
}

// MARK: - What to do

extension PlanSentences {
    /// What somebody must do or can do; `nil` if there is nothing to do but wait.
    func remedy(_ line: PlanLine) -> String? {
        if line.status == .ok { return nil }
        let lower = "lower it to \(PlanGuide.timeToLive.lowerBound) s (the guide: \(Self.guideRange))"
        return switch line.finding {
        case .nonexistent: "check the spelling, and that the domain is registered"
        case .authorityUnknown, .authoritySilent: "name one that answers with --authority ADDRESS"
        case .authorityNotAsked: "leave out --no-authority, or name a server with --authority ADDRESS"
        case .partlySwitched:
            "finish it: every server must give the same MX, and only the new provider's"
        case .timeToLiveTooLong, .wildcardTooLong: lower
        case .negativeTTLTooLong:
            "lower the SOA's own TTL and its last field (MINIMUM) to \(PlanGuide.timeToLive.lowerBound) s"
        case .longerBefore, .loweredUnknown:
            "say since when it has been this low (--lowered-at TIME),"
                + " or the longest TTL it had in the last days (--previous-ttl SECONDS)"
        case .noQuorum: "list resolvers that answer (--resolvers FILE)"
        case .authorityDiffers: "make them serve the same zone: check its transfers"
        case .delegationUnknown, .unresolvedNameServers, .untold, .newExchangesUnknown, .subdomainUntold,
            .subdomainAddressesUntold:
            "run the plan again"
        case .ofSubdomain(_, let finding): remedy(PlanLine(line.status, finding))
        case .fault(let warning): Self.remedy(warning)
        case .transportPolicy:
            "before the switch, list \(target.hosts.map(\.description).joined(separator: ", ")) in"
                + " https://mta-sts.\(domain)/.well-known/mta-sts.txt next to the present exchanges, and give the record"
                + " a new id. Senders may keep the old policy for its max_age. Then add --mta-sts-checked"
        case .senderPolicyLacks(let include, let lookups, let hasAll):
            "add include:\(include)\(hasAll ? " before its 'all' (what comes after is ignored)" : ""), and keep"
                + " the rest while the old server sends. A check may make 10 lookups (RFC 7208 §4.6.4); without the"
                + " new include it makes \(lookups)"
        case .severalSenderPolicies: "merge them into one"
        case .brokenSignatures: "first have the zone signed again, or the DS record removed at the parent"
        case .firstPass: "after it has run, plan without --strategy two-pass"
        case .signedUnvalidated: "list a resolver that validates (--resolvers FILE)"
        default: nil
        }
    }

    private static func remedy(_ warning: Warning) -> String? {
        switch warning {
        case .unresolvable, .exchangeIsAlias: "do not publish it until its provider has corrected that"
        case .lagging: "bring its copy of the zone up to date"
        case .lame: "make it serve the zone, or take it out of the delegation"
        case .silentAuthority: "repair it, or take it out of the delegation"
        case .delegationMismatch: "change the delegation at the registrar, or the zone's own NS RRset"
        case .unequalTTLs: "give all records of the RRset the same TTL"
        default: nil
        }
    }
}
