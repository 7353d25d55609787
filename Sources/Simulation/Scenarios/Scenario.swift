import DNS
import Propagation

/// A *scenario*: a script with a world, what happens in it when, and what the watch must conclude.
///
/// A line is a statement; `#` begins a comment, commas count as spaces. Times are those of the watch, which
/// begins at 00:00:00; earlier ones have a minus. `Tests/Scenarios` has examples.
///
///     title The TTL was lowered an hour before the switch
///     domain example.it                      # this one, unless another is given
///     authority ns1 [lag 30s] [silent] [lame | without-authority] [delay 20ms] [loss 10%]
///               [keeps-old] [serves-new]
///               [named ns2] [back-end 20m]   # an address of ns2; another back end, so far behind
///               [front 300s] [aa-missing 30%]  # four caches before it, so old at most; AA missing at times
///               [serials clock]              # another provider: its own numbers and MNAME
///     mx before 10 mail.old.it ttl 3600      # or: none, null ttl 300, nxdomain
///     mx after 10 mx01.cbsolt.net ttl 300
///     alias customers.old.it ttl 300         # before the switch the domain is an alias for that name
///     minimum 300                            # SOA MINIMUM; refresh 3600, retry 900: the SOA's others
///     serials date                           # or clock, steps, fixed; else 2026112401, 2026112402, …
///     delegation ns1 ns2 [glue ns3] [behind ns4] ttl 3600 [address-ttl 300]
///                                            # all of them, unless it is said; glue: by that alone,
///                                            # behind: only some of the parent's servers name it
///     rotating ns1 ns2 ns3                   # each search leaves one of them out
///     resolver r1 [caches 8] [by-port] [cap 30] [floor 300] [negative-cap 60] [prefetch] [parent]
///              [stale 60s | stale-unsaid 60s] [optional] [age 100s | empty] [delay 20ms] [loss 10%]
///     watch [settle 0] [confirmations 3] [quorum 80] [previous-ttl 600] [published-at 00:05:00]
///           [name-servers-since -01:00:00] [said-again] [later-ttl 300] [no-authority]
///           [until decommission]
///     at 01:00:00 switch [serial 7]          # to `mx after`; or rollback, touch, ttl 60, mx 10 a.it
///     at 01:00:00 on ns2 rollback            # at that server alone
///     every 2h touch                         # from the beginning to the end: another record is edited
///     every 5m run                           # looks of half a minute; each goes on from the last
///     at 01:00:00 delegate ns3 ns4 ttl 3600
///     at 01:00:00 ask r1 [cache 2]           # another client asks
///     at 01:00:00 sleep 1h
///     at 01:00:00 stop 1h                    # the run is ended, and a next one begun later
///     at 01:00:00 wall-clock back 10m        # or forward
///     from 01:00:00 to 02:00:00 r1 silent    # or servfail, refused, filtered, nxdomain, portal, …
///     expect …                               # see `Expectation`
///     end 06:00:00
package struct Scenario: Sendable {
    package var title = ""
    package var world: SimulatedWorld
    package var expectations: [Expectation] = []

    /// What the scenario expects.
    package struct Expectation: Sendable {
        package var line: Int
        package var kind: Kind

        package enum Kind: Sendable {
            /// `expect second_pass_safe between 04:00:00 and 04:05:00`: its first time.
            case event(String, ClosedRange<Instant>)
            /// `expect never second_pass_safe`.
            case never(String)
            /// `expect published before propagated`: the first of each, in this order.
            case order(String, String)
            /// `expect at 01:00:00 …`, or `expect …` at the end.
            case state(at: Instant, State)
        }
    }

    /// What is expected at an instant.
    package enum State: Sendable {
        /// `phase propagating`.
        case phase(Phase)
        /// `exit 2`: of a `check` for the condition that the watch waits for.
        case exit(Int32)
        /// `bound 02:00:30`, or up to 35 s later; or `bound none`.
        case bound(Instant?)
        /// `reason holding`, `warning probableTypo mx01.cbslot.net`: one has that name and the further words.
        case reason([String])
        case warning([String])
        /// `assumption noRollback`: one has that name and the further words.
        case assumption([String])
        /// `no-warnings`.
        case noWarnings
        /// `resolver r1 previous`, `clear`, `unclear`, `overdue`, `excluded`, `counts`.
        case resolver(String, String)
        /// `resolver r1 caches 8`: at least so many were seen.
        case caches(String, Int)
        /// `wall 01:50:00`: what the wall clock shows, or up to two seconds later.
        case wall(Instant)
    }

    /// - Throws: `ScenarioError`, with the line and what was expected there.
    package init(parsing text: String) throws(ScenarioError) {
        var parser = ScenarioParser()
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var words = ScenarioWords(line, line: index + 1)
            if words.isEmpty { continue }
            try parser.read(&words, text: line)
            try words.finish()
        }
        self = try parser.scenario()
    }

    init(title: String, world: SimulatedWorld, expectations: [Expectation]) {
        self.title = title
        self.world = world
        self.expectations = expectations
    }
}
