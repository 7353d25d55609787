import DNS
import Propagation

/// What one authoritative server was seen to serve, and when it changed.
package struct ServerStory: Sendable, Equatable {
    package let server: ServerLabel
    /// In order of `firstSeen`.
    package let spans: [ServedSpan]

    /// The servers of a chronicle, in the order in which they were first seen.
    static func all(in chronicle: Chronicle) -> [ServerStory] {
        var order: [ServerLabel] = []
        var spans: [ServerLabel: [ServedSpan]] = [:]
        for span in chronicle.served {
            if spans[span.server] == nil { order.append(span.server) }
            spans[span.server, default: []].append(span)
        }
        return order.map { ServerStory(server: $0, spans: spans[$0] ?? []) }
    }

    /// A server that began to serve something else.
    package struct Turn: Sendable, Hashable {
        /// When it was first seen to.
        package var at: WallTime
        /// When it was last seen to serve what was there before.
        package var after: WallTime
    }

    /// A TTL that was lowered while the RRset stayed.
    package struct Lowering: Sendable, Hashable {
        package var from: TTL
        package var to: TTL
        package var seen: Turn
    }

    /// Each time that it began to serve the target after something else. What it served at the first look is no
    /// switch: nobody saw it.
    package var switches: [Turn] { turns { $0.state != .target && $1.state == .target } }

    /// Each time that it served something else again.
    package var turnsBack: [Turn] { turns { $0.state == .target && $1.state != .target } }

    /// Whether it served the target already when it was first asked.
    package var servedTargetFromTheStart: Bool { spans.first?.state == .target }

    /// Each time that the TTL became lower before the first switch, the RRset being the same.
    package var lowerings: [Lowering] {
        zip(spans, spans.dropFirst()).prefix { $0.1.state != .target }.compactMap { before, after in
            guard before.state == after.state, before.exchanges == after.exchanges,
                let from = before.ttl, let to = after.ttl, to < from
            else { return nil }
            return Lowering(from: from, to: to, seen: Turn(before, after))
        }
    }

    /// The TTL with which it served the last RRset before the first switch; `nil` where nobody saw it.
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
