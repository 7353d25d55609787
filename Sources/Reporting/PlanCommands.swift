import DNS
import Propagation

/// The commands that a runbook tells to run, with the options that this run of `propaga plan` was given.
package struct PlanCommands: Sendable {
    /// Options that `plan`, `check` and `watch` take alike, as words of a shell.
    private let options: [String]
    /// Options that `plan` alone takes, and that hold until the switch.
    private let planOptions: [String]
    /// Whether the operator said since when the TTL is low.
    private let isLoweringKnown: Bool

    package init(options: [String], planOptions: [String], isLoweringKnown: Bool) {
        self.options = options
        self.planOptions = planOptions
        self.isLoweringKnown = isLoweringKnown
    }

    /// The commands for a step; empty where there is nothing to ask.
    func commands(for step: PlanTimeline.Step, of status: PlanStatus) -> [String] {
        guard let timeline = status.timeline else { return [] }
        let names = ([status.domain] + status.subdomains).map(\.description)
        let previous = ["--previous-ttl", "\(timeline.longestAtSwitch)"]
        switch step {
        case .lowerTTL: return [line(["plan"], ready(timeline, status), [status.domain.description])]
        case .firstPass, .raiseTTL: return []
        case .switchMX:
            return [
                line(["plan", "-q"], ready(timeline, status), [status.domain.description])
                    + " && echo \"ready: switch now\"",
                line(["watch", "--until", "published"], [], names),
            ]
        case .forward:
            return [Self.line(["propaga", "plan", "--forwarding", "postfix", status.domain.description])]
        case .propagated: return [line(["watch", "--until", "propagated"], previous, names)]
        case .onlyPass, .secondPass: return [line(["watch", "--until", "second-pass"], previous, names)]
        case .decommission:
            let published = ["--published-at", "\(timeline.switchAt)"]
            return [line(["watch", "--until", "decommission"], previous + published, names)]
        }
    }

    /// What a plan on the day is to be told, or it could not tell that the domain is ready.
    private func ready(_ timeline: PlanStatus.Timeline, _ status: PlanStatus) -> [String] {
        var words = planOptions
        if !isLoweringKnown, let loweredAt = timeline.loweredAt { words += ["--lowered-at", "\(loweredAt)"] }
        if status.wantsPolicyChecked { words.append("--mta-sts-checked") }
        return words
    }

    private func line(_ command: [String], _ own: [String], _ names: [String]) -> String {
        Self.line(["propaga"] + command + own + options + names)
    }

    private static func line(_ words: [String]) -> String {
        words.map(\.quotedForShell).joined(separator: " ")
    }
}

extension String {
    /// The text as one word of a POSIX shell.
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
        let parts = escapedForDisplay.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }
}
