import ArgumentParser
import DNS
import Monitoring
import Planning
import Propagation
import Reporting

/// When and how the switch comes, and what the operator knows of the time before.
struct PlanOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "When you will change the MX, such as 2026-11-28T06:00:00+01:00 (RFC 3339), or earliest.",
            valueName: "time"))
    var switchAt = Self.earliest

    @Option(
        name: .long,
        help: ArgumentHelp(
            "after (copy once, after the switch) or two-pass (copy a day before it too).",
            valueName: "strategy"))
    var strategy = MigrationStrategy.after

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A subdomain with an MX of its own that moves too. Repeatable.", valueName: "subdomain"))
    var also: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Since when the MX has had its present TTL (RFC 3339), if you know it. It must hold for every name, and"
                + " for those of --also too.",
            valueName: "time"))
    var loweredAt: String?

    @Flag(
        name: .customLong("leave-nameservers"),
        help: "The zone moves to other name servers with the switch: plan also for the old ones.")
    var leavesNameServers = false

    @Flag(
        name: .customLong("mta-sts-checked"),
        help: "You have checked that the MTA-STS policy lists the new exchanges. (propaga does not fetch it.)"
    )
    var hasCheckedPolicy = false

    private static let earliest = "earliest"
    /// A switch that is further away is a typing error, and today's answers tell nothing about that day.
    private static let furthest: Duration = .seconds(366 * 86_400)

    func validate() throws {
        let now = MonitorClock.system.read()
        _ = try wishes(at: now)
        _ = try loweredSince(at: now)
        _ = try names
    }

    func wishes(at clock: ClockReading) throws -> PlanWishes {
        PlanWishes(
            switchAt: try switchInstant(at: clock), strategy: strategy, leavesNameServers: leavesNameServers,
            hasCheckedPolicy: hasCheckedPolicy)
    }

    /// `nil` for the earliest good time.
    private func switchInstant(at clock: ClockReading) throws -> Instant? {
        guard switchAt != Self.earliest else { return nil }
        let time: WallTime
        do {
            time = try RFC3339.parse(switchAt)
        } catch {
            throw ValidationError("--switch-at \(escaped(switchAt)): \(error), or earliest")
        }
        let instant = clock.instant(at: time)
        guard time >= clock.wall else {
            throw ValidationError(
                "--switch-at \(escaped(switchAt)): it is in the past; give a future time, or earliest."
                    + " To follow a switch that is done, use 'propaga watch --published-at \(escaped(switchAt))'"
            )
        }
        guard instant <= clock.instant + Self.furthest else {
            throw ValidationError(
                "--switch-at \(escaped(switchAt)): it is more than a year ahead; plan again when it is near"
            )
        }
        return instant
    }

    func loweredSince(at clock: ClockReading) throws -> Instant? {
        try loweredAt.map { try PastTime.instant($0, of: "--lowered-at", at: clock) }
    }

    /// Those named by `--also`, each below one of the domains.
    func subdomains(of domains: [DomainName]) throws -> [DomainName] {
        for name in try names where !domains.contains(where: { name != $0 && name.isAtOrBelow($0) }) {
            throw failure(
                ExitStatus.usage,
                "--also \(name): it is not a subdomain of \(domains.count == 1 ? "\(domains[0])" : "any of the domains");"
                    + " give it as a domain of its own")
        }
        return try names
    }

    private var names: [DomainName] {
        get throws {
            var names: [DomainName] = []
            for text in also {
                do {
                    let name = try DomainName(typed: text)
                    if !names.contains(name) { names.append(name) }
                } catch {
                    throw ValidationError("--also '\(escaped(text))' is not a domain: \(error)")
                }
            }
            return names
        }
    }

    /// The options of these that `plan` needs on the day of the switch, except `--lowered-at`.
    ///
    /// - Parameter previousTTL: the operator's word on the TTL of the last days.
    func lasting(previousTTL: Int?) -> [String] {
        var words = also.flatMap { ["--also", $0] }
        if let previousTTL { words += ["--previous-ttl", "\(previousTTL)"] }
        if leavesNameServers { words.append("--leave-nameservers") }
        if hasCheckedPolicy { words.append("--mta-sts-checked") }
        return words
    }
}

extension MigrationStrategy: ExpressibleByArgument {}
