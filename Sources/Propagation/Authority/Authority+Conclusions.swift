import DNS

// MARK: - What a poll's end means

extension AuthorityState {
    /// Draws the conclusion of one poll that ended at `now`: whether the target is published.
    ///
    /// - Parameters:
    ///   - isDated: whether the operator has said since when all servers serve the target.
    ///   - gapMemory: for how long after a gap levels rest on what was served in it.
    mutating func conclude(at now: Instant, policy: Policy, isDated: Bool, gapMemory: Duration) -> Bool {
        noteExposures(policy, isDated: isDated, gapMemory: gapMemory)
        forgetFormer(at: now, policy)
        if !serves({ $0 == .target }), let askedSince { noTargetAt = askedSince }
        // Where all are silent for once, they do not disagree: the wait for one that always is goes on.
        let agree = agree
        if contradicts { agreedSince = nil } else if agree { agreedSince = agreedSince ?? now }
        if agree { hasAgreed = true }
        guard agree else { return false }
        guard let blockedUntil else { return true }
        return now >= blockedUntil && isConfirmed(since: blockedUntil)
    }

    private mutating func noteExposures(_ policy: Policy, isDated: Bool, gapMemory: Duration) {
        for index in servers.indices where servers[index].isFresh {
            let served = served(by: servers[index])
            if served.isTold, !servers[index].hasTold, let instant = servers[index].checkedAt {
                firstTold = firstTold ?? instant
                let hasPast = !servers[index].joinedLate && servers[index].hasUnseenPast
                if hasPast { lastFirstTold = max(lastFirstTold ?? instant, instant) }
            }
            if let exposure = served.exposure, let instant = servers[index].checkedAt {
                if case .other(let lifetime) = exposure {
                    self.served.note(lifetime, at: instant)
                    lastOther = max(lastOther ?? instant, instant)
                    if let absence = effectiveReading(of: servers[index])?.absence {
                        servedAbsences = (servedAbsences ?? []).union([absence])
                    }
                }
                // What it served before, it may have served until now.
                if let before = servers[index].exposure.current { self.served.note(before, at: instant) }
            }
            let look = look(policy, isDated: isDated, gapMemory: gapMemory)
            take(look.note(served, in: &servers[index]), look)
        }
        for index in former.indices where former[index].state.isFresh {
            let served = served(by: former[index].state)
            let look = look(policy, isDated: isDated, gapMemory: gapMemory)
            take(look.note(served, in: &former[index].state), look)
        }
    }

    private mutating func take(_ unseen: Look.Unseen?, _ look: Look) {
        switch unseen {
        case .doubt(let doubt)?:
            note(doubt)
            if look.assumesTTL(since: doubt.from, at: doubt.until) {
                noteBlind(from: doubt.from, until: doubt.until, look)
            }
        case .blind(let from, let until)?: noteBlind(from: from, until: until, look)
        case nil: break
        }
    }

    private func look(_ policy: Policy, isDated: Bool, gapMemory: Duration) -> Look {
        Look(
            lifetimes: served, silence: longestSilence, silentLag: silentLag, policy: policy,
            wordUntil: wordUntil, isDated: isDated && longestSeen == nil,
            gapMemory: gapMemory)
    }

    private mutating func noteBlind(from: Instant, until: Instant, _ look: Look) {
        let isRecent = blindSpan.map { from - $0.until <= look.gapMemory } ?? false
        blindSpan = BlindSpan(from: isRecent ? min(blindSpan!.from, from) : from, until: until)
    }

    /// All servers come to the same serial, one after another.
    private mutating func note(_ doubt: Doubt) {
        guard let last = self.doubt, last.serial == doubt.serial, last.serial != nil else {
            self.doubt = doubt
            return
        }
        self.doubt = Doubt(
            edits: max(last.edits, doubt.edits), from: min(last.from, doubt.from),
            until: max(last.until, doubt.until), serial: doubt.serial)
    }

    /// What a server's last answer says of what resolvers can fetch from it.
    private func served(by server: AuthorityServerState) -> Look.Served {
        if let reading = effectiveReading(of: server) {
            var lifetime = reading.lifetime ?? TTL(seconds: 0)
            // A cache in front of it gave it with more, or will.
            if server.frontEnds.isCache { lifetime = max(lifetime, server.frontEnds.greatestTTL ?? lifetime) }
            return Look.Served(
                exposure: reading.state == .target ? .target : .other(lifetime: lifetime), isTold: true)
        }
        if let hearsay = server.hearsay { return Look.Served(exposure: .other(lifetime: hearsay)) }
        if case .lame = server.standing { return Look.Served(exposure: .nothing) }
        return Look.Served(exposure: nil)
    }

    private mutating func forgetFormer(at now: Instant, _ policy: Policy) {
        for server in former where server.until <= now {
            let bound = bound(of: server, publishedAt: now, policy)
            formerBound = [formerBound, bound].compactMap { $0 }.max()
        }
        former.removeAll { $0.until <= now }
    }
}

/// Takes in what one look at a server tells, and what nobody saw since the look before.
private struct Look {
    /// What resolvers can fetch from a server; `exposure` is `nil` where that is not known.
    struct Served {
        var exposure: Exposure.Served?
        /// Whether it said so with authority.
        var isTold = false
    }

    /// What may have happened since the last answer.
    enum Unseen {
        /// The zone was edited several times.
        case doubt(AuthorityState.Doubt)
        /// Nothing tells whether the MX was rolled back and forward.
        case blind(from: Instant, until: Instant)
    }

    let lifetimes: ServedLifetimes
    /// How long after the others agreed a silent server may serve what it served.
    let silence: Duration
    /// How long after this server a silent one may serve the same.
    let silentLag: Duration
    let policy: Policy
    /// Until when the operator's word on the TTL covers what nobody saw; `nil` where it was given at the very
    /// beginning.
    let wordUntil: Instant?
    /// Whether the operator's word on when all servers began to serve the target stands unchallenged.
    let isDated: Bool
    /// For how long after a gap levels rest on what was served in it.
    let gapMemory: Duration

    func note(_ served: Served, in server: inout AuthorityServerState) -> Unseen? {
        defer { server.settle(hasTold: served.isTold, wasHeard: served.exposure != nil) }
        guard let exposure = served.exposure, let instant = server.checkedAt else { return nil }
        let isFirst = served.isTold && !server.hasTold
        let lastTold = server.lastToldAt
        let before = server.exposure.snapshot
        server.exposure.note(exposure, at: instant, said: said(since: lastTold))
        if server.frontEnds.isCache, let former = before.other, exposure == .target,
            !PlantedFault.frontEndsIgnored.isPlanted
        {
            // Other caches beside the one that answered may hold it for as long again.
            server.exposure.extend(to: instant + former.duration * 2)
        }
        if isFirst {
            noteFirstWord(of: &server, at: instant)
        } else if served.isTold, server.silentSince != nil,
            let unseen = lifetimes.bound(unseenUntil: instant, lag: silence, since: lastTold)
        {
            // What others served while it was silent, it may have served as well.
            server.exposure.extend(to: unseen)
        }
        return served.isTold && !isFirst
            ? unseen(by: &server, lastTold: lastTold, isSame: before == server.exposure.snapshot, at: instant)
            : nil
    }

    /// What nobody saw since the answer before (§3).
    ///
    /// - Parameter isSame: whether the server serves what it served then.
    private func unseen(
        by server: inout AuthorityServerState, lastTold: Instant?, isSame: Bool, at instant: Instant
    ) -> Unseen? {
        let hasChangedUnderSerial = server.hasChangedUnderSerial
        if hasChangedUnderSerial { server.noteChangeUnderSerial() }
        // A serial under which the MX changed was no witness, whenever it was seen to stand.
        guard let before = hasChangedUnderSerial ? lastTold : server.seenUntil ?? lastTold,
            instant - before > AuthorityServerState.longestSeenGap, server.isSerialTold
        else { return nil }
        let edits = server.editsSinceTold ?? SerialNumbering.Edits(atLeast: 0)
        guard edits.atLeast > 1 || hasChangedUnderSerial else {
            // One edit does not lead away and back. What was served while the target is not, the next change tells.
            let isQuiet = edits.atMost.map { $0 <= 1 } ?? false
            if isQuiet && instant - before <= Schedule.longestGap || !server.exposure.servesTarget {
                return nil
            }
            return .blind(from: before, until: instant)
        }
        if isSame {
            if server.isBusy { return .blind(from: before, until: instant) }
            server.noteIdleDoubt()
        }
        server.exposure.extend(to: instant + silentLag + longestUnseen(since: before, at: instant))
        return .doubt(
            AuthorityState.Doubt(
                edits: max(edits.atLeast, 1), from: before, until: instant, serial: server.knownSerial))
    }

    /// What the operator of this run says of the time since an earlier run's last look.
    private func said(since last: Instant?) -> Exposure.Said? {
        guard let last, let wordUntil, last < wordUntil, let told = policy.previousTTL else { return nil }
        return Exposure.Said(since: last, lifetime: told)
    }

    /// How long copies may live of what was served unseen between two answers: as long as the longest that was
    /// ever seen or told. In more than the few minutes between two polls it may have been anything, up to a day,
    /// unless the operator has said in this run what it can have been.
    private func longestUnseen(since before: Instant, at instant: Instant) -> Duration {
        if let said = said(since: before) { return said.lifetime.duration }
        let known = [lifetimes.longest, policy.previousTTL].compactMap { $0 }.max()
        let longest = known ?? Policy.assumedTTL
        let isSaidInThisRun = policy.previousTTL != nil && !policy.isPreviousTTLRecalled
        let isShort =
            instant - before <= Schedule.longestGap || PlantedFault.longGapsTakenForShort.isPlanted
        if isShort || isSaidInThisRun { return longest.duration }
        return max(longest, Policy.assumedTTL).duration
    }

    /// Whether it is assumed of a long time in which nobody looked that nothing had a longer TTL than what was seen or
    /// told.
    func assumesTTL(since before: Instant, at instant: Instant) -> Bool {
        instant - before > Schedule.longestGap && policy.previousTTL != nil && !policy.isPreviousTTLRecalled
            && said(since: before) == nil
    }

    /// Until its first word a server may have served what others did before; resolvers knew it already.
    private func noteFirstWord(of server: inout AuthorityServerState, at instant: Instant) {
        if server.wasSilentAtFirst, server.joinedLate || !isDated {
            let unseen = lifetimes.bound(unseenUntil: instant, lag: silence)
            server.exposure.extend(to: unseen ?? instant + policy.unseenTTL.duration)
        }
        if server.joinedLate, !PlantedFault.lateServersTrusted.isPlanted {
            // It cannot have been asked for longer than since the search before it was found, which between two runs
            // may be days ago.
            let since = server.joinedAfter ?? instant
            server.exposure.extend(to: instant + longestUnseen(since: since, at: instant))
        }
    }
}

// MARK: - The bound's parts (§4)

extension AuthorityState {
    /// Until when copies can live of what is not the target and that the servers were seen to serve, or may
    /// have served unseen.
    ///
    /// - Parameters:
    ///   - publishedAt: by then, those that told have stopped.
    ///   - isOperatorsWord: it is the operator who says so, of all servers that were there then.
    /// - Returns: `nil` where nothing but the target was ever seen.
    func witnessedBound(publishedAt: Instant, isOperatorsWord: Bool, _ policy: Policy) -> Instant? {
        let agreed = agreedSince ?? publishedAt
        var bounds: [Instant?] = servers.map { server in
            if case .answering = server.standing { return server.exposure.bound(stoppingAt: publishedAt) }
            let isCovered = isOperatorsWord && !server.joinedLate
            let stop = isCovered ? publishedAt : server.inStep(with: agreed, wait: longestSilence)
            return bound(of: server, inStepFrom: stop, policy)
        }
        for unresolved in unresolvedNames.values {
            bounds.append(unseenBound(until: max(agreed, unresolved.since) + longestSilence, policy))
        }
        if let left = unresolvedLeft {
            bounds.append(
                unseenBound(until: min(left.until, max(agreed, left.since) + longestSilence), policy))
        }
        bounds += former.map { bound(of: $0, publishedAt: publishedAt, policy) }
        bounds.append(formerBound)
        return bounds.compactMap { $0 }.max()
    }

    /// Whether a copy that lives until then can come from what the servers were seen to serve by `now`.
    func explains(copyUntil until: Instant, at now: Instant) -> Bool {
        let states = servers + former.map(\.state)
        let known = (states.map { $0.exposure.bound(stoppingAt: now) } + [formerBound]).compactMap { $0 }
            .max()
        return known.map { until <= $0 + ResolverState.overdueTolerance } ?? false
    }

    /// Until when copies can live of what the servers were seen to serve and to stop; `nil` where nothing ended.
    package var endedBound: Instant? {
        (servers.map(\.exposure.endedBound) + [formerBound]).compactMap { $0 }.max()
    }

    /// Until when copies from a former server can live.
    func bound(of server: FormerServer, publishedAt: Instant, _ policy: Policy) -> Instant? {
        if case .answering = server.state.standing {
            return server.state.exposure.bound(stoppingAt: server.until)
        }
        let inStep = server.state.inStep(with: agreedSince ?? publishedAt, wait: longestSilence)
        return bound(of: server.state, inStepFrom: min(server.until, inStep), policy)
    }

    /// Until when copies can live from a server that does not tell, and is taken to be in step from `stop` on.
    private func bound(
        of server: AuthorityServerState, inStepFrom stop: Instant, _ policy: Policy
    ) -> Instant? {
        let heard = server.exposure.bound(stoppingAt: stop)
        guard server.standing.isSilent, !PlantedFault.silentServersServeNothing.isPlanted else {
            return heard
        }
        let unseen =
            server.hasTold
            ? served.bound(unseenUntil: stop, lag: longestSilence, since: server.lastToldAt)
            : unseenBound(until: stop, policy)
        return [heard, unseen].compactMap { $0 }.max()
    }

    private func unseenBound(until stop: Instant, _ policy: Policy) -> Instant {
        served.bound(unseenUntil: stop, lag: longestSilence) ?? stop + policy.unseenTTL.duration
    }

    /// When the oldest of the questions left that the answers of those answer who tell; `nil` where none does.
    package var askedSince: Instant? {
        servers.lazy.filter { self.effectiveState(of: $0) != nil }.compactMap(\.askedAt).min()
    }

    /// Until when a server may have served, to resolvers, what stood there before the watch; `nil` before any
    /// has told anything.
    ///
    /// One that never answered us may be behind the others, by no more than a secondary can be (§3).
    package var unseenUntil: Instant? {
        guard let firstTold, let lastFirstTold else { return firstTold }
        return max(lastFirstTold, firstTold + silentLag)
    }

    /// How far behind the others a server is taken to be at most that resolvers hear and we do not; zero where
    /// there is none.
    private var silentLag: Duration {
        let isSilent = servers.contains { !$0.hasTold && $0.standing.isSilent }
        return isSilent || hasLeftUnheard || !unresolvedNames.isEmpty ? longestSilence : .zero
    }

    /// The former servers that still serve something else, or may.
    package var formerServingOther: [FormerServer] { former.filter(\.mayServeOther) }

    /// Whether every server that answers has been asked at `instant` or later and none has anything against
    /// the target; and the servers are those of a search that is not too old. One that has fallen silent is
    /// waited for here as well (§3): it may be the first that has taken the change back.
    func isConfirmed(since instant: Instant) -> Bool {
        guard agree, let searchedAt else { return false }
        let wait = longestWait
        for server in servers {
            guard effectiveState(of: server) != nil else {
                if server.hasTold, let since = server.silentSince, let checkedAt = server.checkedAt,
                    checkedAt < since + wait
                {
                    return false
                }
                continue
            }
            guard let askedAt = server.askedAt, askedAt >= instant, server.isAccountedFor,
                askedAt <= searchedAt + Self.longestBlock
            else { return false }
        }
        return true
    }
}
