import Propagation

/// The order of resolvers on a screen: those with most to wait for come first, so that the others scroll out of
/// sight.
///
/// It sorts by what they serve, then by the longest time left, then by name and address. The result does not depend
/// on the order before, so rows keep their places between two redraws.
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
            // Nobody waits for the copies of a clear resolver.
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
