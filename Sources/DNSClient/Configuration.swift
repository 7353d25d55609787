import DNS
import Glibc

/// How much an `ExchangeClient` may ask, and how fast.
package struct Configuration: Sendable {
    /// How long one try waits for its answer. Default 2 s; from 10 ms to 60 s make sense.
    package var timeout: Duration = .seconds(2)
    /// Tries for one question, the first included. Default 3, at least 1.
    package var tries = 3
    /// Most questions at once, over all servers. Default 1,000: enough for a list of distant servers, and few enough that
    /// the answers fit into the sockets' buffers.
    package var inFlightLimit = 1_000
    /// Most queries per second to one address, unless `rates` has another value. Default 20: far below the limits of
    /// public resolvers (Google names 1,500).
    package var defaultRate = Configuration.defaultRate
    package var rates: [Endpoint: Double] = [:]
    /// The same for authoritative servers that are polled; those of the zones above keep to `defaultRate`.
    package var authorityRate = Configuration.defaultRate
    /// Most source ports at once for one server. Default 8: more than the samples of one sweep, so that each sample
    /// leaves from another port.
    package var portsPerServer = 8
    /// Most open sockets at once. Default: half of what the process may have, at most 2,048.
    package var socketLimit = Self.affordableSockets
    /// The monotonic clock.
    package var now: @Sendable () -> Instant

    package static let defaultRate = 20.0

    package init(now: @escaping @Sendable () -> Instant) {
        self.now = now
    }

    /// The same, with every value moved into the range that the client can use.
    var sane: Configuration {
        var sane = self
        sane.timeout = min(max(timeout, .milliseconds(1)), .seconds(3_600))
        sane.tries = max(1, tries)
        sane.inFlightLimit = max(1, inFlightLimit)
        sane.portsPerServer = max(1, portsPerServer)
        sane.socketLimit = max(1, socketLimit)
        return sane
    }

    private static var affordableSockets: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        return max(8, min(Int(clamping: limit.rlim_cur) / 2, 2_048))
    }
}
