import DNS
import Propagation

/// The authoritative servers of one domain.
package struct AuthorityStatus: Codable, Equatable, Sendable {
    package var zone: DomainName?
    /// Whether all that answer serve the same; `nil` while none does.
    package var consistent: Bool?
    package var servers: [AuthorityServerStatus]
}

/// One address of one authoritative server.
package struct AuthorityServerStatus: Codable, Equatable, Sendable {
    package var name: DomainName?
    package var address: Endpoint
    /// `nil` until it is asked.
    package var state: MailState?
    package var mx: [ReadExchange]
    /// Seconds.
    package var ttl: UInt32?
    package var soaSerial: UInt32?
    package var roundTrip: Milliseconds?
    package var error: String?
    /// Whether it has answered only queries without EDNS; for people.
    package var isWithoutEDNS = false

    enum CodingKeys: String, CodingKey {
        case name, address, state, mx, ttl, soaSerial
        case roundTrip = "rttMs"
        case error
    }
}

/// How a resolver is asked.
package enum Transport: String, Codable, Sendable, CaseIterable {
    case udp
}

/// An extended DNS error (RFC 8914).
package struct ExtendedErrorStatus: Codable, Equatable, Sendable {
    package var code: UInt16
    package var text: String?

    init(_ error: ExtendedError) {
        code = error.code
        text = error.text.isEmpty ? nil : error.text.escapedForDisplay
    }
}

/// One resolver: what it is known to serve, and since or until when.
package struct ResolverStatus: Codable, Equatable, Sendable {
    package var name: String
    package var address: Endpoint
    package var transport: Transport
    package var state: MailState
    /// Since when, without interruption, it has pointed at the target.
    package var targetSince: Timestamp?
    package var clear: Bool
    package var overdue: Bool
    /// Why it does not count, or `nil` if it does.
    package var excluded: String?
    package var mx: [ReadExchange]
    /// Of the copy shown, when it was seen, in seconds.
    package var ttl: UInt32?
    /// Of the copy shown, now, in seconds; 0 once it has expired.
    package var ttlRemaining: Int64?
    package var expiresAt: Timestamp?
    /// Until when a copy of another MX that was seen here can live.
    package var oldUntil: Timestamp?
    package var cachesSeen: Int
    package var confirmations: Int
    package var soaSerial: UInt32?
    /// Of the last answer; `nil` if none came.
    package var rcode: String?
    package var nsid: String?
    package var ede: [ExtendedErrorStatus]
    package var roundTrip: Milliseconds?
    package var checkedAt: Timestamp?
    /// Why the last sample told nothing.
    package var error: String?
    /// Whether it has answered only queries without EDNS; for people.
    package var isWithoutEDNS = false

    enum CodingKeys: String, CodingKey {
        case name, address, transport, state, targetSince, clear, overdue, excluded, mx, ttl, ttlRemaining
        case expiresAt, oldUntil, cachesSeen, confirmations, soaSerial, rcode, nsid, ede
        case roundTrip = "rttMs"
        case checkedAt, error
    }
}

/// A length of time in tenths of a millisecond, written as a number of milliseconds: `11.2`.
package struct Milliseconds: Hashable, Codable, Sendable {
    package var tenths: Int64

    /// Rounds to the nearest tenth; a length below zero is none.
    package init(_ duration: Duration) {
        tenths = max(0, (duration.wholeNanoseconds + 50_000) / 100_000)
    }

    package init(from decoder: any Decoder) throws {
        tenths = Int64((try decoder.singleValueContainer().decode(Double.self) * 10).rounded())
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Double(tenths) / 10)
    }
}
