import DNS
import Propagation

extension Sentences {
    /// One sentence per warning; if there are many of one kind, one sentence for all of them.
    package func sentences(_ warnings: [Warning]) -> [String] {
        guard warnings.count > Self.mostOfAKind else { return warnings.map(sentence) }
        var kinds: [Warning.Kind?: [Warning]] = [:]
        for warning in warnings { kinds[warning.kind, default: []].append(warning) }
        var told: Set<Warning.Kind> = []
        return warnings.compactMap { warning in
            guard let kind = warning.kind, let all = kinds[kind], all.count > Self.mostOfAKind else {
                return sentence(warning)
            }
            guard told.insert(kind).inserted else { return nil }
            return together(all, kind)
        }
    }

    /// More warnings of a kind than this are told in one sentence.
    private static let mostOfAKind = 3

    private func together(_ warnings: [Warning], _ kind: Warning.Kind) -> String {
        let names = warnings.map(\.subject)
        let list = Self.list(names, most: Self.mostOfAKind)
        let count = names.count
        return switch kind {
        case .equalPreference:
            "\(count) exchanges have the same preference as the new provider's: \(list)."
                + " Remove them: mail goes to any of them"
        case .foreignExchange:
            "\(count) other exchanges are left in the MX: \(list). Remove them: they still get mail"
        case .unresolvable: "\(count) exchanges have no address: \(list). No mail can be delivered to them"
        case .exchangeIsAlias:
            "\(count) exchanges are aliases (CNAME): \(list). An MX must not point at an alias (RFC 2181 §10.3)"
        case .missingDot:
            "\(count) exchanges have the zone's name behind them: \(list)."
                + " Write a dot at the end of each name in the zone file"
        case .exchangeIsAddress:
            "\(count) exchanges are IP addresses: \(list). An MX must be a name (RFC 1035 §3.3.9)"
        case .probableTypo: "\(count) exchanges look like typos of the new provider's: \(list)"
        case .unequalTTLs:
            "\(count) servers give the MX records different TTLs (RFC 2181 §5.2): \(list). The lowest counts"
        case .lagging: "\(count) authoritative servers have an old zone: \(list). Check their zone transfers"
        case .lame:
            "\(count) servers are listed as authoritative but are not: \(list). Correct the delegation"
        case .silentAuthority: "\(count) authoritative servers do not answer: \(list)"
        case .unreachableFamily:
            "\(count) authoritative servers are left out: \(list). This host has no route to them"
        case .setAside:
            "\(count) resolvers are left out of the count: \(list). They gave no usable answer for half an hour;"
                + " each counts again with its first answer"
        case .longerThanServed:
            "\(count) resolvers have copies that live longer than any TTL we know from the authoritative servers: \(list)."
                + " Check --previous-ttl: the TTL was longer before, or they keep copies for too long"
        }
    }

    package func sentence(_ warning: Warning) -> String {
        switch warning {
        case .primaryAbsent, .equalPreference, .foreignExchange, .probableTypo, .unresolvable,
            .exchangeIsAlias, .missingDot, .exchangeIsAddress, .exchangeIsDomain, .nullBesideOthers,
            .belowApex:
            Self.exchangeWarning(warning)
        case .unseenChanges(let doubt, let wait):
            Self.doubt(doubt.edits, from: times.text(doubt.from), until: times.text(doubt.until))
                + (wait.map { ". If the second pass has not started, wait until \(times.text($0))" }
                    ?? ". So we count as if the previous MX was served until then")
        case .movedBound(let wait):
            "if the second pass has not started, wait until \(times.text(wait)): since it was safe, a name server is"
                + " new or has stopped answering, and may have served the previous MX"
        case .refutedPublication(let said, let seen):
            "we ignore --published-at \(times.text(said)): another MX was still served at \(times.text(seen))"
        case .refutedTTL(let said, let seen):
            "we ignore --previous-ttl \(said.seconds) and assume 1 day: a resolver has a copy that lives for another"
                + " \(seen.seconds) s. If that resolver keeps copies for longer than their TTL, mark it optional"
        case .fetchedSince(let resolver, let instant):
            "\(resolver.escapedForDisplay) showed another MX at \(times.text(instant)), fetched after the change."
                + " Ask the DNS provider: some authoritative server still gives it to others"
        default: Self.serverWarning(warning)
        }
    }

    private static func exchangeWarning(_ warning: Warning) -> String {
        switch warning {
        case .primaryAbsent(let name): "\(name) is not in the MX. Add it: the provider's guide asks for it"
        case .equalPreference(let foreign, let preference):
            "\(foreign) has preference \(preference), the same as the new provider's exchange."
                + " Remove it: mail goes to either of them"
        case .foreignExchange(let name, let preference):
            "\(name) is left in the MX with preference \(preference). Remove it: it still gets mail"
        case .probableTypo(let name, let meant):
            "\(name) looks like a typo of \(meant). Did you mean that?"
        case .missingDot(let name, let meant):
            "\(name) has the zone's name behind it, because the final dot is missing in the zone file. Write \(meant)."
        case .exchangeIsAddress(let name):
            "\(name) is an IP address. Write the mail server's name: an MX must be a name (RFC 1035 §3.3.9)"
        case .exchangeIsDomain(let name):
            "\(name) is its own MX. Replace it: mail goes to the domain's own address, not to the new provider"
        case .nullBesideOthers:
            "a null MX (0 .) stands next to other MX records. Remove it: RFC 7505 §3 forbids that"
        case .belowApex(let name, let zone):
            "\(name) has no MX of its own, and lies in the zone \(zone). Did you mean \(zone)?"
        case .unresolvable(let name): "\(name) has no address: no mail can be delivered to it"
        case .exchangeIsAlias(let name):
            "\(name) is an alias (CNAME). An MX must not point at an alias (RFC 2181 §10.3)"
        default: ""
        }
    }

    private static func serverWarning(_ warning: Warning) -> String {
        switch warning {
        case .unequalTTLs(let server):
            "\(server.escapedForDisplay) gives the MX records different TTLs (RFC 2181 §5.2). The lowest counts"
        case .alternatingAuthority(let server):
            "\(server.label) sometimes gives the new MX and sometimes another."
                + " Ask the DNS provider to update it: one of the machines behind it has an old zone"
        case .cachedAuthority(let server, let longest):
            "\(server.label) has caches in front of it (its TTLs run down). Each may keep the previous MX"
                + " for \(longest.seconds) s, so we wait twice as long"
        case .authorityAtTimes(let server):
            "\(server.label) sometimes answers without authority (AA). Ask the DNS provider:"
                + " such answers do not count"
        case .lagging(let server, let serial, let newest):
            newest.map {
                "\(server.label) has an old zone, serial \(serial); another server has \($0). Check its zone transfers"
            } ?? "\(server.label) still gives another MX. Change it at that provider too"
        case .nonexistent(let resolvers):
            "the domain does not exist (NXDOMAIN), according to"
                + " \(resolvers == 1 ? "the only resolver" : "all \(resolvers) resolvers") that gave a usable answer."
                + " Check the spelling"
        case .lame(let server, let reason) where server.name == nil:
            "\(server.label), which you gave, does not answer for this domain (\(reason.escapedForDisplay))."
                + " Name another server with --authority"
        case .lame(let server, let reason):
            "\(server.label) is listed as authoritative but is not (\(reason.escapedForDisplay))."
                + " Correct the delegation"
        case .silentAuthority(let server, let reason):
            "\(server.label) is authoritative and does not answer (\(reason.escapedForDisplay))"
        case .unreachableFamily(let server):
            "\(server.label) is left out: this host has no route to"
                + " \(server.endpoint.address.isV6 ? "IPv6" : "IPv4") addresses"
        case .notAsked(let names, let given):
            "\(list(names.map(\.description))) also \(verb(names.count, "serves", "serve")) this zone, but we do not ask"
                + " \(verb(names.count, "it", "them")). Leave out --authority to change that: all levels and dates rest"
                + " on \(list(given)) alone"
        case .delegationMismatch(let onlyAtParent, let onlyAtChild):
            delegationMismatch(onlyAtParent, onlyAtChild)
        case .onlyInGlue(let server, let state):
            onlyInGlue(server, state)
        case .parentsDisagree(let names):
            "only some of the parent's servers name \(list(names.map(\.description))). The delegation has just"
                + " changed, or one of them has an old zone. We ask all of them until they agree"
        case .setAside(let resolver, let reason):
            "\(resolver.escapedForDisplay) is left out of the count: it gave no usable answer for half an hour"
                + " (\(reason.escapedForDisplay)). It counts again with its first answer"
        case .longerThanServed(let resolver, let held, let served):
            "\(resolver.escapedForDisplay) has a copy that lives \(DurationText.long(seconds: Int64(held.seconds))),"
                + " longer than any TTL we know from the authoritative servers"
                + " (\(DurationText.long(seconds: Int64(served.seconds))))."
                + " Check --previous-ttl: the TTL was longer before, or the resolver keeps copies for too long"
        case .viaAlias(let name): "the domain is an alias (CNAME): its MX is that of \(name)"
        default: ""
        }
    }

    /// `the parent's glue for ns1.example.it (192.0.2.1) leads to a server that …`.
    private static func onlyInGlue(_ server: AuthorityIdentity, _ state: MailState?) -> String {
        let what =
            switch state {
            case .target?: "is none of its addresses, and leads to a server that has the new MX"
            case .previous?: "leads to a server that still has the previous MX"
            case .mixed?: "leads to a server that still has another mail server in the MX"
            case .noMX?: "leads to a server that has no MX for the domain"
            case .failing?, .silent?, nil:
                "is none of its addresses, and leads to a server that gives us no usable answer"
            }
        return "the parent's glue for \(server.label) \(what). Have the registrar correct it"
    }

    private static func delegationMismatch(
        _ onlyAtParent: [DomainName], _ onlyAtChild: [DomainName]
    ) -> String {
        let parts = [
            onlyAtParent.isEmpty ? nil : "only the parent names \(list(onlyAtParent.map(\.description)))",
            onlyAtChild.isEmpty ? nil : "only the zone itself names \(list(onlyAtChild.map(\.description)))",
        ]
        return "the delegation and the zone disagree: \(parts.compactMap { $0 }.joined(separator: ", "))."
            + " Make both NS RRsets the same"
    }
}

// MARK: - Warnings of one kind

extension Warning {
    /// The kinds of which there can be many at once, one per name or server.
    fileprivate enum Kind: Hashable {
        case equalPreference, foreignExchange, unresolvable, exchangeIsAlias, missingDot, exchangeIsAddress
        case probableTypo, unequalTTLs, lagging, lame, silentAuthority, unreachableFamily, setAside
        case longerThanServed
    }

    fileprivate var kind: Kind? { about?.kind }

    /// The name or the server that it is about.
    fileprivate var subject: String { about?.name ?? "" }

    private var about: (kind: Kind, name: String)? {
        switch self {
        case .equalPreference(let name, _): (.equalPreference, name.description)
        case .foreignExchange(let name, _): (.foreignExchange, name.description)
        case .unresolvable(let name): (.unresolvable, name.description)
        case .exchangeIsAlias(let name): (.exchangeIsAlias, name.description)
        case .missingDot(let name, _): (.missingDot, name.description)
        case .exchangeIsAddress(let name): (.exchangeIsAddress, name.description)
        case .probableTypo(let name, _): (.probableTypo, name.description)
        case .unequalTTLs(let server): (.unequalTTLs, server)
        case .lagging(let server, _, _): (.lagging, server.label)
        case .lame(let server, _): (.lame, server.label)
        case .silentAuthority(let server, _): (.silentAuthority, server.label)
        case .unreachableFamily(let server): (.unreachableFamily, server.label)
        case .setAside(let resolver, _): (.setAside, resolver)
        case .longerThanServed(let resolver, _, _): (.longerThanServed, resolver)
        default: nil
        }
    }
}
