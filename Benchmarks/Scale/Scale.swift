import DNS
import DNSClient
import Glibc
import History
import Monitoring
import Propagation
import Synchronization

/// Measures an idle large watch: the real watcher in real time, over made-up answers. Prints one line: share
/// of a core, resident memory, questions a second; with a history also how long the watch ever waited for it.
///
///     scale [DOMAINS [RESOLVERS [SECONDS [HISTORY]]]]
@main
struct Scale {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        if words.first == "year" { return try year(Array(words.dropFirst())) }
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let domains = numbers.first ?? 10_000
        let resolvers = numbers.dropFirst().first ?? 30
        // One round of look-outs.
        let seconds = numbers.dropFirst(2).first ?? 300
        let client = MadeUpAnswers()
        let recorder = try words.dropFirst(3).first.map { path in
            unlink(path)
            return Recording(try HistoryStore(path: path, boot: "scale"))
        }
        var watcher = watcher(client, domains: domains, resolvers: resolvers, recorder)
        let watching = Task { await watcher.run() }

        await client.untilQuiet()
        let (started, before, asked) = (Clocks.monotonic, Clocks.processor, client.count)
        try? await Task.sleep(for: .seconds(seconds))
        let elapsed = (Clocks.monotonic - started).inSeconds
        let share = (Clocks.processor - before).inSeconds / elapsed
        let questions = Double(client.count - asked) / elapsed
        print(
            "domains=\(domains) resolvers=\(resolvers) seconds=\(seconds) core_percent=\(share * 100)"
                + " questions_per_second=\(questions) resident_bytes=\(Memory.resident)"
                + " peak_bytes=\(Memory.peak)" + (recorder?.figures ?? ""))
        watching.cancel()
        _ = await watching.value
        await recorder?.finish()
    }

    private static func year(_ words: [String]) throws {
        guard words.count >= 3, let domains = Int(words[0]), let resolvers = Int(words[1]) else {
            print("usage: scale year DOMAINS RESOLVERS FILE [always]")
            exit(64)
        }
        try Year(
            domains: domains, resolvers: identities(resolvers), path: words[2],
            flapsDaily: words.dropFirst(3).first == "always"
        ).run()
    }

    private static func identities(_ count: Int) -> [ResolverIdentity] {
        (0..<count).map {
            ResolverIdentity(name: "resolver-\($0)", endpoint: Endpoint(.v4(0x7F01_0000 + UInt32($0))))
        }
    }

    private static func watcher(
        _ client: MadeUpAnswers, domains: Int, resolvers: Int, _ recorder: Recording?
    ) -> Watcher {
        let clock = MonitorClock(
            now: { Clocks.monotonic },
            read: { ClockReading(instant: Clocks.monotonic, wall: WallTime(milliseconds: 0)) },
            sleep: { instant in
                let left = instant - Clocks.monotonic
                if left > .zero { try await Task.sleep(for: left, tolerance: .zero) }
            })
        let servers = [Endpoint(.v4(0x7F02_0001)), Endpoint(.v4(0x7F02_0002))]
        let monitor = Monitor(
            client: client, resolvers: identities(resolvers),
            settings: MonitorSettings(authority: .given(servers)),
            clock: clock)
        let names = (0..<domains).map { DomainName(stringLiteral: "domain-\($0).example") }
        // High rates, so that the first sweep ends soon: the look-outs are measured.
        return Watcher(
            monitor: monitor, trackers: names.map(monitor.tracker(for:)), condition: .decommission,
            rates: Dictionary(uniqueKeysWithValues: identities(resolvers).map { ($0.endpoint, 2_000) }),
            authorityRate: 2_000, onEvent: { event, tracker in recorder?.take(event, tracker) })
    }
}

/// The history, and how long the watch waited for it.
private final class Recording: Sendable {
    private let recorder: HistoryRecorder
    private let longest = Atomic<Int64>(0)
    private let long = Atomic<Int>(0)
    private let all = Atomic<Int>(0)
    private let written = Atomic<Int>(0)

    init(_ store: HistoryStore) { recorder = HistoryRecorder(store) { print("history: \($0)") } }

    var figures: String {
        " longest_wait_us=\(longest.load(ordering: .relaxed) / 1_000) waits=\(all.load(ordering: .relaxed))"
            + " waits_over_1_ms=\(long.load(ordering: .relaxed)) written=\(written.load(ordering: .relaxed))"
    }

    func take(_ event: WatchEvent, _ tracker: DomainTracker) {
        let began = Clocks.monotonic
        var entry: HistoryEntry?
        if case .learnt(let news) = event.kind {
            entry = HistoryEntry(
                tracker, at: ClockReading(instant: began, wall: WallTime(milliseconds: 0)),
                concluded: news.events, at: event.at, resolvers: news.resolvers,
                concernsDomain: news.concernsDomain)
        }
        if entry != nil { written.add(1, ordering: .relaxed) }
        recorder.put(entry) {}
        let waited = (Clocks.monotonic - began).wholeNanoseconds
        longest.max(waited, ordering: .relaxed)
        all.add(1, ordering: .relaxed)
        if waited > 1_000_000 { long.add(1, ordering: .relaxed) }
    }

    func finish() async {
        if let error = await recorder.finish() { print("history: \(error)") }
    }
}

/// Answers every question at once, with the target.
private final class MadeUpAnswers: Asking {
    private let asked = Atomic<Int>(0)
    private let askedOfResolvers = Atomic<Int>(0)
    var count: Int { asked.load(ordering: .relaxed) }

    /// Waits until the first sweeps and their confirmations are over: fewer than 200 questions to resolvers
    /// in 5 s. The authoritative servers are asked every 30 s throughout.
    func untilQuiet() async {
        var before = 0
        while true {
            try? await Task.sleep(for: .seconds(5))
            let now = askedOfResolvers.load(ordering: .relaxed)
            if now > 0, now - before < 200 { return }
            before = now
        }
    }

    func exchanges(_ requests: [Request]) async -> [Exchange] {
        asked.add(requests.count, ordering: .relaxed)
        if requests.first?.recursionDesired == true {
            askedOfResolvers.add(requests.count, ordering: .relaxed)
        }
        let now = Clocks.monotonic
        return requests.map { request in
            Exchange(
                outcome: .response(Self.answer(request)), sent: now - .milliseconds(20), received: now)
        }
    }

    /// Made anew for each question, names too, as by a decoder.
    private static func answer(_ request: Request) -> Message {
        let owner = DomainName(uncheckedWire: Array(request.question.name.wire))
        var message = Message(
            isAuthoritative: !request.recursionDesired, question: Question(owner, request.question.type))
        switch request.question.type {
        case .mx:
            let exchange = MailExchange(preference: 10, exchange: "mx01.cbsolt.net")
            message.answer = [
                ResourceRecord(owner: owner, type: .mx, ttl: TTL(seconds: 1800), data: .mx(exchange))
            ]
        case .soa:
            let start = StartOfAuthority(
                primary: "ns1.example", serial: SerialNumber(1), refresh: 3600, minimum: 300)
            message.answer = [
                ResourceRecord(owner: owner, type: .soa, ttl: TTL(seconds: 1800), data: .soa(start))
            ]
        default: break
        }
        return message
    }
}

enum Clocks {
    static var monotonic: Instant { read(CLOCK_MONOTONIC) }
    static var processor: Instant { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        clock_gettime(clock, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

private enum Memory {
    static var resident: Int { field("VmRSS:") }
    static var peak: Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            if text.hasPrefix(name) {
                return (text.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
                    * 1024
            }
        }
        return 0
    }
}
