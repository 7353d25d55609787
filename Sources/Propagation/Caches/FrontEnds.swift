import DNS

/// *Front ends*: machines behind one address of an authoritative server, as its answers show them (§3).
///
/// - One is behind: the answers alternate between two contents.
/// - Caches stand in front: TTLs run down, and each cache may hold the former RRset until its copy expires.
/// - Some answer without AA.
struct FrontEnds: Sendable, Hashable, Codable {
    /// When the target and something else were last given in turn.
    private(set) var alternatedAt: Instant?
    /// When an answer without AA last came from a server that gives others with it.
    private(set) var withoutAuthorityAt: Instant?
    /// Whether TTLs run down: the answers come from caches.
    private(set) var isCache = false
    /// The greatest TTL of the RRset served now.
    private(set) var greatestTTL: TTL?
    private var lastOther: Instant?
    private var lastTarget: Instant?
    private var last: Told?
    private var unequalTTLs = 0
    /// Whether the last answer's TTL had run down by the time that had passed; `nil` for not.
    private var ranDown: Bool?

    private struct Told: Sendable, Hashable, Codable {
        var exchanges: [ReadExchange]
        var ttl: TTL
        var at: Instant
    }

    /// A change there and back within this time is no edit of the zone.
    private static let turn: Duration = .seconds(600)
    /// After so many changes of the TTL alone it counts as running down.
    private static let changesOfCache = 2
    /// Caches count in whole seconds.
    private static let rounding: Duration = .seconds(2)
    private static let shortestRunDown: Duration = .seconds(5)

    /// Takes in what the server told with authority.
    ///
    /// - Parameters:
    ///   - isMixed: whether some ports were given the target, and others not.
    ///   - isEdit: whether a newer serial came along.
    ///   - isUnedited: whether the serial that came along proves that nothing was edited.
    mutating func note(_ reading: Reading, isMixed: Bool, isEdit: Bool, isUnedited: Bool, at now: Instant) {
        ranDown = nil
        noteContent(reading, isMixed: isMixed, isUnedited: isUnedited, at: now)
        guard let ttl = reading.ttl, !reading.exchanges.isEmpty else { return last = nil }
        defer { last = Told(exchanges: reading.exchanges, ttl: ttl, at: now) }
        guard let last, last.exchanges == reading.exchanges, !(isEdit && ttl != last.ttl) else {
            (greatestTTL, unequalTTLs) = (ttl, 0)
            return
        }
        greatestTTL = max(greatestTTL ?? ttl, ttl)
        guard ttl != last.ttl else { return }
        unequalTTLs += 1
        let passed = now - last.at
        let apart = (last.at + last.ttl.duration) - (now + ttl.duration)
        let runsDown =
            passed >= Self.shortestRunDown && apart < Self.rounding && apart > .zero - Self.rounding
        if runsDown { ranDown = true }
        if runsDown || isUnedited || unequalTTLs > Self.changesOfCache { isCache = true }
    }

    private mutating func noteContent(
        _ reading: Reading, isMixed: Bool, isUnedited: Bool, at now: Instant
    ) {
        if reading.state == .target {
            lastTarget = now
        } else {
            // It changed to the target and back.
            let isBack = lastOther.map { now - $0 <= Self.turn && ($0 < lastTarget ?? $0) } ?? false
            if isMixed || isBack && isUnedited { alternatedAt = now }
            lastOther = now
        }
    }

    /// Whether the last answer came from a cache for certain.
    var hasRunDown: Bool { ranDown == true }

    mutating func noteWithoutAuthority(at now: Instant) { withoutAuthorityAt = now }

    /// Until when an unsettled address must give only the target before it counts as serving it.
    var quietUntil: Instant? {
        guard alternatedAt != nil, let lastOther else { return nil }
        return lastOther + Schedule.longestInterval
    }
}
