/// What is asked: a name and a type, in class IN.
package struct Question: Hashable, Sendable, CustomStringConvertible {
    package var name: DomainName
    package var type: RecordType

    package init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }

    package var description: String { "\(name) \(type)" }
}

/// One target of an MX RRset (RFC 1035 §3.3.9).
package struct MailExchange: Hashable, Sendable {
    package var preference: UInt16
    package var exchange: DomainName

    package init(preference: UInt16, exchange: DomainName) {
        self.preference = preference
        self.exchange = exchange
    }

    /// `0 .`: the domain takes no mail at all (RFC 7505 §3).
    package var isNull: Bool { exchange.isRoot }
}

/// The fields of an SOA RR that matter here (RFC 1035 §3.3.13), times in seconds.
package struct StartOfAuthority: Hashable, Sendable {
    package var primary: DomainName
    package var serial: SerialNumber
    package var refresh: UInt32
    package var retry: UInt32
    package var minimum: UInt32

    package init(
        primary: DomainName, serial: SerialNumber, refresh: UInt32, retry: UInt32 = 0, minimum: UInt32
    ) {
        self.primary = primary
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.minimum = minimum
    }
}

/// The RDATA of a TLSA RR (RFC 6698 §2.1): which certificate a server must show.
package struct CertificateAssociation: Hashable, Sendable {
    package var usage: UInt8
    package var selector: UInt8
    package var matchingType: UInt8
    package var data: [UInt8]

    package init(usage: UInt8, selector: UInt8, matchingType: UInt8, data: [UInt8]) {
        self.usage = usage
        self.selector = selector
        self.matchingType = matchingType
        self.data = data
    }
}

/// The RDATA of one RR; types that this program does not read keep their octets.
package enum RecordData: Hashable, Sendable {
    case mx(MailExchange)
    case soa(StartOfAuthority)
    case ns(DomainName)
    case cname(DomainName)
    case address(IPAddress)
    case txt([[UInt8]])
    case tlsa(CertificateAssociation)
    case other([UInt8])
}

/// One resource record of class IN.
package struct ResourceRecord: Hashable, Sendable {
    package var owner: DomainName
    package var type: RecordType
    package var ttl: TTL
    package var data: RecordData

    package init(owner: DomainName, type: RecordType, ttl: TTL, data: RecordData) {
        self.owner = owner
        self.type = type
        self.ttl = ttl
        self.data = data
    }
}

/// One extended DNS error (RFC 8914): a code and an optional text, not yet escaped for display.
package struct ExtendedError: Hashable, Sendable, Codable {
    package var code: UInt16
    /// UTF-8 as it came, ill-formed octets replaced. Escape it before it is shown.
    package var text: String

    package init(code: UInt16, text: String) {
        self.code = code
        self.text = text
    }

    /// The resolver says that the answer is past its TTL: Stale Answer, Stale NXDOMAIN Answer (§4.4, §4.20).
    package var isStale: Bool { code == 3 || code == 19 }
    /// The resolver says that it will not tell us: Blocked, Censored, Filtered, Prohibited (§4.16–§4.19).
    package var isRefusal: Bool { (15...18).contains(code) }
}

/// What the OPT pseudo-RR of a response said (RFC 6891).
package struct EDNS: Hashable, Sendable {
    package var payloadSize: UInt16
    /// The NSID option's octets (RFC 5001), opaque; `nil` if the server sent none.
    package var nsid: [UInt8]?
    package var extendedErrors: [ExtendedError]

    package init(payloadSize: UInt16, nsid: [UInt8]? = nil, extendedErrors: [ExtendedError] = []) {
        self.payloadSize = payloadSize
        self.nsid = nsid
        self.extendedErrors = extendedErrors
    }
}

/// A decoded response to one question.
package struct Message: Hashable, Sendable {
    package var id: UInt16
    package var isAuthoritative: Bool
    package var isTruncated: Bool
    package var recursionAvailable: Bool
    /// AD: the resolver has validated the answer (RFC 4035 §3.2.3).
    package var isAuthenticated: Bool
    /// All 12 bits if the response had an OPT, otherwise the header's four.
    package var responseCode: ResponseCode
    package var question: Question
    package var answer: [ResourceRecord]
    package var authority: [ResourceRecord]
    package var additional: [ResourceRecord]
    package var edns: EDNS?

    package init(
        id: UInt16 = 0, isAuthoritative: Bool = false, isTruncated: Bool = false,
        recursionAvailable: Bool = false, isAuthenticated: Bool = false,
        responseCode: ResponseCode = .noError, question: Question, answer: [ResourceRecord] = [],
        authority: [ResourceRecord] = [], additional: [ResourceRecord] = [], edns: EDNS? = nil
    ) {
        self.id = id
        self.isAuthoritative = isAuthoritative
        self.isTruncated = isTruncated
        self.recursionAvailable = recursionAvailable
        self.isAuthenticated = isAuthenticated
        self.responseCode = responseCode
        self.question = question
        self.answer = answer
        self.authority = authority
        self.additional = additional
        self.edns = edns
    }
}

extension Message {
    /// Whether the answer is usable: NOERROR or NXDOMAIN, and not from a filter.
    package var tells: Bool {
        let isRefused = edns?.extendedErrors.contains(where: \.isRefusal) ?? false
        return (responseCode == .noError || responseCode == .nameError) && !isRefused
    }

    /// The SOA that an answer about `name` carries, in its answer or, if the name is not an apex, in its authority
    /// section; `nil` if there is none.
    package func startOfAuthority(of name: DomainName) -> StartOfAuthority? {
        guard tells else { return nil }
        for section in [answer, authority] {
            for record in section where record.type == .soa && name.isAtOrBelow(record.owner) {
                if case .soa(let start) = record.data { return start }
            }
        }
        return nil
    }
}
