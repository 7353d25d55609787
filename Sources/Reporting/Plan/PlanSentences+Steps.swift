import DNS
import Planning
import Propagation

extension PlanTimeline.Step {
    /// A few words, as a heading.
    var title: String {
        switch self {
        case .lowerTTL: "Lower the TTL"
        case .firstPass: "First pass"
        case .switchMX: "Switch the MX"
        case .forward: "Forward from the old server"
        case .propagated: "Propagated"
        case .onlyPass: "Copy the mailboxes"
        case .secondPass: "Second pass"
        case .raiseTTL: "Raise the TTL again"
        case .decommission: "Delete at the old provider"
        }
    }

    /// Whether somebody does the step at its instant. The other steps come when propaga says so.
    var isAppointed: Bool { [.lowerTTL, .firstPass, .switchMX, .forward].contains(self) }
}

extension PlanSentences {
    /// What is done in a step.
    func sentence(_ step: PlanTimeline.Step, of plan: Plan) -> String {
        let names = Self.list([plan.domain] + plan.subdomains)
        return switch step {
        case .lowerTTL:
            "set \(lifetimeText(plan, names)) to \(PlanGuide.timeToLive.lowerBound) s"
                + (plan.lifetimes.map { "; it is \(Self.length($0.served)) now" } ?? "")
                + ". Run propaga plan right after that, and it remembers the time"
                + " (later, or on another host, tell it with --lowered-at TIME)"
        case .firstPass:
            "copy the mailboxes for the first time: the second pass skips what you copy now"
        case .switchMX:
            "replace the MX of \(names) with the new provider's, at every authoritative server"
                + " (accepted: \(target.patterns.joined(separator: ", ")))"
        case .forward:
            "have \(oldServers(plan)) forward mail for \(names) to \(target.primary)"
        case .propagated: "every resolver that counts should show the new MX by then"
        case .onlyPass:
            "copy the mailboxes, in one pass: no mail can reach the old server by a cached MX any more"
        case .secondPass:
            "copy again, for the mail that came after the first pass: no mail can reach the old server by a cached MX"
                + " any more"
        case .raiseTTL: "set \(lifetimeText(plan, names)) \(usualTTL(plan))"
        case .decommission:
            "ask the old provider to delete \(names). If it does not, mail from its other customers to you stays there"
        }
    }

    /// The record that decides how long copies live: without an MX it is the SOA, by its negative TTL (RFC 2308 §5).
    private func lifetimeText(_ plan: Plan, _ names: String) -> String {
        guard plan.isWithoutMX else { return "the TTL of the MX of \(names)" }
        return "the TTL and the last field (MINIMUM) of the SOA of \(plan.zone ?? plan.domain)"
            + (plan.subdomains.isEmpty ? "" : ", and the TTL of the MX of \(Self.list(plan.subdomains)),")
    }

    private func usualTTL(_ plan: Plan) -> String {
        guard let lifetimes = plan.lifetimes, !lifetimes.isLowered else {
            return "to its usual value, such as 3600 s"
        }
        return "back to \(Self.length(lifetimes.served)), or its usual value"
    }

    private func oldServers(_ plan: Plan) -> String {
        let old = plan.present.filter { !$0.accepted }.map(\.exchange)
        return old.isEmpty ? "the old server" : Self.list(old)
    }

    /// What an impossible wish costs.
    func sentence(_ cost: PlanCost) -> String {
        switch cost {
        case .longCopies(let until, let longer, let isAssumed):
            "with a switch at that time, mail may still reach the old server until \(times.text(until)),"
                + " \(DurationText.long(seconds: longer.components.seconds)) longer than necessary:"
                + " caches will still have copies with a longer TTL" + (isAssumed ? " (we assume 1 day)" : "")
        case .lessThanTwoDays(let end):
            "the guide's two days since the TTL was lowered end at \(times.text(end)): caches that keep copies"
                + " for too long may still have the old one"
        case .shortFirstPass(let time):
            "the first pass has \(DurationText.long(seconds: time.components.seconds)) until the switch, not the guide's"
                + " 24 h: the second pass must copy the rest"
        }
    }
}
