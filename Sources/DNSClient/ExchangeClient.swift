import DNS
import NIOCore
import NIOPosix

/// Asks DNS servers: many thousand questions at once, each answer matched by socket, server address and
/// port, message ID and question (RFC 5452 §9.1).
///
/// All of it runs on one event loop; a call hops there once for its whole batch.
package final class ExchangeClient: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let engine: Engine

    package init(configuration: Configuration) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        engine = Engine(configuration: configuration, loop: loop)
    }

    /// Asks one question. Cancelling the task ends it at once, with `.silent(.cancelled)`.
    package func exchange(_ request: Request) async -> Exchange {
        await exchanges([request])[0]
    }

    /// Asks all questions at once, and returns when the last is answered or given up, in the order of
    /// the requests. Equal requests leave from different ports. Cancelling the task ends them all.
    package func exchanges(_ requests: [Request]) async -> [Exchange] {
        guard !requests.isEmpty else { return [] }
        let batch = Batch(requests)
        let engine = engine
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.execute {
                    batch.wait(with: continuation)
                    engine.submit(batch)
                }
            }
        } onCancel: {
            loop.execute { engine.cancel(batch) }
        }
    }

    /// What has been done so far.
    package var statistics: Statistics {
        get async {
            let engine = engine
            return (try? await loop.submit { engine.snapshot }.get()) ?? Statistics()
        }
    }

    /// Ends what is under way as cancelled, and closes every socket. No call may follow.
    package func shutdown() async {
        let engine = engine
        try? await loop.submit { engine.close() }.get()
        try? await group.shutdownGracefully()
    }
}
