import DNS
import Propagation
import Testing

@testable import Reporting

@Suite struct LiveScreenTests {
    @Test func oneDomainAtEightyColumns() {
        let expected = """
            example.it  propagating  ━━━━━━━━━━╸─────  2/3 clear                    17:05:00
            authority 2/2 target, serial 2026112301

              RESOLVER ADDRESS      STATE      SINCE MX              LEFT      CACHES AGO
            ✗ google   8.8.8.8      previous         mail.old.it      25m ━━━╸      1  0s
            ✓ 1.1.1.1  1.1.1.1:5353 target     17:05 mx01.cbsolt.net   9m ━━━╸      1  0s
            ✓ quad9    2620:fe::10  target     17:05 mx01.cbsolt.net   9m ━━━╸      1  0s

            Second pass: NOT YET, not before 2026-11-24 19:05. 1 of 3 resolvers still has
            the previous MX, until 17:31. No cache may keep the previous MX after 2026-11-24
            17:05 (--previous-ttl would shorten this). Then a waiting period of 2 h.

            ? we assume that the name servers have not changed since before 2026-11-21
            17:05:00 UTC. If they have, add --name-servers-since TIME
            """
        let lines = LiveSample.detail(Situation.holding.status, 80, 24)
        #expect(lines.count == 24)
        #expect(lines.dropLast().joined(separator: "\n").trimmed == expected)
        #expect(
            lines.last == "? help  q quit                                                  until propagated")
    }

    @Test func fortyResolversAtEightyByTwentyFour() {
        let lines = LiveSample.detail(LiveSample.forty(), 80, 24)
        #expect(lines.count == 24)
        #expect(lines.count { $0.contains("192.0.2.") } == 15)
        #expect(lines[20].hasPrefix("Second pass: NOT YET, not before "), "\(lines.joined(separator: "\n"))")
        #expect(lines[23].hasPrefix("1-15 of 40  j/k scroll  ? help  q quit"))
    }

    private static let statuses: [DomainStatus] =
        Situation.allCases.map(\.status) + [LiveSample.forty(), hostile]

    @Test(arguments: statuses.indices) func noLineIsWiderThanTheScreen(_ index: Int) {
        let status = Self.statuses[index]
        let event = ReportedEvent(
            at: Situation.start.wall, domain: status.domain, resolver: Situation.resolvers[0],
            kind: .transition(from: nil, to: .previous, .init(Samples.hostile, roundTrip: nil)))
        for columns in LiveSample.columns {
            for rows in LiveSample.rows {
                let lines = LiveSample.detail(status, columns, rows, event: event)
                #expect(lines.count == rows)
                #expect(
                    lines.allSatisfy { $0.displayWidth <= columns },
                    "\(columns)x\(rows):\n\(lines.joined(separator: "\n"))")
                #expect(lines.contains { $0.hasPrefix("Second pass:") }, "\(columns)x\(rows)")
            }
        }
    }

    /// Every text that can come from a network or a file, as hostile as the escaping leaves it.
    private static var hostile: DomainStatus {
        var status = Situation.hostile.status
        let long = String(repeating: "漢字e\u{301}", count: 40).escapedForDisplay
        status.resolvers += [
            LiveSample.resolver(1, .previous, name: long), LiveSample.resolver(2, .failing, name: ""),
        ]
        status.resolvers[4].error = "\u{1B}[2J\r\n\u{202E}".escapedForDisplay + long
        status.warnings = [long, "\u{1B}]0;title\u{7}".escapedForDisplay]
        status.reasons = [long]
        return status
    }

    @Test func whatIsHostileStaysEscaped() {
        for usesColor in [false, true] {
            let lines = LiveSample.detail(
                Self.hostile, 200, 40, LiveSample.settings(usesColor: usesColor))
            let text = LiveSample.withoutColor(lines.joined())
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(!text.unicodeScalars.contains("\u{202E}"))
        }
    }

    @Test func colourOnlyAddsToWhatIsThere() {
        let plain = LiveSample.detail(LiveSample.forty(), 80, 24)
        let colored = LiveSample.detail(LiveSample.forty(), 80, 24, LiveSample.settings(usesColor: true))
        #expect(colored.map(LiveSample.withoutColor) == plain)
        #expect(colored.contains { $0.contains("\u{1B}[31m✗\u{1B}[0m") })
        #expect(
            colored.contains {
                $0.hasPrefix("\u{1B}[1m\u{1B}[33mSecond pass: NOT YET, not before 2026-11-24 19:05.\u{1B}[0m")
            })
        #expect(!plain.joined().contains("\u{1B}"))
    }

    @Test func aLocaleWithoutUnicodeGetsASCII() {
        var status = LiveSample.forty()
        status.resolvers[0].name = "città"
        status.warnings = ["città"]
        for (columns, rows) in [(80, 24), (80, 60), (40, 15), (200, 60)] {
            let lines = LiveSample.detail(status, columns, rows, LiveSample.settings(isASCII: true))
            #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 }, "\(lines.joined(separator: "\n"))")
        }
    }

    @Test func aDomainThatNobodyWasAskedAboutYet() {
        let lines = LiveSample.detail(Situation.nothingAsked.status, 80, 24)
        #expect(lines[0].hasPrefix("example.it  asking…  ────────────────  0/0 clear"))
        #expect(lines[1] == "authority asking…")
        #expect(lines.count { $0.hasPrefix("· ") && $0.contains("asking…") } == 3)
        #expect(lines.contains("Second pass: CANNOT TELL. Nothing has been asked yet."))
    }

    @Test func aWideScreenHasRoomForMore() {
        let lines = LiveSample.detail(LiveSample.forty(), 160, 60)
        #expect(lines.contains { $0.contains("10 mx01.cbsolt.net") && $0.contains("17:05") })
        #expect(lines.contains { $0.hasPrefix("~  r0 ") || $0.hasPrefix("✓  r0 ") && $0.contains("  IT  ") })
    }

    @Test func withoutAKeyboardNoKeysAreOffered() {
        let last = LiveSample.detail(LiveSample.forty(), 80, 24, LiveSample.settings(hasKeys: false))[23]
        #expect(last.hasPrefix("1-15 of 40  Ctrl-C ends"))
    }

    @Test func authorityInBrief() {
        func line(_ situation: Situation) -> String { LiveSample.detail(situation.status, 120, 24)[1] }
        #expect(line(.contradiction) == "authority 0/2 target, serial 2026112301; both previous")
        #expect(line(.laggingSecondary) == "authority 2/2 target, serials 7, 6")
        #expect(line(.authoritySilent) == "authority 0/2 target, serial 2026112301; both no answer in time")
        #expect(
            line(.regression) == "authority 1/2 target, serial 2026112301; ns1.example.it previous")
        #expect(line(.resolversOnly) == "authority not asked: the resolvers alone decide")
    }

    @Test(arguments: [(20, 5), (40, 15), (80, 24), (200, 60)]) func helpFits(_ columns: Int, _ rows: Int) {
        for isASCII in [false, true] {
            let frame = LiveHelp.frame(
                LiveSample.settings(isASCII: isASCII), ScreenSize(columns: columns, rows: rows),
                over: .init(rows: 40, visible: 3))
            #expect(frame.lines.count == rows && frame.lines.allSatisfy { $0.displayWidth <= columns })
            #expect(frame.lines[rows - 1].hasPrefix("? or Esc returns"))
            #expect(columns < 40 || !frame.lines.contains { $0.contains("…") || $0.hasSuffix("..") })
        }
    }
}

@Suite struct LiveOverviewTests {
    private static func frame(
        _ domains: Int, _ columns: Int, _ rows: Int, _ view: inout LiveView, asked: inout [Int],
        settings: LiveSettings = LiveSample.settings()
    ) -> LiveFrame {
        let situations = Situation.allCases
        var indices: [Int] = []
        defer { asked = indices }
        return LiveOverview(settings, ScreenSize(columns: columns, rows: rows)).frame(
            .init(domains: domains, met: 1, undetermined: 2), at: Situation.start.wall, view: &view
        ) { index in
            indices.append(index)
            return situations[index % situations.count].status
        }
    }

    @Test func severalDomainsHaveARowEach() {
        var (view, asked) = (LiveView(domains: 3), [Int]())
        let lines = Self.frame(3, 80, 24, &view, asked: &asked).lines
        #expect(lines[0].hasPrefix("3 domains  ━━━━━╸──────────"), "\(lines[0])")
        #expect(lines[0].contains("  1/3 propagated, 2 cannot tell "))
        let expected = """
                DOMAIN                   PHASE        CLEAR NOT BEFORE REASON
            ▸ · example.it               asking…        0/0
              ✓ example.it               propagated     3/3            all 3 resolvers that…
              ~ example.it               propagating    2/3 17:31      1 of 3 resolvers sti…

            example.it: Second pass: CANNOT TELL. Nothing has been asked yet.
            """
        #expect(lines[2...7].joined(separator: "\n") == expected, "\(lines.joined(separator: "\n"))")
        #expect(lines[23].hasPrefix("j/k select  Enter open  ? help  q quit"))
    }

    @Test func tenThousandDomainsCostAsMuchAsThoseInSight() {
        var (view, asked) = (LiveView(domains: 10_000), [Int]())
        let extent = Self.frame(10_000, 80, 24, &view, asked: &asked).extent
        #expect(extent == .init(rows: 10_000, visible: 18))
        _ = view.handle(.end, extent)
        let lines = Self.frame(10_000, 80, 24, &view, asked: &asked).lines
        #expect(asked.count <= 18 && asked.max() == 9_999)
        #expect(lines[23].hasPrefix("9985-10000 of 10000"))
    }

    @Test func noLineIsWiderThanTheScreen() {
        for columns in LiveSample.columns {
            for rows in LiveSample.rows {
                var (view, asked) = (LiveView(domains: 17), [Int]())
                let lines = Self.frame(17, columns, rows, &view, asked: &asked).lines
                #expect(lines.count == rows && lines.allSatisfy { $0.displayWidth <= columns })
                #expect(lines.contains { $0.hasPrefix("example") && $0.contains(":") })
            }
        }
    }

    @Test func itReadsInASCIIAndWithoutColour() {
        var (view, asked) = (LiveView(domains: 17), [Int]())
        let ascii = Self.frame(
            17, 80, 24, &view, asked: &asked, settings: LiveSample.settings(isASCII: true))
        #expect(ascii.lines.joined().utf8.allSatisfy { $0 < 0x80 })
        #expect(ascii.lines[3].hasPrefix("> . example.it"))
        let colored = Self.frame(
            17, 80, 24, &view, asked: &asked, settings: LiveSample.settings(usesColor: true))
        let plain = Self.frame(17, 80, 24, &view, asked: &asked)
        #expect(colored.lines.map(LiveSample.withoutColor) == plain.lines)
    }
}

extension String {
    /// Without empty lines at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
