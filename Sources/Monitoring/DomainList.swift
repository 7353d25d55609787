import DNS

/// The domains of a file: one a line. `#` starts a comment, and so does `;` at the line's start or after white
/// space: elsewhere it may stand between two domains, and the second must not be passed over.
package enum DomainList {
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ConfigurationError` with every line that is no domain, or where the file names none.
    package static func parse(_ text: String, file: String) throws(ConfigurationError) -> [DomainName] {
        var domains: [DomainName] = []
        var faults = ConfigurationError(file: file)
        let lines: [Substring] = text.split(
            maxSplits: .max, omittingEmptySubsequences: false, whereSeparator: { $0.isNewline })
        for (index, line) in lines.enumerated() {
            let written = withoutComment(line)
            guard !written.isEmpty else { continue }
            do {
                domains.append(try DomainName(typed: written))
            } catch {
                let isList = written.contains { $0.isWhitespace || $0 == "," || $0 == ";" }
                faults.add(
                    isList
                        ? "'\(shown(written))': one domain a line; give each a line of its own"
                        : "'\(shown(written))' is no domain: \(error)",
                    line: index + 1)
            }
        }
        if domains.isEmpty, faults.isEmpty { faults.add("no domain in it; give one a line", line: nil) }
        guard faults.isEmpty else { throw faults }
        return domains
    }

    /// What a line says, without the white space around it.
    private static func withoutComment(_ line: Substring) -> String {
        // A plain name, as nearly all are, costs no look at its characters.
        if line.utf8.allSatisfy({ $0 > UInt8(ascii: "#") && $0 < 0x7F && $0 != UInt8(ascii: ";") }) {
            return String(line)
        }
        var isAfterSpace = true
        let written = line.filter { $0 != "\u{FEFF}" }.prefix { sign in
            defer { isAfterSpace = sign.isWhitespace }
            return sign != "#" && !(sign == ";" && isAfterSpace)
        }
        let start = written.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
