import DNS

/// How many domains of a watch share each authoritative server, and so how often it can be asked about one of them.
struct ServerLoad: Sendable {
    /// Questions a second that a server's address may get.
    let rate: Double
    private var domains: [Endpoint: Int] = [:]
    private var servers: [[Endpoint]]
    /// The most domains that a server ever had.
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

    /// How long the busiest of its servers takes for one question about each of its domains, with
    /// `Schedule.regularShare` of its rate: what is left is for those that a level is near for.
    func pace(of domain: Int) -> Duration { pace(servers[domain].compactMap { domains[$0] }.max() ?? 0) }

    /// How many domains the busiest server has, and how long one question about each of them takes.
    var busiest: (domains: Int, pace: Duration) { (most, pace(most)) }

    private func pace(_ domains: Int) -> Duration {
        .milliseconds(Int64(Double(domains) * 1000 / (rate * Schedule.regularShare)))
    }
}

extension WatchState {
    /// A round over the domains of one authoritative server that takes longer than it should.
    package struct SlowRound: Sendable, Equatable {
        package var domains: Int
        package var length: Duration
        /// Questions a second that the server may get.
        package var rate: Double

        package init(domains: Int, length: Duration, rate: Double) {
            (self.domains, self.length, self.rate) = (domains, length, rate)
        }
    }

    /// The slowest round, where it is slower than the schedule wants; `nil` where none is, and until each domain's
    /// servers have been asked once.
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
