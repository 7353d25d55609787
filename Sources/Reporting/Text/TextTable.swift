/// A table of plain text that fits a width: first flexible columns shrink, then unimportant columns go.
struct TextTable {
    struct Column {
        var title: String
        var alignsRight = false
        /// How narrow it may become; `nil` if it may not shrink.
        var minimum: Int?
        /// Columns with the greatest rank go first; those of rank 0 stay.
        var rank = 0
    }

    struct Cell {
        var text: String
        var color: Color?

        init(_ text: String, _ color: Color? = nil) {
            self.text = text
            self.color = color
        }
    }

    /// ANSI colours (SGR). A mark or a word always says the same as the colour.
    enum Color: Int, Sendable {
        case red = 31
        case green = 32
        case yellow = 33
        case gray = 90

        func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
    }

    var columns: [Column]
    var rows: [[Cell]] = []
    /// Columns between two columns.
    var gap = 2

    /// - Parameter width: columns of the terminal; `nil` for no limit.
    func lines(width: Int?, usesColor: Bool, ellipsis: String) -> [String] {
        let (indices, widths) = layout(width: width)
        let title = columns.map { Cell($0.title) }
        return ([title] + rows).map { row in
            var line = ""
            for (place, index) in indices.enumerated() {
                let cell = row[index]
                let text = cell.text.shortened(to: widths[place], ellipsis: ellipsis)
                let padding = String(repeating: " ", count: widths[place] - text.displayWidth)
                let shown = usesColor && !text.isEmpty ? cell.color?.paint(text) ?? text : text
                let isLast = place == indices.count - 1
                line += columns[index].alignsRight ? padding + shown : shown + (isLast ? "" : padding)
                if !isLast { line += String(repeating: " ", count: gap) }
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// The columns that stay and their widths.
    private func layout(width: Int?) -> (indices: [Int], widths: [Int]) {
        // A column without any text is left out.
        var indices = columns.indices.filter { index in rows.contains { !$0[index].text.isEmpty } }
        let natural = columns.indices.map { index in
            rows.reduce(columns[index].title.count) { max($0, $1[index].text.displayWidth) }
        }
        guard let width else { return (indices, indices.map { natural[$0] }) }
        func least(_ index: Int) -> Int { min(natural[index], columns[index].minimum ?? natural[index]) }
        func total(_ widths: [Int]) -> Int { widths.reduce(gap * (widths.count - 1), +) }
        while total(indices.map(least)) > width,
            let last = indices.filter({ columns[$0].rank > 0 }).max(by: {
                columns[$0].rank < columns[$1].rank
            })
        {
            indices.removeAll { $0 == last }
        }
        var widths = indices.map { natural[$0] }
        while total(widths) > width,
            let widest = indices.indices.filter({ widths[$0] > least(indices[$0]) })
                .max(by: { widths[$0] < widths[$1] })
        {
            widths[widest] -= 1
        }
        return (indices, widths)
    }
}

extension String {
    /// Lines of at most `width` characters, broken at spaces where there are any.
    func wrapped(to width: Int?) -> [String] {
        guard let width else { return [self] }
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ") {
            if !line.isEmpty, line.displayWidth + 1 + String(word).displayWidth > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
