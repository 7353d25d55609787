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
        let mx = Question(domain, .mx)
        let soa = Question(domain, .soa)
        var requests: [Request] = []
        requests.reserveCapacity(resolvers.count * (samples + 1))
        for resolver in resolvers {
            for _ in 0..<samples {
                requests.append(Request(server: resolver.endpoint, question: mx, recursionDesired: true))
            }
            requests.append(Request(server: resolver.endpoint, question: soa, recursionDesired: true))
        }
        return requests
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
                tracker.record(serial: authority.serial, resolver: index)
            }
        }
    }
}

/// The questions of one poll of the authoritative servers: MX and SOA each, without recursion.
struct AuthorityPoll: Sendable {
    let domain: DomainName
    let servers: [AuthorityIdentity]

    init(domain: DomainName, authority: AuthorityState) {
        self.domain = domain
        servers = authority.servers.map(\.identity)
    }

    var requests: [Request] {
        servers.flatMap { server in
            [RecordType.mx, .soa].map {
                Request(server: server.endpoint, question: Question(domain, $0), recursionDesired: false)
            }
        }
    }

    func record(_ exchanges: some RandomAccessCollection<Exchange>, in tracker: inout DomainTracker) {
        var iterator = exchanges.makeIterator()
        for index in servers.indices {
            guard let mx = iterator.next(), let soa = iterator.next() else { return }
            let reading = Reading(of: mx.outcome, domain: domain, target: tracker.target)
            tracker.authority.record(reading, server: index, at: mx.received, roundTrip: mx.measuredRoundTrip)
            if let authority = soa.startOfAuthority(of: domain) {
                tracker.authority.record(authority, server: index)
                if tracker.authority.zone == nil { tracker.authority.zone = soa.zone(of: domain) }
            }
        }
    }
}

extension DomainTracker {
    /// Takes in one sample of a resolver's MX.
    mutating func take(_ exchange: Exchange, resolver index: Int) {
        record(
            Reading(of: exchange.outcome, domain: domain, target: target), resolver: index,
            at: exchange.received, roundTrip: exchange.measuredRoundTrip)
    }
}

extension Exchange {
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

    func zone(of domain: DomainName) -> DomainName? {
        guard case .response(let message) = outcome else { return nil }
        return AuthorityDiscovery.zone(of: domain, in: message)
    }
}
