import DNS
import Propagation

/// How a domain's change came about, as every face of a report shows it: the document `propaga/report/1`.
///
/// Members are declared in the document's order, as those of `Status` are. Absent knowledge is `nil` here and `null` in JSON, never 0 or an empty string. All text in it that came from
/// the network or the configuration is escaped already.
package struct ReportDocument: Codable, Equatable, Sendable {
    package static let schemaIdentifier = "propaga/report/1"

    package var schema = ReportDocument.schemaIdentifier
    package var generatedAt: Timestamp
    package var domain: DomainName
    package var target: TargetStatus
    package var firstLook: Timestamp
    package var lastLook: Timestamp
    /// At the last look.
    package var phase: Phase
    package var basis: Basis
    /// The first authoritative server's switch, or else the publication.
    package var changeBegan: Timestamp?
    /// The instant after which no cache that respects TTLs can hold another MX; `nil` until it is published.
    package var bound: Timestamp?
    /// Seconds from the publication to the bound.
    package var boundAfter: Int64?
    /// At the last look.
    package var resolversCounted: Int
    package var resolversClear: Int
    /// Published, propagated, second pass, decommission.
    package var levels: [ReportLevel]
    /// How long it took until half, nine tenths and all of the resolvers were clear.
    package var clearAfter: [ReportMilestoneShare]
    /// From each time that the change was taken back until it was published again.
    package var regressions: [ReportSpan]
    package var authority: [ReportServer]
    /// A step function: each holds until the next.
    package var shares: [ReportShare]
    /// In the order in which they were first asked.
    package var resolvers: [ReportResolver]
    /// At most five, the slowest first; those not clear at the last look before all others.
    package var slowest: [ReportResolverName]
    /// Resolvers that served a copy that should have expired.
    package var overdue: [ReportResolverName]
    package var events: [ReportEvent]
    /// When somebody looked; empty if that is not known.
    package var looks: [ReportLook]
}

/// One level: since when it is reached, and each span in which it was.
package struct ReportLevel: Codable, Equatable, Sendable {
    package var level: Condition
    /// At the last look.
    package var reached: Bool
    package var at: Timestamp?
    /// Seconds since the publication.
    package var after: Int64?
    package var spans: [ReportSpan]
}

/// From one instant to another; `to` is `nil` while it goes on.
package struct ReportSpan: Codable, Equatable, Sendable {
    package var from: Timestamp
    package var to: Timestamp?
}

/// How long it took until so many of the resolvers were clear.
package struct ReportMilestoneShare: Codable, Equatable, Sendable {
    package var percent: Int
    /// Since the publication; `nil` until then.
    package var seconds: Int64?
}

/// One step of the share of resolvers that are clear.
package struct ReportShare: Codable, Equatable, Sendable {
    package var at: Timestamp
    package var clear: Int
    package var counted: Int
}

/// A stretch of time in which somebody looked.
package struct ReportLook: Codable, Equatable, Sendable {
    package var from: Timestamp
    package var to: Timestamp
}

/// Something that happened, as it was recorded.
package struct ReportEvent: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case published, regression, propagated, unpropagated, transition, clear, overdue
        case secondPassSafe = "second_pass_safe"
        case secondPassUnsafe = "second_pass_unsafe"
        case decommissionSafe = "decommission_safe"
        case clearNoMore = "clear_no_more"
        case overdueNoMore = "overdue_no_more"
        case clockWentBack = "clock_went_back"
    }

    package var at: Timestamp
    package var event: Kind
    /// `nil` if the event concerns the domain as a whole, as `address` is.
    package var resolver: String?
    package var address: Endpoint?
    package var from: MailState?
    package var to: MailState?
    package var mx: [ReadExchange]
    /// Seconds.
    package var ttl: UInt32?
    /// By how much the clock went back.
    package var seconds: Int64?
}
