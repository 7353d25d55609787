import DNS
import DNSClient
import LDNS
import Lab
import Monitoring
import Propagation

/// Answers from a laboratory world at the clock's instant, through the octets that its servers send.
final class WorldClient: Asking {
    let world: SharedWorld
    private let endpoints: [Endpoint: LabServerID]
    private let clock: MonitorClock
    private let asked = Locked<[(at: Instant, Request)]>([])
    /// Servers that answer nothing, and those that answer with a failure.
    private let dead = Locked<Set<Endpoint>>([])
    private let failing = Locked<[Endpoint: ResponseCode]>([:])

    /// Give-up time of a question, all tries included.
    static let patience: Duration = .seconds(6)
    static let roundTrip: Duration = .milliseconds(20)

    init(_ world: LabWorld, at endpoints: [Endpoint: LabServerID], clock: MonitorClock) {
        self.world = SharedWorld(world)
        self.endpoints = endpoints
        self.clock = clock
    }

    var requests: [Request] { asked.withLock { $0.map(\.1) } }
    /// When a server was asked about a type.
    func instants(of server: Endpoint, _ type: RecordType) -> [Instant] {
        asked.withLock { $0.filter { $0.1.server == server && $0.1.question.type == type }.map(\.at) }
    }
    func kill(_ endpoints: [Endpoint]) { dead.withLock { $0.formUnion(endpoints) } }
    func fail(_ endpoints: [Endpoint], with code: ResponseCode) {
        failing.withLock { failing in for endpoint in endpoints { failing[endpoint] = code } }
    }
    func revive() {
        dead.withLock { $0 = [] }
        failing.withLock { $0 = [:] }
    }

    func exchanges(_ requests: [Request]) async -> [Exchange] {
        let sent = clock.now()
        asked.withLock { $0 += requests.map { (sent, $0) } }
        let outcomes = requests.map { outcome(of: $0, at: sent) }
        let isComplete = !outcomes.contains(.silent(.timeout))
        do {
            try await clock.sleep(sent + (isComplete ? Self.roundTrip : Self.patience))
        } catch {
            let now = clock.now()
            return outcomes.map { _ in Exchange(outcome: .silent(.cancelled), sent: sent, received: now) }
        }
        return outcomes.map { outcome in
            let took = outcome == .silent(.timeout) ? Self.patience : Self.roundTrip
            return Exchange(outcome: outcome, sent: sent, received: sent + took)
        }
    }

    private func outcome(of request: Request, at now: Instant) -> Outcome {
        if let code = failing.withLock({ $0[request.server] }) {
            return .response(Message(responseCode: code, question: request.question))
        }
        guard let server = endpoints[request.server], dead.withLock({ !$0.contains(request.server) }),
            let query = try? QueryEncoder.encode(
                request.question, id: 7, recursionDesired: request.recursionDesired,
                validation: request.validation)
        else { return .silent(.timeout) }
        let octets = world.withWorld { world in
            world.replies(
                of: server, to: query, over: .tcp, sourcePort: UInt16.random(in: 1024...65535), at: now
            ).first?.octets
        }
        guard let octets else { return .silent(.timeout) }
        do {
            return .response(try MessageDecoder.decode(octets, question: request.question))
        } catch {
            return .malformed(reason: "\(error)")
        }
    }
}

/// Answers from a function, and counts how many batches are under way.
final class ScriptedClient: Asking {
    struct Tally: Sendable {
        var requests: [Request] = []
        var batches: [[Request]] = []
        var underWay: [DomainName: Int] = [:]
        var mostDomainsUnderWay = 0
    }
    private let answer: @Sendable (Request) async -> Outcome
    private let received: @Sendable (Int, Request) -> Instant
    let tally = Locked(Tally())

    init(
        received: @escaping @Sendable (Int, Request) -> Instant = { _, _ in at(0) },
        _ answer: @escaping @Sendable (Request) async -> Outcome
    ) {
        self.answer = answer
        self.received = received
    }

    var requests: [Request] { tally.withLock { $0.requests } }

    func exchanges(_ requests: [Request]) async -> [Exchange] {
        tally.withLock { tally in
            tally.requests += requests
            tally.batches.append(requests)
            for request in requests { tally.underWay[request.question.name, default: 0] += 1 }
            let domains = tally.underWay.values.count { $0 > 0 }
            tally.mostDomainsUnderWay = max(tally.mostDomainsUnderWay, domains)
        }
        await Task.yield()
        var exchanges: [Exchange] = []
        for (index, request) in requests.enumerated() {
            exchanges.append(
                Exchange(
                    outcome: await answer(request), sent: at(0), received: received(index, request)))
        }
        tally.withLock { tally in
            for request in requests { tally.underWay[request.question.name, default: 0] -= 1 }
        }
        return exchanges
    }
}

func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

/// A clock that stands still at second 0.
let standingClock = MonitorClock(
    now: { at(0) }, read: { ClockReading(instant: at(0), wall: WallTime(milliseconds: 0)) },
    sleep: { _ in try await Task.sleep(for: .seconds(3600)) })

/// Short ways to make records and answers.
enum Make {
    static func record(_ owner: DomainName, _ type: RecordType, _ data: RecordData, ttl: Int = 600)
        -> ResourceRecord
    {
        ResourceRecord(owner: owner, type: type, ttl: TTL(seconds: ttl), data: data)
    }
    static func soa(_ owner: DomainName, serial: UInt32 = 1) -> ResourceRecord {
        record(
            owner, .soa,
            .soa(
                StartOfAuthority(
                    primary: "ns1.example.it", serial: SerialNumber(serial), refresh: 3600, minimum: 300)))
    }
    static func address(_ owner: DomainName, _ text: String) -> ResourceRecord {
        let address = IPAddress(text)!
        return record(owner, address.isV6 ? .aaaa : .a, .address(address))
    }
    static func mx(_ owner: DomainName, _ exchange: DomainName, ttl: Int = 600) -> ResourceRecord {
        record(owner, .mx, .mx(MailExchange(preference: 10, exchange: exchange)), ttl: ttl)
    }
    static func answer(
        _ request: Request, _ records: [ResourceRecord] = [], authority: [ResourceRecord] = [],
        code: ResponseCode = .noError
    ) -> Outcome {
        .response(
            Message(
                isAuthoritative: !request.recursionDesired, responseCode: code, question: request.question,
                answer: records, authority: authority))
    }
    static func resolvers(_ count: Int) -> [ResolverIdentity] {
        (0..<count).map { ResolverIdentity(name: "r\($0)", endpoint: Endpoint("127.0.0.1:\(5300 + $0)")!) }
    }
}
