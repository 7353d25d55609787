import DNS
import Propagation
import Storytelling

/// The history for people: a list of domains, and one domain's timeline.
package struct HistoryRenderer: Sendable {
    private let style: TextStyle
    private let now: Timestamp

    package init(_ style: TextStyle, at time: WallTime) {
        self.style = style
        now = Timestamp(time)
    }

    private var times: TimeText { TimeText(zone: style.zone, now: now) }

    /// A row a domain; the target stands there only where it is not the same for all.
    package func list(_ summaries: [ChronicleSummary]) -> String {
        guard !summaries.isEmpty else { return "No domain is remembered.\n" }
        let isMixed = Set(summaries.map(\.target.accepted)).count > 1
        var table = TextTable(columns: [
            .init(title: "DOMAIN", minimum: 12), .init(title: "PHASE"), .init(title: "CLEAR", rank: 2),
            .init(title: "SINCE", rank: 1), .init(title: "LAST CHANGE", rank: 3),
            .init(title: "LAST LOOK"),
            .init(title: "TARGET", minimum: 8, rank: 4),
        ])
        table.rows = summaries.map { summary in
            [
                .init(style.name(summary.domain)),
                .init(summary.standing.phase.rawValue, Self.color(summary.standing.phase)),
                .init("\(summary.standing.clear)/\(summary.standing.counted)"),
                .init(summary.targetSince.map { times.text(Timestamp($0)) } ?? ""),
                .init(summary.lastChange.map { times.text(Timestamp($0)) } ?? ""),
                .init(times.text(Timestamp(summary.lastLook))),
                .init(isMixed ? summary.target.accepted.joined(separator: " ").escapedForDisplay : ""),
            ]
        }
        let lines = table.lines(width: style.width, usesColor: style.usesColor, ellipsis: style.ellipsis)
        return (lines + ["", Self.count(summaries.count)]).map { $0 + "\n" }.joined()
    }

    /// The whole story of one domain, a line for each thing that happened.
    package func timeline(_ chronicle: Chronicle) -> String {
        let standing = chronicle.standing
        var lines = [
            "\(style.name(chronicle.domain)): \(standing.phase.rawValue) at the last look,"
                + " \(Sentences.clear(standing.clear, of: standing.counted))",
            "looked at from \(times.full(Timestamp(chronicle.firstLook)))"
                + " to \(times.full(Timestamp(chronicle.lastLook)))",
        ]
        if let bound = standing.bound {
            lines.append("no cache may keep the previous MX after \(times.full(Timestamp(bound)))")
        }
        if chronicle.target != RecordedTarget(.qboxmail) {
            lines.append("target \(chronicle.target.accepted.joined(separator: " ").escapedForDisplay)")
        }
        lines.append("")
        lines += happenings(chronicle).map { "\(times.full(Timestamp($0.at)))  \($0.text)" }
        lines += resolvers(chronicle)
        return lines.flatMap { $0.wrapped(to: style.width, indent: 27) }.map { $0 + "\n" }.joined()
    }

    /// How each resolver was seen last, and since when it has shown the target.
    private func resolvers(_ chronicle: Chronicle) -> [String] {
        guard !chronicle.resolvers.isEmpty else { return [] }
        return ["", "Resolvers at the last look"]
            + chronicle.listedResolvers.map { resolver in
                let since = resolver.targetSince.map { "  since \(times.full(Timestamp($0)))" } ?? ""
                return "\(label(resolver.server))  \(resolver.state.rawValue)\(since)"
            }
    }

    private static func count(_ count: Int) -> String {
        count == 1 ? "1 domain is remembered." : "\(count) domains are remembered."
    }

    private static func color(_ phase: Phase) -> TextTable.Color? {
        switch phase {
        case .undetermined: .gray
        case .unpublished, .publishing, .propagating: .yellow
        case .propagated, .secondPassSafe, .decommissionSafe: .green
        }
    }
}

// MARK: - What happened

extension HistoryRenderer {
    private typealias Happening = (at: WallTime, text: String)

    /// Levels, resolvers and authoritative servers in one timeline. Recorded entries keep their order, even if the
    /// clock went back.
    private func happenings(_ chronicle: Chronicle) -> [Happening] {
        var rest = chronicle.served[...]
        var all: [Happening] = []
        for entry in chronicle.entries {
            while let span = rest.first, span.firstSeen <= entry.at {
                all.append((span.firstSeen, text(span)))
                rest.removeFirst()
            }
            all.append((entry.at, text(entry.kind)))
        }
        return all + rest.map { ($0.firstSeen, text($0)) }
    }

    private func text(_ span: ServedSpan) -> String {
        let mx = span.exchanges.isEmpty ? nil : "MX \(exchangesText(span.exchanges))"
        let facts = [label(span.server), "serves \(span.state.rawValue)", mx, span.ttl.map { "TTL \($0)" }]
        return facts.compactMap { $0 }.joined(separator: "  ")
    }

    private func text(_ kind: Chronicle.Kind) -> String {
        switch kind {
        case .level(let level): LogRenderer.text(level)
        case .transition(let server, let from, let to, let shown):
            ([label(server), "\(from?.rawValue ?? "unknown") -> \(to.rawValue)"]
                + [
                    shown.exchanges.isEmpty ? nil : "MX \(exchangesText(shown.exchanges))",
                    shown.ttl.map { "TTL \($0)" },
                ].compactMap { $0 }).joined(separator: "  ")
        case .clear(let server, let isClear):
            "\(label(server))  \(isClear ? "has only the new MX" : "may have another MX again")"
        case .overdue(let server, let isOverdue):
            "\(label(server))  \(isOverdue ? "serves a copy that should have expired" : "no longer serves an expired copy")"
        case .clockWentBack(let seconds):
            "the clock had gone back: it was \(DurationText.long(seconds: seconds)) behind the last look"
        }
    }

    private func label(_ server: ServerLabel) -> String {
        let address = server.endpoint.shortDescription
        let name = server.name.escapedForDisplay
        return name == server.endpoint.description ? address : "\(name) (\(address))"
    }
}

extension String {
    /// The text in lines; if there is room, the further lines are indented under the first one's text.
    fileprivate func wrapped(to width: Int?, indent: Int) -> [String] {
        guard let width, displayWidth > width, width > indent * 2 else { return [self] }
        let words = wrapped(to: width - indent)
        return [words[0]] + words.dropFirst().map { String(repeating: " ", count: indent) + $0 }
    }
}
