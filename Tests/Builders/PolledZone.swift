import DNS
import Propagation

/// Authoritative servers polled at made-up instants, and one resolver that is clear from the beginning.
package struct PolledZone {
    package var tracker: DomainTracker
    /// What each poll's search finds.
    package var delegation: Delegation
    /// Of every SOA, in seconds.
    package var (refresh, retry): (UInt32, UInt32) = (3600, 0)
    package private(set) var events: [(at: Double, Event)] = []

    package static let long = Make.previous(ttl: 86_400, isAuthoritative: true)
    package static let short = Make.previous(ttl: 600, isAuthoritative: true)
    package static let target = Make.target(isAuthoritative: true)

    package init(
        previousTTL: Int? = 600, publishedAt: Instant? = nil, settle: Double = 0, servers: Int = 2,
        asksAuthority: Bool = true
    ) {
        let policy = Policy(
            confirmationSpread: .zero, settle: .seconds(Int64(settle)),
            previousTTL: previousTTL.map(TTL.init(seconds:)))
        tracker = DomainTracker(
            domain: Make.domain, target: .qboxmail, policy: policy, resolvers: Make.resolvers(1),
            asksAuthority: asksAuthority, publishedAt: publishedAt)
        delegation = Make.delegation(servers)
        for _ in 0..<3 { tracker.record(Make.target(), resolver: 0, at: at(-300_000)) }
    }

    /// All servers are asked for their serial alone.
    package mutating func witness(_ second: Double, serial: UInt32) {
        for index in tracker.authority.polled.indices { record(serial, server: index, at: second) }
        events += tracker.conclude(at: at(second)).map { (second, $0) }
    }

    private mutating func record(_ serial: UInt32, server index: Int, at second: Double) {
        tracker.authority.record(
            StartOfAuthority(
                primary: "ns1.example.it", serial: SerialNumber(serial), refresh: refresh, retry: retry,
                minimum: 300),
            server: index, at: at(second))
    }

    /// One poll of all servers; a single reading stands for all of them.
    package mutating func poll(_ second: Double, _ readings: Reading..., serial: UInt32? = nil) {
        if tracker.basis != .resolvers { tracker.authority.apply(delegation, at: at(second)) }
        for index in tracker.authority.polled.indices {
            let reading = readings[min(index, readings.count - 1)]
            tracker.authority.record(reading, server: index, at: at(second), roundTrip: nil)
            if let serial { record(serial, server: index, at: second) }
        }
        // A resolver that serves the target goes on to do so.
        if tracker.resolvers[0].lastInformative?.state == .target {
            tracker.record(Make.target(), resolver: 0, at: at(second))
        }
        events += tracker.conclude(at: at(second)).map { (second, $0) }
    }

    package var bound: Instant? { tracker.bound?.at }
}
