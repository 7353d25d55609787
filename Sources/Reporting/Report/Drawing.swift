/// What both plots draw with. Lengths along the time axis are percentages, so that a plot takes any width while
/// its text keeps its size.
struct Drawing: Sendable {
    let window: PlotWindow
    let axis: TimeAxis

    init(_ words: ReportWords) {
        window = PlotWindow(words.report)
        axis = TimeAxis(from: window.from, to: window.to, times: words.times)
    }

    func x(_ instant: Timestamp) -> String { Self.percent(window.position(instant)) }

    /// `12.345%`.
    static func percent(_ fraction: Double) -> String {
        let thousandths = Int64((fraction * 100_000).rounded())
        let rest = String(thousandths.magnitude % 1000)
        let sign = thousandths < 0 ? "-" : ""
        return sign + "\(thousandths.magnitude / 1000)." + String(repeating: "0", count: 3 - rest.count)
            + rest
            + "%"
    }

    /// A rectangle over a span of time; `nil` if the plot does not show any of it.
    func rectangle(
        from: Timestamp, to: Timestamp, y: String, height: String, style: String, title: String? = nil
    ) -> Markup? {
        let (start, end) = (window.position(from), window.position(to))
        guard end > start else { return nil }
        return element(
            "rect",
            [
                "class": style, "x": Self.percent(start), "width": Self.percent(end - start), "y": y,
                "height": height,
            ], title.map { [element("title", [:], [.text($0)])] } ?? [])
    }

    func vertical(at instant: Timestamp, from top: String, to bottom: String, style: String) -> Markup {
        let x = x(instant)
        return element("line", ["class": style, "x1": x, "x2": x, "y1": top, "y2": bottom])
    }

    /// The ticks' labels, below `y`. If there is little room, every second label is hidden.
    func labels(y: Int) -> [Markup] {
        axis.ticks.enumerated().flatMap { index, tick in
            let style = index % 2 == 1 ? "tick odd" : "tick"
            let label = element(
                "text", ["class": style, "x": x(tick.at), "y": "\(y + 15)"], [.text(tick.label)])
            guard let date = tick.date else { return [label] }
            // The first date stays at any width: it tells on which day the plot begins.
            let dateStyle = index == 0 ? "tick date" : style + " date"
            return [
                label,
                element("text", ["class": dateStyle, "x": x(tick.at), "y": "\(y + 30)"], [.text(date)]),
            ]
        }
    }

    /// Thin lines at the ticks.
    func grid(from top: String, to bottom: String) -> [Markup] {
        axis.ticks.map { vertical(at: $0.at, from: top, to: bottom, style: "grid") }
    }

    /// Pieces of a plot, at most about twice `most`. If there are more, neighbours that together are narrower than a
    /// `most`-th of the plot become one. So a resolver that changes with every answer does not fill the page.
    ///
    /// - Parameter merge: of two neighbours, the earlier one first.
    func thinned<Piece>(
        _ pieces: [Piece], most: Int, ends: (Piece) -> (from: Timestamp, to: Timestamp),
        merge: (Piece, Piece) -> Piece
    ) -> [Piece] {
        guard pieces.count > most else { return pieces }
        var thinned: [Piece] = []
        for piece in pieces {
            if let last = thinned.last,
                window.position(ends(piece).to) - window.position(ends(last).from) < 1 / Double(most)
            {
                thinned[thinned.count - 1] = merge(last, piece)
            } else {
                thinned.append(piece)
            }
        }
        return thinned
    }

    /// Stretches of time within the window in which nobody looked.
    func unwatched(_ report: ReportDocument) -> [ReportLook] {
        var pauses: [ReportLook] = []
        if report.looks.isEmpty {
            pauses.append(ReportLook(from: window.from, to: report.firstLook))
        } else {
            var end = window.from
            for look in report.looks {
                if look.from > end { pauses.append(ReportLook(from: end, to: look.from)) }
                end = max(end, look.to)
            }
        }
        let end = report.looks.last?.to ?? report.lastLook
        pauses.append(ReportLook(from: max(window.from, end), to: window.to))
        return pauses.filter { $0.to > $0.from && $0.to > window.from && $0.from < window.to }
    }
}
