import DNS

/// A *phase*: how far a domain has come, for display (§5).
package enum Phase: String, Sendable, Hashable, CaseIterable, Codable {
    case undetermined
    /// No authoritative server serves the target.
    case unpublished
    /// Authoritative servers disagree, or one is silent.
    case publishing
    case propagating
    /// Every resolver that counts is clear.
    case propagated
    /// The bound and *settle* have passed.
    case secondPassSafe = "second_pass_safe"
    /// Mail queued elsewhere before the change was delivered or given up.
    case decommissionSafe = "decommission_safe"
}

/// A *level* of the verdict (§5), for which `--until` can wait.
package enum Condition: String, Sendable, Hashable, CaseIterable, Codable {
    case published
    case propagated
    case secondPass = "second-pass"
    case decommission
}

/// The *basis*: where publication is read from (§3).
package enum Basis: String, Sendable, Hashable, Codable, CodingKeyRepresentable {
    case authority, `operator`, resolvers
}

/// A *verdict*: what is known about one domain at one instant, from answers alone (§5).
package struct Verdict: Sendable, Equatable {
    package var phase: Phase
    package var basis: Basis
    package var publishedAt: Instant?
    package var propagatedAt: Instant?
    /// When every copy of another MX that was seen expires: an estimate; `nil` where there is none.
    package var propagatedNotBefore: Instant?
    /// `nil` until publication.
    package var bound: Bound?
    package var secondPassAt: Instant?
    /// When it can be safe at the earliest. If it is safe: since when, or, where the bound has moved since,
    /// until when those should wait who have not begun.
    package var secondPassNotBefore: Instant?
    package var decommissionAt: Instant?
    package var decommissionNotBefore: Instant?
    package var counted: Int
    package var clear: Int
    package var excluded: Int
    package var reasons: [Reason]
    package var warnings: [Warning]
    /// Empty before publication.
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

/// What a verdict waits for, or what makes it impossible. Reporting turns each into a sentence.
package enum Reason: Sendable, Hashable {
    /// Nothing has been asked yet.
    case notAsked
    /// How far the domain had come by an earlier run's last look; this run has not heard enough yet.
    case remembered(Phase, at: Instant)
    case noQuorum(counted: Int, eligible: Int, needed: Int)
    /// So many resolvers told something lately; `needed` must.
    case unheard(told: Int, of: Int, needed: Int)
    case authorityUnknown(String)
    /// The domain does not exist: mistyped, or its registration expired.
    case nonexistent(String)
    case authoritySilent(asked: Int)
    /// Authoritative servers that answer with another MX, or none.
    case notPublished(servers: [AuthorityIdentity], of: Int)
    case authorityBlocked(servers: [AuthorityIdentity], until: Instant)
    /// It was published, and an authoritative server now serves something else.
    case regression(since: Instant)
    /// Resolvers that hold copies of anything but the target; `states` are theirs, the most frequent first.
    case holding(resolvers: Int, of: Int, until: Instant, states: [MailState])
    case overdue(resolvers: [String])
    case unconfirmed(resolvers: Int, of: Int, needed: Int)
    case uninformed(resolvers: [String])
    /// The operator's instant of publication is still ahead.
    case publicationAhead(Instant)
    case propagated(resolvers: Int)
    /// So many servers serve the target; `notAsked` others serve the zone and are not asked.
    case published(servers: Int, notAsked: Int = 0)
    /// Unseen copies may live until the bound.
    case bounded(Bound)
    /// Former servers that may still give the previous MX to resolvers.
    case formerServers([AuthorityIdentity], until: Instant)
    /// Propagation and bound have passed; *settle* runs.
    case settling(until: Instant)
    /// The next level waits for confirmation: these authoritative servers, or resolvers, did not answer.
    case awaitingConfirmation(silent: [AuthorityIdentity], resolvers: [String] = [])
    /// No authoritative server has answered yet.
    case authorityPending
    /// Unsettled servers; if they give only the target until then, it is published.
    case alternating(servers: [AuthorityIdentity], until: Instant)
    /// Servers that give hearsay.
    case servedWithoutAuthority(servers: [AuthorityIdentity])
    case secondPassSafe(since: Instant)
    /// Queued mail may still go to the old server.
    case senderPatience(until: Instant)
    case decommissionSafe(since: Instant)
}

/// Something worth a look that does not change a verdict (§1).
package enum Warning: Sendable, Hashable {
    case primaryAbsent(DomainName)
    case equalPreference(foreign: DomainName, preference: UInt16)
    case probableTypo(DomainName, meant: DomainName)
    /// The final dot is missing in the zone file, so the zone's name is appended to the exchange.
    case missingDot(DomainName, meant: DomainName)
    /// The exchange is an IP address.
    case exchangeIsAddress(DomainName)
    /// The domain is its own exchange.
    case exchangeIsDomain(DomainName)
    /// A null MX beside others (RFC 7505 §3).
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
    /// Name servers of the zone that are not asked, since the operator named others.
    case notAsked([DomainName], given: [AuthorityIdentity])
    case viaAlias(DomainName)
    /// An exchange beside the target's: it gets mail when those are not reached, whatever its preference.
    case foreignExchange(DomainName, preference: UInt16)
    /// All informative resolvers say that the domain does not exist.
    case nonexistent(resolvers: Int)
    /// A doubt. If a level stands all the same: until when those should wait who have not acted on it.
    case unseenChanges(AuthorityState.Doubt, waitUntil: Instant?)
    /// The bound moved after `second_pass_safe`: a name server is new, or does not answer.
    case movedBound(waitUntil: Instant)
    /// The parent's and the zone's NS RRsets differ in these name servers.
    case delegationMismatch(onlyAtParent: [DomainName], onlyAtChild: [DomainName])
    /// Front ends of the server disagree.
    case alternatingAuthority(server: AuthorityIdentity)
    /// Caches stand in front of the server: TTLs run down.
    case cachedAuthority(server: AuthorityIdentity, longest: TTL)
    /// The server answers at times without AA.
    case authorityAtTimes(server: AuthorityIdentity)
    /// The operator's word on publication, and when another MX was seen after it.
    case refutedPublication(said: Instant, seen: Instant)
    /// The operator's word on the TTL, and a copy's longer lifetime.
    case refutedTTL(said: TTL, seen: TTL)
    /// Only the parent's glue gives this address of a name server. With what it serves, where known.
    case onlyInGlue(server: AuthorityIdentity, MailState?)
    /// Only some of the parent's servers name these name servers.
    case parentsDisagree(on: [DomainName])
    /// A resolver showed a refetched copy.
    case fetchedSince(resolver: String, at: Instant)
    /// A resolver was set aside.
    case setAside(resolver: String, String)
    /// A resolver holds a copy for longer than any TTL that the authoritative servers served.
    case longerThanServed(resolver: String, held: TTL, served: TTL)
}

/// An *event*: what a conclusion found changed, for logs and history.
package enum Event: Sendable, Hashable {
    case transition(resolver: Int, from: MailState?, to: MailState)
    case level(LevelChange)
    /// No evidence against any level.
    case doubt(AuthorityState.Doubt)

    /// Whether a resolver shows another MX after the target.
    var isTurnBack: Bool {
        if case .transition(_, from: .target?, let state) = self { state.isInformative } else { false }
    }
}

/// A level that was reached or taken back, by its name in documents.
package enum LevelChange: String, Sendable, Hashable, CaseIterable {
    case published
    /// A *regression*: an authoritative server serves something else after publication (§3).
    case regression
    case propagated
    /// A resolver shows something else again after propagation; the levels above are taken back too.
    case unpropagated
    case secondPassSafe = "second_pass_safe"
    /// `second_pass_safe` is taken back, since a level below it is.
    case secondPassUnsafe = "second_pass_unsafe"
    case decommissionSafe = "decommission_safe"
}
