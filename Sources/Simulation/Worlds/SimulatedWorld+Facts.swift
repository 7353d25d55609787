import DNS
import Judging
import Lab
import Propagation

extension SimulatedWorld {
    /// The facts that the judge is given.
    package var facts: WorldFacts {
        var facts = WorldFacts(
            domain: domain, lab: lab, accepted: accepted, begins: Self.origin, settle: watch.policy.settle,
            confirmations: watch.policy.confirmations, quorum: watch.policy.quorum,
            authorityFaults: authorityLinks.map { $0.faults.map(\.during) },
            resolverFaults: resolverLinks.map { $0.faults.map(\.during) },
            losesAuthority: authorityLinks.map { $0.loss > 0 }, refresh: refresh, retry: retry)
        facts.optionalResolvers = watch.optionalResolvers
        facts.asksAuthority = watch.asksAuthority
        facts.rotatingServers = Set(watch.rotatingServers)
        facts.hiddenServer = watch.rotatingServers.count == 1 ? watch.rotatingServers.first : nil
        facts.absences = (sleeps + interruptions).sorted { $0.lowerBound < $1.lowerBound }
        facts.words.previousTTL = watch.policy.previousTTL
        facts.words.publishedAt = watch.publishedAt
        facts.words.nameServersSince = watch.nameServersSince
        facts.words.isSaidAgain = watch.isSaidAgain || watch.laterTTL != nil
        facts.words.tellsAddressTTLs = watch.tellsAddressTTLs
        facts.nature =
            traits.contains(.breaksTTLs)
            ? .lawless
            : lab.authorities.contains { !$0.backEnds.isEmpty || $0.front != nil } ? .sampled : .lawful
        return facts
    }

    /// The exchanges in the world that the target accepts.
    private var accepted: Set<DomainName> {
        let known: [DomainName] = ["mx01.cbsolt.net", "mx02.qboxmail.com", "mx01.qboxmail.com"]
        return Set(known.filter(watch.target.accepts))
    }
}

extension DomainTracker {
    /// The levels claimed now.
    var claims: [Level] {
        let reached: [(Level, Instant?)] = [
            (.published, publishedAt), (.propagated, propagatedAt), (.secondPass, secondPassAt),
            (.decommission, decommissionAt),
        ]
        // Whether there is a verdict is the same for all levels.
        return publishedAt != nil && meets(.published) ? reached.filter { $1 != nil }.map(\.0) : []
    }
}

extension SimulatedWorld {
    /// The core's assumptions, as the judge reads them.
    func assumed(by tracker: DomainTracker, at now: Instant) -> [Assumed] {
        let warnings = tracker.verdict(at: now).warnings.compactMap { warning in
            switch warning {
            case .unseenChanges(let doubt, _?): Assumed.warned(from: doubt.from, until: doubt.until)
            case .movedBound: Assumed.warned(from: tracker.secondPassAt ?? now, until: now)
            default: nil
            }
        }
        return warnings
            + tracker.assumptions(at: now).map { assumption -> Assumed in
                switch assumption {
                case .nameServersUnchanged(let since): .nameServersUnchanged(since: since)
                case .caughtUp(let server, let by): .caughtUp(server: authorityIndex(server), by: by)
                case .noRollback(let from, let until): .noRollback(from: from, until: until)
                }
            }
    }
}
