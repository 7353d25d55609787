import DNS
import Propagation

/// The monitoring plugins' convention: one line, `MX OK - … | perfdata`, and an exit code.
///
/// It takes one domain after another and keeps only the counts and the worst domain, so thousands need no memory.
package struct NagiosRenderer: Sendable {
    /// From good to bad. For the exit code of many domains, certain trouble counts more than doubt.
    package enum Severity: Int, Comparable, Sendable, CaseIterable {
        case ok, warning, unknown, critical

        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

        package var exitCode: Int32 {
            switch self {
            case .ok: 0
            case .warning: 1
            case .critical: 2
            case .unknown: 3
            }
        }

        var word: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }
    }

    private var domains = 0
    private var met = 0
    private var clear = 0
    private var counted = 0
    private var excluded = 0
    private var longestRemaining: Int64?
    private var worst: (severity: Severity, text: String)?

    package init() {}

    /// - Parameter tracker: what `status` was made from, at `now`: it knows of regressions.
    package mutating func add(_ status: DomainStatus, of tracker: DomainTracker, at now: Instant) {
        domains += 1
        if status.conditionMet { met += 1 }
        clear += status.resolversClear
        counted += status.resolversCounted
        excluded += status.resolversExcluded
        longestRemaining = [longestRemaining, status.longestRemaining].compactMap { $0 }.max()
        let severity = Self.severity(status, of: tracker, at: now)
        if worst == nil || severity > worst!.severity { worst = (severity, Self.text(status)) }
    }

    package static func severity(
        _ status: DomainStatus, of tracker: DomainTracker, at now: Instant
    ) -> Severity {
        let wasPublished = tracker.publishedAt ?? tracker.operatorPublishedAt.flatMap { $0 <= now ? $0 : nil }
        if tracker.regressedAt != nil { return .critical }
        if wasPublished != nil, tracker.authority.contradicts { return .critical }
        return status.conditionMet ? .ok : status.phase == .undetermined ? .unknown : .warning
    }

    /// The line without its end, and the exit code: the worst domain's.
    package func finish() -> (line: String, exitCode: Int32) {
        guard let worst else { return ("MX UNKNOWN - no domain was checked", Severity.unknown.exitCode) }
        var text = worst.text
        if domains > 1 {
            text = "\(met) of \(domains) domains meet the condition"
            if worst.severity > .ok { text += "; worst: \(worst.text)" }
        }
        let line = "MX \(worst.severity.word) - \(text) | \(performanceData)"
        return (line, worst.severity.exitCode)
    }

    private static func text(_ status: DomainStatus) -> String {
        let reasons = status.reasons.prefix(2).joined(separator: "; ")
        let since = status.latestTargetSince.map { ", the latest since \($0)" } ?? ""
        let text =
            "\(status.domain.displayText): \(status.phase.rawValue), \(status.clearText)\(since)"
            + (reasons.isEmpty ? "" : "; ")
        // A pipe would begin the performance data.
        return String((text + reasons).map { $0 == "|" ? "/" : $0.isNewline ? " " : $0 })
    }

    private var performanceData: String {
        var data: [String] = []
        if domains > 1 { data += ["domains=\(domains)", "met=\(met);;;0;\(domains)"] }
        data += ["clear=\(clear);;;0;\(counted)", "counted=\(counted)", "excluded=\(excluded)"]
        if let longestRemaining { data.append("longest_ttl=\(longestRemaining)s;;;0") }
        return data.joined(separator: " ")
    }
}
