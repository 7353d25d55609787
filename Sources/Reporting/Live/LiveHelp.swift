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
        // Even a short screen says how to leave.
        let wayOut = StyledLine("? or Esc returns, q quits", .gray).text(style, width: size.columns)
        lines = Array(lines.prefix(size.rows - 1))
        lines += Array(repeating: "", count: size.rows - 1 - lines.count)
        return LiveFrame(lines: lines + [wayOut], extent: extent)
    }

    private static func text(isASCII: Bool) -> [(text: String, isTitle: Bool)] {
        let (clear, old, asking) = isASCII ? ("+", "x", ".") : ("✓", "✗", "·")
        // None longer than forty columns.
        let keys = [
            "q          quit, with the exit code",
            "j k        down and up, as arrows do",
            "PgDn PgUp  a page, as space and b do",
            "g G        first and last row",
            "Enter Esc  open a domain, return",
            "Ctrl-L     draw anew",
            "Ctrl-Z     suspend; fg comes back",
        ]
        let marks = [
            "\(clear)  clear: only the new MX is left",
            "~  new MX, not confirmed; or mixed",
            "\(old)  the previous MX, or no MX",
            "?  no usable answer: error or silence",
            "-  does not count  \(asking)  being asked",
        ]
        let columns = [
            "SINCE   shows the new MX since then",
            "LEFT    time until its copy expires",
            "CACHES  caches behind this address",
            "AGO     time since we last asked",
        ]
        return titled("Keys", keys) + [("", false)] + titled("Marks", marks) + [("", false)]
            + titled("Columns", columns)
    }

    private static func titled(_ title: String, _ lines: [String]) -> [(text: String, isTitle: Bool)] {
        [(title, true)] + lines.map { ("  " + $0, false) }
    }
}
