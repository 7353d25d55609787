import DNS

/// One copy in one cache.
package struct LabEntry: Hashable, Sendable {
    package var finding: LabFinding
    package var fetchedAt: Instant
    /// How long it lives, after caps and floors.
    package var lifetime: TTL
    /// When the background refresh that a stale answer set off is done; `nil` while none runs.
    var refreshedAt: Instant?

    package init(_ finding: LabFinding, fetchedAt: Instant, lifetime: TTL) {
        self.finding = finding
        self.fetchedAt = fetchedAt
        self.lifetime = lifetime
    }

    /// The first instant at which it is no longer live.
    package var expiry: Instant { fetchedAt + lifetime.duration }

    /// The TTL it is served with at `now`: whole seconds counted down since it was fetched, so at least 1
    /// while it lives, and never less than what is left of it.
    package func remaining(at now: Instant) -> TTL {
        let elapsed = max(0, (now - fetchedAt).wholeNanoseconds) / 1_000_000_000
        return TTL(seconds: Int(lifetime.seconds) - Int(elapsed))
    }
}

/// One cache: one of the machines, or processes, that stand behind a resolver's address.
package struct LabCache: Sendable {
    /// What it calls itself (RFC 5001); `nil`: it does not say.
    package var nsid: [UInt8]?
    /// What it holds, expired entries among it.
    package var entries: [Question: LabEntry] = [:]
    /// The delegation that it uses; `nil` before the first question about the delegated zone.
    var delegation: LabHeldDelegation?
    /// Where it takes name servers to be, by their names.
    var addresses: [DomainName: LabHeldAddresses] = [:]

    package init(nsid: [UInt8]? = nil) { self.nsid = nsid }
}
