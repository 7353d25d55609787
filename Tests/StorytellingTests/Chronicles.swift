import DNS
import Propagation

@testable import Storytelling

/// Chronicles made by hand. Instants are seconds after the first look.
struct ChronicleBuilder {
    static let google = ServerLabel(name: "google", endpoint: Endpoint("8.8.8.8")!)
    static let quad9 = ServerLabel(name: "quad9", endpoint: Endpoint("9.9.9.10")!)
    static let ns1 = ServerLabel(name: "ns1.example.it", endpoint: Endpoint("192.0.2.1")!)
    static let ns2 = ServerLabel(name: "ns2.example.it", endpoint: Endpoint("192.0.2.2")!)

    static let target = [ReadExchange(preference: 10, exchange: "mx01.cbsolt.net", accepted: true)]
    static let previous = [ReadExchange(preference: 10, exchange: "mail.old.it", accepted: false)]

    var chronicle: Chronicle

    /// - Parameter lastLook: seconds after the first.
    init(lastLook: Int64 = 1000, phase: Phase = .propagating, basis: Basis = .authority) {
        chronicle = Chronicle(
            domain: "example.it", target: RecordedTarget(.qboxmail), firstLook: time(0),
            lastLook: time(lastLook), standing: RecordedStanding(phase: phase, basis: basis))
    }

    mutating func add(_ seconds: Int64, _ kind: Chronicle.Kind) {
        chronicle.entries.append(Chronicle.Entry(at: time(seconds), kind))
    }

    mutating func transition(
        _ server: ServerLabel, at seconds: Int64, from: MailState?, to: MailState
    ) {
        add(seconds, .transition(server, from: from, to: to, .init()))
    }

    mutating func served(
        _ server: ServerLabel, _ state: MailState, ttl: Int, from: Int64, until: Int64,
        exchanges: [ReadExchange]? = nil
    ) {
        chronicle.served.append(
            ServedSpan(
                server: server, state: state,
                exchanges: exchanges ?? (state == .target ? Self.target : Self.previous),
                ttl: TTL(seconds: ttl), firstSeen: time(from), lastSeen: time(until)))
    }

    /// A resolver as it was seen last.
    mutating func resolver(
        _ server: ServerLabel, _ state: MailState, isClear: Bool = false, isOverdue: Bool = false,
        exclusion: Exclusion? = nil, checkedAt: Int64? = nil
    ) {
        let lastLook = chronicle.lastLook
        chronicle.resolvers.append(
            RecordedResolver(
                server: server, state: state, isClear: isClear, isOverdue: isOverdue, exclusion: exclusion,
                checkedAt: checkedAt.map(time) ?? lastLook))
    }

    /// Google shows the previous MX from 1 on, the target from `flip`, and is clear from `clear` on.
    mutating func flips(_ server: ServerLabel, at flip: Int64, clear: Int64) {
        transition(server, at: 1, from: nil, to: .previous)
        transition(server, at: flip, from: .previous, to: .target)
        add(clear, .clear(server, true))
        resolver(server, .target, isClear: true)
    }

    var story: PropagationStory { PropagationStory(chronicle) }
}

/// Seconds after 2026-11-23T16:00:00Z.
func time(_ seconds: Int64) -> WallTime {
    WallTime(milliseconds: (1_795_449_600 + seconds) * 1000)
}
