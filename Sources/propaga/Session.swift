import ArgumentParser
import DNS
import DNSClient
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
    /// Queries a second that resolvers may get, where the list says so.
    let rates: [Endpoint: Double]
    let logger: Logger

    /// - Parameter spread: the least time between a resolver's confirmations.
    init(domains: DomainOptions, asking: AskingOptions, verdict: VerdictOptions, spread: Duration) throws {
        try self.init(
            domains: domains, asking: asking, policy: verdict.policy, condition: verdict.until,
            publishedAt: try verdict.publication(at: MonitorClock.system.read()), spread: spread)
    }

    /// - Parameter publishedAt: the operator's word on when the change was published.
    init(
        domains: DomainOptions, asking: AskingOptions, policy: PolicyOptions, condition: Condition,
        publishedAt: Instant?, spread: Duration
    ) throws {
        let names = try domains.load()
        let (list, origin) = try ResolverSource.load(asking.resolvers.first)
        let settings = MonitorSettings(
            target: try policy.target, policy: policy.policy(spread: spread),
            authority: try asking.source, publishedAt: publishedAt)
        self.init(
            domains: names, list: list, settings: settings, condition: condition,
            configuration: Self.configuration(asking, list), verbose: asking.verbose)
        logger.info("\(list.entries.count) resolvers from \(origin), \(names.count) domains")
    }

    init(
        domains: [DomainName], list: ResolverList, settings: MonitorSettings, condition: Condition,
        configuration: Configuration, verbose: Bool
    ) {
        self.domains = domains
        self.condition = condition
        rates = configuration.rates
        var logger = Logger(label: "propaga", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = verbose ? .debug : .warning
        self.logger = logger
        client = ExchangeClient(configuration: configuration)
        monitor = Monitor(
            client: client, resolvers: list.entries.map(\.identity), settings: settings, clock: clock)
    }

    private static func configuration(_ asking: AskingOptions, _ list: ResolverList) -> Configuration {
        var configuration = Configuration(now: MonitorClock.system.now)
        configuration.timeout = asking.timeout.duration
        configuration.tries = asking.tries
        for entry in list.entries {
            if let rate = entry.rate { configuration.rates[entry.identity.endpoint] = rate }
        }
        return configuration
    }
}
