import DNS
import Propagation

extension Sentences {
    /// A sentence a warning; one for all of a kind of which there are many.
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
            "\(count) exchanges have the same preference as the new provider's: \(list);"
                + " mail goes to any of them; remove them"
        case .foreignExchange:
            "\(count) other exchanges are left among the MX: \(list); they go on getting mail; remove them"
        case .unresolvable: "\(count) exchanges have no address: \(list); no mail can be delivered to them"
        case .exchangeIsAlias:
            "\(count) exchanges are aliases (CNAME), which an MX must not point at (RFC 2181 §10.3): \(list)"
        case .missingDot:
            "\(count) exchanges have the zone's name behind them: \(list);"
                + " write a dot at the end of each name in the zone file"
        case .exchangeIsAddress:
            "\(count) exchanges are IP addresses: \(list); an MX must be a name (RFC 1035 §3.3.9)"
        case .probableTypo: "\(count) exchanges look like typos of the new provider's: \(list)"
        case .unequalTTLs:
            "\(count) servers give the MX records different TTLs (RFC 2181 §5.2): \(list); the lowest counts"
        case .lagging: "\(count) authoritative servers lag behind: \(list); check their zone transfers"
        case .lame:
            "\(count) servers are listed as authoritative and are not: \(list); correct the delegation"
        case .silentAuthority: "\(count) authoritative servers do not answer: \(list)"
        case .unreachableFamily:
            "\(count) authoritative servers were left out: \(list); this host has no route to them"
        case .setAside:
            "\(count) resolvers are left out of the count: \(list); they have told nothing for half an hour;"
                + " each counts again with its first answer"
        case .longerThanServed:
            "\(count) resolvers hold copies for longer than the longest TTL known of the authoritative servers: \(list);"
                + " they stretch TTLs, or the TTL was longer before; check --previous-ttl"
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
                    ?? ": so we count as if the old MX was served until then")
        case .movedBound(let wait):
            "a name server is new or does not answer since the second pass was safe, and may have served the old MX."
                + " If the second pass has not started, wait until \(times.text(wait))"
        case .refutedPublication(let said, let seen):
            "--published-at \(times.text(said)) counts no more: another MX was still served at \(times.text(seen))"
        case .refutedTTL(let said, let seen):
            "--previous-ttl \(said.seconds) counts no more: a copy was seen to live for another \(seen.seconds) s;"
                + " a day is assumed instead (a resolver that stretches TTLs can be marked optional)"
        case .fetchedSince(let resolver, let instant):
            "\(resolver.escapedForDisplay) showed another MX at \(times.text(instant)) that was fetched after the"
                + " change: some authoritative server still gives it to others; ask the DNS provider"
        default: Self.serverWarning(warning)
        }
    }

    private static func exchangeWarning(_ warning: Warning) -> String {
        switch warning {
        case .primaryAbsent(let name): "\(name) is not among the MX: the provider's guide asks for it"
        case .equalPreference(let foreign, let preference):
            "\(foreign) has preference \(preference), as the new provider's exchange has:"
                + " mail goes to either of them; remove it"
        case .foreignExchange(let name, let preference):
            "\(name) is left among the MX with preference \(preference): it goes on getting mail; remove it"
        case .probableTypo(let name, let meant):
            "\(name) looks like a typo of \(meant): did you mean that?"
        case .missingDot(let name, let meant):
            "\(name) has the zone's name behind it: the final dot is missing in the zone file; write \(meant)."
        case .exchangeIsAddress(let name):
            "\(name) is an IP address, and an MX must be a name (RFC 1035 §3.3.9): write the mail server's name"
        case .exchangeIsDomain(let name):
            "\(name) is its own MX: mail goes to the domain's own address, not to the new provider; replace it"
        case .nullBesideOthers:
            "a null MX (0 .) stands beside others, which RFC 7505 §3 forbids: remove it"
        case .belowApex(let name, let zone):
            "\(name) has no MX of its own, and lies in the zone \(zone): did you mean \(zone)?"
        case .unresolvable(let name): "\(name) has no address: no mail can be delivered to it"
        case .exchangeIsAlias(let name):
            "\(name) is an alias (CNAME), which an MX must not point at (RFC 2181 §10.3)"
        default: ""
        }
    }

    private static func serverWarning(_ warning: Warning) -> String {
        switch warning {
        case .unequalTTLs(let server):
            "\(server.escapedForDisplay) gives the MX records different TTLs (RFC 2181 §5.2); the lowest counts"
        case .alternatingAuthority(let server):
            "\(server.label) gives the new MX and another one in turn: a machine behind it is behind;"
                + " ask the DNS provider to update it"
        case .cachedAuthority(let server, let longest):
            "\(server.label) gives TTLs that run down: caches stand in front of it, and each may keep the former MX"
                + " for \(longest.seconds) s; the bound waits twice as long"
        case .authorityAtTimes(let server):
            "\(server.label) answers without authority (AA) at times: such answers do not count;"
                + " ask the DNS provider"
        case .lagging(let server, let serial, let newest):
            newest.map {
                "\(server.label) lags behind: it serves serial \(serial), another serves \($0); check its zone transfers"
            } ?? "\(server.label) still gives another MX: change it at that provider too"
        case .nonexistent(let resolvers):
            "the domain does not exist, as \(resolvers == 1 ? "the only resolver says" : "all \(resolvers) resolvers say")"
                + " that told anything (NXDOMAIN): check how it is spelt"
        case .lame(let server, let reason) where server.name == nil:
            "\(server.label), which was given, does not answer for this domain (\(reason.escapedForDisplay)):"
                + " name another server with --authority"
        case .lame(let server, let reason):
            "\(server.label) is listed as authoritative and is not (\(reason.escapedForDisplay)):"
                + " correct the delegation"
        case .silentAuthority(let server, let reason):
            "\(server.label) is authoritative and does not answer (\(reason.escapedForDisplay))"
        case .unreachableFamily(let server):
            "\(server.label) was left out: this host has no route to"
                + " \(server.endpoint.address.isV6 ? "IPv6" : "IPv4") addresses"
        case .notAsked(let names, let given):
            "\(list(names.map(\.description))) also \(verb(names.count, "serves", "serve")) this zone and"
                + " \(verb(names.count, "is", "are")) not asked: levels and dates rest on"
                + " \(list(given)) alone; leave out --authority to ask \(verb(names.count, "it", "them"))"
        case .delegationMismatch(let onlyAtParent, let onlyAtChild):
            delegationMismatch(onlyAtParent, onlyAtChild)
        case .onlyInGlue(let server, let state):
            onlyInGlue(server, state)
        case .parentsDisagree(let names):
            "only some of the parent's servers name \(list(names.map(\.description))): the delegation has just"
                + " changed, or one of them is behind; all are asked until they agree"
        case .setAside(let resolver, let reason):
            "\(resolver.escapedForDisplay) is left out of the count: it has told nothing for half an hour"
                + " (\(reason.escapedForDisplay)); it counts again with its first answer"
        case .longerThanServed(let resolver, let held, let served):
            "\(resolver.escapedForDisplay) holds a copy for \(DurationText.long(seconds: Int64(held.seconds))),"
                + " longer than the longest TTL known of the authoritative servers"
                + " (\(DurationText.long(seconds: Int64(served.seconds)))):"
                + " it stretches TTLs, or the TTL was longer before; check --previous-ttl"
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
            case .mixed?: "leads to a server that still has a foreign exchange among the MX"
            case .noMX?: "leads to a server that has no MX for the domain"
            case .failing?, .silent?, nil:
                "is none of its addresses, and leads to a server that tells us nothing"
            }
        return "the parent's glue for \(server.label) \(what): have the registrar correct it"
    }

    private static func delegationMismatch(
        _ onlyAtParent: [DomainName], _ onlyAtChild: [DomainName]
    ) -> String {
        let parts = [
            onlyAtParent.isEmpty ? nil : "only the parent names \(list(onlyAtParent.map(\.description)))",
            onlyAtChild.isEmpty ? nil : "only the zone itself names \(list(onlyAtChild.map(\.description)))",
        ]
        return "the delegation and the zone disagree: \(parts.compactMap { $0 }.joined(separator: ", "));"
            + " make both NS RRsets the same"
    }
}

// MARK: - Warnings of one kind

extension Warning {
    /// The kinds of which there can be many at once, one a name or a server.
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
