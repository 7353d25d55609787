/// What an authoritative server serves: the zone of the domain that moves, and the zones that hold the
/// exchanges, so that no question ever has to leave the machine.
///
/// The top-level domain is `zz`, which ISO 3166-1 leaves to private use: no root server will delegate it,
/// and unlike `test` no resolver treats it specially.
struct Zone: Sendable {
    static let origin = "example.zz"

    var serial: UInt32
    /// Of every record, and of negative answers; in seconds.
    var ttl: Int
    /// Preference and exchange.
    var mx: [(Int, String)]
    /// The address of the zone's name server, `ns1.example.zz`.
    var nameServer = "127.0.0.1"
    /// Further lines of the zone.
    var more = ""

    static func before(serial: UInt32 = 2026_01_01, ttl: Int) -> Zone {
        Zone(serial: serial, ttl: ttl, mx: [(10, "mail.old-provider.zz")])
    }

    static func after(serial: UInt32 = 2026_01_02, ttl: Int) -> Zone {
        Zone(serial: serial, ttl: ttl, mx: [(10, "mx01.qboxmail.com"), (20, "mx02.qboxmail.com")])
    }

    /// The MX RDATA as `dig` prints it, sorted.
    var exchanges: [String] { mx.map { "\($0) \($1)." }.sorted() }

    /// Files by the origin of the zone in each.
    var files: [String: String] {
        var files = [Self.origin: text]
        for origin in ["zz", "old-provider.zz", "qboxmail.com", "cbsolt.net"] {
            files[origin] = fixed(origin)
        }
        return files
    }

    /// The root's origin is a dot.
    static func fileName(of origin: String) -> String { origin == "." ? "root.zone" : "\(origin).zone" }

    static let origins = [origin, "zz", "old-provider.zz", "qboxmail.com", "cbsolt.net"]

    private var text: String {
        """
        $ORIGIN \(Self.origin).
        $TTL \(ttl)
        @ SOA ns1 hostmaster \(serial) 3600 600 86400 \(ttl)
        @ NS ns1
        @ A 127.0.0.1
        ns1 A \(nameServer)
        \(more)
        \(mx.map { "@ MX \($0) \($1)." }.joined(separator: "\n"))

        """
    }

    private func fixed(_ origin: String) -> String {
        let delegation = origin == "zz" ? "example NS ns1.example\nns1.example A \(nameServer)\n" : ""
        return """
            $ORIGIN \(origin).
            $TTL 60
            @ SOA ns hostmaster 1 3600 600 86400 60
            @ NS ns
            ns A \(nameServer)
            mail A 127.0.0.1
            mx01 A 127.0.0.1
            mx02 A 127.0.0.1
            \(delegation)
            """
    }
}
