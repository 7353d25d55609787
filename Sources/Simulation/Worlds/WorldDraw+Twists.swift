import DNS
import Lab
import Propagation

/// A *twist*: something out of the ordinary in a world, in about every other one.
enum Twist: CaseIterable {
    /// The serial never changes.
    case fixedSerial
    /// A TTL is seen to be lowered, and comes back for minutes while the machine sleeps.
    case longTTLReturns
    /// A new TTL is served for some minutes while no run is under way.
    case longTTLInGap
    /// A backup restores an older serial while the machine sleeps, and then the MX is switched again.
    case serialGoesBack
    /// The change is rolled back just before all else is met for the second pass.
    case takenBackAtTheEnd
    /// A secondary that is behind is added to the delegation.
    case joinsLate
    /// A secondary answers without authority.
    case withoutAuthority
    /// Glue leads to a machine that is behind, or was left behind.
    case glue
    /// A name server's address moves to another machine.
    case renumbered
    /// The delegation moves, and some of the parent's servers do not know it yet.
    case parentIsBehind
    /// The delegation moved before the watch began.
    case movedBefore
    /// One of several back ends behind an authoritative address is behind.
    case backEnds
    /// A name server has several addresses, and no search finds all of them.
    case rotatingAddresses
    /// A hidden server (`WorldFacts.hiddenServer`) is behind.
    case hiddenServer
    /// A server that is silent to the watch is behind for longer than its SOA allows.
    case farBehind
    case wrongTTL, wrongPublication, wrongNameServers
    /// Every run is told `--previous-ttl`.
    case saidAgain
    /// A resolver fails for good.
    case failingResolver
    /// For one look a captive portal answers in all servers' place.
    case lyingNetwork

    /// Whether the delegation moves.
    var movesDelegation: Bool {
        switch self {
        case .parentIsBehind, .movedBefore, .wrongNameServers: true
        default: false
        }
    }
}

extension WorldDraw {
    /// Draws from a generator of its own, so that the rest of each world stays as it was.
    mutating func apart(_ body: (inout WorldDraw) -> Void) {
        swap(&generator, &twistGenerator)
        body(&self)
        swap(&generator, &twistGenerator)
    }

    // MARK: The story

    mutating func drawTwist() {
        retry = pick([300, 600, 900, 1800])
        guard happens(0.5) else { return }
        let twist = pick(Twist.allCases)
        self.twist = twist
        switch twist {
        case .longTTLReturns: returnLongTTL()
        case .longTTLInGap: returnInGap(ttl: pick([14_400, 43_200, 86_400]))
        case .serialGoesBack:
            returnInGap(ttl: 300)
            story.goesBack = true
        case .takenBackAtTheEnd: takeBackAtTheEnd()
        case .hiddenServer: _ = plainSwitch(ttl: pick([300, 3600, 86_400, 86_400]))
        case _ where twist.movesDelegation: moveDelegation(isBefore: twist != .parentIsBehind)
        default: break
        }
    }

    private mutating func returnLongTTL() {
        let (longer, shorter) = (pick([14_400, 43_200, 86_400]), pick([60, 300, 600]))
        let target = LabMail.target(ttl: 300)
        let lowered = origin + seconds(40...900)
        let switched = lowered + seconds(700...7200)
        let away = switched + seconds(660...7200)
        story = Story()
        story.beginning = .hosts("mail.old.it", ttl: longer)
        story.switched = switched
        story.longestTTL = TTL(seconds: longer)
        story.steps = [
            Story.Step(at: lowered, mail: .hosts("mail.old.it", ttl: shorter)),
            Story.Step(at: switched, mail: target),
            Story.Step(at: away, mail: story.beginning),
            Story.Step(at: away + seconds(20...240), mail: target),
        ]
    }

    /// A plain switch with a rollback of some minutes, ten minutes later or more.
    private mutating func returnInGap(ttl: Int) {
        let target = LabMail.target(ttl: 300)
        let away = plainSwitch(ttl: 300) + seconds(1200...3600)
        story.steps.append(Story.Step(at: away, mail: .hosts("mail.old.it", ttl: ttl)))
        story.steps.append(Story.Step(at: away + seconds(60...600), mail: target))
        story.longestTTL = TTL(seconds: max(300, ttl))
    }

    /// - Returns: when it is switched.
    private mutating func plainSwitch(ttl: Int) -> Instant {
        story = Story()
        story.beginning = .hosts("mail.old.it", ttl: ttl)
        story.longestTTL = TTL(seconds: ttl)
        story.switched = origin + seconds(60...1200)
        let target = LabMail.target(ttl: 3600)
        story.steps = [Story.Step(at: story.switched, mail: target)]
        return story.switched
    }

    private mutating func takeBackAtTheEnd() {
        let ttl = pick([300, 600, 1800])
        let away = plainSwitch(ttl: ttl) + .seconds(Int64(ttl)) - seconds(0...240)
        story.steps.append(Story.Step(at: away, mail: story.beginning))
        story.steps.append(Story.Step(at: away + seconds(660...2400), mail: story.steps[0].mail))
    }

    private mutating func moveDelegation(isBefore: Bool) {
        story.movesDelegation = true
        story.aliasTTL = nil
        let (target, switched) = (watch.target, story.switched)
        story.steps.removeAll { $0.at >= switched || Self.isTarget($0.mail, target) }
        story.switched =
            isBefore
            ? origin - seconds(happens(0.5) ? 60...7200 : 7200...259_200) : origin + seconds(20...2400)
        let shift = story.switched - (story.steps.map(\.at).max() ?? story.switched)
        // The TTL's changes come before it.
        if shift < .seconds(1) {
            for index in story.steps.indices {
                story.steps[index].at = story.steps[index].at + shift - .seconds(60)
            }
        }
    }

    // MARK: The servers

    mutating func drawServerTwist() {
        for index in servers.indices where authorityLinks[index].faults.first?.during == .always {
            servers[index].lag = seconds(0...longestBehind - 1)
            if twist == .farBehind { servers[index].lag = seconds(longestBehind...longestBehind + 7200) }
        }
        switch twist {
        case .glue where isPlainZone: drawGlue()
        case .renumbered where isPlainZone: drawRenumbering()
        case .parentIsBehind: drawParentBehind()
        case .joinsLate where isPlainZone: joinLate()
        case .withoutAuthority where !story.movesDelegation:
            if servers.count > 1 {
                servers[servers.count - 1].conduct = .withoutAuthority
                servers[servers.count - 1].lag = seconds(0...1800)
            }
        case .movedBefore, .wrongNameServers: lengthenDelegations()
        case .backEnds:
            let index = number(0...servers.count - 1)
            servers[index].backEnds = [servers[index].lag, servers[index].lag, seconds(60...1800)]
        case .hiddenServer where isPlainZone:
            var hidden = LabAuthority("ns8.example.net", zones: servers[0].zones)
            hidden.lag = seconds(600...7200)
            let all = Array(servers.indices)
            watch.rotatingServers = [add(hidden)]
            delegations = [LabDelegation(zoneApex, servers: all + watch.rotatingServers)]
        case .rotatingAddresses where !story.movesDelegation: drawRotation()
        default: break
        }
    }

    /// Whether all servers serve one zone with the domain's own MX.
    private var isPlainZone: Bool { !story.movesDelegation && story.aliasTTL == nil }

    /// SOA REFRESH + 3 × RETRY, in seconds.
    private var longestBehind: Int { Int(refresh) + 3 * retry }

    private mutating func add(_ server: LabAuthority) -> Int {
        servers.append(server)
        authorityLinks.append(Link(delay: drawDelay()))
        return servers.count - 1
    }

    /// A server of the same name that keeps the zone as it was at `instant`.
    private func leftBehind(_ index: Int, at instant: Instant) -> LabAuthority {
        var draw = self
        draw.story.steps.removeAll { $0.at >= instant }
        draw.story.edits.removeAll { $0 >= instant }
        let zone = draw.zone(nameServers: servers.map(\.name))
        return LabAuthority(servers[index].name, zones: [zone], lag: servers[index].lag)
    }

    private mutating func drawGlue() {
        let all = Array(servers.indices)
        let index = number(0...servers.count - 1)
        var first = LabDelegation(
            zoneApex, servers: all, parentTTL: ttl(300, 3600, 86_400), childTTL: ttl(300, 3600),
            addressTTL: ttl(300, 3600, 86_400))
        guard happens(0.5) else {
            var machine = servers[index]
            machine.lag = seconds(60...5400)
            machine.conduct = .authoritative
            first.glue = [add(machine)]
            delegations = [first]
            return
        }
        first.glue = [add(leftBehind(index, at: max(origin, story.switched)))]
        let corrected = max(origin, story.lastChange) + seconds(60...3600)
        var second = first
        (second.since, second.glue) = (corrected, [])
        delegations = [first, second]
    }

    private mutating func drawRenumbering() {
        let index = number(0...servers.count - 1)
        let isBefore = happens(0.25)
        let moved = isBefore ? origin - seconds(60...86_400) : origin + seconds(20...3600)
        let all = Array(servers.indices)
        var new = servers[index]
        new.conduct = .authoritative
        let machine = add(new)
        servers[index] = leftBehind(index, at: happens(0.7) ? min(moved, story.switched) : moved)
        authorityLinks[index] = Link(delay: drawDelay())
        let first = LabDelegation(
            zoneApex, servers: all, parentTTL: ttl(5, 300, 3600), childTTL: ttl(5, 300, 3600),
            addressTTL: ttl(300, 3600, 86_400))
        var second = first
        second.since = moved
        second.servers = all.map { $0 == index ? machine : $0 }
        delegations = [first, second]
        watch.tellsAddressTTLs = happens(0.7)
    }

    private mutating func drawParentBehind() {
        guard delegations.count == 2 else { return }
        // A server that is behind keeps the RRset's TTL.
        (delegations[1].parentTTL, delegations[1].childTTL) = (
            delegations[0].parentTTL, delegations[0].childTTL
        )
        var last = delegations[1]
        last.since = last.since + seconds(60...7200)
        delegations[1].behind = delegations[0].servers
        delegations.append(last)
    }

    private mutating func lengthenDelegations() {
        guard delegations.count == 2 else { return }
        (delegations[0].parentTTL, delegations[0].childTTL) = (
            ttl(10_800, 86_400, 172_800), ttl(3600, 86_400)
        )
        delegations[0].addressTTL = ttl(3600, 86_400, 172_800)
    }

    private mutating func joinLate() {
        let all = Array(servers.indices)
        let joined = story.switched + seconds(30...1800)
        var secondary = LabAuthority("ns9.example.net", zones: servers[0].zones)
        secondary.lag = joined - story.switched + seconds(0...280)
        let machine = add(secondary)
        let first = LabDelegation(zoneApex, servers: all)
        var second = first
        (second.since, second.servers) = (joined, all + [machine])
        delegations = [first, second]
    }

    private mutating func drawRotation() {
        // All addresses of one name lead to the same service.
        let all = [0, add(servers[0]), add(servers[0])]
        watch.rotatingServers = all
        delegations = [
            LabDelegation(zoneApex, servers: Array(servers.indices), addressTTL: ttl(60, 300, 3600))
        ]
        watch.tellsAddressTTLs = happens(0.7)
    }

    private mutating func ttl(_ values: Int...) -> TTL { TTL(seconds: pick(values)) }

    // MARK: The watch

    mutating func drawWatchTwist() {
        switch twist {
        case .wrongTTL:
            if let ttl = watch.policy.previousTTL {
                watch.policy.previousTTL = TTL(seconds: Int(ttl.seconds) / pick([2, 10, 100]))
            }
        case .wrongPublication:
            if let word = watch.publishedAt {
                watch.publishedAt = word - seconds(happens(0.5) ? 600...86_400 : 86_400...600_000)
            }
        case .movedBefore where happens(0.5): watch.nameServersSince = story.switched + seconds(0...60)
        case .wrongNameServers: watch.nameServersSince = story.switched - seconds(3600...259_200)
        case .saidAgain: watch.isSaidAgain = watch.policy.previousTTL != nil
        case .failingResolver: failResolver()
        case .takenBackAtTheEnd: watch.policy.settle = .zero
        case .longTTLInGap, .serialGoesBack: lookAway()
        case .longTTLReturns where happens(0.5): blink()
        case .lyingNetwork: lie()
        default: break
        }
        if twist == .movedBefore || twist == .wrongNameServers { visitBefore(story.switched) }
    }

    /// No look falls into the rollback.
    private mutating func lookAway() {
        guard story.steps.count == 3 else { return }
        let lag = servers.map(\.lag).max() ?? .zero
        let gap = story.steps[1].at - seconds(5...300)..<story.steps[2].at + lag + seconds(900...3600)
        if twist == .longTTLInGap { interruptions = [gap] } else { sleeps = [gap] }
    }

    /// The machine sleeps while the long TTL is back, which the operator did not tell.
    private mutating func blink() {
        guard story.steps.count == 4 else { return }
        if watch.condition != .decommission { watch.policy.previousTTL = nil }
        let lag = servers.map(\.lag).max() ?? .zero
        sleeps = [story.steps[2].at - seconds(5...60)..<story.steps[3].at + lag + seconds(10...120)]
    }

    /// One of at least five, which the quorum does not need.
    private mutating func failResolver() {
        while resolvers.count - watch.optionalResolvers.count < 5 {
            resolvers.append(LabResolver("r\(resolvers.count + 1)"))
            resolverLinks.append(Link(delay: drawDelay()))
        }
        watch.policy.quorum = min(watch.policy.quorum, 80)
        let kind: Link.Kind = pick([
            .failing(.serverFailure), .failing(.refused), .silent, .denying, .filtering(15),
        ])
        let from =
            happens(0.3)
            ? origin - .seconds(1) : instant(origin...max(origin, story.lastChange) + .seconds(3600))
        // The first is optional where there are many.
        resolverLinks[resolvers.count - 1].faults = [Link.Fault(kind, during: .from(from))]
    }

    private mutating func lie() {
        let from = instant(origin + .seconds(60)...max(origin, story.lastChange) + .seconds(7200))
        let look = from + seconds(60...3600)
        let home = look + .seconds(30)
        interruptions = [from..<look, home..<home + seconds(60...7200)]
        let fault = Link.Fault(.captive, during: look..<home)
        for index in authorityLinks.indices { authorityLinks[index].faults.insert(fault, at: 0) }
        for index in resolverLinks.indices { resolverLinks[index].faults.insert(fault, at: 0) }
    }

    private mutating func visitBefore(_ instant: Instant) {
        for resolver in resolvers.indices where happens(0.5) {
            visits.append(
                SimulatedWorld.Visit(
                    at: instant - seconds(1...3600), resolver: resolver,
                    cache: number(0...resolvers[resolver].caches.count - 1)))
        }
    }
}
