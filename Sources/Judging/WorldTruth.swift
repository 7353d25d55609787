import DNS
import Lab

/// The truth of a world: what each server that resolvers may ask serves and when, and so until when any cache
/// can hold something other than the target. No answer to the watch goes into it.
///
/// Dark caches are the worst there can be: one fetches from every server just before each change, and just
/// before the end of any record that it may hold and that leads there, and keeps the copy for its whole TTL.
package struct WorldTruth: Sendable {
    /// A time in which one server serves something other than the target, and may be asked.
    package struct Span: Hashable, Sendable {
        package var server: Int
        package var from: Instant
        /// `nil` where it does not end.
        package var until: Instant?
        /// A copy's lifetime: the greatest TTL of the CNAME chain and the RRset, or the negative TTL.
        package var lifetime: TTL
        package var isNegative = false

        /// When the copy fetched last expires.
        package var lastCopyEnd: Instant? { until.map { $0 + lifetime.duration } }

        func covers(_ instant: Instant) -> Bool { from <= instant && (until.map { instant < $0 } ?? true) }
    }

    /// While a resolver may ask the server.
    package let spans: [Span]
    /// While the server is in the delegation.
    package let delegated: [Span]
    /// What the hidden server serves.
    private let hidden: [Span]
    let leads: Leads

    package init(_ facts: WorldFacts) {
        let leads = Leads(facts)
        self.leads = leads
        let all = facts.lab.authorities.indices.filter(facts.carriesDomain).flatMap {
            Self.served(by: $0, facts)
        }
        let served = all.filter { $0.server != facts.hiddenServer }
        hidden = all.filter { $0.server == facts.hiddenServer }
        spans = served.flatMap { span in leads.reach(of: span.server).compactMap { span.clipped(to: $0) } }
        delegated = served.flatMap { span in
            leads.delegated(span.server).compactMap { span.clipped(to: $0) }
        }
    }

    /// Servers that resolvers may ask at `now`, and that served something else at `looked` and do now.
    package func serversElsewhere(since looked: Instant, at now: Instant) -> [Int] {
        Set(spans.filter { $0.covers(looked) && $0.covers(now) }.map(\.server)).sorted()
    }

    /// When the last copy of what was served by `looked` expires; `nil` where it is still served at `now`.
    package func lastCopyEnd(ofServedBy looked: Instant, at now: Instant) -> Instant? {
        var last = Instant(nanoseconds: .min)
        for span in spans where span.from <= looked {
            guard let until = span.until, until <= now, let end = span.lastCopyEnd else { return nil }
            last = max(last, end)
        }
        return last
    }

    /// The longest lifetime of a copy from a hidden server that can be alive at `instant`; `nil` if none.
    func hiddenLifetime(seenAt instant: Instant) -> TTL? {
        hidden.filter { span in
            span.from <= instant && (span.lastCopyEnd.map { $0 >= instant } ?? true)
        }.map(\.lifetime).max()
    }

    /// When the last copy of something else expires; `nil` where there is no end.
    package var end: Instant? {
        let never = Instant(nanoseconds: .max)
        return lastCopyEnd(ofServedBy: never, at: never)
    }
}

// MARK: - What a server serves

extension WorldTruth {
    /// All that is not the target at one server and each of its back ends, by its zones' history.
    private static func served(by server: Int, _ facts: WorldFacts) -> [Span] {
        let authority = facts.lab.authorities[server]
        return Set(authority.lags).flatMap { lag in
            let changes = Set(authority.zones.flatMap(\.changes)).sorted().map { $0 + lag }
            let starts = [Instant(seconds: 0)] + changes
            var spans: [Span] = []
            for (index, start) in starts.enumerated() {
                let until = index + 1 < starts.count ? starts[index + 1] : nil
                guard let other = elsewhere(authority, lag, facts, at: start) else { continue }
                if let last = spans.last, last.until == start, last.lifetime == other.lifetime {
                    spans[spans.count - 1].until = until
                } else {
                    spans.append(
                        Span(
                            server: server, from: start, until: until, lifetime: other.lifetime,
                            isNegative: other.isNegative))
                }
            }
            return spans
        }
    }

    /// The lifetime of a copy of what a server serves at `instant`; `nil` for the target, or nothing.
    private static func elsewhere(
        _ authority: LabAuthority, _ lag: Duration, _ facts: WorldFacts, at instant: Instant
    ) -> (lifetime: TTL, isNegative: Bool)? {
        var name = facts.domain
        var longest = TTL(seconds: 0)
        for _ in 0...8 {
            switch authority.find(Question(name, .mx), at: instant, lag: lag) {
            case .alias(let record, let target):
                longest = max(longest, record.ttl)
                guard authority.zone(for: target) != nil else { return (longest, false) }
                name = target
            case .records(let records):
                if facts.isTarget(.records(records)) { return nil }
                return (max(longest, records.map(\.ttl).min() ?? longest), false)
            case .noData(let record), .nameError(let record):
                guard case .soa(let start) = record.data else { return (longest, true) }
                return (max(longest, min(record.ttl, TTL(wire: start.minimum))), true)
            case .referral, .failure: return nil
            }
        }
        return (longest, false)
    }
}

extension WorldTruth.Span {
    func clipped(to window: Range<Instant>) -> Self? {
        var span = self
        span.from = max(from, window.lowerBound)
        if !window.isEndless { span.until = min(until ?? window.upperBound, window.upperBound) }
        guard let until = span.until else { return span }
        return span.from < until ? span : nil
    }
}

// MARK: - Who is asked

/// *Leads*: the records that lead resolvers to servers, NS RRsets by name and addresses by server.
struct Leads: Sendable {
    private let delegations: [LabDelegation]
    private let names: [DomainName]

    init(_ facts: WorldFacts) {
        delegations = facts.lab.sources.delegations
        names = facts.lab.authorities.map(\.name)
    }

    private static let always = Instant(nanoseconds: .min)..<Instant(nanoseconds: .max)

    private func end(_ index: Int) -> Instant {
        index + 1 < delegations.count ? delegations[index + 1].since : Self.always.upperBound
    }

    private func names(_ delegation: LabDelegation) -> Set<DomainName> {
        Set(delegation.reachable.map { names[$0] })
    }

    /// While the server is in the delegation.
    func delegated(_ server: Int) -> [Range<Instant>] {
        guard !delegations.isEmpty else { return [Self.always] }
        return delegations.indices.filter { delegations[$0].reachable.contains(server) }
            .map { delegations[$0].since..<end($0) }
    }

    /// While a resolver may ask the server: it can hold an NS RRset that names it, and its address.
    func reach(of server: Int) -> [Range<Instant>] {
        guard !delegations.isEmpty else { return [Self.always] }
        let named = delegations.indices.filter { names(delegations[$0]).contains(names[server]) }
            .map { delegations[$0].since..<after(end($0), delegations[$0].longestTTL) }
        let located = delegations.indices.filter { delegations[$0].reachable.contains(server) }
            .map {
                delegations[$0].since..<after(endOfAddress(of: server, from: $0), delegations[$0].addressTTL)
            }
        return named.flatMap { name in
            located.compactMap { address in
                let from = max(name.lowerBound, address.lowerBound)
                let until = min(name.upperBound, address.upperBound)
                return from < until ? from..<until : nil
            }
        }.joined()
    }

    private func after(_ instant: Instant, _ ttl: TTL) -> Instant {
        instant == Self.always.upperBound ? instant : instant + ttl.duration
    }

    /// An address ends when its name is delegated to at others.
    private func endOfAddress(of server: Int, from index: Int) -> Instant {
        for later in delegations.indices.dropFirst(index + 1)
        where names(delegations[later]).contains(names[server])
            && !delegations[later].reachable.contains(server)
        {
            return delegations[later].since
        }
        return Self.always.upperBound
    }
}
