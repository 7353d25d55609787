import DNS
import Glibc

/// One line on standard error that tells how far a long run is; nothing where that is no terminal.
struct Progress {
    private let total: Int
    private let began: Instant
    private let now: @Sendable () -> Instant
    private var shownAt: Instant
    private var isShown = false
    private let isActive: Bool

    /// The line appears after this time, and is drawn anew as often.
    private static let interval: Duration = .milliseconds(500)

    init(total: Int, now: @escaping @Sendable () -> Instant) {
        self.total = total
        self.now = now
        began = now()
        shownAt = began
        isActive = StandardError.isTerminal && total > 1
    }

    /// Before the first domain is done: how long it will take, as far as the rates tell.
    mutating func announce(_ estimate: Duration) {
        guard isActive, estimate >= .seconds(10) else { return }
        isShown = true
        let seconds = estimate.components.seconds
        StandardError.write(
            "\r\u{1B}[K0 of \(total) domains, about \(seconds / 60) min \(seconds % 60) s,"
                + " more for those that have switched")
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

    /// Takes the line away, before other text comes.
    mutating func clear() {
        guard isShown else { return }
        isShown = false
        StandardError.write("\r\u{1B}[K")
    }
}
