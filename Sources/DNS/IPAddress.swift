import Glibc

/// An IPv4 or IPv6 address, octets in network order.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case v4(UInt32)
    case v6(UInt64, UInt64)

    /// Reads the usual text forms (RFC 5952 for IPv6); `nil` for anything else, also for a zone index.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        // inet_pton would stop there and ignore the rest.
        guard !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
        } else if unsafe inet_pton(AF_INET6, text, &six) == 1 {
            self = unsafe withUnsafeBytes(of: &six) { unsafe Self(octets: Array($0))! }
        } else {
            return nil
        }
    }

    /// Takes 4 or 16 octets, network order; `nil` for another count.
    package init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4:
            self = .v4(octets.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = octets.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = octets.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self = .v6(high, low)
        default: return nil
        }
    }

    package var isV6: Bool {
        if case .v6 = self { true } else { false }
    }

    /// Whether the address never leaves this host: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// Four or sixteen octets in network order.
    package var octets: [UInt8] {
        switch self {
        case .v4(let value): (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        case .v6(let high, let low):
            [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
        }
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        unsafe octets.withUnsafeBytes { octets in
            _ = unsafe inet_ntop(isV6 ? AF_INET6 : AF_INET, octets.baseAddress!, &text, socklen_t(text.count))
        }
        return unsafe text.withUnsafeBufferPointer { unsafe String(cString: $0.baseAddress!) }
    }
}

/// An address and a port: where a server listens.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16

    /// The port of DNS over UDP and TCP (RFC 1035 §4.2).
    package static let standardPort: UInt16 = 53

    package init(_ address: IPAddress, port: UInt16 = Endpoint.standardPort) {
        self.address = address
        self.port = port
    }

    /// Reads `8.8.8.8`, `8.8.8.8:53`, `2001:db8::1` or `[2001:db8::1]:53`; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        if let address = IPAddress(text) {
            self.init(address)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            port > 0,
            text[text.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(host.dropFirst().dropLast()), address.isV6 else { return nil }
            self.init(address, port: port)
        } else {
            guard let address = IPAddress(host), !address.isV6 else { return nil }
            self.init(address, port: port)
        }
    }

    /// `8.8.8.8:53` or `[2001:db8::1]:53`.
    package var description: String {
        address.isV6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
