import DNS
import Synchronization

/// Remembers for a while what was learnt about a name, and lets tasks that ask at the same time share one look-up. In
/// bulk, thousands of domains have the same few name servers and exchanges.
///
/// The first task that asks runs the look-up, the others wait. If the first task is cancelled, one of the others takes
/// over. A task that is cancelled while it waits leaves at once.
final class SingleFlight<Value: Sendable>: Sendable {
    private enum Entry {
        case underWay(waiting: [Int: CheckedContinuation<Landing, Never>])
        case done(Value?, expires: Instant)
    }

    /// How a look-up by another task ended.
    private enum Landing {
        case done(Value?)
        /// Without a result, or the waiting task was cancelled.
        case abandoned
    }

    private struct State {
        var entries: [DomainName: Entry] = [:]
        var ticketsGiven = 0
    }

    private enum Role {
        case knowing(Value?)
        case waiting(ticket: Int)
        case looking
    }

    private let state = Mutex(State())
    private let lifetime: Duration
    private let now: @Sendable () -> Instant

    /// How many names are remembered; after that the memory starts empty again.
    private static var capacity: Int { 10_000 }
    /// How long a look-up without a result is remembered. It is short: one lost packet must not hide a name for
    /// minutes.
    static var failureLifetime: Duration { .seconds(10) }

    init(lifetime: Duration, now: @escaping @Sendable () -> Instant) {
        self.lifetime = lifetime
        self.now = now
    }

    /// The remembered value, or what `lookUp` gives; `nil` if nothing was learnt, or if the calling
    /// task is cancelled.
    func value(for name: DomainName, lookUp: @Sendable () async -> Value?) async -> Value? {
        while true {
            switch role(for: name) {
            case .knowing(let value): return value
            case .waiting(let ticket):
                if case .done(let value) = await wait(for: name, ticket: ticket) { return value }
                if Task.isCancelled { return nil }
            case .looking:
                let value = await lookUp()
                land(name, value == nil && Task.isCancelled ? .abandoned : .done(value))
                return value
            }
        }
    }

    private func role(for name: DomainName) -> Role {
        let now = now()
        return state.withLock { state in
            switch state.entries[name] {
            case .done(let value, let expires) where expires > now: return .knowing(value)
            case .underWay:
                state.ticketsGiven += 1
                return .waiting(ticket: state.ticketsGiven)
            default:
                if state.entries.count >= Self.capacity {
                    state.entries = state.entries.filter {
                        if case .underWay = $0.value { true } else { false }
                    }
                }
                state.entries[name] = .underWay(waiting: [:])
                return .looking
            }
        }
    }

    private func land(_ name: DomainName, _ landing: Landing) {
        let now = now()
        let waiting = state.withLock { state in
            guard case .underWay(let waiting)? = state.entries[name] else {
                return [Int: CheckedContinuation<Landing, Never>]()
            }
            if case .done(let value) = landing {
                let kept = value == nil ? Self.failureLifetime : lifetime
                state.entries[name] = .done(value, expires: now + kept)
            } else {
                state.entries[name] = nil
            }
            return waiting
        }
        for continuation in waiting.values { continuation.resume(returning: landing) }
    }

    private func wait(for name: DomainName, ticket: Int) async -> Landing {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let landing = state.withLock { state -> Landing? in
                    // `leave` takes the same lock: either this sees the cancellation, or `leave` finds the entry.
                    if Task.isCancelled { return .abandoned }
                    switch state.entries[name] {
                    case .underWay(var waiting):
                        waiting[ticket] = continuation
                        state.entries[name] = .underWay(waiting: waiting)
                        return nil
                    // The look-up ended between the first look at it and here.
                    case .done(let value, expires: _): return .done(value)
                    case nil: return .abandoned
                    }
                }
                if let landing { continuation.resume(returning: landing) }
            }
        } onCancel: {
            leave(name, ticket: ticket)
        }
    }

    private func leave(_ name: DomainName, ticket: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Landing, Never>? in
            guard case .underWay(var waiting)? = state.entries[name],
                let continuation = waiting.removeValue(forKey: ticket)
            else { return nil }
            state.entries[name] = .underWay(waiting: waiting)
            return continuation
        }
        continuation?.resume(returning: .abandoned)
    }
}
