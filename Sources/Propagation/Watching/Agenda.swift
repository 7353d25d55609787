import DNS
import DequeModule
import HeapModule

/// The *agenda* of a watch: whom to ask about which domain, when and why, within each server's rate (§7).
///
///     plan ──► waiting, by instant ──► ready: urgent before patient ──► take, as the rate allows
///                     ▲                                                    │
///                     └───────────────── planned again ◄───────────────────┘
///
/// A pure value: at any instant it tells what is due, and what comes next and why. Each resolver has a lane
/// with its own rate. Authoritative servers differ from domain to domain: they share one lane without a rate.
package struct Agenda: Sendable {
    /// Whom a visit goes to.
    package enum Server: Sendable, Hashable {
        case resolver(Int)
        /// All authoritative servers of the domain.
        case authority
    }

    /// A *visit*: one question about one domain to one resolver, or to all its authoritative servers. At most
    /// one for each of them is planned or under way.
    package struct Visit: Sendable, Hashable {
        /// The domain's index.
        package var domain: Int
        package var server: Server
        package var due: Due
    }

    private var lanes: [Lane]
    private var underWay = 0
    /// The lane that `take` tries first; it moves on, so that each lane gets its turn when `limit` is short.
    private var turn = 0

    /// How many visits may be under way at once. The rest stays due: each visit costs a small task.
    package static let defaultLimit = 2_000
    private let limit: Int

    /// - Parameters:
    ///   - domains: how many there are.
    ///   - rates: queries a second that each resolver may get.
    package init(domains: Int, rates: [Double], limit: Int = defaultLimit, at now: Instant) {
        self.limit = limit
        lanes = rates.map { Lane(domains: domains, bucket: TokenBucket(rate: $0, now: now)) }
        lanes.append(Lane(domains: domains, bucket: nil))
    }

    /// Plans a visit in place of the planned one, unless one is under way: its result decides the next.
    package mutating func plan(_ due: Due, domain: Int, server: Server) {
        lanes[lane(server)].plan(due, domain: domain)
    }

    /// Takes the next visit that is due at `now` and within its rate; `nil` where there is none. It is under
    /// way until `finish` is called for it.
    package mutating func take(at now: Instant) -> Visit? {
        guard underWay < limit else { return nil }
        for offset in lanes.indices {
            let index = (turn + offset) % lanes.count
            guard let (domain, due) = lanes[index].take(at: now) else { continue }
            turn = (index + 1) % lanes.count
            underWay += 1
            return Visit(domain: domain, server: server(index), due: due)
        }
        return nil
    }

    /// Ends a visit from `take`.
    package mutating func finish(_ visit: Visit) {
        underWay -= 1
        lanes[lane(visit.server)].finish(visit.domain)
    }

    /// Charges a server's rate for the queries of a visit beyond its first.
    package mutating func charge(_ queries: Int, to server: Server) {
        lanes[lane(server)].bucket?.charge(queries)
    }

    /// When `take` next gives something, at `now` or later; `nil` while only visits under way are left.
    package mutating func nextInstant(after now: Instant) -> Instant? {
        guard underWay < limit else { return nil }
        var next: Instant?
        for index in lanes.indices {
            guard let instant = lanes[index].nextInstant(after: now) else { continue }
            next = min(next ?? instant, instant)
        }
        return next
    }

    /// What is planned for one domain at one server; `nil` while a visit is under way.
    package func planned(domain: Int, server: Server) -> Due? {
        lanes[lane(server)].planned(domain)
    }

    private func lane(_ server: Server) -> Int {
        switch server {
        case .resolver(let index): index
        case .authority: lanes.count - 1
        }
    }

    private func server(_ lane: Int) -> Server {
        lane == lanes.count - 1 ? .authority : .resolver(lane)
    }
}

/// A *lane*: the planned visits of all domains to one resolver, or to the authoritative servers.
private struct Lane: Sendable {
    private struct Entry: Comparable {
        var due: Due
        var domain: Int32
        /// Stale where it differs from its domain's slot: the visit was planned anew.
        var number: UInt32

        static func < (left: Entry, right: Entry) -> Bool { left.due.at < right.due.at }
        static func == (left: Entry, right: Entry) -> Bool { left.due.at == right.due.at }
    }

    private struct Slot {
        var due: Due?
        var number: UInt32 = 0
        var isUnderWay = false
    }

    var bucket: TokenBucket?
    private var waiting = Heap<Entry>()
    private var urgent = Deque<Entry>()
    private var patient = Deque<Entry>()
    private var slots: [Slot]
    /// Urgent visits (`Purpose.isUrgent`) since the last patient one.
    private var urgentInARow = 0

    /// After so many urgent visits, one patient visit that has waited too long goes first.
    private static let urgentShare = 3

    init(domains: Int, bucket: TokenBucket?) {
        self.bucket = bucket
        slots = Array(repeating: Slot(), count: domains)
    }

    func planned(_ domain: Int) -> Due? { slots[domain].due }

    mutating func plan(_ due: Due, domain: Int) {
        guard !slots[domain].isUnderWay, slots[domain].due != due else { return }
        slots[domain].due = due
        slots[domain].number &+= 1
        waiting.insert(Entry(due: due, domain: Int32(domain), number: slots[domain].number))
    }

    mutating func take(at now: Instant) -> (domain: Int, Due)? {
        promote(at: now)
        guard !urgent.isEmpty || !patient.isEmpty else { return nil }
        if bucket != nil, bucket!.take(at: now) == false { return nil }
        let isPatientsTurn = urgent.isEmpty || (isStarving(at: now) && urgentInARow >= Self.urgentShare)
        let entry = isPatientsTurn ? patient.removeFirst() : urgent.removeFirst()
        urgentInARow = isPatientsTurn ? 0 : urgentInARow + 1
        slots[Int(entry.domain)].isUnderWay = true
        slots[Int(entry.domain)].due = nil
        return (Int(entry.domain), entry.due)
    }

    mutating func finish(_ domain: Int) { slots[domain].isUnderWay = false }

    mutating func nextInstant(after now: Instant) -> Instant? {
        promote(at: now)
        if !urgent.isEmpty || !patient.isEmpty { return bucket?.nextToken(after: now) ?? now }
        return waiting.min?.due.at
    }

    /// Moves due entries to their queues and drops stale ones.
    private mutating func promote(at now: Instant) {
        while let entry = waiting.min {
            let isCurrent = slots[Int(entry.domain)].number == entry.number
            guard !isCurrent || entry.due.at <= now else { break }
            waiting.removeMin()
            guard isCurrent else { continue }
            if entry.due.purpose.isUrgent { urgent.append(entry) } else { patient.append(entry) }
        }
        while let first = urgent.first, isStale(first) { urgent.removeFirst() }
        while let first = patient.first, isStale(first) { patient.removeFirst() }
    }

    /// Whether the first patient visit is late by `Schedule.longestInterval`.
    private func isStarving(at now: Instant) -> Bool {
        patient.first.map { $0.due.at + Schedule.longestInterval <= now } ?? false
    }

    private func isStale(_ entry: Entry) -> Bool { slots[Int(entry.domain)].number != entry.number }
}
