import DNS
import Propagation

/// Short ways to make what the core takes in.
package enum Make {
    package static let domain: DomainName = "example.it"

    package static func mx(_ exchanges: [(UInt16, DomainName)], ttl: Int = 600, owner: DomainName = domain)
        -> [ResourceRecord]
    {
        exchanges.map { preference, exchange in
            ResourceRecord(
                owner: owner, type: .mx, ttl: TTL(seconds: ttl),
                data: .mx(MailExchange(preference: preference, exchange: exchange)))
        }
    }

    package static func cname(_ owner: DomainName, _ target: DomainName, ttl: Int = 600) -> ResourceRecord {
        ResourceRecord(owner: owner, type: .cname, ttl: TTL(seconds: ttl), data: .cname(target))
    }

    package static func soa(ttl: Int = 900, minimum: UInt32 = 300, serial: UInt32 = 1, refresh: UInt32 = 3600)
        -> ResourceRecord
    {
        ResourceRecord(
            owner: domain, type: .soa, ttl: TTL(seconds: ttl),
            data: .soa(
                StartOfAuthority(
                    primary: "ns1.example.it", serial: SerialNumber(serial), refresh: refresh,
                    minimum: minimum)))
    }

    package static func answer(
        _ records: [ResourceRecord], authority: [ResourceRecord] = [], code: ResponseCode = .noError,
        isAuthoritative: Bool = false, edns: EDNS? = nil
    ) -> Outcome {
        .response(
            Message(
                isAuthoritative: isAuthoritative, responseCode: code, question: Question(domain, .mx),
                answer: records, authority: authority, edns: edns))
    }

    package static func reading(_ outcome: Outcome, target: Target = .qboxmail) -> Reading {
        Reading(of: outcome, domain: domain, target: target)
    }

    package static func target(ttl: Int = 600, nsid: String? = nil, isAuthoritative: Bool = false) -> Reading
    {
        reading(
            answer(
                mx([(10, "mx01.cbsolt.net")], ttl: ttl), isAuthoritative: isAuthoritative,
                edns: nsid.map { EDNS(payloadSize: 1232, nsid: Array($0.utf8)) }))
    }

    package static func previous(ttl: Int = 600, nsid: String? = nil, isAuthoritative: Bool = false)
        -> Reading
    {
        reading(
            answer(
                mx([(10, "mail.old.it")], ttl: ttl), isAuthoritative: isAuthoritative,
                edns: nsid.map { EDNS(payloadSize: 1232, nsid: Array($0.utf8)) }))
    }

    package static let silent = reading(.silent(.timeout))
    package static let noRoute = reading(.silent(.noRoute("network unreachable")))
    package static let serverFailure = reading(answer([], code: .serverFailure))
    package static let refused = reading(answer([], code: .refused))

    package static func resolvers(_ count: Int, optional: Set<Int> = []) -> [ResolverIdentity] {
        (0..<count).map {
            ResolverIdentity(
                name: "r\($0)", endpoint: Endpoint("127.0.0.1:\(5300 + $0)")!,
                isOptional: optional.contains($0))
        }
    }

    package static func delegation(_ count: Int) -> Delegation {
        Delegation(zone: domain, servers: servers(count))
    }

    package static func servers(_ count: Int) -> [AuthorityIdentity] {
        (0..<count).map { AuthorityIdentity(name: nil, endpoint: Endpoint("127.0.0.2:\(5300 + $0)")!) }
    }
}

/// `at(5)`: five seconds after the origin of the test's clock.
package func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

/// A policy for a single sweep: confirmations need no spread.
package let sweepPolicy = Policy(confirmationSpread: .zero)
