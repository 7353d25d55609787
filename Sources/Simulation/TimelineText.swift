import DNS
import Judging
import Propagation

/// Instants and lengths of time of a simulated world, as a person reads them.
package enum TimelineText {
    /// `00:12:03.250`; `5d 00:12:03.250` on a later day; `-00:10:00` before the watch began.
    package static func time(_ instant: Instant) -> String { time(instant - SimulatedWorld.origin) }

    package static func time(_ duration: Duration) -> String {
        let nanoseconds = duration.wholeNanoseconds
        let milliseconds = (nanoseconds.magnitude + 500_000) / 1_000_000
        let seconds = milliseconds / 1000
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        var text = nanoseconds < 0 && milliseconds > 0 ? "-" : ""
        if days > 0 { text += "\(days)d " }
        text += "\(two(hours)):\(two(minutes)):\(two(seconds % 60))"
        let rest = milliseconds % 1000
        if rest > 0 { text += "." + String("\(1000 + rest)".dropFirst()) }
        return text
    }

    private static func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// What happened, in a few words.
    package static func text(_ event: Event, resolvers: [ResolverIdentity]) -> String {
        switch event {
        case .transition(let resolver, let from, let to):
            "\(resolvers[resolver].name): \(from?.rawValue ?? "unknown") -> \(to.rawValue)"
        case .level(.regression): "regression: an authoritative server serves something else again"
        case .level(.unpropagated): "no longer propagated"
        case .level(.secondPassUnsafe): "no longer second_pass_safe"
        case .level(let level): level.rawValue
        case .doubt(let doubt):
            "doubt: \(doubt.edits) edits from \(time(doubt.from)) to \(time(doubt.until))"
        }
    }

    package static func text(_ reading: Reading) -> String {
        var text = reading.state.rawValue
        if let absence = reading.absence { text += " \(absence.rawValue)" }
        if !reading.exchanges.isEmpty {
            text += " " + reading.exchanges.map { "\($0.preference) \($0.exchange)" }.joined(separator: ", ")
        }
        if let ttl = reading.ttl { text += ", TTL \(ttl)" }
        if let lifetime = reading.lifetime, lifetime != reading.ttl { text += ", may live \(lifetime) s" }
        if reading.isDeclaredStale { text += ", says it is stale" }
        if let error = reading.error { text += " (\(error))" }
        return text
    }

    package static func text(_ bound: Bound) -> String {
        let basis =
            switch bound.basis {
            case .witnessed: "witnessed"
            case .refetched: "fetched since"
            case .nameServers: "name servers moved"
            case .formerServers: "former servers"
            case .unwitnessed(let ttl, let since, let isAssumed):
                "\(isAssumed ? "assumed" : "given") TTL \(ttl) since \(time(since))"
            }
        return "\(time(bound.at)) (\(basis))"
    }

    /// What speaks against a claim.
    package static func text(_ reason: Objection.Reason) -> String {
        switch reason {
        case .served(let server): "server \(server) still serves something else"
        case .unnoticed(let server, let since):
            "server \(server) has served something else since \(time(since))"
        case .told(let server): "server \(server) told so last"
        case .dark(let until): "a cache that nobody polls may hold a copy until \(time(until))"
        case .held(let resolver, let cache, let until):
            "resolver \(resolver + 1), cache \(cache + 1) gives something else until \(time(until))"
        case .shown(let resolver): "resolver \(resolver + 1) showed something else"
        case .unconfirmed(let resolver): "resolver \(resolver + 1) has not shown the target often enough"
        case .unheard(let told, let needed): "\(told) resolvers told something lately, \(needed) must"
        case .early(let until): "not before \(time(until))"
        case .unseen: "nobody was asked in this run"
        }
    }
}
