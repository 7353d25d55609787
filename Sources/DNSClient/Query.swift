import DNS
import LDNS
import NIOCore

/// One request under way, from submission to its exchange.
struct Query {
    let request: Request
    let batch: Batch
    let index: Int
    /// The query's octets, ID aside.
    var octets: [UInt8]
    var usesEDNS = true
    var tries = 0
    var sent: Instant
    var usedTCP = false
    var place = Place.waiting
    /// What the last try that failed otherwise than by time said.
    var fault: Fault?
    /// Tries that were refused: only where all were does the query end as unreachable.
    var refusals = 0

    enum Place {
        case waiting
        case lane(Lane, id: UInt16)
        case stream(TCPExchange, id: UInt16)
    }

    enum Fault {
        case malformed(String)
        case unreachable(String)
    }

    /// Keeps what the server said wrong over its having refused: it is there.
    mutating func note(_ fault: Fault) {
        switch fault {
        case .malformed: self.fault = fault
        case .unreachable:
            refusals += 1
            if case .malformed = self.fault { return }
            self.fault = fault
        }
    }

    /// The outcome where no try brought an answer.
    var failedOutcome: Outcome {
        switch fault {
        case .malformed(let reason): .malformed(reason: reason)
        case .unreachable(let reason) where refusals >= tries: .silent(.unreachable(reason))
        case .unreachable, nil: .silent(.timeout)
        }
    }
}

/// The requests of one call, and who waits for them. Confined to the event loop once submitted.
final class Batch: @unchecked Sendable {
    let requests: [Request]
    let octets: [[UInt8]]
    var exchanges: [Exchange?]
    var slots: [Int] = []
    var isCancelled = false
    private var remaining: Int
    private var continuation: CheckedContinuation<[Exchange], Never>?

    /// Encodes each distinct question once, on the caller's thread.
    init(_ requests: [Request]) {
        self.requests = requests
        exchanges = Array(repeating: nil, count: requests.count)
        remaining = requests.count
        var known: [(question: Question, recursionDesired: Bool, octets: [UInt8])] = []
        octets = requests.map { request in
            let found = known.last {
                $0.recursionDesired == request.recursionDesired && $0.question.type == request.question.type
                    && $0.question.name == request.question.name
            }
            if let found { return found.octets }
            let octets = Self.encode(request, edns: true)
            if known.count >= 8 { known.removeFirst() }
            known.append((request.question, request.recursionDesired, octets))
            return octets
        }
    }

    /// A query's octets with ID 0; empty where ldns has no memory left, which ends the query as malformed.
    static func encode(_ request: Request, edns: Bool) -> [UInt8] {
        (try? QueryEncoder.encode(
            request.question, id: 0, recursionDesired: request.recursionDesired, edns: edns)) ?? []
    }

    /// To be called before any query can finish, or, where the batch was cancelled first, after: then the
    /// caller is woken at once.
    func wait(with continuation: CheckedContinuation<[Exchange], Never>) {
        self.continuation = continuation
        wakeIfDone()
    }

    func finish(_ index: Int, _ exchange: Exchange) {
        guard exchanges[index] == nil else { return }
        exchanges[index] = exchange
        remaining -= 1
        wakeIfDone()
    }

    private func wakeIfDone() {
        guard remaining == 0 else { return }
        continuation?.resume(returning: exchanges.map { $0! })
        continuation = nil
    }
}
