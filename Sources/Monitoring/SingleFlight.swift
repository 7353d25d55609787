import DNS

/// Remembers what was learnt about a name for a while, and lets those who ask at the same time share
/// one look-up: in bulk, thousands of domains have the same few name servers and exchanges.
actor SingleFlight<Value: Sendable> {
    private struct Entry {
        var task: Task<Value, Never>
        var expires: Instant
    }

    private var entries: [DomainName: Entry] = [:]
    private let lifetime: Duration
    private let now: @Sendable () -> Instant

    /// How many names are remembered; beyond that the memory starts anew.
    private static var capacity: Int { 10_000 }

    init(lifetime: Duration, now: @escaping @Sendable () -> Instant) {
        self.lifetime = lifetime
        self.now = now
    }

    /// The remembered value, or what `lookUp` gives; `nil` where the waiting task is cancelled meanwhile
    /// leaves the look-up running for the others.
    func value(for name: DomainName, lookUp: @escaping @Sendable () async -> Value) async -> Value {
        if let entry = entries[name], entry.expires > now() { return await entry.task.value }
        if entries.count >= Self.capacity { entries.removeAll() }
        let task = Task { await lookUp() }
        entries[name] = Entry(task: task, expires: now() + lifetime)
        return await task.value
    }

    /// Forgets one name, so that the next look-up asks anew.
    func forget(_ name: DomainName) {
        entries[name] = nil
    }
}
