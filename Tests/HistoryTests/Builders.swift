import DNS
import Foundation
import History
import Propagation

/// Short ways to make what a history keeps.
enum Make {
    static let domain: DomainName = "example.it"
    static let resolvers = (1...3).map {
        ResolverIdentity(name: "cache-\($0)", endpoint: Endpoint("192.0.2.\($0):53")!)
    }
    static let server = AuthorityIdentity(name: "ns1.example.it", endpoint: Endpoint("198.51.100.1:53")!)

    static func tracker(
        _ domain: DomainName = domain, target: Target = .qboxmail, policy: Policy = Policy(),
        resolvers: [ResolverIdentity] = resolvers
    ) -> DomainTracker {
        DomainTracker(domain: domain, target: target, policy: policy, resolvers: resolvers)
    }

    static func reading(
        _ exchange: DomainName, ttl: Int = 600, isAuthoritative: Bool = false, target: Target = .qboxmail
    ) -> Reading {
        let record = ResourceRecord(
            owner: domain, type: .mx, ttl: TTL(seconds: ttl),
            data: .mx(MailExchange(preference: 10, exchange: exchange)))
        let message = Message(
            isAuthoritative: isAuthoritative, responseCode: .noError, question: Question(domain, .mx),
            answer: [record], authority: [], edns: nil)
        return Reading(of: .response(message), domain: domain, target: target)
    }

    static func soa(_ serial: UInt32) -> StartOfAuthority {
        StartOfAuthority(
            primary: "ns1.example.it", serial: SerialNumber(serial), refresh: 3600, minimum: 300)
    }

    static func clock(_ seconds: Int64) -> ClockReading {
        ClockReading(
            instant: Instant(seconds: seconds),
            wall: WallTime(milliseconds: 1_800_000_000_000 + seconds * 1_000))
    }
}

extension DomainTracker {
    /// All resolvers and the authoritative server give the same, at `seconds`.
    mutating func see(
        _ exchange: DomainName, ttl: Int = 600, serial: UInt32 = 1, at seconds: Int64
    ) -> [(at: Instant, event: Event)] {
        let now = Instant(seconds: seconds)
        for index in resolvers.indices {
            for sample in 0..<3 {
                record(
                    Make.reading(exchange, ttl: ttl, target: target), resolver: index,
                    at: now - .milliseconds(30 - sample * 10))
            }
        }
        return seeAuthority(exchange, ttl: ttl, serial: serial, at: seconds)
    }

    /// The authoritative server gives this.
    mutating func seeAuthority(
        _ exchange: DomainName, ttl: Int = 600, serial: UInt32 = 1, at seconds: Int64
    ) -> [(at: Instant, event: Event)] {
        let now = Instant(seconds: seconds)
        authority.apply(Delegation(zone: "example.it", servers: [Make.server]), at: now)
        authority.record(
            Make.reading(exchange, ttl: ttl, isAuthoritative: true, target: target), server: 0, at: now,
            roundTrip: nil)
        authority.record(Make.soa(serial), server: 0, at: now)
        return conclude(at: now).map { (now, $0) }
    }
}

/// A folder for one test, gone when `body` returns or throws.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "propaga-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// A store in a folder of its own.
func withStore<Value>(_ body: (HistoryStore) async throws -> Value) async throws -> Value {
    try await withFolder { folder in
        try await body(HistoryStore(path: folder.appending(path: "h.sqlite").path, boot: "a"))
    }
}
