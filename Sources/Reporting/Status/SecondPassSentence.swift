import DNS
import Propagation

/// What an operator reads first: whether the second migration pass may start, and if not, when at the earliest
/// and why.
///
///     Second pass: NOT YET, not before 19:31. 2 of 24 resolvers still have the previous MX, the last until 17:31.
///     No cache may keep the previous MX after 17:00. Then a waiting period of 2 h.
package struct SecondPassSentence: Sendable, Equatable {
    package enum Level: Sendable, Equatable { case safe, notYet, cannotTell }

    package var level: Level
    /// `Second pass: NOT YET, not before 19:31.`, for a face that sets it apart.
    package var verdict: String
    /// The rest, with its full stops; empty if there is nothing to add.
    package var explanation: String

    package var text: String { explanation.isEmpty ? verdict : "\(verdict) \(explanation)" }

    /// - Parameters:
    ///   - status: made with `zone`, in which its reasons name times.
    ///   - now: when the status was made.
    ///   - confirmations: how many answers in a row with the new MX a resolver needs.
    package init(_ status: DomainStatus, at now: Timestamp, zone: TimeZoneChoice, confirmations: Int) {
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
            let due = status.secondPass.notBefore.flatMap { $0 > now ? $0 : nil }
            verdict = "Second pass: NOT YET\(due.map { ", not before \(times.text($0))" } ?? "")."
            let parts =
                Self.obstacles(status, now: now, times, confirmations: confirmations)
                + Self.waits(status, isDue: due == nil, times)
            explanation = parts.map { "\($0)." }.joined(separator: " ")
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

    /// Why the domain has not propagated yet.
    private static func obstacles(
        _ status: DomainStatus, now: Timestamp, _ times: BriefTimes, confirmations: Int
    ) -> [String] {
        // Before the change is published, the caches do not tell when it ends.
        if !status.published.reached, status.published.basis != .resolvers {
            return status.reasons.first.map { [$0.inSentenceCase] } ?? []
        }
        if status.propagated.reached {
            return [counted(status.resolversCounted)]
        }
        let waitedFor = status.resolvers.filter { $0.excluded == nil && !$0.clear }
        let holding = waitedFor.filter { $0.oldUntil.map { $0 > now } ?? false }
        let others = waitedFor.filter { resolver in !holding.contains { $0.address == resolver.address } }
        var parts: [String] = []
        if let last = holding.compactMap(\.oldUntil).max() {
            let resolvers = "\(holding.count) of \(count(status.resolversCounted))"
            let verb = Sentences.verb(holding.count, "has", "have")
            let until = holding.count == 1 ? "until" : "the last until"
            parts.append("\(resolvers) still \(verb) \(copies(holding)), \(until) \(times.text(last))")
        }
        return parts + remarks(on: others, confirmations: confirmations)
    }

    /// What resolvers have: `the previous MX`, `no MX at all`, the most frequent first.
    private static func copies(_ resolvers: [ResolverStatus]) -> String {
        let counts = Dictionary(resolvers.map { ($0.state, 1) }, uniquingKeysWith: +)
        let states = MailState.allCases.filter { counts[$0] != nil }.sorted { counts[$0]! > counts[$1]! }
        var texts: [String] = []
        for text in states.map(Sentences.copyText) where !texts.contains(text) { texts.append(text) }
        return texts.joined(separator: " or ")
    }

    /// About resolvers of which we know no old copy that is still alive.
    private static func remarks(on resolvers: [ResolverStatus], confirmations: Int) -> [String] {
        let overdue = resolvers.filter(\.overdue)
        let rest = resolvers.filter { !$0.overdue }
        let silent = rest.filter { !$0.state.isInformative }
        let unconfirmed = rest.filter { $0.state == .target }
        let others = rest.filter { $0.state.isInformative && $0.state != .target }
        let answers = missingAnswers(unconfirmed, of: confirmations)
        return [
            remark(
                overdue, "still serves a copy that should have expired",
                "still serve copies that should have expired"),
            remark(
                others, "had a copy that has expired now, and we ask it again",
                "had copies that have expired now, and we ask them again"),
            remark(
                silent, "gives no usable answer, and counts as not propagated until it does",
                "give no usable answer, and count as not propagated until they do"),
            remark(
                unconfirmed, "shows the new MX but needs \(answers) to be sure",
                "show the new MX but need \(answers) to be sure"),
        ].compactMap { $0 }
    }

    /// `2 more answers`, or `up to 2 more answers` if some resolvers need fewer.
    private static func missingAnswers(_ resolvers: [ResolverStatus], of needed: Int) -> String {
        // One that gave them too fast, one after the other, needs one more.
        let missing = resolvers.map { max(1, needed - $0.confirmations) }
        let most = missing.max() ?? 0
        let upTo = missing.min() == most ? "" : "up to "
        return "\(upTo)\(most) more \(most == 1 ? "answer" : "answers")"
    }

    private static func remark(_ resolvers: [ResolverStatus], _ one: String, _ many: String) -> String? {
        switch resolvers.count {
        case 0: nil
        case 1: "\(resolvers[0].name) \(one)"
        case 2: "\(resolvers[0].name) and \(resolvers[1].name) \(many)"
        default: "\(resolvers.count) resolvers \(many)"
        }
    }

    /// What else we wait for.
    ///
    /// - Parameter isDue: whether the earliest instant for the second pass has come, or is not known.
    private static func waits(_ status: DomainStatus, isDue: Bool, _ times: BriefTimes) -> [String] {
        guard status.published.reached else { return [] }
        let isAssumed = status.reasons.contains { $0.contains(Sentences.previousTTLRemedy) }
        let remedy = isAssumed ? " (--previous-ttl would shorten this)" : ""
        let bound =
            status.secondPass.bound.map {
                "No cache may keep the previous MX after \(times.text($0))\(remedy)"
            }
            ?? "We do not know yet until when caches may keep the previous MX"
        if status.secondPass.notBefore == nil { return [bound] }
        if isDue { return [bound, "We ask the authoritative servers once more"] }
        let settle = status.secondPass.settle
        return [bound]
            + (settle > 0 ? ["Then a waiting period of \(DurationText.long(seconds: settle))"] : [])
    }

    private static func counted(_ resolvers: Int) -> String {
        resolvers == 1
            ? "The only resolver that counts shows the new MX"
            : "\(Sentences.all(resolvers).inSentenceCase) resolvers that count show the new MX"
    }

    private static func count(_ resolvers: Int) -> String {
        resolvers == 1 ? "1 resolver" : "\(resolvers) resolvers"
    }
}

/// Times of day as a sentence names them: `17:31`, with the date if it is another day.
struct BriefTimes {
    let zone: TimeZoneChoice
    let now: Timestamp

    /// A time that is less than this many seconds ahead is shown with its seconds. Without them it would seem to be
    /// over up to a minute too early.
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
    /// With a capital; a name at the start keeps its case.
    var inSentenceCase: String {
        guard let letter = first, prefix(while: { $0 != " " }).allSatisfy(\.isLetter) else { return self }
        return letter.uppercased() + dropFirst()
    }
}
