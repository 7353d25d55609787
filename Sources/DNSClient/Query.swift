import DNS
import NIOCore

/// One request under way, from submission to its exchange.
struct Query {
    let request: Request
    let batch: Batch
    let index: Int
    /// The query's octets, ID aside.
    var octets: [UInt8]
    var usesEDNS = true
    /// Whether EDNS was left out because the tries before had no answer.
    var isTriedWithoutEDNS = false
    var tries = 0
    var sent: Instant
    var usedTCP = false
    var place = Place.waiting
    /// The error of the last try that failed for another reason than time.
    var fault: Fault?
    /// Tries that were refused. The query ends as unreachable only if all were.
    var refusals = 0

    enum Place {
        case waiting
        case lane(Lane, id: UInt16)
        case stream(TCPExchange, id: UInt16)
    }

    enum Fault {
        case malformed(String)
        case bareError(ResponseCode)
        case unreachable(String)
    }

    /// A malformed answer counts more than a refusal: it shows that the server is there.
    mutating func note(_ fault: Fault) {
        switch fault {
        case .malformed, .bareError: self.fault = fault
        case .unreachable:
            refusals += 1
            switch self.fault {
            case .malformed, .bareError: return
            case .unreachable, nil: self.fault = fault
            }
        }
    }

    /// The outcome if no try brought an answer.
    var failedOutcome: Outcome {
        switch fault {
        case .malformed(let reason): .malformed(reason: reason)
        case .bareError(let code): .bareError(code)
        case .unreachable(let reason) where refusals >= tries: .silent(.unreachable(reason))
        case .unreachable, nil: .silent(.timeout)
        }
    }
}

/// The requests of one call, and the task that waits for them. After submission it is used only on the event loop.
final class Batch: @unchecked Sendable {
    let requests: [Request]
    let octets: [[UInt8]]
    /// Placeholders until `isDone` is set, so that a thousand answers are not copied once more at the end.
    private var exchanges: [Exchange]
    private var isDone: [Bool]
    var slots: [Int] = []
    var isCancelled = false
    private var remaining: Int
    private var continuation: CheckedContinuation<[Exchange], Never>?

    /// Encodes each distinct question once, on the caller's thread.
    init(_ requests: [Request]) {
        self.requests = requests
        exchanges = Array(repeating: .cancelled(at: Instant(nanoseconds: 0)), count: requests.count)
        isDone = Array(repeating: false, count: requests.count)
        remaining = requests.count
        var templates: [QueryTemplate] = []
        octets = requests.map { request in
            if let known = templates.first(where: { $0.fits(request) }) {
                return known.octets(asking: request.question.name)
            }
            let template = QueryTemplate(request, edns: true)
            templates.append(template)
            return template.octets(asking: request.question.name)
        }
    }

    /// To be called before any query can finish. If the batch was cancelled before that, it wakes the caller at once.
    func wait(with continuation: CheckedContinuation<[Exchange], Never>) {
        self.continuation = continuation
        wakeIfDone()
    }

    func finish(_ index: Int, _ exchange: Exchange) {
        guard !isDone[index] else { return }
        isDone[index] = true
        exchanges[index] = exchange
        remaining -= 1
        wakeIfDone()
    }

    private func wakeIfDone() {
        guard remaining == 0, let continuation else { return }
        self.continuation = nil
        let exchanges = exchanges
        self.exchanges = []
        continuation.resume(returning: exchanges)
    }
}
