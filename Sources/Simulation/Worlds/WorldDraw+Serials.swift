import DNS
import Lab
import Propagation

extension SimulatedWorld {
    /// How a zone's serials are numbered.
    package enum Numbering: String, Hashable, Sendable, CaseIterable {
        case steps = "one more with each edit"
        case date = "the date and a number"
        case clock = "Unix time"
        case fixed = "never another"

        /// The first serial.
        var first: UInt32 {
            switch self {
            case .steps, .fixed: 17
            case .date: 2_026_100_903
            case .clock: 1_790_000_000
            }
        }

        /// The serial of an edit.
        func serial(after last: UInt32, at instant: Instant) -> UInt32 {
            let seconds = (instant - SimulatedWorld.origin).inSeconds.rounded(.down)
            switch self {
            case .steps: return last &+ 1
            case .fixed: return last
            case .clock: return max(last &+ 1, UInt32(1_795_000_000 + seconds))
            case .date:
                // The watch begins at noon, in a month that no world leaves.
                let day = 20_261_115 + Int(((seconds + 43_200) / 86_400).rounded(.down))
                return last / 100 == UInt32(day) ? last &+ 1 : UInt32(max(day, 20_261_101)) * 100 + 1
            }
        }
    }
}

extension WorldDraw {
    /// The zones' numbering, and edits of other records. Drawn apart, so that the rest of the world stays.
    mutating func drawSerials(seed: UInt64) {
        var draw = WorldDraw(seed: seed ^ 0x5E71_A150)
        story.numbering = draw.pick([.steps, .steps, .date, .date, .date, .clock, .clock, .clock])
        story.newNumbering = draw.pick([.steps, .date, .clock, .fixed])
        if twist == .fixedSerial { story.numbering = .fixed }
        if twist == .serialGoesBack { story.numbering = .steps }
        story.edits = draw.edits(
            until: max(origin, story.lastChange) + story.longestTTL.duration + .seconds(10_800))
        if !story.movesDelegation, draw.happens(0.1) { raiseTTL(&draw) }
        watch.goesOn = draw.happens(0.05)
    }

    /// Caches in front of a server, or answers without AA at times.
    mutating func drawFrontEnds(seed: UInt64) {
        var draw = WorldDraw(seed: seed ^ 0xF207_7E2D)
        let index = draw.number(0...servers.count - 1)
        switch draw.number(0...49) {
        case 0:
            let shortest = story.steps.map(\.mail).reduce(story.beginning.ttl) { min($0, $1.ttl) }
            servers[index].front = LabAuthority.Front(
                caches: draw.number(1...4), period: max(1, Int(shortest.seconds)))
        case 1: servers[index].missingAuthority = draw.number(5...60)
        default: break
        }
    }

    /// As a plan has it: after the migration the TTL is raised.
    private mutating func raiseTTL(_ draw: inout WorldDraw) {
        guard case .exchanges(let exchanges, _)? = story.steps.last?.mail else { return }
        let at = max(origin, story.lastChange) + story.longestTTL.duration + draw.seconds(0...10_800)
        story.steps.append(
            Story.Step(at: at, mail: .exchanges(exchanges, ttl: TTL(seconds: draw.pick([3600, 86_400])))))
    }

    /// Edits of other records: none, a few, in pairs, every night, or all the time.
    private mutating func edits(until end: Instant) -> [Instant] {
        let begin = origin - .seconds(3600)
        switch number(0...19) {
        case 0...9: return []
        case 10...12: return (0..<number(1...6)).map { _ in instant(begin...end) }
        case 13...15:
            return (0..<number(1...3)).flatMap { _ in
                let first = instant(begin...end)
                return [first, first + (happens(0.5) ? seconds(5...55) : seconds(65...280))]
            }
        case 16...18:
            let night = origin + seconds(0...86_399)
            return (-1...3).map { night + .seconds(86_400) * $0 }.filter { $0 <= end }
        default:
            let interval = seconds(120...2400)
            let count = min(120, Int((end - begin).inSeconds / interval.inSeconds))
            return (0...count).map { begin + interval * $0 + seconds(0...60) }
        }
    }
}
