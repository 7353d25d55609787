import DNS

/// What an old mail server runs, and so which recipe makes it forward to the new provider.
package enum ForwardingKind: String, CaseIterable, Sendable {
    /// Mail servers: they still accept mail for the moved domains, and forward it.
    case postfix, exim, sendmail, opensmtpd
    /// They forward every connection to port 25. This is for a server of which every domain moves.
    case haproxy, nftables

    /// Whether it forwards whole connections of every domain, and not only the mail of the named domains.
    package var forwardsConnections: Bool { self == .haproxy || self == .nftables }
}

/// Who forwards what to where. All names in it are safe in any configuration file and on any command line.
package struct Forwarding: Sendable, Equatable {
    /// The domains that move: lower case, each once, without a final dot.
    package let domains: [String]
    /// The new provider's main exchange: lower case, without a final dot.
    package let exchange: String
    /// The addresses of that exchange, in the order of preference, each once.
    package let exchangeAddresses: [IPAddress]
    /// The addresses at which the old servers take mail, each once: those of the exchanges that do not stay.
    package let serverAddresses: [IPAddress]
    /// The options for the `propaga watch` in the recipe, as words for a shell, with a blank before each.
    let watchOptions: String

    /// - Parameters:
    ///   - domains: at least one.
    ///   - exchange: the name that recipes forward to, `Target.primary`.
    ///   - exchangeAddresses: nftables needs one, since it knows no names; other recipes ignore them.
    ///   - serverAddresses: haproxy needs one, to leave the loopback addresses to the local mail server.
    ///   - options: the options of this run that the watch needs too, such as its target.
    /// - Throws: `ForwardingError` for no domain, and for a name that could end a string, a line or an option: its
    ///   labels may have letters, digits, `-` and `_` only, and no `-` at the start or end. RFC 5321 §4.1.2 allows
    ///   no more in a mail domain, and not even `_`.
    package init(
        domains: [DomainName], exchange: DomainName, exchangeAddresses: [IPAddress] = [],
        serverAddresses: [IPAddress] = [], options: [String] = []
    ) throws(ForwardingError) {
        guard !domains.isEmpty else { throw .noDomain }
        var names: [String] = []
        var seen: Set<DomainName> = []
        for domain in domains where seen.insert(domain).inserted {
            names.append(try Self.plainText(domain))
        }
        self.domains = names
        self.exchange = try Self.plainText(exchange)
        self.exchangeAddresses = Self.unique(exchangeAddresses)
        self.serverAddresses = Self.unique(serverAddresses)
        watchOptions = PlanCommands.quoted(options).map { " \($0)" }.joined()
    }

    /// The recipe for one kind of server.
    ///
    /// - Throws: `ForwardingError` if the kind needs an address that is not known, or does not take a name.
    package func recipe(_ kind: ForwardingKind) throws(ForwardingError) -> ForwardingRecipe {
        switch kind {
        case .postfix: postfixRecipe
        case .exim: try eximRecipe()
        case .sendmail: sendmailRecipe
        case .opensmtpd: opensmtpdRecipe
        case .haproxy: try haproxyRecipe()
        case .nftables: try nftablesRecipe()
        }
    }

    /// The domain that commands try things with.
    var firstDomain: String { domains[0] }

    private static func unique(_ addresses: [IPAddress]) -> [IPAddress] {
        var seen: Set<IPAddress> = []
        return addresses.filter { seen.insert($0).inserted }
    }

    private static func plainText(_ name: DomainName) throws(ForwardingError) -> String {
        guard !name.isRoot, name.labels.allSatisfy(isPlain) else { throw .unsuitableName(name) }
        return name.description.lowercased()
    }

    private static func isPlain(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return label.first != hyphen && label.last != hyphen
            && label.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen, UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// Why there is no recipe.
package enum ForwardingError: Error, Hashable, Sendable, CustomStringConvertible {
    case noDomain
    /// A name that no configuration file should hold.
    case unsuitableName(DomainName)
    /// exim takes no address with an underscore in its domain (RFC 5321 §4.1.2).
    case underscore(String)
    /// nftables needs an address of the new exchange.
    case noExchangeAddress(String)
    /// haproxy needs the addresses at which the old server takes mail.
    case noServerAddress
    /// The same: the domains have switched, so no present exchange tells these addresses.
    case switchedAlready([String])

    package var description: String {
        switch self {
        case .noDomain: "no domain to forward: name at least one"
        case .unsuitableName(let name):
            "\(name) cannot stand in a mail server's configuration. Leave it out, or forward it by hand: only letters,"
                + " digits, '-' and '_' are possible, and no '-' at the start or end of a label"
        case .underscore(let name):
            "exim accepts no mail for \(name). Leave the name out, or forward with another server: by default exim"
                + " takes no '_' in a domain"
        case .noExchangeAddress(let exchange):
            "we know no address of \(exchange), and nftables forwards to an address. Check its A and AAAA records, or"
                + " use the recipe for haproxy, which forwards to the name"
        case .noServerAddress:
            "we do not know the addresses at which the old server takes mail, and haproxy needs them. Give them with"
                + " --old-server ADDRESS, or use the recipe for nftables, which needs none. (No resolver gave an address"
                + " of a present exchange.)"
        case .switchedAlready(let domains):
            "\(domains.joined(separator: ", ")) \(domains.count == 1 ? "has" : "have") switched already. Give the old"
                + " server's addresses with --old-server ADDRESS: the present exchanges no longer tell them"
        }
    }
}
