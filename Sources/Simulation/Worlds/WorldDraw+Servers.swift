import DNS
import Lab
import Propagation

extension WorldDraw {
    mutating func drawServers() {
        refresh = UInt32(pick([600, 1800, 3600, 7200, 14_400]))
        let count = story.movesDelegation ? number(2...4) : pick([1, 1, 2, 2, 2, 3, 4])
        let olds = story.movesDelegation ? number(1...count - 1) : count
        let names = (1...count).map { DomainName(stringLiteral: "ns\($0).example.net") }
        let zone = zone(nameServers: Array(names.prefix(olds)))
        let newZone = newZone(nameServers: Array(names.dropFirst(olds)))
        for index in 0..<count {
            let zones = index < olds ? [zone] + (aliasZone.map { [$0] } ?? []) : [newZone]
            servers.append(LabAuthority(names[index], zones: zones))
            authorityLinks.append(drawAuthorityLink())
        }
        if story.movesDelegation { drawDelegations(olds: olds, of: count) } else { drawSecondaries() }
    }

    private mutating func drawAuthorityLink() -> Link {
        var link = Link(delay: drawDelay(), isSlowOutward: happens(0.3))
        if happens(0.2) { link.loss = Double(number(1...30)) / 100 }
        return link
    }

    /// From 5 to 300 ms, with some spread.
    mutating func drawDelay() -> ClosedRange<Duration> {
        let least = pick([5, 10, 20, 40, 80, 150, 250])
        return .milliseconds(least)...(.milliseconds(least + number(0...50)))
    }

    /// Faults of the servers after the first.
    private mutating func drawSecondaries() {
        for index in servers.indices.dropFirst() {
            switch number(0...9) {
            case 0...3: servers[index].lag = seconds(0...60)
            case 4, 5: servers[index].lag = seconds(60...600)
            case 6: servers[index].lag = seconds(600...3000)
            case 7: servers[index].conduct = .lame
            case 8:
                // It serves resolvers with a lag, and never answers the watch.
                servers[index].lag = seconds(0...Int(min(refresh, 3600)) - 1)
                authorityLinks[index].faults = [Link.Fault(.silent, during: .always)]
            default: break
            }
        }
        if servers.count > 1, happens(0.05) { flap(number(0...servers.count - 1)) }
    }

    /// A server whose front ends disagree: it flaps for an hour after the switch.
    private mutating func flap(_ index: Int) {
        traits.insert(.breaksTTLs)
        guard case .exchanges = story.beginning, story.aliasTTL == nil else { return }
        var zone = servers[index].zones[0]
        var instant = max(story.lastChange, zone.changes.last ?? story.lastChange)
        let target = story.steps[story.steps.count - 1].mail
        for round in 1...12 {
            instant = instant + seconds(10...300)
            zone.switchMail(
                at: instant, to: round % 2 == 1 ? story.beginning : target, of: domain,
                serial: zone.serial(at: instant))
        }
        servers[index].zones[0] = zone
    }

    private mutating func drawDelegations(olds: Int, of count: Int) {
        let ttls = [300, 600, 1800, 3600, 7200]
        let parent = TTL(seconds: pick(ttls))
        let child = TTL(seconds: pick(ttls))
        delegations = [
            LabDelegation(
                zoneApex, servers: Array(0..<olds), parentTTL: parent, childTTL: child),
            LabDelegation(
                zoneApex, since: story.switched, servers: Array(olds..<count),
                parentTTL: TTL(seconds: pick(ttls)), childTTL: TTL(seconds: pick(ttls))),
        ]
    }
}

// MARK: - Resolvers

extension WorldDraw {
    mutating func drawResolvers() {
        let isLawless = traits.contains(.breaksTTLs) || happens(0.12)
        for index in 1...pick([1, 1, 2, 2, 3, 3, 4, 6]) {
            let caches = pick([1, 1, 1, 2, 3, 4, 8, 16, 32])
            var resolver = LabResolver(
                "r\(index)", cacheCount: caches, balancing: happens(0.5) ? .random : .sourcePort,
                policy: drawPolicy(isLawless: isLawless))
            resolver.isParentCentric = happens(0.2)
            if happens(0.3) { for cache in resolver.caches.indices { resolver.caches[cache].nsid = nil } }
            resolvers.append(resolver)
            resolverLinks.append(drawResolverLink())
        }
        // A resolver that the quorum needs must not be excluded for good.
        if resolvers.count > 4, happens(0.3) {
            let kind: Link.Kind = pick([.failing(.refused), .silent, .filtering(15), .noRoute])
            resolverLinks[0].faults = [Link.Fault(kind, during: .always)]
            watch.optionalResolvers = [0]
        }
        if resolvers.contains(where: { !$0.policy.respectsTTL }) { traits.insert(.breaksTTLs) }
    }

    private mutating func drawPolicy(isLawless: Bool) -> CachePolicy {
        var policy = CachePolicy(prefetches: happens(0.15))
        if happens(0.3) { policy.cap = TTL(seconds: pick([30, 60, 300, 3600, 21_600])) }
        if happens(0.3) { policy.negativeCap = TTL(seconds: pick([5, 30, 300, 3600])) }
        guard isLawless, happens(0.6) else { return policy }
        if happens(0.5) {
            policy.floor = TTL(seconds: pick([60, 300, 900, 3600]))
            policy.cap = max(policy.cap, policy.floor)
        } else {
            policy.serveStale = CachePolicy.ServeStale(
                ttl: TTL(seconds: pick([1, 30, 30, 60])), refreshesAfter: seconds(0...60),
                saysSo: happens(0.5))
        }
        return policy
    }

    private mutating func drawResolverLink() -> Link {
        var link = Link(delay: drawDelay(), isSlowOutward: happens(0.3))
        if happens(0.4) { link.loss = Double(number(1...20)) / 100 }
        guard happens(0.2) else { return link }
        let kind: Link.Kind = pick([
            .silent, .failing(.serverFailure), .failing(.refused), .garbage, .filtering(15),
        ])
        var from = instant(origin...max(origin, story.lastChange) + .seconds(3600))
        for _ in 1...number(1...3) {
            let fault = Link.Fault(kind, during: from..<from + seconds(5...900))
            link.faults.append(fault)
            from = fault.during.upperBound + seconds(60...1800)
        }
        return link
    }
}

// MARK: - The watch

extension WorldDraw {
    mutating func drawWatch() {
        watch.policy.settle = pick([.zero, .zero, .seconds(300), .seconds(3600), .seconds(7200)])
        watch.policy.confirmations = number(1...5)
        watch.policy.quorum = number(50...100)
        if happens(0.05) { watch.searchFailures = 0.1 }
        let isDecommission = happens(0.01)
        if isDecommission {
            watch.condition = .decommission
            resolvers = Array(resolvers.prefix(2))
            resolverLinks = Array(resolverLinks.prefix(2))
        }
        if happens(0.88) || isDecommission { watch.policy.previousTTL = truthfulTTL() }
        if happens(0.1) { drawOutage() }
        guard story.switched < origin, happens(0.6) else { return }
        watch.publishedAt = truthfulPublication()
    }

    /// The longest TTL of a copy that can be alive when the watch begins, and at least that of the MX before
    /// the target: a later rollback brings that one back.
    private func truthfulTTL() -> TTL {
        let latestLag = servers.map(\.lag).max() ?? .zero
        let mails = [story.beginning] + story.steps.map(\.mail)
        var (longest, last) = (TTL(seconds: 0), TTL(seconds: 0))
        for (index, mail) in mails.enumerated() where !isTarget(mail) {
            guard index == 0 || story.steps[index - 1].at < origin else { break }
            let ttl = lifetime(of: mail)
            let isAlive =
                index == story.steps.count || story.steps[index].at + latestLag + ttl.duration > origin
            if isAlive { longest = max(longest, ttl) }
            last = ttl
        }
        return max(longest, last)
    }

    private func lifetime(of mail: LabMail) -> TTL {
        let own: TTL =
            switch mail {
            case .exchanges(_, let ttl), .null(let ttl): ttl
            case .absent, .nonexistent: TTL(wire: min(story.minimum, 3600))
            }
        return max(own, story.aliasTTL ?? own)
    }

    /// When all servers began to serve the target; `nil` where they do not when the watch begins. The
    /// operator knows nothing of later changes.
    private func truthfulPublication() -> Instant? {
        let latestLag = servers.map(\.lag).max() ?? .zero
        let before = story.steps.filter { $0.at <= origin }
        guard let first = before.reversed().prefix(while: { isTarget($0.mail) }).last else { return nil }
        return first.at + latestLag <= origin ? first.at + latestLag : nil
    }

    private func isTarget(_ mail: LabMail) -> Bool { Self.isTarget(mail, watch.target) }

    static func isTarget(_ mail: LabMail, _ target: Target) -> Bool {
        guard case .exchanges(let exchanges, _) = mail else { return false }
        return exchanges.allSatisfy { target.accepts($0.exchange) }
    }

    /// Puts an authoritative server out of the watch's reach for a while.
    private mutating func drawOutage() {
        let from = instant(origin...max(origin, story.lastChange) + .seconds(3600))
        let index = number(0...servers.count - 1)
        guard authorityLinks[index].faults.isEmpty else { return }
        authorityLinks[index].faults = [Link.Fault(.silent, during: from..<from + seconds(30...1200))]
    }
}
