import DNS
import Lab
import Propagation

extension ScenarioParser {
    mutating func readStep(_ words: inout ScenarioWords) throws(ScenarioError) {
        let instant = try words.time()
        if words.takes("on") {
            let name = try words.name()
            guard let index = authorities.firstIndex(where: { $0.label == name.description }) else {
                throw words.fault("an authority named before", found: "'\(name)'")
            }
            authorities[index].steps.append(try readChange(&words, at: instant))
            return
        }
        switch words.next {
        case "delegate":
            try words.require("delegate")
            delegations.append(try readDelegation(&words, at: instant))
        case "ask":
            try words.require("ask")
            let resolver = try resolver(&words)
            let last = resolvers[resolver].resolver.caches.count
            let cache = words.takes("cache") ? try words.number(1...last) : 1
            visits.append(SimulatedWorld.Visit(at: instant, resolver: resolver, cache: cache - 1))
        case "sleep":
            try words.require("sleep")
            sleeps.append(instant..<instant + (try words.duration()))
        case "stop":
            try words.require("stop")
            interruptions.append(instant..<instant + (try words.duration()))
        case "wall-clock":
            try words.require("wall-clock")
            let isBack = words.takes("back")
            if !isBack { try words.require("forward") }
            let step = try words.duration()
            wallSteps.append(SimulatedWorld.WallStep(at: instant, by: isBack ? .zero - step : step))
        default: steps.append(try readChange(&words, at: instant))
        }
    }

    private func readChange(_ words: inout ScenarioWords, at instant: Instant) throws(ScenarioError) -> Step {
        let expected = "switch, rollback, touch, ttl, mx, delegate, ask, sleep, stop or wall-clock"
        let word = try words.take(expected)
        let kind: Step.Kind =
            switch word {
            case "switch": .switched
            case "rollback": .rollback
            case "touch": .touch
            case "ttl": .ttl(try words.ttl())
            case "mx": .mail(try Self.mail(&words))
            default: throw words.fault(expected, found: "'\(word)'")
            }
        var step = Step(line: words.line, at: instant, kind: kind)
        if words.takes("serial") { step.serial = SerialNumber(UInt32(try words.number(0...Int(UInt32.max)))) }
        return step
    }

    func readDelegation(_ words: inout ScenarioWords, at instant: Instant?) throws(ScenarioError) -> Delegated
    {
        var delegated = Delegated(line: words.line, at: instant)
        delegated.names = try names(&words)
        if words.takes("glue") { delegated.glue = try names(&words) }
        if words.takes("behind") { delegated.behind = try names(&words) }
        try words.require("ttl")
        delegated.ttl = try words.ttl()
        if words.takes("address-ttl") { delegated.addressTTL = try words.ttl() }
        return delegated
    }

    private func names(_ words: inout ScenarioWords) throws(ScenarioError) -> [Substring] {
        var names: [Substring] = []
        repeat {
            names.append(try words.take("an authority's name"))
        } while !words.isEmpty && words.next != "ttl" && words.next != "glue" && words.next != "behind"
        return names
    }

    mutating func readFault(_ words: inout ScenarioWords) throws(ScenarioError) {
        let from = try words.time()
        let until: Instant = try words.takes("on") ? Range<Instant>.always.upperBound : end(&words)
        guard from < until else { throw words.fault("a time after the first", found: "an earlier one") }
        let name = try words.take("a resolver's or authority's name")
        let fault = Link.Fault(try Self.faultKind(&words), during: from..<until)
        if let index = resolvers.firstIndex(where: { $0.resolver.name == name }) {
            resolvers[index].link.faults.append(fault)
        } else if let index = authorities.firstIndex(where: { $0.label == name }) {
            authorities[index].link.faults.append(fault)
        } else {
            throw words.fault("a resolver or authority named before", found: "'\(name)'")
        }
    }

    private func end(_ words: inout ScenarioWords) throws(ScenarioError) -> Instant {
        try words.require("to")
        return try words.time()
    }

    private static func faultKind(_ words: inout ScenarioWords) throws(ScenarioError) -> Link.Kind {
        let expected = "silent, servfail, refused, filtered, nxdomain, portal, garbage or no-route"
        let word = try words.take(expected)
        switch word {
        case "silent": return .silent
        case "servfail": return .failing(.serverFailure)
        case "refused": return .failing(.refused)
        case "filtered": return .filtering(15)
        case "nxdomain": return .denying
        case "portal": return .captive
        case "garbage": return .garbage
        case "no-route": return .noRoute
        default: throw words.fault(expected, found: "'\(word)'")
        }
    }

    private func resolver(_ words: inout ScenarioWords) throws(ScenarioError) -> Int {
        let name = try words.take("a resolver's name")
        guard let index = resolvers.firstIndex(where: { $0.resolver.name == name }) else {
            throw words.fault("a resolver named before", found: "'\(name)'")
        }
        return index
    }
}

// MARK: - Expectations

extension ScenarioParser {
    private static let events = LevelChange.allCases.map(\.rawValue) + ["doubt"]

    func readExpectation(_ words: inout ScenarioWords) throws(ScenarioError) -> Scenario.Expectation {
        Scenario.Expectation(line: words.line, kind: try readKind(&words))
    }

    private func readKind(_ words: inout ScenarioWords) throws(ScenarioError) -> Scenario.Expectation.Kind {
        if words.takes("never") { return .never(try Self.event(&words)) }
        if words.takes("at") {
            let instant = try words.time()
            return .state(at: instant, try readState(&words))
        }
        guard let next = words.next, Self.events.contains(String(next)) else {
            return .state(at: Self.theEnd, try readState(&words))
        }
        let event = try Self.event(&words)
        if words.takes("before") { return .order(event, try Self.event(&words)) }
        try words.require("between")
        let first = try words.time()
        try words.require("and")
        let last = try words.time()
        guard first <= last else { throw words.fault("a time after the first", found: "an earlier one") }
        return .event(event, first...last)
    }

    private static func event(_ words: inout ScenarioWords) throws(ScenarioError) -> String {
        let expected = events.joined(separator: ", ")
        let word = try words.take(expected)
        guard events.contains(String(word)) else { throw words.fault(expected, found: "'\(word)'") }
        return String(word)
    }

    private func readState(_ words: inout ScenarioWords) throws(ScenarioError) -> Scenario.State {
        let expected =
            "never, at, an event, phase, exit, bound, reason, warning, assumption, no-warnings, resolver or wall"
        let word = try words.take(expected)
        switch word {
        case "phase":
            let name = try words.take("a phase")
            guard let phase = Phase(rawValue: String(name)) else {
                throw words.fault(Phase.allCases.map(\.rawValue).joined(separator: ", "), found: "'\(name)'")
            }
            return .phase(phase)
        case "exit": return .exit(Int32(try words.number(0...2)))
        case "bound": return .bound(words.takes("none") ? nil : try words.time())
        case "reason": return .reason([String(try words.take("a reason"))] + words.takeAll().map(String.init))
        case "warning":
            return .warning([String(try words.take("a warning"))] + words.takeAll().map(String.init))
        case "assumption":
            return .assumption([String(try words.take("an assumption"))] + words.takeAll().map(String.init))
        case "no-warnings": return .noWarnings
        case "wall": return .wall(try words.time())
        case "resolver":
            let name = resolvers[try resolver(&words)].resolver.name
            if words.takes("caches") { return .caches(name, try words.number(1...64)) }
            let known =
                ["clear", "unclear", "overdue", "excluded", "counts"] + MailState.allCases.map(\.rawValue)
            let state = String(try words.take(known.joined(separator: ", ")))
            guard known.contains(state) else {
                throw words.fault(known.joined(separator: ", "), found: "'\(state)'")
            }
            return .resolver(name, state)
        default: throw words.fault(expected, found: "'\(word)'")
        }
    }

    /// Stands for the scenario's end, which may be read later.
    static let theEnd = Instant(nanoseconds: .max)
}
