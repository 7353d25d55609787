import Propagation

/// The share of clear resolvers over time, with the levels and the bound above it on the same time axis.
struct SharePlot: Sendable {
    private let words: ReportWords
    private let drawing: Drawing
    private var report: ReportDocument { words.report }

    /// Pixels.
    private static let laneHeight = 30
    private static let plotHeight = 190
    private static let axisHeight = 36
    private static let gap = 14

    init(_ words: ReportWords, _ drawing: Drawing) {
        self.words = words
        self.drawing = drawing
    }

    private var top: Int { lanes.count * Self.laneHeight + Self.gap }
    private var bottom: Int { top + Self.plotHeight }

    /// Whether there is a share, or a level that was ever reached.
    var showsAnything: Bool {
        report.shares.contains { $0.counted > 0 } || report.levels.contains { !$0.spans.isEmpty }
    }

    var markup: Markup {
        element(
            "svg",
            [
                "class": "plot", "role": "img", "aria-labelledby": "share-title share-text",
                "height": "\(bottom + Self.axisHeight)",
            ],
            [
                element("title", ["id": "share-title"], ["Share of resolvers clear over time"]),
                element("desc", ["id": "share-text"], [.text(summary)]),
            ] + unwatched("nobody") + frame + areas + unwatched("veil")
                + lanes.enumerated().flatMap { draw($0.element, index: $0.offset) }
                + edges + drawing.labels(y: bottom))
    }

    private func unwatched(_ style: String) -> [Markup] {
        drawing.unwatched(report).compactMap {
            drawing.rectangle(
                from: $0.from, to: $0.to, y: "\(top)", height: "\(Self.plotHeight)", style: style,
                title: "Nobody looked")
        }
    }

    /// The plot in words, for people who cannot see it.
    var summary: String {
        guard report.shares.contains(where: { $0.counted > 0 }) else {
            return "No resolver counted, so there is no share to show."
        }
        let last = report.shares[report.shares.count - 1]
        let were = last.counted == 1 ? "was" : "were"
        return "At the last look \(last.clear) of \(words.resolvers(last.counted)) \(were) clear. \(pace)"
    }

    /// `Half were clear after 12 min, all after 31 min.`
    private var pace: String {
        let names = [50: "half", 90: "nine tenths", 100: "all"]
        let reached = report.clearAfter.enumerated().filter { index, milestone in
            // With few resolvers one instant can reach several shares: only the greatest is named.
            let next = index + 1 < report.clearAfter.count ? report.clearAfter[index + 1].seconds : nil
            return milestone.seconds != nil && milestone.seconds != next
        }.map(\.element)
        let parts = reached.enumerated().map { index, milestone in
            let name = names[milestone.percent] ?? "\(milestone.percent)\u{A0}%"
            let when =
                milestone.seconds == 0
                ? "when it was published" : "after \(words.duration(milestone.seconds))"
            if index > 0 { return "\(name) \(when)" }
            return report.resolversCounted == 1 ? "it was clear \(when)" : "\(name) were clear \(when)"
        }
        guard let first = parts.first else { return "" }
        return ([first.prefix(1).uppercased() + first.dropFirst()] + parts.dropFirst()).joined(
            separator: ", ") + "."
    }
}

// MARK: - The share

extension SharePlot {
    private var frame: [Markup] {
        let levels = [(0, "0 %"), (50, "50 %"), (100, "100 %")].flatMap { percent, label -> [Markup] in
            let y = "\(y(Double(percent) / 100))"
            return [
                element(
                    "line",
                    ["class": percent == 0 ? "base" : "grid", "x1": "0", "x2": "100%", "y1": y, "y2": y]),
                element("text", ["class": "scale", "x": "-8", "y": y, "dy": "4"], [.text(label)]),
            ]
        }
        return drawing.grid(from: "\(top)", to: "\(bottom)") + levels
    }

    private func y(_ share: Double) -> Double {
        (Double(bottom) - share * Double(Self.plotHeight)).rounded()
    }

    /// The steps that have a share, each until the next.
    private var steps: [(step: ReportShare, to: Timestamp, share: Double)] {
        let steps = report.shares.enumerated().compactMap {
            index, step -> (step: ReportShare, to: Timestamp, share: Double)? in
            guard step.counted > 0 else { return nil }
            let end = index + 1 < report.shares.count ? report.shares[index + 1].at : report.lastLook
            return (step, end, Double(step.clear) / Double(step.counted))
        }
        // The lesser share stands for both, so that nobody overlooks a resolver that is not clear.
        return drawing.thinned(steps, most: 1000, ends: { ($0.step.at, $0.to) }) { first, second in
            var lesser = first.share < second.share ? first : second
            (lesser.step.at, lesser.to) = (first.step.at, second.to)
            return lesser
        }
    }

    private var areas: [Markup] {
        steps.compactMap { step, end, share in
            drawing.rectangle(
                from: step.at, to: end, y: "\(y(share))", height: "\(Double(bottom) - y(share))",
                style: "share",
                title:
                    "\(step.clear) of \(words.resolvers(step.counted)) clear from \(words.times.text(step.at))"
            )
        }
    }

    private var edges: [Markup] {
        var edges: [Markup] = []
        var before: Double?
        for (step, end, share) in steps {
            if let before, before != share, drawing.window.contains(step.at) {
                edges.append(edge(from: drawing.x(step.at), to: drawing.x(step.at), y(before), y(share)))
            }
            edges.append(edge(from: drawing.x(step.at), to: drawing.x(end), y(share), y(share)))
            before = share
        }
        // The last step may come with the last look. Without a mark nobody would see it.
        if let before, drawing.window.contains(report.lastLook) {
            edges.append(
                element(
                    "circle",
                    ["class": "end", "cx": drawing.x(report.lastLook), "cy": "\(y(before))", "r": "4"]))
        }
        return edges
    }

    private func edge(from start: String, to end: String, _ y1: Double, _ y2: Double) -> Markup {
        element("line", ["class": "edge", "x1": start, "x2": end, "y1": "\(y1)", "y2": "\(y2)"])
    }
}

// MARK: - The levels

extension SharePlot {
    private struct Lane {
        var title: String
        var style: String
        var spans: [ReportSpan]
        /// What its label names; `nil` if it was never reached.
        var at: Timestamp?
        var isReached: Bool
    }

    private var lanes: [Lane] {
        var lanes = report.levels.map { level in
            Lane(
                title: ReportWords.title(level.level), style: "level", spans: level.spans,
                at: level.at ?? level.spans.last?.from, isReached: level.reached)
        }
        let bound = Lane(
            title: "Old copies gone", style: "bound",
            spans: report.bound.map { [ReportSpan(from: $0, to: $0)] } ?? [], at: report.bound,
            isReached: true)
        lanes.insert(bound, at: min(2, lanes.count))
        return lanes
    }

    private func draw(_ lane: Lane, index: Int) -> [Markup] {
        let y = index * Self.laneHeight
        let lines = lane.spans.flatMap { span -> [Markup] in
            let end = span.to ?? report.lastLook
            let bar = drawing.rectangle(
                from: span.from, to: end, y: "\(y + 19)", height: "4", style: lane.style)
            let guide = drawing.vertical(
                at: span.from, from: "\(y + 21)", to: "\(bottom)", style: "guide \(lane.style)")
            let start = element(
                "circle",
                ["class": "\(lane.style) dot", "cx": drawing.x(span.from), "cy": "\(y + 21)", "r": "4"])
            let taken = span.to.flatMap { lane.style == "level" ? cross(at: $0, y: y + 21) : nil }
            let began = drawing.window.contains(span.from)
            return [began ? guide : nil, bar, began ? start : nil, taken].compactMap(\.self)
        }
        return lines + [label(lane, y: y + 12)]
    }

    private func cross(at instant: Timestamp, y: Int) -> Markup? {
        guard drawing.window.contains(instant) else { return nil }
        return element(
            "text", ["class": "taken", "x": drawing.x(instant), "y": "\(y)", "dy": "5"],
            [element("title", [:], [.text("Taken back at \(words.times.text(instant))")]), "✕"])
    }

    private func label(_ lane: Lane, y: Int) -> Markup {
        func text(_ note: String, at position: Double, style: String = "lane") -> Markup {
            // In the middle of a narrow plot there is room for the name alone.
            let place = position > 0.55 ? " left" : ""
            let room = (0.25...0.75).contains(position) ? " middle" : ""
            return element(
                "text", ["class": style + place + room, "x": Drawing.percent(position), "y": "\(y)"],
                [
                    element("tspan", ["class": "name"], [.text(lane.title)]),
                    element("tspan", ["class": "when", "dx": "6"], [.text(note)]),
                ])
        }
        guard let at = lane.at else {
            return text(lane.style == "bound" ? "not known" : "not reached", at: 0, style: "lane never")
        }
        let time = words.times.short(at, beside: drawing.window.from)
        if at > drawing.window.to { return text("\(time) →", at: 1) }
        if at < drawing.window.from { return text("← \(time)", at: 0) }
        return text(lane.isReached ? time : "\(time), taken back", at: drawing.window.position(at))
    }
}
