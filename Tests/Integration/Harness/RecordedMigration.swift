import DNS
import Propagation
import Storytelling

/// Chronicles as a history would hold them, made up: migrations of every length and size.
struct RecordedMigration {
    /// 2026-11-23T16:00:00Z: when the operator switches.
    static let start: Int64 = 1_795_449_600

    var chronicle: Chronicle
    private var random: UInt64

    static let target = [ReadExchange(preference: 10, exchange: "mx01.cbsolt.net", accepted: true)]
    static let previous = [ReadExchange(preference: 10, exchange: "mail.old-provider.it", accepted: false)]

    /// - Parameters:
    ///   - first: seconds before the switch at which somebody looked first.
    ///   - last: seconds after it at which somebody looked last.
    init(domain: DomainName = "example.it", first: Int64, last: Int64, phase: Phase) {
        chronicle = Chronicle(
            domain: domain, target: RecordedTarget(.qboxmail), firstLook: Self.time(-first),
            lastLook: Self.time(last), standing: RecordedStanding(phase: phase, basis: .authority))
        random = UInt64(first &+ last)
    }

    static func time(_ seconds: Int64) -> WallTime { WallTime(milliseconds: (start + seconds) * 1000) }

    /// The same numbers on every run.
    mutating func draw(below limit: Int64) -> Int64 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int64(random >> 33) % limit
    }

    mutating func add(_ seconds: Int64, _ kind: Chronicle.Kind) {
        chronicle.entries.append(Chronicle.Entry(at: Self.time(seconds), kind))
    }

    mutating func level(_ change: LevelChange, at seconds: Int64) {
        add(seconds, .level(change))
        let time = Self.time(seconds)
        switch change {
        case .published: chronicle.standing.publishedAt = time
        case .propagated: chronicle.standing.propagatedAt = time
        case .secondPassSafe: chronicle.standing.secondPassAt = time
        case .decommissionSafe: chronicle.standing.decommissionAt = time
        case .regression:
            chronicle.standing.publishedAt = nil
            (chronicle.standing.propagatedAt, chronicle.standing.secondPassAt) = (nil, nil)
        case .unpropagated, .secondPassUnsafe: break
        }
    }

    /// A server that lowers its TTL at one instant and switches at another.
    mutating func server(_ number: Int, ttl: Int, lowered: (to: Int, at: Int64)? = nil, switched: Int64) {
        let label = ServerLabel(
            name: "ns\(number).example.it", endpoint: Endpoint("192.0.2.\(number)")!)
        func span(_ state: MailState, _ ttl: Int, _ from: Int64, _ to: Int64?) -> ServedSpan {
            ServedSpan(
                server: label, state: state, exchanges: state == .target ? Self.target : Self.previous,
                ttl: TTL(seconds: ttl), firstSeen: Self.time(from),
                lastSeen: to.map { Self.time($0 - 30) } ?? chronicle.lastLook, goneAt: to.map(Self.time))
        }
        let first = (chronicle.firstLook.milliseconds / 1000) - Self.start
        if let lowered {
            chronicle.served.append(span(.previous, ttl, first, lowered.at))
            chronicle.served.append(span(.previous, lowered.to, lowered.at, switched))
        } else {
            chronicle.served.append(span(.previous, ttl, first, switched))
        }
        chronicle.served.append(span(.target, lowered?.to ?? ttl, switched, nil))
    }

    /// A resolver that turns to the target at `flip` and is clear some seconds later; never, where it is `nil`.
    mutating func resolver(
        _ name: String, _ address: String, flip: Int64?, clearAfter: Int64 = 10, exclusion: Exclusion? = nil
    ) {
        let label = ServerLabel(name: name, endpoint: Endpoint(address)!)
        let first = (chronicle.firstLook.milliseconds / 1000) - Self.start
        add(
            first + 1,
            .transition(label, from: nil, to: .previous, .init(exchanges: Self.previous, ttl: 3600)))
        if let flip {
            add(
                flip,
                .transition(label, from: .previous, to: .target, .init(exchanges: Self.target, ttl: 600)))
            add(flip + clearAfter, .clear(label, true))
        }
        chronicle.resolvers.append(
            RecordedResolver(
                server: label, state: flip == nil ? .previous : .target, isClear: flip != nil,
                exclusion: exclusion, targetSince: flip.map(Self.time), cachesSeen: Int(draw(below: 9)) + 1,
                checkedAt: chronicle.lastLook))
    }

    /// Puts what was added in order, and counts.
    mutating func finish(bound: Int64?) {
        chronicle.entries = chronicle.entries.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        chronicle.standing.bound = bound.map(Self.time)
        let counted = chronicle.resolvers.filter { $0.exclusion == nil }
        chronicle.standing.counted = counted.count
        chronicle.standing.clear = counted.count(where: \.isClear)
    }
}
