import DNS

/// Writes DNS messages piece by piece (RFC 1035 §4.1), with any error that the caller wants.
///
/// It is a separate codec on purpose: the codec under test reads its messages, and a shared fault would hide itself.
/// It checks nothing: the caller decides about counts, lengths, pointers and repeated pieces.
package struct WireWriter: Sendable {
    /// What has been written so far.
    package private(set) var octets: [UInt8] = []
    private let compresses: Bool
    private var offsets: [DomainName: Int] = [:]

    /// - Parameter compresses: Whether names point back at earlier ones (RFC 1035 §4.1.4).
    package init(compresses: Bool = true) {
        self.compresses = compresses
        octets.reserveCapacity(512)
    }

    /// The header's flag bits (RFC 1035 §4.1.1), as they stand in its second 16 bits.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let response = Flags(rawValue: 0x8000)
        package static let authoritative = Flags(rawValue: 0x0400)
        package static let truncated = Flags(rawValue: 0x0200)
        package static let recursionDesired = Flags(rawValue: 0x0100)
        package static let recursionAvailable = Flags(rawValue: 0x0080)
    }

    /// The header: ID, flags with the low four bits of the response code, and the four counts as claimed.
    package mutating func header(
        id: UInt16, flags: Flags, responseCode: ResponseCode = .noError, questions: Int = 1, answers: Int = 0,
        authorities: Int = 0, additionals: Int = 0
    ) {
        uint16(id)
        uint16(flags.rawValue | responseCode.rawValue & 0xF)
        for count in [questions, answers, authorities, additionals] {
            uint16(UInt16(truncatingIfNeeded: count))
        }
    }

    /// One question; class IN unless told otherwise.
    package mutating func question(_ question: Question, class: UInt16 = 1) {
        name(question.name)
        uint16(question.type.rawValue)
        uint16(`class`)
    }

    /// One resource record.
    ///
    /// - Parameter declaredLength: What RDLENGTH claims; the true length if `nil`.
    package mutating func record(_ record: ResourceRecord, class: UInt16 = 1, declaredLength: UInt16? = nil) {
        self.record(
            owner: record.owner, type: record.type, class: `class`, ttl: record.ttl.seconds,
            declaredLength: declaredLength
        ) { $0.data(record.data) }
    }

    /// One resource record whose every field, the 32 bits of the TTL among them, is the caller's.
    package mutating func record(
        owner: DomainName, type: RecordType, class: UInt16 = 1, ttl: UInt32, declaredLength: UInt16? = nil,
        data: (inout WireWriter) -> Void
    ) {
        name(owner)
        uint16(type.rawValue)
        uint16(`class`)
        uint32(ttl)
        let lengthPosition = octets.count
        uint16(0)
        data(&self)
        let length = declaredLength ?? UInt16(truncatingIfNeeded: octets.count - lengthPosition - 2)
        octets[lengthPosition] = UInt8(length >> 8)
        octets[lengthPosition + 1] = UInt8(length & 0xFF)
    }

    /// An OPT pseudo-RR (RFC 6891 §6.1.2); `responseCode` gives the upper eight bits only.
    package mutating func edns(
        payloadSize: UInt16 = 1232, responseCode: ResponseCode = .noError, version: UInt8 = 0,
        options: [(code: UInt16, value: [UInt8])] = []
    ) {
        let upperBits = UInt32(responseCode.rawValue >> 4)
        record(
            owner: .root, type: .opt, class: payloadSize, ttl: upperBits << 24 | UInt32(version) << 16
        ) { writer in
            for option in options {
                writer.uint16(option.code)
                writer.uint16(UInt16(truncatingIfNeeded: option.value.count))
                writer.raw(option.value)
            }
        }
    }

    /// Any octets at all.
    package mutating func raw(_ octets: some Sequence<UInt8>) { self.octets.append(contentsOf: octets) }

    /// A name; if possible, it points back to an earlier one.
    package mutating func name(_ name: DomainName) {
        guard compresses else { return raw(name.wire) }
        var rest = name
        while !rest.isRoot {
            if let offset = offsets[rest] { return pointer(to: offset) }
            if octets.count < 0x4000 { offsets[rest] = octets.count }
            raw(rest.wire[0...Int(rest.wire[0])])
            rest = rest.parent ?? .root
        }
        octets.append(0)
    }

    /// A compression pointer to `offset`, which may be this place itself, or a place past the end.
    package mutating func pointer(to offset: Int) { uint16(0xC000 | UInt16(offset & 0x3FFF)) }

    /// RDATA without its length.
    package mutating func data(_ data: RecordData) {
        switch data {
        case .mx(let exchange):
            uint16(exchange.preference)
            name(exchange.exchange)
        case .soa(let start): startOfAuthority(start)
        case .ns(let target), .cname(let target): name(target)
        case .address(let address): raw(address.octets)
        case .txt(let strings):
            for string in strings {
                octets.append(UInt8(truncatingIfNeeded: string.count))
                raw(string)
            }
        case .tlsa(let association):
            raw([association.usage, association.selector, association.matchingType])
            raw(association.data)
        case .other(let octets): raw(octets)
        }
    }

    /// The fields that `StartOfAuthority` does not keep (RNAME, RETRY, EXPIRE) get customary values.
    private mutating func startOfAuthority(_ start: StartOfAuthority) {
        name(start.primary)
        raw([10] + Array("hostmaster".utf8))
        name(start.primary.parent ?? .root)
        uint32(start.serial.value)
        uint32(start.refresh)
        uint32(start.refresh / 4)
        uint32(1_209_600)
        uint32(start.minimum)
    }

    /// Sixteen bits, high octet first.
    package mutating func uint16(_ value: UInt16) {
        octets.append(UInt8(value >> 8))
        octets.append(UInt8(value & 0xFF))
    }

    /// Thirty-two bits, high octet first.
    package mutating func uint32(_ value: UInt32) {
        uint16(UInt16(value >> 16))
        uint16(UInt16(value & 0xFFFF))
    }
}
