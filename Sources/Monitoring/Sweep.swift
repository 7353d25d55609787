import DNS
import DNSClient
import Propagation

/// The questions of one part of a sweep over the resolvers, and what to do with their answers.
struct Sweep: Sendable {
    private let questions: [(resolver: Int, samples: ResolverSamples)]

    /// The first part: what each resolver shows. If it shows another MX, it is not clear, and needs no more samples.
    init(first tracker: DomainTracker) {
        questions = tracker.resolvers.indices.map { index in
            (
                index,
                ResolverSamples(
                    tracker, resolver: index, samples: 1, asksSerial: true, asksNameServers: false)
            )
        }
    }

    /// The second part: more samples, from other ports, of the resolvers that show the target; and copies of the NS RRset.
    ///
    /// - Parameters:
    ///   - samples: how many samples of the MX make a resolver clear.
    ///   - isThorough: whether to look for more caches of resolvers that do not show the target.
    ///   - asksNameServers: whether a copy of the NS RRset can name servers that matter.
    init(rest tracker: DomainTracker, samples: Int, isThorough: Bool, asksNameServers: Bool, at now: Instant)
    {
        questions = tracker.resolvers.indices.compactMap { index in
            guard let last = tracker.resolvers[index].last, last.state.isInformative else { return nil }
            let more = ResolverSamples(
                tracker, resolver: index, samples: isThorough || last.state == .target ? samples - 1 : 0,
                asksSerial: false,
                asksNameServers: asksNameServers && tracker.wantsNameServers(ofResolver: index, at: now))
            return more.count > 0 ? (index, more) : nil
        }
    }

    /// Resolver by resolver. The client promises that equal questions of a batch leave from different ports.
    var requests: [Request] { questions.flatMap(\.samples.requests) }

    /// Records the results of several domains' sweeps, each in its own tracker.
    ///
    /// - Parameter exchanges: those of all sweeps' `requests`, sweep by sweep.
    /// - Returns: the domains for which a copy of the NS RRset names new servers.
    @discardableResult
    static func record(
        _ exchanges: [Exchange], of sweeps: [Sweep], in trackers: inout [DomainTracker]
    ) -> [Int] {
        var rest = exchanges[...]
        return sweeps.indices.filter { sweeps[$0].record(&rest, in: &trackers[$0]) }
    }

    /// Takes its own part from the front of `rest`.
    private func record(_ rest: inout ArraySlice<Exchange>, in tracker: inout DomainTracker) -> Bool {
        var namesMore = false
        for (resolver, question) in questions {
            let told = question.told(rest.prefix(question.count), target: tracker.target)
            rest = rest.dropFirst(question.count)
            for sample in told.samples {
                tracker.record(
                    sample.reading, resolver: resolver, at: sample.received, roundTrip: sample.roundTrip)
            }
            if let (serial, received) = told.serial {
                tracker.record(serial: serial, resolver: resolver, at: received)
            }
            if question.zone != nil, tracker.record(nameServers: told.nameServers, resolver: resolver) {
                namesMore = true
            }
        }
        return namesMore
    }
}

extension ResolverSamples {
    init(
        _ tracker: DomainTracker, resolver: Int, samples: Int, asksSerial: Bool, asksNameServers: Bool
    ) {
        self.init(
            domain: tracker.domain, server: tracker.resolvers[resolver].identity.endpoint, samples: samples,
            asksSerial: asksSerial,
            zone: asksNameServers ? tracker.authority.zone ?? tracker.domain : nil)
    }
}

/// The questions for one resolver: several times MX, then SOA, then NS.
struct ResolverSamples: Sendable {
    let domain: DomainName
    let server: Endpoint
    let samples: Int
    let asksSerial: Bool
    /// The zone whose NS RRset is asked for, if any.
    let zone: DomainName?

    /// Their results.
    struct Told: Sendable {
        /// In the order in which they came.
        var samples: [WatchState.Sample]
        var serial: (SerialNumber, received: Instant)?
        var nameServers: WatchState.NameServerCopy?
    }

    var count: Int { samples + (asksSerial ? 1 : 0) + (zone == nil ? 0 : 1) }

    var requests: [Request] {
        let names =
            Array(repeating: Question(domain, .mx), count: samples)
            + (asksSerial ? [Question(domain, .soa)] : []) + (zone.map { [Question($0, .ns)] } ?? [])
        return names.map { Request(server: server, question: $0, recursionDesired: true) }
    }

    /// - Parameter exchanges: those of `requests`.
    func told(_ exchanges: ArraySlice<Exchange>, target: Target) -> Told {
        let mx = exchanges.prefix(samples).map { $0.sample(of: domain, target: target) }
        var told = Told(samples: mx.sorted { $0.received < $1.received })
        if asksSerial, let soa = exchanges.dropFirst(samples).first,
            let authority = soa.startOfAuthority(of: domain)
        {
            told.serial = (authority.serial, soa.received)
        }
        if let zone { told.nameServers = exchanges.last?.nameServers(of: zone) }
        return told
    }
}

/// The questions of one poll of the authoritative servers: MX and SOA each, without recursion.
struct AuthorityPoll: Sendable {
    let domain: DomainName
    let servers: [AuthorityIdentity]
    let scope: WatchState.PollScope

    var requests: [Request] {
        servers.flatMap { server in
            scope.types(for: server).map {
                Request(
                    server: server.endpoint, question: Question(server.alias ?? domain, $0),
                    recursionDesired: false, isPoll: true, goesFirst: scope.goesFirst)
            }
        }
    }

    /// What the servers told, from the exchanges of `requests`.
    func answers(_ exchanges: [Exchange], target: Target) -> [WatchState.PollAnswer] {
        var rest = exchanges[...]
        return servers.map { server in
            let wanted = scope.questions(for: server)
            let mx = rest.prefix(wanted.mx)
            rest = rest.dropFirst(wanted.mx)
            let soa = wanted.serial ? rest.popFirst() : nil
            let name = server.alias ?? domain
            let samples = mx.map { $0.sample(of: name, target: target) }
            guard let soa, soa.isAuthoritative, mx.allSatisfy({ Self.cameTogether($0, soa) }) else {
                return WatchState.PollAnswer(server, samples)
            }
            return WatchState.PollAnswer(
                server, samples, soa.startOfAuthority(of: name), at: soa.received,
                zone: soa.zone(of: name))
        }
    }

    /// A serial belongs to the MX only if both were asked at about the same time: after a second try the serial may be
    /// that of a later version.
    private static func cameTogether(_ mx: Exchange, _ soa: Exchange) -> Bool {
        guard mx.measuredRoundTrip != nil else { return true }
        let apart = soa.sent - mx.sent
        return apart > .seconds(-1) && apart < .seconds(1)
    }
}

extension Exchange {
    /// What the answer says about the MX of `domain`.
    func sample(of domain: DomainName, target: Target) -> WatchState.Sample {
        var reading = Reading(of: outcome, domain: domain, target: target)
        reading.isWithoutEDNS = isWithoutEDNS
        return WatchState.Sample(reading, received: received, roundTrip: measuredRoundTrip)
    }

    /// Whether an answer with AA came back.
    var isAuthoritative: Bool {
        if case .response(let message) = outcome { message.isAuthoritative } else { false }
    }

    /// `nil` if nothing came back.
    var measuredRoundTrip: Duration? {
        if case .response = outcome { roundTrip } else { nil }
    }

    /// The SOA that an answer about `domain` carries.
    func startOfAuthority(of domain: DomainName) -> StartOfAuthority? {
        if case .response(let message) = outcome { message.startOfAuthority(of: domain) } else { nil }
    }

    /// The copy of the zone's NS RRset in the answer.
    func nameServers(of zone: DomainName) -> WatchState.NameServerCopy? {
        guard case .response(let message) = outcome, message.responseCode == .noError,
            let set = NameServerSet(of: zone, in: message.answer)
        else { return nil }
        return WatchState.NameServerCopy(set.names, remaining: set.ttl, received: received)
    }

    /// The zone whose SOA the answer carries.
    func zone(of domain: DomainName) -> DomainName? {
        guard case .response(let message) = outcome, message.tells else { return nil }
        return AuthorityDiscovery.zone(of: domain, in: message)
    }
}
