import DNS
import Propagation

/// The words that every face of a report shares.
struct ReportWords: Sendable {
    let report: ReportDocument
    let times: ReportTimes

    init(_ report: ReportDocument, zone: TimeZoneChoice) {
        self.report = report
        times = ReportTimes(report, zone: zone)
    }

    /// How far the domain had come at the last look: one sentence.
    var headline: Phrase {
        func since(_ level: Condition) -> Phrase {
            report.level(level).at.map { [" since ", .at($0)] } ?? []
        }
        let clear = Phrase.Part.text(Sentences.clear(report.resolversClear, of: report.resolversCounted))
        return switch report.phase {
        case .decommissionSafe:
            ["Ready to be deleted at the old provider"] + since(.decommission) + ["."]
        case .secondPassSafe: ["The second pass is safe"] + since(.secondPass) + ["."]
        case .propagated:
            ["Propagated"] + since(.propagated) + [": ", clear, ". The second pass is not safe yet."]
        case .propagating: ["Published"] + since(.published) + [" and propagating: ", clear, "."]
        case .publishing: ["Being published: the authoritative servers do not agree yet."]
        case .unpublished:
            report.regressions.last.flatMap { $0.to == nil ? $0.from : nil }.map {
                ["The change was taken back at ", .at($0), "."]
            } ?? ["The new MX is not published."]
        case .undetermined: ["No verdict: too little is known, or too few resolvers answered."]
        }
    }

    /// `Times are local, +0100 from UTC.`
    var zoneNote: String {
        switch (times.zone, times.commonZone) {
        case (.utc, _): "Times are in UTC."
        case (_, let zone?): "Times are local, \(zone) from UTC."
        case (_, nil): "Times are local, each with its offset from UTC."
        }
    }

    func resolvers(_ count: Int) -> String { count == 1 ? "1 resolver" : "\(count) resolvers" }

    func duration(_ seconds: Int64?) -> String { seconds.map(DurationText.long) ?? "" }

    /// `google (8.8.8.8)`, or the address alone if that is its name.
    static func label(_ name: String, _ address: Endpoint) -> String {
        let isNamed = name != address.shortDescription && name != address.description
        return isNamed ? "\(name) (\(address.shortDescription))" : address.shortDescription
    }

    static func title(_ level: Condition) -> String {
        switch level {
        case .published: "Published"
        case .propagated: "Propagated"
        case .secondPass: "Second pass safe"
        case .decommission: "Decommission safe"
        }
    }

    /// What is special about a resolver, in a few words; empty if it is clear and there is nothing else to say.
    func note(_ resolver: ReportResolver) -> Phrase {
        if let excluded = resolver.excluded { return [.text("not counted: \(excluded)")] }
        if let left = resolver.leftAt { return ["not asked since ", .at(left)] }
        if resolver.overdue { return ["overdue: serves a copy that should have expired"] }
        if !resolver.overdueSpans.isEmpty { return [.text("was overdue for \(overdueTime(resolver))")] }
        if !resolver.clear { return [resolver.state == .target ? "not confirmed" : "not clear"] }
        return []
    }

    /// How long the resolver took until it was clear, or why it is not: for a narrow column.
    func outcome(_ resolver: ReportResolver) -> String {
        if resolver.excluded != nil { return "not counted" }
        if resolver.leftAt != nil { return "left" }
        guard resolver.clear else { return resolver.overdue ? "overdue" : "not clear" }
        return resolver.clearAfter.map { $0 == 0 ? "already" : DurationText.long(seconds: $0) } ?? "clear"
    }

    private func overdueTime(_ resolver: ReportResolver) -> String {
        DurationText.long(
            seconds: resolver.overdueSpans.reduce(0) {
                $0 + ($1.to ?? report.lastLook).seconds - $1.from.seconds
            })
    }
}

/// A sentence with instants in it. Each face writes the instants in its own way.
struct Phrase: Sendable, Equatable, ExpressibleByArrayLiteral {
    enum Part: Sendable, Equatable, ExpressibleByStringLiteral {
        case text(String)
        case at(Timestamp)

        init(stringLiteral value: String) { self = .text(value) }
    }

    var parts: [Part]

    init(arrayLiteral parts: Part...) { self.parts = parts }

    static func + (left: Phrase, right: Phrase) -> Phrase {
        var sum = left
        sum.parts += right.parts
        return sum
    }
}

extension ReportTimes {
    func text(_ phrase: Phrase) -> String {
        phrase.parts.map { part in
            switch part {
            case .text(let text): text
            case .at(let instant): text(instant)
            }
        }.joined()
    }

    func markup(_ phrase: Phrase) -> [Markup] {
        phrase.parts.map { part in
            switch part {
            case .text(let text): .text(text)
            case .at(let instant): markup(instant)
            }
        }
    }
}

extension ReportDocument {
    func level(_ condition: Condition) -> ReportLevel {
        levels.first { $0.level == condition }
            ?? ReportLevel(level: condition, reached: false, at: nil, after: nil, spans: [])
    }

    /// The resolvers for a list: those that count first, and among them the slowest first.
    var resolversSlowestFirst: [ReportResolver] {
        func key(_ resolver: ReportResolver) -> (Int, Int64) {
            if resolver.leftAt != nil { return (2, 0) }
            guard resolver.counted else { return (1, 0) }
            return (0, resolver.clearAt.map { -$0.seconds } ?? .min)
        }
        return resolvers.enumerated().sorted { left, right in
            let (a, b) = (key(left.element), key(right.element))
            return a != b ? a < b : left.offset < right.offset
        }.map(\.element)
    }
}

/// What a bar or a sign shows of a resolver: one of a few conditions.
enum ShownCondition: String, Sendable, CaseIterable, Comparable {
    case clear, target, mixed, previous, overdue, noMX = "no-mx", failing, silent, unknown

    /// The condition with more to wait for is the greater one: a known old copy counts more than no knowledge.
    static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .clear: 0
        case .target: 1
        case .unknown: 2
        case .silent: 3
        case .failing: 4
        case .mixed: 5
        case .noMX: 6
        case .previous: 7
        case .overdue: 8
        }
    }

    init(_ segment: ReportSegment) {
        self.init(state: segment.state, isClear: segment.clear, isOverdue: segment.overdue)
    }

    init(state: MailState?, isClear: Bool, isOverdue: Bool) {
        self =
            switch state {
            case _ where isClear: .clear
            case .target: .target
            case _ where isOverdue: .overdue
            case .mixed: .mixed
            case .previous: .previous
            case .noMX: .noMX
            case .failing: .failing
            case .silent: .silent
            case nil: .unknown
            }
    }

    var title: String {
        switch self {
        case .clear: "clear"
        case .target: "new MX, not confirmed"
        case .mixed: "mixed"
        case .previous: "previous MX"
        case .overdue: "overdue: a copy that should have expired"
        case .noMX: "no MX"
        case .failing: "failing"
        case .silent: "silent"
        case .unknown: "not asked yet"
        }
    }
}
