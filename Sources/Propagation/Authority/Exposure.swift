import DNS

/// What caches may hold because of one authoritative server: how long copies can live of all that is not
/// the target and that it was seen to serve (§4).
///
///                       another RRset or TTL: the former one ends here
///                            ┌──────────┐
///                            ▼          │
///     unknown ──► serving other, TTL τ ─┴──► serving target     `endedBound` = max(s + τ)
///                            ▲                     │
///                            └───── rollback ──────┘
///
/// *s* is the instant of the first answer that no longer had it, so copies were fetched before. A server
/// that tells nothing changes nothing: it may go on serving what it served.
package struct Exposure: Sendable, Equatable, Codable {
    /// Until when copies can live of what the server has stopped serving; `nil` where there is nothing.
    package private(set) var endedBound: Instant?
    /// How long a copy lives that is fetched now, while the server serves something else than the target.
    package private(set) var current: TTL?
    package private(set) var servesTarget = false

    /// What the server serves now.
    struct Snapshot: Sendable, Equatable, Codable {
        var other: TTL?
        var isTarget: Bool
    }

    var snapshot: Snapshot { Snapshot(other: current, isTarget: servesTarget) }

    /// What one answer says about what resolvers can fetch.
    enum Served: Equatable {
        case target
        /// Anything else; copies of it live so long.
        case other(lifetime: TTL)
        /// No resolver takes the MX from it.
        case nothing
    }

    /// A time of which the operator says how long copies lived that were fetched in it.
    struct Said {
        var since: Instant
        var lifetime: TTL
    }

    /// Takes in what the server served at `instant`.
    ///
    /// - Parameter said: what the operator says of the time since the answer before, in which nobody looked.
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

    /// Copies of something that nobody saw may live until `instant`.
    mutating func extend(to instant: Instant) {
        endedBound = max(endedBound ?? instant, instant)
    }

    /// The latest instant at which a copy can live if nothing is fetched from the server from `stop` on;
    /// `nil` where there was nothing to fetch.
    package func bound(stoppingAt stop: Instant) -> Instant? {
        [endedBound, current.map { stop + $0.duration }].compactMap { $0 }.max()
    }
}
