import DNS
import Lab

/// When a level could be claimed at the earliest by a watch that knows only what answers show.
///
/// Where answers cannot show the truth, something longer must be waited for. It is worked out from the world
/// alone, as plainly as can be, and not from the core.
package struct Due: Sendable {
    /// What has to be waited for longest.
    package enum Wait: String, Hashable, Sendable, CaseIterable {
        case truth = "all can be known"
        case unseenTTL = "what was served before the watch"
        case refutedWord = "a word that answers contradict"
        case silentServer = "a server that is silent to us"
        case unseenChanges = "changes that nobody saw"
        case movedServers = "name servers that moved"
        case earlierServers = "name servers from before the watch"
        case failingResolver = "a resolver that fails for good"
    }

    package let wait: Wait
    /// With *settle*, and with what hinders the watch.
    package let at: Instant
    /// The last copy's expiry and *settle*.
    package let truth: Instant

    private static let day = TTL(seconds: 86_400)
    private static let longestDelegation = TTL(seconds: 172_800)
    /// The longest time until the next search or poll.
    private static let look: Duration = .seconds(330)
    /// Between two polls this close nothing has a TTL that was not seen.
    private static let longestGap: Duration = .seconds(630)
    /// Something is waited for only if it lasts this much longer than the truth.
    private static let tightness: Duration = .seconds(60)

    package init(_ judge: Judge, _ level: Level, at now: Instant) {
        let facts = judge.facts
        let end = max(judge.truth.lastCopyEnd(ofServedBy: now, at: now) ?? now, facts.begins)
        var latest = (wait: Wait.truth, at: end + Self.tightness)
        for (wait, instant) in Self.waits(judge, at: now) where instant > latest.at {
            latest = (wait, instant)
        }
        wait = latest.wait
        if latest.wait == .truth { latest.at = end }
        truth = end + facts.settle
        let hindrances = facts.authorityFaults.flatMap { $0 } + facts.absences
        let told = Self.delayed(latest.at, by: hindrances + facts.resolverFaults.flatMap { $0 })
        var due = told + facts.settle
        if level == .decommission, let published = judge.publication {
            due = max(due, published + .seconds(5 * 86_400))
        }
        at = Self.delayed(due, by: hindrances)
    }

    /// When the last of all waits ends, however the world goes on.
    package static func latest(_ judge: Judge) -> Instant {
        let ends = waits(judge, at: Instant(nanoseconds: .max)).map(\.1)
        return (ends + [judge.truth.end ?? judge.facts.begins, judge.facts.begins]).max()!
    }

    private static func delayed(_ instant: Instant, by blinds: [Range<Instant>]) -> Instant {
        var instant = instant
        for blind in blinds.sorted(by: { $0.lowerBound < $1.lowerBound }) where !blind.isEndless {
            if blind.lowerBound <= instant + confirmation { instant = max(instant, blind.upperBound) }
        }
        return instant
    }

    /// How long the watch may take to confirm a level, unless hindered.
    private static let confirmation: Duration = .seconds(600)
}

// MARK: - What must be waited for

extension Due {
    private static func waits(_ judge: Judge, at now: Instant) -> [(Wait, Instant)] {
        let facts = judge.facts
        let longest = longestLifetime(judge, at: now)
        return unseenTTL(judge) + silentServers(judge, longest, at: now)
            + unseenChanges(facts, longest, at: now) + movedServers(judge, longest, at: now)
            + failingResolvers(judge)
    }

    /// The longest lifetime of a copy of what was served, or of the operator's word.
    private static func longestLifetime(_ judge: Judge, at now: Instant) -> TTL {
        let recent = judge.truth.spans.filter { span in
            span.from <= now && (span.until.map { $0 > judge.facts.begins - .seconds(86_400) } ?? true)
        }
        let word = hasRefutedWord(judge) ? nil : judge.facts.words.previousTTL
        return max(recent.map(\.lifetime).max() ?? day, word ?? day)
    }

    private static func hasRefutedWord(_ judge: Judge) -> Bool {
        judge.isTTLRefuted || judge.isPublicationRefuted
    }

    private static func unseenTTL(_ judge: Judge) -> [(Wait, Instant)] {
        let facts = judge.facts
        let words = facts.words
        let first =
            (judge.sightings.lastFirstTold ?? facts.begins)
            + (facts.hasSilentServer ? facts.longestBehind : .zero)
        if hasRefutedWord(judge) { return [(.refutedWord, first + day.duration)] }
        // A copy that is not from before the watch may be from anywhere.
        let witnessed = judge.truth.delegated.filter { $0.until.map { $0 > facts.begins } ?? true }
            .compactMap(\.lastCopyEnd)
        let known = (witnessed + [(words.publishedAt ?? first) + (words.previousTTL ?? day).duration]).max()!
        if let end = judge.sightings.latestCopyEnd, end > known + .seconds(10) {
            return [(.refutedWord, end + max(words.previousTTL ?? day, day).duration)]
        }
        return [(.unseenTTL, (words.publishedAt ?? first) + (words.previousTTL ?? day).duration)]
    }

    private static func silentServers(
        _ judge: Judge, _ longest: TTL, at now: Instant
    ) -> [(Wait, Instant)] {
        let facts = judge.facts
        let agreed = judge.truth.delegated.filter { $0.from <= now }.compactMap(\.until).max() ?? facts.begins
        return facts.lab.authorities.indices.filter(facts.carriesDomain).flatMap { index in
            let isMute = !facts.lab.authorities[index].isTelling
            let faults =
                facts.authorityFaults[index] + (isMute ? [facts.begins..<Instant(nanoseconds: .max)] : [])
            return faults.filter { $0.lowerBound <= now }.map { fault in
                let behind = max(agreed, fault.lowerBound) + facts.longestBehind
                let until = fault.isEndless ? behind : min(fault.upperBound, behind)
                return (Wait.silentServer, until + look + longest.duration)
            }
        }
    }

    private static func unseenChanges(
        _ facts: WorldFacts, _ longest: TTL, at now: Instant
    ) -> [(Wait, Instant)] {
        let behind = facts.authorityFaults.contains { !$0.isEmpty } ? facts.longestBehind : .zero
        // Hindrances too close for a look in between count as one.
        let faults = facts.authorityFaults.flatMap { $0 }.filter { !$0.isEndless }
        let blinds = (facts.absences + faults).joined(over: look)
        var found: [(Wait, Instant)] = []
        for authority in facts.lab.authorities {
            for lag in authority.lags {
                let changes = Set(authority.zones.flatMap(\.changes)).sorted().map { $0 + lag }
                for blind in blinds where blind.lowerBound <= now {
                    let unseen = blind.lowerBound - longestGap..<blind.upperBound + look
                    let count = changes.count(where: unseen.contains)
                    guard count > 0 else { continue }
                    let isLong = blind.upperBound - blind.lowerBound + look > longestGap
                    let mayBeAny = count > 1 && isLong && !facts.words.isSaidAgain
                    let lifetime = mayBeAny ? max(longest, day) : longest
                    found.append((.unseenChanges, unseen.upperBound + behind + lifetime.duration))
                }
                // A watch that is not hindered sees each change; where questions are lost it may miss some.
                guard facts.losesAuthority.contains(true) else { continue }
                for (first, second) in zip(changes, changes.dropFirst())
                where second > facts.begins && second <= now && second - first < longestGap + look {
                    found.append((.unseenChanges, second + look + behind + longest.duration))
                }
            }
        }
        return found
    }

    private static func movedServers(
        _ judge: Judge, _ longest: TTL, at now: Instant
    ) -> [(Wait, Instant)] {
        let facts = judge.facts
        let delegations = facts.lab.sources.delegations
        var found: [(Wait, Instant)] = []
        let unseen = max(longest, facts.words.previousTTL ?? day)
        for (before, after) in zip(delegations, delegations.dropFirst())
        where after.since > facts.begins && after.since <= now {
            let address = facts.words.tellsAddressTTLs ? before.addressTTL : longestDelegation
            let names = Set(after.reachable.map { facts.lab.authorities[$0].name })
            let hasMoved = before.reachable.contains { server in
                !after.reachable.contains(server) && names.contains(facts.lab.authorities[server].name)
            }
            let lead = hasMoved ? max(before.longestTTL, address) : before.longestTTL
            // A gap delays when the move is noticed.
            let blinds = facts.absences + facts.authorityFaults.flatMap { $0 }
            let noticed = delayed(after.since + look, by: blinds)
            let lifetime = noticed - after.since > longestGap ? max(unseen, day) : unseen
            found.append((.movedServers, noticed + lead.duration + lifetime.duration))
        }
        if let said = facts.words.nameServersSince {
            let ttl = facts.words.previousTTL ?? day
            found.append((.earlierServers, said + longestDelegation.duration + max(ttl, longest).duration))
        }
        if judge.isNameServersRefuted {
            found.append(
                (.earlierServers, facts.begins + look + longestDelegation.duration + longest.duration))
        }
        return found
    }

    private static func failingResolvers(_ judge: Judge) -> [(Wait, Instant)] {
        judge.facts.resolverFaults.indices.flatMap { index in
            judge.facts.resolverFaults[index].filter(\.isEndless).map { fault in
                let alive = judge.sightings.resolvers[index]?.aliveUntil
                let since = max(fault.lowerBound, alive ?? fault.lowerBound, judge.facts.begins)
                return (Wait.failingResolver, since + .seconds(3600))
            }
        }
    }
}

extension LabAuthority {
    /// Whether it answers the watch with authority.
    var isTelling: Bool { conduct == .authoritative }
}
