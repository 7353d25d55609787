/// An RR type (RFC 1035 §3.2.2). Open: types that have no mnemonic here survive.
package struct RecordType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let mx = RecordType(rawValue: 15)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let opt = RecordType(rawValue: 41)
    package static let ds = RecordType(rawValue: 43)
    package static let tlsa = RecordType(rawValue: 52)

    /// The mnemonic, or `TYPEnnn` (RFC 3597 §5).
    package var description: String {
        switch self {
        case .a: "A"
        case .ns: "NS"
        case .cname: "CNAME"
        case .soa: "SOA"
        case .mx: "MX"
        case .txt: "TXT"
        case .aaaa: "AAAA"
        case .opt: "OPT"
        case .ds: "DS"
        case .tlsa: "TLSA"
        default: "TYPE\(rawValue)"
        }
    }
}

/// A response code of 12 bits: the header's four and the eight of EDNS (RFC 6891 §6.1.3).
package struct ResponseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let noError = ResponseCode(rawValue: 0)
    package static let formatError = ResponseCode(rawValue: 1)
    package static let serverFailure = ResponseCode(rawValue: 2)
    package static let nameError = ResponseCode(rawValue: 3)
    package static let notImplemented = ResponseCode(rawValue: 4)
    package static let refused = ResponseCode(rawValue: 5)
    package static let notAuthoritative = ResponseCode(rawValue: 9)
    package static let badVersion = ResponseCode(rawValue: 16)

    /// Whether this may be the reply of a server that does not take EDNS (RFC 6891 §6.1.3, §7).
    package var mayRejectEDNS: Bool {
        self == .formatError || self == .notImplemented || self == .badVersion
    }

    /// The mnemonic of the IANA registry, or `RCODEnnn`.
    package var description: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .notAuthoritative: "NOTAUTH"
        case .badVersion: "BADVERS"
        default: "RCODE\(rawValue)"
        }
    }
}

/// What a query asks of a resolver that validates DNSSEC signatures.
package enum Validation: Hashable, Sendable {
    /// Nothing: the resolver follows its own configuration.
    case unspecified
    /// To say by the AD bit whether it has validated the answer (RFC 6840 §5.7).
    case reported
    /// To answer without validation: CD (RFC 4035 §3.2.2).
    case disabled
}

/// A time to live in whole seconds, 0 to 604,800.
package struct TTL: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let seconds: UInt32

    /// Seven days: larger values, those with the top bit set among them, are capped here (RFC 8767 §4).
    package static let maximum: UInt32 = 604_800

    /// Takes the 32 bits of the wire, and caps them.
    package init(wire: UInt32) { seconds = min(wire, Self.maximum) }
    /// Takes seconds, and caps them.
    package init(seconds: Int) { self.seconds = UInt32(max(0, min(seconds, Int(Self.maximum)))) }

    package static func < (left: TTL, right: TTL) -> Bool { left.seconds < right.seconds }
    package var duration: Duration { .seconds(Int64(seconds)) }
    package var description: String { "\(seconds)" }
}

/// A zone's serial number, compared in sequence space (RFC 1982 §3.2).
package struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }

    /// Whether `self` comes before `other`; `nil` if RFC 1982 leaves it undefined (a distance of 2³¹).
    package func precedes(_ other: SerialNumber) -> Bool? {
        let distance = other.value &- value
        return distance == 0x8000_0000 ? nil : distance != 0 && distance < 0x8000_0000
    }

    package var description: String { "\(value)" }
}
