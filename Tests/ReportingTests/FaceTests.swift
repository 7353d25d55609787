import DNS
import Propagation
import Testing

@testable import Reporting

@Suite struct TableTests {
    private static func table(_ situation: Situation, _ style: TextStyle) -> String {
        TableRenderer(style).render(situation.status, condition: .propagated, at: Situation.start.wall)
    }

    @Test func oneDomainAtEightyColumns() {
        let expected = """
            example.it: propagating, 2 of 3 resolvers have only the new MX

            Authoritative servers of example.it
               NAME            ADDRESS    STATE   MX                  TTL      SERIAL    RTT
            ✓  ns1.example.it  192.0.2.1  target  10 mx01.cbsolt.net  600  2026112301  11 ms
            ✓  ns2.example.it  192.0.2.2  target  10 mx01.cbsolt.net  600  2026112301  11 ms

            Resolvers
               NAME     ADDRESS       STATE     SINCE  MX                  LEFT  CACHES
            ✗  google   8.8.8.8       previous         10 mail.old.it       25m       1
            ✓  quad9    2620:fe::10   target    17:05  10 mx01.cbsolt.net    9m       1
            ✓  1.1.1.1  1.1.1.1:5353  target    17:05  10 mx01.cbsolt.net    9m       1

            Reasons
            - 1 of 3 resolvers still serves the previous MX; the last known copy expires at
              17:31:40 UTC
            - caches we cannot see may still have the previous MX until 2026-11-24 17:05:00
              UTC. We did not see its TTL before 17:05:00 UTC, so we assume 1 day. If you
              know the longest TTL it had in the last days, add --previous-ttl SECONDS and
              the wait gets shorter
            - both authoritative servers that answer serve the new MX

            Assumptions
            ? we assume that the name servers have not changed since before 2026-11-21
              17:05:00 UTC. If they have, add --name-servers-since TIME

            Propagated: NOT YET, not before 17:31:40 UTC. 1 of 3 resolvers still serves the
            previous MX; the last known copy expires at 17:31:40 UTC. (exit code 1: not yet,
            and that is certain)

            """
        #expect(Self.table(.holding, TextStyle(width: 80, zone: .utc)) == expected)
    }

    @Test func oneDomainAtFortyColumnsInASCII() {
        let expected = """
            example.it: propagating, 2 of 3
            resolvers have only the new MX

            Authoritative servers of example.it
               NAME        STATE   MX            TTL
            +  ns1.exam..  target  10 mx01.cb..  600
            +  ns2.exam..  target  10 mx01.cb..  600

            Resolvers
               NAME     STATE     MX
            x  google   previous  10 mail.old.it
            +  quad9    target    10 mx01.cbsolt.net
            +  1.1.1.1  target    10 mx01.cbsolt.net

            Reasons
            - 1 of 3 resolvers still serves the
              previous MX; the last known copy
              expires at 17:31:40 UTC
            - caches we cannot see may still have
              the previous MX until 2026-11-24
              17:05:00 UTC. We did not see its TTL
              before 17:05:00 UTC, so we assume 1
              day. If you know the longest TTL it
              had in the last days, add
              --previous-ttl SECONDS and the wait
              gets shorter
            - both authoritative servers that answer
              serve the new MX

            Assumptions
            ? we assume that the name servers have
              not changed since before 2026-11-21
              17:05:00 UTC. If they have, add
              --name-servers-since TIME

            Propagated: NOT YET, not before 17:31:40
            UTC. 1 of 3 resolvers still serves the
            previous MX; the last known copy expires
            at 17:31:40 UTC. (exit code 1: not yet,
            and that is certain)

            """
        #expect(Self.table(.holding, TextStyle(width: 40, isASCII: true, zone: .utc)) == expected)
    }

    @Test(arguments: Situation.allCases, [80, 40]) func everyLineFits(_ situation: Situation, _ width: Int) {
        let text = Self.table(situation, TextStyle(width: width, zone: .utc))
        for line in text.split(separator: "\n") {
            // A word longer than the line is not cut: a reason is worth more than the margin.
            let fits =
                line.unicodeScalars.count <= width || line.split(separator: " ").contains { $0.count > 24 }
            #expect(fits, "\(line)")
        }
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F })
    }

    @Test func aPipeGetsAllText() {
        let text = Self.table(.excluded, TextStyle(width: nil, zone: .utc))
        #expect(text.contains("refuses to answer us: REFUSED"))
        #expect(text.contains("optional: shown, never counted") && !text.contains("…"))
    }

    @Test func colourOnlyAddsToWhatIsThere() {
        let colored = Self.table(.holding, TextStyle(width: 80, usesColor: true, zone: .utc))
        #expect(colored.contains("\u{1B}[32m✓\u{1B}[0m") && colored.contains("\u{1B}[31mprevious\u{1B}[0m"))
        let plain = colored.replacing(/\x1B\[[0-9]+m/, with: "")
        #expect(plain == Self.table(.holding, TextStyle(width: 80, zone: .utc)))
    }

    @Test(arguments: [
        (Situation.published, "Propagated: YES since 17:05:00 UTC. (exit code 0: the condition is met)"),
        (.noQuorum, "Propagated: CANNOT TELL. None of 3 resolvers gave a usable answer. A verdict needs 3"),
        (
            .contradiction,
            "Propagated: NOT YET. 2 of 2 authoritative servers do not serve the new MX: ns1.example.it"
        ),
    ]) func theClosingSentenceRepeatsTheExitCode(_ situation: Situation, _ sentence: String) {
        #expect(Self.table(situation, TextStyle(width: nil, zone: .utc)).contains("\n\(sentence)"))
    }

    private static let unreached: DomainStatus = {
        var status = Situation.noQuorum.status
        var resolver = status.resolvers[0]
        (resolver.state, resolver.error) = (.silent, "no route from this host: network unreachable")
        status.resolvers = Array(repeating: resolver, count: 44)
        status.authority.servers = []
        return status
    }()

    @Test("where nothing is reached, one sentence says so, and rows come with -v alone")
    func unreached() {
        func text(isVerbose: Bool) -> String {
            TableRenderer(TextStyle(width: nil, zone: .utc, isVerbose: isVerbose))
                .render(Self.unreached, condition: .propagated, at: Situation.start.wall)
        }
        let brief = text(isVerbose: false)
        #expect(brief.hasPrefix("example.it: undetermined, no resolver counts\n"))
        let sentence = "None of 44 resolvers was reached (no route from this host: network unreachable)."
        #expect(brief.contains("\n\n\(sentence) Check this host's network"))
        #expect(!brief.contains("8.8.8.8"))
        #expect(text(isVerbose: true).count { $0 == "\n" } == brief.count { $0 == "\n" } + 45)
    }

    @Test("a row says that a server answers only without EDNS")
    func withoutEDNS() {
        var status = Situation.published.status
        status.resolvers[1].isWithoutEDNS = true
        status.authority.servers[0].isWithoutEDNS = true
        let text = TableRenderer(TextStyle(width: nil, zone: .utc))
            .render(status, condition: .propagated, at: Situation.start.wall)
        let rows = text.split(separator: "\n").filter { $0.hasSuffix("answers only without EDNS") }
        #expect(rows.count == 2)
    }

    @Test func severalDomainsHaveARowEach() {
        var overview = OverviewRenderer(TextStyle(width: 80, zone: .utc), condition: .propagated)
        var text = overview.header
        for situation in [Situation.published, .holding, .noQuorum] {
            text += overview.add(situation.status, at: Situation.start.wall)
        }
        text += overview.summary
        let expected = """
              DOMAIN                   PHASE             CLEAR   NOT BEFORE     REASON
            ✓ example.it               propagated        3/3     -              all 3 resol…
            ~ example.it               propagating       2/3     17:31:40 UTC   1 of 3 reso…
            ? example.it               undetermined      0/0     -              none of 3 r…
            1 of 3 domains are propagated; no verdict is possible for 1. (exit code 2)

            """
        #expect(text == expected)
    }
}

@Suite struct EventTests {
    private static func ndjson(_ event: ReportedEvent) -> String {
        String(decoding: DocumentTests.written(event), as: UTF8.self)
    }

    private static let head = #""at":"2026-11-23T17:05:00Z","domain":"example.it""#
    private static let google = #","resolver":"google","address":"8.8.8.8:53""#
    private static let facts =
        #","mx":[{"preference":10,"exchange":"mail.old.it","accepted":false}],"ttl":1600,"rtt_ms":12.3,"error":null"#

    private static func event(_ kind: ReportedEvent.Kind, _ resolver: Int? = nil) -> ReportedEvent {
        ReportedEvent(
            at: Situation.start.wall, domain: Situation.domain,
            resolver: resolver.map { Situation.resolvers[$0] }, kind: kind)
    }

    private static let doubtBegins = Situation.start.wallTime(at: Situation.start.instant - .seconds(240))
    private static let sample = ReportedEvent.Sample(Samples.previous, roundTrip: .microseconds(12_300))

    private static let lines: [(ReportedEvent, json: String, log: String?)] = [
        (
            event(.sample(sample), 0), #"{"event":"sample",\#(head)\#(google),"state":"previous"\#(facts)}"#,
            nil
        ),
        (
            event(.transition(from: nil, to: .previous, sample), 0),
            #"{"event":"transition",\#(head)\#(google),"from":null,"to":"previous","target_since":null\#(facts)}"#,
            "google (8.8.8.8)  unknown -> previous  MX 10 mail.old.it  TTL 1600"
        ),
        (
            event(.transition(from: .previous, to: .target, sample, targetSince: doubtBegins), 0),
            #"{"event":"transition",\#(head)\#(google),"from":"previous","to":"target","target_since":"2026-11-23T17:01:00Z"\#(facts)}"#,
            "google (8.8.8.8)  previous -> target  since 18:01:00 +0100  MX 10 mail.old.it  TTL 1600"
        ),
        (event(.level(.published)), #"{"event":"published",\#(head)}"#, "PUBLISHED: the new MX is published"),
        (
            event(.level(.regression)),
            #"{"event":"regression",\#(head),"level":"published","evidence":true}"#,
            "REGRESSION: the new MX is no longer published: an authoritative server serves another"
        ),
        (
            event(.level(.propagated)), #"{"event":"propagated",\#(head)}"#,
            "PROPAGATED: the new MX has propagated to every resolver that counts"
        ),
        (
            event(.level(.unpropagated)),
            #"{"event":"regression",\#(head),"level":"propagated","evidence":true}"#,
            "NO LONGER PROPAGATED: the new MX is no longer seen at every resolver that counts"
        ),
        (
            event(.doubt(edits: 3, from: doubtBegins, until: Situation.start.wall)),
            #"{"event":"doubt",\#(head),"edits":3,"from":"2026-11-23T17:01:00Z","until":"2026-11-23T17:05:00Z"}"#,
            "DOUBT: the zone was edited at least 3 times between 18:01:00 +0100 and 18:05:00 +0100, and we did not see what"
                + " it served in between"
        ),
    ]

    @Test(arguments: lines.indices) func eachEventIsOneLine(_ index: Int) {
        let (event, json, log) = Self.lines[index]
        #expect(Self.ndjson(event) == json)
        let line = LogRenderer(TextStyle(zone: .fixed(3600))).line(event)
        #expect(line == log.map { "2026-11-23 18:05:00 +0100  example.it  " + $0 })
    }

    @Test func theCoresEventsAreReported() {
        let (tracker, _) = Situation.holding.make()
        let event = ReportedEvent(
            .transition(resolver: 0, from: .target, to: .previous), in: tracker, at: Situation.start)
        #expect(event == Self.event(.transition(from: .target, to: .previous, Self.sample), 0))
        #expect(
            ReportedEvent(.level(.unpropagated), in: tracker, at: Situation.start).kind
                == .level(.unpropagated))
    }

    @Test func theLastLineIsAWholeStatus() {
        let status = DocumentTests.status([.holding, .hostile])
        let document = String(decoding: DocumentTests.written(status), as: UTF8.self)
        let line = String(decoding: DocumentTests.written(ReportedEvent.Last(status)), as: UTF8.self)
        #expect(line == #"{"event":"status","at":"2026-11-23T17:05:00Z","status":\#(document)}"#)
        #expect(!line.contains("\n"))
    }
}

@Suite struct NagiosTests {
    private static func result(_ situations: [Situation]) -> (line: String, exitCode: Int32) {
        var renderer = NagiosRenderer()
        for situation in situations {
            let (tracker, clock) = situation.make()
            renderer.add(situation.status, of: tracker, at: clock.instant)
        }
        return renderer.finish()
    }

    @Test(arguments: [
        (
            Situation.published, Int32(0),
            "MX OK - example.it: propagated, 3 of 3 resolvers have only the new MX, the latest since 2026-11-23T17:05:00Z; "
        ),
        (
            .holding, 1,
            "MX WARNING - example.it: propagating, 2 of 3 resolvers have only the new MX; 1 of 3 resolvers still"
        ),
        (
            .announced, 1,
            "MX WARNING - example.it: unpublished, 3 of 3 resolvers have only the new MX, the latest since 2026-11-23T17:05:00Z; the change is announced"
        ),
        (
            .regression, 2,
            "MX CRITICAL - example.it: publishing, 3 of 3 resolvers have only the new MX, the latest since 2026-11-23T17:05:00Z; the change was taken back"
        ),
        (.contradiction, 2, "MX CRITICAL - example.it: unpublished"),
        (.noQuorum, 3, "MX UNKNOWN - example.it: undetermined, no resolver counts; none of 3"),
        (.hostile, 1, "MX WARNING - example.it: propagating, 0 of 3"),
    ]) func oneDomain(_ situation: Situation, _ code: Int32, _ start: String) {
        let (line, exitCode) = Self.result([situation])
        #expect(exitCode == code)
        #expect(line.hasPrefix(start), "\(line)")
        #expect(line.count { $0 == "|" } == 1 && !line.contains { $0.isNewline })
    }

    @Test func performanceDataCounts() {
        #expect(
            Self.result([.holding]).line.hasSuffix(
                " | clear=2;;;0;3 counted=3 excluded=0 longest_ttl=1500s;;;0"))
        #expect(
            Self.result([.published, .holding]).line.hasSuffix(
                " | domains=2 met=1;;;0;2 clear=5;;;0;6 counted=6 excluded=0 longest_ttl=1500s;;;0"))
        #expect(Self.result([.noResolvers]).line.hasSuffix(" | clear=0;;;0;0 counted=0 excluded=0"))
    }

    private static let crowds: [([Situation], Int32)] = [
        ([Situation.published, .published], Int32(0)), ([.published, .holding], 1),
        ([.noQuorum, .holding], 3), ([.regression, .noQuorum, .published], 2), ([], 3),
    ]

    @Test(arguments: crowds) func theWorstDomainWins(_ situations: [Situation], _ code: Int32) {
        #expect(Self.result(situations).exitCode == code)
    }

    @Test func aPipeOrANewlineNeverStandsInTheText() {
        var status = Situation.holding.status
        status.reasons = ["a|b\nc\r\nd"]
        let (tracker, clock) = Situation.holding.make()
        var renderer = NagiosRenderer()
        renderer.add(status, of: tracker, at: clock.instant)
        #expect(renderer.finish().line.contains("only the new MX; a/b c d | clear="))
    }
}
