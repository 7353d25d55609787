import DNS
import DNSClient

/// What the monitor needs from a client: it takes a batch of questions and returns their exchanges, in order.
///
/// `ExchangeClient` asks over the network; a model can answer in its place.
package protocol Asking: Sendable {
    func exchanges(_ requests: [Request]) async -> [Exchange]
}

extension ExchangeClient: Asking {}

/// Puts one question to several servers and takes the first useful answer.
///
/// It asks in waves: one dead server costs no time, and with healthy servers few queries are enough.
struct Consultation: Sendable {
    let client: any Asking
    /// The order in which to ask; the first few usually suffice.
    let servers: [Endpoint]
    /// Set for resolvers, clear for authoritative servers.
    let recursionDesired: Bool
    /// How many are asked at once, wave after wave.
    let waves: [Int]

    static let waves = [2, 3, 5]
    /// For servers that many domains share, of which one answer is enough.
    static let politeWaves = [1, 2]

    init(client: any Asking, resolvers: [Endpoint], waves: [Int] = Self.waves) {
        self.client = client
        servers = resolvers
        recursionDesired = true
        self.waves = waves
    }

    init(client: any Asking, authoritative servers: [Endpoint], waves: [Int]) {
        self.client = client
        self.servers = servers
        recursionDesired = false
        self.waves = waves
    }

    /// The first usable answer: NOERROR or NXDOMAIN. `nil` if nobody gave one.
    func ask(_ question: Question) async -> Message? {
        await ask(question, isUseful: \.tells).useful
    }

    /// The result of asking.
    struct Advice: Sendable {
        /// The first useful answer.
        var useful: Message?
        /// The others that came before it.
        var useless: [Message] = []
    }

    func ask(_ question: Question, isUseful: @Sendable (Message) -> Bool) async -> Advice {
        var advice = Advice()
        var rest = servers[...]
        for size in waves {
            let wave = rest.prefix(size)
            rest = rest.dropFirst(size)
            guard !wave.isEmpty, !Task.isCancelled, await ask(wave, question, isUseful, &advice) else {
                break
            }
        }
        return advice
    }

    /// - Returns: whether another wave may follow: not after a useful answer, after the caller gave up, or after the
    ///   client shut down.
    private func ask(
        _ wave: ArraySlice<Endpoint>, _ question: Question, _ isUseful: @Sendable (Message) -> Bool,
        _ advice: inout Advice
    ) async -> Bool {
        await withTaskGroup(of: Outcome?.self) { group in
            for server in wave {
                let request = Request(server: server, question: question, recursionDesired: recursionDesired)
                group.addTask { await client.exchanges([request]).first?.outcome }
            }
            var isCancelled = false
            for await outcome in group {
                switch outcome {
                case .response(let message) where isUseful(message):
                    advice.useful = message
                    group.cancelAll()
                    return false
                case .response(let message): advice.useless.append(message)
                case .silent(.cancelled): isCancelled = true
                default: break
                }
            }
            return !isCancelled && !Task.isCancelled
        }
    }
}
