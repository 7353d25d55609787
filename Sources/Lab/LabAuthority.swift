import DNS

/// An authoritative server (RFC 1034 §4.3): the zones it serves, how late it learns of changes, and
/// what is wrong with it.
package struct LabAuthority: Sendable {
    /// What an authoritative server does with questions about its zones.
    package enum Conduct: Hashable, Sendable {
        /// It answers with AA set, and refers with AA clear below zone cuts.
        case authoritative
        /// The delegation points at it, but it knows nothing of the zone: REFUSED (lame, RFC 9499 §7).
        case lame
        /// It answers without AA, like a resolver in the place of an authoritative server.
        case withoutAuthority
        /// It cannot load its zones, and says SERVFAIL, or another code.
        case failing(ResponseCode)
    }

    package var name: DomainName
    /// Loopback addresses, one socket pair each.
    package var addresses: [IPAddress]
    package var zones: [LabZone] { didSet { places = Self.places(of: zones) } }
    /// Where each zone stands in `zones`: a server may carry thousands.
    private var places: [DomainName: Int]
    /// How long after a change this server begins to serve it: a secondary that has yet to transfer it.
    package var lag: Duration
    /// How late further back ends behind the same address learn of changes; a query's source port decides which of
    /// them answers.
    package var backEnds: [Duration] = []
    /// Caches in front of it, which answer with their copies; a query's source port decides which one.
    package var front: Front?
    /// How many of a hundred answers come without AA; a query's source port decides which.
    package var missingAuthority = 0
    package var conduct: Conduct
    package var manners: LabManners

    /// Caches that fetch a new copy every `period` seconds, each at its own time. Meanwhile their TTLs run down.
    package struct Front: Hashable, Sendable {
        package var caches: Int
        /// Seconds; no more than the shortest TTL there.
        package var period: Int

        package init(caches: Int, period: Int) {
            self.caches = caches
            self.period = period
        }

        /// How long before `now` the cache that answers a port fetched its copy, in whole seconds.
        func age(ofPort port: UInt16, at now: Instant) -> Int {
            var hash = SeededGenerator(seed: UInt64(port) &+ 77)
            let phase = Int(hash.next() % UInt64(caches)) * period / caches
            return (Int(now.nanoseconds / 1_000_000_000) + phase) % period
        }
    }

    package init(
        _ name: DomainName, addresses: [IPAddress] = [.labDefault], zones: [LabZone], lag: Duration = .zero,
        conduct: Conduct = .authoritative, manners: LabManners = LabManners()
    ) {
        self.name = name
        self.addresses = addresses
        self.zones = zones
        places = Self.places(of: zones)
        self.lag = lag
        self.conduct = conduct
        self.manners = manners
    }

    /// The most specific zone of this server that the name lies in.
    package func zone(for name: DomainName) -> LabZone? { place(of: name).map { zones[$0] } }

    /// How many octets of the name the closest zone's apex has; `nil` if the name lies in none.
    func depth(of name: DomainName) -> Int? { place(of: name).map { zones[$0].apex.wire.count } }

    private func place(of name: DomainName) -> Int? {
        var candidate: DomainName? = name
        while let apex = candidate {
            if let place = places[apex] { return place }
            candidate = apex.parent
        }
        return nil
    }

    private static func places(of zones: [LabZone]) -> [DomainName: Int] {
        Dictionary(zones.indices.map { (zones[$0].apex, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How late each back end is.
    package var lags: [Duration] { [lag] + backEnds }

    private func lag(ofPort port: UInt16) -> Duration {
        guard !backEnds.isEmpty else { return lag }
        var hash = SeededGenerator(seed: UInt64(port))
        return lags[Int(hash.next() % UInt64(lags.count))]
    }

    /// The answer to a resolver that asks this server at `now` from a source port.
    package func find(_ question: Question, at now: Instant, sourcePort: UInt16 = 0) -> LabFinding {
        find(question, at: now, lag: lag(ofPort: sourcePort))
    }

    /// The answer of a back end that is so late.
    package func find(_ question: Question, at now: Instant, lag: Duration) -> LabFinding {
        switch conduct {
        case .lame: return .failure(.refused)
        case .failing(let code): return .failure(code)
        case .authoritative, .withoutAuthority:
            guard let place = place(of: question.name) else { return .failure(.refused) }
            return zones[place].find(question, at: now - lag)
        }
    }

    /// The answer to a query: aliases are followed as far as this server's zones go (RFC 1034 §4.3.2).
    package func answer(_ question: Question, at now: Instant, sourcePort: UInt16 = 0) -> LabAnswer {
        let age = front?.age(ofPort: sourcePort, at: now) ?? 0
        var answer = answer(
            question, at: now, lag: lag(ofPort: sourcePort) + .seconds(age),
            isAuthoritative: conduct == .authoritative && !missesAuthority(port: sourcePort))
        guard age > 0, question.type != .soa else { return answer }
        for index in answer.answer.indices {
            let ttl = answer.answer[index].ttl.seconds
            answer.answer[index].ttl = TTL(wire: ttl > UInt32(age) ? ttl - UInt32(age) : 0)
        }
        return answer
    }

    private func missesAuthority(port: UInt16) -> Bool {
        var hash = SeededGenerator(seed: UInt64(port) &+ 55)
        return missingAuthority > 0 && hash.next() % 100 < UInt64(missingAuthority)
    }

    private func answer(
        _ question: Question, at now: Instant, lag: Duration, isAuthoritative: Bool
    ) -> LabAnswer {
        var answer = LabAnswer(isAuthoritative: isAuthoritative)
        var name = question.name
        for _ in 0...LabResolver.longestChain {
            switch find(Question(name, question.type), at: now, lag: lag) {
            case .records(let records):
                answer.answer += records
                return answer
            case .alias(let record, let target):
                answer.answer.append(record)
                guard zone(for: target) != nil else { return answer }
                name = target
            case .noData(let start):
                answer.authority = [start]
                return answer
            case .nameError(let start):
                answer.responseCode = .nameError
                answer.authority = [start]
                return answer
            case .referral(let servers, let glue):
                // AA speaks for the first owner in the answer section; after an alias it stays set.
                if answer.answer.isEmpty { answer.isAuthoritative = false }
                answer.authority = servers
                answer.additional = glue
                return answer
            case .failure(let code):
                return LabAnswer(code)
            }
        }
        return answer
    }
}

extension IPAddress {
    /// 127.0.0.1, where a laboratory server lives unless told otherwise.
    package static let labDefault = IPAddress.v4(0x7F00_0001)
    /// ::1.
    package static let labDefaultV6 = IPAddress.v6(0, 1)
}
