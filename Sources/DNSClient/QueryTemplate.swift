import DNS
import LDNS

/// The octets that all queries of one kind share: everything except ID and name. The codec writes them once. Each
/// query puts its own name, uncompressed, behind the header (RFC 1035 §4.1.2).
struct QueryTemplate {
    private let type: RecordType
    private let recursionDesired: Bool
    private let validation: Validation
    private let head: ArraySlice<UInt8>
    private let tail: ArraySlice<UInt8>

    init(_ request: Request, edns: Bool) {
        type = request.question.type
        recursionDesired = request.recursionDesired
        validation = request.validation
        let whole = Self.encode(
            Question(.root, type), recursionDesired: recursionDesired, validation: validation, edns: edns)
        head = whole.prefix(WireHeader.length)
        tail = whole.dropFirst(WireHeader.length + DomainName.root.wire.count)
    }

    /// Whether the request differs from the template's in its name alone.
    func fits(_ request: Request) -> Bool {
        type == request.question.type && recursionDesired == request.recursionDesired
            && validation == request.validation
    }

    /// A query with ID 0. It is empty if the codec had no memory left; no server answers that.
    func octets(asking name: DomainName) -> [UInt8] {
        guard !tail.isEmpty else { return [] }
        var result: [UInt8] = []
        result.reserveCapacity(head.count + name.wire.count + tail.count)
        result += head
        result += name.wire
        result += tail
        return result
    }

    private static func encode(
        _ question: Question, recursionDesired: Bool, validation: Validation, edns: Bool
    ) -> [UInt8] {
        let octets = try? QueryEncoder.encode(
            question, id: 0, recursionDesired: recursionDesired, edns: edns, validation: validation)
        return octets ?? []
    }
}
