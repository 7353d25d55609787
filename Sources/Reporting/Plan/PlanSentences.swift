import DNS
import Planning
import Propagation

/// A plan's lines and steps as sentences: what was found, and what to do about it. They follow the rules of
/// `Sentences`.
struct PlanSentences: Sendable {
    let domain: DomainName
    let target: Target
    let times: TimeText
    let now: Instant

    init(_ plan: Plan, _ times: TimeText) {
        domain = plan.domain
        target = plan.target
        self.times = times
        now = plan.madeAt
    }

    /// What was found.
    func sentence(_ line: PlanLine) -> String {
        switch line.finding.topic {
        case .domain, .zone: domainSentence(line.finding)
        case .timeToLive, .lowering, .copies: copySentence(line)
        case .authority, .delegation, .nameServers: serverSentence(line.finding)
        case .newExchanges, .presentExchanges, .transportPolicy, .associations, .senderPolicy:
            mailSentence(line.finding)
        case .signatures, .wildcard, .subdomain, .firstPass: zoneSentence(line.finding)
        }
    }

    private func domainSentence(_ finding: PlanFinding) -> String {
        switch finding {
        case .nonexistent(let error): error.escapedForDisplay
        case .authorityUnknown(let error):
            "we could not find the authoritative servers (\(error.escapedForDisplay))"
        case .authorityNotAsked:
            "we did not ask the authoritative servers, and only they tell the TTL of new copies"
        case .authoritySilent(let asked):
            asked == 1
                ? "the authoritative server gave no authoritative answer"
                : "none of \(asked) authoritative servers gave an authoritative answer"
        case .switched(let servers):
            "the domain has switched already: \(Self.servers(servers)) the new MX."
                + " Follow it with propaga watch"
        case .partlySwitched(let others, let count):
            "the switch is only half done: \(Sentences.list(others))"
                + (others.count < count ? ", of \(count) that answer," : "")
                + " \(Sentences.verb(others.count, "still names", "still name")) another provider's mail server"
        case .inZone(let zone):
            "change its records in the zone \(zone): the domain has no zone of its own"
        case .fault(let warning): Sentences(times).sentence(warning)
        default: ""
        }
    }

    /// `the only authoritative server that answers serves`, `both authoritative servers that answer serve`.
    private static func servers(_ count: Int) -> String {
        count == 1
            ? "the only authoritative server that answers serves"
            : "\(Sentences.all(count)) authoritative servers that answer serve"
    }

    static func length(_ ttl: TTL) -> String {
        let seconds = Int64(ttl.seconds)
        return seconds < 3600 ? "\(seconds) s" : "\(seconds) s (\(DurationText.long(seconds: seconds)))"
    }

    static var guideRange: String {
        "\(PlanGuide.timeToLive.lowerBound) to \(PlanGuide.timeToLive.upperBound) s"
    }
}

// MARK: - Copies

extension PlanSentences {
    private func copySentence(_ line: PlanLine) -> String {
        switch line.finding {
        case .timeToLive(let ttl, let servers):
            "\(Self.servers(servers)) the MX with a TTL of \(Self.length(ttl)): "
                + (ttl < PlanGuide.timeToLive.lowerBound
                    ? "shorter than the guide's \(Self.guideRange), but that does no harm"
                    : "within the guide's \(Self.guideRange)")
        case .timeToLiveTooLong(let ttl, let servers, let count):
            "the MX has a TTL of \(Self.length(ttl)) at \(Sentences.list(servers))"
                + (servers.count < count ? ", of \(count) that answer" : "")
                + ": longer than the guide's \(Self.guideRange)"
        case .negativeTTL(let ttl):
            "there is no MX yet, and caches keep that answer for \(Self.length(ttl)) (the negative TTL)"
        case .negativeTTLTooLong(let ttl):
            "there is no MX yet, and caches keep that answer for \(Self.length(ttl)) (the negative TTL):"
                + " longer than the guide's \(Self.guideRange)"
        case .notLowered(let lifetimes): notLowered(lifetimes)
        case .lowered(let since, let lifetimes): lowered(since, lifetimes)
        case .neverLonger(let ttl):
            "the TTL was never longer than \(Self.length(ttl)) in the last days, as --previous-ttl says"
        case .longerBefore(let lifetimes):
            "copies with the longer TTL may live until \(times.text(lifetimes.goneBy)): it was longer"
                + " until recently (\(longest(lifetimes)))"
        case .loweredUnknown(let lifetimes):
            "copies with a longer TTL may live until \(times.text(lifetimes.goneBy)): we do not know since when it"
                + " has been as low as now (\(longest(lifetimes)))"
        case .longerCopiesGone(let lifetimes):
            "copies from before (\(longest(lifetimes))) are gone since \(times.text(lifetimes.goneBy)):"
                + " we have watched the servers for long enough"
        case .longCopies(let resolvers, let count):
            "\(resolvers) of \(count == 1 ? "1 resolver" : "\(count) resolvers")"
                + " \(Sentences.verb(resolvers, "has", "have")) a copy that lives longer than a new one"
        case .noLongCopies(let resolvers):
            resolvers == 1
                ? "the resolver has no copy that lives longer than a new one"
                : "none of \(resolvers) resolvers has a copy that lives longer than a new one"
        case .stretchedCopies(let resolvers, let count, let length):
            "\(resolvers) of \(count == 1 ? "1 resolver" : "\(count) resolvers")"
                + " \(Sentences.verb(resolvers, "keeps", "keep")) copies longer than their TTL,"
                + " \(Self.length(length)) or more, and may be the last to see the switch"
                + " (\(Sentences.verb(resolvers, "its copy is", "their copies are")) not from before the TTL was lowered)"
        case .noQuorum(let counted, let eligible, let needed):
            Sentences.noQuorum(counted: counted, eligible: eligible, needed: needed)
        case .fault(let warning): Sentences(times).sentence(warning)
        default: ""
        }
    }

    private func notLowered(_ lifetimes: PlanLifetimes) -> String {
        "old copies may live until \(times.text(lifetimes.goneBy)), even if you lower the TTL now"
            + " (\(longest(lifetimes)))" + guide(lifetimes)
    }

    private func lowered(_ since: Instant, _ lifetimes: PlanLifetimes) -> String {
        let start = "the TTL has been this low since \(times.text(since))"
        guard lifetimes.isLongBefore else {
            return start + ", and was never longer than \(Self.length(lifetimes.longest))"
        }
        let verb = lifetimes.goneBy > now ? "may live until" : "are gone since"
        return start + ": copies from before (\(longest(lifetimes))) \(verb) \(times.text(lifetimes.goneBy))"
            + (lifetimes.isSeenLate && lifetimes.goneBy > now
                ? ", because nobody looked at the servers in between"
                    + " (run propaga plan right after lowering the TTL to avoid that)" : "")
            + guide(lifetimes)
    }

    private func longest(_ lifetimes: PlanLifetimes) -> String {
        let length = DurationText.long(seconds: Int64(lifetimes.longest.seconds))
        return lifetimes.isAssumed ? "we assume \(length)" : "up to \(length)"
    }

    private func guide(_ lifetimes: PlanLifetimes) -> String {
        guard lifetimes.isAssumed, let lowered = lifetimes.loweredAt else { return "" }
        let end = lowered + PlanGuide.loweredAhead
        return ". The guide's two days \(end > now ? "end" : "ended") at \(times.text(end))"
    }
}

// MARK: - Servers

extension PlanSentences {
    private func serverSentence(_ finding: PlanFinding) -> String {
        switch finding {
        case .authorityConsistent(let servers, let serial):
            "\(Self.servers(servers)) \(servers == 1 ? "the MX" : "the same MX")"
                + (serial.map { ", with serial \($0)" } ?? "")
        case .authorityDiffers: "the authoritative servers serve different MX records"
        case .unresolvedNameServers(let names):
            "we did not ask the name \(Sentences.verb(names.count, "server", "servers")) \(Self.list(names)):"
                + " no resolver gave \(Sentences.verb(names.count, "its", "their")) addresses"
        case .delegation(let ttl):
            "parent and zone name the same name servers, and resolvers keep that for up to"
                + " \(DurationText.long(seconds: Int64(ttl.seconds)))"
        case .delegationUnknown: "neither the parent nor the zone gave the NS RRset with authority"
        case .nameServers(let names, _):
            "the zone's name servers are \(Sentences.list(names.map(\.description)))."
                + " If you leave them with the move too, they still answer for the domain for some time:"
                + " plan that with --leave-nameservers"
        case .leavingNameServers(let names, let ttl):
            "give the new MX at \(Sentences.list(names.map(\.description))) too, and have the zone deleted there in"
                + " the end: resolvers ask \(Sentences.verb(names.count, "it", "them")) for up to"
                + " \(DurationText.long(seconds: Int64(ttl.seconds))) after the delegation has changed"
        case .fault(let warning): Sentences(times).sentence(warning)
        default: ""
        }
    }
}
