import DNS
import Propagation

/// Writes the status document as a stream: a header, one domain at a time, and a tail.
///
///     start ──► append … append ──► finish
///
/// The whole document is never in memory: each call appends to a buffer, which the caller writes out and empties.
/// It works on octets by hand, because a bulk check prints hundreds of thousands of rows.
package struct JSONStatusWriter: Sendable {
    /// Whether each domain has its own line, or the whole document is one line, as an event needs it.
    package enum Layout: Sendable {
        case lines, oneLine
    }

    private let layout: Layout
    private var isFirst = true

    package init(layout: Layout = .lines) { self.layout = layout }

    package mutating func start(
        generatedAt: WallTime, condition: Condition, target: Target, into buffer: inout [UInt8]
    ) {
        start(Timestamp(generatedAt), condition, TargetStatus(target), into: &buffer)
    }

    package mutating func append(_ domain: DomainStatus, into buffer: inout [UInt8]) {
        if !isFirst { buffer.append(UInt8(ascii: ",")) }
        isFirst = false
        appendNewline(into: &buffer)
        buffer.append(json: domain)
    }

    /// Ends the document, and its last line if the document has several.
    package mutating func finish(exitCode: Int32, deadlinePassed: Bool, into buffer: inout [UInt8]) {
        appendNewline(into: &buffer)
        buffer.append("],\"exit_code\":")
        buffer.append(decimal: Int64(exitCode))
        buffer.append(",\"deadline_passed\":")
        buffer.append(json: deadlinePassed)
        buffer.append("}")
        appendNewline(into: &buffer)
    }

    /// Appends a complete document.
    package static func write(_ status: Status, layout: Layout = .lines, into buffer: inout [UInt8]) {
        var writer = JSONStatusWriter(layout: layout)
        writer.start(status.generatedAt, status.condition, status.target, into: &buffer)
        for domain in status.domains { writer.append(domain, into: &buffer) }
        writer.finish(exitCode: status.exitCode, deadlinePassed: status.deadlinePassed, into: &buffer)
    }

    private mutating func start(
        _ generatedAt: Timestamp, _ condition: Condition, _ target: TargetStatus, into buffer: inout [UInt8]
    ) {
        isFirst = true
        buffer.append("{\"schema\":")
        buffer.append(json: Status.schemaIdentifier)
        buffer.append(",\"generated_at\":")
        buffer.append(json: generatedAt)
        buffer.append(",\"condition\":")
        buffer.append(json: condition.rawValue)
        buffer.append(",\"target\":{\"name\":")
        buffer.append(json: target.name)
        buffer.append(",\"primary\":")
        buffer.append(json: target.primary)
        buffer.append(",\"accepted\":")
        buffer.append(json: target.accepted) { $0.append(json: $1) }
        buffer.append("},\"domains\":[")
    }

    private func appendNewline(into buffer: inout [UInt8]) {
        if layout == .lines { buffer.append(UInt8(ascii: "\n")) }
    }
}
