import DNS
import Propagation
import Storytelling

/// What happened, one row per event, for spreadsheets (RFC 4180).
package enum HistoryCSV {
    /// The titles, with the line's end.
    package static let header = row([
        "domain", "at", "event", "server", "address", "from", "to", "mx", "ttl", "seconds",
    ])

    /// The rows of one domain, authoritative servers' RRsets among them, in order of time.
    package static func rows(_ chronicle: Chronicle) -> String {
        let domain = chronicle.domain.description
        let entries = chronicle.entries.map { ($0.at, row(cells($0, domain))) }
        let served = chronicle.served.map { ($0.firstSeen, row(cells($0, domain))) }
        return (served + entries).enumerated()
            .sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
            .map(\.element.1).joined()
    }

    private static func cells(_ entry: Chronicle.Entry, _ domain: String) -> [String] {
        func cells(
            _ event: String, _ server: ServerLabel? = nil, from: MailState? = nil, to: MailState? = nil,
            shown: Chronicle.Shown? = nil, seconds: Int64? = nil
        ) -> [String] {
            [
                domain, Timestamp(entry.at).description, event, server?.name.escapedForDisplay ?? "",
                server?.endpoint.description ?? "", from?.rawValue ?? "", to?.rawValue ?? "",
                shown.map { exchangesText($0.exchanges) } ?? "", shown?.ttl.map { "\($0)" } ?? "",
                seconds.map { "\($0)" } ?? "",
            ]
        }
        return switch entry.kind {
        case .level(let level): cells(level.rawValue)
        case .transition(let server, let from, let to, let shown):
            cells("transition", server, from: from, to: to, shown: shown)
        case .clear(let server, let isSo): cells(isSo ? "clear" : "not_clear", server)
        case .overdue(let server, let isSo): cells(isSo ? "overdue" : "not_overdue", server)
        case .clockWentBack(let seconds): cells("clock_went_back", seconds: seconds)
        }
    }

    private static func cells(_ span: ServedSpan, _ domain: String) -> [String] {
        [
            domain, Timestamp(span.firstSeen).description, "served", span.server.name.escapedForDisplay,
            span.server.endpoint.description, "", span.state.rawValue, exchangesText(span.exchanges),
            span.ttl?.description ?? "", "",
        ]
    }

    private static func row(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\r\n"
    }

    /// A spreadsheet reads a cell that begins with one of `=+-@` as a formula, and names from the network may begin so.
    private static func quoted(_ cell: String) -> String {
        let isFormula = cell.first.map { "=+-@".contains($0) } ?? false
        let text = isFormula ? "'" + cell : cell
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
