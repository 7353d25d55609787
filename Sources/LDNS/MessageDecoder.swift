import CLDNS
import DNS

/// Reads responses. ldns is lax by intent, so this reads the frame of every record by hand. ldns reads only the RDATA,
/// and must consume exactly what RDLENGTH announced.
package enum MessageDecoder {
    /// Whether the octets are a response with one question, the one that was asked: QR set, opcode
    /// QUERY, class IN, the name's ASCII case aside. Allocates nothing.
    package static func answers(_ bytes: UnsafeRawBufferPointer, _ question: Question) -> Bool {
        guard let header = unsafe WireHeader(bytes), header.isResponse, header.opcode == 0,
            header.questionCount == 1
        else { return false }
        let length = question.name.wire.count
        let end = WireHeader.length + length + 4
        guard bytes.count >= end else { return false }
        let isSameName = unsafe question.name.wire.withUnsafeBufferPointer { asked in
            for index in 0..<length
            where unsafe asciiLowercase(asked[index]) != asciiLowercase(bytes[WireHeader.length + index]) {
                return false
            }
            return true
        }
        return unsafe isSameName && bytes.bigEndian16(at: end - 4) == question.type.rawValue
            && bytes.bigEndian16(at: end - 2) == 1
    }

    /// The error of a response that is only a header, or a header and an OPT. Servers that cannot read a query may send
    /// that (RFC 6891 §7), and it has no question to compare. `nil` for all other octets.
    package static func bareError(_ bytes: UnsafeRawBufferPointer) -> ResponseCode? {
        guard let header = unsafe WireHeader(bytes), header.isResponse, header.opcode == 0,
            !header.isTruncated,
            header.questionCount == 0, header.answerCount == 0, header.authorityCount == 0,
            header.additionalCount <= 1
        else { return nil }
        var upperBits: UInt16 = 0
        var end = WireHeader.length
        if header.additionalCount == 1 {
            // The root as owner, type, payload size, extended RCODE and flags, RDLENGTH (RFC 6891 §6.1.2).
            guard bytes.count >= end + 11, unsafe bytes[end] == 0,
                unsafe bytes.bigEndian16(at: end + 1) == RecordType.opt.rawValue
            else { return nil }
            upperBits = unsafe UInt16(bytes[end + 5])
            unsafe end += 11 + Int(bytes.bigEndian16(at: end + 9))
        }
        let code = ResponseCode(rawValue: upperBits << 4 | header.responseCode.rawValue)
        return bytes.count == end && code != .noError ? code : nil
    }

    /// Decodes a response to `question`. If TC is set, it reads only header and question: the rest is never used.
    ///
    /// - Throws: `WireError` for anything that is not a well-formed response to the question.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer, question: Question
    ) throws(WireError) -> Message {
        guard unsafe answers(bytes, question), let header = unsafe WireHeader(bytes) else {
            throw WireError(.otherQuestion, "it is no response to the question")
        }
        var message = Message(
            id: header.id, isAuthoritative: header.isAuthoritative, isTruncated: header.isTruncated,
            recursionAvailable: header.recursionAvailable, isAuthenticated: header.isAuthenticated,
            responseCode: header.responseCode, question: question)
        guard !header.isTruncated else { return message }
        var reader = unsafe RecordReader(bytes, question: question)
        message.answer = try reader.section(header.answerCount)
        message.authority = try reader.section(header.authorityCount)
        message.additional = try reader.section(header.additionalCount, mayHoldOPT: true)
        guard reader.isAtEnd else {
            throw WireError(.trailingOctets, "octets follow the last record")
        }
        if let edns = reader.edns {
            message.edns = edns.content
            message.responseCode = ResponseCode(
                rawValue: UInt16(edns.extendedCode) << 4 | header.responseCode.rawValue)
        }
        return message
    }

    /// The same for an array.
    package static func decode(_ bytes: [UInt8], question: Question) throws(WireError) -> Message {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(WireError) in try unsafe decode(bytes, question: question) }
        }
        return try result.get()
    }
}
