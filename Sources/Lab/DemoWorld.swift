import DNS

/// The world of the demonstration: `example.it` moves its mail while more than a dozen different resolvers are asked.
/// It takes well under a minute.
package struct DemoWorld: Sendable {
    /// One resolver as it is shown.
    package struct Character: Hashable, Sendable {
        package var server: LabServerID
        package var name: String
        /// One line for a person.
        package var summary: String
        /// Whether its silence or refusal is expected, so that it does not count.
        package var isOptional: Bool
    }

    /// What happens when.
    package struct Timeline: Hashable, Sendable {
        package var start: Instant
        /// The primary begins to serve the new MX.
        package var switched: Instant
        /// The secondary that lags serves it too.
        package var published: Instant
        /// No cache that respects TTLs holds the previous MX from then on.
        package var bound: Instant
        /// From then on no cache serves it any more, not even one that stretches TTLs, if each is asked at least every 6 s.
        package var over: Instant
    }

    package let domain: DomainName = "example.it"
    package let world: LabWorld
    /// The resolvers, in the order in which they are to be shown.
    package let characters: [Character]
    /// The servers of the domain's zone; the others only carry the rest of the DNS.
    package let authorities: [LabServerID]
    package let timeline: Timeline

    /// The TTL of the MX RRset before the switch, in seconds.
    package static let previousTTL = 12
    private static let lag: Duration = .seconds(2)
    package static let stretched = 18
    private static let stale = CachePolicy.ServeStale(ttl: TTL(seconds: 3), refreshesAfter: .seconds(4))

    /// - Parameters:
    ///   - seed: Decides about loss, delays, which cache answers, and the ages of the copies.
    ///   - start: The switch comes 3 s later.
    package init(seed: UInt64, start: Instant) {
        let switched = start + .seconds(3)
        let published = switched + Self.lag
        timeline = Timeline(
            start: start, switched: switched, published: published,
            bound: published + .seconds(Self.previousTTL),
            // Stale answers last 4 s after the first question past expiry, and that question comes within 6 s.
            over: published + .seconds(max(Self.stretched, Self.previousTTL + 10)))
        let cast = Self.cast
        characters = cast.enumerated().map { index, role in
            Character(
                server: .resolver(index), name: role.resolver.name, summary: role.summary,
                isOptional: role.isOptional)
        }
        authorities = [.authority(0), .authority(1)]
        var world = LabWorld(
            authorities: Self.authorities(switched: switched), resolvers: cast.map(\.resolver), seed: seed)
        var generator = SeededGenerator(seed: ~seed)
        Self.warm(&world, domain: domain, before: start, using: &generator)
        self.world = world
    }

    /// Loads the previous MX into every cache, at different times within its TTL, so that the copies differ in age.
    private static func warm(
        _ world: inout LabWorld, domain: DomainName, before start: Instant,
        using generator: inout SeededGenerator
    ) {
        let question = Question(domain, .mx)
        for resolver in world.resolvers.indices {
            for cache in world.resolvers[resolver].caches.indices {
                let age = generator.duration(in: .zero...(.seconds(previousTTL - 1)))
                world.warm(question, resolver: resolver, cache: cache, at: start - age)
            }
        }
        // It asked while the zone was being edited, and has just been told that there is no MX.
        guard case .resolver(let forgetful)? = world.resolver(named: "negative"),
            case .records(let records) = world.authorities[0].find(Question(domain, .soa), at: start),
            let zoneStart = records.first
        else { return }
        let finding = LabFinding.noData(zoneStart)
        guard let lifetime = world.resolvers[forgetful].policy.lifetime(of: finding) else { return }
        world.resolvers[forgetful].caches[0].entries[question] =
            LabEntry(finding, fetchedAt: start - .seconds(1), lifetime: lifetime)
    }
}

extension DemoWorld {
    private typealias Role = (resolver: LabResolver, summary: String, isOptional: Bool)

    private static var cast: [Role] {
        let short: ClosedRange<Duration> = .milliseconds(2)...(.milliseconds(15))
        let usual = LabManners(delay: short)
        let target = LabAnswer(
            recursionAvailable: true,
            answer: [
                ResourceRecord(
                    owner: "example.it", type: .mx, ttl: TTL(seconds: 600),
                    data: .mx(MailExchange(preference: 10, exchange: "mx01.cbsolt.net")))
            ])
        return [
            (LabResolver("swift-cache", manners: usual), "one cache, fast and correct", false),
            (
                LabResolver("anycast-8", cacheCount: 8, manners: usual),
                "eight caches behind one address; the port decides which one answers", false
            ),
            (
                LabResolver("front-ends-4", cacheCount: 4, balancing: .random, manners: usual),
                "four caches; a different one answers each time", false
            ),
            (
                LabResolver("ttl-cap-5", policy: CachePolicy(cap: TTL(seconds: 5)), manners: usual),
                "keeps nothing longer than 5 s", false
            ),
            (
                LabResolver(
                    "ttl-floor-18", policy: CachePolicy(floor: TTL(seconds: stretched)), manners: usual),
                "keeps short copies for 18 s, against the rules", false
            ),
            (
                LabResolver("stale-server", policy: CachePolicy(serveStale: stale), manners: usual),
                "serves expired copies for some seconds, and says so (RFC 8767)", false
            ),
            (
                LabResolver("prefetches", policy: CachePolicy(prefetches: true), manners: usual),
                "fetches a new copy just before the old one expires", false
            ),
            (
                LabResolver(
                    "far-away", manners: LabManners(delay: .milliseconds(220)...(.milliseconds(320)))),
                "far away: answers after a quarter of a second", false
            ),
            (
                LabResolver("lossy", manners: LabManners(delay: short, loss: 0.15)),
                "loses every seventh packet", false
            ),
            (
                LabResolver("truncates", manners: LabManners(delay: short, truncatesDatagrams: true)),
                "answers over TCP only", false
            ),
            (
                LabResolver("no-edns", manners: LabManners(delay: short, edns: .formatError)),
                "does not understand EDNS", false
            ),
            (LabResolver("v6", addresses: [.labDefaultV6], manners: usual), "has an IPv6 address", false),
            (
                LabResolver(
                    "wrong-ids", manners: LabManners(delay: short, mischief: [.wrongID], lie: target)),
                "forged answers with the new MX and a wrong ID come first", false
            ),
            (LabResolver("negative", manners: usual), "remembers that there was no MX at all", false),
            (
                LabResolver("refuses", conduct: .failing(.refused), manners: usual),
                "answers only its own customers", true
            ),
        ]
    }

    private static func authorities(switched: Instant) -> [LabAuthority] {
        let first = IPAddress.v4(0x7F00_3501)
        let second = IPAddress.v4(0x7F00_3502)
        let elsewhere = IPAddress.v4(0x7F00_3503)
        let zones = [exampleZone(first, second, switched: switched)]
        let usual = LabManners(delay: .milliseconds(5)...(.milliseconds(20)))
        return [
            LabAuthority("ns1.example.it", addresses: [first], zones: zones, manners: usual),
            LabAuthority("ns2.example.it", addresses: [second], zones: zones, lag: lag, manners: usual),
            LabAuthority(
                "ns.elsewhere.example", addresses: [elsewhere],
                zones: [parentZone(first, second), oldProvider, qboxmail, cbsolt], manners: usual),
        ]
    }

    private static func exampleZone(_ first: IPAddress, _ second: IPAddress, switched: Instant) -> LabZone {
        var zone = LabZone(
            "example.it", nameServers: ["ns1.example.it", "ns2.example.it"], serial: 2_026_112_301,
            refresh: 3600, minimum: 10, ttl: TTL(seconds: 60))
        zone.add("ns1.example.it", first)
        zone.add("ns2.example.it", second)
        zone.setMail(.hosts("mail.old.example", ttl: previousTTL))
        zone.switchMail(at: switched, to: .hosts("mx01.cbsolt.net", "mx02.qboxmail.com", ttl: 60))
        return zone
    }

    /// The registry's zone: it only knows whom to ask about `example.it`.
    private static func parentZone(_ first: IPAddress, _ second: IPAddress) -> LabZone {
        var zone = LabZone("it", nameServers: ["ns.elsewhere.example"])
        for (name, address) in [("ns1.example.it", first), ("ns2.example.it", second)] {
            let server = DomainName(stringLiteral: name)
            zone.add(
                ResourceRecord(owner: "example.it", type: .ns, ttl: TTL(seconds: 3600), data: .ns(server)))
            zone.add(server, address)
        }
        return zone
    }

    private static var oldProvider: LabZone {
        var zone = LabZone("old.example", nameServers: ["ns.elsewhere.example"])
        zone.add("mail.old.example", .v4(0xC000_020A))
        return zone
    }

    private static var qboxmail: LabZone {
        var zone = LabZone("qboxmail.com", nameServers: ["ns.elsewhere.example"])
        zone.add("mx01.qboxmail.com", .v4(0xC633_6401))
        zone.add("mx02.qboxmail.com", .v4(0xC633_6402))
        return zone
    }

    private static var cbsolt: LabZone {
        var zone = LabZone("cbsolt.net", nameServers: ["ns.elsewhere.example"])
        zone.add("mx01.cbsolt.net", .v4(0xCB00_710A))
        return zone
    }
}
