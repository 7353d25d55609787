/// A bar of line signs: `━━━━━╸──`, or `=====---` in ASCII.
struct Bar: Equatable {
    /// How much is filled, from 0 to `total`; more counts as all.
    var part: Int64
    /// 0 makes an empty bar.
    var total: Int64

    /// Exactly `width` columns. A part above 0 shows at least a trace, and a part below the whole is never full.
    func text(width: Int, isASCII: Bool) -> String {
        let halves = halves(width: width)
        let (whole, hasHalf) = (halves / 2, halves % 2 == 1)
        if isASCII {
            let filled = whole + (hasHalf ? 1 : 0)
            return String(repeating: "=", count: filled) + String(repeating: "-", count: width - filled)
        }
        let rest = width - whole - (hasHalf ? 1 : 0)
        return String(repeating: "━", count: whole) + (hasHalf ? "╸" : "")
            + String(repeating: "─", count: rest)
    }

    private func halves(width: Int) -> Int {
        guard total > 0, part > 0, width > 0 else { return 0 }
        let most = Double(width * 2)
        let exact = most * Double(min(part, total)) / Double(total)
        return part >= total ? width * 2 : min(width * 2 - 1, max(1, Int(exact.rounded())))
    }
}
