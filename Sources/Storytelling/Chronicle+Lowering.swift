import DNS
import Propagation

extension Chronicle {
    /// When the last authoritative server was seen to have lowered its TTL to `limit` or less; `nil` where
    /// one has a longer TTL, or where no server was seen to lower it.
    package func loweredSince(to limit: TTL) -> WallTime? {
        let current = served.filter {
            $0.goneAt == nil && $0.lastSeen.since(lastLook) >= .zero - Look.longestPause
        }
        guard !current.isEmpty else { return nil }
        var latest: WallTime?
        for span in current {
            guard let since = lowSince(span, limit) else { return nil }
            latest = max(latest ?? since, since)
        }
        return latest
    }

    /// Since when the span's server serves no TTL over `limit`; `nil` where it never did.
    private func lowSince(_ last: ServedSpan, _ limit: TTL) -> WallTime? {
        let own = served.filter { $0.server.endpoint == last.server.endpoint }.reversed()
        let low = own.prefix { span in span.ttl.map { $0 <= limit } ?? false }
        guard low.count < own.count else { return nil }
        return low.map(\.firstSeen).min()
    }
}
