import DNS
import Propagation

/// What one authoritative server served, and when that changed.
package struct ServerStory: Sendable, Equatable {
    package let server: ServerLabel
    /// In order of `firstSeen`.
    package let spans: [ServedSpan]

    /// In the order in which they were first seen.
    static func all(in chronicle: Chronicle) -> [ServerStory] {
        var order: [ServerLabel] = []
        var spans: [ServerLabel: [ServedSpan]] = [:]
        for span in chronicle.served {
            if spans[span.server] == nil { order.append(span.server) }
            spans[span.server, default: []].append(span)
        }
        return order.map { ServerStory(server: $0, spans: spans[$0] ?? []) }
    }

    /// A change of what a server serves.
    package struct Turn: Sendable, Hashable {
        /// When the new content was first seen.
        package var at: WallTime
        /// When the former content was last seen.
        package var after: WallTime
    }

    /// A TTL that was lowered while the RRset stayed.
    package struct Lowering: Sendable, Hashable {
        package var from: TTL
        package var to: TTL
        package var seen: Turn
    }

    /// Each change to the target. What it served at the first look is no switch.
    package var switches: [Turn] { turns { $0.state != .target && $1.state == .target } }

    /// Each change from the target to something else.
    package var turnsBack: [Turn] { turns { $0.state == .target && $1.state != .target } }

    /// Whether it served the target when first asked.
    package var servedTargetFromTheStart: Bool { spans.first?.state == .target }

    /// Each lower TTL of the same RRset before the first switch.
    package var lowerings: [Lowering] {
        zip(spans, spans.dropFirst()).prefix { $0.1.state != .target }.compactMap { before, after in
            guard before.state == after.state, before.exchanges == after.exchanges,
                let from = before.ttl, let to = after.ttl, to < from
            else { return nil }
            return Lowering(from: from, to: to, seen: Turn(before, after))
        }
    }

    /// The TTL of the last RRset before the first switch; `nil` where that was unseen.
    package var timeToLiveBeforeSwitch: TTL? {
        guard let first = spans.firstIndex(where: { $0.state == .target }), first > 0 else {
            return spans.first?.state == .target ? nil : spans.last?.ttl
        }
        return spans[first - 1].ttl
    }

    private func turns(where isTurn: (ServedSpan, ServedSpan) -> Bool) -> [Turn] {
        zip(spans, spans.dropFirst()).filter { isTurn($0.0, $0.1) }.map { Turn($0.0, $0.1) }
    }
}

extension ServerStory.Turn {
    init(_ before: ServedSpan, _ after: ServedSpan) {
        self.init(at: after.firstSeen, after: min(before.lastSeen, after.firstSeen))
    }
}
