import DNS
import Lab

// MARK: - What excuses it

extension Judge {
    /// The assumptions and words behind the claims that are wrong.
    func excuses(
        _ assumed: [Assumed], for reason: Objection.Reason, at now: Instant
    ) -> [Objection.Excuse] {
        var found: Set<Objection.Excuse> = []
        for one in assumed {
            switch one {
            case .nameServersUnchanged(let since):
                if changesOfServers(from: since, until: facts.begins + .seconds(60)) {
                    found.insert(.nameServersChanged)
                }
            case .caughtUp(let server?, let by):
                if isBehind(server, at: by) { found.insert(.serverIsBehind) }
            case .caughtUp(nil, _): break
            case .noRollback(let from, let until):
                if rolledBack(from: from, until: until) { found.insert(.rolledBack) }
            case .warned(let from, let until):
                if isElsewhere(from: from, until: until) { found.insert(.warned) }
            }
        }
        if isBriefRollback(reason) { found.insert(.rolledBackAtOnce) }
        if isWrongTTL, !isTTLRefuted { found.insert(.wrongTTL) }
        if isWrongPublication, !isPublicationRefuted { found.insert(.wrongPublication) }
        if isWrongNameServers { found.insert(.wrongNameServers) }
        return found.sorted { $0.rawValue < $1.rawValue }
    }

    /// Whether a server is behind the others then, for longer than its SOA allows.
    private func isBehind(_ server: Int, at instant: Instant) -> Bool {
        truth.spans.contains { span in
            guard span.server == server else { return false }
            guard let until = span.until else { return true }
            let others = truth.spans.filter {
                $0.server != server && $0.from <= span.from && !facts.isSilent($0.server)
            }
            let agreed = others.compactMap(\.until).filter { $0 <= until }.max() ?? span.from
            return until > instant && until - agreed > facts.longestBehind
        }
    }

    private func isElsewhere(from: Instant, until: Instant) -> Bool {
        truth.spans.contains { $0.from <= until && ($0.until.map { $0 > from } ?? true) }
    }

    /// Whether the MX was rolled back and forward then, unseen: serials do not count edits, or nobody looked.
    private func rolledBack(from: Instant, until: Instant) -> Bool {
        truth.spans.contains { span in
            guard span.from >= from - .seconds(5), span.from <= until else { return false }
            let seen = span.from - .seconds(600)..<(span.until ?? until) + .seconds(600)
            let isHindered =
                facts.absences.contains { $0.overlaps(seen) }
                || facts.authorityFaults[span.server].contains { $0.overlaps(seen) }
            return isHindered || facts.losesAuthority[span.server] || hasFixedSerial(span.server)
        }
    }

    /// Whether the copy against a claim was served for less than `oneLook`.
    private func isBriefRollback(_ reason: Objection.Reason) -> Bool {
        let end: Instant
        switch reason {
        case .dark(let until), .held(_, _, let until): end = until
        case .early(let until): end = until - facts.settle
        default: return false
        }
        return truth.spans.contains { span in
            guard span.from >= facts.begins, let until = span.until, let last = span.lastCopyEnd else {
                return false
            }
            return until - span.from <= Self.oneLook && end <= last && end > until
        }
    }
    private static let oneLook: Duration = .seconds(60)

    private func hasFixedSerial(_ server: Int) -> Bool {
        facts.lab.authorities[server].zones.contains { zone in
            zone.changes.contains { zone.serial(at: $0) == zone.serial(at: $0 - .seconds(1)) }
        }
    }

    private func changesOfServers(from: Instant, until: Instant) -> Bool {
        facts.lab.sources.delegations.dropFirst().contains { $0.since > from && $0.since <= until }
    }

    /// Whether copies from before the watch live longer than the operator says.
    var isWrongTTL: Bool {
        guard let word = facts.words.previousTTL else { return false }
        let last = min(facts.words.publishedAt ?? facts.begins, facts.begins) + word.duration
        return truth.spans.contains { span in
            guard span.from < facts.begins, span.lifetime > word else { return false }
            return span.until.map { min($0, facts.begins) + span.lifetime.duration > last } ?? true
        }
    }

    /// Whether the watch was shown such a copy.
    var isTTLRefuted: Bool {
        guard let word = facts.words.previousTTL, let shown = sightings.longestShown else { return false }
        return shown.seconds > word.seconds + 2
    }

    private var isWrongPublication: Bool {
        guard let word = facts.words.publishedAt else { return false }
        return truth.spans.contains { span in
            span.from < facts.begins && (span.until.map { $0 > word } ?? true)
        }
    }

    var isPublicationRefuted: Bool {
        guard let word = facts.words.publishedAt else { return false }
        if sightings.servers.values.contains(where: { $0.otherAt.map { $0 >= word } ?? false }) {
            return true
        }
        let longest = max(
            facts.words.previousTTL ?? TTL(seconds: 86_400), sightings.longestShown ?? TTL(seconds: 0))
        return sightings.latestCopyEnd.map { $0 > word + longest.duration + .seconds(10) } ?? false
    }

    /// Whether a copy of the NS RRset named former servers.
    var isNameServersRefuted: Bool {
        guard let last = facts.lab.sources.delegations.last else { return false }
        let current = Set(last.reachable.map { facts.lab.authorities[$0].name })
        return !sightings.namesInCopies.isSubset(of: current)
    }

    private var isWrongNameServers: Bool {
        guard let word = facts.words.nameServersSince, !isNameServersRefuted else { return false }
        return changesOfServers(from: word, until: facts.begins)
    }
}
