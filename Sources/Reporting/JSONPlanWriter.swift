import DNS
import Propagation

/// Writes `propaga/plan/1` as a stream: a header, one domain at a time, and a tail, like `JSONStatusWriter`.
package struct JSONPlanWriter: Sendable {
    /// The document's name and version.
    package static let schemaIdentifier = "propaga/plan/1"
    private var isFirst = true

    package init() {}

    /// - Parameter policy: its `settle` goes into the document.
    package mutating func start(
        generatedAt: WallTime, target: Target, strategy: MigrationStrategy, policy: Policy,
        into buffer: inout [UInt8]
    ) {
        isFirst = true
        buffer.append("{\"schema\":")
        buffer.append(json: Self.schemaIdentifier)
        buffer.append(",\"generated_at\":")
        buffer.append(json: Timestamp(generatedAt))
        buffer.append(",\"target\":{\"name\":")
        buffer.append(json: target.name)
        buffer.append(",\"primary\":")
        buffer.append(json: target.primary)
        buffer.append(",\"accepted\":")
        buffer.append(json: target.patterns) { $0.append(json: $1) }
        buffer.append(",\"spf_include\":")
        buffer.append(json: target.policyInclude) { $0.append(json: $1) }
        buffer.append("},\"strategy\":")
        buffer.append(json: strategy.rawValue)
        buffer.append(",\"settle\":")
        buffer.append(decimal: policy.settle.components.seconds)
        buffer.append(",\"domains\":[")
    }

    /// - Parameter status: made with UTC: the sentences of a document name times in UTC.
    package mutating func append(_ status: PlanStatus, into buffer: inout [UInt8]) {
        if !isFirst { buffer.append(UInt8(ascii: ",")) }
        isFirst = false
        buffer.append("\n")
        buffer.append(json: status)
    }

    package mutating func finish(exitCode: Int32, into buffer: inout [UInt8]) {
        buffer.append("\n],\"exit_code\":")
        buffer.append(decimal: Int64(exitCode))
        buffer.append("}\n")
    }
}

extension [UInt8] {
    fileprivate mutating func append(json status: PlanStatus) {
        append("{\"domain\":")
        append(json: status.domain)
        append(",\"subdomains\":")
        append(json: status.subdomains) { $0.append(json: $1) }
        append(",\"zone\":")
        append(json: status.zone) { $0.append(json: $1) }
        append(",\"readiness\":")
        append(json: status.readiness.rawValue)
        append(",\"switched\":")
        append(json: status.isSwitched)
        append(",\"exit_code\":")
        append(decimal: Int64(status.exitCode))
        append(",\"ttl\":")
        append(json: status.ttl) { $0.append(decimal: Int64($1.seconds)) }
        append(",\"mx\":")
        append(json: status.mx) { $0.append(json: $1) }
        append(",\"checks\":")
        append(json: status.lines) { $0.append(json: $1) }
        append(",\"timeline\":")
        append(json: status.timeline) { $0.append(json: $1) }
        append("}")
    }

    private mutating func append(json exchange: PlanStatus.Exchange) {
        append("{\"preference\":")
        append(decimal: Int64(exchange.read.preference))
        append(",\"exchange\":")
        append(json: exchange.read.exchange)
        append(",\"accepted\":")
        append(json: exchange.read.accepted)
        append(",\"addresses\":")
        append(json: exchange.addresses) { buffer, addresses in
            buffer.append(json: addresses) { $0.append(json: $1.description) }
        }
        append("}")
    }

    private mutating func append(json line: PlanStatus.Line) {
        append("{\"check\":")
        append(json: line.topic.rawValue)
        append(",\"status\":")
        append(json: line.status)
        append(",\"until\":")
        append(json: line.until) { $0.append(json: $1) }
        append(",\"text\":")
        append(json: line.text)
        append(",\"remedy\":")
        append(json: line.remedy) { $0.append(json: $1) }
        append("}")
    }

    private mutating func append(json timeline: PlanStatus.Timeline) {
        append("{\"earliest_switch\":")
        append(json: timeline.earliest)
        append(",\"switch_at\":")
        append(json: timeline.switchAt)
        append(",\"bound\":")
        append(json: timeline.bound)
        append(",\"previous_ttl\":")
        append(decimal: Int64(timeline.longestAtSwitch.seconds))
        append(",\"costs\":")
        append(json: timeline.costs) { buffer, cost in
            buffer.append("{\"kind\":")
            buffer.append(json: cost.kind)
            buffer.append(",\"text\":")
            buffer.append(json: cost.text)
            buffer.append("}")
        }
        append(",\"steps\":")
        append(json: timeline.steps) { buffer, step in
            buffer.append("{\"step\":")
            buffer.append(json: step.step.rawValue)
            buffer.append(",\"not_before\":")
            buffer.append(json: step.notBefore)
            buffer.append(",\"text\":")
            buffer.append(json: step.text)
            buffer.append("}")
        }
        append("}")
    }
}
