import DNS

/// How many domains of a watch share each authoritative server, and so how often each is asked about.
struct ServerLoad: Sendable {
    /// Questions a second for one address.
    let rate: Double
    private var domains: [Endpoint: Int] = [:]
    private var servers: [[Endpoint]]
    /// The most domains on one server so far.
    private var most = 0

    init(domains: Int, rate: Double) {
        self.rate = rate
        servers = Array(repeating: [], count: domains)
    }

    /// Takes in which servers a domain has.
    mutating func note(_ endpoints: [Endpoint], of domain: Int) {
        guard servers[domain] != endpoints else { return }
        for endpoint in servers[domain] { domains[endpoint, default: 1] -= 1 }
        for endpoint in endpoints {
            domains[endpoint, default: 0] += 1
            most = max(most, domains[endpoint]!)
        }
        servers[domain] = endpoints
    }

    /// A domain's *pace*: the time for one question about each domain of its busiest server, within
    /// `Schedule.regularShare` of the server's rate.
    func pace(of domain: Int) -> Duration { pace(servers[domain].compactMap { domains[$0] }.max() ?? 0) }

    /// The domains of the busiest server, and its pace.
    var busiest: (domains: Int, pace: Duration) { (most, pace(most)) }

    private func pace(_ domains: Int) -> Duration {
        .milliseconds(Int64(Double(domains) * 1000 / (rate * Schedule.regularShare)))
    }
}

extension WatchState {
    /// A round of polls over one server's domains that takes longer than the schedule wants.
    package struct SlowRound: Sendable, Equatable {
        package var domains: Int
        package var length: Duration
        /// Questions a second for the server.
        package var rate: Double

        package init(domains: Int, length: Duration, rate: Double) {
            (self.domains, self.length, self.rate) = (domains, length, rate)
        }
    }

    /// The slowest round; `nil` where none is too slow, and until each domain's servers were asked once.
    package var slowRound: SlowRound? {
        guard unpolled == 0 else { return nil }
        let (domains, pace) = load.busiest
        guard let wanted = trackers.first?.policy.publicationInterval,
            pace * Schedule.questionsOfPoll > wanted
        else { return nil }
        let isPublished = trackers.allSatisfy { $0.publishedAt != nil }
        let round = SlowRound(
            domains: domains,
            length: pace * (isPublished ? Schedule.pacesOfWitness : Schedule.questionsOfPoll),
            rate: load.rate)
        return round.length > wanted ? round : nil
    }
}
