import DNS

/// What a zone, or a cache that remembers a zone, knows about one question.
package enum LabFinding: Hashable, Sendable {
    /// The RRset asked for.
    case records([ResourceRecord])
    /// A CNAME stands at the name (RFC 1034 §3.6.2).
    case alias(ResourceRecord, to: DomainName)
    /// The name is there, the type is not; the zone's SOA comes along (RFC 2308 §2.2).
    case noData(ResourceRecord)
    /// The name is not there (RFC 2308 §2.1).
    case nameError(ResourceRecord)
    /// Others are in charge: the NS RRset of the zone cut, and glue (RFC 1034 §4.3.2).
    case referral([ResourceRecord], glue: [ResourceRecord])
    /// Nobody answers, or nobody sensibly.
    case failure(ResponseCode)

    /// The MX targets, where this is an MX RRset; `nil` otherwise.
    package var exchanges: [MailExchange]? {
        guard case .records(let records) = self else { return nil }
        let exchanges = records.compactMap { record -> MailExchange? in
            if case .mx(let exchange) = record.data { exchange } else { nil }
        }
        return exchanges.isEmpty ? nil : exchanges
    }
}

/// What the mail of a name does.
package enum LabMail: Hashable, Sendable {
    /// An MX RRset.
    case exchanges([MailExchange], ttl: TTL)
    /// The name exists and has no MX: NODATA.
    case absent
    /// `0 .`: no mail is taken (RFC 7505).
    case null(ttl: TTL)
    /// The name does not exist: NXDOMAIN.
    case nonexistent

    /// Exchanges by preference, which counts up by ten from ten.
    package static func hosts(_ hosts: DomainName..., ttl: Int) -> LabMail {
        .exchanges(
            hosts.enumerated().map { MailExchange(preference: UInt16(10 * ($0 + 1)), exchange: $1) },
            ttl: TTL(seconds: ttl))
    }
}
