import DNS
import Propagation

/// The assumptions of a verdict, in the words of the document and in sentences for people.
package struct AssumptionTexts: Codable, Equatable, Sendable {
    /// In a document: `name servers unchanged since before 2026-11-21T16:00:00Z`.
    package var brief: [String]
    /// One sentence for each, with times in the reader's zone. They are not in the document.
    var sentences: [String] = []

    package init(_ assumptions: [Assumption], _ times: TimeText, _ clock: ClockReading) {
        let texts = assumptions.map { AssumptionText($0, times, clock) }
        brief = texts.map(\.brief)
        sentences = texts.map(\.sentence)
    }

    package init(from decoder: any Decoder) throws {
        brief = try decoder.singleValueContainer().decode([String].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(brief)
    }

    package static func == (left: AssumptionTexts, right: AssumptionTexts) -> Bool {
        left.brief == right.brief
    }
}

/// One assumption, for programs and for people.
private struct AssumptionText {
    /// `name servers unchanged since before 2026-11-21T16:00:00Z`: what a document names.
    var brief: String
    /// A sentence without its final stop: what is assumed, and what to do if it is wrong.
    var sentence: String

    /// - Parameter clock: tells the wall time of instants.
    init(_ assumption: Assumption, _ times: TimeText, _ clock: ClockReading) {
        func brief(_ instant: Instant) -> String { Timestamp(clock.wallTime(at: instant)).description }
        switch assumption {
        case .nameServersUnchanged(let since):
            self.brief = "name servers unchanged since before \(brief(since))"
            sentence =
                "we assume that the name servers have not changed since before \(times.text(since))."
                + " If they have, add --name-servers-since TIME"
        case .caughtUp(let server, let instant):
            self.brief = "\(server.label), which does not answer us, up to date since \(brief(instant))"
            sentence =
                "we assume that \(server.label) has served the new MX since \(times.text(instant)), but it does not"
                + " answer us. Check it from another network, or take it out of the delegation"
        case .noRollback(let from, let until):
            self.brief = "MX not rolled back between \(brief(from)) and \(brief(until))"
            sentence =
                "we assume that nobody changed the MX back and forth from \(times.text(from)) to"
                + " \(times.text(until)): we did not look then, and the zone's serial does not tell"
        }
    }
}
