import DNS
import Propagation

/// The history for programs: `propaga/history/1`, one object per domain. It is written while it is read, so that a
/// large history takes little memory.
///
///     start ──► append … append ──► finish
package struct HistoryJSONWriter: Sendable {
    private var isFirst = true

    package init() {}

    package func start(into buffer: inout [UInt8]) {
        buffer.append("{\"schema\":\"propaga/history/1\",\"domains\":[")
    }

    /// One domain without its events.
    package mutating func append(_ summary: ChronicleSummary, into buffer: inout [UInt8]) {
        separate(&buffer)
        buffer.append("{")
        buffer.append(members: summary)
        buffer.append("}")
    }

    /// One domain with all that is remembered.
    package mutating func append(_ chronicle: Chronicle, into buffer: inout [UInt8]) {
        separate(&buffer)
        buffer.append("{")
        buffer.append(members: chronicle.summary)
        buffer.append(",\"events\":")
        buffer.append(json: chronicle.entries) { $0.append(json: $1) }
        buffer.append(",\"served\":")
        buffer.append(json: chronicle.served) { $0.append(json: $1) }
        buffer.append(",\"resolvers\":")
        buffer.append(json: chronicle.resolvers) { $0.append(json: $1) }
        buffer.append("}")
    }

    package func finish(into buffer: inout [UInt8]) { buffer.append("\n]}\n") }

    private mutating func separate(_ buffer: inout [UInt8]) {
        buffer.append(isFirst ? "\n" : ",\n")
        isFirst = false
    }
}

extension [UInt8] {
    fileprivate mutating func append(members summary: ChronicleSummary) {
        let standing = summary.standing
        append("\"domain\":")
        append(json: summary.domain)
        append(",\"target\":{\"name\":")
        append(json: summary.target.name.escapedForDisplay)
        append(",\"primary\":")
        append(json: summary.target.primary)
        append(",\"accepted\":")
        append(json: summary.target.accepted) { $0.append(json: $1) }
        append("},\"phase\":")
        append(json: standing.phase.rawValue)
        append(",\"basis\":")
        append(json: standing.basis.rawValue)
        append(",\"first_look\":")
        append(json: Timestamp(summary.firstLook))
        append(",\"last_look\":")
        append(json: Timestamp(summary.lastLook))
        append(",\"last_change\":", time: summary.lastChange)
        append(",\"target_since\":", time: summary.targetSince)
        append(",\"published_at\":", time: standing.publishedAt)
        append(",\"propagated_at\":", time: standing.propagatedAt)
        append(",\"second_pass_at\":", time: standing.secondPassAt)
        append(",\"decommission_at\":", time: standing.decommissionAt)
        append(",\"bound\":", time: standing.bound)
        append(",\"resolvers_counted\":")
        append(decimal: Int64(standing.counted))
        append(",\"resolvers_clear\":")
        append(decimal: Int64(standing.clear))
    }

    fileprivate mutating func append(json entry: Chronicle.Entry) {
        append("{\"at\":")
        append(json: Timestamp(entry.at))
        append(",\"event\":")
        switch entry.kind {
        case .level(let level): append(json: level.rawValue)
        case .transition(let server, let from, let to, let shown):
            append(json: "transition")
            append(members: server, named: "resolver")
            append(",\"from\":")
            append(json: from) { $0.append(json: $1.rawValue) }
            append(",\"to\":")
            append(json: to.rawValue)
            append(",\"mx\":")
            append(json: shown.exchanges) { $0.append(json: $1) }
            append(",\"ttl\":")
            append(json: shown.ttl) { $0.append(decimal: Int64($1)) }
        case .clear(let server, let isSo):
            append(json: isSo ? "clear" : "not_clear")
            append(members: server, named: "resolver")
        case .overdue(let server, let isSo):
            append(json: isSo ? "overdue" : "not_overdue")
            append(members: server, named: "resolver")
        case .clockWentBack(let seconds):
            append(json: "clock_went_back")
            append(",\"seconds\":")
            append(decimal: seconds)
        }
        append("}")
    }

    fileprivate mutating func append(json span: ServedSpan) {
        append("{\"name\":")
        append(json: span.server.name.escapedForDisplay)
        append(",\"address\":")
        append(json: span.server.endpoint)
        append(",\"state\":")
        append(json: span.state.rawValue)
        append(",\"mx\":")
        append(json: span.exchanges) { $0.append(json: $1) }
        append(",\"ttl\":")
        append(json: span.ttl) { $0.append(decimal: Int64($1.seconds)) }
        append(",\"first_seen\":")
        append(json: Timestamp(span.firstSeen))
        append(",\"last_seen\":")
        append(json: Timestamp(span.lastSeen))
        append(",\"gone_at\":", time: span.goneAt)
        append("}")
    }

    fileprivate mutating func append(json resolver: RecordedResolver) {
        append("{\"name\":")
        append(json: resolver.server.name.escapedForDisplay)
        append(",\"address\":")
        append(json: resolver.server.endpoint)
        append(",\"state\":")
        append(json: resolver.state.rawValue)
        append(",\"clear\":")
        append(json: resolver.isClear)
        append(",\"overdue\":")
        append(json: resolver.isOverdue)
        append(",\"excluded\":")
        append(json: resolver.exclusion) { $0.append(json: Sentences.sentence($1)) }
        append(",\"target_since\":", time: resolver.targetSince)
        append(",\"old_until\":", time: resolver.oldUntil)
        append(",\"caches_seen\":")
        append(decimal: Int64(resolver.cachesSeen))
        append(",\"checked_at\":", time: resolver.checkedAt)
        append("}")
    }

    private mutating func append(members server: ServerLabel, named key: StaticString) {
        append(",\"")
        append(key)
        append("\":")
        append(json: server.name.escapedForDisplay)
        append(",\"address\":")
        append(json: server.endpoint)
    }

    private mutating func append(_ key: StaticString, time: WallTime?) {
        append(key)
        append(json: time) { $0.append(json: Timestamp($1)) }
    }
}
