import DNS
import Glibc

/// One line on standard error that tells how far a long run is. It is shown only on a terminal.
struct Progress {
    private let total: Int
    private let began: Instant
    private let now: @Sendable () -> Instant
    private var shownAt: Instant
    private var isShown = false
    private let isActive: Bool

    /// The line appears after this time, and changes at most this often.
    private static let interval: Duration = .milliseconds(500)

    init(total: Int, now: @escaping @Sendable () -> Instant) {
        self.total = total
        self.now = now
        began = now()
        shownAt = began
        isActive = StandardError.isTerminal && total > 1
    }

    /// Shows, before the first domain is done, how long the run will take by the rates.
    mutating func announce(_ estimate: Duration) {
        guard isActive, estimate >= .seconds(10) else { return }
        isShown = true
        let seconds = estimate.components.seconds
        StandardError.write(
            "\r\u{1B}[K0 of \(total) domains, about \(seconds / 60) min \(seconds % 60) s,"
                + " longer for domains that have switched")
    }

    mutating func show(done: Int) {
        guard isActive else { return }
        let instant = now()
        guard instant - shownAt >= Self.interval else { return }
        shownAt = instant
        isShown = true
        let elapsed = (instant - began).inSeconds
        let left = done > 0 ? Int(elapsed / Double(done) * Double(total - done)) : 0
        let remaining = done > 0 ? ", about \(left / 60) min \(left % 60) s left" : ""
        StandardError.write("\r\u{1B}[K\(done) of \(total) domains\(remaining)")
    }

    /// Removes the line before other text comes.
    mutating func clear() {
        guard isShown else { return }
        isShown = false
        StandardError.write("\r\u{1B}[K")
    }
}
