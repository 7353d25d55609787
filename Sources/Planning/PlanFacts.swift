import DNS
import Propagation

/// What was seen of a domain whose MX will change: what a plan follows from, beside wishes and the instant.
///
/// `nil` means unknown, which is not the same as none.
package struct PlanFacts: Sendable {
    /// The authoritative servers and the resolvers after a sweep.
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
    /// Subdomains that move along.
    package var subdomains: [SubdomainFacts] = []

    package init(_ tracker: DomainTracker) { self.tracker = tracker }

    package var domain: DomainName { tracker.domain }
}

/// A subdomain that moves along: it has a TTL, copies and a past of its own.
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

    /// Whether it gets mail of its own that still has to move; true where its addresses are unknown.
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

/// What validating resolvers make of the zone's signatures (DNSSEC).
package struct SignatureFacts: Sendable, Hashable {
    /// Whether the parent has a DS RRset for the zone: then resolvers want signatures (RFC 4035 §5.2).
    package var isSigned: Bool?
    /// Resolvers that validated the MX (AD).
    package var validating: Int
    /// Those that answer SERVFAIL, and the MX once validation is disabled (CD).
    package var refusing: [ResolverIdentity]
    /// Those that validated the root zone and take the MX for unsigned: insecure (RFC 4035 §4.3).
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

/// The domain's sender policy (SPF, RFC 7208) with what it includes, as far as followed.
package struct SenderPolicyFacts: Sendable, Hashable {
    /// The domain's own records, as text; more than one is an error (RFC 7208 §4.5).
    package var records: [String]
    /// Every name that it includes or redirects to, directly or not.
    package var included: Set<DomainName>
    /// Whether every such name was looked at.
    package var isComplete: Bool
    /// The lookups that a check makes, as far as the names were looked at (RFC 7208 §4.6.4).
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

/// One SPF record, as far as it leads to others. A mechanism after "all" is never evaluated (RFC 7208 §5.1),
/// and "redirect" is ignored beside it (RFC 7208 §6.1).
package struct SenderPolicy: Sendable, Hashable {
    /// The names that it includes with result "pass", and the one that it redirects to.
    package let included: [DomainName]
    /// Whether it also leads to a name with macros, which depends on the mail (RFC 7208 §7).
    package let hasMacros: Bool
    /// Whether it ends with "all", whatever the result.
    package let hasAll: Bool
    /// Whether the domain's own MX may send: that is another server after the switch.
    package let passesOwnMX: Bool
    /// Its terms that take a lookup; a check may make ten (RFC 7208 §4.6.4).
    package let lookups: Int

    /// `nil` for another TXT record: the first term must be the version alone (RFC 7208 §4.5).
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
