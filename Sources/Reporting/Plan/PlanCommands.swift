import DNS
import Planning
import Propagation

/// The commands of a runbook, with the options of this run of `propaga plan`. They claim nothing that the operator did
/// not say: a gate that takes a plan as a fact would open even if the plan failed.
package struct PlanCommands: Sendable {
    /// Options that `plan`, `check` and `watch` take alike, quoted for a shell.
    private let options: [String]
    /// Options that only `plan` takes, and that are valid until the switch.
    private let planOptions: [String]
    /// Since when the TTL is low, as the operator says.
    private let loweredAt: String?
    /// Whether the history keeps what a plan sees, so that the next plan knows it.
    private let isRemembered: Bool

    package init(options: [String], planOptions: [String], loweredAt: String?, isRemembered: Bool) {
        self.options = Self.quoted(options)
        self.planOptions = planOptions
        self.loweredAt = loweredAt
        self.isRemembered = isRemembered
    }

    /// The commands for a step; empty if there is nothing to ask.
    func commands(for step: PlanTimeline.Step, of status: PlanStatus) -> [String] {
        guard let timeline = status.timeline else { return [] }
        let names = ([status.domain] + status.subdomains).map(\.description)
        // How long the copies at the switch live is known only if we know the TTL before.
        let previous = timeline.isLoweringKnown ? ["--previous-ttl", "\(timeline.longestAtSwitch)"] : []
        switch step {
        case .lowerTTL:
            // A plan right after the change sees it, and the history remembers it.
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

    /// The command that follows a switch that is done.
    func follow(_ status: PlanStatus) -> String {
        line(
            ["watch", "--until", "second-pass"], [], ([status.domain] + status.subdomains).map(\.description))
    }

    /// The options for a plan on the day of the switch, as words for a shell. Nobody can know before when the TTL was
    /// lowered, so the shell stops without that value.
    private func ready(_ timeline: PlanStatus.Timeline) -> [String] {
        let words = planOptions.map(\.quotedForShell)
        guard timeline.isLoweringKnown else { return words + [Self.askedLowering] }
        return words + (loweredAt.map { ["--lowered-at", $0.quotedForShell] } ?? [])
    }

    private static let askedLowering =
        "--lowered-at \"${LOWERED_AT:?when the TTL was lowered, as 2026-11-23T17:05:00Z;"
        + " leave --lowered-at out if you ran propaga plan here right after that}\""

    private func line(_ command: [String], _ own: [String], _ names: [String]) -> String {
        line(command, quoted: own.map(\.quotedForShell), names)
    }

    private func line(_ command: [String], quoted own: [String], _ names: [String]) -> String {
        ([Self.line(["propaga"] + command)] + own + options + names.map(\.quotedForShell))
            .joined(separator: " ")
    }

    /// A list from standard input is gone later, so the shell asks for a file in its place.
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
    /// The text as one word of a POSIX shell. Signs that could steer a terminal are written by printf(1): the word shows
    /// none of them and still means the same.
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
