import DNS
import Lab
import Propagation

/// An ordinary migration, to measure what a schedule costs.
///
/// The mix: an MX TTL from 300 s to a day, as zones have it (300 and 3600 s in about two thirds); 2 to 4
/// authoritative servers, secondaries up to a minute or, one in four, five behind; 40 resolvers, as in the
/// shipped list, with 1 to 16 caches an address, 5 to 300 ms away, losing 1 to 3 %, six in ten capping TTLs
/// as large resolvers were seen to (5,879 to 87,000 s). Six of ten caches hold the previous MX when the watch
/// begins, 5 to 60 minutes before the switch, or fetch it within its last lifetime before that.
package struct Migration: Sendable {
    package let world: SimulatedWorld
    /// When the last authoritative server began to serve the target.
    package let published: Instant
    static let resolvers = 40

    package static let description = "each until all of \(resolvers) resolvers are clear"

    private static let ttls = [
        300, 300, 300, 300, 300, 300, 300, 300, 600, 600, 900, 1800, 1800, 3600, 3600, 3600, 3600, 3600, 3600,
        3600, 3600, 7200, 14_400, 14_400, 43_200, 86_400,
    ]
    private static let caps = [5879, 21_600, 21_600, 30_516, 51_111, 57_163, 87_000]

    package init(seed: UInt64) {
        var draw = WorldDraw(seed: seed)
        draw.domain = "example.it"
        let origin = SimulatedWorld.origin
        let switched = origin + draw.seconds(300...3600)
        let ttl = draw.pick(Self.ttls)
        draw.story.beginning = .hosts("mail.old.it", ttl: ttl)
        draw.story.steps = [
            Story.Step(
                at: switched, mail: .target(ttl: draw.pick(Self.ttls)))
        ]
        let names = (1...draw.pick([2, 2, 2, 3, 4])).map { DomainName(stringLiteral: "ns\($0).example.net") }
        let zone = draw.zone(nameServers: names)
        for (index, name) in names.enumerated() {
            let lag: Duration =
                index == 0 ? .zero : draw.happens(0.25) ? draw.seconds(60...300) : draw.seconds(0...60)
            draw.servers.append(LabAuthority(name, zones: [zone], lag: lag))
            draw.authorityLinks.append(Self.link(&draw))
        }
        for index in 1...Self.resolvers {
            let caches = draw.pick([1, 1, 2, 2, 4, 4, 8, 16])
            let cap = draw.happens(0.6) ? TTL(seconds: draw.pick(Self.caps)) : TTL(wire: TTL.maximum)
            draw.resolvers.append(
                LabResolver(
                    "r\(index)", cacheCount: caches, balancing: draw.happens(0.5) ? .random : .sourcePort,
                    policy: CachePolicy(cap: cap)))
            draw.resolverLinks.append(Self.link(&draw))
            for cache in 0..<caches where draw.happens(0.6) {
                let before = draw.happens(0.5) ? origin : switched
                draw.visits.append(
                    SimulatedWorld.Visit(
                        at: before - draw.seconds(0...ttl), resolver: index - 1, cache: cache))
            }
        }
        draw.visits.sort { $0.at < $1.at }
        draw.watch.condition = .propagated
        draw.watch.goesOn = true
        var world = draw.world(seed: seed)
        world.end = world.end + .seconds(86_400)
        self.world = world
        published = switched + (draw.servers.map(\.lag).max() ?? .zero)
    }

    private static func link(_ draw: inout WorldDraw) -> Link {
        let least = draw.pick([5, 8, 10, 12, 15, 20, 30, 40, 60, 90, 140, 220])
        return Link(
            delay: .milliseconds(least)...(.milliseconds(min(300, least * 4 / 3 + 2))),
            loss: Double(draw.number(10...30)) / 1000)
    }

    /// For each resolver, when the last of its caches flipped.
    func flips(in lab: LabWorld) -> [Instant] {
        let facts = world.facts
        return lab.resolvers.map { resolver in
            var flip = published
            for cache in resolver.caches {
                guard let entry = cache.entries[world.question],
                    !facts.isTarget(entry.finding)
                else { continue }
                flip = max(flip, entry.expiry)
            }
            return flip
        }
    }
}
