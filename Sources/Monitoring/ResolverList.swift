import DNS
import Propagation

/// The resolvers of a `resolvers.conf`, one per line: `ADDRESS [NAME] [key=value…] [optional]`.
package struct ResolverList: Sendable, Equatable {
    /// A resolver, and how to ask it.
    package struct Entry: Sendable, Equatable {
        package var identity: ResolverIdentity
        /// Most queries per second to this address; `nil` for the default.
        package var rate: Double?

        package init(identity: ResolverIdentity, rate: Double? = nil) {
            self.identity = identity
            self.rate = rate
        }
    }

    package var entries: [Entry]

    /// The values that `rate=` may have, in queries per second.
    package static let rateRange = 0.01...1_000_000

    package init(entries: [Entry]) { self.entries = entries }

    /// Reads the text of a file.
    ///
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ConfigurationError` with every wrong line, or if the file has no resolver.
    package init(parsing text: String, file: String) throws(ConfigurationError) {
        var entries: [Entry] = []
        var lineOf: [Endpoint: Int] = [:]
        var faults = ConfigurationError(file: file)
        let lines: [Substring] = text.split(
            maxSplits: .max, omittingEmptySubsequences: false, whereSeparator: { $0.isNewline })
        for (index, line) in lines.enumerated() {
            let words = Self.words(line)
            guard !words.isEmpty else { continue }
            do throws(LineError) {
                let entry = try Self.entry(words)
                if let first = lineOf[entry.identity.endpoint] {
                    throw LineError(
                        "\(entry.identity.endpoint) is already in line \(first); give each address once")
                }
                lineOf[entry.identity.endpoint] = index + 1
                entries.append(entry)
            } catch {
                faults.add(error.message, line: index + 1)
            }
        }
        if entries.isEmpty, faults.isEmpty {
            faults.add("the file has no resolver: write one per line, such as '9.9.9.10 quad9'", line: nil)
        }
        guard faults.isEmpty else { throw faults }
        self.entries = entries
    }

    /// The words of a line, without its comment: `#` or `;` starts one at the line's start or after white space.
    private static func words(_ line: Substring) -> [String] {
        var words = line.split(whereSeparator: { $0.isWhitespace || $0 == "\u{FEFF}" }).map(String.init)
        if let comment = words.firstIndex(where: { $0.hasPrefix("#") || $0.hasPrefix(";") }) {
            words.removeSubrange(comment...)
        }
        return words
    }
}

private struct LineError: Error {
    var message: String
    init(_ message: String) { self.message = message }
}

// MARK: - One line

extension ResolverList {
    private static func entry(_ words: [String]) throws(LineError) -> Entry {
        let endpoint = try endpoint(words)
        var entry = Entry(identity: ResolverIdentity(name: words[0], endpoint: endpoint))
        var keysSeen: Set<String> = []
        for (position, word) in words.enumerated().dropFirst() {
            if word == "optional" {
                entry.identity.isOptional = true
            } else if let equals = word.firstIndex(of: "=") {
                let key = String(word[..<equals])
                guard keysSeen.insert(key).inserted else {
                    throw LineError("the key '\(key)' is there twice; give it once")
                }
                try apply(key: key, value: String(word[word.index(after: equals)...]), to: &entry)
            } else if position == 1 {
                entry.identity.name = try name(word)
            } else {
                throw LineError(
                    "'\(shown(word))' is not possible here; after the address come a name, key=value pairs and 'optional'"
                )
            }
        }
        return entry
    }

    private static func endpoint(_ words: [String]) throws(LineError) -> Endpoint {
        let word = words[0]
        for scheme in ["tls", "https"] where word.hasPrefix("\(scheme)://") {
            throw LineError(
                "this version does not support \(scheme):// resolvers; comment the line out, or give a plain address"
            )
        }
        guard let endpoint = Endpoint(word) else {
            throw LineError("'\(shown(word))' is not an address; \(remedy(words))")
        }
        if case .v6(0, let low) = endpoint.address, low >> 32 == 0xFFFF {
            // The same server as the IPv4 address: it must not count twice.
            throw LineError(
                "'\(shown(word))' is an IPv4 address inside an IPv6 one; give the IPv4 address itself")
        }
        return endpoint
    }

    /// What to write instead of a line without an address at its start. It knows the formats of other programs.
    private static func remedy(_ words: [String]) -> String {
        let ofResolvConf = "this looks like a resolv.conf"
        if words[0] == "nameserver", words.count > 1, let server = Endpoint(words[1]) {
            return
                "write \(server.port == Endpoint.standardPort ? "\(server.address)" : "\(server)"); \(ofResolvConf)"
        }
        if ["search", "domain", "options", "sortlist"].contains(words[0]) {
            return "leave the line out; \(ofResolvConf)"
        }
        // 8.8.8.8#53 is dnsmasq's way, 8.8.8.8@53 unbound's.
        let parts = words[0].split(maxSplits: 1) { $0 == "#" || $0 == "@" }
        if parts.count == 2, let address = IPAddress(parts[0]), let port = UInt16(parts[1]), port > 0 {
            return "write \(Endpoint(address, port: port))"
        }
        return "expected an IPv4 or IPv6 address; a port looks like 8.8.8.8:53 or [2001:db8::1]:53"
    }

    private static func name(_ word: String) throws(LineError) -> String {
        guard !word.unicodeScalars.contains(where: \.isInvisible), word.unicodeScalars.count <= 40 else {
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
                    "country=\(shown(value)): expected two letters (ISO 3166-1 alpha-2), such as country=IT")
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
                    "rate=\(shown(value)): expected queries per second, 0.01 to 1000000, such as rate=20")
            }
            entry.rate = rate
        default:
            throw LineError(
                "the key '\(shown(key))' is unknown; the known keys are country, operator and rate")
        }
    }
}
