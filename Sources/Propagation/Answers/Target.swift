import DNS

/// The *target*: the exchanges of the new provider, which are accepted (§1).
package struct Target: Sendable, Equatable {
    /// A name for people and for JSON, such as `qboxmail`.
    package let name: String
    /// The exchange that the MX RRset should contain, and that the old server forwards to.
    package let primary: DomainName
    /// Exchanges accepted by whole name.
    package let hosts: [DomainName]
    /// Domains below which every exchange is accepted; the domain itself is not.
    package let suffixes: [DomainName]
    /// What SPF must include for the provider to send for the domain (RFC 7208 §5.2); `nil` where unknown.
    package let policyInclude: DomainName?

    /// Qboxmail's exchanges, as its guide and its customers' zones show them.
    package static let qboxmail = Target(
        name: "qboxmail", primary: "mx01.cbsolt.net",
        hosts: ["mx01.cbsolt.net", "mx01.qboxmail.com", "mx02.qboxmail.com"],
        suffixes: ["cbsolt.net", "qboxmail.com"], policyInclude: "spf.qboxmail.com")

    package init(
        name: String, primary: DomainName, hosts: [DomainName], suffixes: [DomainName] = [],
        policyInclude: DomainName? = nil
    ) {
        self.name = name
        self.primary = primary
        self.hosts = hosts
        self.suffixes = suffixes
        self.policyInclude = policyInclude
    }

    /// Whether mail for `exchange` reaches the new provider; ASCII case is ignored.
    package func accepts(_ exchange: DomainName) -> Bool {
        hosts.contains(exchange)
            || suffixes.contains { exchange.wire.count > $0.wire.count && exchange.isAtOrBelow($0) }
    }

    /// The accepted set as operators write it: `mx01.cbsolt.net`, `*.cbsolt.net`.
    package var patterns: [String] {
        hosts.map(\.description) + suffixes.map { "*.\($0)" }
    }

    /// The accepted host that a foreign exchange was probably meant to be: at most two edits away.
    package func probableTypo(_ exchange: DomainName) -> DomainName? {
        guard !accepts(exchange) else { return nil }
        return hosts.first {
            editDistance($0.description.lowercased(), exchange.description.lowercased(), limit: 2) != nil
        }
    }
}

/// The Damerau–Levenshtein distance (insert, delete, replace, swap neighbours); `nil` where over `limit`.
package func editDistance(_ first: String, _ second: String, limit: Int) -> Int? {
    let (a, b) = (Array(first.utf8), Array(second.utf8))
    guard abs(a.count - b.count) <= limit else { return nil }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1] + Array(repeating: 0, count: b.count)
        for j in b.indices {
            let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
            row[j + 1] = min(replaced, last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
            }
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count] <= limit ? last[b.count] : nil
}
