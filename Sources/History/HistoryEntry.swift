import DNS
import Propagation

/// What to write about one domain: what is known now, and what has happened since the last entry.
package struct HistoryEntry: Sendable {
    package var tracker: DomainTracker
    /// Both clocks at the time of the tracker's state.
    package var clock: ClockReading
    /// In the order of the core's conclusions.
    package var events: [(at: Instant, event: Event)]
    package var scope: Scope

    /// What may have changed.
    package enum Scope: Sendable {
        case everything
        /// These resolvers, and nothing about the domain as a whole.
        case resolvers(Set<Int>)
        /// The authoritative servers and the levels, and these resolvers.
        case domain(Set<Int>)
    }

    package init(
        _ tracker: DomainTracker, at clock: ClockReading, events: [(at: Instant, event: Event)] = [],
        scope: Scope = .everything
    ) {
        self.tracker = tracker
        self.clock = clock
        self.events = events
        self.scope = scope
    }

    /// What one answer or poll has brought.
    ///
    /// - Parameters:
    ///   - events: what was concluded, all at `instant`.
    ///   - resolvers: those with news.
    ///   - concernsDomain: whether there is news of the domain as a whole, or of its authoritative servers.
    package init(
        _ tracker: DomainTracker, at clock: ClockReading, concluded events: [Event], at instant: Instant,
        resolvers: Set<Int>, concernsDomain: Bool
    ) {
        self.init(
            tracker, at: clock, events: events.map { (instant, $0) },
            scope: concernsDomain ? .domain(resolvers) : .resolvers(resolvers))
    }

    /// The indices of the resolvers that may have changed and about which we know something.
    var changedResolvers: [Int] {
        let all = tracker.resolvers.indices
        let wanted: [Int] =
            switch scope {
            case .everything: Array(all)
            case .resolvers(let some), .domain(let some): some.sorted()
            }
        return wanted.filter { tracker.resolvers[$0].hasBeenAsked }
    }

    var concernsDomain: Bool {
        if case .resolvers = scope { !events.isEmpty } else { true }
    }

    /// Whether there was any usable answer: a name without one leaves no trace.
    var hasSubstance: Bool {
        tracker.authority.firstTold != nil || tracker.resolvers.contains { $0.lastInformative != nil }
    }

    /// Adds a later entry to this one.
    mutating func merge(_ later: HistoryEntry) {
        tracker = later.tracker
        clock = later.clock
        events += later.events
        if events.count > Self.mostEvents { dropOldTransitions() }
        scope = scope.union(later.scope)
    }

    /// While the history cannot be written, at most this much is kept.
    private static let mostEvents = 1_000

    private mutating func dropOldTransitions() {
        var excess = events.count - Self.mostEvents
        events.removeAll { _, event in
            guard excess > 0, case .transition = event else { return false }
            excess -= 1
            return true
        }
    }
}

extension HistoryEntry.Scope {
    func union(_ other: Self) -> Self {
        switch (self, other) {
        case (.everything, _), (_, .everything): .everything
        case (.resolvers(let left), .resolvers(let right)): .resolvers(left.union(right))
        case (.resolvers(let left), .domain(let right)), (.domain(let left), .resolvers(let right)),
            (.domain(let left), .domain(let right)):
            .domain(left.union(right))
        }
    }
}
