import DNS
import Propagation

// What the levels above "propagated" wait for.
extension Sentences {
    /// What a reason adds where the bound rests on a TTL that nobody saw or named.
    static let previousTTLRemedy = "--previous-ttl SECONDS, the longest it had, shortens this"

    func safetySentence(_ reason: Reason) -> String {
        switch reason {
        case .bounded(let bound): bounded(bound)
        case .formerServers(let servers, let until):
            "\(Self.list(servers)) \(Self.verb(servers.count, "is", "are")) no longer among the name servers,"
                + " and may still give another MX to resolvers that know the former delegation,"
                + " until \(times.text(until)); change the MX there too, or have the zone deleted there"
        case .settling(let until):
            "everything has flipped; the guide's \"some hours\" run until \(times.text(until)) (see --settle)"
        case .awaitingConfirmation(let silent, let resolvers):
            Self.awaitingConfirmation(silent.map(\.label) + resolvers, isResolvers: silent.isEmpty)
        case .secondPassSafe(let since):
            "since \(times.text(since)) no mail can reach the old server by a cached MX: start the second pass"
        case .senderPatience(let until):
            "mail that was queued before the change may still reach the old server until \(times.text(until)):"
                + " senders retry for up to 5 days (RFC 5321 §4.5.4.1)"
        case .decommissionSafe(let since):
            "since \(times.text(since)) queued mail has come or been given up:"
                + " ask the old provider to delete the domain"
        default: ""
        }
    }

    private static func awaitingConfirmation(_ silent: [String], isResolvers: Bool) -> String {
        if silent.isEmpty { return "the servers are asked once more before the next level is called reached" }
        return
            "the next level needs one more answer of \(isResolvers ? "enough resolvers" : "the authoritative servers"),"
            + " and \(list(silent)) \(verb(silent.count, "does", "do")) not answer"
    }

    private func bounded(_ bound: Bound) -> String {
        let until = times.text(bound.at)
        switch bound.basis {
        case .witnessed:
            return "caches that nobody sees may hold another MX until \(until),"
                + " by the TTL that the authoritative servers gave it"
        case .formerServers:
            return "caches that nobody sees may hold another MX until \(until),"
                + " by the TTL of the former name servers and of what they serve"
        case .refetched(let resolver, let seen):
            return
                "\(resolver.escapedForDisplay) showed another MX at \(times.text(seen)) that was fetched after the"
                + " change: some authoritative server gives it to others, and caches may hold it until \(until)"
        case .nameServers(let since):
            return
                "the name servers changed at \(times.text(since)) (--name-servers-since): resolvers may ask the"
                + " former ones for days, and hold what they served until \(until)"
        case .unwitnessed(let ttl, let since, let isAssumed):
            let length = DurationText.long(seconds: Int64(ttl.seconds))
            let start = times.text(since)
            return "caches that nobody sees may hold another MX until \(until):"
                + (isAssumed
                    ? " its TTL before \(start) was not seen, and \(length) is assumed; \(Self.previousTTLRemedy)"
                    : " copies from before \(start) live for up to \(length) (--previous-ttl)")
        }
    }
}
