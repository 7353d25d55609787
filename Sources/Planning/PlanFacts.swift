import DNS
import Propagation

/// What was seen of a domain whose MX is to be changed. A plan follows from it, from the operator's wishes
/// and from the instant.
///
/// `nil` always means that nobody told, which is not the same as that there is nothing.
package struct PlanFacts: Sendable {
    /// The authoritative servers and the resolvers, as a sweep left them.
    package var tracker: DomainTracker
    /// Since when no authoritative server has served the MX with a longer TTL than now.
    package var loweredSince: Instant?
    /// The exchanges that the new provider names.
    package var accepted: [ExchangeFacts] = []
    /// The exchanges that get the mail now.
    package var present: [ExchangeFacts] = []
    /// The domain's own addresses, where it has no MX: mail goes there (RFC 5321 §5.1).
    package var ownAddresses: [IPAddress]?
    /// The TXT records at `_mta-sts` below the domain (RFC 8461 §3.1).
    package var transportPolicies: [String]?
    package var senderPolicies: SenderPolicyFacts?
    package var signatures: SignatureFacts?
    /// The MX of the wildcard below the domain, asked for by its own name (RFC 4592 §2.2).
    package var wildcard: Reading?
    /// Subdomains that are to move along.
    package var subdomains: [SubdomainFacts] = []

    package init(_ tracker: DomainTracker) { self.tracker = tracker }

    package var domain: DomainName { tracker.domain }
}

/// A name below the domain that is to move along: it has a TTL, copies and a past of its own.
package struct SubdomainFacts: Sendable {
    package var tracker: DomainTracker
    /// Since when no authoritative server has served its MX with a longer TTL than now.
    package var loweredSince: Instant?
    /// Its own addresses, where it has no MX: mail goes there (RFC 5321 §5.1).
    package var ownAddresses: [IPAddress]?

    package init(_ tracker: DomainTracker, loweredSince: Instant? = nil, ownAddresses: [IPAddress]? = nil) {
        self.tracker = tracker
        self.loweredSince = loweredSince
        self.ownAddresses = ownAddresses
    }

    package var domain: DomainName { tracker.domain }

    /// Whether it gets mail of its own that is still to be moved; where nobody told its addresses, it may.
    var movesAlong: Bool {
        guard let reading = tracker.authority.presentReading, !tracker.authority.agree else { return false }
        guard reading.state == .noMX else { return true }
        return reading.absence == .noData && ownAddresses != []
    }

    func lifetimes(at now: Instant) -> PlanLifetimes? {
        PlanLifetimes(tracker, loweredSince: loweredSince, at: now)
    }
}

/// One exchange's own name.
package struct ExchangeFacts: Sendable, Hashable {
    package var name: DomainName
    package var addresses: [IPAddress]?
    package var isAlias: Bool
    /// How many TLSA records its port 25 has (RFC 7672 §2.1.1).
    package var associations: Int?

    package init(
        _ name: DomainName, addresses: [IPAddress]? = nil, isAlias: Bool = false, associations: Int? = nil
    ) {
        self.name = name
        self.addresses = addresses
        self.isAlias = isAlias
        self.associations = associations
    }
}

/// What a validating resolver makes of the zone's signatures.
package struct SignatureFacts: Sendable, Hashable {
    /// Whether the parent has a DS RRset for the zone: then resolvers want signatures (RFC 4035 §5.2).
    package var isSigned: Bool?
    /// Resolvers that say that they have validated the MX.
    package var validating: Int
    /// Those that answer SERVFAIL, and answer once validation is disabled.
    package var refusing: [ResolverIdentity]
    /// Those that have validated the root zone and not the MX, which they take for unsigned: no chain of signatures
    /// leads to the zone (RFC 4035 §4.3, insecure).
    package var unconcerned: Int

    package init(
        isSigned: Bool? = nil, validating: Int = 0, refusing: [ResolverIdentity] = [], unconcerned: Int = 0
    ) {
        self.isSigned = isSigned
        self.validating = validating
        self.refusing = refusing
        self.unconcerned = unconcerned
    }
}

/// The domain's sender policy (SPF, RFC 7208) with what it includes, as far as it was followed.
package struct SenderPolicyFacts: Sendable, Hashable {
    /// The domain's own records, as text; more than one is an error (RFC 7208 §4.5).
    package var records: [String]
    /// Every name that it includes or redirects to, directly or not.
    package var included: Set<DomainName>
    /// Whether every such name was looked at.
    package var isComplete: Bool
    /// The lookups that a check makes, as far as the names were looked at (§4.6.4).
    package var lookups: Int

    package init(
        records: [String], included: Set<DomainName> = [], isComplete: Bool = true, lookups: Int = 0
    ) {
        self.records = records
        self.included = included
        self.isComplete = isComplete
        self.lookups = lookups
    }
}

/// One SPF record, as far as it leads to others: a mechanism after "all" is never evaluated (RFC 7208 §5.1), and
/// "redirect" is ignored beside it (§6.1).
package struct SenderPolicy: Sendable, Hashable {
    /// The names that it includes with the result "pass", and the one that it redirects to.
    package let included: [DomainName]
    /// Whether it also leads to a name that depends on the mail, by macros (§7).
    package let hasMacros: Bool
    /// Whether it ends with "all", whatever the result.
    package let hasAll: Bool
    /// Whether the domain's own MX may send: another server after the switch.
    package let passesOwnMX: Bool
    /// Its terms that take a lookup, of which a check may make ten (§4.6.4).
    package let lookups: Int

    /// `nil` for a TXT record that is none: the version must stand alone at the start (§4.5).
    package init?(_ text: String) {
        let terms = text.split(separator: " ")
        guard terms.first?.lowercased() == "v=spf1" else { return nil }
        let all = terms.dropFirst().firstIndex { Self.mechanism($0) == "all" }
        hasAll = all != nil
        let redirect = terms.dropFirst().filter { $0.lowercased().hasPrefix("redirect=") }
        let evaluated =
            terms.dropFirst().prefix { Self.mechanism($0) != "all" }
            .filter { !$0.lowercased().hasPrefix("redirect=") } + (hasAll ? [] : redirect)
        let names = evaluated.compactMap { term in
            ["include:", "+include:", "redirect="].lazy.first { term.lowercased().hasPrefix($0) }
                .map { term.dropFirst($0.count) }
        }
        hasMacros = names.contains { $0.contains("%") }
        included = names.filter { !$0.contains("%") }.compactMap { try? DomainName(presentation: $0) }
        passesOwnMX = evaluated.contains { term in
            let bare = term.lowercased().drop { $0 == "+" }
            return bare == "mx" || bare.hasPrefix("mx/")
        }
        lookups = evaluated.count { Self.lookingUp.contains(Self.mechanism($0)) }
    }

    private static let lookingUp: Set<String> = ["include", "a", "mx", "ptr", "exists", "redirect"]

    /// The name of a term, without its qualifier and what follows.
    private static func mechanism(_ term: Substring) -> String {
        let name = "+-~?".contains(term.first ?? " ") ? term.dropFirst() : term
        return name.prefix { !":/=".contains($0) }.lowercased()
    }
}
