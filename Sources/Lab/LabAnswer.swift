import DNS

/// The answer of a laboratory server to a query, before it is written to the wire.
package struct LabAnswer: Hashable, Sendable {
    package var responseCode: ResponseCode
    package var isAuthoritative: Bool
    package var recursionAvailable: Bool
    package var answer: [ResourceRecord]
    package var authority: [ResourceRecord]
    package var additional: [ResourceRecord]
    package var extendedErrors: [ExtendedError]
    /// Who answers, for those who ask (RFC 5001).
    package var nsid: [UInt8]?

    package init(
        _ responseCode: ResponseCode = .noError, isAuthoritative: Bool = false,
        recursionAvailable: Bool = false,
        answer: [ResourceRecord] = [], authority: [ResourceRecord] = [], additional: [ResourceRecord] = [],
        extendedErrors: [ExtendedError] = [], nsid: [UInt8]? = nil
    ) {
        self.responseCode = responseCode
        self.isAuthoritative = isAuthoritative
        self.recursionAvailable = recursionAvailable
        self.answer = answer
        self.authority = authority
        self.additional = additional
        self.extendedErrors = extendedErrors
        self.nsid = nsid
    }

    /// The response in wire form.
    ///
    /// - Parameters:
    ///   - query: The query; the answer has EDNS only if the query has it (RFC 6891 §6.1.1).
    ///   - limit: The most octets that fit; a longer response leaves without records and with TC set
    ///     (RFC 2181 §9). `nil` over TCP.
    ///   - isTruncated: Truncates whatever the length.
    package func octets(for query: LabQuery, limit: Int? = nil, isTruncated: Bool = false) -> [UInt8] {
        let whole = write(for: query, isTruncated: isTruncated)
        guard let limit, whole.count > limit else { return whole }
        return write(for: query, isTruncated: true)
    }

    private func write(for query: LabQuery, isTruncated: Bool) -> [UInt8] {
        var flags: WireWriter.Flags = .response
        if isAuthoritative { flags.insert(.authoritative) }
        if isTruncated { flags.insert(.truncated) }
        if query.recursionDesired { flags.insert(.recursionDesired) }
        if recursionAvailable { flags.insert(.recursionAvailable) }
        let sections = isTruncated ? [[], [], []] : [answer, authority, additional]
        var writer = WireWriter()
        writer.header(
            id: query.id, flags: flags, responseCode: responseCode, answers: sections[0].count,
            authorities: sections[1].count, additionals: sections[2].count + (query.edns == nil ? 0 : 1))
        writer.question(query.question)
        for section in sections {
            for record in section { writer.record(record) }
        }
        if let edns = query.edns {
            writer.edns(responseCode: responseCode, options: options(for: edns))
        }
        return writer.octets
    }

    private func options(for request: LabQuery.EDNSRequest) -> [(code: UInt16, value: [UInt8])] {
        var options: [(code: UInt16, value: [UInt8])] = []
        if request.asksNSID, let nsid { options.append((WireReader.nsidOption, nsid)) }
        for error in extendedErrors {
            let code = [UInt8(error.code >> 8), UInt8(error.code & 0xFF)]
            options.append((15, code + Array(error.text.utf8)))
        }
        return options
    }
}
