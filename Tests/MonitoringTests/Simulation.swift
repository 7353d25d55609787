import DNS
import Foundation
import Monitoring

/// Simulated time: everything runs on one thread here, and when nothing is left to run the clock jumps to
/// the next sleeper. Nothing waits in real time.
final class Simulation: TaskExecutor, @unchecked Sendable {
    private struct Sleeper {
        var at: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var sleepers: [Int: Sleeper] = [:]
    private var cancelled: Set<Int> = []
    private var nextKey = 0
    private var time: Instant
    private var isOver = false

    init(startingAt time: Instant = Instant(seconds: 1_000)) { self.time = time }

    var now: Instant { condition.withLock { time } }

    /// A clock that only this simulation moves; the wall shows the same number of milliseconds.
    var clock: MonitorClock {
        MonitorClock(
            now: { self.now },
            read: {
                let now = self.now
                return ClockReading(instant: now, wall: WallTime(milliseconds: now.nanoseconds / 1_000_000))
            },
            sleep: { try await self.sleep(until: $0) })
    }

    /// Runs `body` to its end on simulated time; once more goes on where the last run ended.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
        condition.withLock { isOver = false }
        async let working: Void = withCheckedContinuation { ended in
            Thread {
                self.work()
                ended.resume()
            }.start()
        }
        let result = await withTaskExecutorPreference(self) { await body() }
        condition.withLock {
            isOver = true
            condition.signal()
        }
        // Two threads at once would move the clock under each other's feet.
        await working
        return result
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    func sleep(until instant: Instant) async throws {
        let key = condition.withLock {
            nextKey += 1
            return nextKey
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = condition.withLock {
                    if cancelled.remove(key) != nil { return true }
                    sleepers[key] = Sleeper(at: instant, continuation: continuation)
                    condition.signal()
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = condition.withLock {
                let sleeper = sleepers.removeValue(forKey: key)
                if sleeper == nil { cancelled.insert(key) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private enum Step {
        case run(UnownedJob)
        case wake(Sleeper)
        case end
    }

    private func work() {
        while true {
            switch nextStep() {
            case .run(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .wake(let sleeper): sleeper.continuation.resume()
            case .end: return
            }
        }
    }

    private func nextStep() -> Step {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty, sleepers.isEmpty, !isOver { condition.wait() }
        if !jobs.isEmpty { return .run(jobs.removeFirst()) }
        guard !isOver,
            let (key, sleeper) = sleepers.min(by: {
                ($0.value.at, $0.key) < ($1.value.at, $1.key)
            })
        else {
            return .end
        }
        sleepers[key] = nil
        time = max(time, sleeper.at)
        return .wake(sleeper)
    }
}
