/// The help that `?` lays over the live screen.
package enum LiveHelp {
    /// - Parameter extent: of the page below, which stays where it is.
    package static func frame(
        _ settings: LiveSettings, _ size: ScreenSize, over extent: LiveView.Extent
    ) -> LiveFrame {
        let style = settings.style
        var lines = text(isASCII: style.isASCII).map { line in
            StyledLine(line.text, bold: line.isTitle).text(style, width: size.columns)
        }
        // A short screen keeps the way out.
        let wayOut = StyledLine("? or Esc returns, q quits", .gray).text(style, width: size.columns)
        lines = Array(lines.prefix(size.rows - 1))
        lines += Array(repeating: "", count: size.rows - 1 - lines.count)
        return LiveFrame(lines: lines + [wayOut], extent: extent)
    }

    private static func text(isASCII: Bool) -> [(text: String, isTitle: Bool)] {
        let (clear, old, asking) = isASCII ? ("+", "x", ".") : ("✓", "✗", "·")
        let keys = [
            "q          quit; the exit code is that of the last status",
            "j k        one row down or up, as the arrow keys do",
            "PgDn PgUp  a page, as space and b do",
            "g G        first and last row, as Home and End do",
            "Enter Esc  open a domain of several, and return",
            "Ctrl-L     draw the screen anew",
            "Ctrl-Z     suspend; fg comes back",
        ]
        let marks = [
            "\(clear)  clear: serves the new MX, and no other copy is known to live",
            "~  on its way: serves the new MX and is not confirmed, or a mixture",
            "\(old)  serves the previous MX, or none",
            "?  tells nothing: an error, or silence",
            "-  shown, and not counted        \(asking)  being asked",
        ]
        let columns = [
            "LEFT       until the copy that is shown expires, and of its TTL how much",
            "CACHES     separate caches seen behind the address",
            "AGO        since the last question",
        ]
        return titled("Keys", keys) + [("", false)] + titled("Marks", marks) + [("", false)]
            + titled("Columns", columns)
    }

    private static func titled(_ title: String, _ lines: [String]) -> [(text: String, isTitle: Bool)] {
        [(title, true)] + lines.map { ("  " + $0, false) }
    }
}
