import DNS
import Lab

/// What a world's verdicts are judged by. All of it is known to whoever made the world; the watch knows little of it.
///
/// The judge shares no code with the core that it judges: this target cannot import `Propagation`.
package struct WorldFacts: Sendable {
    package var domain: DomainName
    /// The servers with their zones' whole history, and all delegations.
    package var lab: LabWorld
    /// The exchanges that make an MX RRset the target.
    package var accepted: Set<DomainName>
    /// When the watch begins.
    package var begins: Instant
    package var settle: Duration
    package var confirmations: Int
    /// In percent of the resolvers that are not optional.
    package var quorum: Int
    package var optionalResolvers: Set<Int> = []
    package var words = Words()
    /// While the machine sleeps, or no run is under way.
    package var absences: [Range<Instant>] = []
    /// While a server tells the watch nothing, by its index.
    package var authorityFaults: [[Range<Instant>]]
    package var resolverFaults: [[Range<Instant>]]
    /// Whether questions to an authoritative server are lost at times, by its index.
    package var losesAuthority: [Bool]
    /// SOA REFRESH and RETRY of the zone, in seconds.
    package var refresh: UInt32
    package var retry: UInt32
    /// Whether the watch asks authoritative servers at all.
    package var asksAuthority = true
    /// Servers that not every search finds.
    package var rotatingServers: Set<Int> = []
    /// A server that resolvers ask and no search finds, as an anycast site elsewhere: of it, the watch can know what
    /// resolvers show, and no more.
    package var hiddenServer: Int?
    package var nature = Nature.lawful

    /// What the operator says.
    package struct Words: Sendable {
        package var previousTTL: TTL?
        package var publishedAt: Instant?
        package var nameServersSince: Instant?
        /// Whether every run is told `previousTTL`, and not the first alone.
        package var isSaidAgain = false
        /// Whether searches tell the TTLs of name servers' addresses.
        package var tellsAddressTTLs = true

        package init() {}
    }

    /// Whether anybody can be sure of anything there.
    package enum Nature: Hashable, Sendable {
        case lawful
        /// Caches stretch TTLs or serve stale, or a server goes back and forth: no bound holds.
        case lawless
        /// Back ends behind one authoritative address disagree: nobody sees all of them.
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

    /// How long a secondary may go on with what it has while its primary is out of reach: SOA REFRESH + 3 × RETRY, a
    /// day at most.
    var longestBehind: Duration {
        min(.seconds(Int64(refresh)) + .seconds(Int64(retry)) * 3, .seconds(86_400))
    }

    /// Whether the watch never hears a server with authority that resolvers may hear.
    var hasSilentServer: Bool { lab.authorities.indices.contains { carriesDomain($0) && isSilent($0) } }

    /// Whether the watch never hears the server with authority.
    func isSilent(_ index: Int) -> Bool {
        !lab.authorities[index].isTelling || authorityFaults[index].contains(where: \.isEndless)
    }

    /// Whether a copy of this is a copy of the target.
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
    /// In order; those that lie no further apart than `gap` are one.
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
