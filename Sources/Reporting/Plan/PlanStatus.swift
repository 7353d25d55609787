import DNS
import Planning
import Propagation

/// A plan as the faces show it: sentences, and wall time in whole seconds.
///
/// As JSON, an element of the document `propaga/plan/1`.
package struct PlanStatus: Encodable, Sendable {
    package struct Line: Encodable, Sendable, Equatable {
        var topic: PlanTopic
        /// `ok`, `wait`, `fix` or `unknown`.
        var status: String
        var until: Timestamp?
        var text: String
        var remedy: String?

        private enum CodingKeys: String, CodingKey {
            case topic = "check"
            case status, until, text, remedy
        }
    }

    package struct Exchange: Encodable, Sendable, Equatable {
        var read: ReadExchange
        /// `nil` if no resolver told.
        var addresses: [String]?

        package func encode(to encoder: any Encoder) throws {
            try read.encode(to: encoder)
            var members = encoder.container(keyedBy: MemberName.self)
            try members.encode(addresses, forKey: "addresses")
        }
    }

    package struct Step: Encodable, Sendable, Equatable {
        var step: PlanTimeline.Step
        var notBefore: Timestamp
        var text: String
    }

    package struct Cost: Encodable, Sendable, Equatable {
        var kind: String
        var text: String
    }

    package struct Timeline: Encodable, Sendable, Equatable {
        var earliest: Timestamp
        var switchAt: Timestamp
        var bound: Timestamp
        /// Whether it is known since when the TTL is low, of every name that moves.
        var isLoweringKnown: Bool
        /// For `--previous-ttl` of a watch that begins at the switch.
        var longestAtSwitch: TTL
        var costs: [Cost]
        var steps: [Step]

        private enum CodingKeys: String, CodingKey {
            case earliest = "earliestSwitch"
            case switchAt, bound
            case longestAtSwitch = "previousTtl"
            case costs, steps
        }
    }

    private enum CodingKeys: String, CodingKey {
        case domain, subdomains, zone, readiness
        case isSwitched = "switched"
        case exitCode, ttl, mx
        case lines = "checks"
        case timeline
    }

    let domain: DomainName
    let madeAt: Timestamp
    let subdomains: [DomainName]
    let zone: DomainName?
    let target: Target
    let readiness: Plan.Readiness
    package let exitCode: Int32
    let isSwitched: Bool
    /// The TTL that copies of the MX get now, the longest of all servers'.
    let ttl: TTL?
    let mx: [Exchange]
    let lines: [Line]
    package let timeline: Timeline?

    /// - Parameters:
    ///   - clock: the reading that turned the operator's wishes into instants, so that they turn back exactly.
    ///   - zone: the zone of the times in sentences.
    package init(_ plan: Plan, clock: ClockReading, zone: TimeZoneChoice = .utc) {
        let made = clock.wallTime(at: plan.madeAt)
        let sentences = PlanSentences(plan, TimeText(zone: zone, clock: clock, now: made))
        madeAt = Timestamp(made)
        func time(_ instant: Instant) -> Timestamp { Timestamp(clock.wallTime(at: instant)) }
        domain = plan.domain
        subdomains = plan.subdomains
        self.zone = plan.zone
        target = plan.target
        readiness = plan.readiness
        exitCode = plan.exitCode
        isSwitched = plan.isSwitched
        ttl = plan.lifetimes?.served
        mx = plan.present.map { read in
            let facts = plan.presentFacts.first { $0.name == read.exchange }
            return Exchange(read: read, addresses: facts?.addresses?.map(\.description))
        }
        lines = plan.lines.map { line in
            Line(
                topic: line.finding.topic, status: line.status.word, until: line.status.until.map(time),
                text: sentences.sentence(line), remedy: sentences.remedy(line))
        }
        timeline = plan.timeline.map { timeline in
            Timeline(
                earliest: time(timeline.earliest), switchAt: time(timeline.switchAt),
                bound: time(timeline.bound),
                isLoweringKnown: timeline.isLoweringKnown,
                longestAtSwitch: timeline.longestAtSwitch,
                costs: timeline.costs.map { Cost(kind: $0.kind, text: sentences.sentence($0)) },
                steps: timeline.entries.map {
                    Step(
                        step: $0.step, notBefore: time($0.notBefore),
                        text: sentences.sentence($0.step, of: plan))
                })
        }
    }

    /// The lines that are not ok.
    var obstacles: [Line] { lines.filter { $0.status != "ok" } }

    /// The first line that prevents the switch: a certain obstacle before one that we cannot tell.
    var obstacle: Line? {
        lines.first { $0.status == "fix" } ?? lines.first { $0.status == "wait" }
            ?? lines.first { $0.status == "unknown" }
    }
}

extension PlanLine.Status {
    var word: String {
        switch self {
        case .ok: "ok"
        case .wait: "wait"
        case .fix: "fix"
        case .unknown: "unknown"
        }
    }

    var until: Instant? {
        if case .wait(let until) = self { until } else { nil }
    }
}

extension PlanCost {
    /// The name in the document.
    var kind: String {
        switch self {
        case .longCopies: "long_copies"
        case .lessThanTwoDays: "less_than_two_days"
        case .shortFirstPass: "short_first_pass"
        }
    }
}

extension PlanStatus {
    /// What stands before the plans in the document.
    package struct Head: Encodable {
        struct Target: Encodable {
            let name: String
            let primary: DomainName
            let accepted: [String]
            let spfInclude: DomainName?
        }

        let schema = "propaga/plan/1"
        let generatedAt: Timestamp
        let target: Target
        let strategy: MigrationStrategy
        /// Seconds.
        let settle: Int64

        package init(
            generatedAt: WallTime, target: Propagation.Target, strategy: MigrationStrategy, policy: Policy
        ) {
            self.generatedAt = Timestamp(generatedAt)
            let shown = TargetStatus(target)
            self.target = Target(
                name: shown.name, primary: shown.primary, accepted: shown.accepted,
                spfInclude: target.policyInclude)
            self.strategy = strategy
            settle = policy.settle.components.seconds
        }
    }

    /// What stands behind them.
    package struct Tail: Encodable {
        let exitCode: Int32
        package init(exitCode: Int32) { self.exitCode = exitCode }
    }
}
