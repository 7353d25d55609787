import DNS
import Judging
import Lab
import Propagation

/// A world in the making, drawn from a seed.
struct WorldDraw {
    /// The watched domain, in the zone `zoneApex`.
    var domain: DomainName
    let zoneApex: DomainName = "example.it"
    var generator: SeededGenerator
    var story = Story()
    var servers: [LabAuthority] = []
    var authorityLinks: [Link] = []
    var delegations: [LabDelegation] = []
    var resolvers: [LabResolver] = []
    var resolverLinks: [Link] = []
    var watch = WatchPlan()
    var visits: [SimulatedWorld.Visit] = []
    var sleeps: [Range<Instant>] = []
    var interruptions: [Range<Instant>] = []
    var traits: SimulatedWorld.Traits = []
    /// SOA REFRESH and RETRY, in seconds.
    var refresh: UInt32 = 3600
    var retry = 0
    var twist: Twist?
    var twistGenerator: SeededGenerator

    let origin = SimulatedWorld.origin

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        twistGenerator = SeededGenerator(seed: seed ^ 0x7715_7000)
        domain = "example.it"
        if happens(0.2) { domain = "shop.example.it" }
    }

    // MARK: Chance

    mutating func happens(_ probability: Double) -> Bool { generator.happens(probability) }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }
    /// A duration from a range of seconds, in milliseconds.
    mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int64(number(range.lowerBound * 1000...range.upperBound * 1000)))
    }
    mutating func instant(_ range: ClosedRange<Instant>) -> Instant {
        range.lowerBound + generator.duration(in: .zero...(range.upperBound - range.lowerBound))
    }
}

extension SimulatedWorld {
    /// The world of a seed, always the same.
    package init(seed: UInt64) {
        var draw = WorldDraw(seed: seed)
        draw.drawStory()
        draw.apart { $0.drawTwist() }
        draw.drawSerials(seed: seed)
        draw.drawServers()
        draw.apart { $0.drawServerTwist() }
        draw.drawFrontEnds(seed: seed)
        draw.drawResolvers()
        draw.drawWatch()
        draw.drawVisits()
        draw.drawSleep()
        draw.drawInterruptions(seed: seed)
        draw.apart { $0.drawWatchTwist() }
        self = draw.world(seed: seed)
    }
}

extension WorldDraw {
    mutating func drawSleep() {
        guard happens(0.08) else { return }
        let from = instant(origin...max(origin, story.lastChange) + .seconds(3600))
        sleeps = [from..<from + seconds(happens(0.5) ? 60...1200 : 1200...14_400)]
    }

    /// In one world of four the watch ends and begins anew, shortly after or hours later. Drawn apart, so
    /// that the rest of each world stays as it was.
    mutating func drawInterruptions(seed: UInt64) {
        guard seed % 4 == 0 else { return }
        var draw = WorldDraw(seed: ~seed)
        var last = origin
        let latest = max(origin, story.lastChange) + story.longestTTL.duration + watch.policy.settle
        for _ in 0..<draw.number(1...8) {
            let from = draw.instant(origin...latest)
            let length = draw.seconds(
                draw.happens(0.7) ? 0...300 : draw.happens(0.7) ? 300...3600 : 3600...43_200)
            guard from > last else { continue }
            interruptions.append(from..<from + length)
            last = from + length
        }
    }

    /// Other clients ask polled caches too, at any time and at the worst ones.
    mutating func drawVisits() {
        for resolver in resolvers.indices {
            for cache in resolvers[resolver].caches.indices where happens(0.8) {
                let age = Duration.seconds(Int64(number(0...Int(story.longestTTL.seconds) + 1)))
                visits.append(SimulatedWorld.Visit(at: origin - age, resolver: resolver, cache: cache))
            }
        }
        let moments = servers.indices.flatMap { server in story.changes.map { $0 + servers[server].lag } }
        for moment in moments + delegations.map(\.since)
        where happens(0.7) && moment > origin - .seconds(86_400) {
            let resolver = number(0...resolvers.count - 1)
            visits.append(
                SimulatedWorld.Visit(
                    at: moment - .milliseconds(number(1...1500)), resolver: resolver,
                    cache: number(0...resolvers[resolver].caches.count - 1)))
        }
        visits.sort { $0.at < $1.at }
    }

    func world(seed: UInt64) -> SimulatedWorld {
        var lab = LabWorld(authorities: servers, resolvers: resolvers, seed: seed)
        lab.sources.delegations = delegations
        var world = SimulatedWorld(
            seed: seed, domain: domain, lab: lab, authorityLinks: authorityLinks,
            resolverLinks: resolverLinks, end: origin)
        world.watch = watch
        world.visits = visits
        world.sleeps = sleeps
        world.interruptions = interruptions
        world.traits = traits
        world.numbering = story.numbering
        (world.refresh, world.retry) = (refresh, UInt32(retry))
        world.end = end(of: world)
        return world
    }

    /// Late enough for every verdict, whatever delays the watch.
    private func end(of world: SimulatedWorld) -> Instant {
        let judge = Judge(world.facts)
        let absent = judge.facts.absences.reduce(Duration.zero) { $0 + ($1.upperBound - $1.lowerBound) }
        var end =
            max(Due.latest(judge), story.lastChange) + absent + watch.policy.settle + .seconds(2 * 86_400)
        if let publishedAt = watch.publishedAt { end = max(end, publishedAt) }
        if twist?.movesDelegation ?? false { end = end + .seconds(3 * 86_400) }
        return watch.condition == .decommission ? end + Policy.senderPatience : end
    }
}
