import DNS

/// What a message says, a line each and nothing that is as usual, so that a table can state it.
func summary(of message: Message) -> [String] {
    var lines: [String] = []
    if message.isTruncated { lines.append("truncated") }
    if message.isAuthoritative { lines.append("authoritative") }
    if message.isAuthenticated { lines.append("authenticated") }
    if !message.recursionAvailable { lines.append("no recursion") }
    if message.responseCode != .noError { lines.append("\(message.responseCode)") }
    lines += message.answer.map { "answer \($0.owner) \($0.ttl) \($0.type) \(summary(of: $0.data))" }
    lines += message.authority.map { "authority \($0.owner) \($0.ttl) \($0.type) \(summary(of: $0.data))" }
    lines += message.additional.map { "additional \($0.owner) \($0.ttl) \($0.type) \(summary(of: $0.data))" }
    if let edns = message.edns {
        lines.append("edns \(edns.payloadSize)")
        if let nsid = edns.nsid { lines.append("nsid \(hex(nsid))") }
        lines += edns.extendedErrors.map { "ede \($0.code) \($0.text.debugDescription)" }
    }
    return lines
}

private func summary(of data: RecordData) -> String {
    switch data {
    case .mx(let exchange): "\(exchange.preference) \(exchange.exchange)"
    case .soa(let soa): "\(soa.primary) \(soa.serial) \(soa.refresh) \(soa.minimum)"
    case .ns(let name), .cname(let name): "\(name)"
    case .address(let address): "\(address)"
    case .txt(let strings): strings.map(hex).joined(separator: " ")
    case .tlsa(let association):
        "\(association.usage) \(association.selector) \(association.matchingType) \(hex(association.data))"
    case .other(let octets): "# \(octets.count) \(hex(octets))"
    }
}

/// Octets as hexadecimal digits; "-" for none.
func hex(_ octets: [UInt8]) -> String {
    guard !octets.isEmpty else { return "-" }
    return octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
