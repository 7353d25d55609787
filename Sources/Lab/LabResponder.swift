import DNS
import NIOCore
import Synchronization

/// Asks the model on behalf of one server's sockets.
struct LabResponder: Sendable {
    var id: LabServerID
    var world: SharedWorld
    var now: @Sendable () -> Instant

    func replies(to octets: [UInt8], over transport: LabTransport, from address: SocketAddress?) -> [LabReply]
    {
        let port = UInt16(truncatingIfNeeded: address?.port ?? 0)
        return world.withWorld { world in
            world.replies(of: id, to: octets, over: transport, sourcePort: port, at: now())
        }
    }

    /// What is wrong with the server's connections at this moment.
    var streamFault: LabStreamFault { world.withWorld { $0[mannersOf: id].stream } }
}

/// The replies of one channel that wait for their moment; they die with the channel.
struct WaitingReplies {
    private var timers: [Int: Scheduled<Void>] = [:]
    private var next = 0

    /// Claims a key, by which the timer is forgotten again when it has fired.
    mutating func nextKey() -> Int {
        next += 1
        return next
    }
    mutating func add(_ timer: Scheduled<Void>, key: Int) { timers[key] = timer }
    mutating func remove(_ key: Int) { timers[key] = nil }
    mutating func cancelAll() {
        for timer in timers.values { timer.cancel() }
        timers = [:]
    }
}

/// The connections of one server, so that a stopping server can close them.
final class OpenConnections: Sendable {
    private struct State {
        var isClosed = false
        var channels: [ObjectIdentifier: any Channel] = [:]
    }
    private let state = Mutex(State())

    /// Keeps a connection in the list until it closes. One that comes after `closeAll` is closed at once.
    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isLate = state.withLock { state in
            if !state.isClosed { state.channels[key] = channel }
            return state.isClosed
        }
        if isLate { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { state in state.channels[key] = nil }
        }
    }

    /// How many are open.
    var count: Int { state.withLock { $0.channels.count } }

    func closeAll() async {
        let channels = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels { try? await channel.close() }
    }
}
