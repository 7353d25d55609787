import DNS

/// The likely mistake behind an exchange that is not accepted.
extension Target {
    /// - Parameter domain: whose MX it is.
    /// - Returns: `nil` where it may be the previous exchange.
    func mistake(in exchange: DomainName, of domain: DomainName) -> Warning? {
        if exchange == domain { return .exchangeIsDomain(domain) }
        // A name without a final dot in a zone file gets the origin appended (RFC 1035 §5.1).
        var origin: DomainName? = domain
        while let zone = origin, !zone.isRoot {
            if let typed = exchange.relative(to: zone) {
                if accepts(typed) { return .missingDot(exchange, meant: typed) }
                if typed.isAddress { return .exchangeIsAddress(typed) }
            }
            origin = zone.parent
        }
        if exchange.isAddress { return .exchangeIsAddress(exchange) }
        return probableTypo(exchange).map { .probableTypo(exchange, meant: $0) }
    }
}

extension DomainName {
    /// Whether the name is an IPv4 address.
    fileprivate var isAddress: Bool { IPAddress(description) != nil }
}
