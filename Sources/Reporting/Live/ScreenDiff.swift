/// What a terminal shows, so that only lines that changed are written again.
package struct ScreenDiff: Sendable {
    /// `nil` while nothing is known of the screen.
    private var shown: [String]?

    package init() {}

    /// The terminal's content is unknown from now on: the next frame clears it and writes every line.
    package mutating func forget() { shown = nil }

    /// The octets that turn the present screen into `lines`, to write at once; none if nothing changed.
    ///
    /// Terminals that know synchronized output (mode 2026) show it as one; others ignore the request.
    package mutating func update(to lines: [String]) -> [UInt8] {
        var text = ""
        if shown == nil { text += "\u{1B}[0m\u{1B}[2J" }
        for (row, line) in lines.enumerated() where shown.flatMap({ $0.at(row) }) != line {
            // Erase first: after a line of full width the cursor is on its last sign.
            text += "\u{1B}[\(row + 1);1H\u{1B}[2K" + line
        }
        for row in lines.count..<max(lines.count, shown?.count ?? 0) {
            text += "\u{1B}[\(row + 1);1H\u{1B}[2K"
        }
        shown = lines
        return text.isEmpty ? [] : Array("\u{1B}[?2026h\(text)\u{1B}[?2026l".utf8)
    }
}

extension [String] {
    fileprivate func at(_ index: Int) -> String? { indices.contains(index) ? self[index] : nil }
}
