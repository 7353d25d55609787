import DNS
import Propagation

/// Plans as a calendar (iCalendar, RFC 5545): an event a step, with a reminder.
///
/// An event keeps its UID from run to run: importing a newer plan moves the event and does not double it.
package struct PlanCalendar: Sendable {
    private let createdAt: Timestamp
    private let commands: PlanCommands
    private var events: [UInt8] = []

    /// How many octets a line may have, its end left out (§3.1).
    private static let lineLength = 75
    /// Long enough to be seen in a day's view.
    private static let length = "PT30M"

    package init(createdAt: WallTime, commands: PlanCommands) {
        self.createdAt = Timestamp(createdAt)
        self.commands = commands
    }

    /// Whether there is no event to write: a calendar must have at least one (§3.6).
    package var isEmpty: Bool { events.isEmpty }

    /// Adds a domain's steps; none if it has no timeline.
    package mutating func add(_ status: PlanStatus) {
        for step in status.timeline?.steps ?? [] { add(step, of: status) }
    }

    /// The whole calendar.
    package var octets: [UInt8] {
        var text: [UInt8] = []
        for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//propaga//plan//EN", "CALSCALE:GREGORIAN"] {
            Self.append(line, to: &text)
        }
        text += events
        Self.append("END:VCALENDAR", to: &text)
        return text
    }

    private mutating func add(_ step: PlanStatus.Step, of status: PlanStatus) {
        let name = status.domain.description
        let lines = commands.commands(for: step.step, of: status)
        let left = step.step == .switchMX ? Self.preparations(of: status) : []
        let description = ([step.text.asSentence] + left + lines).joined(separator: "\n")
        let summary =
            "\(status.domain.displayText): \(step.step.title)\(step.step.isAppointed ? "" : " (not before)")"
        let content = [
            "BEGIN:VEVENT",
            "UID:\(step.step.rawValue).\(Self.identifier(name))@plan.propaga",
            "DTSTAMP:\(Self.time(createdAt))",
            "DTSTART:\(Self.time(step.notBefore))",
            "DURATION:\(Self.length)",
            "SUMMARY:\(Self.text(summary))",
            "DESCRIPTION:\(Self.text(description))",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT15M",
            "DESCRIPTION:\(Self.text(summary))",
            "END:VALARM",
            "END:VEVENT",
        ]
        for line in content { Self.append(line, to: &events) }
    }
}

extension PlanCalendar {
    /// What was not in order when the plan was made. It must be in order before the switch.
    private static func preparations(of status: PlanStatus) -> [String] {
        guard !status.obstacles.isEmpty else { return [] }
        return ["Do this first (as of \(status.madeAt)):"]
            + status.obstacles.map { line in
                let remedy = line.remedy.map { ": \($0)" } ?? ""
                return "- \(line.topic.words) (\(line.status)): \(line.text)\(remedy)"
            }
    }
}

// MARK: - The format

extension PlanCalendar {
    /// UTC, without punctuation (§3.3.5): `20261123T170500Z`.
    private static func time(_ timestamp: Timestamp) -> String {
        timestamp.description.filter { $0 != "-" && $0 != ":" }
    }

    /// A TEXT value (§3.3.11). Text from the network is escaped first, line by line.
    ///
    /// It goes scalar by scalar, so that a combining mark behind a sign does not hide the sign.
    static func text(_ value: String) -> String {
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var text = String.UnicodeScalarView()
            for scalar in String(line).escapedForDisplay.unicodeScalars {
                if "\\;,".unicodeScalars.contains(scalar) { text.append("\\") }
                text.append(scalar)
            }
            return String(text)
        }
        return lines.joined(separator: "\\n")
    }

    /// A name as part of a UID: in lower case, with the number of every octet other than letters, digits, `-` and `.`.
    private static func identifier(_ name: String) -> String {
        name.lowercased().utf8.reduce(into: "") { text, octet in
            let isPlain = (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet)
            let sign = Character(UnicodeScalar(octet))
            text += isPlain || sign == "-" || sign == "." ? String(sign) : "=\(octet)"
        }
    }

    /// Appends a content line, folded so that none is longer than 75 octets and no character is torn (§3.1).
    static func append(_ line: String, to octets: inout [UInt8]) {
        var used = 0
        for scalar in line.unicodeScalars {
            let piece = Array(String(scalar).utf8)
            if used + piece.count > lineLength {
                octets.append("\r\n ")
                used = 1
            }
            octets += piece
            used += piece.count
        }
        octets.append("\r\n")
    }
}
