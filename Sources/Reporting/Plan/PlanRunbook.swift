import DNS
import Propagation

/// Plans as a runbook in Markdown (CommonMark), to be pasted into a ticket: one section per domain, with a box to
/// tick and the commands for every step.
package struct PlanRunbook: Sendable {
    private let zone: TimeZoneChoice
    private let commands: PlanCommands

    /// - Parameter zone: in which times are shown; the statuses must have been made with the same.
    package init(zone: TimeZoneChoice, commands: PlanCommands) {
        self.zone = zone
        self.commands = commands
    }

    /// One domain's section.
    package func section(_ status: PlanStatus) -> String {
        let times = TimeText(zone: zone, now: status.madeAt)
        var text =
            "# \(status.domain.displayText.escapedForMarkdown): move of the mail to \(target(status))\n\n"
        text += "As of \(times.full(status.madeAt)): **\(status.summary)**.\n\n## Preparations\n\n"
        for line in status.lines { text += item(line, times) }
        guard let timeline = status.timeline else {
            let command = commands.follow(status)
            return text
                + (status.isSwitched ? "\nThe switch is done. Follow it:\n\n```sh\n\(command)\n```\n" : "")
        }
        text +=
            "\n## Steps\n\nTimes with \"not before\" are estimates: propaga tells when the step has come.\n"
        for cost in timeline.costs { text += "\n> **Note:** \(cost.text.escapedForMarkdown)\n" }
        for (index, step) in timeline.steps.enumerated() {
            text +=
                "\n\(index + 1). [ ] **\(step.step.title)**, \(step.step.isAppointed ? "" : "not before ")"
            text += "\(times.full(step.notBefore))\n\n   \(step.text.asSentence.escapedForMarkdown)\n"
            let lines = commands.commands(for: step.step, of: status)
            guard !lines.isEmpty else { continue }
            text += "\n   ```sh\n" + lines.map { "   \($0)\n" }.joined() + "   ```\n"
        }
        return text
    }

    private func target(_ status: PlanStatus) -> String {
        status.target.primary.description.escapedForMarkdown
    }

    private func item(_ line: PlanStatus.Line, _ times: TimeText) -> String {
        var text = "- [\(line.status == "ok" ? "x" : " ")] **\(line.topic.words)** (\(line.status)):"
        text += " \(line.text.escapedForMarkdown)"
        if let until = line.until { text += "; wait until \(times.full(until))" }
        if let remedy = line.remedy { text += "\n  - \(remedy.escapedForMarkdown)" }
        return text + "\n"
    }
}

extension String {
    /// The text with every sign escaped that Markdown could read as markup, HTML, a link or a mention
    /// (CommonMark §2.4 allows that for all ASCII punctuation). Parentheses stay: alone they make no link.
    /// Some readers turn `://` and `www.` into links without any markup, so one sign of these is escaped too.
    ///
    /// It goes scalar by scalar, so that a combining mark behind a sign does not hide the sign.
    var escapedForMarkdown: String {
        var text = String.UnicodeScalarView()
        let scalars = Array(escapedForDisplay.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isOfLink =
                scalar == ":" && scalars[(index + 1)...].starts(with: ["/", "/"])
                || scalar == "."
                    && scalars[..<index].suffix(3).allSatisfy { "wW".unicodeScalars.contains($0) }
                    && index >= 3
            if isOfLink || "\\`*_{}[]<>#!|~&@".unicodeScalars.contains(scalar) { text.append("\\") }
            text.append(scalar)
        }
        return String(text)
    }
}
