import DNS

/// The domains of a file, one per line. `#` starts a comment, and so does `;` at the line's start or after white
/// space. Elsewhere a `;` may separate two domains, and the second must not be skipped silently.
package enum DomainList {
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ConfigurationError` with every line that is not a domain, or if the file has no domain.
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
                        ? "'\(shown(written))': write only one domain per line"
                        : "'\(shown(written))' is not a domain: \(error)",
                    line: index + 1)
            }
        }
        if domains.isEmpty, faults.isEmpty {
            faults.add("the file has no domain: write one per line", line: nil)
        }
        guard faults.isEmpty else { throw faults }
        return domains
    }

    /// What a line says, without the white space around it.
    private static func withoutComment(_ line: Substring) -> String {
        // Fast path: nearly all lines are plain names.
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
