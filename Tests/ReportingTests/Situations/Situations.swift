import DNS
import Propagation

@testable import Reporting

/// Trackers in many situations, made by feeding readings: what real statuses are made from.
enum Situation: String, CaseIterable, Sendable {
    case nothingAsked, published, holding, expired, noQuorum, authoritySilent, authorityUnknown, contradiction
    case regression, resolversOnly, announced, excluded, hostile, noMX, noResolvers, takenBack,
        laggingSecondary

    /// 2026-11-23T17:05:00Z, at the monotonic instant 10,000 s.
    static let start = ClockReading(
        instant: Instant(seconds: 10_000), wall: WallTime(milliseconds: 1_795_453_500_000))

    static let domain: DomainName = "example.it"
    static let policy = Policy(confirmations: 1, confirmationSpread: .zero)
    static let ns1 = AuthorityIdentity(name: "ns1.example.it", endpoint: Endpoint("192.0.2.1")!)
    static let ns2 = AuthorityIdentity(name: "ns2.example.it", endpoint: Endpoint("192.0.2.2")!)

    static let resolvers = [
        ResolverIdentity(name: "google", endpoint: Endpoint("8.8.8.8")!),
        ResolverIdentity(name: "quad9", endpoint: Endpoint("[2620:fe::10]:53")!),
        ResolverIdentity(name: "1.1.1.1", endpoint: Endpoint("1.1.1.1:5353")!),
    ]

    /// The tracker, and the clock at which to show it.
    func make() -> (tracker: DomainTracker, clock: ClockReading) {
        var identities = Self.resolvers
        if self == .noResolvers { identities = [] }
        if self == .excluded { identities[0].isOptional = true }
        let announcedAt =
            self == .announced
            ? Self.start.instant + .seconds(90_000)
            : self == .contradiction ? Self.start.instant - .seconds(60) : nil
        var tracker = DomainTracker(
            domain: Self.domain, target: .qboxmail, policy: Self.policy, resolvers: identities,
            asksAuthority: self != .resolversOnly, publishedAt: announcedAt)
        if self != .resolversOnly, self != .authorityUnknown {
            tracker.authority.apply(
                Delegation(zone: Self.domain, servers: [Self.ns1, Self.ns2]), at: Self.start.instant)
        }
        feed(&tracker)
        let shownAfter: Int64 = self == .expired ? 5000 : self == .holding ? 100 : 1
        let shown = Self.start.instant + .seconds(shownAfter)
        return (tracker, ClockReading(instant: shown, wall: Self.start.wallTime(at: shown)))
    }

    var status: DomainStatus {
        let (tracker, clock) = make()
        return DomainStatus(tracker, at: clock, condition: .propagated)
    }
}

extension Situation {
    private func feed(_ tracker: inout DomainTracker) {
        let now = Self.start.instant
        if self == .nothingAsked { return }
        if self == .authorityUnknown { tracker.authority.discoveryError = "SERVFAIL for NS example.it" }
        for server in tracker.authority.servers.indices {
            tracker.authority.record(
                serverReading, server: server, at: now, roundTrip: .microseconds(11_240))
            tracker.authority.record(
                StartOfAuthority(
                    primary: "ns1.example.it",
                    serial: SerialNumber(self == .laggingSecondary ? 7 - UInt32(server) : 2_026_112_301),
                    refresh: 7200, minimum: 300),
                server: server, at: now)
        }
        for index in tracker.resolvers.indices {
            tracker.record(resolverReading(index), resolver: index, at: now, roundTrip: .microseconds(12_300))
            if index == 0 { tracker.record(serial: SerialNumber(2_026_112_299), resolver: index, at: now) }
        }
        _ = tracker.conclude(at: now)
        if self == .regression {
            tracker.authority.record(Samples.previous, server: 0, at: now, roundTrip: nil)
        }
        if self == .takenBack { tracker.record(Samples.previous, resolver: 0, at: now, roundTrip: nil) }
        _ = tracker.conclude(at: now)
    }

    private var serverReading: Reading {
        var reading: Reading
        switch self {
        case .authoritySilent: reading = Samples.silent
        case .contradiction: reading = Samples.previous
        default: reading = Samples.target
        }
        reading.isAuthoritative = true
        return reading
    }

    private func resolverReading(_ index: Int) -> Reading {
        switch (self, index) {
        case (.holding, 0), (.expired, 0): Samples.previous
        case (.noQuorum, _): Samples.silent
        case (.excluded, 1): Samples.refused
        case (.hostile, _): Samples.hostile
        case (.noMX, _): Samples.noMX
        default: Samples.target
        }
    }
}

/// Readings as answers give them.
enum Samples {
    static var target: Reading {
        var reading = Reading(state: .target)
        reading.exchanges = [ReadExchange(preference: 10, exchange: "mx01.cbsolt.net", accepted: true)]
        (reading.ttl, reading.lifetime) = (TTL(seconds: 600), TTL(seconds: 600))
        reading.responseCode = .noError
        reading.isAuthoritative = true
        return reading
    }

    static var previous: Reading {
        var reading = target
        reading.state = .previous
        reading.exchanges = [ReadExchange(preference: 10, exchange: "mail.old.it", accepted: false)]
        (reading.ttl, reading.lifetime) = (TTL(seconds: 1600), TTL(seconds: 1600))
        reading.nsid = Array("gpdns-fra".utf8)
        return reading
    }

    static var noMX: Reading {
        var reading = target
        (reading.state, reading.exchanges, reading.absence) = (.noMX, [], .nameError)
        reading.responseCode = .nameError
        return reading
    }

    static var silent: Reading {
        var reading = Reading(state: .silent)
        reading.error = "no answer in time"
        return reading
    }

    static var refused: Reading {
        var reading = Reading(state: .failing)
        (reading.responseCode, reading.isRefusal, reading.error) = (.refused, true, "REFUSED")
        return reading
    }

    static var hostile: Reading {
        var reading = previous
        let name = try! DomainName(labels: [Array("a\"\\b\u{1B}[2J.\u{7}".utf8), Array("it".utf8)])
        reading.exchanges = [ReadExchange(preference: 65535, exchange: name, accepted: false)]
        reading.nsid = [0, 0x1B, 0xFF]
        reading.extendedErrors = [
            ExtendedError(code: 3, text: "\u{1B}[31m\r\n\u{202E}evil\u{0}\u{7F}\"\\|"),
            ExtendedError(code: 22, text: ""),
        ]
        reading.error = "EDE \u{1B}]0;title\u{7}"
        return reading
    }
}
