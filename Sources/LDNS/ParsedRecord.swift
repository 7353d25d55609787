import CLDNS
import DNS

/// One `ldns_rr`, freed with this value; no pointer of it leaves this file.
@safe struct ParsedRecord: ~Copyable {
    private let pointer: UnsafeMutablePointer<ldns_rr>

    private init(owning pointer: UnsafeMutablePointer<ldns_rr>) {
        unsafe self.pointer = unsafe pointer
    }

    /// Lets ldns read the record at `start`, whose frame has been checked and ends at `end`.
    ///
    /// - Throws: `WireError` if ldns refuses, reads other octets than RDLENGTH announced, or finds
    ///   another number of fields than the type has.
    static func read(
        _ bytes: UnsafeRawBufferPointer, at start: Int, end: Int, layout: RecordLayout
    ) throws(WireError) -> ParsedRecord {
        var pointer: UnsafeMutablePointer<ldns_rr>?
        var position = start
        let status = unsafe ldns_wire2rr(
            &pointer, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), bytes.count, &position,
            LDNS_SECTION_ANSWER)
        if status == LDNS_STATUS_PACKET_OVERFLOW {
            // The message is long enough for the frame, so the data is too short.
            throw WireError(.badRecordData, "RDATA ends within a field")
        }
        if let error = WireError(status: status) { throw error }
        guard let pointer = unsafe pointer else { throw WireError(.codec, "ldns gave no record") }
        let record = unsafe ParsedRecord(owning: pointer)
        guard position == end else { throw WireError(.badRecordData, "RDATA does not fill its RDLENGTH") }
        guard unsafe layout.fieldCount.contains(ldns_rr_rd_count(pointer)) else {
            throw WireError(.badRecordData, "RDATA lacks a field")
        }
        return record
    }

    deinit { unsafe ldns_rr_free(pointer) }

    /// The owner. If it is the same name as `known`, it returns `known`, which saves a copy.
    func owner(preferring known: DomainName) throws(WireError) -> DomainName {
        let name = try unsafe nameValue(ldns_rr_owner(pointer))
        return name == known ? known : name
    }

    func data(_ type: RecordType) throws(WireError) -> RecordData {
        switch type {
        case .mx: .mx(MailExchange(preference: number16(0), exchange: try name(1)))
        case .ns: .ns(try name(0))
        case .cname: .cname(try name(0))
        case .soa:
            .soa(
                StartOfAuthority(
                    primary: try name(0), serial: SerialNumber(number32(2)), refresh: number32(3),
                    retry: number32(4), minimum: number32(6)))
        case .a, .aaaa: .address(try address(type))
        case .txt: unsafe .txt((0..<ldns_rr_rd_count(pointer)).map { unsafe Array(octets($0).dropFirst()) })
        case .tlsa:
            unsafe .tlsa(
                CertificateAssociation(
                    usage: number8(0), selector: number8(1), matchingType: number8(2),
                    data: Array(octets(3))))
        default: throw WireError(.codec, "no reader for \(type)")
        }
    }

    private func octets(_ field: Int) -> UnsafeBufferPointer<UInt8> {
        let field = unsafe ldns_rr_rdf(pointer, field)
        return unsafe UnsafeBufferPointer(start: ldns_rdf_data(field), count: ldns_rdf_size(field))
    }

    private func number8(_ field: Int) -> UInt8 { unsafe octets(field).first ?? 0 }

    private func number16(_ field: Int) -> UInt16 {
        unsafe octets(field).reduce(0) { $0 << 8 | UInt16($1) }
    }

    private func number32(_ field: Int) -> UInt32 {
        unsafe octets(field).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func name(_ field: Int) throws(WireError) -> DomainName {
        try unsafe nameValue(ldns_rr_rdf(pointer, field))
    }

    private func address(_ type: RecordType) throws(WireError) -> IPAddress {
        let octets = unsafe octets(0)
        guard octets.count == (type == .a ? 4 : 16), let address = unsafe IPAddress(octets: octets) else {
            throw WireError(.badRecordData, "an address of \(octets.count) octets")
        }
        return address
    }
}

/// Decodes the name at `start`, whose walk has been checked.
func readName(at start: Int, in bytes: UnsafeRawBufferPointer) throws(WireError) -> DomainName {
    var field: UnsafeMutablePointer<ldns_rdf>?
    var position = start
    let status = unsafe ldns_wire2dname(
        &field, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), bytes.count, &position)
    defer { unsafe ldns_rdf_deep_free(field) }
    if let error = WireError(status: status) { throw error }
    return try unsafe nameValue(field)
}

private func nameValue(_ field: UnsafeMutablePointer<ldns_rdf>?) throws(WireError) -> DomainName {
    guard let field = unsafe field else { throw WireError(.codec, "ldns gave no name") }
    do {
        return try unsafe DomainName(
            wire: Array(UnsafeBufferPointer(start: ldns_rdf_data(field), count: ldns_rdf_size(field))))
    } catch {
        throw WireError(.badName, error.message)
    }
}
