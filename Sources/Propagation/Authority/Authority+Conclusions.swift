import DNS

// MARK: - What a poll's end means

extension AuthorityState {
    /// Concludes the poll that ended at `now`, and tells whether the target is published.
    ///
    /// - Parameters:
    ///   - isDated: whether the operator said since when all servers serve the target.
    ///   - gapMemory: as `DomainTracker.gapMemory`.
    mutating func conclude(at now: Instant, policy: Policy, isDated: Bool, gapMemory: Duration) -> Bool {
        noteExposures(policy, isDated: isDated, gapMemory: gapMemory)
        forgetFormer(at: now, policy)
        if !serves({ $0 == .target }), let askedSince { noTargetAt = askedSince }
        // Silence of all servers is no disagreement: the wait for one that is always silent goes on.
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
                // It may have served what it served before until now.
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

    /// Servers reach the same serial one after another: doubts about one serial are one doubt.
    private mutating func note(_ doubt: Doubt) {
        guard let last = self.doubt, last.serial == doubt.serial, last.serial != nil else {
            self.doubt = doubt
            return
        }
        self.doubt = Doubt(
            edits: max(last.edits, doubt.edits), from: min(last.from, doubt.from),
            until: max(last.until, doubt.until), serial: doubt.serial)
    }

    /// What resolvers can fetch from a server, by its last answer.
    private func served(by server: AuthorityServerState) -> Look.Served {
        if let reading = effectiveReading(of: server) {
            var lifetime = reading.lifetime ?? TTL(seconds: 0)
            // A cache in front of it gave a longer TTL, or will.
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

/// A *look*: one server's answer in a poll, and what the gap before it may hide. It updates the exposure.
private struct Look {
    /// What resolvers can fetch from a server; `exposure` is `nil` where that is unknown.
    struct Served {
        var exposure: Exposure.Served?
        /// Whether it answered with authority.
        var isTold = false
    }

    /// What the gap since the last answer may hide.
    enum Unseen {
        /// The zone was edited more than once.
        case doubt(AuthorityState.Doubt)
        /// Nothing tells whether the MX was rolled back and forward again.
        case blind(from: Instant, until: Instant)
    }

    let lifetimes: ServedLifetimes
    /// `AuthorityState.longestSilence`.
    let silence: Duration
    /// How long after this server a silent one may go on serving the same.
    let silentLag: Duration
    let policy: Policy
    /// As `AuthorityState.wordUntil`.
    let wordUntil: Instant?
    /// Whether the operator's word on when all servers began to serve the target stands.
    let isDated: Bool
    /// As `DomainTracker.gapMemory`.
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
            // Another cache in front may hold it for as long again.
            server.exposure.extend(to: instant + former.duration * 2)
        }
        if isFirst {
            noteFirstWord(of: &server, at: instant)
        } else if served.isTold, server.silentSince != nil,
            let unseen = lifetimes.bound(unseenUntil: instant, lag: silence, since: lastTold)
        {
            // While silent it may have served what the others served.
            server.exposure.extend(to: unseen)
        }
        return served.isTold && !isFirst
            ? unseen(by: &server, lastTold: lastTold, isSame: before == server.exposure.snapshot, at: instant)
            : nil
    }

    /// What the gap before this answer may hide (§4).
    ///
    /// - Parameter isSame: whether the server serves the same as before the gap.
    private func unseen(
        by server: inout AuthorityServerState, lastTold: Instant?, isSame: Bool, at instant: Instant
    ) -> Unseen? {
        // A serial under which the MX changed proves nothing by standing still.
        let beforeChange = server.toldBeforeChangeUnderSerial
        let hasChangedUnderSerial = beforeChange != nil
        if hasChangedUnderSerial { server.noteChangeUnderSerial() }
        guard let before = beforeChange ?? server.seenUntil ?? lastTold,
            instant - before > AuthorityServerState.longestSeenGap, server.isSerialTold
        else { return nil }
        let edits = server.editsSinceTold ?? SerialNumbering.Edits(atLeast: 0)
        guard edits.atLeast > 1 || hasChangedUnderSerial else {
            // One edit cannot lead away and back. Before the target is served, the next change covers it.
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

    /// What the operator said in this run of the time since an earlier run's last look.
    private func said(since last: Instant?) -> Exposure.Said? {
        guard let last, let wordUntil, last < wordUntil, let told = policy.previousTTL else { return nil }
        return Exposure.Said(since: last, lifetime: told)
    }

    /// How long copies can live of what was served unseen in a gap: the longest TTL seen or told. In a gap
    /// longer than that between two polls, at least a day, unless the operator gave the TTL in this run.
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

    /// Whether a long gap is covered only by the operator's TTL of this run, which then is an assumption.
    func assumesTTL(since before: Instant, at instant: Instant) -> Bool {
        instant - before > Schedule.longestGap && policy.previousTTL != nil && !policy.isPreviousTTLRecalled
            && said(since: before) == nil
    }

    /// Before its first answer a server may have served resolvers what the others served before.
    private func noteFirstWord(of server: inout AuthorityServerState, at instant: Instant) {
        if server.wasSilentAtFirst, server.joinedLate || !isDated {
            let unseen = lifetimes.bound(unseenUntil: instant, lag: silence)
            server.exposure.extend(to: unseen ?? instant + policy.unseenTTL.duration)
        }
        if server.joinedLate, !PlantedFault.lateServersTrusted.isPlanted {
            // Resolvers may have asked it since the last search without it: between two runs, for days.
            let since = server.joinedAfter ?? instant
            server.exposure.extend(to: instant + longestUnseen(since: since, at: instant))
        }
    }
}

// MARK: - The bound's parts (§4)

extension AuthorityState {
    /// Until when copies of anything but the target can live, by what the servers served, seen or unseen.
    ///
    /// - Parameters:
    ///   - publishedAt: when the servers that answer had stopped serving it.
    ///   - isOperatorsWord: whether that is the operator's word, for all servers in the set then.
    /// - Returns: `nil` where only the target was ever seen.
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

    /// Until when copies can live of what the servers stopped serving; `nil` where nothing ended.
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

    /// Until when copies from a silent server can live, if it is in step with the others from `stop` on.
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

    /// When the oldest question behind the answering servers' last answers left; `nil` where none answers.
    package var askedSince: Instant? {
        servers.lazy.filter { self.effectiveState(of: $0) != nil }.compactMap(\.askedAt).min()
    }

    /// Until when what stood there before the watch may have been served; `nil` before the first answer.
    ///
    /// One that never answered us may lag behind the others as far as a secondary can (§3).
    package var unseenUntil: Instant? {
        guard let firstTold, let lastFirstTold else { return firstTold }
        return max(lastFirstTold, firstTold + silentLag)
    }

    /// How far a server that we never heard may lag behind the others; zero where there is none.
    private var silentLag: Duration {
        let isSilent = servers.contains { !$0.hasTold && $0.standing.isSilent }
        return isSilent || hasLeftUnheard || !unresolvedNames.isEmpty ? longestSilence : .zero
    }

    /// The former servers that serve something else than the target, or may.
    package var formerServingOther: [FormerServer] { former.filter(\.mayServeOther) }

    /// A level is *confirmed* when every server that answers was asked at `instant` or later and serves the
    /// target, after a recent search. One that fell silent is waited for (§3): it may be the first rollback.
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
