import DNS
import Propagation

/// Writes events as JSON, one a line; the last line is a whole status.
package enum NDJSONWriter {
    package static func write(_ event: ReportedEvent, into buffer: inout [UInt8]) {
        begin(name(event.kind), at: Timestamp(event.at), into: &buffer)
        buffer.append(",\"domain\":")
        buffer.append(json: event.domain)
        if let resolver = event.resolver {
            buffer.append(",\"resolver\":")
            buffer.append(json: resolver.name.escapedForDisplay)
            buffer.append(",\"address\":")
            buffer.append(json: resolver.endpoint)
        }
        switch event.kind {
        case .sample(let sample):
            buffer.append(",\"state\":")
            buffer.append(json: sample.state.rawValue)
            append(sample, into: &buffer)
        case .transition(let from, let to, let sample, let since):
            buffer.append(",\"from\":")
            buffer.append(json: from) { $0.append(json: $1.rawValue) }
            buffer.append(",\"to\":")
            buffer.append(json: to.rawValue)
            buffer.append(",\"target_since\":")
            buffer.append(json: since) { $0.append(json: Timestamp($1)) }
            append(sample, into: &buffer)
        case .regression: buffer.append(",\"level\":\"published\",\"evidence\":true")
        case .unpropagated: buffer.append(",\"level\":\"propagated\",\"evidence\":true")
        case .secondPassUnsafe: buffer.append(",\"level\":\"second_pass_safe\",\"evidence\":true")
        case .doubt(let edits, let from, let until):
            buffer.append(",\"edits\":")
            buffer.append(decimal: Int64(edits))
            buffer.append(",\"from\":")
            buffer.append(json: Timestamp(from))
            buffer.append(",\"until\":")
            buffer.append(json: Timestamp(until))
        case .published, .propagated, .secondPassSafe, .decommissionSafe: break
        }
        buffer.append("}\n")
    }

    /// The last line.
    package static func write(_ status: Status, into buffer: inout [UInt8]) {
        begin("status", at: status.generatedAt, into: &buffer)
        buffer.append(",\"status\":")
        JSONStatusWriter.write(status, layout: .oneLine, into: &buffer)
        buffer.append("}\n")
    }

    private static func begin(_ name: StaticString, at: Timestamp, into buffer: inout [UInt8]) {
        buffer.append("{\"event\":\"")
        buffer.append(name)
        buffer.append("\",\"at\":")
        buffer.append(json: at)
    }

    /// A level that is taken back is a `regression`; its `level` tells which one. Only an answer takes a level back: a
    /// `doubt` does not.
    private static func name(_ kind: ReportedEvent.Kind) -> StaticString {
        switch kind {
        case .sample: "sample"
        case .transition: "transition"
        case .published: "published"
        case .regression, .unpropagated, .secondPassUnsafe: "regression"
        case .propagated: "propagated"
        case .secondPassSafe: "second_pass_safe"
        case .decommissionSafe: "decommission_safe"
        case .doubt: "doubt"
        }
    }

    private static func append(_ sample: ReportedEvent.Sample, into buffer: inout [UInt8]) {
        buffer.append(",\"mx\":")
        buffer.append(json: sample.mx) { $0.append(json: $1) }
        buffer.append(",\"ttl\":")
        buffer.append(json: sample.ttl) { $0.append(decimal: Int64($1)) }
        buffer.append(",\"rtt_ms\":")
        buffer.append(json: sample.roundTrip) { $0.append(json: $1) }
        buffer.append(",\"error\":")
        buffer.append(json: sample.error) { $0.append(json: $1) }
    }
}
