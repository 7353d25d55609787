import DNS
import Propagation

extension Sentences {
    package func sentence(_ warning: Warning) -> String {
        switch warning {
        case .primaryAbsent, .equalPreference, .foreignExchange, .probableTypo, .unresolvable,
            .exchangeIsAlias:
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
