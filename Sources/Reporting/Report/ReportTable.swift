import DNS
import Propagation

/// A report as plain text: levels, authoritative servers, resolvers with a timeline each, and what happened.
package struct ReportTable: Sendable {
    private let style: TextStyle

    package init(_ style: TextStyle) { self.style = style }

    /// The whole text, each line with its end.
    package func render(_ report: ReportDocument) -> String {
        let words = ReportWords(report, zone: style.zone)
        var lines = "\(style.name(report.domain)): \(words.times.text(words.headline))".wrapped(
            to: style.width)
        lines += intervals(words).wrapped(to: style.width)
        lines += ["", "Levels"] + tableLines(levelTable(words))
        if !report.authority.isEmpty {
            lines += ["", "Authoritative servers"] + tableLines(authorityTable(words))
        }
        if !report.resolvers.isEmpty {
            lines += ["", "Resolvers, the slowest first"] + tableLines(resolverTable(words))
            lines += legend(words).wrapped(to: style.width)
        }
        let milestones = words.milestones
        if !milestones.isEmpty { lines += ["", "What happened"] + events(milestones, words) }
        return lines.map { (style.isASCII ? $0.inASCII : $0) + "\n" }.joined()
    }

    private func tableLines(_ table: TextTable) -> [String] {
        table.lines(width: style.width, usesColor: style.usesColor, ellipsis: style.ellipsis)
    }

    private func intervals(_ words: ReportWords) -> String {
        let report = words.report
        return "Moves to \(report.target.name) (\(report.target.primary)). Looked at from"
            + " \(words.times.text(report.firstLook)) to \(words.times.text(report.lastLook)). \(words.zoneNote)"
    }

    private func events(_ milestones: [ReportMilestone], _ words: ReportWords) -> [String] {
        milestones.flatMap { milestone in
            let time = words.times.text(milestone.at) + "  "
            let room = style.width.map { max(20, $0 - time.displayWidth) }
            return milestone.sentence.wrapped(to: room).enumerated().map { index, line in
                (index == 0 ? time : String(repeating: " ", count: time.displayWidth)) + line
            }
        }
    }
}

// MARK: - The tables

extension ReportTable {
    private func levelTable(_ words: ReportWords) -> TextTable {
        let report = words.report
        var table = TextTable(columns: [
            .init(title: ""), .init(title: "LEVEL"), .init(title: "REACHED"),
            .init(title: "AFTER", alignsRight: true), .init(title: "TAKEN BACK", minimum: 12, rank: 2),
        ])
        for level in report.levels {
            let mark: TextTable.Cell =
                level.reached ? .init(style.isASCII ? "+" : "✓", .green) : .init("-", .gray)
            table.rows.append([
                mark, .init(ReportWords.title(level.level)),
                .init(level.at.map(words.times.text) ?? "not reached", level.reached ? nil : .gray),
                .init(level.level == .published ? "" : words.duration(level.after)),
                .init(level.spans.compactMap(\.to).map(words.times.text).joined(separator: ", ")),
            ])
        }
        let bound = report.bound.map(words.times.text) ?? "not known"
        table.rows.insert(
            [
                .init(""), .init("Old copies gone"), .init(bound),
                .init(words.duration(report.boundAfter)), .init(""),
            ],
            at: min(2, table.rows.count))
        return table
    }

    private func authorityTable(_ words: ReportWords) -> TextTable {
        var table = TextTable(columns: [
            .init(title: "NAME", minimum: 10), .init(title: "ADDRESS", rank: 5), .init(title: "SWITCHED"),
            .init(title: "TTL BEFORE", alignsRight: true, rank: 4),
            .init(title: "TTL LOWERED", minimum: 16, rank: 3),
            .init(title: "SERVES NOW", minimum: 12, rank: 2),
        ])
        for server in words.report.authority {
            let lowered = server.ttlLowered.map { "\($0.from) to \($0.to) at \(words.times.text($0.at))" }
            table.rows.append([
                .init(server.name), .init(server.address.shortDescription), .init(switched(server, words)),
                .init(server.ttlBeforeSwitch.map { "\($0)" } ?? ""),
                .init(lowered.isEmpty ? "not seen" : lowered.joined(separator: ", ")),
                .init(server.state.rawValue, style.mark(server.state, isClear: true).color),
            ])
        }
        return table
    }

    private func switched(_ server: ReportServer, _ words: ReportWords) -> String {
        guard let first = server.switches.first else {
            return server.targetFromTheStart ? "before the first look" : "not seen"
        }
        let more = server.switches.count - 1
        return words.times.text(first.at) + (more > 0 ? " and \(more) more" : "")
    }

    private func resolverTable(_ words: ReportWords) -> TextTable {
        var table = TextTable(columns: [
            .init(title: ""), .init(title: "NAME", minimum: 8), .init(title: "ADDRESS", rank: 6),
            .init(title: "TIMELINE", rank: 4), .init(title: "CHANGED", rank: 3),
            .init(title: "SINCE", rank: 2),
            .init(title: "CLEAR AFTER", alignsRight: true),
            .init(title: "CACHES", alignsRight: true, rank: 7),
            .init(title: "NOTE", minimum: 18, rank: 5),
        ])
        let window = PlotWindow(words.report)
        for resolver in words.report.resolversSlowestFirst {
            table.rows.append([
                style.mark(resolver.state, isClear: resolver.clear), .init(resolver.name),
                .init(resolver.address.shortDescription), .init(timeline(resolver, window)),
                .init(resolver.firstFlipAt.map(words.times.text) ?? ""),
                .init(resolver.targetSince.map(words.times.text) ?? ""),
                .init(words.outcome(resolver)),
                .init(resolver.cachesSeen > 0 ? "\(resolver.cachesSeen)" : ""),
                .init(words.times.text(words.note(resolver)), .gray),
            ])
        }
        return table
    }
}

// MARK: - The timelines

extension ReportTable {
    /// Columns of a timeline.
    private static let cells = 24

    /// A sign for each part of the window. It stands for the end of that part, so the last sign is the newest.
    private func timeline(_ resolver: ReportResolver, _ window: PlotWindow) -> String {
        (1...Self.cells).map { cell in
            let length = Double(window.to.seconds - window.from.seconds)
            let seconds = window.from.seconds + Int64(length * Double(cell) / Double(Self.cells))
            let at = Timestamp(seconds: seconds)
            guard let segment = resolver.segments.last(where: { $0.from < at && at <= $0.to }) else {
                return " "
            }
            return segment.watched ? sign(ShownCondition(segment)) : "."
        }.joined()
    }

    /// Each can be told apart without colour.
    private func sign(_ shown: ShownCondition) -> String {
        switch shown {
        case .clear: style.isASCII ? "#" : "█"
        case .target: style.isASCII ? "+" : "▒"
        case .mixed: "~"
        case .previous: style.isASCII ? "-" : "─"
        case .overdue: "!"
        case .noMX: "0"
        case .failing, .silent: "?"
        case .unknown: " "
        }
    }

    /// Only what the timelines show.
    private func legend(_ words: ReportWords) -> String {
        let window = PlotWindow(words.report)
        let segments = words.report.resolvers.flatMap(\.segments)
        let shown = Set(segments.map(ShownCondition.init))
        var parts = ShownCondition.allCases.filter { shown.contains($0) && $0 != .unknown && $0 != .silent }
            .map {
                "\(sign($0)) \($0.title)"
            }
        if shown.contains(.silent) { parts.append("\(sign(.silent)) silent") }
        if segments.contains(where: { !$0.watched }) { parts.append(". nobody looked") }
        return "Timelines from \(words.times.text(window.from)) to \(words.times.text(window.to)): "
            + parts.joined(separator: ", ") + "."
    }
}
