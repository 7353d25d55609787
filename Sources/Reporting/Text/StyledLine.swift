/// One line of a screen, put together from coloured pieces and cut to the screen's width.
struct StyledLine {
    private struct Piece {
        var text: String
        var color: TextTable.Color?
        var isBold: Bool
    }

    private var pieces: [Piece] = []

    /// Columns.
    var width: Int { pieces.reduce(0) { $0 + $1.text.displayWidth } }

    init() {}

    init(_ text: String, _ color: TextTable.Color? = nil, bold: Bool = false) {
        append(text, color, bold: bold)
    }

    mutating func append(_ text: String, _ color: TextTable.Color? = nil, bold: Bool = false) {
        pieces.append(Piece(text: text, color: color, isBold: bold))
    }

    /// Appends spaces up to `column`.
    mutating func pad(to column: Int) {
        append(String(repeating: " ", count: max(0, column - width)))
    }

    /// The text with its escape sequences: never more than `width` columns.
    func text(_ style: TextStyle, width: Int) -> String {
        let texts = pieces.map { style.isASCII ? $0.text.inASCII : $0.text }
        let isCut = texts.reduce(0) { $0 + $1.displayWidth } > width
        var room = isCut ? max(0, width - style.ellipsis.displayWidth) : width
        var line = ""
        for (text, piece) in zip(texts, pieces) {
            guard text.displayWidth > room else {
                line += paint(text, piece, style)
                room -= text.displayWidth
                continue
            }
            let kept = text.shortened(to: room, ellipsis: "") + style.ellipsis
            return line + paint(kept.shortened(to: min(width, kept.displayWidth), ellipsis: ""), piece, style)
        }
        return line
    }

    private func paint(_ text: String, _ piece: Piece, _ style: TextStyle) -> String {
        guard style.usesColor, !text.isEmpty else { return text }
        let colored = piece.color?.paint(text) ?? text
        return piece.isBold ? "\u{1B}[1m" + colored + (piece.color == nil ? "\u{1B}[0m" : "") : colored
    }
}
