import DNS
import Propagation

/// Reasons, warnings, exclusions and events as sentences that an operator can act on.
///
/// A text begins without a capital and ends without a full stop, so that it fits in a list or after a colon; it may
/// consist of several sentences: the fact, what to do, why. All text from the network is escaped. Future times are
/// estimates, and the words say so.
package struct Sentences: Sendable {
    let times: TimeText

    package init(_ times: TimeText) { self.times = times }

    package func sentence(_ reason: Reason) -> String {
        switch reason {
        case .notAsked: "nothing has been asked yet"
        case .remembered(let phase, let instant):
            "too few answers yet in this run. At the last look (\(times.text(instant))) the phase was"
                + " \(phase.rawValue.replacing("_", with: " "))"
        case .noQuorum(let counted, let eligible, let needed):
            Self.noQuorum(counted: counted, eligible: eligible, needed: needed)
        case .unheard(let told, let count, let needed):
            "only \(told) of \(count) resolvers gave a usable answer in the last 15 minutes. A verdict needs"
                + " \(needed), whatever they answered before. Check whether the domain still resolves (is a DS record"
                + " left at the parent?), and check this host's network"
        case .authorityUnknown(let error):
            "we could not find the authoritative servers (\(error.escapedForDisplay)). " + Self.remedy
        case .nonexistent(let error):
            "\(error.escapedForDisplay). Check the spelling, and that the domain is registered"
        case .authorityPending: "no authoritative server has answered yet"
        case .servedWithoutAuthority(let servers):
            "\(Self.list(servers)) \(Self.verb(servers.count, "gives", "give")) another MX, which resolvers may take."
                + " Change it there, or correct the delegation:"
                + " \(Self.verb(servers.count, "it is", "they are")) listed as authoritative but"
                + " \(Self.verb(servers.count, "is", "are")) not"
        case .alternating(let servers, let until):
            "published not before \(times.text(until)): \(Self.list(servers)) sometimes"
                + " \(Self.verb(servers.count, "gives", "give")) the new MX and sometimes another,"
                + " and must give only the new one until then"
        case .authoritySilent(let asked): Self.authoritySilent(asked)
        case .notPublished(let servers, let count): Self.notPublished(servers, of: count)
        case .authorityBlocked(let servers, let until):
            "\(Self.list(servers)) \(Self.verb(servers.count, "does", "do")) not answer and may still serve the"
                + " previous MX. We wait until \(times.text(until)), and then go on without"
                + " \(Self.verb(servers.count, "it", "them")) if the others still agree"
        case .regression(let since):
            "the change was taken back: since \(times.text(since)) an authoritative server serves another MX"
        case .holding(let resolvers, let count, let until, let states):
            holding(resolvers, of: count, until: until, states: states)
        case .overdue(let resolvers): Self.overdue(resolvers)
        case .unconfirmed(let resolvers, let count, let needed):
            Self.unconfirmed(resolvers, of: count, needed: needed)
        case .uninformed(let resolvers):
            Self.uninformed(resolvers)
        case .publicationAhead(let instant):
            "the change is announced for \(times.text(instant)) (--published-at), and that time has not come yet"
        case .propagated(let resolvers):
            resolvers == 1
                ? "the only resolver that counts shows the new MX, and we know of no other copy"
                : "\(Self.all(resolvers)) resolvers that count show the new MX, and we know of no other copy"
        case .published(let servers, let notAsked):
            (servers == 1
                ? "the only authoritative server that answers serves the new MX"
                : "\(Self.all(servers)) authoritative servers that answer serve the new MX")
                + (notAsked > 0
                    ? ". We do not ask \(notAsked) of the zone's name servers"
                    : "")
        case .bounded, .formerServers, .settling, .awaitingConfirmation, .secondPassSafe, .senderPatience,
            .decommissionSafe:
            safetySentence(reason)
        }
    }

    package static func sentence(_ exclusion: Exclusion) -> String {
        switch exclusion {
        case .optional: "optional: shown, never counted"
        case .noRoute: "this host has no route to it"
        case .neverAnswered(let reason): "never gave a usable answer: \(reason.escapedForDisplay)"
        case .refuses(let reason): "refuses to answer us: \(reason.escapedForDisplay)"
        case .setAside(let reason): "gave no usable answer for half an hour: \(reason.escapedForDisplay)"
        }
    }

    /// - Parameter resolvers: the event's index points into these.
    package static func sentence(_ event: Event, resolvers: [ResolverIdentity]) -> String {
        switch event {
        case .transition(let resolver, let from, let to):
            "\(resolvers[resolver].label) went from \(from?.rawValue ?? "unknown") to \(to.rawValue)"
        case .level(let level): sentence(level)
        case .doubt(let doubt):
            Self.edits(doubt.edits) + " between two looks, and we did not see what it served in between"
        }
    }

    static func sentence(_ level: LevelChange) -> String {
        switch level {
        case .published: "the new MX is published"
        case .regression: "the new MX is no longer published: an authoritative server serves another"
        case .propagated: "the new MX has propagated to every resolver that counts"
        case .unpropagated: "the new MX is no longer seen at every resolver that counts"
        case .secondPassSafe: "the second pass is safe: no mail can reach the old server by a cached MX"
        case .secondPassUnsafe:
            "the second pass is no longer safe: another MX was seen again"
        case .decommissionSafe: "you can ask the old provider to delete the domain"
        }
    }

    static func doubt(_ edits: Int, from: String, until: String) -> String {
        Self.edits(edits) + " between \(from) and \(until), and we did not see what it served in between"
    }

    private static func edits(_ count: Int) -> String {
        count == 1
            ? "the MX changed, but the zone's serial did not," : "the zone was edited at least \(count) times"
    }
}

// MARK: - Reasons

extension Sentences {
    private static let remedy =
        "Name one with --authority ADDRESS, or let the resolvers alone decide with --no-authority"

    static func noQuorum(counted: Int, eligible: Int, needed: Int) -> String {
        if eligible == 0 {
            return "no resolver can count."
                + " List one that is not optional and that this host can reach (see --resolvers)"
        }
        let answered = counted == 0 ? "none" : "only \(counted)"
        let of = eligible == 1 ? "1 resolver" : "\(eligible) resolvers"
        return "\(answered) of \(of) gave a usable answer. A verdict needs \(needed) (see --quorum)"
    }

    private static func authoritySilent(_ asked: Int) -> String {
        let who =
            switch asked {
            case 0: "there is no authoritative server to ask"
            case 1: "the authoritative server gave no authoritative answer"
            default: "none of \(asked) authoritative servers gave an authoritative answer"
            }
        return "\(who). \(remedy)"
    }

    private static func notPublished(_ servers: [AuthorityIdentity], of count: Int) -> String {
        let what = "\(verb(servers.count, "does", "do")) not serve the new MX"
        return count == 1
            ? "the authoritative server \(list(servers)) \(what)"
            : "\(servers.count) of \(count) authoritative servers \(what): \(list(servers))"
    }

    private func holding(
        _ resolvers: Int, of count: Int, until: Instant, states: [MailState]
    ) -> String {
        let of = count == 1 ? "1 resolver" : "\(count) resolvers"
        let what = Self.list(states.map(Self.copyText), joint: "or")
        return "\(resolvers) of \(of) still \(Self.verb(resolvers, "serves", "serve")) \(what);"
            + " the last known copy expires at \(times.text(until))"
    }

    /// What a copy is that is not the target.
    static func copyText(_ state: MailState) -> String {
        switch state {
        case .mixed: "an MX with another mail server in it"
        case .noMX: "no MX at all"
        default: "the previous MX"
        }
    }

    private static func overdue(_ resolvers: [String]) -> String {
        "\(list(resolvers)) still \(verb(resolvers.count, "serves", "serve")) a copy that should have expired."
            + " Wait, or ask the operator to flush it. \(verb(resolvers.count, "It keeps", "They keep")) copies for"
            + " longer than the TTL, or \(verb(resolvers.count, "serves", "serve")) stale data"
    }

    private static func uninformed(_ resolvers: [String]) -> String {
        let count = resolvers.count
        return
            "\(count) \(verb(count, "resolver gives", "resolvers give")) no usable answer (\(list(resolvers)))."
            + " \(verb(count, "It counts", "They count")) as not propagated until \(verb(count, "it does", "they do"))."
            + " After 30 minutes we leave \(verb(count, "it", "them")) out of the count"
    }

    private static func unconfirmed(_ resolvers: Int, of count: Int, needed: Int) -> String {
        let of = count == 1 ? "1 resolver" : "\(count) resolvers"
        return "\(resolvers) of \(of) \(verb(resolvers, "is", "are")) not confirmed yet: we need"
            + " \(needed) \(needed == 1 ? "answer" : "answers in a row") with the new MX from"
            + " \(verb(resolvers, "it", "each")), in a watch over 10 s (see --confirmations)"
    }
}

// MARK: - Words

extension Sentences {
    /// More names than this make a sentence that nobody reads.
    static let longestList = 5

    static func verb(_ count: Int, _ one: String, _ many: String) -> String { count == 1 ? one : many }

    /// `22 of 24 resolvers have only the new MX`.
    static func clear(_ clear: Int, of counted: Int) -> String {
        let resolvers = counted == 1 ? "1 resolver" : "\(counted) resolvers"
        return "\(clear) of \(resolvers) \(verb(clear, "has", "have")) only the new MX"
    }

    static func all(_ count: Int) -> String { count == 2 ? "both" : "all \(count)" }

    static func list(_ names: [String], joint: String = "and", most: Int = longestList) -> String {
        let shown = names.prefix(most).map(\.escapedForDisplay)
        let more = names.count - shown.count
        if more > 0 { return shown.joined(separator: ", ") + " and \(more) more" }
        guard shown.count > 1 else { return shown.first ?? "no one" }
        return shown.dropLast().joined(separator: ", ") + " \(joint) " + shown[shown.count - 1]
    }

    static func list(_ servers: [AuthorityIdentity]) -> String { list(servers.map(\.label)) }
}

extension AuthorityIdentity {
    /// `ns1.example.it (192.0.2.1)`, or the address alone; a name server that nobody could resolve has an
    /// unspecified address.
    var label: String {
        if let name, endpoint.address == .v4(0) { return "\(name) (no address found)" }
        return name.map { "\($0) (\(endpoint.shortDescription))" } ?? endpoint.shortDescription
    }
}

extension ResolverIdentity {
    /// `google (8.8.8.8)`, or the address alone if that is its name.
    var label: String {
        let address = endpoint.shortDescription
        let isNamed = name != address && name != endpoint.description
        return isNamed ? "\(name.escapedForDisplay) (\(address))" : address
    }
}
