import DNS
import DNSClient

/// What the monitor needs of a client: a batch of questions out, their exchanges back, in order.
///
/// `ExchangeClient` asks over the network; a model can answer in its place.
package protocol Asking: Sendable {
    func exchanges(_ requests: [Request]) async -> [Exchange]
}

extension ExchangeClient: Asking {}

/// Puts one question to several resolvers and takes the first useful answer.
///
/// They are asked in waves, so that one dead resolver costs no time and a healthy list few queries.
struct Consultation: Sendable {
    let client: any Asking
    /// The order in which to ask; the first few usually suffice.
    let resolvers: [Endpoint]

    /// How many resolvers are asked at once, wave after wave.
    static let waves = [2, 3, 5]

    /// The first answer that says something: NOERROR or NXDOMAIN. `nil` where nobody gave one.
    func ask(_ question: Question) async -> Message? {
        var rest = resolvers[...]
        for size in Self.waves {
            let wave = rest.prefix(size)
            guard !wave.isEmpty else { return nil }
            rest = rest.dropFirst(size)
            switch await askWave(wave, question) {
            case .told(let message): return message
            case .cancelled: return nil
            case .nothing: continue
            }
        }
        return nil
    }

    private enum Reply: Sendable {
        case told(Message)
        case nothing
        /// The caller gave up, or the client shut down: no further wave may follow.
        case cancelled
    }

    private func askWave(_ wave: ArraySlice<Endpoint>, _ question: Question) async -> Reply {
        await withTaskGroup(of: Reply.self) { group in
            for server in wave {
                group.addTask { await ask(server, question) }
            }
            var isCancelled = false
            for await reply in group {
                if case .told = reply {
                    group.cancelAll()
                    return reply
                }
                if case .cancelled = reply { isCancelled = true }
            }
            return isCancelled || Task.isCancelled ? .cancelled : .nothing
        }
    }

    private func ask(_ server: Endpoint, _ question: Question) async -> Reply {
        let request = Request(server: server, question: question, recursionDesired: true)
        switch await client.exchanges([request]).first?.outcome {
        case .response(let message):
            let isRefused = message.edns?.extendedErrors.contains(where: \.isRefusal) ?? false
            let isUseful = message.responseCode == .noError || message.responseCode == .nameError
            return isUseful && !isRefused ? .told(message) : .nothing
        case .silent(.cancelled): return .cancelled
        default: return .nothing
        }
    }
}
