import DNS
import Propagation

/// One thing that happened to the domain as a whole, in one sentence: a summary of many entries.
struct ReportMilestone: Sendable, Equatable {
    var at: Timestamp
    /// Without a final full stop, with a capital.
    var sentence: String
}

extension ReportWords {
    /// In order of time.
    var milestones: [ReportMilestone] {
        (authorityMilestones + levelMilestones + resolverMilestones + boundMilestone).enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private var authorityMilestones: [ReportMilestone] {
        report.authority.flatMap { server in
            let label = Self.label(server.name, server.address)
            return server.ttlLowered.map {
                ReportMilestone(
                    at: $0.at, sentence: "\(label) lowered the TTL from \($0.from) s to \($0.to) s")
            }
                + server.switches.map {
                    ReportMilestone(at: $0.at, sentence: "\(label) began to serve the new MX")
                }
                + server.turnedBack.map {
                    ReportMilestone(at: $0.at, sentence: "\(label) serves another MX again")
                }
        }
    }

    private var levelMilestones: [ReportMilestone] {
        report.events.compactMap { event in
            let sentence: String? =
                switch event.event {
                case .published: "The new MX is published"
                case .regression: "The change was taken back: an authoritative server serves another MX"
                case .propagated: "Propagated: every resolver that counts has only the new MX"
                case .unpropagated: "No longer propagated: a resolver shows another MX again"
                case .secondPassSafe: "The second pass is safe"
                case .secondPassUnsafe: "The second pass is no longer safe"
                case .decommissionSafe: "You can ask the old provider to delete the domain"
                case .clockWentBack:
                    "This host's clock had gone back by \(duration(event.seconds ?? 0))"
                case .transition, .clear, .clearNoMore, .overdue, .overdueNoMore: nil
                }
            return sentence.map { ReportMilestone(at: event.at, sentence: $0) }
        }
    }

    private var resolverMilestones: [ReportMilestone] {
        var milestones: [ReportMilestone] = []
        let counted = report.resolvers.filter(\.counted)
        let flipped = counted.filter { $0.firstFlipAt != nil }
        if let first = flipped.min(by: { $0.firstFlipAt! < $1.firstFlipAt! }) {
            milestones.append(
                ReportMilestone(
                    at: first.firstFlipAt!,
                    sentence: "\(Self.label(first.name, first.address)) is the first resolver to change"))
        }
        let soFar = counted.allSatisfy { $0.clear || $0.leftAt != nil } ? "" : ", so far"
        if flipped.count > 1, let last = flipped.max(by: { $0.firstFlipAt! < $1.firstFlipAt! }) {
            milestones.append(
                ReportMilestone(
                    at: last.firstFlipAt!,
                    sentence: "\(Self.label(last.name, last.address)) is the last resolver to change\(soFar)")
            )
        }
        for resolver in counted {
            let label = Self.label(resolver.name, resolver.address)
            for span in resolver.overdueSpans {
                milestones.append(
                    ReportMilestone(
                        at: span.from, sentence: "\(label) serves a copy that should have expired"))
            }
        }
        return milestones
    }

    /// The bound passes by itself, whether or not somebody looks.
    private var boundMilestone: [ReportMilestone] {
        guard let bound = report.bound, bound <= report.lastLook else { return [] }
        return [
            ReportMilestone(
                at: bound, sentence: "Old copies gone: no cache that respects TTLs can have another MX now"
            )
        ]
    }
}
