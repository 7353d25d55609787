import CLDNS
import DNS

/// Writes queries.
package enum QueryEncoder {
    /// The largest UDP payload of answers: it passes nearly every path without fragments (DNS flag day 2020; RFC 9715
    /// §3).
    package static let payloadSize: UInt16 = 1232

    /// The wire form of a query in class IN.
    ///
    /// - Parameters:
    ///   - edns: whether to add an OPT with `payloadSize` and an empty NSID option (RFC 5001 §2.1).
    ///   - validation: what is asked of a validating resolver, by the AD and CD bits.
    /// - Throws: `WireError` with code `codec`, if ldns runs out of memory.
    package static func encode(
        _ question: Question, id: UInt16, recursionDesired: Bool, edns: Bool = true,
        validation: Validation = .unspecified
    ) throws(WireError) -> [UInt8] {
        let packet = try Packet(asking: question)
        unsafe ldns_pkt_set_id(packet.pointer, id)
        unsafe ldns_pkt_set_rd(packet.pointer, recursionDesired)
        unsafe ldns_pkt_set_ad(packet.pointer, validation == .reported)
        unsafe ldns_pkt_set_cd(packet.pointer, validation == .disabled)
        if edns {
            unsafe ldns_pkt_set_edns_udp_size(packet.pointer, payloadSize)
            try packet.addEmptyOption(code: 3)
        }
        return try packet.wire()
    }
}

/// One `ldns_pkt`, freed with this value.
@safe private struct Packet: ~Copyable {
    let pointer: UnsafeMutablePointer<ldns_pkt>

    init(asking question: Question) throws(WireError) {
        let wire = question.name.wire
        // ldns_pkt_query_new takes ownership of the name, even if it fails.
        guard let name = unsafe ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire.count, wire),
            let packet = unsafe ldns_pkt_query_new(
                name, ldns_rr_type(UInt32(question.type.rawValue)), LDNS_RR_CLASS_IN, 0)
        else { throw WireError(.codec, "ldns could not make the query") }
        unsafe pointer = unsafe packet
    }

    deinit { unsafe ldns_pkt_free(pointer) }

    /// Adds an EDNS option without data. The packet then owns the list, and the list owns its option.
    func addEmptyOption(code: UInt16) throws(WireError) {
        guard let options = unsafe ldns_edns_option_list_new() else {
            throw WireError(.codec, "ldns could not make the option list")
        }
        guard let option = unsafe ldns_edns_new_from_data(ldns_edns_option_code(UInt32(code)), 0, nil),
            unsafe ldns_edns_option_list_push(options, option)
        else {
            unsafe ldns_edns_option_list_deep_free(options)
            throw WireError(.codec, "ldns could not make the option")
        }
        unsafe ldns_pkt_set_edns_option_list(pointer, options)
    }

    func wire() throws(WireError) -> [UInt8] {
        var octets: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = unsafe ldns_pkt2wire(&octets, pointer, &count)
        defer { unsafe free(octets) }
        if let error = WireError(status: status) { throw error }
        return unsafe Array(UnsafeBufferPointer(start: octets, count: count))
    }
}
