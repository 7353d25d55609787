import DNS
import Propagation

/// One thing that a plan looks at, and what came of it.
package struct PlanLine: Sendable, Hashable {
    package enum Status: Sendable, Hashable {
        case ok
        /// It resolves itself, not before this instant.
        case wait(until: Instant)
        /// Somebody has to act; the finding says how.
        case fix
        /// It cannot be told.
        case unknown
    }

    package var status: Status
    package var finding: PlanFinding

    package init(_ status: Status, _ finding: PlanFinding) {
        self.status = status
        self.finding = finding
    }
}

/// What a line is about; the raw values are those of the JSON document.
package enum PlanTopic: String, Sendable, Hashable, CaseIterable, Encodable {
    case domain, zone
    case timeToLive = "mx_ttl"
    case lowering = "ttl_lowered"
    case copies = "cached_copies"
    case authority, delegation
    case nameServers = "name_servers"
    case newExchanges = "new_exchanges"
    case presentExchanges = "present_mx"
    case transportPolicy = "mta_sts"
    case associations = "tlsa"
    case senderPolicy = "spf"
    case signatures = "dnssec"
    case wildcard = "wildcard_mx"
    case subdomain
    case firstPass = "first_pass"
}

/// What was found, with the values that a sentence about it names.
package enum PlanFinding: Sendable, Hashable {
    case nonexistent(String)
    case authorityUnknown(String)
    case authorityNotAsked
    case authoritySilent(asked: Int)
    /// Every authoritative server that answers serves the target already.
    case switched(servers: Int)
    /// Some exchanges, or some servers' exchanges, are the target's already.
    case partlySwitched(others: [AuthorityIdentity], of: Int)
    /// The domain is not a zone apex: its records are in this zone.
    case inZone(DomainName)

    case timeToLive(TTL, servers: Int)
    case timeToLiveTooLong(TTL, servers: [AuthorityIdentity], of: Int)
    /// There is no MX; the lifetime of negative answers.
    case negativeTTL(TTL)
    case negativeTTLTooLong(TTL)
    /// The TTL still has to be lowered; copies with the long one are gone then at the earliest.
    case notLowered(PlanLifetimes)
    case lowered(since: Instant, PlanLifetimes)
    /// The operator says that it was no longer than this in the last days.
    case neverLonger(TTL)
    /// It was longer, until an unknown instant.
    case longerBefore(PlanLifetimes)
    case loweredUnknown(PlanLifetimes)
    /// Unknown since when it is low, but copies from before are gone: the servers were watched for long.
    case longerCopiesGone(PlanLifetimes)
    case longCopies(resolvers: Int, of: Int)
    case noLongCopies(resolvers: Int)
    /// Resolvers that hold copies longer than the servers allow, and up to how long; none is from before.
    case stretchedCopies(resolvers: Int, of: Int, TTL)
    case noQuorum(counted: Int, eligible: Int, needed: Int)

    case authorityConsistent(servers: Int, serial: SerialNumber?)
    case authorityDiffers
    /// Name servers of the zone whose addresses are unknown.
    case unresolvedNameServers([DomainName])
    case delegation(TTL)
    case delegationUnknown
    /// A fault that a verdict would warn about.
    case fault(Warning)
    case nameServers([DomainName], TTL?)
    case leavingNameServers([DomainName], TTL)

    case newExchanges([DomainName])
    case newExchangesUnknown([DomainName])
    case presentExchanges([ReadExchange], [ExchangeFacts])
    case noPresentExchange(Absence?, own: [IPAddress]?)

    case noTransportPolicy
    case transportPolicy(id: String?)
    case transportPolicyChecked(id: String?)
    case noAssociations
    case associations(present: [DomainName], newHave: Bool)
    case noSenderPolicy(include: DomainName)
    case senderPolicy(include: DomainName)
    /// `lookups`: those that a check makes already. What follows "all" is ignored.
    case senderPolicyLacks(include: DomainName, lookups: Int, hasAll: Bool)
    /// The record lets the domain's own MX send.
    case senderPolicyByMX
    case severalSenderPolicies(Int)
    case unsigned
    case signed(resolvers: Int)
    case signedUnvalidated
    /// Resolvers that validate take the zone for unsigned.
    case signedInVain(resolvers: Int)
    case brokenSignatures([ResolverIdentity])
    case noWildcard
    case wildcard(DomainName, [DomainName], TTL)
    case wildcardTooLong(DomainName, TTL)
    case subdomain(DomainName, [DomainName], TTL)
    /// It has no MX: mail goes to its own addresses. The TTL is that of its negative answer.
    case subdomainByAddress(DomainName, [IPAddress], TTL)
    case subdomainSwitched(DomainName)
    case subdomainWithoutMail(DomainName)
    /// A finding about a subdomain that could be about the domain itself.
    indirect case ofSubdomain(DomainName, PlanFinding)
    /// The first of two passes should run between this and the switch.
    case firstPass(from: Instant)
    /// The answers about this topic are missing.
    case untold(PlanTopic)
    case subdomainUntold(DomainName)
    case subdomainAddressesUntold(DomainName)
}

extension PlanFinding {
    package var topic: PlanTopic {
        switch self {
        case .nonexistent, .authorityUnknown, .authorityNotAsked, .authoritySilent, .switched,
            .partlySwitched:
            .domain
        case .inZone: .zone
        case .timeToLive, .timeToLiveTooLong, .negativeTTL, .negativeTTLTooLong: .timeToLive
        case .notLowered, .lowered, .neverLonger, .longerBefore, .loweredUnknown, .longerCopiesGone: .lowering
        case .longCopies, .noLongCopies, .stretchedCopies, .noQuorum: .copies
        case .authorityConsistent, .authorityDiffers, .unresolvedNameServers: .authority
        case .delegation, .delegationUnknown: .delegation
        case .fault(let warning): Self.topic(of: warning)
        case .nameServers, .leavingNameServers: .nameServers
        case .newExchanges, .newExchangesUnknown: .newExchanges
        case .presentExchanges, .noPresentExchange: .presentExchanges
        case .noTransportPolicy, .transportPolicy, .transportPolicyChecked: .transportPolicy
        case .noAssociations, .associations: .associations
        case .noSenderPolicy, .senderPolicy, .senderPolicyLacks, .senderPolicyByMX, .severalSenderPolicies:
            .senderPolicy
        case .unsigned, .signed, .signedUnvalidated, .signedInVain, .brokenSignatures: .signatures
        case .noWildcard, .wildcard, .wildcardTooLong: .wildcard
        case .subdomain, .subdomainByAddress, .subdomainSwitched, .subdomainWithoutMail, .ofSubdomain,
            .subdomainUntold, .subdomainAddressesUntold:
            .subdomain
        case .firstPass: .firstPass
        case .untold(let topic): topic
        }
    }

    private static func topic(of warning: Warning) -> PlanTopic {
        switch warning {
        case .delegationMismatch: .delegation
        case .viaAlias: .zone
        case .unequalTTLs: .timeToLive
        case .unresolvable, .exchangeIsAlias: .newExchanges
        case .missingDot, .exchangeIsAddress, .exchangeIsDomain, .nullBesideOthers, .probableTypo:
            .presentExchanges
        default: .authority
        }
    }
}
