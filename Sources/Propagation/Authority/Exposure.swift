import DNS

/// A server's *exposure*: how long caches can hold what it was seen to serve other than the target (§4). The
/// bound is the greatest over all servers.
///
///                       another RRset or TTL: the former one ends here
///                            ┌──────────┐
///                            ▼          │
///     unknown ──► serving other, TTL τ ─┴──► serving target     `endedBound` = max(s + τ)
///                            ▲                     │
///                            └───── rollback ──────┘
///
/// *s* is the instant of the first answer without it: copies were fetched before. A silent server changes
/// nothing: it may go on serving what it served.
package struct Exposure: Sendable, Equatable, Codable {
    /// Until when copies can live of what the server stopped serving; `nil` where it stopped nothing.
    package private(set) var endedBound: Instant?
    /// The lifetime of a copy fetched now; `nil` while the server serves the target, or is unknown.
    package private(set) var current: TTL?
    package private(set) var servesTarget = false

    /// What the server serves now.
    struct Snapshot: Sendable, Equatable, Codable {
        var other: TTL?
        var isTarget: Bool
    }

    var snapshot: Snapshot { Snapshot(other: current, isTarget: servesTarget) }

    /// What resolvers can fetch, by one answer.
    enum Served: Equatable {
        case target
        /// Anything else, with the lifetime of its copies.
        case other(lifetime: TTL)
        /// The server is lame: no resolver takes an MX from it.
        case nothing
    }

    /// The operator's word on how long copies live that were fetched since an instant.
    struct Said {
        var since: Instant
        var lifetime: TTL
    }

    /// Takes in what the server served at `instant`.
    ///
    /// - Parameter said: the operator's word on the gap since the answer before.
    mutating func note(_ served: Served, at instant: Instant, said: Said? = nil) {
        var next: TTL?
        if case .other(let lifetime) = served { next = lifetime }
        if let current, current != next, !PlantedFault.endedServingForgotten.isPlanted {
            if let said, said.lifetime < current {
                extend(to: said.since + current.duration)
                extend(to: instant + said.lifetime.duration)
            } else {
                extend(to: instant + current.duration)
            }
        }
        current = next
        servesTarget = served == .target
    }

    /// Takes in that copies of something unseen may live until `instant`.
    mutating func extend(to instant: Instant) {
        endedBound = max(endedBound ?? instant, instant)
    }

    /// Until when copies can live if nothing is fetched after `stop`; `nil` where there was nothing to fetch.
    package func bound(stoppingAt stop: Instant) -> Instant? {
        [endedBound, current.map { stop + $0.duration }].compactMap { $0 }.max()
    }
}
