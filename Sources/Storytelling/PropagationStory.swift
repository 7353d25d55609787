import DNS
import Propagation

/// A *story*: when each part of a propagation happened, drawn from a chronicle alone.
///
/// A change between two looks is dated by the later one, which is never too early; both are kept.
package struct PropagationStory: Sendable, Equatable {
    package let chronicle: Chronicle
    /// In the order in which they were first seen.
    package let servers: [ServerStory]
    /// In the chronicle's order; those of which it holds only entries come last.
    package let resolvers: [ResolverStory]
    /// One for each level, in their order.
    package let levels: [LevelStory]
    /// As a step function.
    package let shares: [ClearShare]

    package init(_ chronicle: Chronicle) {
        self.chronicle = chronicle
        servers = ServerStory.all(in: chronicle)
        levels = Condition.allCases.map { LevelStory($0, in: chronicle) }
        let changeBegan = Self.changeBegan(servers, levels, basis: chronicle.standing.basis)
        resolvers = ResolverStory.all(in: chronicle, since: changeBegan)
        shares = ClearShare.steps(resolvers, in: chronicle)
    }

    /// When the change began to show: the first switch seen at an authoritative server, or else publication;
    /// `nil` where only resolvers tell of it, or nothing does.
    package var changeBegan: WallTime? {
        Self.changeBegan(servers, levels, basis: chronicle.standing.basis)
    }

    private static func changeBegan(
        _ servers: [ServerStory], _ levels: [LevelStory], basis: Basis
    ) -> WallTime? {
        // Where resolvers decide, publication is the last flip, not the first.
        let published = basis == .resolvers ? nil : levels.first?.spans.first?.from
        return ([published] + servers.map(\.switches.first?.at)).compactMap(\.self).min()
    }

    package func level(_ condition: Condition) -> LevelStory {
        levels.first { $0.condition == condition } ?? LevelStory(condition, spans: [])
    }
}

// MARK: - Lengths of time

extension PropagationStory {
    /// When it was published; after a regression, the publication that followed.
    package var publishedAt: WallTime? { level(.published).reachedAt }

    /// From publication to a level; `nil` until both are reached.
    package func time(to condition: Condition) -> Duration? {
        guard let start = publishedAt, let end = level(condition).reachedAt else { return nil }
        return end.since(start)
    }

    /// From publication to the bound.
    package var timeToBound: Duration? {
        guard let start = publishedAt, let end = chronicle.standing.bound else { return nil }
        return end.since(start)
    }

    /// From publication until `percent` of the resolvers were first clear; `nil` until then.
    ///
    /// - Parameter percent: 0 to 100.
    package func time(toClear percent: Int) -> Duration? {
        guard let start = publishedAt else { return nil }
        let reached = shares.last { $0.at <= start && $0.counted > 0 }.map { $0.isAtLeast(percent) } ?? false
        if reached { return .zero }
        return shares.first { $0.at > start && $0.counted > 0 && $0.isAtLeast(percent) }?.at.since(start)
    }
}

// MARK: - Those that take long

extension PropagationStory {
    /// The resolvers that count, slowest first: those not clear yet, then by `clearAt`, the latest first.
    package var slowestFirst: [ResolverStory] {
        let counted = resolvers.enumerated().filter { $0.element.counts && !$0.element.hasLeft }
        func key(_ story: ResolverStory) -> Int64 { story.clearAt?.milliseconds ?? .max }
        return counted.sorted { left, right in
            let (a, b) = (key(left.element), key(right.element))
            return a != b ? a > b : left.offset < right.offset
        }.map(\.element)
    }

    /// Resolvers that are or were overdue.
    package var overdue: [ResolverStory] { resolvers.filter { !$0.overdue.isEmpty } }
}

/// `to` is `nil` while it goes on.
package struct RecordedSpan: Sendable, Hashable {
    package var from: WallTime
    package var to: WallTime?

    package init(from: WallTime, to: WallTime? = nil) {
        self.from = from
        self.to = to
    }
}

extension WallTime {
    /// The time since `earlier`; negative where that is later.
    package func since(_ earlier: WallTime) -> Duration {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(overflow ? (milliseconds < 0 ? .min : .max) : difference)
    }
}
