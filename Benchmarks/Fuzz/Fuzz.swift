import DNS
import LDNS

/// What libFuzzer calls: decodes one input as the answer to a fixed question and, where it begins like a
/// message, to the question that it holds itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    check(bytes, Question("example.it", .mx))
    if let question = ownQuestion(of: bytes) { check(bytes, question) }
    _ = MessageDecoder.bareError(bytes)
    return 0
}

private func check(_ bytes: UnsafeRawBufferPointer, _ question: Question) {
    let isOurs = MessageDecoder.answers(bytes, question)
    do {
        let message = try MessageDecoder.decode(bytes, question: question)
        precondition(isOurs, "decoded what does not answer")
        precondition(message.question == question)
        precondition(try! MessageDecoder.decode(Array(bytes), question: question) == message)
        for record in message.answer + message.authority + message.additional { check(record) }
        checkSize(of: message, in: bytes.count)
    } catch {
        precondition(isOurs == (error.code != .otherQuestion), "an error of the wrong kind")
        precondition(!error.message.isEmpty)
    }
}

private func check(_ record: ResourceRecord) {
    precondition(record.ttl.seconds <= TTL.maximum)
    check(record.owner)
    switch record.data {
    case .mx(let exchange):
        precondition(record.type == .mx)
        check(exchange.exchange)
    case .soa(let soa):
        precondition(record.type == .soa)
        check(soa.primary)
    case .ns(let name):
        precondition(record.type == .ns)
        check(name)
    case .cname(let name):
        precondition(record.type == .cname)
        check(name)
    case .address(let address):
        precondition(record.type == (address.isV6 ? .aaaa : .a))
    case .txt(let strings):
        precondition(record.type == .txt && !strings.isEmpty && strings.allSatisfy { $0.count <= 255 })
    case .tlsa(let association):
        precondition(record.type == .tlsa && !association.data.isEmpty)
    case .other:
        precondition(record.type != .mx && record.type != .opt)
    }
}

/// A name keeps its limits, shows as printable ASCII, and reads back from that as the same.
private func check(_ name: DomainName) {
    precondition(name.wire.count <= DomainName.maximumLength)
    precondition((try? DomainName(wire: name.wire)) != nil)
    precondition(name.description.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    precondition(DomainName(name.description)?.wire == name.wire)
}

/// What was decoded takes no more octets than names of full length for each record that can fit.
private func checkSize(of message: Message, in count: Int) {
    let records = message.answer.count + message.authority.count + message.additional.count
    precondition(records * 11 <= count)
    precondition(message.edns?.extendedErrors.count ?? 0 <= count / 6)
}

/// The question that the input holds, where its name is written out.
private func ownQuestion(of bytes: UnsafeRawBufferPointer) -> Question? {
    var end = WireHeader.length
    while end < bytes.count, bytes[end] != 0 { end += 1 + Int(bytes[end]) }
    guard end + 2 < bytes.count, let name = try? DomainName(wire: Array(bytes[WireHeader.length...end]))
    else {
        return nil
    }
    return Question(name, RecordType(rawValue: UInt16(bytes[end + 1]) << 8 | UInt16(bytes[end + 2])))
}
