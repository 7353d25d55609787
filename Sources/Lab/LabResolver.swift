import DNS

/// A caching resolver: one address, and behind it one cache or many that share nothing, as the
/// anycast sites and front ends of public resolvers do.
package struct LabResolver: Sendable {
    /// Which of the caches gets a query.
    package enum Balancing: Hashable, Sendable {
        /// Any of them, each time.
        case random
        /// By a hash of the client's port, as load balancers and `SO_REUSEPORT` do: a port sees one cache only.
        case sourcePort
    }

    /// What the resolver does with questions.
    package enum Conduct: Hashable, Sendable {
        case resolving
        /// It answers all with this code: SERVFAIL for a broken one, REFUSED for one that is not open to us.
        case failing(ResponseCode)
        /// It refuses to answer, and says why (RFC 8914 §4.16 to §4.19).
        case filtering(ExtendedError)
    }

    /// The most aliases that are followed.
    static let longestChain = 8

    package var name: String
    /// Loopback addresses, one socket pair each; the caches are the same behind all.
    package var addresses: [IPAddress]
    package var caches: [LabCache]
    package var balancing: Balancing
    package var policy: CachePolicy
    package var conduct: Conduct
    package var manners: LabManners
    /// Whether it keeps to the parent's NS RRset, for that one's TTL, instead of taking the zone's own (about a
    /// tenth of all recursion does, RFC 9199 §3.5).
    package var isParentCentric = false

    /// - Parameter cacheCount: 1 to 32. Where there are more than one, each has an NSID: the name and a number.
    package init(
        _ name: String, addresses: [IPAddress] = [.labDefault], cacheCount: Int = 1,
        balancing: Balancing = .sourcePort, policy: CachePolicy = CachePolicy(),
        conduct: Conduct = .resolving, manners: LabManners = LabManners()
    ) {
        precondition((1...32).contains(cacheCount), "a resolver has 1 to 32 caches")
        self.name = name
        self.addresses = addresses
        self.caches = (1...cacheCount).map { number in
            LabCache(nsid: cacheCount == 1 ? nil : Array("\(name)-\(number)".utf8))
        }
        self.balancing = balancing
        self.policy = policy
        self.conduct = conduct
        self.manners = manners
    }

    /// The index of the cache that gets a query from this port.
    package func cache(
        forSourcePort port: UInt16, using generator: inout some RandomNumberGenerator
    ) -> Int {
        switch balancing {
        case .random: return Int.random(in: caches.indices, using: &generator)
        case .sourcePort:
            // Mix the port: neighbouring ports should not use the caches in order.
            var hash = SeededGenerator(seed: UInt64(port))
            return Int(hash.next() % UInt64(caches.count))
        }
    }

    /// Loads a copy into one cache as if a client had asked at `instant`, which may lie in the past.
    package mutating func warm(
        _ question: Question, cache: Int = 0, from sources: LabSources, at instant: Instant,
        using generator: inout some RandomNumberGenerator
    ) {
        _ = resolve(question, cache: cache, from: sources, at: instant, using: &generator)
    }

    /// The answer of one of the caches, which asks the authoritative servers if needed.
    package mutating func answer(
        _ query: LabQuery, sourcePort: UInt16, from sources: LabSources, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> LabAnswer {
        // A server that only does recursion has no answer to a query without RD.
        guard query.recursionDesired else { return LabAnswer(.refused, recursionAvailable: true) }
        switch conduct {
        case .failing(let code): return LabAnswer(code, recursionAvailable: code != .refused)
        case .filtering(let error):
            return LabAnswer(.nameError, recursionAvailable: true, extendedErrors: [error])
        case .resolving:
            let index = cache(forSourcePort: sourcePort, using: &generator)
            if query.question.type == .ns,
                let answer = nameServers(of: query.question.name, cache: index, from: sources, at: now)
            {
                return answer
            }
            var answer = resolve(query.question, cache: index, from: sources, at: now, using: &generator)
            answer.nsid = caches[index].nsid
            return answer
        }
    }

    private mutating func resolve(
        _ question: Question, cache: Int, from sources: LabSources, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> LabAnswer {
        var answer = LabAnswer(recursionAvailable: true)
        var name = question.name
        for _ in 0...Self.longestChain {
            let copy = lookUp(
                Question(name, question.type), cache: cache, from: sources, at: now, using: &generator)
            if copy.isStale, policy.serveStale?.saysSo == true {
                answer.extendedErrors = [ExtendedError(code: copy.isNameError ? 19 : 3, text: "")]
            }
            switch copy.finding {
            case .records(let records):
                answer.answer += records.map { $0.with(copy.ttl) }
                return answer
            case .alias(let record, let target):
                answer.answer.append(record.with(copy.ttl))
                name = target
            case .noData(let start):
                answer.authority = [start.with(copy.ttl)]
                return answer
            case .nameError(let start):
                answer.responseCode = .nameError
                answer.authority = [start.with(copy.ttl)]
                return answer
            case .referral, .failure:
                return LabAnswer(.serverFailure, recursionAvailable: true)
            }
        }
        return LabAnswer(.serverFailure, recursionAvailable: true)
    }
}

/// A finding with the TTL that it is served with.
private struct Copy {
    var finding: LabFinding
    var ttl: TTL
    var isStale = false
    var isNameError: Bool {
        if case .nameError = finding { true } else { false }
    }
}

extension LabResolver {
    /// Takes a live copy from the cache, or fetches it, or serves a stale one.
    private mutating func lookUp(
        _ question: Question, cache: Int, from sources: LabSources, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Copy {
        let alias = Question(question.name, .cname)
        let isKnownAlias = caches[cache].entries[question] == nil && caches[cache].entries[alias] != nil
        let key = isKnownAlias ? alias : question
        guard let entry = caches[cache].entries[key] else {
            return fetch(question, cache: cache, from: sources, at: now, using: &generator)
        }
        if now < entry.expiry {
            let copy = Copy(finding: entry.finding, ttl: entry.remaining(at: now))
            if policy.prefetches, copy.ttl.seconds * 10 <= entry.lifetime.seconds {
                _ = fetch(question, cache: cache, from: sources, at: now, using: &generator)
            }
            return copy
        }
        guard let serveStale = policy.serveStale, now < entry.expiry + serveStale.maximumAge else {
            caches[cache].entries[key] = nil
            return fetch(question, cache: cache, from: sources, at: now, using: &generator)
        }
        let stale = Copy(finding: entry.finding, ttl: serveStale.ttl, isStale: true)
        let refreshedAt = entry.refreshedAt ?? now + serveStale.refreshesAfter
        caches[cache].entries[key]?.refreshedAt = refreshedAt
        if entry.refreshedAt == nil || now < refreshedAt { return stale }
        let fresh = fetch(question, cache: cache, from: sources, at: now, using: &generator)
        if case .failure = fresh.finding { return stale }
        if key != question, caches[cache].entries[question] != nil { caches[cache].entries[key] = nil }
        return fresh
    }

    /// Asks the authoritative servers of the closest zone in any order, until one answers.
    private mutating func fetch(
        _ question: Question, cache: Int, from sources: LabSources, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Copy {
        let candidates = candidates(for: question.name, cache: cache, in: sources, at: now)
        let finding = Self.ask(question, candidates, sources.authorities, at: now, using: &generator)
        guard let lifetime = policy.lifetime(of: finding) else {
            return Copy(finding: finding, ttl: TTL(seconds: 0))
        }
        var key = question
        if case .alias = finding { key.type = .cname }
        if key != question { caches[cache].entries[question] = nil }
        caches[cache].entries[key] = LabEntry(finding, fetchedAt: now, lifetime: lifetime)
        return Copy(finding: finding, ttl: lifetime)
    }

    /// The servers of the closest zone, as far as the NS RRset and the addresses that the cache holds lead to them.
    private mutating func candidates(
        for name: DomainName, cache: Int, in sources: LabSources, at now: Instant
    ) -> [Int] {
        let depths = sources.authorities.map { $0.depth(of: name) }
        let deepest = depths.lazy.compactMap { $0 }.max()
        let closest = depths.indices.filter { depths[$0] != nil && depths[$0] == deepest }
        guard let held = delegation(for: name, cache: cache, in: sources, at: now) else { return closest }
        let servers = held.names.flatMap { addresses(of: $0, for: name, cache: cache, in: sources, at: now) }
        return closest.filter(servers.contains)
    }

    private mutating func delegation(
        for name: DomainName, cache: Int, in sources: LabSources, at now: Instant
    ) -> LabHeldDelegation? {
        guard let delegation = sources.delegation(for: name, at: now) else { return nil }
        if let held = caches[cache].delegation, now < held.expiry { return held }
        let ttl = isParentCentric ? delegation.parentTTL : delegation.childTTL
        let names = Set(delegation.reachable.map { sources.authorities[$0].name })
        let held = LabHeldDelegation(
            names: names.sorted { $0.description < $1.description }, expiry: now + ttl.duration)
        caches[cache].delegation = held
        return held
    }

    private mutating func addresses(
        of server: DomainName, for name: DomainName, cache: Int, in sources: LabSources, at now: Instant
    ) -> [Int] {
        if let held = caches[cache].addresses[server], now < held.expiry { return held.servers }
        let (servers, ttl) = sources.addresses(of: server, for: name, at: now)
        caches[cache].addresses[server] = LabHeldAddresses(servers: servers, expiry: now + ttl.duration)
        return servers
    }

    /// The NS RRset from the cache, which fetches it if needed.
    private mutating func nameServers(
        of zone: DomainName, cache: Int, from sources: LabSources, at now: Instant
    ) -> LabAnswer? {
        guard sources.delegation(for: zone, at: now)?.zone == zone,
            let held = delegation(for: zone, cache: cache, in: sources, at: now)
        else { return nil }
        var answer = LabAnswer(recursionAvailable: true)
        let left = max(0, (held.expiry - now).wholeNanoseconds / 1_000_000_000)
        answer.answer = held.names.map {
            ResourceRecord(owner: zone, type: .ns, ttl: TTL(seconds: Int(left)), data: .ns($0))
        }
        return answer
    }

    private static func ask(
        _ question: Question, _ candidates: [Int], _ authorities: [LabAuthority], at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> LabFinding {
        for index in candidates.shuffled(using: &generator) where authorities[index].manners.loss < 1 {
            let finding = authorities[index].find(
                question, at: now, sourcePort: UInt16.random(in: 1024...65_535, using: &generator))
            if case .failure = finding { continue }
            return finding
        }
        return .failure(.serverFailure)
    }
}

extension ResourceRecord {
    fileprivate func with(_ ttl: TTL) -> ResourceRecord {
        ResourceRecord(owner: owner, type: type, ttl: ttl, data: data)
    }
}
