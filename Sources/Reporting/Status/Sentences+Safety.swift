import DNS
import Propagation

// What the levels above "propagated" wait for.
extension Sentences {
    /// What a reason says where the bound rests on a TTL that we only assume.
    static let previousTTLRemedy = "add --previous-ttl SECONDS and the wait gets shorter"

    func safetySentence(_ reason: Reason) -> String {
        switch reason {
        case .bounded(let bound): bounded(bound)
        case .formerServers(let servers, let until):
            "\(Self.list(servers)) may still give another MX until \(times.text(until))."
                + " Change the MX there too, or have the zone deleted there:"
                + " \(Self.verb(servers.count, "it has", "they have")) left the name servers, but some resolvers still"
                + " know the former delegation"
        case .settling(let until):
            "waiting period until \(times.text(until)) (the guide's \"some hours\", see --settle):"
                + " everything we can see has changed"
        case .awaitingConfirmation(let silent, let resolvers):
            Self.awaitingConfirmation(silent.map(\.label) + resolvers, isResolvers: silent.isEmpty)
        case .secondPassSafe(let since):
            "since \(times.text(since)) no mail can reach the old server by a cached MX: start the second pass"
        case .senderPatience(let until):
            "mail that was queued before the change may still reach the old server until \(times.text(until)):"
                + " senders retry for up to 5 days (RFC 5321 §4.5.4.1)"
        case .decommissionSafe(let since):
            "ask the old provider to delete the domain: since \(times.text(since)) all queued mail has arrived,"
                + " or its senders have given up"
        default: ""
        }
    }

    private static func awaitingConfirmation(_ silent: [String], isResolvers: Bool) -> String {
        if silent.isEmpty { return "we ask the servers once more before the next level counts as reached" }
        return
            "the next level needs one more answer from \(isResolvers ? "enough resolvers" : "the authoritative servers"),"
            + " but \(list(silent)) \(verb(silent.count, "does", "do")) not answer"
    }

    private func bounded(_ bound: Bound) -> String {
        let until = times.text(bound.at)
        switch bound.basis {
        case .witnessed:
            return unseenCaches(until) + ": that follows from the TTL that the authoritative servers gave it"
        case .formerServers:
            return unseenCaches(until)
                + ": that follows from the TTL of the former name servers and of what they serve"
        case .refetched(let resolver, let seen):
            return
                "caches may have another MX until \(until): \(resolver.escapedForDisplay) showed it at"
                + " \(times.text(seen)), fetched after the change, so some authoritative server gives it to others"
        case .nameServers(let since):
            return
                "resolvers may have what the former name servers served until \(until): the name servers changed at"
                + " \(times.text(since)) (--name-servers-since), and resolvers may ask the former ones for days"
        case .unwitnessed(let ttl, let since, let isAssumed):
            let length = ttl == Policy.assumedTTL ? "1 day" : DurationText.long(seconds: Int64(ttl.seconds))
            let start = times.text(since)
            return unseenCaches(until)
                + (isAssumed
                    ? ". We did not see its TTL before \(start), so we assume \(length). If you know the longest TTL"
                        + " it had in the last days, \(Self.previousTTLRemedy)"
                    : ": copies from before \(start) live for up to \(length) (see --previous-ttl)")
        }
    }

    private func unseenCaches(_ until: String) -> String {
        "caches we cannot see may still have the previous MX until \(until)"
    }
}
