import Propagation

/// A timeline bar for each resolver, coloured and hatched by what it showed: the rows of a table, whose head repeats
/// the time axis on every printed page.
struct BarPlot: Sendable {
    private let words: ReportWords
    private let drawing: Drawing
    private var report: ReportDocument { words.report }

    /// Pixels.
    private static let height = 18
    /// Nobody would read more to the end.
    private static let mostSentences = 20

    init(_ words: ReportWords, _ drawing: Drawing) {
        self.words = words
        self.drawing = drawing
    }

    var markup: Markup {
        element(
            // Keep the roles when a narrow screen shows the rows as boxes.
            "table", ["class": "bars", "role": "table"],
            [
                element("caption", ["class": "hidden"], ["What each resolver showed over time"]),
                element(
                    "thead", ["role": "rowgroup"],
                    [
                        element(
                            "tr", ["role": "row"],
                            [
                                element("th", ["scope": "col", "role": "columnheader"], ["Resolver"]),
                                element(
                                    "th", ["scope": "col", "role": "columnheader", "class": "axis"],
                                    [element("span", ["class": "hidden"], ["What it showed"]), axis]),
                                element(
                                    "th", ["scope": "col", "role": "columnheader", "class": "number"],
                                    ["Clear after"]),
                            ])
                    ]),
                element(
                    "tbody", ["role": "rowgroup"],
                    report.resolversSlowestFirst.enumerated().map { row($1, index: $0) }),
            ])
    }

    private var axis: Markup {
        element(
            "svg", ["class": "axis", "height": "36", "aria-hidden": "true"],
            drawing.labels(y: 0))
    }

    private func row(_ resolver: ReportResolver, index: Int) -> Markup {
        let address = resolver.address.shortDescription
        let isNamed = resolver.name != address && resolver.name != resolver.address.description
        let name = element("bdi", ["class": "name"], [.text(isNamed ? resolver.name : address)])
        let second = isNamed ? [element("bdi", ["class": "address"], [.text(address)])] : []
        return element(
            "tr", ["role": "row", "class": resolver.counted ? "counted" : "uncounted"],
            [
                element("th", ["scope": "row", "role": "rowheader"], [name] + second),
                element("td", ["class": "track", "role": "cell"], [bar(resolver, index: index)]),
                element("td", ["class": "number", "role": "cell"], [.text(words.outcome(resolver))]),
            ])
    }

    private func bar(_ resolver: ReportResolver, index: Int) -> Markup {
        let segments = drawn(resolver).flatMap { segment -> [Markup] in
            let shown = ShownCondition(segment)
            let title = Self.sentence(segment, words.times)
            let rect = drawing.rectangle(
                from: segment.from, to: segment.to, y: "0", height: "\(Self.height)",
                style: "s-\(shown.rawValue)", title: title)
            let veil =
                segment.watched
                ? nil
                : drawing.rectangle(
                    from: segment.from, to: segment.to, y: "0", height: "\(Self.height)", style: "veil",
                    title: title)
            return [rect, veil].compactMap(\.self)
        }
        let clear = resolver.clearAt.flatMap { at in
            drawing.window.contains(at)
                ? element(
                    "circle",
                    ["class": "clear-at", "cx": drawing.x(at), "cy": "\(Self.height / 2)", "r": "4"]) : nil
        }
        let published = report.level(.published).at.flatMap { at in
            drawing.window.contains(at)
                ? drawing.vertical(at: at, from: "-3", to: "\(Self.height + 3)", style: "published") : nil
        }
        return element(
            "svg",
            [
                "class": "bar", "role": "img", "aria-labelledby": "bar-\(index)-title bar-\(index)-text",
                "height": "\(Self.height)",
            ],
            [
                element(
                    "title", ["id": "bar-\(index)-title"],
                    [.text(ReportWords.label(resolver.name, resolver.address))]),
                element("desc", ["id": "bar-\(index)-text"], [.text(summary(resolver))]),
            ] + drawing.grid(from: "-3", to: "\(Self.height + 3)") + segments
                + [published, clear].compactMap(\.self))
    }

    /// If two segments are too narrow to tell apart, the one with more to wait for stands for both.
    private func drawn(_ resolver: ReportResolver) -> [ReportSegment] {
        drawing.thinned(resolver.segments.filter(isDrawn), most: 400, ends: { ($0.from, $0.to) }) {
            first, second in
            var worse = ShownCondition(first) < ShownCondition(second) ? second : first
            (worse.from, worse.to) = (first.from, second.to)
            return worse
        }
    }

    /// The first look takes a moment, so the gap before a resolver's first answer is not shown.
    private func isDrawn(_ segment: ReportSegment) -> Bool {
        let width = drawing.window.position(segment.to) - drawing.window.position(segment.from)
        return width > (ShownCondition(segment) == .unknown ? 0.005 : 0)
    }

    /// The bar in words, for people who cannot see it.
    private func summary(_ resolver: ReportResolver) -> String {
        let parts = resolver.segments.prefix(Self.mostSentences).map { Self.sentence($0, words.times) + "." }
        let more = resolver.segments.count - parts.count
        let rest = more > 0 ? ["And \(more) more changes: see the table."] : []
        let clear = resolver.clearAt.map { "Clear since \(words.times.text($0))." } ?? "Not clear."
        return (parts + rest + [clear]).joined(separator: " ")
    }

    static func sentence(_ segment: ReportSegment, _ times: ReportTimes) -> String {
        let shown = ShownCondition(segment).title
        let nobody = segment.watched ? "" : " (nobody looked)"
        return "\(shown) from \(times.text(segment.from)) to \(times.text(segment.to))\(nobody)"
    }
}

// MARK: - The legend

extension BarPlot {
    /// Only what the bars show.
    var legend: Markup {
        let segments = report.resolvers.flatMap(\.segments).filter(isDrawn)
        let shown = Set(segments.map(ShownCondition.init))
        var items = ShownCondition.allCases.filter(shown.contains).map {
            item(["s-\($0.rawValue)"], $0.title)
        }
        if segments.contains(where: { !$0.watched }) {
            items.append(item(["s-previous", "veil"], "nobody looked: as seen last"))
        }
        if report.resolvers.contains(where: { $0.clearAt.map(drawing.window.contains) ?? false }) {
            items.append(
                sign(
                    element("circle", ["class": "clear-at", "cx": "14", "cy": "7", "r": "4"]), "became clear")
            )
        }
        if report.level(.published).at.map(drawing.window.contains) ?? false {
            let line = element(
                "line", ["class": "published", "x1": "14", "x2": "14", "y1": "-1", "y2": "15"])
            items.append(sign(line, "published"))
        }
        return element("ul", ["class": "legend"], items)
    }

    private func item(_ styles: [String], _ title: String) -> Markup {
        entry(
            styles.map { element("rect", ["class": $0, "width": "28", "height": "14"]) }, title)
    }

    private func sign(_ mark: Markup, _ title: String) -> Markup { entry([mark], title) }

    private func entry(_ marks: [Markup], _ title: String) -> Markup {
        element(
            "li", [:],
            [
                element("svg", ["width": "28", "height": "14", "aria-hidden": "true"], marks),
                element("span", [:], [.text(title)]),
            ])
    }

    /// The hatchings, once for the whole page: what differs by colour differs by pattern too.
    static let patterns: Markup = element(
        "svg", ["class": "hidden", "width": "0", "height": "0", "aria-hidden": "true"],
        [
            element(
                "defs", [:],
                [
                    pattern("target", 8, ["M0 4H8"]),
                    pattern("previous", 8, ["M-2 2L2 -2M0 8L8 0M6 10L10 6"]),
                    pattern("mixed", 8, ["M0 0L8 8M8 0L0 8"]),
                    pattern("overdue", 5, ["M0 0L5 5M5 0L0 5"]),
                    pattern("no-mx", 6, ["M3 0V6"]),
                    pattern("failing", 6, ["M0 3H6M3 0V6"]),
                    pattern("silent", 5, ["M1 2.5H3"]),
                    pattern("veil", 4, ["M2 0V4"]),
                ])
        ])

    private static func pattern(_ name: String, _ size: Int, _ paths: [String]) -> Markup {
        let side = "\(size)"
        return element(
            "pattern",
            ["id": "p-\(name)", "width": side, "height": side, "patternUnits": "userSpaceOnUse"],
            [element("rect", ["class": "p-\(name)", "width": side, "height": side])]
                + paths.map { element("path", ["class": "p-\(name)", "d": $0]) })
    }
}
