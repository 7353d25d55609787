import DNS
import Planning
import Propagation

/// The commands that a runbook tells to run, with the options that this run of `propaga plan` was given. They state
/// nothing that nobody stated: a gate that was told what is only planned would open whatever came of it.
package struct PlanCommands: Sendable {
    /// Options that `plan`, `check` and `watch` take alike, quoted for a shell.
    private let options: [String]
    /// Options that `plan` alone takes, and that hold until the switch.
    private let planOptions: [String]
    /// The operator's word on since when the TTL is low.
    private let loweredAt: String?
    /// Whether what a plan sees is kept, so that the next one knows it.
    private let isRemembered: Bool

    package init(options: [String], planOptions: [String], loweredAt: String?, isRemembered: Bool) {
        self.options = Self.quoted(options)
        self.planOptions = planOptions
        self.loweredAt = loweredAt
        self.isRemembered = isRemembered
    }

    /// The commands for a step; empty where there is nothing to ask.
    func commands(for step: PlanTimeline.Step, of status: PlanStatus) -> [String] {
        guard let timeline = status.timeline else { return [] }
        let names = ([status.domain] + status.subdomains).map(\.description)
        // How long copies live that are left at the switch, is known once it is known what was before.
        let previous = timeline.isLoweringKnown ? ["--previous-ttl", "\(timeline.longestAtSwitch)"] : []
        switch step {
        case .lowerTTL:
            // Seen at once, it is remembered.
            let own = planOptions.map(\.quotedForShell) + (isRemembered ? [] : [Self.askedLowering])
            return [line(["plan"], quoted: own, [status.domain.description])]
        case .firstPass, .raiseTTL: return []
        case .switchMX:
            return [
                line(["plan", "-q"], quoted: ready(timeline), [status.domain.description])
                    + " && echo \"ready: switch now\"",
                line(["watch", "--until", "published"], [], names),
            ]
        case .forward:
            let also = status.subdomains.flatMap { ["--also", $0.description] }
            return [line(["plan", "--forwarding", "postfix"], also, [status.domain.description])]
        case .propagated: return [line(["watch", "--until", "propagated"], previous, names)]
        case .onlyPass, .secondPass: return [line(["watch", "--until", "second-pass"], previous, names)]
        case .decommission: return [line(["watch", "--until", "decommission"], previous, names)]
        }
    }

    /// How a switch that is made is followed.
    func follow(_ status: PlanStatus) -> String {
        line(
            ["watch", "--until", "second-pass"], [], ([status.domain] + status.subdomains).map(\.description))
    }

    /// What a plan on the day is to be told, as words for a shell. When the TTL was lowered, nobody can say before:
    /// without it the shell stops.
    private func ready(_ timeline: PlanStatus.Timeline) -> [String] {
        let words = planOptions.map(\.quotedForShell)
        guard timeline.isLoweringKnown else { return words + [Self.askedLowering] }
        return words + (loweredAt.map { ["--lowered-at", $0.quotedForShell] } ?? [])
    }

    private static let askedLowering =
        "--lowered-at \"${LOWERED_AT:?when the TTL was lowered, as 2026-11-23T17:05:00Z;"
        + " leave --lowered-at out if propaga plan was run here right after that}\""

    private func line(_ command: [String], _ own: [String], _ names: [String]) -> String {
        line(command, quoted: own.map(\.quotedForShell), names)
    }

    private func line(_ command: [String], quoted own: [String], _ names: [String]) -> String {
        ([Self.line(["propaga"] + command)] + own + options + names.map(\.quotedForShell))
            .joined(separator: " ")
    }

    /// What was read from standard input is gone: the shell asks for a file in its place.
    static func quoted(_ options: [String]) -> [String] {
        options.map {
            $0 == "-"
                ? "\"${RESOLVERS:?a file with the resolvers, which were read from standard input}\""
                : $0.quotedForShell
        }
    }

    private static func line(_ words: [String]) -> String {
        words.map(\.quotedForShell).joined(separator: " ")
    }
}

extension String {
    /// The text as one word of a POSIX shell. What could steer a terminal is written by printf(1), so that the word
    /// is shown without it and still means the same.
    var quotedForShell: String {
        let isPlain =
            !isEmpty
            && utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.,:/+@=%".utf8.contains(octet)
                }
            }
        if isPlain { return self }
        guard escapedForDisplay == self else { return "\"$(printf '\(octal)')\"" }
        let parts = split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }

    /// As a format of printf(1): letters and digits as they are, any other octet by its number.
    private var octal: String {
        utf8.reduce(into: "") { text, octet in
            let scalar = UnicodeScalar(octet)
            if octet < 0x80, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                text.unicodeScalars.append(scalar)
            } else {
                text += "\\" + String(octet >> 6) + String(octet >> 3 & 7) + String(octet & 7)
            }
        }
    }
}
