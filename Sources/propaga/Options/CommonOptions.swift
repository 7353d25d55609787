import ArgumentParser
import DNS
import DNSClient
import Logging
import Monitoring
import Propagation
import Reporting

/// Which domains to ask about: named, or from a file.
struct DomainOptions: ParsableArguments {
    @Argument(help: "The domains to ask about.")
    var domains: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Read domains from FILE, one per line (- is standard input). Repeatable.", valueName: "file"))
    var file: [String] = []

    /// Checks that there is something to ask about, and that every name on the command line is a domain.
    ///
    /// - Throws: a usage error if not.
    func namesGiven() throws {
        guard !domains.isEmpty || !file.isEmpty else {
            throw ValidationError(
                "no domain given: name one, as in 'propaga check example.it', or use --file")
        }
        _ = try named
    }

    /// The domains in the order given, each once.
    func load() throws -> [DomainName] {
        var names = try named
        for file in file { names += try InputFiles.domains(in: file) }
        var seen = Set<DomainName>(minimumCapacity: names.count)
        return names.filter { seen.insert($0).inserted }
    }

    private var named: [DomainName] {
        get throws { try domains.map(DomainName.init(argument:)) }
    }
}

/// Whom to ask, and how.
struct AskingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The resolvers to ask, one address per line.",
            discussion:
                "Default: ./resolvers.conf, then \(ResolverSource.systemPath), then the built-in list.",
            valueName: "file"))
    var resolvers: [String] = []

    @Option(
        name: .customLong("authority"),
        help: ArgumentHelp(
            "An authoritative server to ask instead of those that the NS records name. Repeatable.",
            valueName: "address[:port]"))
    var authorities: [String] = []

    @Flag(name: .long, help: "Ask no authoritative server: the resolvers alone decide.")
    var noAuthority = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Most queries per second to one authoritative server, 1 to 1000.",
            discussion: "Raise it if the name servers are yours and serve thousands of your domains.",
            valueName: "qps"))
    var authorityRate = Self.usualAuthorityRate

    static let usualAuthorityRate = 50

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long one try waits for an answer, such as 500ms or 2s. (default: 2s)", valueName: "duration"),
        transform: Duration.read)
    var timeout = Duration.seconds(2)

    @Option(name: .long, help: ArgumentHelp("How many tries for one question, 1 to 10.", valueName: "n"))
    var tries = 3

    @Flag(name: .shortAndLong, help: "Log to standard error.")
    var verbose = false

    func validate() throws {
        guard (1...10).contains(tries) else {
            throw ValidationError("--tries \(tries): expected 1 to 10")
        }
        guard (.milliseconds(10) ... .seconds(60)).contains(timeout) else {
            throw ValidationError("--timeout: expected 10ms to 60s")
        }
        guard (1...1000).contains(authorityRate) else {
            throw ValidationError("--authority-rate \(authorityRate): expected 1 to 1000 queries per second")
        }
        guard resolvers.count <= 1 else {
            throw ValidationError("you gave --resolvers \(resolvers.count) times: give one file")
        }
        if noAuthority, !authorities.isEmpty {
            throw ValidationError("--authority and --no-authority contradict each other: give one of them")
        }
        _ = try endpoints
    }

    var endpoints: [Endpoint] {
        get throws {
            var endpoints: [Endpoint] = []
            for text in authorities {
                guard let endpoint = Endpoint(text) else {
                    throw ValidationError(
                        "--authority \(escaped(text)): expected an address, with a port as in 192.0.2.1:53 or [2001:db8::1]:53"
                    )
                }
                if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
            }
            return endpoints
        }
    }

    var source: AuthoritySource {
        get throws {
            let endpoints = try endpoints
            return noAuthority ? .none : endpoints.isEmpty ? .discovery : .given(endpoints)
        }
    }
}

/// The new MX, and the numbers that the verdict rests on.
struct PolicyOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "An exchange of the new MX, or *.suffix, instead of Qboxmail's. Repeatable; the first host is the primary.",
            valueName: "host"))
    var mx: [String] = []

    @Option(
        name: .customLong("previous-ttl"),
        help: ArgumentHelp(
            "The longest TTL that the MX had in the last days, in seconds, 0 to 604800.",
            discussion:
                "Without it we assume 1 day, because caches may have copies from before we looked. If you know that"
                + " every old copy has less time left, give that time.",
            valueName: "seconds"))
    var previousTTL: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The waiting period before the second pass, after all old copies have expired, 0s to 7d. (default: 2h)",
            valueName: "duration"),
        transform: Duration.read)
    var settle = Policy().settle

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many resolvers must give usable answers for a verdict, in percent, 1 to 100.",
            valueName: "percent"))
    var quorum = 80

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many answers in a row with the new MX a resolver must give, 1 to 20.", valueName: "n"))
    var confirmations = 3

    func validate() throws {
        guard Policy.quorumRange.contains(quorum) else {
            throw ValidationError("--quorum \(quorum): expected a percentage, 1 to 100")
        }
        guard Policy.confirmationRange.contains(confirmations) else {
            throw ValidationError("--confirmations \(confirmations): expected 1 to 20")
        }
        if let previousTTL, !Policy.previousTTLRange.contains(previousTTL) {
            throw ValidationError(
                "--previous-ttl \(previousTTL): expected seconds, 0 to \(Policy.previousTTLRange.upperBound)")
        }
        guard Policy.settleRange.contains(settle) else {
            throw ValidationError(
                "--settle \(DurationText.compact(seconds: settle.components.seconds)): expected 0s to 7d")
        }
        _ = try target
    }

    /// - Parameter spread: the least time over which a resolver's confirmations must be spread.
    func policy(spread: Duration) -> Policy {
        Policy(
            confirmations: confirmations, confirmationSpread: spread, quorum: quorum,
            settle: settle, previousTTL: previousTTL.map(TTL.init(seconds:)))
    }

    var target: Target {
        get throws {
            guard !mx.isEmpty else { return .qboxmail }
            var hosts: [DomainName] = []
            var suffixes: [DomainName] = []
            for text in mx {
                switch try ExchangePattern(text) {
                case .host(let host): hosts.append(host)
                case .suffix(let suffix): suffixes.append(suffix)
                }
            }
            guard let primary = hosts.first else {
                throw ValidationError(
                    "--mx: give at least one whole host besides *.suffix: it is the primary exchange")
            }
            return Target(name: "custom", primary: primary, hosts: hosts, suffixes: suffixes)
        }
    }
}

/// What to wait for, and what the operator knows of the change.
struct VerdictOptions: ParsableArguments {
    @Option(
        name: .customLong("until"),
        help: ArgumentHelp(
            "What to wait for: published, propagated (default), second-pass or decommission.",
            valueName: "level"))
    var levels: [Condition] = []

    /// What is waited for.
    var until: Condition { levels.first ?? .propagated }

    @OptionGroup var policy: PolicyOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When the change was published, if propaga did not see it, such as 2026-11-23T16:00:00Z (RFC 3339).",
            valueName: "time"))
    var publishedAt: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When the zone's name servers changed last (RFC 3339), if propaga did not see it.",
            discussion:
                "Resolvers may ask the former name servers for two more days. Without this option, and without any sign"
                + " of a change, we assume that the name servers did not change in the days before.",
            valueName: "time"))
    var nameServersSince: String?

    func validate() throws {
        guard levels.count <= 1 else {
            throw ValidationError("you gave --until \(levels.count) times: give the highest level only")
        }
        _ = try publication(at: MonitorClock.system.read())
        _ = try nameServersSince(at: MonitorClock.system.read())
    }

    /// When the name servers changed last, as the operator says. It must not lie in the future.
    func nameServersSince(at clock: ClockReading) throws -> Instant? {
        try nameServersSince.map { try PastTime.instant($0, of: "--name-servers-since", at: clock) }
    }

    /// When the change was published, as the operator says. It must not lie in the future.
    func publication(at clock: ClockReading) throws -> Instant? {
        try publishedAt.map { try PastTime.instant($0, of: "--published-at", at: clock) }
    }
}

/// An instant in the past that an option gives.
enum PastTime {
    /// 2000-01-01T00:00:00Z: an earlier year is a typing error.
    private static let earliest = WallTime(milliseconds: 946_684_800_000)

    /// - Throws: a usage error for a text that is no instant, and for one in the future or before 2000.
    static func instant(_ text: String, of option: String, at clock: ClockReading) throws -> Instant {
        let time: WallTime
        do {
            time = try RFC3339.parse(text)
        } catch {
            throw ValidationError("\(option) \(escaped(text)): \(error)")
        }
        guard time >= earliest else {
            throw ValidationError(
                "\(option) \(escaped(text)): it is before the year 2000; expected a later time")
        }
        guard time <= clock.wall else {
            throw ValidationError(
                "\(option) \(escaped(text)): it is in the future; expected a time in the past")
        }
        return clock.instant(at: time)
    }
}
