import DNS
import Planning
import Propagation

/// One domain's plan for people: every line, the timeline, and one plain sentence at the end.
package struct PlanTableRenderer: Sendable {
    private let style: TextStyle

    package init(_ style: TextStyle) { self.style = style }

    /// The whole text, each line with its end.
    ///
    /// - Parameter status: made with the style's zone, so that its sentences name times in that zone.
    package func render(_ status: PlanStatus) -> String {
        let times = TimeText(zone: style.zone, now: status.madeAt)
        var lines = "\(style.name(status.domain)): \(status.summary)".wrapped(to: style.width) + [""]
        for line in status.lines { lines += lookLines(line, times) }
        if let timeline = status.timeline { lines += timelineLines(timeline, times) }
        lines += [""] + closingSentence(status, times).wrapped(to: style.width)
        return lines.map { $0 + "\n" }.joined()
    }

    private func lookLines(_ line: PlanStatus.Line, _ times: TimeText) -> [String] {
        var text = line.text
        if let until = line.until { text += " (wait until \(times.text(until)))" }
        let (mark, color) = style.mark(line.status)
        let head =
            pad(mark, 2) + pad(line.status == "unknown" ? "?" : line.status, 5) + pad(line.topic.words, 14)
        var lines = hanging(head, text)
        if style.usesColor {
            lines[0] = color.paint(mark) + lines[0].dropFirst(mark.count)
        }
        guard let remedy = line.remedy else { return lines }
        let arrow = style.isASCII ? "-> " : "→ "
        return lines + hanging(pad("", head.count), arrow + remedy)
    }

    private func timelineLines(_ timeline: PlanStatus.Timeline, _ times: TimeText) -> [String] {
        var lines =
            [""] + "Timeline (times after the switch are estimates: not before)".wrapped(to: style.width)
        for step in timeline.steps {
            let time = times.full(step.notBefore)
            if let width = style.width, width < Self.leastWidthOfSteps {
                lines += [time] + hanging("    ", "\(step.step.title): \(step.text)")
            } else {
                lines += hanging(pad(time, 27) + pad(step.step.title, 29), step.text)
            }
        }
        if timeline.switchAt != timeline.earliest {
            lines += hanging(
                "", "The earliest good time for the switch is \(times.full(timeline.earliest)).")
        }
        for cost in timeline.costs { lines += hanging("! ", cost.text) }
        return lines
    }

    /// In a narrower terminal a step's title stands below its time.
    private static let leastWidthOfSteps = 60

    private func closingSentence(_ status: PlanStatus, _ times: TimeText) -> String {
        if status.isSwitched {
            let rest =
                status.obstacle.map { ", but this is left: \($0.text)" }
                ?? ". Follow it with propaga watch"
            return "Ready to switch: DONE already\(rest). (exit code \(status.exitCode))"
        }
        let obstacle = status.obstacle.map { " " + $0.text.asSentence } ?? ""
        switch status.readiness {
        case .ready: return "Ready to switch: YES, now. (exit code 0: ready)"
        case .notYet: return "Ready to switch: NOT YET.\(obstacle) (exit code 1: wait, or do what is left)"
        case .unknown: return "Ready to switch: CANNOT TELL.\(obstacle) (exit code 2: something is unknown)"
        }
    }

    /// Text behind a head, its further lines under its first.
    private func hanging(_ head: String, _ text: String) -> [String] {
        // If there is too little room beside the head, the text stands below it.
        let indent =
            style.width.map { head.displayWidth > $0 / 2 ? 4 : head.displayWidth } ?? head.displayWidth
        let rest = text.wrapped(to: style.width.map { max(20, $0 - indent) })
        let margin = String(repeating: " ", count: indent)
        if indent < head.displayWidth { return [head.trimmedAtEnd] + rest.map { margin + $0 } }
        return rest.enumerated().map { index, line in (index == 0 ? head : margin) + line }
    }

    private func pad(_ text: String, _ width: Int) -> String { text.padded(to: width) }
}

/// Several domains: a row each, written as it is known, and a line that sums up.
package struct PlanOverviewRenderer: Sendable {
    private let style: TextStyle
    private var domains = 0
    private var ready = 0
    private var unknown = 0

    package init(_ style: TextStyle) { self.style = style }

    /// The titles, with the line's end.
    package var header: String { row("", "DOMAIN", "READY", "TTL", "EARLIEST SWITCH", "WHY", color: nil) }

    /// One domain's row, with the line's end.
    package mutating func add(_ status: PlanStatus) -> String {
        count(status)
        let times = TimeText(zone: style.zone, now: status.madeAt)
        let obstacle = status.obstacle
        let (mark, color) = style.mark(obstacle?.status ?? "ok")
        return row(
            mark, style.name(status.domain), status.isSwitched ? "switched" : status.readiness.words,
            status.ttl.map { "\($0)" } ?? "-", status.timeline.map { times.text($0.earliest) } ?? "-",
            obstacle?.text ?? "", color: color)
    }

    /// Counts a domain whose details are shown in place of a row.
    package mutating func count(_ status: PlanStatus) {
        domains += 1
        if status.exitCode == 0 { ready += 1 }
        if status.exitCode == 2 { unknown += 1 }
    }

    /// The last line, with its end.
    package var summary: String {
        let sum = "\(ready) of \(domains) \(domains == 1 ? "domain is" : "domains are") ready"
        let doubt = unknown > 0 ? ", and we cannot tell for \(unknown)" : ""
        let code = unknown > 0 ? 2 : ready == domains ? 0 : 1
        return "\(sum)\(doubt). (exit code \(code))".wrapped(to: style.width).map { $0 + "\n" }.joined()
    }

    /// Rows are written before the last is known, so widths are fixed; without a limit long text stays whole.
    private func row(
        _ mark: String, _ domain: String, _ ready: String, _ ttl: String, _ earliest: String, _ why: String,
        color: TextTable.Color?
    ) -> String {
        let isNarrow = (style.width ?? .max) < 70
        let domainWidth = isNarrow ? max(8, (style.width ?? 0) - 22) : 24
        let shown = style.width == nil ? domain : domain.shortened(to: domainWidth, ellipsis: style.ellipsis)
        var line = [
            mark.padded(to: 1), shown.padded(to: domainWidth), ready.padded(to: 8), ttl.padded(to: 6),
        ]
        if !isNarrow { line += [earliest.padded(to: 25), why] }
        var text = line.joined(separator: " ").trimmedAtEnd
        if let width = style.width { text = text.shortened(to: width, ellipsis: style.ellipsis) }
        if style.usesColor, let color { text = color.paint(mark) + text.dropFirst(mark.count) }
        return text + "\n"
    }
}

// MARK: - Words

extension TextStyle {
    /// A sign for a line's status that can be told apart without colour, and its colour.
    fileprivate func mark(_ status: String) -> (String, TextTable.Color) {
        switch status {
        case "ok": (isASCII ? "+" : "✓", .green)
        case "wait": ("~", .yellow)
        case "fix": (isASCII ? "x" : "✗", .red)
        default: ("?", .gray)
        }
    }
}

extension Plan.Readiness {
    var words: String {
        switch self {
        case .ready: "ready"
        case .notYet: "not yet"
        case .unknown: "unknown"
        }
    }
}

extension PlanTopic {
    var words: String {
        switch self {
        case .timeToLive: "TTL"
        case .lowering: "lowering"
        case .copies: "copies"
        case .authority: "servers"
        case .nameServers: "name servers"
        case .newExchanges: "new MX"
        case .presentExchanges: "present MX"
        case .transportPolicy: "MTA-STS"
        case .associations: "TLSA"
        case .senderPolicy: "SPF"
        case .signatures: "DNSSEC"
        case .wildcard: "wildcard"
        case .firstPass: "first pass"
        case .domain, .zone, .delegation, .subdomain: rawValue
        }
    }
}

extension PlanStatus {
    /// A few words behind the domain.
    var summary: String {
        isSwitched
            ? "switched already"
            : readiness == .ready
                ? "ready to switch"
                : readiness == .notYet ? "not ready yet" : "we cannot tell whether it is ready"
    }
}

extension String {
    /// The text as a sentence of its own; a name at the start keeps its case.
    var asSentence: String {
        guard let letter = first else { return self }
        let startsWithWord = prefix { $0 != " " }.allSatisfy(\.isLetter)
        return (startsWithWord ? letter.uppercased() + dropFirst() : self) + "."
    }

    var trimmedAtEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
