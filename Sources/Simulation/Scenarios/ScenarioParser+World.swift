import DNS
import Lab
import Propagation

extension ScenarioParser {
    /// The scenario, once all lines are read.
    func scenario() throws(ScenarioError) -> Scenario {
        guard let end else { throw ScenarioError(line: 1, message: "expected a line 'end TIME', found none") }
        guard !authorities.isEmpty else {
            throw ScenarioError(line: 1, message: "expected a line 'authority NAME', found none")
        }
        var servers: [LabAuthority] = []
        for authority in authorities { servers.append(try server(authority, until: end)) }
        var lab = LabWorld(authorities: servers, resolvers: resolvers.map(\.resolver))
        for delegation in delegations { lab.sources.delegations.append(try labDelegation(delegation)) }
        var world = SimulatedWorld(
            seed: 1, domain: domain, lab: lab, authorityLinks: authorities.map(\.link),
            resolverLinks: resolvers.map(\.link), end: end)
        world.watch = watch
        world.watch.goesOn = true
        world.watch.optionalResolvers = Set(resolvers.indices.filter { resolvers[$0].isOptional })
        world.visits = (firstVisits + visits).sorted { $0.at < $1.at }
        world.sleeps = sleeps
        world.interruptions = interruptions + pausesBetweenRuns(until: end)
        if let rotating {
            world.watch.rotatingServers = try indices(of: rotating.names, line: rotating.line)
        }
        world.wallSteps = wallSteps
        (world.refresh, world.retry) = (refresh, retry)
        if resolvers.contains(where: { !$0.resolver.policy.respectsTTL }) { world.traits = .breaksTTLs }
        try checkExpectations(before: end)
        return Scenario(title: title, world: world, expectations: expectations.map(closed(at: end)))
    }

    /// An expectation at or after the end would never be checked.
    private func checkExpectations(before end: Instant) throws(ScenarioError) {
        for expectation in expectations {
            guard case .state(let instant, _) = expectation.kind, instant != Self.theEnd, instant >= end
            else {
                continue
            }
            throw ScenarioError(
                line: expectation.line,
                message: "expected a time before the end, found \(TimelineText.time(instant))")
        }
    }

    /// Replaces `theEnd` by its instant.
    private func closed(at end: Instant) -> (Scenario.Expectation) -> Scenario.Expectation {
        { expectation in
            guard case .state(let instant, let state) = expectation.kind, instant == Self.theEnd else {
                return expectation
            }
            var closed = expectation
            closed.kind = .state(at: end - .milliseconds(1), state)
            return closed
        }
    }

    /// The times between cron's looks of half a minute.
    private func pausesBetweenRuns(until end: Instant) -> [Range<Instant>] {
        instants(every: runInterval, until: end).map { $0 - (runInterval ?? .zero) + .seconds(30)..<$0 }
    }

    private func instants(every interval: Duration?, until end: Instant) -> [Instant] {
        guard let interval else { return [] }
        let count = Int((end - SimulatedWorld.origin).inSeconds / interval.inSeconds)
        return (1...max(1, count)).map { SimulatedWorld.origin + interval * $0 }
    }

    /// The visits that load the copies which the watch finds.
    private var firstVisits: [SimulatedWorld.Visit] {
        let lifetime = Int(longestLifetime.seconds)
        return resolvers.indices.filter { !resolvers[$0].isEmpty }.flatMap { index in
            resolvers[index].resolver.caches.indices.map { cache in
                // Ages that differ, and do not depend on chance.
                let spread = Duration.seconds(Int64((index * 7 + cache * 5 + 3) * 37 % max(1, lifetime)))
                return SimulatedWorld.Visit(
                    at: SimulatedWorld.origin - (resolvers[index].age ?? spread), resolver: index,
                    cache: cache)
            }
        }
    }

    private var longestLifetime: TTL {
        let own: TTL =
            switch before {
            case .exchanges(_, let ttl), .null(let ttl): ttl
            case .absent, .nonexistent: TTL(wire: minimum)
            }
        return max(own, alias?.ttl ?? own)
    }

    private func labDelegation(_ delegated: Delegated) throws(ScenarioError) -> LabDelegation {
        var delegation = LabDelegation(
            domain, since: delegated.at ?? Instant(nanoseconds: .min),
            servers: try indices(of: delegated.names, line: delegated.line), parentTTL: delegated.ttl,
            childTTL: delegated.ttl, addressTTL: delegated.addressTTL ?? delegated.ttl)
        delegation.glue = try indices(of: delegated.glue, line: delegated.line)
        delegation.behind = try indices(of: delegated.behind, line: delegated.line)
        return delegation
    }

    private func indices(of names: [Substring], line: Int) throws(ScenarioError) -> [Int] {
        var indices: [Int] = []
        for name in names {
            guard let index = authorities.firstIndex(where: { $0.label == name }) else {
                throw ScenarioError(
                    line: line, message: "expected an authority of the scenario, found '\(name)'")
            }
            indices.append(index)
        }
        return indices
    }
}

// MARK: - Zones

extension ScenarioParser {
    private func server(_ authority: Authority, until end: Instant) throws(ScenarioError) -> LabAuthority {
        var zones = [try zone(of: authority, until: end)]
        if let alias {
            var zone = LabZone(alias.name, nameServers: nameServers)
            zone.setMail(before)
            zones.append(zone)
        }
        var server = LabAuthority(
            authority.name, zones: zones, lag: authority.lag, conduct: authority.conduct)
        server.backEnds = authority.backEnds
        server.front = authority.front
        server.missingAuthority = authority.missingAuthority
        return server
    }

    /// Each once, since servers may share a name.
    private var nameServers: [DomainName] {
        var seen: Set<DomainName> = []
        return authorities.map(\.name).filter { seen.insert($0).inserted }
    }

    private func zone(of authority: Authority, until end: Instant) throws(ScenarioError) -> LabZone {
        let numbering = authority.numbering ?? numbering
        let primary = authority.numbering == nil ? [] : [authority.name]
        var zone = LabZone(
            domain, nameServers: primary + nameServers.filter { !primary.contains($0) },
            serial: numbering?.first ?? 2_026_112_401, refresh: refresh, retry: retry, minimum: minimum)
        if authority.servesNew {
            zone.setMail(after)
            return zone
        }
        if let alias {
            zone.add(ResourceRecord(owner: domain, type: .cname, ttl: alias.ttl, data: .cname(alias.name)))
        } else if before == .nonexistent {
            // An apex exists; without records it looks as if it did not.
            zone.setMail(.nonexistent)
        } else {
            zone.setMail(before)
        }
        if authority.keepsOld { return zone }
        var mail = before
        var untouched = before
        let touches = instants(every: touchInterval, until: end).map { Step(line: 0, at: $0, kind: .touch) }
        for step in (steps + authority.steps + touches).sorted(by: { $0.at < $1.at }) {
            guard zone.changes.last.map({ $0 < step.at }) ?? true else {
                throw ScenarioError(line: step.line, message: "expected one change at an instant, found two")
            }
            switch step.kind {
            case .switched:
                untouched = mail
                mail = after
            case .rollback: mail = untouched
            case .touch: break
            case .ttl(let ttl): mail = try Self.mail(mail, with: ttl, line: step.line)
            case .mail(let other): mail = other
            }
            let last = zone.serial(at: step.at).value
            let serial = step.serial ?? numbering.map { SerialNumber($0.serial(after: last, at: step.at)) }
            if case .touch = step.kind {
                zone.change(at: step.at, serial: serial) { _ in }
            } else {
                change(&zone, at: step.at, to: mail, serial)
            }
        }
        return zone
    }

    private func change(
        _ zone: inout LabZone, at instant: Instant, to mail: LabMail, _ serial: SerialNumber?
    ) {
        guard alias != nil, mail != before else {
            return zone.switchMail(at: instant, to: mail, serial: serial)
        }
        zone.change(at: instant, serial: serial) { [domain] records in
            records[Question(domain, .cname)] = nil
            guard case .exchanges(let exchanges, let ttl) = mail else { return }
            records[Question(domain, .mx)] = exchanges.map {
                ResourceRecord(owner: domain, type: .mx, ttl: ttl, data: .mx($0))
            }
        }
    }

    private static func mail(_ mail: LabMail, with ttl: TTL, line: Int) throws(ScenarioError) -> LabMail {
        switch mail {
        case .exchanges(let exchanges, _): return .exchanges(exchanges, ttl: ttl)
        case .null: return .null(ttl: ttl)
        case .absent, .nonexistent:
            throw ScenarioError(line: line, message: "expected an MX whose TTL can change, found none")
        }
    }
}
