import DNS

/// A query as a laboratory server understands it.
package struct LabQuery: Hashable, Sendable {
    package var id: UInt16
    package var recursionDesired: Bool
    /// The question, with the letters' case as asked.
    package var question: Question
    package var edns: EDNSRequest?

    /// What the OPT pseudo-RR of a query said (RFC 6891 §6.1).
    package struct EDNSRequest: Hashable, Sendable {
        package var payloadSize: UInt16
        package var version: UInt8
        /// Whether an empty NSID option asks who answers (RFC 5001 §2.1).
        package var asksNSID: Bool

        package init(payloadSize: UInt16 = 1232, version: UInt8 = 0, asksNSID: Bool = false) {
            self.payloadSize = payloadSize
            self.version = version
            self.asksNSID = asksNSID
        }
    }

    package init(
        id: UInt16 = 0, recursionDesired: Bool = true, question: Question, edns: EDNSRequest? = EDNSRequest()
    ) {
        self.id = id
        self.recursionDesired = recursionDesired
        self.question = question
        self.edns = edns
    }

    /// The query in wire form; for tests that have no other codec at hand.
    package var octets: [UInt8] {
        var writer = WireWriter(compresses: false)
        writer.header(
            id: id, flags: recursionDesired ? .recursionDesired : [], additionals: edns == nil ? 0 : 1)
        writer.question(question)
        if let edns {
            writer.edns(
                payloadSize: edns.payloadSize, version: edns.version,
                options: edns.asksNSID ? [(WireReader.nsidOption, [])] : [])
        }
        return writer.octets
    }
}

/// Reads queries strictly, because the sender is under test too.
package struct WireReader {
    /// The code of the NSID option (RFC 5001 §2.3).
    static let nsidOption: UInt16 = 3
    private static let recursionDesired: UInt16 = 0x0100
    /// RD, AD (RFC 6840 §5.7) and CD may be set. With any other bit it is not a plain query.
    private static let permittedFlags: UInt16 = 0x0130

    private let octets: [UInt8]
    private var position = 0

    private init(octets: [UInt8]) { self.octets = octets }

    /// Reads a standard query with one question of class IN and at most one OPT. `nil` for anything else, also for a
    /// compressed name or octets after the end.
    package static func query(_ octets: [UInt8]) -> LabQuery? {
        var reader = WireReader(octets: octets)
        return reader.query()
    }

    private mutating func query() -> LabQuery? {
        guard let id = uint16(), let flags = uint16(), flags & ~Self.permittedFlags == 0,
            uint16() == 1, uint16() == 0, uint16() == 0, let additionals = uint16(), additionals <= 1,
            let name = name(), let type = uint16(), uint16() == 1
        else { return nil }
        var query = LabQuery(
            id: id, recursionDesired: flags & Self.recursionDesired != 0,
            question: Question(name, RecordType(rawValue: type)), edns: nil)
        if additionals == 1 {
            guard let edns = ednsRequest() else { return nil }
            query.edns = edns
        }
        return position == octets.count ? query : nil
    }

    private mutating func name() -> DomainName? {
        let start = position
        while position < octets.count, octets[position] != 0 { position += 1 + Int(octets[position]) }
        position += 1
        guard position <= octets.count else { return nil }
        return try? DomainName(wire: Array(octets[start..<position]))
    }

    private mutating func ednsRequest() -> LabQuery.EDNSRequest? {
        guard name()?.isRoot == true, uint16() == RecordType.opt.rawValue, let payloadSize = uint16(),
            let extendedCodeAndVersion = uint16(), extendedCodeAndVersion >> 8 == 0, uint16() != nil,
            let length = uint16(), position + Int(length) == octets.count
        else { return nil }
        var request = LabQuery.EDNSRequest(
            payloadSize: payloadSize, version: UInt8(extendedCodeAndVersion & 0xFF))
        while position < octets.count {
            guard let code = uint16(), let length = uint16(), position + Int(length) <= octets.count else {
                return nil
            }
            if code == Self.nsidOption {
                guard length == 0 else { return nil }
                request.asksNSID = true
            }
            position += Int(length)
        }
        return request
    }

    private mutating func uint16() -> UInt16? {
        guard position + 2 <= octets.count else { return nil }
        defer { position += 2 }
        return UInt16(octets[position]) << 8 | UInt16(octets[position + 1])
    }
}
