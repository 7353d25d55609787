import DNS

/// What is really in the caches of a world at one instant. A monitor can only infer it.
package struct LabTruth: Hashable, Sendable {
    /// One copy of the answer to the question.
    package struct Copy: Hashable, Sendable {
        package var resolver: Int
        package var cache: Int
        package var entry: LabEntry
        package var isTarget: Bool
        /// Past its TTL, but still served (RFC 8767).
        package var isStale: Bool
    }

    /// All copies that a client may be given, live ones and stale ones.
    package var copies: [Copy]
    /// The authoritative servers, by index, that do not serve the target at this instant. A cache can still fetch another
    /// answer from them.
    package var authoritiesElsewhere: [Int]

    /// The copies that are not the target and within their lifetime.
    package var oldCopies: [Copy] { copies.filter { !$0.isTarget && !$0.isStale } }
    /// The copies that are not the target, past their lifetime, and still served.
    package var staleCopies: [Copy] { copies.filter { !$0.isTarget && $0.isStale } }
    /// Whether any cache may give a client another answer than the target.
    package var isOldSomewhere: Bool { copies.contains { !$0.isTarget } }
    /// The instant at which the last copy that is not the target reaches the end of its lifetime; `nil`
    /// if there is none.
    package var lastExpiry: Instant? { oldCopies.map(\.entry.expiry).max() }
}

extension LabWorld {
    /// What the caches and servers hold for a question, an alias at its name included.
    ///
    /// - Parameter isTarget: Whether a finding is the target.
    package func truth(
        about question: Question, at now: Instant, isTarget: (LabFinding) -> Bool
    ) -> LabTruth {
        var copies: [LabTruth.Copy] = []
        for (resolverIndex, resolver) in resolvers.enumerated() {
            let staleFor = resolver.policy.serveStale?.maximumAge ?? .zero
            for (cacheIndex, cache) in resolver.caches.enumerated() {
                for key in Set([question, Question(question.name, .cname)]) {
                    guard let entry = cache.entries[key], entry.fetchedAt <= now,
                        now < entry.expiry + staleFor
                    else { continue }
                    copies.append(
                        LabTruth.Copy(
                            resolver: resolverIndex, cache: cacheIndex, entry: entry,
                            isTarget: isTarget(entry.finding), isStale: now >= entry.expiry))
                }
            }
        }
        let elsewhere = authorities.indices.filter { index in
            guard authorities[index].zone(for: question.name) != nil else { return false }
            switch authorities[index].find(question, at: now) {
            case .failure, .referral: return false
            case let finding: return !isTarget(finding)
            }
        }
        return LabTruth(copies: copies, authoritiesElsewhere: elsewhere)
    }
}
