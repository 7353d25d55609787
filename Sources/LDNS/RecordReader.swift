import CLDNS
import DNS

/// Walks the records of a message, section after section.
///
/// It borrows the octets from the decoder, which lets it go before they end.
@safe struct RecordReader {
    private let bytes: UnsafeRawBufferPointer
    private let question: Question
    private var position: Int
    /// The OPT, after it has been read.
    private(set) var edns: (content: EDNS, extendedCode: UInt8)?

    /// Starts behind the question, which the caller has checked.
    init(_ bytes: UnsafeRawBufferPointer, question: Question) {
        unsafe self.bytes = unsafe bytes
        self.question = question
        position = WireHeader.length + question.name.wire.count + 4
    }

    var isAtEnd: Bool { unsafe position == bytes.count }

    /// The frame of one record: everything but its data.
    private struct Frame {
        var start: Int
        var type: RecordType
        var recordClass: UInt16
        var ttl: UInt32
        var dataStart: Int
        var dataEnd: Int
    }

    /// Reads `count` records, and skips those of another class than IN.
    mutating func section(_ count: Int, mayHoldOPT: Bool = false) throws(WireError) -> [ResourceRecord] {
        var records: [ResourceRecord] = []
        for _ in 0..<count {
            let frame = try frame()
            position = frame.dataEnd
            if frame.type == .opt {
                try takeOPT(frame, isAllowed: mayHoldOPT)
            } else if frame.recordClass == 1 {
                records.append(try record(frame))
            }
        }
        return records
    }

    private func frame() throws(WireError) -> Frame {
        let dataFrame = try unsafe NameWalk.end(ofNameAt: position, in: bytes)
        guard unsafe dataFrame + 10 <= bytes.count else {
            throw WireError(.truncated, "the message ends within a record")
        }
        let length = unsafe Int(bytes.bigEndian16(at: dataFrame + 8))
        guard unsafe dataFrame + 10 + length <= bytes.count else {
            throw WireError(.truncated, "RDLENGTH leads past the end of the message")
        }
        return unsafe Frame(
            start: position, type: RecordType(rawValue: bytes.bigEndian16(at: dataFrame)),
            recordClass: bytes.bigEndian16(at: dataFrame + 2), ttl: bytes.bigEndian32(at: dataFrame + 4),
            dataStart: dataFrame + 10, dataEnd: dataFrame + 10 + length)
    }

    private func record(_ frame: Frame) throws(WireError) -> ResourceRecord {
        guard let layout = RecordLayout(frame.type) else {
            return unsafe ResourceRecord(
                owner: try owner(frame), type: frame.type, ttl: TTL(wire: frame.ttl),
                data: .other(Array(bytes[frame.dataStart..<frame.dataEnd])))
        }
        try unsafe layout.walkNames(from: frame.dataStart, to: frame.dataEnd, in: bytes)
        let record = try unsafe ParsedRecord.read(bytes, at: frame.start, end: frame.dataEnd, layout: layout)
        return ResourceRecord(
            owner: try pointsToQuestion(frame) ? question.name : record.owner(preferring: question.name),
            type: frame.type, ttl: TTL(wire: frame.ttl), data: try record.data(frame.type))
    }

    /// Most servers write the owner as a pointer to the question: no need to read it again.
    private func pointsToQuestion(_ frame: Frame) -> Bool {
        unsafe bytes.bigEndian16(at: frame.start) == 0xC000 | UInt16(WireHeader.length)
    }

    private func owner(_ frame: Frame) throws(WireError) -> DomainName {
        guard !pointsToQuestion(frame) else { return question.name }
        return try unsafe readName(at: frame.start, in: bytes)
    }
}

// MARK: - OPT (RFC 6891 §6.1)

extension RecordReader {
    private mutating func takeOPT(_ frame: Frame, isAllowed: Bool) throws(WireError) {
        guard isAllowed else { throw WireError(.badEDNS, "an OPT outside the additional section") }
        guard unsafe bytes[frame.start] == 0 else {
            throw WireError(.badEDNS, "an OPT whose owner is not the root")
        }
        guard edns == nil else { throw WireError(.badEDNS, "more than one OPT") }
        var content = EDNS(payloadSize: frame.recordClass)
        var position = frame.dataStart
        while position < frame.dataEnd {
            guard position + 4 <= frame.dataEnd else { throw WireError(.badEDNS, "an option is cut short") }
            let code = unsafe bytes.bigEndian16(at: position)
            let end = unsafe position + 4 + Int(bytes.bigEndian16(at: position + 2))
            guard end <= frame.dataEnd else { throw WireError(.badEDNS, "an option overruns the OPT") }
            try unsafe take(option: code, bytes[(position + 4)..<end], into: &content)
            position = end
        }
        edns = (content, UInt8(frame.ttl >> 24))
    }

    /// NSID (RFC 5001) and extended errors (RFC 8914); ldns 1.8.3 has no accessors for the latter.
    private func take(
        option code: UInt16, _ data: Slice<UnsafeRawBufferPointer>, into content: inout EDNS
    ) throws(WireError) {
        switch code {
        case 3: content.nsid = unsafe Array(data)
        case 15:
            guard unsafe data.count >= 2 else {
                throw WireError(.badEDNS, "an extended error without its code")
            }
            var text = unsafe data.dropFirst(2)
            if unsafe text.last == 0 { unsafe text.removeLast() }
            unsafe content.extendedErrors.append(
                ExtendedError(
                    code: UInt16(data[data.startIndex]) << 8 | UInt16(data[data.startIndex + 1]),
                    text: String(decoding: text, as: UTF8.self)))
        default: break
        }
    }
}
