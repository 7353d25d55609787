import DNS
import NIOCore
import NIOPosix
import Synchronization

/// Asks DNS servers: many thousand questions at once, each answer matched by socket, server address and
/// port, message ID and question (RFC 5452 §9.1).
///
/// Everything runs on one event loop; a call switches to it once for its whole batch.
package final class ExchangeClient: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let engine: Engine
    /// Set when the loop takes no more work. The lock is held while work is handed over, so that no work is lost.
    private let isShutDown = Mutex(false)
    /// What was counted until the shutdown.
    private let final = Mutex(Statistics())

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
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = onLoop { engine in
                    batch.wait(with: continuation)
                    engine.submit(batch)
                }
                guard !isTaken else { return }
                let now = engine.configuration.now()
                continuation.resume(returning: requests.map { _ in .cancelled(at: now) })
            }
        } onCancel: {
            // If the task was cancelled before, this runs first, and the batch remembers it.
            _ = onLoop { engine in engine.cancel(batch) }
        }
    }

    /// Runs `work` on the event loop; `false` if that is gone.
    private func onLoop(_ work: @escaping @Sendable (Engine) -> Void) -> Bool {
        isShutDown.withLock { isShutDown in
            guard !isShutDown else { return false }
            let engine = engine
            loop.execute { work(engine) }
            return true
        }
    }

    /// What has been done so far.
    package var statistics: Statistics {
        get async {
            await withCheckedContinuation { continuation in
                let isTaken = onLoop { engine in continuation.resume(returning: engine.snapshot) }
                // The loop's thread has ended: nothing changes the engine any more.
                if !isTaken { continuation.resume(returning: final.withLock { $0 }) }
            }
        }
    }

    /// Ends what is under way as cancelled, and closes every socket. Later questions are cancelled at once.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            let isFirst = isShutDown.withLock { isShutDown in
                guard !isShutDown else { return false }
                isShutDown = true
                let engine = engine
                loop.execute { [self] in
                    engine.close()
                    final.withLock { $0 = engine.snapshot }
                    continuation.resume()
                }
                return true
            }
            if !isFirst { continuation.resume() }
        }
        try? await group.shutdownGracefully()
    }
}
