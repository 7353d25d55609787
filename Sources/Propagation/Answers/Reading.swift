import DNS

/// What one answer says about where mail goes (§1).
package enum MailState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Every exchange is accepted.
    case target
    /// Some exchanges are accepted, some not: mail can still reach the old server.
    case mixed
    /// There are exchanges, none of them accepted.
    case previous
    /// No MX: mail goes to the domain's own addresses (RFC 5321 §5.1), or nowhere.
    case noMX = "no_mx"
    /// An answer that tells neither old nor new: SERVFAIL, REFUSED, filtered, malformed, …
    case failing
    /// No acceptable answer after all tries.
    case silent

    /// *Informative*: the answer tells which MX the server has; `failing` and `silent` do not.
    package var isInformative: Bool { self != .failing && self != .silent }
}

/// The three ways in which a domain has no MX.
package enum Absence: String, Sendable, Hashable, Codable {
    /// The name exists, without MX (RFC 2308 §2.2).
    case noData = "NODATA"
    /// The name does not exist (RFC 2308 §2.1).
    case nameError = "NXDOMAIN"
    /// The domain says that it takes no mail (RFC 7505).
    case nullMX = "null MX"
}

/// One exchange in an answer.
package struct ReadExchange: Sendable, Hashable, Codable {
    package var preference: UInt16
    package var exchange: DomainName
    package var accepted: Bool

    package init(preference: UInt16, exchange: DomainName, accepted: Bool) {
        self.preference = preference
        self.exchange = exchange
        self.accepted = accepted
    }
}

/// A *reading*: an answer about the MX, read against a target (§1).
package struct Reading: Sendable, Hashable {
    package var state: MailState
    /// By preference, then name; empty unless the state is `target`, `mixed` or `previous`.
    package var exchanges: [ReadExchange] = []
    /// The MX RRset's lowest TTL; for `no_mx` the negative TTL; `nil` where not informative.
    package var ttl: TTL?
    /// A copy's *lifetime*: the greatest TTL of CNAME chain and RRset; a cache may hold each link on its own.
    package var lifetime: TTL?
    package var absence: Absence?
    /// The RRset carried different TTLs, which RFC 2181 §5.2 forbids.
    package var hasUnequalTTLs = false
    /// The end of the CNAME chain, where there is one.
    package var canonicalName: DomainName?
    /// The end of a CNAME chain that leads out of the server's zones: the MX has to be asked there. The state
    /// is `failing`, and `lifetime` that of the chain.
    package var danglingAlias: DomainName?
    package var responseCode: ResponseCode?
    package var isAuthoritative = false
    package var nsid: [UInt8]?
    package var extendedErrors: [ExtendedError] = []
    /// Why an answer is `failing` or `silent`. It may hold text from the network: escape it for display.
    package var error: String?
    /// The server refuses us: REFUSED, NOTIMP, FORMERR, or an EDE that says so.
    package var isRefusal = false
    /// This host cannot send to the server's address family.
    package var hasNoRoute = false
    /// The server answered only without EDNS.
    package var isWithoutEDNS = false

    /// The TTL of a negative answer without SOA: 300 s, the longest that most resolvers keep one. RFC 2308 §5
    /// would have none cached, so this is generous.
    package static let negativeTTLWithoutSOA = TTL(seconds: 300)
    /// The longest that a negative answer is kept: 3 h, BIND's `max-ncache-ttl` and RFC 2308 §5's upper end.
    package static let longestNegativeTTL = TTL(seconds: 10_800)
    /// The longest CNAME chain that is followed.
    package static let maximumChain = 8

    package init(state: MailState) { self.state = state }

    /// Whether the server says that it does not know the zone: NOTAUTH, or EDE 20 (RFC 8914 §4.21). REFUSED
    /// does not.
    var deniesZone: Bool {
        responseCode == .notAuthoritative || extendedErrors.contains { $0.code == 20 }
    }

    /// Whether another reading, of another back end, is worse: further from the target, or longer-lived.
    func isPreferable(to other: Reading) -> Bool {
        severity != other.severity
            ? severity < other.severity
            : (lifetime ?? TTL(seconds: 0)) < (other.lifetime ?? TTL(seconds: 0))
    }

    /// Informative outweighs not informative; another MX, with AA or without, outweighs the target.
    private var severity: Int {
        if state == .silent { return 0 }
        if danglingAlias != nil, isAuthoritative { return 3 }
        if state == .failing { return 1 }
        if state == .target { return isAuthoritative ? 2 : 1 }
        return isAuthoritative ? 5 : 4
    }

    /// Whether the server says that the answer is stale (RFC 8914 §4.4, §4.20).
    package var isDeclaredStale: Bool { extendedErrors.contains(where: \.isStale) }
}

extension Reading {
    /// Reads the outcome of a question for `domain`'s MX.
    package init(of outcome: Outcome, domain: DomainName, target: Target) {
        switch outcome {
        case .silent(let silence):
            self.init(state: .silent)
            error = silence.explanation
            if case .noRoute = silence { hasNoRoute = true }
        case .malformed(let reason):
            self.init(state: .failing)
            error = "malformed answer: \(reason)"
        case .bareError(let code):
            self.init(state: .failing)
            take(code)
            error = "\(code), without the question"
            // Without the question, NOTAUTH names no zone.
            if code == .notAuthoritative { responseCode = nil }
        case .response(let message):
            self.init(of: message, domain: domain, target: target)
        }
    }

    private init(of message: Message, domain: DomainName, target: Target) {
        self.init(state: .failing)
        responseCode = message.responseCode
        isAuthoritative = message.isAuthoritative
        nsid = message.edns?.nsid
        extendedErrors = message.edns?.extendedErrors ?? []
        if let refusal = extendedErrors.first(where: \.isRefusal) {
            isRefusal = true
            error = "filtered: EDE \(refusal.code)\(refusal.text.isEmpty ? "" : " (\(refusal.text))")"
            return
        }
        switch message.responseCode {
        case .noError, .nameError: readAnswer(message, domain: domain, target: target)
        default:
            take(message.responseCode)
            if message.answer.contains(where: { $0.type == .mx }) { error! += ", with MX records" }
        }
    }

    private mutating func take(_ code: ResponseCode) {
        responseCode = code
        isRefusal = [.refused, .notImplemented, .formatError].contains(code)
        error = "\(code)"
    }

    private mutating func readAnswer(_ message: Message, domain: DomainName, target: Target) {
        guard let chain = Chain(message.answer, from: domain) else {
            error = "the CNAME chain loops or has more than \(Self.maximumChain) links"
            return
        }
        if chain.end != domain { canonicalName = chain.end }
        var count = 0
        var longest: TTL?
        for record in message.answer where record.type == .mx && record.owner == chain.end {
            guard case .mx(let exchange) = record.data else { continue }
            count += 1
            exchanges.append(
                ReadExchange(
                    preference: exchange.preference, exchange: exchange.exchange,
                    accepted: target.accepts(exchange.exchange)))
            ttl = min(ttl ?? record.ttl, record.ttl)
            longest = max(longest ?? record.ttl, record.ttl)
        }
        if count == 0 { return readAbsence(message, chain: chain) }
        guard message.responseCode == .noError else {
            (exchanges, ttl) = ([], nil)
            error = "\(message.responseCode), with MX records"
            return
        }
        hasUnequalTTLs = longest != ttl
        lifetime = PlantedFault.aliasesForgotten.isPlanted ? ttl : max(ttl ?? chain.ttl, chain.ttl)
        if count == 1, exchanges[0].exchange.isRoot {
            absence = .nullMX
            exchanges = []
            state = .noMX
            return
        }
        if count > 1 { exchanges.sort(by: ReadExchange.inDisplayOrder) }
        let accepted = exchanges.count(where: \.accepted)
        state = accepted == count ? .target : accepted == 0 ? .previous : .mixed
    }

    /// A negative answer counts unless it is a referral, or breaks off in a CNAME chain (an authoritative
    /// server does not follow one out of its zones), or its SOA is no ancestor's (RFC 2308 §2), as at a
    /// portal.
    private mutating func readAbsence(_ message: Message, chain: Chain) {
        let startOfAuthority = message.authority.first { $0.type == .soa }
        let isForeign = startOfAuthority.map { !chain.end.isAtOrBelow($0.owner) } ?? false
        if message.responseCode == .noError, startOfAuthority == nil || isForeign {
            if message.authority.contains(where: { $0.type == .ns }) {
                error = "a referral instead of an answer"
                return
            }
            if chain.links > 0 {
                danglingAlias = chain.end
                lifetime = chain.ttl
                error = "the answer ends at the CNAME target \(chain.end), without its MX"
                return
            }
        }
        if isForeign, let startOfAuthority {
            error = "a negative answer of the zone \(startOfAuthority.owner), which \(chain.end) is not in"
            return
        }
        state = .noMX
        absence = message.responseCode == .nameError ? .nameError : .noData
        ttl = Self.negativeTTL(startOfAuthority)
        lifetime = max(min(ttl ?? chain.ttl, Self.longestNegativeTTL), chain.ttl)
        if PlantedFault.negativeCopiesForgotten.isPlanted { lifetime = TTL(seconds: 0) }
    }

    /// min(SOA TTL, SOA MINIMUM), RFC 2308 §5.
    private static func negativeTTL(_ record: ResourceRecord?) -> TTL {
        guard let record, case .soa(let authority) = record.data else { return negativeTTLWithoutSOA }
        return min(record.ttl, TTL(wire: authority.minimum))
    }
}

extension ReadExchange {
    static func inDisplayOrder(_ left: ReadExchange, _ right: ReadExchange) -> Bool {
        left.preference != right.preference
            ? left.preference < right.preference
            : left.exchange.wire.lexicographicallyPrecedes(right.exchange.wire)
    }
}

/// The CNAME links of an answer, followed from the name that was asked.
package struct Chain {
    package private(set) var end: DomainName
    package private(set) var links = 0
    /// The greatest TTL among the links; 0 where there are none.
    private(set) var ttl = TTL(seconds: 0)

    /// `nil` where the chain loops or is longer than `Reading.maximumChain`.
    package init?(_ records: [ResourceRecord], from name: DomainName) {
        end = name
        while let record = records.first(where: { $0.type == .cname && $0.owner == end }),
            case .cname(let next) = record.data
        {
            links += 1
            guard links <= Reading.maximumChain else { return nil }
            end = next
            ttl = max(ttl, record.ttl)
        }
    }
}

extension Outcome.Silence {
    /// A few words for a table's cell.
    package var explanation: String {
        switch self {
        case .timeout: "no answer in time"
        case .unreachable(let reason): "unreachable: \(reason)"
        case .noRoute(let reason): "no route from this host: \(reason)"
        case .cancelled: "cancelled before an answer came"
        }
    }
}
