import DNS
import Propagation

/// Several domains for people: a row each, written as it is known, and a line that sums up.
package struct OverviewRenderer: Sendable {
    private let style: TextStyle
    private let condition: Condition
    private var domains = 0
    private var met = 0
    private var undetermined = 0

    package init(_ style: TextStyle, condition: Condition) {
        self.style = style
        self.condition = condition
    }

    /// The titles, with the line's end.
    package var header: String { row("", "DOMAIN", "PHASE", "CLEAR", "NOT BEFORE", "REASON", color: nil) }

    /// One domain's row, with the line's end.
    ///
    /// - Parameter status: made with the style's zone, so that its sentences name times in that zone.
    package mutating func add(_ status: DomainStatus, at time: WallTime) -> String {
        domains += 1
        if status.exitCode == 0 { met += 1 }
        if status.exitCode == 2 { undetermined += 1 }
        let times = TimeText(zone: style.zone, now: Timestamp(time))
        let notBefore = status.conditionMet ? nil : LevelText(condition).notBefore(status)
        let (mark, color) = mark(status.exitCode)
        return row(
            mark, style.name(status.domain), status.phase.rawValue,
            "\(status.resolversClear)/\(status.resolversCounted)", notBefore.map(times.text) ?? "-",
            status.reasons.first ?? "", color: color)
    }

    /// The last line, with its end.
    package var summary: String {
        let sum =
            "\(met) of \(domains) \(domains == 1 ? "domain is" : "domains are") \(LevelText(condition).participle)"
        let doubt = undetermined > 0 ? "; no verdict is possible for \(undetermined)" : ""
        let code = undetermined > 0 ? 2 : met == domains ? 0 : 1
        return "\(sum)\(doubt). (exit code \(code))".wrapped(to: style.width).map { $0 + "\n" }.joined()
    }

    private func mark(_ exitCode: Int32) -> (String, TextTable.Color) {
        switch exitCode {
        case 0: (style.isASCII ? "+" : "✓", .green)
        case 1: ("~", .yellow)
        default: ("?", .gray)
        }
    }

    /// Rows are written before the last is known, so widths are fixed; without a limit long text stays whole.
    private func row(
        _ mark: String, _ domain: String, _ phase: String, _ clear: String, _ notBefore: String,
        _ reason: String, color: TextTable.Color?
    ) -> String {
        let isNarrow = (style.width ?? .max) < 70
        let domainWidth = isNarrow ? max(8, (style.width ?? 0) - 28) : 24
        var cells = [
            pad(mark, 1), pad(style.width == nil ? domain : cut(domain, domainWidth), domainWidth),
            pad(phase, 17), pad(clear, isNarrow ? 5 : 7),
        ]
        if !isNarrow { cells += [pad(notBefore, 14), reason] }
        var line = cells.joined(separator: " ")
        if let width = style.width { line = cut(line, width) }
        while line.last == " " { line.removeLast() }
        if style.usesColor, let color { line = color.paint(mark) + line.dropFirst(mark.count) }
        return line + "\n"
    }

    private func pad(_ text: String, _ width: Int) -> String { text.padded(to: width) }

    private func cut(_ text: String, _ width: Int) -> String {
        text.shortened(to: width, ellipsis: style.ellipsis)
    }
}
