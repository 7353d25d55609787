import DNS
import DNSClient
import Propagation

/// The questions of one sweep over the resolvers, and how their answers are taken in.
struct Sweep: Sendable {
    let domain: DomainName
    let resolvers: [ResolverIdentity]
    /// MX samples a resolver; one SOA rides along.
    let samples: Int

    /// Resolver by resolver: `samples` times MX, then SOA. The batch's duplicates leave from different
    /// ports, which is the client's promise.
    var requests: [Request] {
        resolvers.flatMap {
            ResolverSamples(domain: domain, server: $0.endpoint, samples: samples, asksSerial: true).requests
        }
    }

    func record(_ exchanges: ArraySlice<Exchange>, in tracker: inout DomainTracker) {
        var rest = exchanges
        for index in resolvers.indices {
            // The core takes them in the order in which they came.
            for exchange in rest.prefix(samples).sorted(by: { $0.received < $1.received }) {
                tracker.take(exchange, resolver: index)
            }
            rest = rest.dropFirst(samples)
            if let exchange = rest.popFirst(), let authority = exchange.startOfAuthority(of: domain) {
                tracker.record(serial: authority.serial, resolver: index, at: exchange.received)
            }
        }
    }
}

/// The questions for one resolver: several times MX, then SOA.
struct ResolverSamples: Sendable {
    let domain: DomainName
    let server: Endpoint
    let samples: Int
    let asksSerial: Bool

    var requests: [Request] {
        let mx = Request(server: server, question: Question(domain, .mx), recursionDesired: true)
        let soa = Request(server: server, question: Question(domain, .soa), recursionDesired: true)
        return Array(repeating: mx, count: samples) + (asksSerial ? [soa] : [])
    }
}

/// The questions of one poll of the authoritative servers: MX and SOA each, without recursion.
struct AuthorityPoll: Sendable {
    let domain: DomainName
    let servers: [AuthorityIdentity]

    var requests: [Request] {
        servers.flatMap { server in
            [RecordType.mx, .soa].map {
                Request(
                    server: server.endpoint, question: Question(server.alias ?? domain, $0),
                    recursionDesired: false)
            }
        }
    }

    /// What the servers told, from the exchanges of `requests`.
    func answers(_ exchanges: [Exchange], target: Target) -> [WatchState.PollAnswer] {
        servers.enumerated().map { index, server in
            let (mx, soa) = (exchanges[2 * index], exchanges[2 * index + 1])
            let name = server.alias ?? domain
            return WatchState.PollAnswer(
                server, mx.sample(of: name, target: target),
                Self.cameTogether(mx, soa) ? soa.startOfAuthority(of: name) : nil, zone: soa.zone(of: name))
        }
    }

    /// A serial says something of the MX only if both were asked at about the same time: one that came by a
    /// second try may be that of a later version.
    private static func cameTogether(_ mx: Exchange, _ soa: Exchange) -> Bool {
        guard mx.measuredRoundTrip != nil else { return true }
        let apart = soa.sent - mx.sent
        return apart > .seconds(-1) && apart < .seconds(1)
    }
}

extension DomainTracker {
    /// Takes in one sample of a resolver's MX.
    mutating func take(_ exchange: Exchange, resolver index: Int) {
        let sample = exchange.sample(of: domain, target: target)
        record(sample.reading, resolver: index, at: sample.received, roundTrip: sample.roundTrip)
    }
}

extension Exchange {
    /// What the answer says about the MX of `domain`.
    func sample(of domain: DomainName, target: Target) -> WatchState.Sample {
        WatchState.Sample(
            Reading(of: outcome, domain: domain, target: target), received: received,
            roundTrip: measuredRoundTrip)
    }

    /// `nil` where nothing came back.
    var measuredRoundTrip: Duration? {
        if case .response = outcome { roundTrip } else { nil }
    }

    /// The SOA that an answer about `domain` carries, in its answer or, where the domain is no apex, in its
    /// authority section.
    func startOfAuthority(of domain: DomainName) -> StartOfAuthority? {
        guard case .response(let message) = outcome else { return nil }
        for section in [message.answer, message.authority] {
            for record in section where record.type == .soa && domain.isAtOrBelow(record.owner) {
                if case .soa(let authority) = record.data { return authority }
            }
        }
        return nil
    }

    /// The zone whose SOA the answer carries.
    func zone(of domain: DomainName) -> DomainName? {
        guard case .response(let message) = outcome else { return nil }
        return AuthorityDiscovery.zone(of: domain, in: message)
    }
}
