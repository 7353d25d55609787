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
            if let message = await askWave(wave, question) { return message }
        }
        return nil
    }

    private func askWave(_ wave: ArraySlice<Endpoint>, _ question: Question) async -> Message? {
        await withTaskGroup(of: Message?.self) { group in
            for server in wave {
                group.addTask {
                    let request = Request(server: server, question: question, recursionDesired: true)
                    let exchanges = await client.exchanges([request])
                    guard case .response(let message)? = exchanges.first?.outcome else { return nil }
                    let isRefused = message.edns?.extendedErrors.contains(where: \.isRefusal) ?? false
                    let isUseful = message.responseCode == .noError || message.responseCode == .nameError
                    return isUseful && !isRefused ? message : nil
                }
            }
            for await message in group {
                guard let message else { continue }
                group.cancelAll()
                return message
            }
            return nil
        }
    }
}
