import DNS
import Propagation

/// Writes the document `propaga/report/1`, ended by a newline.
package enum JSONReportWriter {
    package static func write(_ report: ReportDocument, into buffer: inout [UInt8]) {
        buffer.append(json: report)
        buffer.append("\n")
    }
}

// The members of each part, in the order in which the schema shows them.

extension [UInt8] {
    fileprivate mutating func append(json report: ReportDocument) {
        append("{\"schema\":")
        append(json: report.schema)
        append(",\"generated_at\":")
        append(json: report.generatedAt)
        append(",\"domain\":")
        append(json: report.domain)
        append(",\"target\":{\"name\":")
        append(json: report.target.name)
        append(",\"primary\":")
        append(json: report.target.primary)
        append(",\"accepted\":")
        append(json: report.target.accepted) { $0.append(json: $1) }
        append("},\"first_look\":")
        append(json: report.firstLook)
        append(",\"last_look\":")
        append(json: report.lastLook)
        append(",\"phase\":")
        append(json: report.phase.rawValue)
        append(",\"basis\":")
        append(json: report.basis.rawValue)
        appendInstant(",\"change_began\":", report.changeBegan)
        appendInstant(",\"bound\":", report.bound)
        appendNumber(",\"bound_after\":", report.boundAfter)
        appendNumber(",\"resolvers_counted\":", Int64(report.resolversCounted))
        appendNumber(",\"resolvers_clear\":", Int64(report.resolversClear))
        appendLists(report)
        append("}")
    }

    private mutating func appendLists(_ report: ReportDocument) {
        append(",\"levels\":")
        append(json: report.levels) { $0.append(json: $1) }
        append(",\"clear_after\":")
        append(json: report.clearAfter) {
            $0.appendNumber("{\"percent\":", Int64($1.percent))
            $0.appendNumber(",\"seconds\":", $1.seconds)
            $0.append("}")
        }
        append(",\"regressions\":")
        append(json: report.regressions) { $0.append(json: $1) }
        append(",\"authority\":")
        append(json: report.authority) { $0.append(json: $1) }
        append(",\"shares\":")
        append(json: report.shares) {
            $0.appendInstant("{\"at\":", $1.at)
            $0.appendNumber(",\"clear\":", Int64($1.clear))
            $0.appendNumber(",\"counted\":", Int64($1.counted))
            $0.append("}")
        }
        append(",\"resolvers\":")
        append(json: report.resolvers) { $0.append(json: $1) }
        append(",\"slowest\":")
        append(json: report.slowest) { $0.append(json: $1) }
        append(",\"overdue\":")
        append(json: report.overdue) { $0.append(json: $1) }
        append(",\"events\":")
        append(json: report.events) { $0.append(json: $1) }
        append(",\"looks\":")
        append(json: report.looks) { $0.appendPeriod($1.from, $1.to) }
    }

    private mutating func append(json level: ReportLevel) {
        append("{\"level\":")
        append(json: level.level.rawValue)
        append(",\"reached\":")
        append(json: level.reached)
        appendInstant(",\"at\":", level.at)
        appendNumber(",\"after\":", level.after)
        append(",\"spans\":")
        append(json: level.spans) { $0.append(json: $1) }
        append("}")
    }

    private mutating func append(json span: ReportSpan) { appendPeriod(span.from, span.to) }

    private mutating func append(json name: ReportResolverName) {
        append("{\"name\":")
        append(json: name.name)
        append(",\"address\":")
        append(json: name.address)
        append("}")
    }

    private mutating func append(json server: ReportServer) {
        append("{\"name\":")
        append(json: server.name)
        append(",\"address\":")
        append(json: server.address)
        append(",\"state\":")
        append(json: server.state.rawValue)
        appendNumber(",\"ttl\":", server.ttl)
        appendNumber(",\"ttl_before_switch\":", server.ttlBeforeSwitch)
        append(",\"target_from_the_start\":")
        append(json: server.targetFromTheStart)
        append(",\"ttl_lowered\":")
        append(json: server.ttlLowered) {
            $0.appendNumber("{\"from\":", $1.from)
            $0.appendNumber(",\"to\":", $1.to)
            $0.appendInstant(",\"at\":", $1.at)
            $0.appendInstant(",\"after\":", $1.after)
            $0.append("}")
        }
        append(",\"switches\":")
        append(json: server.switches) { $0.append(json: $1) }
        append(",\"turned_back\":")
        append(json: server.turnedBack) { $0.append(json: $1) }
        append(",\"served\":")
        append(json: server.served) { $0.append(json: $1) }
        append("}")
    }

    private mutating func append(json turn: ReportTurn) {
        appendInstant("{\"at\":", turn.at)
        appendInstant(",\"after\":", turn.after)
        append("}")
    }

    private mutating func append(json served: ReportServed) {
        append("{\"state\":")
        append(json: served.state.rawValue)
        append(",\"mx\":")
        append(json: served.mx) { $0.append(json: $1) }
        appendNumber(",\"ttl\":", served.ttl)
        appendInstant(",\"first_seen\":", served.firstSeen)
        appendInstant(",\"last_seen\":", served.lastSeen)
        appendInstant(",\"gone_at\":", served.goneAt)
        append("}")
    }
}

extension [UInt8] {
    private mutating func append(json resolver: ReportResolver) {
        append("{\"name\":")
        append(json: resolver.name)
        append(",\"address\":")
        append(json: resolver.address)
        append(",\"state\":")
        append(json: resolver.state) { $0.append(json: $1.rawValue) }
        append(",\"clear\":")
        append(json: resolver.clear)
        append(",\"overdue\":")
        append(json: resolver.overdue)
        append(",\"counted\":")
        append(json: resolver.counted)
        append(",\"excluded\":")
        append(json: resolver.excluded) { $0.append(json: $1) }
        appendInstant(",\"left_at\":", resolver.leftAt)
        appendInstant(",\"first_flip_at\":", resolver.firstFlipAt)
        appendInstant(",\"last_flip_at\":", resolver.lastFlipAt)
        appendInstant(",\"target_since\":", resolver.targetSince)
        appendInstant(",\"clear_at\":", resolver.clearAt)
        appendNumber(",\"clear_after\":", resolver.clearAfter)
        appendInstant(",\"old_until\":", resolver.oldUntil)
        appendNumber(",\"caches_seen\":", Int64(resolver.cachesSeen))
        appendInstant(",\"checked_at\":", resolver.checkedAt)
        append(",\"overdue_spans\":")
        append(json: resolver.overdueSpans) { $0.append(json: $1) }
        append(",\"segments\":")
        append(json: resolver.segments) { $0.append(json: $1) }
        append("}")
    }

    private mutating func append(json segment: ReportSegment) {
        appendInstant("{\"from\":", segment.from)
        appendInstant(",\"to\":", segment.to)
        append(",\"state\":")
        append(json: segment.state) { $0.append(json: $1.rawValue) }
        append(",\"clear\":")
        append(json: segment.clear)
        append(",\"overdue\":")
        append(json: segment.overdue)
        append(",\"watched\":")
        append(json: segment.watched)
        append("}")
    }

    private mutating func append(json event: ReportEvent) {
        appendInstant("{\"at\":", event.at)
        append(",\"event\":")
        append(json: event.event.rawValue)
        append(",\"resolver\":")
        append(json: event.resolver) { $0.append(json: $1) }
        append(",\"address\":")
        append(json: event.address) { $0.append(json: $1) }
        append(",\"from\":")
        append(json: event.from) { $0.append(json: $1.rawValue) }
        append(",\"to\":")
        append(json: event.to) { $0.append(json: $1.rawValue) }
        append(",\"mx\":")
        append(json: event.mx) { $0.append(json: $1) }
        appendNumber(",\"ttl\":", event.ttl)
        appendNumber(",\"seconds\":", event.seconds)
        append("}")
    }

    private mutating func appendPeriod(_ from: Timestamp, _ to: Timestamp?) {
        appendInstant("{\"from\":", from)
        appendInstant(",\"to\":", to)
        append("}")
    }

    private mutating func appendInstant(_ name: StaticString, _ instant: Timestamp?) {
        append(name)
        append(json: instant) { $0.append(json: $1) }
    }

    private mutating func appendNumber(_ name: StaticString, _ number: (some BinaryInteger)?) {
        append(name)
        append(json: number) { $0.append(decimal: Int64($1)) }
    }
}
