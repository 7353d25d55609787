import DNS
import Propagation

/// One thing that was looked at before the switch, and what came of it.
package struct PlanLine: Sendable, Hashable {
    package enum Status: Sendable, Hashable {
        case ok
        /// It gets well by itself, not before this instant.
        case wait(until: Instant)
        /// Somebody has to do something; the finding says what.
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

/// What a line is about; the names are those of the document.
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

/// What was found; the values are what a sentence about it names.
package enum PlanFinding: Sendable, Hashable {
    case nonexistent(String)
    case authorityUnknown(String)
    case authorityNotAsked
    case authoritySilent(asked: Int)
    /// Every authoritative server that answers serves the target already.
    case switched(servers: Int)
    /// Some exchanges, or those of some servers, are the target's already.
    case partlySwitched(others: [AuthorityIdentity], of: Int)
    /// The domain's records stand in the zone of a name above it.
    case inZone(DomainName)

    case timeToLive(TTL, servers: Int)
    case timeToLiveTooLong(TTL, servers: [AuthorityIdentity], of: Int)
    /// There is no MX; copies of that live so long.
    case negativeTTL(TTL)
    case negativeTTLTooLong(TTL)
    /// The TTL is still to be lowered: copies with the long one are gone then at the earliest.
    case notLowered(PlanLifetimes)
    case lowered(since: Instant, PlanLifetimes)
    /// The operator says that it was never longer than this in the last days.
    case neverLonger(TTL)
    /// It was longer, nobody knows until when.
    case longerBefore(PlanLifetimes)
    case loweredUnknown(PlanLifetimes)
    /// Since when it is low is not known, but the servers were heard so long ago that copies from before are gone.
    case longerCopiesGone(PlanLifetimes)
    case longCopies(resolvers: Int, of: Int)
    case noLongCopies(resolvers: Int)
    /// So many hold copies for longer than the servers allow, up to so long: they are none from before.
    case stretchedCopies(resolvers: Int, of: Int, TTL)
    case noQuorum(counted: Int, eligible: Int, needed: Int)

    case authorityConsistent(servers: Int, serial: SerialNumber?)
    case authorityDiffers
    /// Name servers of the zone whose addresses nobody told.
    case unresolvedNameServers([DomainName])
    case delegation(TTL)
    case delegationUnknown
    /// A fault of a server or of the delegation that a verdict would warn about.
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
    /// A check makes so many lookups already; what stands after "all" is ignored.
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
    /// It has no MX: mail goes to its own addresses, and copies of that live so long.
    case subdomainByAddress(DomainName, [IPAddress], TTL)
    case subdomainSwitched(DomainName)
    case subdomainWithoutMail(DomainName)
    /// What stands in the way of the domain itself as well, where it is so.
    indirect case ofSubdomain(DomainName, PlanFinding)
    /// The first of two passes is to run between this and the switch.
    case firstPass(from: Instant)
    /// Nobody told what this is about.
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
