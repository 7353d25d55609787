import DNS
import Propagation

/// The one sentence that an operator reads: may the second migration pass start, and if not, why not and
/// until when.
///
///     Second pass: NOT YET. 2 of 24 resolvers hold the previous MX, the last until 17:31; bound 17:00;
///     settle until 19:31.
package struct SecondPassSentence: Sendable, Equatable {
    package enum Level: Sendable, Equatable { case safe, notYet, cannotTell }

    package var level: Level
    /// `Second pass: NOT YET.`, for a face that sets it apart.
    package var verdict: String
    /// The rest, with its full stops; empty where there is nothing to add.
    package var explanation: String

    package var text: String { explanation.isEmpty ? verdict : "\(verdict) \(explanation)" }

    /// - Parameters:
    ///   - status: made with `zone`, in which its reasons name times.
    ///   - now: when the status was made.
    package init(_ status: DomainStatus, at now: Timestamp, zone: TimeZoneChoice) {
        let times = BriefTimes(zone: zone, now: now)
        if status.phase == .undetermined {
            level = .cannotTell
            verdict = "Second pass: CANNOT TELL."
            explanation = status.reasons.first.map { $0.inSentenceCase + "." } ?? ""
        } else if status.secondPass.safe {
            level = .safe
            let since = status.secondPass.at.map { " since \(times.text($0))" } ?? ""
            verdict = "Second pass: SAFE\(since)."
            let start =
                status.secondPass.notBefore.flatMap { $0 > now ? $0 : nil }.map {
                    "If it has not started, wait until \(times.text($0))."
                } ?? "Start the second pass."
            explanation = "\(start)\(Self.decommission(status, times))\(Self.assumptions(status))"
        } else {
            level = .notYet
            verdict = "Second pass: NOT YET."
            let obstacles = Self.obstacles(status, now: now, times)
            let waits = Self.waits(status, now: now, times)
            let text = (obstacles + waits).joined(separator: "; ")
            // A resolver's name at the start keeps its case.
            explanation = text.isEmpty ? "" : (obstacles.isEmpty ? text.inSentenceCase : text) + "."
        }
    }
}

// MARK: - The parts

extension SecondPassSentence {
    private static func decommission(_ status: DomainStatus, _ times: BriefTimes) -> String {
        if status.decommission.safe { return " Decommission: SAFE, the old provider may delete the domain." }
        return status.decommission.notBefore.map { " Decommission: not before \(times.text($0))." } ?? ""
    }

    private static func assumptions(_ status: DomainStatus) -> String {
        status.assumptions.sentences.map { " \($0.inSentenceCase)." }.joined()
    }

    /// What keeps the domain from having propagated.
    private static func obstacles(
        _ status: DomainStatus, now: Timestamp, _ times: BriefTimes
    ) -> [String] {
        // Before the change is made, what the caches hold says nothing of the end.
        if !status.published.reached, status.published.basis != .resolvers {
            return status.reasons.first.map { [$0.inSentenceCase] } ?? []
        }
        if status.propagated.reached {
            return ["\(counted(status.resolversCounted)) the new MX"]
        }
        let waitedFor = status.resolvers.filter { $0.excluded == nil && !$0.clear }
        let holding = waitedFor.filter { $0.oldUntil.map { $0 > now } ?? false }
        let others = waitedFor.filter { resolver in !holding.contains { $0.address == resolver.address } }
        var parts: [String] = []
        if let last = holding.compactMap(\.oldUntil).max() {
            let resolvers = "\(holding.count) of \(count(status.resolversCounted))"
            let verb = Sentences.verb(holding.count, "holds", "hold")
            let until = holding.count == 1 ? "until" : "the last until"
            parts.append("\(resolvers) \(verb) \(copies(holding)), \(until) \(times.text(last))")
        }
        return parts + remarks(on: others)
    }

    /// What resolvers hold: `the previous MX`, `no MX at all`, the most frequent first.
    private static func copies(_ resolvers: [ResolverStatus]) -> String {
        let counts = Dictionary(resolvers.map { ($0.state, 1) }, uniquingKeysWith: +)
        let states = MailState.allCases.filter { counts[$0] != nil }.sorted { counts[$0]! > counts[$1]! }
        var texts: [String] = []
        for text in states.map(Sentences.copyText) where !texts.contains(text) { texts.append(text) }
        return texts.joined(separator: " or ")
    }

    /// On resolvers that hold no copy whose end is known.
    private static func remarks(on resolvers: [ResolverStatus]) -> [String] {
        let overdue = resolvers.filter(\.overdue)
        let rest = resolvers.filter { !$0.overdue }
        let silent = rest.filter { !$0.state.isInformative }
        let unconfirmed = rest.filter { $0.state == .target }
        let others = rest.filter { $0.state.isInformative && $0.state != .target }
        return [
            remark(overdue, "serves a copy past its time", "serve copies past their time"),
            remark(others, "is to be asked again", "are to be asked again"),
            remark(silent, "is not answering", "are not answering"),
            remark(unconfirmed, "is not confirmed yet", "are not confirmed yet"),
        ].compactMap { $0 }
    }

    private static func remark(_ resolvers: [ResolverStatus], _ one: String, _ many: String) -> String? {
        switch resolvers.count {
        case 0: nil
        case 1: "\(resolvers[0].name) \(one)"
        case 2: "\(resolvers[0].name) and \(resolvers[1].name) \(many)"
        default: "\(resolvers.count) resolvers \(many)"
        }
    }

    /// What must pass besides.
    private static func waits(_ status: DomainStatus, now: Timestamp, _ times: BriefTimes) -> [String] {
        guard status.published.reached else { return [] }
        let isAssumed = status.reasons.contains { $0.contains(Sentences.previousTTLRemedy) }
        let ground = isAssumed ? " (--previous-ttl would shorten it)" : ""
        let bound = status.secondPass.bound.map { "bound \(times.text($0))\(ground)" } ?? "no bound is known"
        let settle = status.secondPass.notBefore.map { instant in
            instant > now
                ? "settle until \(times.text(instant))" : "the authoritative servers are asked once more"
        }
        return [bound, settle].compactMap { $0 }
    }

    private static func counted(_ resolvers: Int) -> String {
        resolvers == 1
            ? "The only resolver that counts serves"
            : "\(Sentences.all(resolvers).inSentenceCase) resolvers that count serve"
    }

    private static func count(_ resolvers: Int) -> String {
        resolvers == 1 ? "1 resolver" : "\(resolvers) resolvers"
    }
}

/// Times of day as a sentence names them: `17:31`, with the date where it is another day.
struct BriefTimes {
    let zone: TimeZoneChoice
    let now: Timestamp

    /// Ahead by less than this many seconds, a time carries its seconds: cut off, they would make it seem
    /// over up to a minute before it is.
    private static let near: Int64 = 600

    func text(_ timestamp: Timestamp) -> String {
        let civil = CivilTime(seconds: timestamp.seconds + zone.offset(at: timestamp))
        let today = CivilTime(seconds: now.seconds + zone.offset(at: now))
        var text: [UInt8] = []
        if (civil.year, civil.month, civil.day) != (today.year, today.month, today.day) {
            civil.appendDate(to: &text)
            text.append(UInt8(ascii: " "))
        }
        civil.appendTime(to: &text)
        let isNear = timestamp > now && timestamp.seconds - now.seconds < Self.near
        return String(decoding: isNear ? text : text.dropLast(3), as: UTF8.self)
    }

    /// `17:05:09`.
    func ofDay(_ timestamp: Timestamp) -> String {
        var text: [UInt8] = []
        CivilTime(seconds: timestamp.seconds + zone.offset(at: timestamp)).appendTime(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    /// With a capital, unless it begins with a name, which keeps its case.
    var inSentenceCase: String {
        guard let letter = first, prefix(while: { $0 != " " }).allSatisfy(\.isLetter) else { return self }
        return letter.uppercased() + dropFirst()
    }
}
