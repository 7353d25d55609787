import DNS
import Propagation

/// A report as one page of HTML that needs no script, no font, no picture and no network.
package struct ReportPage: Sendable {
    private let words: ReportWords
    private let drawing: Drawing
    private var report: ReportDocument { words.report }
    private var times: ReportTimes { words.times }

    /// - Parameter zone: in which the page shows times; each is in UTC for machines.
    package init(_ report: ReportDocument, zone: TimeZoneChoice) {
        words = ReportWords(report, zone: zone)
        drawing = Drawing(words)
    }

    /// The whole page, ended by a newline.
    package var html: String {
        var text = "<!DOCTYPE html>\n"
        element("html", ["lang": "en"], [head, body]).append(to: &text)
        return text + "\n"
    }

    /// Forbids everything except the style sheet in the page: no name from the network can make the page load anything.
    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

    private var head: Markup {
        element(
            "head", [:],
            [
                element("meta", ["charset": "utf-8"]),
                element(
                    "meta",
                    ["http-equiv": "Content-Security-Policy", "content": Self.contentSecurityPolicy]),
                element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                element("meta", ["name": "color-scheme", "content": "light dark"]),
                element("meta", ["name": "referrer", "content": "no-referrer"]),
                element("meta", ["name": "generator", "content": "propaga"]),
                element("title", [:], [.text("\(report.domain.displayText): propagation report")]),
                .style(ReportStyle.sheet),
            ])
    }

    private var body: Markup {
        let tables = ReportTables(words)
        return element(
            "body", [:],
            [
                BarPlot.patterns,
                element("header", [:], [title, lead, figures]),
                element(
                    "main", [:],
                    [
                        share(tables), bars(tables),
                        section("levels", "Levels", tables.levels),
                        section("authority", "Authoritative servers", tables.authority),
                        section("resolvers", "Resolvers", tables.resolvers),
                        section("events", "What happened", tables.milestones),
                    ].compactMap(\.self)),
                footer,
            ])
    }

    private func section(_ id: String, _ title: String, _ content: Markup?) -> Markup? {
        content.map {
            element(
                "section", ["id": id, "aria-labelledby": "\(id)-heading"],
                [
                    element("h2", ["id": "\(id)-heading"], [.text(title)]),
                    element("div", ["class": "scroll"], [$0]),
                ])
        }
    }
}

// MARK: - The top and the bottom

extension ReportPage {
    private var title: Markup {
        element(
            "h1", [:],
            [
                element("span", ["class": "kind"], ["Propagation report "]),
                element("bdi", [:], [.text(report.domain.displayText)]),
            ])
    }

    private var lead: Markup {
        element(
            "div", ["class": "lead"],
            [
                element(
                    "p", ["class": "headline phase-\(report.phase.rawValue)"], times.markup(words.headline)),
                element(
                    "p", ["class": "note"],
                    [
                        .text("Moves to \(report.target.name) (\(report.target.primary)). Looked at from "),
                        times.markup(report.firstLook), " to ", times.markup(report.lastLook),
                        .text(". \(words.zoneNote)"),
                    ]),
            ])
    }

    /// The numbers that people look for first.
    private var figures: Markup {
        func figure(_ title: String, _ value: String?, _ instant: Timestamp?, nothing: String) -> Markup {
            element(
                "div", [:],
                [
                    element("dt", [:], [.text(title)]),
                    element(
                        "dd", value == nil ? ["class": "nothing"] : [:],
                        [element("strong", [:], [.text(value ?? nothing)])]
                            + (instant.map { [times.markup($0)] } ?? [])),
                ])
        }
        let published = report.level(.published)
        let (propagated, second) = (report.level(.propagated), report.level(.secondPass))
        let counted = report.resolversCounted
        return element(
            "dl", ["class": "figures"],
            [
                figure(
                    "Resolvers clear", counted > 0 ? "\(report.resolversClear) of \(counted)" : nil, nil,
                    nothing: "none counted"),
                figure("Published", published.reached ? basis : nil, published.at, nothing: "not reached"),
                figure("Propagated", after(propagated), propagated.at, nothing: "not reached"),
                figure("Second pass safe", after(second), second.at, nothing: "not reached"),
            ])
    }

    private var basis: String {
        switch report.basis {
        case .authority: "seen at the source"
        case .operator: "as stated"
        case .resolvers: "by resolvers alone"
        }
    }

    private func after(_ level: ReportLevel) -> String? {
        guard level.reached else { return nil }
        return level.after.map { $0 == 0 ? "at the same time" : "after \(DurationText.long(seconds: $0))" }
            ?? "reached"
    }

    private var footer: Markup {
        element(
            "footer", [:],
            [
                element(
                    "p", [:],
                    [
                        .text(
                            "A resolver is clear when its last answers all gave the new MX, and every copy of"
                                + " another MX that we saw there has expired."
                                + " \"Old copies gone\": no cache that respects TTLs can have another MX after that."
                                + " A change has the time at which we first saw it.")
                    ]),
                element("p", [:], ["Written by propaga at ", times.markup(report.generatedAt), "."]),
            ])
    }
}

// MARK: - The plots

extension ReportPage {
    private func share(_ tables: ReportTables) -> Markup {
        let plot = SharePlot(words, drawing)
        guard plot.showsAnything else {
            return element(
                "section", ["id": "share"],
                [
                    element("h2", [:], ["How the resolvers became clear"]),
                    element("p", ["class": "note"], [.text(plot.summary)]),
                ])
        }
        return figure(
            "share", "How the resolvers became clear", [.text(plot.summary + " ")] + windowNote,
            [plot.markup],
            table: tables.shares, tableTitle: "The same as a table")
    }

    private func bars(_ tables: ReportTables) -> Markup? {
        guard !report.resolvers.isEmpty else { return nil }
        let plot = BarPlot(words, drawing)
        return figure(
            "bars", "What each resolver showed", [.text(slowest)], [plot.legend, plot.markup],
            table: tables.segments, tableTitle: "The same as a table")
    }

    private func figure(
        _ id: String, _ title: String, _ note: [Markup], _ content: [Markup], table: Markup,
        tableTitle: String
    ) -> Markup {
        element(
            "section",
            [
                "id": id, "class": report.resolvers.count > 8 ? "many" : "few",
                "aria-labelledby": "\(id)-heading",
            ],
            [
                element("h2", ["id": "\(id)-heading"], [.text(title)]),
                element("p", ["class": "note"], note),
                element("figure", [:], content),
                element(
                    "details", [:],
                    [
                        element("summary", [:], [.text(tableTitle)]),
                        element("div", ["class": "scroll"], [table]),
                    ]),
            ])
    }

    private var windowNote: [Markup] {
        let window = drawing.window
        let isWhole = window.from <= report.firstLook && window.to >= report.lastLook
        let pauses = drawing.unwatched(report).contains {
            $0.from > report.firstLook && $0.to < report.lastLook
        }
        let shown: [Markup] =
            isWhole
            ? []
            : [
                "Both plots show the time from ", times.markup(window.from), " to ", times.markup(window.to),
                ".",
            ]
        return shown + (pauses ? [" Striped where nobody looked."] : [])
    }

    private var slowest: String {
        let waiting = report.resolvers.filter { $0.counted && $0.leftAt == nil && !$0.clear }
        if !waiting.isEmpty {
            let names = waiting.map { ReportWords.label($0.name, $0.address) }
            return "Not clear at the last look: \(Sentences.list(names))."
        }
        guard let name = report.slowest.first,
            let resolver = report.resolvers.first(where: {
                $0.address == name.address && $0.name == name.name
            }),
            let after = resolver.clearAfter, after > 0
        else { return "" }
        return
            "The slowest was \(ReportWords.label(name.name, name.address)): clear after \(words.duration(after))."
    }
}

/// `Resources/report.css`.
enum ReportStyle {
    static let sheet = String(decoding: PackageResources.report_css, as: UTF8.self)
}
