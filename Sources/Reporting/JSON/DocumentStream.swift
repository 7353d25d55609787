/// Writes a document with a long list as it grows, so that it need never be whole in memory: its first members, the
/// list `domains` with a line for each element, its last members.
///
///     start ──► append … append ──► finish
///
/// Each call appends to a buffer that the caller writes out and empties.
package struct DocumentStream: Sendable {
    private var isFirst = true

    package init() {}

    /// - Parameter head: an object with the members before the list.
    package func start(_ head: some Encodable, into buffer: inout [UInt8]) {
        buffer.append(json: head)
        buffer.removeLast()
        buffer.append(",\"domains\":[")
    }

    package mutating func append(_ domain: some Encodable, into buffer: inout [UInt8]) {
        buffer.append(isFirst ? "\n" : ",\n")
        isFirst = false
        buffer.append(json: domain)
    }

    /// - Parameter tail: an object with the members after the list; none, if left out.
    package func finish(_ tail: (some Encodable)? = Int?.none, into buffer: inout [UInt8]) {
        buffer.append("\n]")
        if let tail {
            let start = buffer.count
            buffer.append(json: tail)
            buffer[start] = UInt8(ascii: ",")
        } else {
            buffer.append("}")
        }
        buffer.append("\n")
    }
}
