import DNS
import Lab

/// What a watch *claims*: a level of the verdict, as a script that waits for it understands it.
package enum Level: Int, Hashable, Sendable, CaseIterable, Comparable {
    case published, propagated, secondPass, decommission

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

/// What a watch says that it assumes.
package enum Assumed: Hashable, Sendable {
    case nameServersUnchanged(since: Instant)
    /// `nil` for a server without an address.
    case caughtUp(server: Int?, by: Instant)
    case noRollback(from: Instant, until: Instant)
    /// A doubt's warning stands beside the level: what was served then is unseen.
    case warned(from: Instant, until: Instant)
}

/// An *objection*: what speaks against a claim.
package struct Objection: Hashable, Sendable {
    package var level: Level
    package var at: Instant
    package var reason: Reason
    /// Wrong assumptions that the watch named, and the operator's wrong words that nothing shown contradicts.
    package var excuses: [Excuse]

    package enum Reason: Hashable, Sendable {
        /// A server that resolvers may ask serves something else.
        case served(server: Int)
        /// It has served that for long, and could have been heard.
        case unnoticed(server: Int, since: Instant)
        /// The server's last answer to the watch said so.
        case told(server: Int)
        /// A *dark* cache, which nobody polls, may hold a copy until then.
        case dark(until: Instant)
        /// A cache of a polled resolver gives its clients something else.
        case held(resolver: Int, cache: Int, until: Instant)
        /// The resolver showed the watch a copy that is alive, or showed nothing else since.
        case shown(resolver: Int)
        /// It has not shown the target often enough.
        case unconfirmed(resolver: Int)
        /// Fewer resolvers than the quorum told something within 15 minutes.
        case unheard(told: Int, needed: Int)
        /// *Settle*, or the senders' patience, ends then.
        case early(until: Instant)
        /// Nothing was asked yet in this run.
        case unseen
    }

    package enum Excuse: String, Hashable, Sendable, CaseIterable {
        case nameServersChanged, serverIsBehind, rolledBack
        /// Within a minute, between two looks.
        case rolledBackAtOnce
        /// In a gap, and a warning says so beside the level.
        case warned
        case wrongTTL, wrongPublication, wrongNameServers
    }
}

/// A false *alarm*: a level taken back although nothing else was served, shown or cached since.
package struct Alarm: Hashable, Sendable {
    package var level: Level
    package var at: Instant
}

/// How late a level was reached.
package struct Reached: Hashable, Sendable {
    package var level: Level
    package var at: Instant
    package var wait: Due.Wait
    /// After the last copy's expiry and *settle*.
    package var afterTruth: Duration
    /// After `Due.at`.
    package var afterDue: Duration
}

/// The *judge*: holds every claim of a watch, as long as it stands, against a world's truth.
package struct Judge: Sendable {
    package let facts: WorldFacts
    package let truth: WorldTruth
    package var sightings: Sightings
    package private(set) var objections: [Objection] = []
    package private(set) var reached: [Reached] = []
    package private(set) var falseAlarms: [Alarm] = []
    private var standing: [Level: Instant] = [:]
    private var objected: Set<Level> = []
    private var runBegan: Instant
    /// How many runs began.
    package private(set) var runs = 1

    package init(_ facts: WorldFacts) {
        self.facts = facts
        truth = WorldTruth(facts)
        sightings = Sightings(facts)
        runBegan = facts.begins
    }

    /// No watch can know what changes while the last answers are on their way.
    private static let onTheWay: Duration = .seconds(15)
    /// Before publication the next poll, with some tries, sees a change within this time.
    private static let poll: Duration = .seconds(45)
    /// A resolver that told nothing for this long backs no level.
    private static let heardWithin: Duration = .seconds(920)
    /// A rollback that lasts this long must be seen by a watch that is awake and not hindered.
    private static let notice: Duration = .seconds(1000)
    private static let noticeWhereLost: Duration = .seconds(2500)
    private static let patience: Duration = .seconds(5 * 86_400)

    /// Ends a run. The next begins at `next`, and may claim nothing before it has looked.
    package mutating func endRun(next: Instant, runs: Int) {
        standing = [:]
        objected = []
        runBegan = next
        self.runs = runs
    }

    /// Takes in what the watch claims at `now`.
    ///
    /// - Parameters:
    ///   - lab: the world with its caches as they are now.
    ///   - assumed: the watch's assumptions; asked for only with an objection.
    package mutating func look(
        at now: Instant, _ claims: [Level], in lab: LabWorld, assumed: () -> [Assumed]
    ) {
        for level in Level.allCases {
            guard claims.contains(level) else {
                standing[level] = nil
                objected.remove(level)
                continue
            }
            let isNew = standing[level] == nil
            if isNew { standing[level] = now }
            guard !objected.contains(level) else { continue }
            let reasons = isNew ? against(level, at: now, in: lab) : against(standing: level, at: now)
            if isNew, !reached.contains(where: { $0.level == level }) { arrive(at: level, now) }
            guard let reason = reasons.first else { continue }
            objected.insert(level)
            objections.append(
                Objection(
                    level: level, at: now, reason: reason, excuses: excuses(assumed(), for: reason, at: now)))
        }
    }

    /// Takes in that a level was taken back. To be called before `look(at:…)`.
    package mutating func takenBack(_ level: Level, at now: Instant) {
        guard facts.nature == .lawful, let since = standing[level], !isJustified(since: since, at: now) else {
            return
        }
        falseAlarms.append(Alarm(level: level, at: now))
    }

    private func isJustified(since: Instant, at now: Instant) -> Bool {
        // What was served when the level was reached or later, or is alive in a dark cache.
        let isServed = truth.spans.contains { span in
            span.from <= now && (span.lastCopyEnd.map { $0 > since - Self.onTheWay } ?? true)
        }
        // What a resolver or a portal made up was shown all the same.
        let isShown = sightings.resolvers.values.contains { resolver in
            resolver.otherAt.map { $0 >= since - Self.onTheWay } ?? false
        }
        let isTold = sightings.servers.values.contains { server in
            server.lastOtherAt.map { $0 >= since - Self.onTheWay } ?? false
        }
        return isServed || isShown || isTold
    }

    private mutating func arrive(at level: Level, _ now: Instant) {
        guard level >= .secondPass, facts.nature == .lawful else { return }
        let due = Due(self, level, at: now)
        reached.append(
            Reached(
                level: level, at: now, wait: due.wait, afterTruth: now - due.truth, afterDue: now - due.at))
    }
}

// MARK: - What stands against a claim

extension Judge {
    private func against(_ level: Level, at now: Instant, in lab: LabWorld) -> [Objection.Reason] {
        let looked = max(sightings.pollAsked ?? now, now - Self.onTheWay)
        // Where no server can be asked, the operator's word stands in.
        let isSaid = !facts.asksAuthority || (facts.words.publishedAt != nil && runs == 1)
        let hasLooked = sightings.lastAsked.map { $0 >= runBegan } ?? isSaid
        guard hasLooked else { return [.unseen] }
        switch level {
        case .published: return againstPublished(looked, at: now)
        case .propagated: return againstPropagated(at: now, isNew: true)
        case .secondPass: return againstSafe(looked, at: now, in: lab) + early(looked, at: now)
        case .decommission:
            return againstSafe(looked, at: now, in: lab) + early(looked, at: now)
                + [publication.map { $0 + Self.patience }].compactMap { $0 }.filter { now < $0 }
                .map { .early(until: $0) }
        }
    }

    private func against(standing level: Level, at now: Instant) -> [Objection.Reason] {
        switch level {
        case .published: unnoticed(truth.delegated, level, at: now)
        case .propagated: againstPropagated(at: now, isNew: false)
        case .secondPass, .decommission: unnoticed(truth.spans, level, at: now)
        }
    }

    private func againstPublished(_ looked: Instant, at now: Instant) -> [Objection.Reason] {
        let served = truth.delegated.filter { span in
            span.covers(looked) && span.covers(now) && isKnown(span, at: looked)
                && isAudible(span.server, at: looked)
                && (sightings.pollAsked.map { $0 >= span.from } ?? false)
        }.map { Objection.Reason.served(server: $0.server) }
        let told = sightings.servers.filter { index, server in
            guard case .other = server.told, let asked = server.asked else { return false }
            return asked >= now - .seconds(600)
                && truth.delegated.contains {
                    $0.server == index && $0.covers(asked) && $0.covers(now) && isKnown($0, at: now)
                }
        }.map { Objection.Reason.told(server: $0.key) }
        return served + told
    }

    /// Whether a search must have found the server by then.
    private func isKnown(_ span: WorldTruth.Span, at instant: Instant) -> Bool {
        if facts.rotatingServers.contains(span.server) { return false }
        let joined = truth.leads.delegated(span.server).last { $0.contains(instant) }?.lowerBound
        return joined.map { $0 <= facts.begins || $0 <= instant - .seconds(400) } ?? false
    }

    /// Whether questions to the server got through lately.
    private func isAudible(_ server: Int, at instant: Instant) -> Bool {
        !facts.losesAuthority[server]
            && !facts.authorityFaults[server].contains { $0.overlaps(instant - .seconds(700)..<instant) }
    }

    private func againstPropagated(at now: Instant, isNew: Bool) -> [Objection.Reason] {
        var found: [Objection.Reason] = []
        var told = 0
        let eligible = facts.lab.resolvers.indices.filter { !facts.optionalResolvers.contains($0) }
        for index in eligible {
            guard let resolver = sightings.resolvers[index] else { continue }
            if resolver.aliveUntil.map({ now < $0 }) ?? false, !isDenial(resolver) {
                found.append(.shown(resolver: index))
            } else if case .other = resolver.last, !isDenial(resolver) {
                found.append(.shown(resolver: index))
            }
            guard case .target = resolver.lastInformative,
                let informedAt = resolver.informedAt, now - informedAt <= Self.heardWithin
            else { continue }
            told += 1
            if isNew, resolver.last != .nothing, resolver.targetsInARow < facts.confirmations {
                found.append(.unconfirmed(resolver: index))
            }
        }
        let needed = max(1, (eligible.count * facts.quorum + 99) / 100)
        if told < needed { found.append(.unheard(told: told, needed: needed)) }
        return found
    }

    /// Whether a resolver's negative answer is of a filter: no server ever gives one.
    private func isDenial(_ resolver: Sightings.Resolver) -> Bool {
        guard case .other(_, isNegative: true) = resolver.lastInformative else { return false }
        return !truth.spans.contains(where: \.isNegative)
    }

    private func againstSafe(
        _ looked: Instant, at now: Instant, in lab: LabWorld
    ) -> [Objection.Reason] {
        var found: [Objection.Reason] = truth.serversElsewhere(since: looked, at: now).map {
            .served(server: $0)
        }
        if let end = lastCopyEnd(ofServedBy: looked, at: now), end > now { found.append(.dark(until: end)) }
        // What caches have from a hidden server is unknown until they show it.
        if facts.hiddenServer != nil { return found }
        let copies = lab.truth(about: Question(facts.domain, .mx), at: now, isTarget: facts.isTarget)
        for copy in copies.copies where !copy.isTarget && copy.entry.fetchedAt <= looked {
            found.append(.held(resolver: copy.resolver, cache: copy.cache, until: copy.entry.expiry))
        }
        return found
    }

    private func lastCopyEnd(ofServedBy looked: Instant, at now: Instant) -> Instant? {
        guard let end = truth.lastCopyEnd(ofServedBy: looked, at: now) else { return nil }
        // A copy from no known server reveals a hidden one, and what other caches hold from it.
        let words = facts.words
        let first = words.publishedAt ?? sightings.lastFirstTold ?? facts.begins
        let known = max(end, first + (words.previousTTL ?? TTL(seconds: 86_400)).duration)
        // A server that is silent to the watch may explain it too.
        guard !facts.hasSilentServer,
            let told = sightings.copies.last(where: { $0.until > known + Self.poll }),
            let lifetime = truth.hiddenLifetime(seenAt: told.seen)
        else { return end }
        return max(end, told.seen + lifetime.duration)
    }

    private func early(_ looked: Instant, at now: Instant) -> [Objection.Reason] {
        guard let end = lastCopyEnd(ofServedBy: looked, at: now), end + facts.settle > now else {
            return []
        }
        return [.early(until: end + facts.settle)]
    }

    /// When the target was published for good, as far as a rollback could be noticed.
    var publication: Instant? {
        let ends = truth.delegated.filter { span in
            span.from < facts.begins || span.until.map { $0 - span.from > Self.noticeWhereLost } ?? true
        }.compactMap(\.until)
        // A publication before the watch is known only from the operator.
        return (ends + [facts.words.publishedAt ?? facts.begins]).max()
    }

    private func unnoticed(_ spans: [WorldTruth.Span], _ level: Level, at now: Instant) -> [Objection.Reason]
    {
        guard let since = standing[level] else { return [] }
        for span in spans where span.covers(now) && span.from >= since {
            guard !facts.authorityFaults[span.server].contains(where: { $0.overlaps(span.from..<now) })
            else { continue }
            let away = facts.absences.filter { $0.overlaps(span.from..<now) }
                .reduce(Duration.zero) { $0 + ($1.upperBound - $1.lowerBound) }
            let notice = facts.losesAuthority[span.server] ? Self.noticeWhereLost : Self.notice
            if now - span.from - away > notice {
                return [.unnoticed(server: span.server, since: span.from)]
            }
        }
        return []
    }
}
