import DNS

// MARK: - What the servers say together

extension AuthorityState {
    /// What a server serves for the domain; `nil` where that is unknown.
    ///
    /// A server whose CNAME leads into another zone serves what that zone's servers serve, the worst of it
    /// first: a resolver may ask any of them. They may refer further.
    package func effectiveReading(of server: AuthorityServerState) -> Reading? {
        effectiveReading(of: server, links: Reading.maximumChain)
    }

    /// - Parameter links: how many CNAME links may still follow.
    private func effectiveReading(of server: AuthorityServerState, links: Int) -> Reading? {
        switch server.standing {
        case .answering: return server.reading
        case .referring(let end) where links > 0:
            let readings = servers.filter { $0.identity.alias == end }
                .compactMap { effectiveReading(of: $0, links: links - 1) }
            guard var reading = readings.first(where: { $0.state != .target }) ?? readings.first else {
                return nil
            }
            let link = server.reading?.lifetime ?? TTL(seconds: 0)
            reading.lifetime = max(reading.lifetime ?? link, link)
            reading.canonicalName = reading.canonicalName ?? end
            return reading
        case .referring, .unasked, .lame, .silent, .noRoute: return nil
        }
    }

    /// The state of `effectiveReading`, without its cost.
    package func effectiveState(of server: AuthorityServerState) -> MailState? {
        switch server.standing {
        case .answering: server.state
        case .referring: effectiveReading(of: server)?.state
        case .unasked, .lame, .silent, .noRoute: nil
        }
    }

    /// The longest TTL of an MX RRset served now that is not the target.
    var longestPrevious: TTL? {
        servers.compactMap { server in
            guard let state = effectiveState(of: server), state == .previous || state == .mixed else {
                return nil
            }
            return effectiveReading(of: server)?.ttl
        }.max()
    }

    /// The servers that answer with authority (AA).
    package var answering: [AuthorityServerState] { servers.filter { effectiveState(of: $0) != nil } }

    /// The silent servers, each with its reason.
    package var silent: [(AuthorityServerState, reason: String)] {
        servers.compactMap { server in
            switch server.standing {
            case .silent(let reason): (server, reason)
            case .referring(let end) where effectiveReading(of: server) == nil:
                (server, "it refers to \(end), whose servers gave no usable answer")
            default: nil
            }
        }
    }

    /// The servers that publication waits for although the others agree: the silent ones, and names without a
    /// known address, with an unspecified address in its place.
    package var blocking: [AuthorityIdentity] {
        silent.map(\.0.identity)
            + unresolved.map { AuthorityIdentity(name: $0, endpoint: Endpoint(.v4(0))) }
    }

    /// Whether the first answer is still to come: no server was asked, and the search did not fail.
    var isPending: Bool {
        discoveryError == nil && servers.allSatisfy { $0.standing == .unasked }
    }

    /// The servers *agree* when one at least answers, all that answer serve the target, and none gives
    /// hearsay.
    package var agree: Bool {
        var isAnswered = false
        for server in servers {
            if server.standing == .unasked || server.hearsay != nil { return false }
            guard let state = effectiveState(of: server) else { continue }
            if state != .target, !PlantedFault.oneServerSpeaksForAll.isPlanted { return false }
            if server.isUnsettled { return false }
            isAnswered = isAnswered || state == .target
        }
        return isAnswered
    }

    /// A server *contradicts* when it answers with authority, and not with the target.
    package var contradicts: Bool {
        if PlantedFault.oneServerSpeaksForAll.isPlanted, agree { return false }
        return serves { $0 != .target }
    }

    /// Whether a server contradicts, or gives hearsay.
    var isOpposed: Bool { contradicts || servers.contains { $0.hearsay != nil } }

    /// Whether a server answers with the target, or part of it: from then on caches can flip.
    package var servesTarget: Bool { serves { $0 == .target || $0 == .mixed } }

    func serves(_ isWanted: (MailState) -> Bool) -> Bool {
        servers.contains { server in effectiveState(of: server).map(isWanted) ?? false }
    }

    /// Whether all servers that answer serve the same exchanges; `nil` while none answers.
    package var isConsistent: Bool? {
        let readings = servers.compactMap(effectiveReading)
        guard let first = readings.first else { return nil }
        return readings.allSatisfy { $0.state == first.state && $0.exchanges == first.exchanges }
    }

    /// The servers behind another one of the same zone, with the newest serial of the same numbering.
    ///
    /// Serials of one primary compare (RFC 1982), unless too far apart for one numbering. Those of different
    /// providers do not: there a server is behind if it does not serve the target while another does.
    package var lagging: [(AuthorityServerState, newest: SerialNumber?)] {
        let answering = answering
        return answering.compactMap { server in
            guard let serial = server.serial else { return nil }
            let siblings = answering.filter { $0.identity.alias == server.identity.alias }
            let newest = siblings.lazy.filter { $0.primary == server.primary }.compactMap(\.serial)
                .filter { SerialNumbering.haveSameLook(serial, $0) && serial.precedes($0) == true }
                .reduce(nil, Self.newer)
            let isBehind =
                effectiveState(of: server) != .target
                && siblings.contains { other in
                    other.serial.map {
                        other.primary != server.primary || !SerialNumbering.haveSameLook(serial, $0)
                    }
                        ?? false && effectiveState(of: other) == .target
                }
            return newest != nil || isBehind ? (server, newest) : nil
        }
    }

    private static func newer(_ left: SerialNumber?, _ right: SerialNumber) -> SerialNumber {
        guard let left else { return right }
        return left.precedes(right) == true ? right : left
    }

    /// The servers that are unsettled (`AuthorityServerState.isUnsettled`).
    package var unsettled: [AuthorityIdentity] { servers.filter(\.isUnsettled).map(\.identity) }

    /// When the last of them counts as serving the target, if it gives nothing else; `nil` where none is.
    package var unsettledUntil: Instant? {
        servers.lazy.filter(\.isUnsettled).compactMap(\.frontEnds.quietUntil).max()
    }

    /// The servers that give hearsay.
    package var hearsay: [AuthorityIdentity] { servers.filter { $0.hearsay != nil }.map(\.identity) }

    /// When silent servers stop blocking publication; `nil` where the others do not agree, or none blocks.
    package var blockedUntil: Instant? {
        guard let agreedSince, !PlantedFault.silentServersDoNotBlock.isPlanted else { return nil }
        let wait = longestWait
        let silent = servers.lazy.filter { self.isSilent($0) }.map {
            $0.inStep(with: agreedSince, wait: wait)
        }
        let unresolved = unresolvedNames.values.lazy.map { max(agreedSince, $0.since) + wait }
        return [silent.max(), unresolved.max()].compactMap { $0 }.max()
    }

    package func isSilent(_ server: AuthorityServerState) -> Bool {
        switch server.standing {
        case .silent: true
        case .referring: effectiveState(of: server) == nil
        default: false
        }
    }

    /// How long after the others agreed a silent server may go on serving what it served: as long as a
    /// secondary can do without its primary, REFRESH + 3 × RETRY, at most a day (§3). A day without an SOA.
    package var longestSilence: Duration {
        if PlantedFault.silentServersWaitedForBriefly.isPlanted { return longestWait }
        let told = servers.lazy.compactMap(\.longestBehind).max()
        return min(told ?? Self.longestSilence, Self.longestSilence)
    }

    /// How long a silent server blocks `published` after the others agreed.
    var longestWait: Duration {
        var least: UInt32?
        for server in servers where effectiveState(of: server) != nil {
            if let refresh = server.refresh { least = min(least ?? refresh, refresh) }
        }
        return min(least.map { .seconds(Int64($0)) } ?? Self.longestBlock, Self.longestBlock)
    }
}

extension AuthorityServerState.Standing {
    /// Whether it is unknown what it serves to resolvers.
    package var isSilent: Bool {
        switch self {
        case .silent, .referring, .unasked: true
        case .answering, .lame, .noRoute: false
        }
    }
}
