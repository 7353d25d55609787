import DNS

extension Chronicle {
    /// Since when no authoritative server has been seen to serve another MX than the target with a longer TTL than
    /// `limit`; `nil` where one does, or none was seen.
    ///
    /// What was served before the first look, nobody knows: it may be the first look's instant.
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

    /// Since when the server of a span has served nothing with a longer TTL; `nil` where it does.
    private func lowSince(_ last: ServedSpan, _ limit: TTL) -> WallTime? {
        let own = served.filter { $0.server.endpoint == last.server.endpoint }.reversed()
        let low = own.prefix { span in span.ttl.map { $0 <= limit } ?? false }
        return low.map(\.firstSeen).min()
    }
}
