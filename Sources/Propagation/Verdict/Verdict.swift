import DNS

/// How far a domain has come, for display.
package enum Phase: String, Sendable, Hashable, CaseIterable, Codable {
    case undetermined
    /// No authoritative server serves the target.
    case unpublished
    /// Authoritative servers disagree, or one is silent.
    case publishing
    case propagating
    /// What can be seen has flipped.
    case propagated
    /// No cache that respects TTLs can hold the previous MX, and some hours have passed.
    case secondPassSafe = "second_pass_safe"
    /// Mail that was queued elsewhere before the change has come or been given up.
    case decommissionSafe = "decommission_safe"
}

/// What `--until` waits for: a level that the verdict can reach.
package enum Condition: String, Sendable, Hashable, CaseIterable, Codable {
    case published
    case propagated
    case secondPass = "second-pass"
    case decommission
}

/// Where the knowledge that the change is published comes from.
package enum Basis: String, Sendable, Hashable, Codable, CodingKeyRepresentable {
    case authority, `operator`, resolvers
}

/// What is known about one domain at one instant, drawn from observations alone (§5).
package struct Verdict: Sendable, Equatable {
    package var phase: Phase
    package var basis: Basis
    package var publishedAt: Instant?
    package var propagatedAt: Instant?
    /// Every copy of another MX that was seen has expired by then; an estimate, `nil` where there is none.
    package var propagatedNotBefore: Instant?
    /// The instant after which no cache that respects TTLs holds another MX; `nil` until it is published.
    package var bound: Bound?
    package var secondPassAt: Instant?
    /// When it can be safe at the earliest. Where it is: when it became so, or until when those should wait who have not
    /// begun it, since the bound has moved.
    package var secondPassNotBefore: Instant?
    package var decommissionAt: Instant?
    package var decommissionNotBefore: Instant?
    package var counted: Int
    package var clear: Int
    package var excluded: Int
    package var reasons: [Reason]
    package var warnings: [Warning]
    /// What the verdict takes for granted; empty before publication.
    package var assumptions: [Assumption] = []

    package var isPublished: Bool { publishedAt != nil }
    package var isPropagated: Bool { propagatedAt != nil }
    package var isUndetermined: Bool { phase == .undetermined }

    package func meets(_ condition: Condition) -> Bool {
        guard !isUndetermined else { return false }
        return switch condition {
        case .published: isPublished
        case .propagated: isPropagated
        case .secondPass: secondPassAt != nil
        case .decommission: decommissionAt != nil
        }
    }

    /// The exit code for this domain: 0 met, 1 certainly not yet, 2 cannot tell.
    package func exitCode(for condition: Condition) -> Int32 {
        meets(condition) ? 0 : isUndetermined ? 2 : 1
    }
}

/// What is waited for, or what makes a verdict impossible. Reporting turns each into a sentence.
package enum Reason: Sendable, Hashable {
    /// Nothing has been asked yet.
    case notAsked
    /// How far an earlier run saw the domain come, by its last look; this one has not heard enough yet.
    case remembered(Phase, at: Instant)
    case noQuorum(counted: Int, eligible: Int, needed: Int)
    /// So many resolvers have told something lately, and so many must.
    case unheard(told: Int, of: Int, needed: Int)
    case authorityUnknown(String)
    /// The domain does not exist: a typing error, or a registration that has run out.
    case nonexistent(String)
    case authoritySilent(asked: Int)
    /// Authoritative servers that answer with another MX, or none.
    case notPublished(servers: [AuthorityIdentity], of: Int)
    case authorityBlocked(servers: [AuthorityIdentity], until: Instant)
    /// It was published, and an authoritative server serves something else now.
    case regression(since: Instant)
    /// Resolvers that hold copies that are not the target; `states` says which, the most frequent first.
    case holding(resolvers: Int, of: Int, until: Instant, states: [MailState])
    case overdue(resolvers: [String])
    case unconfirmed(resolvers: Int, of: Int, needed: Int)
    case uninformed(resolvers: [String])
    /// The operator's instant of publication still lies ahead.
    case publicationAhead(Instant)
    case propagated(resolvers: Int)
    /// So many servers serve the target, and so many others serve the zone and are not asked.
    case published(servers: Int, notAsked: Int = 0)
    /// Copies that nobody sees may live until the bound.
    case bounded(Bound)
    /// Servers that have left the delegation, and may still give the previous MX to resolvers that know them.
    case formerServers([AuthorityIdentity], until: Instant)
    /// All has flipped; the guide's "some hours" run.
    case settling(until: Instant)
    /// Those who have a say are asked once more before a level is called reached: the authoritative servers, of
    /// whom these did not answer, or else the resolvers.
    case awaitingConfirmation(silent: [AuthorityIdentity], resolvers: [String] = [])
    /// Nothing has come from the authoritative servers yet.
    case authorityPending
    /// Servers that gave the target and something else in turn; if they give nothing else until then, it is published.
    case alternating(servers: [AuthorityIdentity], until: Instant)
    /// Servers that are listed as authoritative, are not, and give another MX to those who take it all the same.
    case servedWithoutAuthority(servers: [AuthorityIdentity])
    case secondPassSafe(since: Instant)
    /// Queued mail may still come to the old server.
    case senderPatience(until: Instant)
    case decommissionSafe(since: Instant)
}

/// Something worth a look that does not change a verdict (§1).
package enum Warning: Sendable, Hashable {
    case primaryAbsent(DomainName)
    case equalPreference(foreign: DomainName, preference: UInt16)
    case probableTypo(DomainName, meant: DomainName)
    /// The final dot is missing in the zone file, so that the zone's name stands behind the exchange.
    case missingDot(DomainName, meant: DomainName)
    /// An IP address was given for an exchange.
    case exchangeIsAddress(DomainName)
    /// The domain is its own exchange.
    case exchangeIsDomain(DomainName)
    /// A null MX stands beside others (RFC 7505 §3).
    case nullBesideOthers
    /// The domain has no MX, and is not the apex of its zone.
    case belowApex(DomainName, zone: DomainName)
    case unresolvable(DomainName)
    case exchangeIsAlias(DomainName)
    case unequalTTLs(server: String)
    /// `newest` is `nil` for another provider's server, whose serials do not compare.
    case lagging(server: AuthorityIdentity, serial: SerialNumber, newest: SerialNumber?)
    case lame(server: AuthorityIdentity, String)
    case silentAuthority(server: AuthorityIdentity, String)
    case unreachableFamily(server: AuthorityIdentity)
    /// Name servers of the zone that are not asked, since the operator has named these.
    case notAsked([DomainName], given: [AuthorityIdentity])
    case viaAlias(DomainName)
    /// An exchange beside the target's: it gets mail whenever those are not reached, whatever its preference.
    case foreignExchange(DomainName, preference: UInt16)
    /// All resolvers that tell anything say that the domain does not exist.
    case nonexistent(resolvers: Int)
    /// The zone was edited several times between two looks, of which nobody saw what it served in between; where a
    /// level stands that this cannot take back, until when those should wait who have not acted on it.
    case unseenChanges(AuthorityState.Doubt, waitUntil: Instant?)
    /// Something that was learnt since the second pass was safe puts the bound later: a name server that is new, or one
    /// that does not answer.
    case movedBound(waitUntil: Instant)
    /// The parent's and the zone's own NS RRsets differ in these name servers.
    case delegationMismatch(onlyAtParent: [DomainName], onlyAtChild: [DomainName])
    /// Behind the server's address are machines that do not serve the same.
    case alternatingAuthority(server: AuthorityIdentity)
    /// In front of the server are caches: TTLs run down from there.
    case cachedAuthority(server: AuthorityIdentity, longest: TTL)
    /// The server answers with authority, and at times without.
    case authorityAtTimes(server: AuthorityIdentity)
    /// The operator's word on when the change was published, and when another MX was still seen after that.
    case refutedPublication(said: Instant, seen: Instant)
    /// The operator's word on the TTL, and for how long a copy was seen to live.
    case refutedTTL(said: TTL, seen: TTL)
    /// Only the parent's glue leads to that address of a name server; what it serves, where that is known.
    case onlyInGlue(server: AuthorityIdentity, MailState?)
    /// Not all of the parent's servers name these name servers.
    case parentsDisagree(on: [DomainName])
    /// A resolver showed a copy that was fetched after publication.
    case fetchedSince(resolver: String, at: Instant)
    /// A resolver is left out of the count, since it has told nothing for so long.
    case setAside(resolver: String, String)
    /// A resolver holds a copy for longer than any TTL that the authoritative servers had.
    case longerThanServed(resolver: String, held: TTL, served: TTL)
}

/// Something that happened to a domain, for logs, events and history.
package enum Event: Sendable, Hashable {
    case transition(resolver: Int, from: MailState?, to: MailState)
    case published
    case regression
    case propagated
    /// A resolver shows something else again after the domain had propagated; the levels above are taken
    /// back as well.
    case unpropagated
    case secondPassSafe
    /// With what is taken back, the second pass is.
    case secondPassUnsafe
    case decommissionSafe
    /// The zone was edited several times between two looks; no evidence against any level.
    case doubt(AuthorityState.Doubt)

    /// Whether a resolver shows something else than the target, after it showed the target.
    var isTurnBack: Bool {
        if case .transition(_, from: .target?, let state) = self { state.isInformative } else { false }
    }
}
