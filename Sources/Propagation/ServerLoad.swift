import DNS

/// How many domains of a watch share each authoritative server, and so how often it can be asked about one of them.
struct ServerLoad: Sendable {
    /// Questions a second that a server's address may get.
    private let rate: Double
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

    /// How far apart its servers can be asked about a domain, where each domain gets an equal part of
    /// `Schedule.shareOfWitness`: the rest is for those that a level is near for, and for all other questions.
    func pace(of domain: Int) -> Duration {
        let most = servers[domain].compactMap { domains[$0] }.max() ?? 0
        return .milliseconds(Int64(Double(most) * 1000 / (rate * Schedule.shareOfWitness)))
    }
}
