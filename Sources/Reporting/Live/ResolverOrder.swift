import Propagation

/// In which order a screen lists resolvers: the most pressing first, so that what scrolls out of sight is
/// what nobody waits for.
///
/// By what is served, then by the time left, the longest wait first, then by name and address. It does
/// not depend on the order before, and ties are broken, so rows stay where they are between two redraws.
package enum ResolverOrder {
    package static func sorted(_ resolvers: [ResolverStatus]) -> [ResolverStatus] {
        let keyed = resolvers.map { (key: Key($0), resolver: $0) }
        return keyed.sorted { $0.key < $1.key }.map(\.resolver)
    }

    private struct Key: Comparable {
        var urgency: Int
        /// Seconds since 1970, negated; the least for what expires last.
        var wait: Int64
        var name: String
        var address: String

        init(_ resolver: ResolverStatus) {
            urgency = ResolverOrder.urgency(resolver)
            // A clear resolver's copies come and go, and nobody waits for them.
            let isWaitedFor = urgency == 0
            wait = isWaitedFor ? -(resolver.oldUntil?.seconds ?? 0) : 0
            (name, address) = (resolver.name, resolver.address.description)
        }

        static func < (left: Key, right: Key) -> Bool {
            (left.urgency, left.wait, left.name, left.address)
                < (right.urgency, right.wait, right.name, right.address)
        }
    }

    private static func urgency(_ resolver: ResolverStatus) -> Int {
        if resolver.excluded != nil { return 4 }
        if resolver.checkedAt == nil { return 2 }
        switch resolver.state {
        case .previous, .mixed, .noMX: return 0
        case .target: return resolver.clear ? 3 : 1
        case .failing, .silent: return resolver.clear ? 3 : 2
        }
    }
}
