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

    /// Whether the step is done at its instant, and not when propaga says so.
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
                + " (then run propaga plan at once, and it remembers since when;"
                + " later or elsewhere it must be told, with --lowered-at TIME)"
        case .firstPass:
            "copy the mailboxes for the first time: what is copied now, the second pass skips"
        case .switchMX:
            "replace the MX of \(names) by the new provider's, at every authoritative server"
                + " (accepted: \(target.patterns.joined(separator: ", ")))"
        case .forward:
            "have \(oldServers(plan)) forward mail for \(names) to \(target.primary)"
        case .propagated: "every resolver that counts should serve the new MX by then"
        case .onlyPass:
            "copy the mailboxes, in one pass: no mail can reach the old server by a cached MX any more"
        case .secondPass:
            "copy once more what came since the first pass: no mail can reach the old server by a cached MX any more"
        case .raiseTTL: "set \(lifetimeText(plan, names)) \(usualTTL(plan))"
        case .decommission:
            "ask the old provider to delete \(names), or its other customers' mail for you stays there"
        }
    }

    /// What decides how long copies live: without an MX, what the SOA says of negative answers (RFC 2308 §5).
    private func lifetimeText(_ plan: Plan, _ names: String) -> String {
        guard plan.isWithoutMX else { return "the TTL of the MX of \(names)" }
        return "the TTL and the last field (MINIMUM) of the SOA of \(plan.zone ?? plan.domain)"
            + (plan.subdomains.isEmpty ? "" : ", and the TTL of the MX of \(Self.list(plan.subdomains)),")
    }

    private func usualTTL(_ plan: Plan) -> String {
        guard let lifetimes = plan.lifetimes, !lifetimes.isLowered else {
            return "to what it usually is, such as 3600 s"
        }
        return "back to \(Self.length(lifetimes.served)), or what it usually is"
    }

    private func oldServers(_ plan: Plan) -> String {
        let old = plan.present.filter { !$0.accepted }.map(\.exchange)
        return old.isEmpty ? "the old server" : Self.list(old)
    }

    /// What an impossible wish costs.
    func sentence(_ cost: PlanCost) -> String {
        switch cost {
        case .longCopies(let until, let longer, let isAssumed):
            "the switch is wanted while copies with a longer TTL are still out there"
                + (isAssumed ? " (a day is assumed)" : "")
                + ": mail may go on reaching the old server until \(times.text(until)), which is"
                + " \(DurationText.long(seconds: longer.components.seconds)) longer than need be"
        case .lessThanTwoDays(let end):
            "the guide's two days since the TTL was lowered end at \(times.text(end)): caches that keep copies"
                + " for too long may still have the old one"
        case .shortFirstPass(let time):
            "the first pass has \(DurationText.long(seconds: time.components.seconds)) until the switch, not the guide's"
                + " 24 h: what it does not get done is left to the second"
        }
    }
}
