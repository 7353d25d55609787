import DNS

/// Checks names without decoding them, so that ldns sees only names with valid compression.
enum NameWalk {
    /// How many pointers one name may follow; each must lead to an earlier place. ldns alone would follow 65,535, and a
    /// 64 KB message could make it do that thousands of times.
    static let maximumPointers = 126

    /// The position behind the name at `start`.
    ///
    /// - Throws: `WireError` if the name leaves the message, is longer than 255 octets, has a reserved
    ///   label type, or a pointer that does not lead back.
    static func end(ofNameAt start: Int, in bytes: UnsafeRawBufferPointer) throws(WireError) -> Int {
        var position = start
        var end: Int?
        var length = 0
        var pointers = 0
        // A pointer must lead to a place before the labels that it ends.
        var limit = start
        while true {
            guard position < bytes.count else {
                throw WireError(.truncated, "the message ends within a name")
            }
            let octet = unsafe bytes[position]
            switch octet {
            case 0:
                return end ?? position + 1
            case 1...63:
                length += Int(octet) + 1
                guard length < DomainName.maximumLength else {
                    throw WireError(.badName, "a name has more than 255 octets")
                }
                position += Int(octet) + 1
            case 0xC0...:
                guard position + 1 < bytes.count else {
                    throw WireError(.truncated, "the message ends within a compression pointer")
                }
                let next = unsafe Int(bytes.bigEndian16(at: position) & 0x3FFF)
                pointers += 1
                guard next < limit, next >= WireHeader.length, pointers <= maximumPointers else {
                    throw WireError(.badName, "a compression pointer does not lead back to a name")
                }
                if end == nil { end = position + 2 }
                position = next
                limit = next
            default:
                throw WireError(.badName, "a reserved label type")
            }
        }
    }
}

/// Which types ldns reads for us: how many fields their RDATA has, and where names stand in it.
struct RecordLayout {
    let fieldCount: ClosedRange<Int>
    /// Octets before the first name; names follow one another.
    private let nameOffset: Int
    private let nameCount: Int

    init?(_ type: RecordType) {
        switch type {
        case .a, .aaaa: (fieldCount, nameOffset, nameCount) = (1...1, 0, 0)
        case .ns, .cname: (fieldCount, nameOffset, nameCount) = (1...1, 0, 1)
        case .mx: (fieldCount, nameOffset, nameCount) = (2...2, 2, 1)
        case .soa: (fieldCount, nameOffset, nameCount) = (7...7, 0, 2)
        // One or more character strings; ldns makes a field of each.
        case .txt: (fieldCount, nameOffset, nameCount) = (1...Int.max, 0, 0)
        case .tlsa: (fieldCount, nameOffset, nameCount) = (4...4, 0, 0)
        default: return nil
        }
    }

    /// Checks the names of RDATA before ldns follows them; each must end within RDLENGTH.
    func walkNames(from start: Int, to end: Int, in bytes: UnsafeRawBufferPointer) throws(WireError) {
        var position = start + nameOffset
        for _ in 0..<nameCount {
            guard position < end else { throw WireError(.badRecordData, "RDATA lacks a name") }
            position = try unsafe NameWalk.end(ofNameAt: position, in: bytes)
            guard position <= end else { throw WireError(.badRecordData, "a name runs past RDLENGTH") }
        }
    }
}
