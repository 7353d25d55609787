import DNS

/// How many domains of a watch share each authoritative server, and so how often it can be asked about one of them.
struct ServerLoad: Sendable {
    /// Questions a second that a server's address may get.
    let rate: Double
    private var domains: [Endpoint: Int] = [:]
    private var servers: [[Endpoint]]

    init(domains: Int, rate: Double) {
        self.rate = rate
        servers = Array(repeating: [], count: domains)
    }

    /// Takes in which servers a domain has.
    mutating func note(_ endpoints: [Endpoint], of domain: Int) {
        guard servers[domain] != endpoints else { return }
        for endpoint in servers[domain] { domains[endpoint, default: 1] -= 1 }
        for endpoint in endpoints { domains[endpoint, default: 0] += 1 }
        servers[domain] = endpoints
    }

    /// How long the busiest of its servers takes for one question about each of its domains, with
    /// `Schedule.regularShare` of its rate: what is left is for those that a level is near for.
    func pace(of domain: Int) -> Duration { pace(servers[domain].compactMap { domains[$0] }.max() ?? 0) }

    /// How many domains the busiest server has, and how long one question about each of them takes.
    var busiest: (domains: Int, pace: Duration) {
        let most = domains.values.max() ?? 0
        return (most, pace(most))
    }

    private func pace(_ domains: Int) -> Duration {
        .milliseconds(Int64(Double(domains) * 1000 / (rate * Schedule.regularShare)))
    }
}
