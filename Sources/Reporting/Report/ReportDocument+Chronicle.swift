import DNS
import Propagation
import Storytelling

extension ReportDocument {
    /// - Parameter generatedAt: the present time. The report ends at the chronicle's last look.
    package init(_ chronicle: Chronicle, generatedAt: WallTime) {
        self.init(PropagationStory(chronicle), generatedAt: generatedAt)
    }

    private init(_ story: PropagationStory, generatedAt: WallTime) {
        let chronicle = story.chronicle
        let standing = chronicle.standing
        self.init(
            generatedAt: Timestamp(generatedAt), domain: chronicle.domain,
            target: TargetStatus(chronicle.target), firstLook: Timestamp(chronicle.firstLook),
            lastLook: Timestamp(chronicle.lastLook), phase: standing.phase, basis: standing.basis,
            changeBegan: story.changeBegan.map(Timestamp.init), bound: standing.bound.map(Timestamp.init),
            boundAfter: story.timeToBound.map(\.secondsFromZero), resolversCounted: standing.counted,
            resolversClear: standing.clear, levels: story.levels.map { ReportLevel($0, in: story) },
            clearAfter: [50, 90, 100].map {
                ReportMilestoneShare(percent: $0, seconds: story.time(toClear: $0)?.secondsFromZero)
            },
            regressions: story.regressions.map(ReportSpan.init),
            authority: story.servers.map(ReportServer.init),
            shares: story.shares.map {
                ReportShare(at: Timestamp($0.at), clear: $0.clear, counted: $0.counted)
            },
            resolvers: story.resolvers.map { ReportResolver($0, publishedAt: story.publishedAt) },
            slowest: story.slowestFirst.prefix(5).map { ReportResolverName($0.server) },
            overdue: story.overdue.map { ReportResolverName($0.server) },
            events: chronicle.entries.map(ReportEvent.init),
            looks: chronicle.looks.map { ReportLook(from: Timestamp($0.from), to: Timestamp($0.to)) })
    }
}

extension TargetStatus {
    init(_ target: RecordedTarget) {
        name = target.name.escapedForDisplay
        primary = target.primary
        accepted = target.accepted.map(\.escapedForDisplay)
    }
}

extension ReportLevel {
    init(_ level: LevelStory, in story: PropagationStory) {
        self.init(
            level: level.condition, reached: level.reachedAt != nil, at: level.reachedAt.map(Timestamp.init),
            after: story.time(to: level.condition)?.secondsFromZero, spans: level.spans.map(ReportSpan.init))
    }
}

extension ReportSpan {
    init(_ span: RecordedSpan) {
        self.init(from: Timestamp(span.from), to: span.to.map(Timestamp.init))
    }
}

extension ReportServer {
    /// - Precondition: the story has a span, as every story of a chronicle has.
    init(_ story: ServerStory) {
        let last = story.spans[story.spans.count - 1]
        self.init(
            name: story.server.name.escapedForDisplay, address: story.server.endpoint, state: last.state,
            ttl: last.ttl?.seconds, ttlBeforeSwitch: story.timeToLiveBeforeSwitch?.seconds,
            targetFromTheStart: story.servedTargetFromTheStart,
            ttlLowered: story.lowerings.map {
                ReportLowering(
                    from: $0.from.seconds, to: $0.to.seconds, at: Timestamp($0.seen.at),
                    after: Timestamp($0.seen.after))
            },
            switches: story.switches.map(ReportTurn.init), turnedBack: story.turnsBack.map(ReportTurn.init),
            served: story.spans.map(ReportServed.init))
    }
}

extension ReportTurn {
    init(_ turn: ServerStory.Turn) { self.init(at: Timestamp(turn.at), after: Timestamp(turn.after)) }
}

extension ReportServed {
    init(_ span: ServedSpan) {
        self.init(
            state: span.state, mx: span.exchanges, ttl: span.ttl?.seconds,
            firstSeen: Timestamp(span.firstSeen), lastSeen: Timestamp(span.lastSeen),
            goneAt: span.goneAt.map(Timestamp.init))
    }
}

extension ReportResolverName {
    init(_ server: ServerLabel) {
        self.init(name: server.name.escapedForDisplay, address: server.endpoint)
    }
}

extension ReportResolver {
    init(_ story: ResolverStory, publishedAt: WallTime?) {
        let after = publishedAt.flatMap { start in story.clearAt.map { $0.since(start).secondsFromZero } }
        self.init(
            name: story.server.name.escapedForDisplay, address: story.server.endpoint,
            state: story.last?.state ?? story.turns.last?.condition.state,
            clear: story.clearAt != nil, overdue: story.turns.last?.condition.isOverdue ?? false,
            counted: story.counts, excluded: story.last?.exclusion.map(Sentences.sentence),
            leftAt: story.leftAt.map(Timestamp.init), firstFlipAt: story.firstFlip.map(Timestamp.init),
            lastFlipAt: story.lastFlip.map(Timestamp.init),
            targetSince: story.last?.targetSince.map(Timestamp.init),
            clearAt: story.clearAt.map(Timestamp.init),
            clearAfter: after, oldUntil: story.last?.oldUntil.map(Timestamp.init),
            cachesSeen: story.last?.cachesSeen ?? 0, checkedAt: story.last?.checkedAt.map(Timestamp.init),
            overdueSpans: story.overdue.map(ReportSpan.init), segments: story.segments.map(ReportSegment.init)
        )
    }
}

extension ReportSegment {
    init(_ segment: ResolverStory.Segment) {
        self.init(
            from: Timestamp(segment.from), to: Timestamp(segment.to), state: segment.condition.state,
            clear: segment.condition.isClear, overdue: segment.condition.isOverdue,
            watched: segment.isWatched)
    }
}

extension ReportEvent {
    init(_ entry: Chronicle.Entry) {
        self.init(at: Timestamp(entry.at), event: .published, mx: [])
        resolver = entry.resolver?.name.escapedForDisplay
        address = entry.resolver?.endpoint
        switch entry.kind {
        case .level(let change): event = Kind(rawValue: change.rawValue)!
        case .transition(_, let from, let to, let shown):
            event = .transition
            (self.from, self.to, mx, ttl) = (from, to, shown.exchanges, shown.ttl)
        case .clear(_, let isClear): event = isClear ? .clear : .clearNoMore
        case .overdue(_, let isOverdue): event = isOverdue ? .overdue : .overdueNoMore
        case .clockWentBack(let seconds):
            event = .clockWentBack
            self.seconds = seconds
        }
    }
}

extension Duration {
    /// Whole seconds; an earlier time counts as 0.
    fileprivate var secondsFromZero: Int64 { max(0, components.seconds) }
}
