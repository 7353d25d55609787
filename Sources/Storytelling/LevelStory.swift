import DNS
import Propagation

/// When one level was reached and taken back.
package struct LevelStory: Sendable, Equatable {
    package let condition: Condition
    /// In order of time; only the last may be open.
    package let spans: [RecordedSpan]

    /// `nil` where it is not reached now.
    package var reachedAt: WallTime? { spans.last.flatMap { $0.to == nil ? $0.from : nil } }

    init(_ condition: Condition, spans: [RecordedSpan]) {
        self.condition = condition
        self.spans = spans
    }

    /// From the entries; the standing decides about now.
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
        // The operator's word may date publication before the entry, and a confirmation a level after it.
        case (let at?, true): spans[spans.count - 1].from = at
        case (let at?, false): spans.append(RecordedSpan(from: at))
        case (nil, true): spans[spans.count - 1].to = max(lastLook, spans[spans.count - 1].from)
        case (nil, false): break
        }
        return spans
    }
}

extension Condition {
    fileprivate var reaching: LevelChange {
        switch self {
        case .published: .published
        case .propagated: .propagated
        case .secondPass: .secondPassSafe
        case .decommission: .decommissionSafe
        }
    }
}

extension LevelChange {
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
    /// From each regression until the next publication.
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
