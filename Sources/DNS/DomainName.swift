/// A domain name in uncompressed wire form (RFC 1035 §3.1): length octet, label, …, zero octet.
///
/// Equality and hashing ignore ASCII case (RFC 4343); the case that came over the wire is kept for
/// display. A value always holds at most 255 octets, and labels of 1 to 63 octets.
package struct DomainName: Sendable {
    /// The wire form, the root's zero octet included; 1 to 255 octets.
    package let wire: [UInt8]

    /// The greatest length of a name in octets, length octets and root included (RFC 1035 §2.3.4).
    package static let maximumLength = 255
    /// The greatest length of one label in octets (RFC 1035 §2.3.4).
    package static let maximumLabelLength = 63
    /// The name of the root zone.
    package static let root = DomainName(uncheckedWire: [0])

    /// Takes wire octets that the caller has already checked.
    package init(uncheckedWire wire: [UInt8]) {
        self.wire = wire
    }

    /// Takes an uncompressed name that must fill `octets` exactly.
    ///
    /// - Throws: `DomainNameError` when a label or the name is too long, a label is cut short, a
    ///   compression pointer stands in it, or octets follow the root.
    package init(wire octets: [UInt8]) throws(DomainNameError) {
        guard octets.count <= Self.maximumLength else { throw .nameTooLong(octets.count) }
        var position = 0
        while true {
            guard position < octets.count else { throw .truncated }
            let length = Int(octets[position])
            guard length <= Self.maximumLabelLength else { throw .labelTooLong(length) }
            position += 1 + length
            if length == 0 { break }
        }
        guard position == octets.count else { throw .truncated }
        self.wire = octets
    }

    /// Joins labels, the leftmost first.
    ///
    /// - Throws: `DomainNameError` when a label is empty or over 63 octets, or the name over 255.
    package init(labels: some Sequence<some Collection<UInt8>>) throws(DomainNameError) {
        var octets: [UInt8] = []
        for label in labels {
            guard !label.isEmpty else { throw .emptyLabel }
            guard label.count <= Self.maximumLabelLength else { throw .labelTooLong(label.count) }
            octets.append(UInt8(label.count))
            octets.append(contentsOf: label)
        }
        octets.append(0)
        guard octets.count <= Self.maximumLength else { throw .nameTooLong(octets.count) }
        self.wire = octets
    }

    /// The labels, leftmost first, without the root's empty one.
    package var labels: [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var position = 0
        while wire[position] != 0 {
            let end = position + 1 + Int(wire[position])
            result.append(wire[(position + 1)..<end])
            position = end
        }
        return result
    }

    /// Whether this is the root.
    package var isRoot: Bool { wire.count == 1 }

    /// The name without its leftmost label; `nil` for the root.
    package var parent: DomainName? {
        isRoot ? nil : DomainName(uncheckedWire: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// The labels in front of `ancestor`, as a name of their own; `nil` if this name does not lie below it.
    package func relative(to ancestor: DomainName) -> DomainName? {
        guard wire.count > ancestor.wire.count, isAtOrBelow(ancestor) else { return nil }
        return DomainName(uncheckedWire: wire.dropLast(ancestor.wire.count) + [0])
    }

    /// Whether this name equals `ancestor` or lies below it.
    package func isAtOrBelow(_ ancestor: DomainName) -> Bool {
        var offset = 0
        while wire.count - offset >= ancestor.wire.count {
            if wire.count - offset == ancestor.wire.count {
                return wire[offset...].elementsEqual(ancestor.wire) {
                    asciiLowercase($0) == asciiLowercase($1)
                }
            }
            offset += 1 + Int(wire[offset])
        }
        return false
    }
}

extension DomainName: Hashable {
    package static func == (left: DomainName, right: DomainName) -> Bool {
        guard left.wire.count == right.wire.count else { return false }
        return unsafe left.wire.withUnsafeBufferPointer { first in
            unsafe right.wire.withUnsafeBufferPointer { second in
                // Length octets are below 64 and so never change under ASCII lowercasing.
                for index in first.indices
                where unsafe first[index] != second[index]
                    && asciiLowercase(first[index]) != asciiLowercase(second[index])
                {
                    return false
                }
                return true
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        // Eight octets at a time: each call of the hasher has a cost.
        var word: UInt64 = 0
        for (index, octet) in wire.enumerated() {
            word = word << 8 | UInt64(asciiLowercase(octet))
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
    }
}

/// Lowers one ASCII letter and leaves every other octet as it is (RFC 4343 §3).
@inline(__always)
package func asciiLowercase(_ octet: UInt8) -> UInt8 {
    octet &- 0x41 < 26 ? octet | 0x20 : octet
}
