import CLDNS

/// Why octets are not a DNS message, or why a message cannot be written.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of fault, for programs; the message is for people.
    package struct Code: Hashable, Sendable {
        fileprivate enum Value {
            case truncated, otherQuestion, trailingOctets, badName, badRecordData, badEDNS, codec
        }
        fileprivate let value: Value
        /// The message ends before what its counts and lengths announce.
        package static let truncated = Code(value: .truncated)
        /// It is not a response to the question.
        package static let otherQuestion = Code(value: .otherQuestion)
        /// Octets follow the last record.
        package static let trailingOctets = Code(value: .trailingOctets)
        /// A name has a reserved label type, is too long, or its compression does not lead back.
        package static let badName = Code(value: .badName)
        /// RDATA does not fill its RDLENGTH, or lacks a field.
        package static let badRecordData = Code(value: .badRecordData)
        /// More than one OPT, one in the wrong place, or options that overrun it.
        package static let badEDNS = Code(value: .badEDNS)
        /// ldns refused for another reason, such as memory.
        package static let codec = Code(value: .codec)
    }

    package let code: Code
    package let message: String
    package var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Names an ldns status; `nil` for the one that means success.
    init?(status: ldns_status) {
        guard status != LDNS_STATUS_OK else { return nil }
        let text =
            unsafe ldns_get_errorstr_by_id(status).map { unsafe String(cString: $0) }
            ?? "status \(status.rawValue)"
        let code: Code =
            switch status {
            case LDNS_STATUS_PACKET_OVERFLOW, LDNS_STATUS_WIRE_INCOMPLETE_HEADER,
                LDNS_STATUS_WIRE_INCOMPLETE_QUESTION, LDNS_STATUS_WIRE_INCOMPLETE_ANSWER,
                LDNS_STATUS_WIRE_INCOMPLETE_AUTHORITY, LDNS_STATUS_WIRE_INCOMPLETE_ADDITIONAL:
                .truncated
            case LDNS_STATUS_LABEL_OVERFLOW, LDNS_STATUS_DOMAINNAME_OVERFLOW,
                LDNS_STATUS_DOMAINNAME_UNDERFLOW,
                LDNS_STATUS_EMPTY_LABEL, LDNS_STATUS_INVALID_POINTER:
                .badName
            case LDNS_STATUS_WIRE_RDATA_ERR, LDNS_STATUS_SYNTAX_RDATA_ERR: .badRecordData
            default: .codec
            }
        self.init(code, text)
    }

    /// The same for the status's number in `ldns/error.h`, for callers without ldns's types.
    package init?(statusNumber: UInt32) {
        self.init(status: ldns_status(statusNumber))
    }
}
