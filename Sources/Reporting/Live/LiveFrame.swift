import DNS
import Propagation

/// What is the same for every frame of a live screen.
package struct LiveSettings: Sendable {
    package var condition: Condition
    /// Its width is not used: a terminal's size changes.
    package var style: TextStyle
    /// ISO 3166-1 alpha-2, by the resolver's address.
    package var countries: [Endpoint: String]
    /// Target samples in a row that make a resolver clear.
    package var confirmations: Int
    /// Whether there is a keyboard, so that keys are shown.
    package var hasKeys: Bool

    package init(
        condition: Condition, style: TextStyle, resolvers: [ResolverIdentity], confirmations: Int,
        hasKeys: Bool
    ) {
        self.condition = condition
        self.style = style
        countries = Dictionary(
            resolvers.compactMap { resolver in
                resolver.country.map { (resolver.endpoint, $0.escapedForDisplay) }
            },
            uniquingKeysWith: { first, _ in first })
        self.confirmations = confirmations
        self.hasKeys = hasKeys
    }
}

/// A terminal's columns and rows.
package struct ScreenSize: Sendable, Equatable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
    }
}

/// One whole screen: as many lines as it has rows, none wider than it is.
package struct LiveFrame: Sendable, Equatable {
    /// With their escape sequences for colour; no others.
    package var lines: [String]
    /// Of the list in it.
    package var extent: LiveView.Extent
}

/// Puts a frame together: the lines above the list, the visible rows of the list, the sentence under it, and a
/// footer on the last line. On a small screen parts are left out; the sentence is the last to go.
struct LivePage {
    let settings: LiveSettings
    let size: ScreenSize

    var style: TextStyle { settings.style }
    var width: Int { size.columns }

    /// Room for more than the list and the sentence, by the screen's rows.
    var showsSummary: Bool { size.rows >= 7 }
    var showsTitles: Bool { size.rows >= 8 }
    private var showsFooter: Bool { size.rows >= 8 }
    private var showsEvent: Bool { size.rows >= 11 }
    private var isAiry: Bool { size.rows >= 20 }

    struct Content {
        var header: StyledLine
        var summary: StyledLine?
        /// Of the whole list.
        var rows: Int
        var event: StyledLine?
        var sentence: [String]
        /// Shown under the sentence if there is room. Each begins on a new line.
        var remarks: [String] = []
        var footer: (LiveView.Extent, _ top: Int) -> StyledLine
    }

    /// - Parameter list: the titles' line, and the lines of the rows in sight.
    func frame(
        _ content: Content, view: inout LiveView, list: (Range<Int>) -> [String]
    ) -> LiveFrame {
        var top = [content.header.text(style, width: width)]
        if showsSummary, let summary = content.summary { top.append(summary.text(style, width: width)) }
        if isAiry { top.append("") }
        let titleRows = showsTitles ? 1 : 0
        var bottom = isAiry ? [""] : []
        if showsEvent, let event = content.event { bottom.append(event.text(style, width: width)) }
        bottom += content.sentence
        let footerRows = showsFooter ? 1 : 0
        let visible = max(0, size.rows - top.count - titleRows - bottom.count - footerRows)
        let extent = LiveView.Extent(rows: content.rows, visible: visible)
        view.fit(extent)
        let last = min(view.top + visible, content.rows)
        let table = list(min(view.top, last)..<last)
        var lines = top + table.dropFirst(1 - titleRows) + bottom
        let room = size.rows - footerRows - lines.count
        if room > 1, !content.remarks.isEmpty { lines += [""] + remarks(content.remarks, room: room - 1) }
        lines += Array(repeating: "", count: max(0, size.rows - footerRows - lines.count))
        // On the smallest screens the sentence stays, and the list makes way.
        lines = Array(lines.prefix(size.rows - footerRows))
        if showsFooter { lines.append(content.footer(extent, view.top).text(style, width: width)) }
        return LiveFrame(lines: lines, extent: extent)
    }
}

// MARK: - Pieces that every page has

extension LivePage {
    /// Whole remarks while they fit, then one shortened line of the next one.
    private func remarks(_ remarks: [String], room: Int) -> [String] {
        var lines: [String] = []
        for remark in remarks {
            let wrapped = remark.wrapped(to: width)
            let left = room - lines.count
            guard left > 0 else { break }
            lines += wrapped.count <= left ? wrapped : [remark.shortened(to: width, ellipsis: style.ellipsis)]
        }
        return lines.map { StyledLine($0, .yellow).text(style, width: width) }
    }

    /// Lines that the sentence may take: as many as leave the list some rows.
    private var sentenceLines: Int {
        switch size.rows {
        case ..<4: 1
        case ..<8: 2
        case ..<15: 3
        default: width < 60 ? 5 : 3
        }
    }

    /// The sentence in its lines, its verdict set apart.
    func sentence(_ sentence: SecondPassSentence, of domain: String? = nil) -> [String] {
        let prefix = domain.map { "\($0): " } ?? ""
        var wrapped = (prefix + sentence.text).wrapped(to: width)
        if wrapped.count > sentenceLines {
            let rest = wrapped[(sentenceLines - 1)...].joined(separator: " ")
            wrapped = wrapped.prefix(sentenceLines - 1) + [rest]
        }
        var marked = (prefix + sentence.verdict).unicodeScalars.count
        return wrapped.map { line in
            let scalars = line.unicodeScalars
            let head = String(String.UnicodeScalarView(scalars.prefix(marked)))
            let tail = String(String.UnicodeScalarView(scalars.dropFirst(marked)))
            // The space at which the line was broken counts too.
            marked = max(0, marked - scalars.count - 1)
            var styled = StyledLine(head, color(sentence.level), bold: true)
            styled.append(tail)
            return styled.text(style, width: width)
        }
    }

    private func color(_ level: SecondPassSentence.Level) -> TextTable.Color? {
        switch level {
        case .safe: .green
        case .notYet: .yellow
        case .cannotTell: nil
        }
    }

    /// The latest event in one line.
    func eventLine(_ event: ReportedEvent?, note: String? = nil, named: Bool) -> StyledLine? {
        if let note { return StyledLine("! \(note)", .yellow) }
        guard let event, let text = eventText(event) else { return nil }
        let at = Timestamp(event.at)
        let domain = named ? "  \(style.name(event.domain))" : ""
        return StyledLine("\(BriefTimes(zone: style.zone, now: at).ofDay(at))\(domain)  \(text)", .gray)
    }

    /// It names a resolver by its name alone: the resolver's row tells the rest.
    private func eventText(_ event: ReportedEvent) -> String? {
        guard case .transition(let from, let to, let sample, _) = event.kind, let resolver = event.resolver
        else { return LogRenderer(style).text(event) }
        let exchanges = sample.mx.map(\.exchange.description).joined(separator: ", ")
        let detail = sample.error ?? exchanges
        return "\(resolver.name.escapedForDisplay)  \(from?.rawValue ?? "unknown") -> \(to.rawValue)"
            + (detail.isEmpty ? "" : "  \(detail)")
    }

    /// Puts the time of day at the right end, where there is room for it.
    func withClock(_ line: StyledLine, at time: Timestamp) -> StyledLine {
        let clock = BriefTimes(zone: style.zone, now: time).ofDay(time)
        guard line.width + 2 + clock.count <= width else { return line }
        var line = line
        line.pad(to: width - clock.count)
        line.append(clock, .gray)
        return line
    }

    /// Which rows are in sight, and which keys there are.
    func footer(_ extent: LiveView.Extent, top: Int, keys: [String]) -> StyledLine {
        var parts: [String] = []
        if extent.rows > extent.visible {
            let last = min(top + extent.visible, extent.rows)
            parts.append("\(min(top + 1, last))-\(last) of \(extent.rows)")
        }
        parts += settings.hasKeys ? keys + ["? help", "q quit"] : ["Ctrl-C ends"]
        var line = StyledLine(parts.joined(separator: "  "), .gray)
        let until = "until \(settings.condition.rawValue)"
        if line.width + 2 + until.count <= width {
            line.pad(to: width - until.count)
            line.append(until, .gray)
        }
        return line
    }

    func bar(_ part: Int, of total: Int, width: Int) -> String {
        Bar(part: Int64(part), total: Int64(total)).text(width: width, isASCII: style.isASCII)
    }

    /// A table's lines, each cut to the screen: its first columns may be wider than the smallest screens.
    func lines(_ table: TextTable) -> [String] {
        let table = style.isASCII ? table.inASCII : table
        let lines = table.lines(width: width, usesColor: style.usesColor, ellipsis: style.ellipsis)
        let plain = table.lines(width: width, usesColor: false, ellipsis: style.ellipsis)
        return zip(lines, plain).enumerated().map { index, line in
            if line.1.displayWidth > width { return line.1.shortened(to: width, ellipsis: style.ellipsis) }
            return index == 0 && style.usesColor ? TextTable.Color.gray.paint(line.1) : line.0
        }
    }

    /// The text for a domain that has not been asked about yet.
    var asking: String { style.isASCII ? "asking..." : "asking…" }
}

extension TextTable {
    fileprivate var inASCII: TextTable {
        var table = self
        table.rows = rows.map { row in row.map { Cell($0.text.inASCII, $0.color) } }
        return table
    }
}
