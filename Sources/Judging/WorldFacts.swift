import DNS
import Lab

/// The facts by which a world's verdicts are judged. Whoever made the world knows them; the watch does not.
///
/// The judge shares no code with the core: this target cannot import `Propagation`.
package struct WorldFacts: Sendable {
    package var domain: DomainName
    /// The servers with their zones' whole history, and all delegations.
    package var lab: LabWorld
    /// The exchanges that the target accepts.
    package var accepted: Set<DomainName>
    /// When the watch begins.
    package var begins: Instant
    package var settle: Duration
    package var confirmations: Int
    /// In percent of the resolvers that are not optional.
    package var quorum: Int
    package var optionalResolvers: Set<Int> = []
    package var words = Words()
    /// Times in which the machine sleeps, or no run is under way.
    package var absences: [Range<Instant>] = []
    /// Times in which a server tells the watch nothing, by its index.
    package var authorityFaults: [[Range<Instant>]]
    package var resolverFaults: [[Range<Instant>]]
    /// Whether questions to an authoritative server are lost at times, by its index.
    package var losesAuthority: [Bool]
    /// SOA REFRESH and RETRY of the zone, in seconds.
    package var refresh: UInt32
    package var retry: UInt32
    /// Whether the watch asks authoritative servers at all.
    package var asksAuthority = true
    /// Servers that some searches do not find.
    package var rotatingServers: Set<Int> = []
    /// A *hidden* server: resolvers ask it and no search finds it, as an anycast site elsewhere. The watch
    /// can know of it only what resolvers show.
    package var hiddenServer: Int?
    package var nature = Nature.lawful

    /// The operator's words.
    package struct Words: Sendable {
        package var previousTTL: TTL?
        package var publishedAt: Instant?
        package var nameServersSince: Instant?
        /// Whether every run is told `previousTTL`, not only the first.
        package var isSaidAgain = false
        /// Whether searches tell the TTLs of name servers' addresses.
        package var tellsAddressTTLs = true

        package init() {}
    }

    /// A world's *nature*: whether a claim can be certain in it.
    package enum Nature: Hashable, Sendable {
        case lawful
        /// Caches stretch TTLs or serve stale, or a server flaps: no bound holds.
        case lawless
        /// Back ends behind one authoritative address disagree: no sample sees all of them.
        case sampled
    }

    package init(
        domain: DomainName, lab: LabWorld, accepted: Set<DomainName>, begins: Instant, settle: Duration,
        confirmations: Int, quorum: Int, authorityFaults: [[Range<Instant>]],
        resolverFaults: [[Range<Instant>]], losesAuthority: [Bool], refresh: UInt32, retry: UInt32
    ) {
        self.domain = domain
        self.lab = lab
        self.accepted = accepted
        self.begins = begins
        self.settle = settle
        self.confirmations = confirmations
        self.quorum = quorum
        self.authorityFaults = authorityFaults
        self.resolverFaults = resolverFaults
        self.losesAuthority = losesAuthority
        self.refresh = refresh
        self.retry = retry
    }

    /// How long a secondary may go on without its primary: SOA REFRESH + 3 × RETRY, at most a day.
    var longestBehind: Duration {
        min(.seconds(Int64(refresh)) + .seconds(Int64(retry)) * 3, .seconds(86_400))
    }

    /// Whether a server that resolvers may ask never answers the watch with authority.
    var hasSilentServer: Bool { lab.authorities.indices.contains { carriesDomain($0) && isSilent($0) } }

    /// Whether the server never answers the watch with authority.
    func isSilent(_ index: Int) -> Bool {
        !lab.authorities[index].isTelling || authorityFaults[index].contains(where: \.isEndless)
    }

    /// Whether this is the target.
    package func isTarget(_ finding: LabFinding) -> Bool {
        finding.exchanges?.allSatisfy { accepted.contains($0.exchange) } ?? false
    }

    /// Whether a server carries the domain's zone.
    func carriesDomain(_ index: Int) -> Bool { lab.authorities[index].zone(for: domain) != nil }
}

extension Range<Instant> {
    /// Whether it has no end.
    var isEndless: Bool { upperBound == Instant(nanoseconds: .max) }
}

extension [Range<Instant>] {
    /// In order; those no further apart than `gap` are one.
    func joined(over gap: Duration = .zero) -> [Range<Instant>] {
        var joined: [Range<Instant>] = []
        for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound <= last.upperBound + gap {
                joined[joined.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
