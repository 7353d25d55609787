import DNS
import Planning
import Propagation

// MARK: - Exchanges and policies

extension PlanSentences {
    func mailSentence(_ finding: PlanFinding) -> String {
        switch finding {
        case .newExchanges(let names):
            "\(Self.list(names)) \(Sentences.verb(names.count, "has an address and is no alias", "have addresses and are no aliases"))"
        case .newExchangesUnknown(let names): "no resolver told the addresses of \(Self.list(names))"
        case .presentExchanges(let exchanges, let facts): presentExchanges(exchanges, facts)
        case .noPresentExchange(let absence, let own): Self.noPresentExchange(absence, own)
        case .noTransportPolicy: "there is no MTA-STS record"
        case .transportPolicy(let id):
            "there is an MTA-STS record\(Self.policyID(id)): senders that honour it deliver only to the exchanges"
                + " that its policy lists; the policy itself was not fetched, since propaga speaks DNS only"
        case .transportPolicyChecked(let id):
            "there is an MTA-STS record\(Self.policyID(id)), and its policy lists the new exchanges,"
                + " as --mta-sts-checked says; it was not fetched"
        case .noAssociations: "the present exchanges have no TLSA records"
        case .associations(let present, let newHave):
            "\(Self.list(present)) \(Sentences.verb(present.count, "has", "have")) TLSA records (DANE):"
                + " leave them and the certificate as they are while mail still comes there;"
                + " the new exchanges have \(newHave ? "their own" : "none")"
        case .noSenderPolicy(let include):
            "there is no SPF record, so nothing of it can break; one for the new provider has include:\(include)"
        case .senderPolicy(let include): "the SPF record includes \(include)"
        case .senderPolicyByMX:
            "the SPF record lets the domain's MX send (its 'mx'): from the switch on that is the new provider's, so"
                + " name the old server in it before (ip4:, ip6: or a:) if that goes on sending"
        case .senderPolicyLacks(let include, _, _):
            "the SPF record does not include \(include): mail sent through the new provider may be refused"
        case .severalSenderPolicies(let count):
            "there are \(count) SPF records, which makes all of them void (RFC 7208 §4.5)"
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
            let shown = addresses.map { $0.isEmpty ? "no address" : Self.list($0) } ?? "address not told"
            return "\(exchange.exchange) (\(shown))"
        }
        return
            "mail goes to \(Sentences.list(names)): that is where it is to be forwarded from after the switch"
    }

    private static func list(_ addresses: [IPAddress]) -> String {
        addresses.prefix(3).map(\.description).joined(separator: ", ")
    }

    private static func noPresentExchange(_ absence: Absence?, _ own: [IPAddress]?) -> String {
        switch absence {
        case .nullMX: return "the domain takes no mail at present (null MX, RFC 7505): nothing to forward"
        case .nameError: return "the name does not exist in its zone yet, and gets no mail"
        case .noData, nil: break
        }
        guard let own else { return "there is no MX, and no resolver told the domain's own addresses" }
        return own.isEmpty
            ? "there is no MX and no address: the domain gets no mail yet"
            : "there is no MX: mail goes to the domain's own \(own.count == 1 ? "address" : "addresses") \(list(own)),"
                + " and is to be forwarded from there after the switch"
    }

    private static func policyID(_ id: String?) -> String {
        id.map { " (id \($0.escapedForDisplay.shortened(to: 40, ellipsis: "…")))" } ?? ""
    }

    static func untold(_ topic: PlanTopic) -> String {
        switch topic {
        case .transportPolicy: "nobody told whether there is an MTA-STS record"
        case .senderPolicy: "nobody told the SPF record, or all that it includes"
        case .associations: "nobody told whether the present exchanges have TLSA records"
        case .signatures: "nobody told whether the zone is signed"
        case .wildcard: "nobody told whether there is a wildcard MX"
        default: "nobody told"
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
        case .signedUnvalidated: "the zone is signed, and none of the resolvers that were asked validates"
        case .signedInVain(let resolvers):
            "the zone has a DS record, but \(resolvers == 1 ? "a resolver that validates takes" : "\(resolvers) resolvers that validate take")"
                + " it for unsigned, as where a zone above it is not signed"
        case .brokenSignatures(let resolvers):
            "\(Sentences.list(resolvers.map(\.label)))"
                + " \(Sentences.verb(resolvers.count, "answers", "answer")) SERVFAIL, and"
                + " \(Sentences.verb(resolvers.count, "answers", "answer")) once validation is disabled:"
                + " the zone's signatures are broken"
        case .noWildcard: "no wildcard MX leads to other exchanges"
        case .wildcard(let name, let exchanges, let ttl):
            "*.\(name) has an MX of its own (\(Self.list(exchanges)), TTL \(Self.length(ttl))):"
                + " change it at the switch as well, if mail for such names is to move"
        case .wildcardTooLong(let name, let ttl):
            "*.\(name) has an MX of its own, with a TTL of \(Self.length(ttl))"
        case .subdomain(let name, let exchanges, let ttl):
            "the MX of \(name) is \(Self.list(exchanges)), with a TTL of \(Self.length(ttl)):"
                + " change it at the switch as well"
        case .subdomainByAddress(let name, let addresses, let ttl):
            "\(name) has no MX: mail goes to its own \(addresses.count == 1 ? "address" : "addresses")"
                + " \(Self.list(addresses)), and copies of that live \(Self.length(ttl)) (the negative TTL):"
                + " give it the new MX at the switch"
        case .ofSubdomain(let name, let finding): "\(name): \(sentence(PlanLine(.ok, finding)))"
        case .subdomainSwitched(let name): "\(name) has switched already"
        case .subdomainWithoutMail(let name): "\(name) has no MX: there is nothing to switch"
        case .subdomainUntold(let name): "no authoritative server told the MX of \(name)"
        case .subdomainAddressesUntold(let name):
            "\(name) has no MX, and no resolver told its own addresses: mail may go there"
        case .firstPass(let start):
            "the first of two passes begins not before \(times.text(start)), and is to have run before the switch"
        case .untold(let topic): Self.untold(topic)
        default: ""
        }
    }
}

// MARK: - What to do

extension PlanSentences {
    /// What somebody has to do, or can; `nil` where there is nothing but to wait.
    func remedy(_ line: PlanLine) -> String? {
        if line.status == .ok { return nil }
        let lower = "lower it to \(PlanGuide.timeToLive.lowerBound) s (the guide: \(Self.guideRange))"
        return switch line.finding {
        case .nonexistent: "check how it is spelt, and that it is registered"
        case .authorityUnknown, .authoritySilent: "name one that answers with --authority ADDRESS"
        case .authorityNotAsked: "leave out --no-authority, or name a server with --authority ADDRESS"
        case .partlySwitched:
            "finish it: the same MX at every server, and none that is not the new provider's"
        case .timeToLiveTooLong, .wildcardTooLong: lower
        case .negativeTTLTooLong:
            "lower the SOA's own TTL and its last field (MINIMUM) to \(PlanGuide.timeToLive.lowerBound) s"
        case .longerBefore, .loweredUnknown:
            "say since when it has been this low (--lowered-at TIME),"
                + " or how long it was at most in the last days (--previous-ttl SECONDS)"
        case .noQuorum: "list resolvers that answer (--resolvers FILE)"
        case .authorityDiffers: "make them serve the same zone: check its transfers"
        case .delegationUnknown, .unresolvedNameServers, .untold, .newExchangesUnknown, .subdomainUntold,
            .subdomainAddressesUntold:
            "ask again"
        case .ofSubdomain(_, let finding): remedy(PlanLine(line.status, finding))
        case .fault(let warning): Self.remedy(warning)
        case .transportPolicy:
            "before the switch, list \(target.hosts.map(\.description).joined(separator: ", ")) in"
                + " https://mta-sts.\(domain)/.well-known/mta-sts.txt beside the present exchanges, give the record"
                + " a new id, and mind that senders may hold the old policy for its max_age;"
                + " then say --mta-sts-checked"
        case .senderPolicyLacks(let include, let lookups, let hasAll):
            "put include:\(include) into it\(hasAll ? " before its 'all' (what stands after is ignored)" : ""), and leave"
                + " what is there while the old server sends; a check may make 10 lookups (RFC 7208 §4.6.4), and makes"
                + " \(lookups) without it"
        case .severalSenderPolicies: "join them into one"
        case .brokenSignatures: "have the zone signed anew, or the DS record taken out at the parent, first"
        case .firstPass: "once it has run, plan without --strategy two-pass"
        case .signedUnvalidated: "list a resolver that validates (--resolvers FILE)"
        default: nil
        }
    }

    private static func remedy(_ warning: Warning) -> String? {
        switch warning {
        case .unresolvable, .exchangeIsAlias: "do not publish it before its provider has corrected that"
        case .lagging: "bring its copy of the zone up to date"
        case .lame: "make it serve the zone, or take it out of the delegation"
        case .silentAuthority: "repair it, or take it out of the delegation"
        case .delegationMismatch: "change the delegation at the registrar, or the zone's own NS RRset"
        case .unequalTTLs: "give all records of the RRset the same TTL"
        default: nil
        }
    }
}
