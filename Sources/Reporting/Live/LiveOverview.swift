import DNS
import Propagation

/// Several domains on the live screen: a row each, one of them selected, and the sentence about that one.
package struct LiveOverview {
    /// How far all domains have come.
    package struct Tally: Sendable, Equatable {
        package var domains: Int
        package var met: Int
        package var undetermined: Int

        package init(domains: Int, met: Int, undetermined: Int) {
            self.domains = domains
            self.met = met
            self.undetermined = undetermined
        }
    }

    private let page: LivePage
    private let settings: LiveSettings
    private var style: TextStyle { settings.style }
    private var width: Int { page.width }

    package init(_ settings: LiveSettings, _ size: ScreenSize) {
        self.settings = settings
        page = LivePage(settings: settings, size: size)
    }

    /// - Parameter status: a domain's status by its index, made with the style's zone. Asked for the rows in
    ///   sight and the selected one only, so that ten thousand domains cost no more than ten.
    package func frame(
        _ tally: Tally, at time: WallTime, event: ReportedEvent? = nil, note: String? = nil,
        view: inout LiveView,
        status: (Int) -> DomainStatus
    ) -> LiveFrame {
        let now = Timestamp(time)
        let selected = status(min(view.selection, tally.domains - 1))
        let sentence = SecondPassSentence(
            selected, at: now, zone: style.zone, confirmations: settings.confirmations)
        let name = style.name(selected.domain).shortened(to: max(8, width / 2), ellipsis: style.ellipsis)
        let content = LivePage.Content(
            header: page.withClock(header(tally), at: now), rows: tally.domains,
            event: page.eventLine(event, note: note, named: true),
            sentence: page.sentence(sentence, of: name),
            footer: { page.footer($0, top: $1, keys: ["j/k select", "Enter open"]) })
        let selection = view.selection
        return page.frame(content, view: &view) { rows in
            let statuses = rows.map { $0 == selection ? selected : status($0) }
            return page.lines(table(statuses, now: now, selection: selection - rows.lowerBound))
        }
    }

    private func header(_ tally: Tally) -> StyledLine {
        let isDone = tally.met == tally.domains
        var line = StyledLine(
            width < 30 ? "\(tally.domains)" : "\(tally.domains) domains", bold: true)
        if width >= 60 {
            let bar = page.bar(tally.met, of: tally.domains, width: width < 100 ? 16 : 30)
            line.append("  \(bar)", isDone ? .green : .yellow)
        }
        line.append("  \(tally.met)/\(tally.domains) \(LevelText(settings.condition).participle)")
        if tally.undetermined > 0 { line.append(", \(tally.undetermined) cannot tell") }
        return line
    }
}

// MARK: - The list

extension LiveOverview {
    private static let phaseWidth = 12
    private static let timeWidth = 10
    private var domainWidth: Int { min(40, max(10, width * 3 / 10)) }

    private func table(_ statuses: [DomainStatus], now: Timestamp, selection: Int) -> TextTable {
        var table = TextTable(columns: [
            .init(title: ""), .init(title: ""), .init(title: "DOMAIN"),
            .init(title: "PHASE", rank: 1), .init(title: "CLEAR", alignsRight: true, rank: 2),
            .init(title: "NOT BEFORE", rank: 4), .init(title: "REASON", minimum: 14, rank: 3),
        ])
        table.gap = 1
        table.rows = statuses.enumerated().map { row($1, now: now, isSelected: $0 == selection) }
        return table
    }

    private func row(_ status: DomainStatus, now: Timestamp, isSelected: Bool) -> [TextTable.Cell] {
        let isAsking = status.resolvers.allSatisfy { $0.checkedAt == nil }
        let mark = mark(status, isAsking: isAsking)
        let phase = isAsking ? page.asking : status.phase.rawValue.replacing("_", with: " ")
        let notBefore = status.conditionMet ? nil : LevelText(settings.condition).notBefore(status)
        let times = BriefTimes(zone: style.zone, now: now)
        return [
            .init(isSelected ? (style.isASCII ? ">" : "▸") : " "), mark,
            .init(
                style.name(status.domain).shortened(to: domainWidth, ellipsis: style.ellipsis)
                    .padded(to: domainWidth)),
            .init(phase.padded(to: Self.phaseWidth), mark.color),
            .init("\(status.resolversClear)/\(status.resolversCounted)".padded(to: 5, alignsRight: true)),
            .init((notBefore.map(times.text) ?? "").padded(to: Self.timeWidth)),
            .init(isAsking ? "" : status.reasons.first ?? ""),
        ]
    }

    private func mark(_ status: DomainStatus, isAsking: Bool) -> TextTable.Cell {
        if isAsking { return .init(style.isASCII ? "." : "·", .gray) }
        switch status.exitCode {
        case 0: return .init(style.isASCII ? "+" : "✓", .green)
        case 1: return .init("~", .yellow)
        default: return .init("?", .gray)
        }
    }
}
