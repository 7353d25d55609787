import DNS
import Planning
import Propagation

/// A plan's lines and steps as sentences, in the manner of `Sentences`: what was found, and what to do about it.
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
            "the authoritative servers could not be found (\(error.escapedForDisplay))"
        case .authorityNotAsked:
            "the authoritative servers were not asked, and copies do not tell the TTL that new ones will get"
        case .authoritySilent(let asked):
            asked == 1
                ? "the authoritative server gave no authoritative answer"
                : "none of \(asked) authoritative servers gave an authoritative answer"
        case .switched(let servers):
            "the domain has switched already: \(Self.servers(servers)) the new MX;"
                + " follow it with propaga watch"
        case .partlySwitched(let others, let count):
            "the switch is half made: \(Sentences.list(others))"
                + (others.count < count ? ", of \(count) that answer," : "")
                + " \(Sentences.verb(others.count, "still names", "still name")) an exchange of somebody else"
        case .inZone(let zone):
            "it has no zone of its own: its records stand in the zone \(zone), and are changed there"
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
                    ? "shorter than the guide's \(Self.guideRange), which does no harm"
                    : "within the guide's \(Self.guideRange)")
        case .timeToLiveTooLong(let ttl, let servers, let count):
            "the MX has a TTL of \(Self.length(ttl)) at \(Sentences.list(servers))"
                + (servers.count < count ? ", of \(count) that answer" : "")
                + ": longer than the guide's \(Self.guideRange)"
        case .negativeTTL(let ttl):
            "there is no MX yet, and copies of that live \(Self.length(ttl)) (the negative TTL)"
        case .negativeTTLTooLong(let ttl):
            "there is no MX yet, and copies of that live \(Self.length(ttl)) (the negative TTL):"
                + " longer than the guide's \(Self.guideRange)"
        case .notLowered(let lifetimes): notLowered(lifetimes)
        case .lowered(let since, let lifetimes): lowered(since, lifetimes)
        case .neverLonger(let ttl):
            "the TTL was never longer than \(Self.length(ttl)) in the last days, as --previous-ttl says"
        case .longerBefore(let lifetimes):
            "the TTL was longer lately: copies from then (\(longest(lifetimes)))"
                + " may live until \(times.text(lifetimes.goneBy))"
        case .loweredUnknown(let lifetimes):
            "since when the TTL has been this low is not known: copies from before (\(longest(lifetimes)))"
                + " may live until \(times.text(lifetimes.goneBy))"
        case .longerCopiesGone(let lifetimes):
            "the servers have been seen for long enough: copies from before (\(longest(lifetimes)))"
                + " are gone since \(times.text(lifetimes.goneBy))"
        case .longCopies(let resolvers, let count):
            "\(resolvers) of \(count == 1 ? "1 resolver" : "\(count) resolvers")"
                + " \(Sentences.verb(resolvers, "holds", "hold")) a copy that lives longer than one fetched now"
        case .noLongCopies(let resolvers):
            resolvers == 1
                ? "the resolver holds no copy that lives longer than one fetched now"
                : "none of \(resolvers) resolvers holds a copy that lives longer than one fetched now"
        case .stretchedCopies(let resolvers, let count, let length):
            "\(resolvers) of \(count == 1 ? "1 resolver" : "\(count) resolvers")"
                + " \(Sentences.verb(resolvers, "stretches", "stretch")) TTLs, to \(Self.length(length)) or more:"
                + " what \(Sentences.verb(resolvers, "it holds is none", "they hold is none")) from before the TTL was"
                + " lowered, and \(Sentences.verb(resolvers, "it", "they")) may be the last to see the switch"
        case .noQuorum(let counted, let eligible, let needed):
            Sentences.noQuorum(counted: counted, eligible: eligible, needed: needed)
        case .fault(let warning): Sentences(times).sentence(warning)
        default: ""
        }
    }

    private func notLowered(_ lifetimes: PlanLifetimes) -> String {
        "if the TTL is lowered at once, copies from before (\(longest(lifetimes)))"
            + " may live until \(times.text(lifetimes.goneBy))" + guide(lifetimes)
    }

    private func lowered(_ since: Instant, _ lifetimes: PlanLifetimes) -> String {
        let start = "the TTL has been this low since \(times.text(since))"
        guard lifetimes.isLongBefore else {
            return start + ", and was never longer than \(Self.length(lifetimes.longest))"
        }
        let verb = lifetimes.goneBy > now ? "may live until" : "are gone since"
        return start + ": copies from before (\(longest(lifetimes))) \(verb) \(times.text(lifetimes.goneBy))"
            + (lifetimes.isSeenLate && lifetimes.goneBy > now
                ? ", since nobody looked at the servers in between"
                    + " (a propaga plan right after the lowering saves that)" : "") + guide(lifetimes)
    }

    private func longest(_ lifetimes: PlanLifetimes) -> String {
        let length = DurationText.long(seconds: Int64(lifetimes.longest.seconds))
        return lifetimes.isAssumed ? "\(length) is assumed" : "up to \(length)"
    }

    private func guide(_ lifetimes: PlanLifetimes) -> String {
        guard lifetimes.isAssumed, let lowered = lifetimes.loweredAt else { return "" }
        let end = lowered + PlanGuide.loweredAhead
        return ", and the guide's two days \(end > now ? "end" : "ended") at \(times.text(end))"
    }
}

// MARK: - Servers

extension PlanSentences {
    private func serverSentence(_ finding: PlanFinding) -> String {
        switch finding {
        case .authorityConsistent(let servers, let serial):
            "\(Self.servers(servers)) \(servers == 1 ? "the MX" : "the same MX")"
                + (serial.map { ", with serial \($0)" } ?? "")
        case .authorityDiffers: "the authoritative servers serve different MX RRsets"
        case .unresolvedNameServers(let names):
            "no resolver told the addresses of the name \(Sentences.verb(names.count, "server", "servers"))"
                + " \(Self.list(names)), so \(Sentences.verb(names.count, "it was", "they were")) not asked"
        case .delegation(let ttl):
            "parent and zone name the same name servers; resolvers hold that for up to"
                + " \(DurationText.long(seconds: Int64(ttl.seconds)))"
        case .delegationUnknown: "neither the parent nor the zone told the NS RRset with authority"
        case .nameServers(let names, _):
            "the zone is served by \(Sentences.list(names.map(\.description))):"
                + " if they are left with the move too, they go on answering for the domain"
                + " (plan for it with --leave-nameservers)"
        case .leavingNameServers(let names, let ttl):
            "\(Sentences.list(names.map(\.description)))"
                + " \(Sentences.verb(names.count, "is", "are")) left, and"
                + " \(Sentences.verb(names.count, "goes", "go")) on being asked for up to"
                + " \(DurationText.long(seconds: Int64(ttl.seconds))) after the delegation has changed:"
                + " give the new MX there too, and have the zone deleted there in the end"
        case .fault(let warning): Sentences(times).sentence(warning)
        default: ""
        }
    }
}
