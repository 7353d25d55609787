import DNS
import Glibc
import History
import Propagation

/// Measures how large a history grows in a year: many domains that each move once, and resolvers that turn
/// back now and then, as runs store them. Prints one line with the file's size.
///
///     scale year DOMAINS RESOLVERS FILE [always]
///
/// With `always`, every resolver of every domain turns back and forth daily; 30 changes of each are kept.
struct Year {
    let domains: Int
    let resolvers: [ResolverIdentity]
    let path: String
    let flapsDaily: Bool

    private static let day: Int64 = 86_400
    private static let start: Int64 = 1_000_000
    private static let oldTTL = 86_400
    private static let newTTL = 600

    func run() throws {
        unlink(path)
        let store = try HistoryStore(path: path, boot: "year")
        for first in stride(from: 0, to: domains, by: 50) {
            var entries: [HistoryEntry] = []
            for domain in first..<min(first + 50, domains) { entries += try story(of: domain) }
            for part in stride(from: 0, to: entries.count, by: 500) {
                try store.save(Array(entries[part..<min(part + 500, entries.count)]))
            }
        }
        var size = stat()
        var bytes = 0
        for ending in ["", "-wal"] where stat(path + ending, &size) == 0 { bytes += Int(size.st_size) }
        print("domains=\(domains) resolvers=\(resolvers.count) bytes=\(bytes)")
    }

    private func story(of domain: Int) throws -> [HistoryEntry] {
        var teller = Teller(
            DomainTracker(
                domain: DomainName(stringLiteral: "domain-\(domain).example"), target: .qboxmail,
                policy: Policy(), resolvers: resolvers))
        teller.poll("mail.old-provider.example", ttl: Self.oldTTL, serial: 1, at: Self.start)
        for index in resolvers.indices {
            teller.sample("mail.old-provider.example", ttl: Self.oldTTL, of: index, at: Self.start)
        }
        teller.poll("mail.old-provider.example", ttl: Self.newTTL, serial: 2, at: Self.start + Self.day)
        let switched = Self.start + 4 * Self.day
        teller.poll("mx01.cbsolt.net", ttl: Self.newTTL, serial: 3, at: switched)
        for index in resolvers.indices {
            let flip = switched + Int64(20 * (index + 1))
            for confirmation in 0..<3 {
                teller.sample(
                    "mx01.cbsolt.net", ttl: Self.newTTL, of: index, at: flip + Int64(confirmation * 10))
            }
        }
        for day in 5..<(flapsDaily ? 25 : 365) {
            let now = Self.start + Int64(day) * Self.day
            if day % 30 == 0 {
                teller.poll("mx01.cbsolt.net", ttl: Self.newTTL, serial: UInt32(day), at: now)
            }
            let turning =
                flapsDaily ? Array(resolvers.indices) : day % 30 == 0 ? [domain % resolvers.count] : []
            for index in turning {
                teller.sample("mail.old-provider.example", ttl: Self.newTTL, of: index, at: now + 100)
                teller.sample("mx01.cbsolt.net", ttl: Self.newTTL, of: index, at: now + 800)
            }
        }
        return teller.entries
    }
}

/// Makes the entries of one domain as a watch would.
private struct Teller {
    private var tracker: DomainTracker
    private(set) var entries: [HistoryEntry] = []

    init(_ tracker: DomainTracker) { self.tracker = tracker }

    mutating func poll(_ exchange: DomainName, ttl: Int, serial: UInt32, at seconds: Int64) {
        let now = Instant(seconds: seconds)
        let servers = (1...2).map {
            AuthorityIdentity(
                name: DomainName(stringLiteral: "ns\($0).example.net"),
                endpoint: Endpoint(.v4(0xC633_6400 + UInt32($0))))
        }
        let delegation = Delegation(
            zone: tracker.domain, servers: servers, nameServerTTL: TTL(seconds: 3_600))
        tracker.authority.apply(delegation, at: now)
        let start = StartOfAuthority(
            primary: "ns1.example.net", serial: SerialNumber(serial), refresh: 3_600, minimum: 300)
        for index in servers.indices {
            let reading = reading(exchange, ttl: ttl, isAuthoritative: true)
            tracker.authority.record(reading, server: index, at: now, roundTrip: nil)
            tracker.authority.record(start, server: index, at: now)
        }
        conclude(at: now, .domain([]))
    }

    mutating func sample(_ exchange: DomainName, ttl: Int, of resolver: Int, at seconds: Int64) {
        let now = Instant(seconds: seconds)
        tracker.record(reading(exchange, ttl: ttl, isAuthoritative: false), resolver: resolver, at: now)
        conclude(at: now, .resolvers([resolver]))
    }

    private mutating func conclude(at now: Instant, _ scope: HistoryEntry.Scope) {
        let wall = WallTime(milliseconds: 1_800_000_000_000 + now.nanoseconds / 1_000_000)
        let events = tracker.conclude(at: now).map { (at: now, event: $0) }
        entries.append(
            HistoryEntry(
                tracker, at: ClockReading(instant: now, wall: wall), events: events, scope: scope))
    }

    private func reading(_ exchange: DomainName, ttl: Int, isAuthoritative: Bool) -> Reading {
        var message = Message(isAuthoritative: isAuthoritative, question: Question(tracker.domain, .mx))
        message.answer = [
            ResourceRecord(
                owner: tracker.domain, type: .mx, ttl: TTL(seconds: ttl),
                data: .mx(MailExchange(preference: 10, exchange: exchange)))
        ]
        return Reading(of: .response(message), domain: tracker.domain, target: tracker.target)
    }
}
