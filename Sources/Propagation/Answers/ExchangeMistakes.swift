import DNS

/// What an administrator most likely did wrong where an exchange is not accepted.
extension Target {
    /// - Parameter domain: whose MX it is.
    /// - Returns: `nil` where nothing is known to be wrong: it may be the previous exchange.
    func mistake(in exchange: DomainName, of domain: DomainName) -> Warning? {
        if exchange == domain { return .exchangeIsDomain(domain) }
        // A name in a zone file that has no final dot gets the zone's name behind it (RFC 1035 §5.1).
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
    /// Whether somebody has written an IPv4 address for a name.
    fileprivate var isAddress: Bool { IPAddress(description) != nil }
}
