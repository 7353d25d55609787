import DNS
import Propagation

/// What one resolver showed, from the first look to the last.
package struct ResolverStory: Sendable, Equatable {
    package let server: ServerLabel
    /// As last seen; `nil` where the chronicle holds only entries of it.
    package let last: RecordedResolver?
    /// Each change of its condition, beginning with the first look; at most one an instant.
    package let turns: [Turn]
    /// In order, without overlaps, from the first look until the last that asked it.
    package let segments: [Segment]
    /// When it was first and last seen to flip, since the change began.
    package let firstFlip: WallTime?
    package let lastFlip: WallTime?
    /// Since when it is clear; `nil` where it is not.
    package let clearAt: WallTime?
    /// The times in which it was overdue.
    package let overdue: [RecordedSpan]
    /// The last look that asked it, if later ones did not.
    package let leftAt: WallTime?

    /// Whether it is no longer asked.
    package var hasLeft: Bool { leftAt != nil }
    /// Whether the verdict rests on it.
    package var counts: Bool { last != nil && last?.exclusion == nil }

    /// Its condition from `at` on.
    package struct Turn: Sendable, Hashable {
        package var at: WallTime
        package var condition: ResolverCondition
    }

    /// A time in which its condition did not change.
    package struct Segment: Sendable, Hashable {
        package var from: WallTime
        package var to: WallTime
        package var condition: ResolverCondition
        /// Whether the domain was asked about then; else `condition` is the last one seen.
        package var isWatched = true
    }
}

/// A resolver's condition at one instant.
package struct ResolverCondition: Sendable, Hashable {
    /// `nil` until it was first asked.
    package var state: MailState?
    package var isClear = false
    package var isOverdue = false

    package init(state: MailState? = nil, isClear: Bool = false, isOverdue: Bool = false) {
        self.state = state
        self.isClear = isClear
        self.isOverdue = isOverdue
    }
}

extension ResolverStory {
    /// - Parameter change: when the change began to show; earlier flips are not its.
    static func all(in chronicle: Chronicle, since change: WallTime?) -> [ResolverStory] {
        var entries: [ServerLabel: [Chronicle.Entry]] = [:]
        var onlyInEntries: [ServerLabel] = []
        let known = Set(chronicle.resolvers.map(\.server))
        for entry in chronicle.entries {
            guard let server = entry.resolver else { continue }
            if entries[server] == nil, !known.contains(server) { onlyInEntries.append(server) }
            entries[server, default: []].append(entry)
        }
        let recorded = chronicle.resolvers.map { ($0.server, Optional($0)) }
        return (recorded + onlyInEntries.map { ($0, nil) }).map { server, last in
            ResolverStory(server, last, entries: entries[server] ?? [], in: chronicle, since: change)
        }
    }

    private init(
        _ server: ServerLabel, _ last: RecordedResolver?, entries: [Chronicle.Entry], in chronicle: Chronicle,
        since change: WallTime?
    ) {
        self.server = server
        self.last = last
        leftAt = Self.leftAt(last, entries: entries, in: chronicle)
        var walk = Walk(from: chronicle.firstLook, since: change)
        for entry in entries { walk.take(entry) }
        walk.agree(with: last)
        turns = walk.turns
        let whole = Self.segments(of: walk.turns, until: leftAt ?? chronicle.lastLook)
        segments = chronicle.looks.isEmpty ? whole : whole.split(by: chronicle.looks)
        (firstFlip, lastFlip) = (walk.flips.first, walk.flips.last)
        clearAt = walk.condition.isClear ? walk.clearSince : nil
        overdue = walk.overdue
    }

    /// `nil` where it is still asked.
    private static func leftAt(
        _ last: RecordedResolver?, entries: [Chronicle.Entry], in chronicle: Chronicle
    ) -> WallTime? {
        guard let last else { return entries.last?.at }
        guard let checkedAt = last.checkedAt,
            chronicle.lastLook.since(checkedAt) > Chronicle.Look.longestPause
        else { return nil }
        return checkedAt
    }

    private static func segments(of turns: [Turn], until end: WallTime) -> [Segment] {
        turns.indices.compactMap { index in
            let next = index + 1 < turns.count ? turns[index + 1].at : end
            guard next > turns[index].at else { return nil }
            return Segment(from: turns[index].at, to: next, condition: turns[index].condition)
        }
    }
}

/// Goes through the entries of one resolver.
private struct Walk {
    var turns: [ResolverStory.Turn]
    var flips: [WallTime] = []
    var overdue: [RecordedSpan] = []
    var clearSince: WallTime?
    var condition: ResolverCondition { turns[turns.count - 1].condition }
    /// The last informative state.
    private var informative: MailState?
    private let change: WallTime?

    init(from start: WallTime, since change: WallTime?) {
        turns = [ResolverStory.Turn(at: start, condition: ResolverCondition())]
        self.change = change
    }

    mutating func take(_ entry: Chronicle.Entry) {
        switch entry.kind {
        case .transition(_, from: let from, to: let state, _):
            if let from, from.isInformative { informative = from }
            let isFlip = state == .target && informative != nil && informative != .target
            if isFlip, change.map({ entry.at >= $0 }) ?? true { flips.append(entry.at) }
            if state.isInformative { informative = state }
            turn(at: entry.at) { $0.state = state }
        case .clear(_, let isClear):
            if isClear, !condition.isClear { clearSince = entry.at }
            turn(at: entry.at) { $0.isClear = isClear }
        case .overdue(_, let isOverdue):
            if isOverdue, !condition.isOverdue { overdue.append(RecordedSpan(from: entry.at)) }
            if !isOverdue, condition.isOverdue { overdue[overdue.count - 1].to = entry.at }
            turn(at: entry.at) { $0.isOverdue = isOverdue }
        case .level, .clockWentBack: break
        }
    }

    /// The condition as last seen decides, from when it was seen.
    mutating func agree(with last: RecordedResolver?) {
        guard let last, let checkedAt = last.checkedAt else { return }
        let now = ResolverCondition(state: last.state, isClear: last.isClear, isOverdue: last.isOverdue)
        guard now != condition else { return }
        if now.isClear, !condition.isClear { clearSince = checkedAt }
        if now.isOverdue, !condition.isOverdue { overdue.append(RecordedSpan(from: checkedAt)) }
        if !now.isOverdue, condition.isOverdue { overdue[overdue.count - 1].to = checkedAt }
        turn(at: checkedAt) { $0 = now }
    }

    private mutating func turn(at instant: WallTime, _ change: (inout ResolverCondition) -> Void) {
        var changed = condition
        change(&changed)
        guard changed != condition else { return }
        let last = turns.count - 1
        // A wall clock set back makes no earlier turn.
        if instant <= turns[last].at {
            turns[last].condition = changed
        } else {
            turns.append(ResolverStory.Turn(at: instant, condition: changed))
        }
    }
}

extension [ResolverStory.Segment] {
    /// Cut where looks begin and end.
    fileprivate func split(by looks: [Chronicle.Look]) -> Self {
        flatMap { segment in
            var parts: Self = []
            var start = segment.from
            func add(to end: WallTime, isWatched: Bool) {
                guard end > start else { return }
                parts.append(
                    .init(from: start, to: end, condition: segment.condition, isWatched: isWatched))
                start = end
            }
            for look in looks where look.to > segment.from && look.from < segment.to {
                add(to: Swift.min(look.from, segment.to), isWatched: false)
                add(to: Swift.min(look.to, segment.to), isWatched: true)
            }
            add(to: segment.to, isWatched: false)
            return parts
        }
    }
}

extension Chronicle.Entry {
    /// `nil` where it is about the domain.
    package var resolver: ServerLabel? {
        switch kind {
        case .transition(let server, _, _, _), .clear(let server, _), .overdue(let server, _): server
        case .level, .clockWentBack: nil
        }
    }
}
