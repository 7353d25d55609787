import DNS
import Propagation

extension Chronicle {
    /// When the last authoritative server was seen to have lowered its TTL to `limit` or less; `nil` where one still
    /// has a longer one, or nobody saw a server do so: what was served before the first look, nobody knows.
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

    /// Since when the server of a span has served nothing with a longer TTL, as it did before.
    private func lowSince(_ last: ServedSpan, _ limit: TTL) -> WallTime? {
        let own = served.filter { $0.server.endpoint == last.server.endpoint }.reversed()
        let low = own.prefix { span in span.ttl.map { $0 <= limit } ?? false }
        guard low.count < own.count else { return nil }
        return low.map(\.firstSeen).min()
    }
}
