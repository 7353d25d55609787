import DNS
import Propagation

/// The resolvers of a `resolvers.conf`: one a line, `ADDRESS [NAME] [key=value…] [optional]`.
package struct ResolverList: Sendable, Equatable {
    /// A resolver and what the file says of how to ask it.
    package struct Entry: Sendable, Equatable {
        package var identity: ResolverIdentity
        /// Queries a second that this address may get; `nil` for the default.
        package var rate: Double?

        package init(identity: ResolverIdentity, rate: Double? = nil) {
            self.identity = identity
            self.rate = rate
        }
    }

    package var entries: [Entry]

    /// The most that `rate=` may say, in queries a second.
    package static let rateRange = 0.01...1_000_000

    package init(entries: [Entry]) { self.entries = entries }

    /// Reads the text of a file.
    ///
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ConfigurationError` at the first line that is wrong, or where no resolver is left.
    package init(parsing text: String, file: String) throws(ConfigurationError) {
        var entries: [Entry] = []
        var lineOf: [Endpoint: Int] = [:]
        let lines: [Substring] = text.split(
            maxSplits: .max, omittingEmptySubsequences: false, whereSeparator: { $0.isNewline })
        for (index, line) in lines.enumerated() {
            let words = Self.words(line)
            guard !words.isEmpty else { continue }
            do throws(LineError) {
                let entry = try Self.entry(words)
                if let first = lineOf.updateValue(index + 1, forKey: entry.identity.endpoint) {
                    throw LineError(
                        "\(entry.identity.endpoint) stands already in line \(first); give each address once")
                }
                entries.append(entry)
            } catch {
                throw ConfigurationError(file: file, line: index + 1, message: error.message)
            }
        }
        guard !entries.isEmpty else {
            throw ConfigurationError(
                file: file, line: nil,
                message: "it names no resolver; give one a line, as in '9.9.9.10 quad9'")
        }
        self.entries = entries
    }

    /// The words of a line, its comment left out: `#` starts one at the line's start or after white space.
    private static func words(_ line: Substring) -> [String] {
        var words = line.split(whereSeparator: { $0.isWhitespace || $0 == "\u{FEFF}" }).map(String.init)
        if let comment = words.firstIndex(where: { $0.hasPrefix("#") }) { words.removeSubrange(comment...) }
        return words
    }
}

/// A configuration file that cannot be used: which, where, and what was expected.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var file: String
    /// Counted from 1; `nil` where the whole file is meant.
    package var line: Int?
    package var message: String

    package var description: String {
        line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
    }
}

private struct LineError: Error {
    var message: String
    init(_ message: String) { self.message = message }
}

// MARK: - One line

extension ResolverList {
    private static func entry(_ words: [String]) throws(LineError) -> Entry {
        let endpoint = try endpoint(words[0])
        var entry = Entry(identity: ResolverIdentity(name: words[0], endpoint: endpoint))
        var keysSeen: Set<String> = []
        for (position, word) in words.enumerated().dropFirst() {
            if word == "optional" {
                entry.identity.isOptional = true
            } else if let equals = word.firstIndex(of: "=") {
                let key = String(word[..<equals])
                guard keysSeen.insert(key).inserted else { throw LineError("the key '\(key)' stands twice") }
                try apply(key: key, value: String(word[word.index(after: equals)...]), to: &entry)
            } else if position == 1 {
                entry.identity.name = try name(word)
            } else {
                throw LineError(
                    "'\(shown(word))' is not expected here; after the address come a name, key=value pairs and 'optional'"
                )
            }
        }
        return entry
    }

    private static func endpoint(_ word: String) throws(LineError) -> Endpoint {
        for scheme in ["tls", "https"] where word.hasPrefix("\(scheme)://") {
            throw LineError(
                "\(scheme):// resolvers are not supported by this version; comment the line out, or give a plain address"
            )
        }
        guard let endpoint = Endpoint(word) else {
            throw LineError(
                "'\(shown(word))' is no address; expected an IPv4 or IPv6 address, with a port as in 8.8.8.8:53 or [2001:db8::1]:53"
            )
        }
        if case .v6(0, let low) = endpoint.address, low >> 32 == 0xFFFF {
            // The same server as the IPv4 address: it must not count twice.
            throw LineError(
                "'\(shown(word))' is an IPv4 address inside an IPv6 one; give the IPv4 address itself")
        }
        return endpoint
    }

    private static func name(_ word: String) throws(LineError) -> String {
        guard !word.unicodeScalars.contains(where: isInvisible), word.unicodeScalars.count <= 40 else {
            throw LineError(
                "the name '\(shown(word))' is longer than 40 characters or has control characters")
        }
        return word
    }

    private static func apply(key: String, value: String, to entry: inout Entry) throws(LineError) {
        switch key {
        case "country":
            let letters = value.utf8.allSatisfy { (0x41...0x5A).contains($0 & 0xDF) }
            guard value.utf8.count == 2, letters else {
                throw LineError(
                    "country=\(shown(value)): expected two letters (ISO 3166-1 alpha-2), as in country=IT")
            }
            entry.identity.country = value.uppercased()
        case "operator":
            guard !value.isEmpty else {
                throw LineError("operator= has no value; expected a name without spaces")
            }
            entry.identity.operatorName = try name(value)
        case "rate":
            guard let rate = Double(value), rateRange.contains(rate) else {
                throw LineError(
                    "rate=\(shown(value)): expected queries a second, 0.01 to 1000000, as in rate=20")
            }
            entry.rate = rate
        default:
            throw LineError("the key '\(shown(key))' is unknown; known are country, operator and rate")
        }
    }

    /// Text of the file, made safe for a terminal.
    private static func shown(_ text: String) -> String {
        text.unicodeScalars.prefix(60).map { isInvisible($0) ? "?" : String($0) }.joined()
    }

    /// Control characters drive a terminal; format characters turn the direction of what follows them.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .format].contains(scalar.properties.generalCategory)
    }
}
