import ArgumentParser
import DNS
import DNSClient
import History
import Logging
import Monitoring
import Propagation

/// What one run of `check`, `watch` or `plan` works with, put together from its options.
struct Session {
    let domains: [DomainName]
    let monitor: Monitor
    let client: ExchangeClient
    let clock = MonitorClock.system
    let condition: Condition
    /// Most queries per second to a resolver, if the list gives a rate.
    let rates: [Endpoint: Double]
    /// Most queries per second to an authoritative server.
    let authorityRate: Double
    let logger: Logger
    /// `nil` with `--no-history`.
    let history: RunHistory?

    /// - Parameters:
    ///   - spread: the least time over which a resolver's confirmations must be spread.
    ///   - isQuiet: whether to leave out the history's remarks; its failures are always reported.
    init(
        domains: DomainOptions, asking: AskingOptions, verdict: VerdictOptions, history: HistoryOptions,
        spread: Duration, isQuiet: Bool
    ) throws {
        let clock = MonitorClock.system.read()
        try self.init(
            domains: domains, asking: asking, policy: verdict.policy, history: history,
            condition: verdict.until, publishedAt: try verdict.publication(at: clock),
            nameServersSince: try verdict.nameServersSince(at: clock), spread: spread, isQuiet: isQuiet)
    }

    /// - Parameters:
    ///   - publishedAt: when the change was published, as the operator says.
    ///   - nameServersSince: when the name servers changed last, as the operator says.
    init(
        domains: DomainOptions, asking: AskingOptions, policy: PolicyOptions, history: HistoryOptions,
        condition: Condition, publishedAt: Instant?, nameServersSince: Instant?, spread: Duration,
        isQuiet: Bool
    ) throws {
        let names = try domains.load()
        let (list, origin) = try ResolverSource.load(asking.resolvers.first)
        let settings = MonitorSettings(
            target: try policy.target, policy: policy.policy(spread: spread),
            authority: try asking.source, publishedAt: publishedAt, nameServersSince: nameServersSince)
        self.init(
            domains: names, list: list, settings: settings, condition: condition,
            configuration: Self.configuration(asking, list),
            history: try history.open().map {
                RunHistory($0, target: settings.target, clock: .system, isQuiet: isQuiet)
            }, verbose: asking.verbose)
        if let history = self.history { logger.info("history in \(history.store.path)") }
        logger.info("\(list.entries.count) resolvers from \(origin), \(names.count) domains")
    }

    init(
        domains: [DomainName], list: ResolverList, settings: MonitorSettings, condition: Condition,
        configuration: Configuration, history: RunHistory? = nil, verbose: Bool
    ) {
        self.domains = domains
        self.history = history
        self.condition = condition
        rates = configuration.rates
        authorityRate = configuration.authorityRate
        var logger = Logger(label: "propaga", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = verbose ? .debug : .warning
        self.logger = logger
        client = ExchangeClient(configuration: configuration)
        monitor = Monitor(
            client: client, resolvers: list.entries.map(\.identity), settings: settings, clock: clock)
    }

    /// What is known of a domain before it is asked about.
    ///
    /// - Throws: exit code 74 if the history cannot be read.
    func begin(_ domain: DomainName) throws -> DomainTracker {
        var tracker = monitor.tracker(for: domain)
        try history?.recall(&tracker)
        return tracker
    }

    /// How long one sweep takes before the switch: the slowest resolver gets its questions about each domain.
    var estimate: Duration {
        let slowest = monitor.resolvers.map { rates[$0.endpoint] ?? Configuration.defaultRate }.min() ?? 1
        let questions = Monitor.questionsOfFirstPart + (history == nil ? 0 : 1)
        return .seconds(Double(domains.count * questions) / slowest)
    }

    private static func configuration(_ asking: AskingOptions, _ list: ResolverList) -> Configuration {
        var configuration = Configuration(now: MonitorClock.system.now)
        configuration.timeout = asking.timeout
        configuration.tries = asking.tries
        configuration.authorityRate = Double(asking.authorityRate)
        for entry in list.entries {
            if let rate = entry.rate { configuration.rates[entry.identity.endpoint] = rate }
        }
        return configuration
    }
}
