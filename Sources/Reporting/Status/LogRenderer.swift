import DNS
import Propagation

/// One line of text for each event: for a terminal that scrolls, or a file.
package struct LogRenderer: Sendable {
    private let style: TextStyle

    package init(_ style: TextStyle) { self.style = style }

    /// The line without its end; `nil` for a sample, which changed nothing.
    package func line(_ event: ReportedEvent) -> String? {
        guard let text = text(event) else { return nil }
        let at = Timestamp(event.at)
        return "\(times(at).full(at))  \(style.name(event.domain))  \(text)"
    }

    private func times(_ now: Timestamp) -> TimeText { TimeText(zone: style.zone, now: now) }

    /// What happened, without the time and the domain; `nil` for a sample.
    func text(_ event: ReportedEvent) -> String? {
        switch event.kind {
        case .sample: return nil
        case .transition(let from, let to, let sample, let since):
            let change = "\(from?.rawValue ?? "unknown") -> \(to.rawValue)"
            let facts = [
                since.map { "since \(times(Timestamp(event.at)).text(Timestamp($0)))" },
                sample.mx.isEmpty ? nil : "MX " + exchangesText(sample.mx),
                sample.ttl.map { "TTL \($0)" }, sample.error,
            ]
            return ([event.resolver?.label, change] + facts).compactMap { $0 }.joined(separator: "  ")
        case .level(let level): return Self.text(level)
        case .doubt(let edits, let from, let until):
            let times = times(Timestamp(event.at))
            return "DOUBT: "
                + Sentences.doubt(
                    edits, from: times.text(Timestamp(from)), until: times.text(Timestamp(until)))
        }
    }

    /// The text for a level that was reached or taken back.
    static func text(_ level: LevelChange) -> String {
        let word =
            switch level {
            case .published: "PUBLISHED"
            case .regression: "REGRESSION"
            case .propagated: "PROPAGATED"
            case .unpropagated: "NO LONGER PROPAGATED"
            case .secondPassSafe: "SECOND PASS SAFE"
            case .secondPassUnsafe: "NO LONGER SAFE"
            case .decommissionSafe: "DECOMMISSION SAFE"
            }
        return "\(word): \(Sentences.sentence(level))"
    }
}

/// `10 mx01.cbsolt.net, 20 mx02.qboxmail.com`; exchanges other than the target's come first, because
/// they matter most if the end is cut off.
func exchangesText(_ exchanges: [ReadExchange]) -> String {
    (exchanges.filter { !$0.accepted } + exchanges.filter(\.accepted)).map {
        "\($0.preference) \($0.exchange)"
    }.joined(separator: ", ")
}
