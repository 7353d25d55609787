import DNS
import Propagation

/// One address of one authoritative server: what it served, and when it changed.
package struct ReportServer: Codable, Equatable, Sendable {
    /// The address where the name is not known.
    package var name: String
    package var address: Endpoint
    /// What it was last seen to serve.
    package var state: MailState
    /// Seconds, with what it was last seen to serve.
    package var ttl: UInt32?
    /// With the last RRset before the first switch.
    package var ttlBeforeSwitch: UInt32?
    /// Whether it served the target already when it was first asked.
    package var targetFromTheStart: Bool
    package var ttlLowered: [ReportLowering]
    /// Each time that it began to serve the target after something else.
    package var switches: [ReportTurn]
    /// Each time that it served something else again.
    package var turnedBack: [ReportTurn]
    package var served: [ReportServed]
}

/// A change, seen between two looks.
package struct ReportTurn: Codable, Equatable, Sendable {
    /// The first look that saw it.
    package var at: Timestamp
    /// The last look that did not.
    package var after: Timestamp
}

/// A TTL that was lowered while the RRset stayed. Seconds.
package struct ReportLowering: Codable, Equatable, Sendable {
    package var from: UInt32
    package var to: UInt32
    /// The first look that saw it.
    package var at: Timestamp
    /// The last look that did not.
    package var after: Timestamp
}

/// One RRset, or its absence, as one server served it.
package struct ReportServed: Codable, Equatable, Sendable {
    package var state: MailState
    package var mx: [ReadExchange]
    package var ttl: UInt32?
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var goneAt: Timestamp?
}

/// Which resolver is meant.
package struct ReportResolverName: Codable, Equatable, Sendable {
    package var name: String
    package var address: Endpoint
}

/// One resolver from the first look to the last.
package struct ReportResolver: Codable, Equatable, Sendable {
    package var name: String
    package var address: Endpoint
    /// At the last look that asked it; `nil` if none did.
    package var state: MailState?
    package var clear: Bool
    package var overdue: Bool
    /// Whether the verdict rests on it.
    package var counted: Bool
    /// Why it does not count, or `nil` if it does.
    package var excluded: String?
    /// The last look that asked it, if later looks did not.
    package var leftAt: Timestamp?
    package var firstFlipAt: Timestamp?
    package var lastFlipAt: Timestamp?
    /// Since when, without interruption, it has pointed at the target.
    package var targetSince: Timestamp?
    /// Since when it is clear.
    package var clearAt: Timestamp?
    /// Seconds from the publication; 0 where it was clear before.
    package var clearAfter: Int64?
    /// Until when a copy of another MX that was seen here can live.
    package var oldUntil: Timestamp?
    package var cachesSeen: Int
    package var checkedAt: Timestamp?
    package var overdueSpans: [ReportSpan]
    package var segments: [ReportSegment]
}

/// A stretch of time in which a resolver showed one thing.
package struct ReportSegment: Codable, Equatable, Sendable {
    package var from: Timestamp
    package var to: Timestamp
    /// `nil` until it was first asked.
    package var state: MailState?
    package var clear: Bool
    package var overdue: Bool
    /// Whether somebody looked. If nobody did, the segment has what was seen last.
    package var watched: Bool
}
