import DNS
import Propagation

/// When one level was reached, and when it was taken back.
package struct LevelStory: Sendable, Equatable {
    package let condition: Condition
    /// In order of time; only the last may go on.
    package let spans: [RecordedSpan]

    /// Since when it is reached; `nil` where it is not.
    package var reachedAt: WallTime? { spans.last.flatMap { $0.to == nil ? $0.from : nil } }

    init(_ condition: Condition, spans: [RecordedSpan]) {
        self.condition = condition
        self.spans = spans
    }

    /// The entries tell what was reached and taken back, and the standing has the last word on now.
    init(_ condition: Condition, in chronicle: Chronicle) {
        var spans: [RecordedSpan] = []
        for entry in chronicle.entries {
            guard case .level(let change) = entry.kind else { continue }
            if change == condition.reaching {
                if spans.last.map({ $0.to != nil }) ?? true { spans.append(RecordedSpan(from: entry.at)) }
            } else if change.takesBack(condition), let last = spans.indices.last, spans[last].to == nil {
                spans[last].to = entry.at
            }
        }
        self.init(
            condition,
            spans: Self.agreeing(
                spans, with: chronicle.standing.reachedAt(condition), lastLook: chronicle.lastLook))
    }

    private static func agreeing(
        _ spans: [RecordedSpan], with reachedAt: WallTime?, lastLook: WallTime
    ) -> [RecordedSpan] {
        var spans = spans
        let isOpen = spans.last.map { $0.to == nil } ?? false
        switch (reachedAt, isOpen) {
        // The operator's word on the publication may lie before the entry, and what a confirmation put off after it.
        case (let at?, true): spans[spans.count - 1].from = at
        case (let at?, false): spans.append(RecordedSpan(from: at))
        case (nil, true): spans[spans.count - 1].to = max(lastLook, spans[spans.count - 1].from)
        case (nil, false): break
        }
        return spans
    }
}

extension Condition {
    fileprivate var reaching: Chronicle.LevelChange {
        switch self {
        case .published: .published
        case .propagated: .propagated
        case .secondPass: .secondPassSafe
        case .decommission: .decommissionSafe
        }
    }
}

extension Chronicle.LevelChange {
    /// A level that is taken back takes those above with it.
    fileprivate func takesBack(_ condition: Condition) -> Bool {
        switch self {
        case .regression: true
        case .unpropagated: condition != .published
        case .secondPassUnsafe: condition == .secondPass || condition == .decommission
        case .published, .propagated, .secondPassSafe, .decommissionSafe: false
        }
    }
}

extension RecordedStanding {
    package func reachedAt(_ condition: Condition) -> WallTime? {
        switch condition {
        case .published: publishedAt
        case .propagated: propagatedAt
        case .secondPass: secondPassAt
        case .decommission: decommissionAt
        }
    }
}

extension PropagationStory {
    /// From each time that the change was taken back until it was published again.
    package var regressions: [RecordedSpan] {
        var spans: [RecordedSpan] = []
        for entry in chronicle.entries {
            switch entry.kind {
            case .level(.regression): spans.append(RecordedSpan(from: entry.at))
            case .level(.published):
                for index in spans.indices where spans[index].to == nil { spans[index].to = entry.at }
            default: break
            }
        }
        return spans
    }
}
