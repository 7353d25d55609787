import DNS

/// The header of a message (RFC 1035 §4.1.1), readable without decoding the rest.
package struct WireHeader: Sendable {
    package static let length = 12

    package let id: UInt16
    private let flags: UInt16
    package let questionCount: Int
    let answerCount: Int
    let authorityCount: Int
    let additionalCount: Int

    /// `nil` if there are fewer than 12 octets.
    @inline(__always)
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.length else { return nil }
        id = unsafe bytes.bigEndian16(at: 0)
        flags = unsafe bytes.bigEndian16(at: 2)
        questionCount = unsafe Int(bytes.bigEndian16(at: 4))
        answerCount = unsafe Int(bytes.bigEndian16(at: 6))
        authorityCount = unsafe Int(bytes.bigEndian16(at: 8))
        additionalCount = unsafe Int(bytes.bigEndian16(at: 10))
    }

    package var isResponse: Bool { flags & 0x8000 != 0 }
    /// 0 is QUERY.
    package var opcode: UInt8 { UInt8(flags >> 11 & 0xF) }
    package var isAuthoritative: Bool { flags & 0x0400 != 0 }
    package var isTruncated: Bool { flags & 0x0200 != 0 }
    package var recursionAvailable: Bool { flags & 0x0080 != 0 }
    /// AD: the resolver has validated what it answers (RFC 4035 §3.2.3).
    package var isAuthenticated: Bool { flags & 0x0020 != 0 }
    /// The header's four bits; the OPT may hold eight more.
    package var responseCode: ResponseCode { ResponseCode(rawValue: flags & 0xF) }
}

extension UnsafeRawBufferPointer {
    /// Two octets in network order; the caller has checked that they are there.
    @inline(__always)
    func bigEndian16(at offset: Int) -> UInt16 {
        unsafe UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    /// Four octets in network order; the caller has checked that they are there.
    @inline(__always)
    func bigEndian32(at offset: Int) -> UInt32 {
        unsafe UInt32(bigEndian16(at: offset)) << 16 | UInt32(bigEndian16(at: offset + 2))
    }
}
