import Propagation

/// The tables of the page.
struct ReportTables: Sendable {
    private let words: ReportWords
    private var report: ReportDocument { words.report }
    private var times: ReportTimes { words.times }

    init(_ words: ReportWords) { self.words = words }

    private struct Column {
        var title: String
        var isNumber = false
    }

    /// More rows would make a page that no browser likes; the JSON document has all.
    private static let mostRows = 3000

    /// The first cell of each row is its head.
    private func table(_ caption: String, _ columns: [Column], _ rows: [[[Markup]]]) -> Markup {
        func style(_ column: Column) -> KeyValuePairs<String, String> {
            column.isNumber ? ["class": "number"] : [:]
        }
        let head = columns.map { column in
            element(
                "th", column.isNumber ? ["scope": "col", "class": "number"] : ["scope": "col"],
                [.text(column.title)])
        }
        var rest: [Markup] = []
        if rows.count > Self.mostRows {
            let text = "\(rows.count - Self.mostRows) more rows are in the report as JSON."
            rest = [element("tr", [:], [element("td", ["colspan": "\(columns.count)"], [.text(text)])])]
        }
        let body = rows.prefix(Self.mostRows).map { row in
            element(
                "tr", [:],
                zip(columns, row).enumerated().map { index, cell in
                    index == 0
                        ? element("th", ["scope": "row"], cell.1) : element("td", style(cell.0), cell.1)
                })
        }
        return element(
            "table", [:],
            [
                element("caption", ["class": "hidden"], [.text(caption)]),
                element("thead", [:], [element("tr", [:], head)]), element("tbody", [:], body + rest),
            ])
    }

    private func instant(_ timestamp: Timestamp?) -> [Markup] { timestamp.map { [times.markup($0)] } ?? [] }

    private func server(_ label: String) -> [Markup] { [element("bdi", [:], [.text(label)])] }
}

// MARK: - Levels, servers, resolvers, events

extension ReportTables {
    var levels: Markup {
        var rows = report.levels.map { level -> [[Markup]] in
            let taken = level.spans.compactMap(\.to)
            return [
                [.text(ReportWords.title(level.level))],
                level.reached ? instant(level.at) : [.text("not reached")],
                [.text(level.level == .published ? "" : words.duration(level.after))],
                listed(taken) { [times.markup($0)] },
            ]
        }
        rows.insert(
            [
                ["Old copies gone"], report.bound.map { instant($0) } ?? ["not known"],
                [.text(words.duration(report.boundAfter))], [],
            ], at: min(2, rows.count))
        return table(
            "When each level was reached",
            [
                .init(title: "Level"), .init(title: "Reached"),
                .init(title: "After publication", isNumber: true), .init(title: "Taken back"),
            ],
            rows)
    }

    var authority: Markup? {
        guard !report.authority.isEmpty else { return nil }
        return table(
            "What the authoritative servers did",
            [
                .init(title: "Server"), .init(title: "TTL lowered"), .init(title: "Switched"),
                .init(title: "TTL before", isNumber: true), .init(title: "Serves now"),
            ],
            report.authority.map { server in
                [
                    self.server(ReportWords.label(server.name, server.address)), lowered(server),
                    switched(server),
                    [.text(server.ttlBeforeSwitch.map { "\($0) s" } ?? "")], [.text(served(server))],
                ]
            })
    }

    private func lowered(_ server: ReportServer) -> [Markup] {
        if server.ttlLowered.isEmpty { return ["not seen"] }
        return listed(server.ttlLowered) { lowering in
            [.text("\(lowering.from) s → \(lowering.to) s, "), times.markup(lowering.at)]
        }
    }

    private func switched(_ server: ReportServer) -> [Markup] {
        if server.switches.isEmpty {
            return [.text(server.targetFromTheStart ? "before the first look" : "not seen")]
        }
        let switches = listed(server.switches) { [times.markup($0.at)] }
        if server.turnedBack.isEmpty { return switches }
        return switches + ["; turned back "] + listed(server.turnedBack) { [times.markup($0.at)] }
    }

    private func listed<Value>(_ values: [Value], _ markup: (Value) -> [Markup]) -> [Markup] {
        values.enumerated().flatMap { index, value in (index > 0 ? [", "] : []) + markup(value) }
    }

    private func served(_ server: ReportServer) -> String {
        let mx = server.served.last.map { exchangesText($0.mx) } ?? ""
        let state = ShownCondition(state: server.state, isClear: false, isOverdue: false)
        let name = state == .target ? "new MX" : state.title
        let ttl = server.ttl.map { ", TTL \($0) s" } ?? ""
        return (mx.isEmpty ? name : "\(name): \(mx)") + ttl
    }

    var resolvers: Markup? {
        guard !report.resolvers.isEmpty else { return nil }
        return table(
            "When each resolver changed to the new MX",
            [
                .init(title: "Resolver"), .init(title: "Changed"), .init(title: "New MX since"),
                .init(title: "Clear since"),
                .init(title: "After", isNumber: true), .init(title: "Caches", isNumber: true),
                .init(title: "Note"),
            ],
            report.resolversSlowestFirst.map { resolver in
                let last = resolver.lastFlipAt == resolver.firstFlipAt ? nil : resolver.lastFlipAt
                return [
                    server(ReportWords.label(resolver.name, resolver.address)),
                    instant(resolver.firstFlipAt) + (last.map { [", last "] + instant($0) } ?? []),
                    instant(resolver.targetSince), instant(resolver.clearAt),
                    [.text(resolver.clear ? words.outcome(resolver) : "")],
                    [.text(resolver.cachesSeen > 0 ? "\(resolver.cachesSeen)" : "")],
                    times.markup(words.note(resolver)),
                ]
            })
    }

    var milestones: Markup? {
        let milestones = words.milestones
        guard !milestones.isEmpty else { return nil }
        return element(
            "ol", ["class": "events"],
            milestones.map { milestone in
                element(
                    "li", [:],
                    [times.markup(milestone.at), element("span", [:], [.text(milestone.sentence)])])
            })
    }
}

// MARK: - The numbers behind the plots

extension ReportTables {
    var shares: Markup {
        table(
            "Resolvers clear, from each instant until the next",
            [
                .init(title: "From"), .init(title: "Clear", isNumber: true),
                .init(title: "Counted", isNumber: true), .init(title: "Share", isNumber: true),
            ],
            report.shares.map { step in
                let share = step.counted > 0 ? "\(Self.tenths(step)) %" : ""
                return [
                    instant(step.at), [.text("\(step.clear)")], [.text("\(step.counted)")], [.text(share)],
                ]
            })
    }

    /// `66.7`: rounded down, so that 100 is all.
    private static func tenths(_ step: ReportShare) -> String {
        let thousandths = step.clear * 1000 / step.counted
        return thousandths % 10 == 0 ? "\(thousandths / 10)" : "\(thousandths / 10).\(thousandths % 10)"
    }

    var segments: Markup {
        table(
            "What each resolver showed, and when",
            [.init(title: "Resolver"), .init(title: "Showed"), .init(title: "From"), .init(title: "To")],
            report.resolversSlowestFirst.flatMap { resolver in
                resolver.segments.map { segment in
                    [
                        server(ReportWords.label(resolver.name, resolver.address)),
                        [.text(ShownCondition(segment).title + (segment.watched ? "" : " (nobody looked)"))],
                        instant(segment.from), instant(segment.to),
                    ]
                }
            })
    }
}
