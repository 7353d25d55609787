import DNS
import Foundation
import Propagation
import Testing

@testable import Reporting

@Suite("A plan's table, calendar and runbook")
struct PlanFaceTests {
    private static func table(_ situation: PlanSituation, width: Int? = nil) -> String {
        let style = TextStyle(width: width, zone: .fixed(3600))
        return PlanTableRenderer(style).render(situation.status(style.zone))
    }

    @Test("The last line says whether, and the exit code")
    func closing() {
        func last(_ situation: PlanSituation) -> String {
            String(Self.table(situation).split(separator: "\n").last ?? "")
        }
        #expect(last(.ready) == "Ready to switch: YES, now. (exit code 0: ready)")
        #expect(last(.notLowered).hasPrefix("Ready to switch: NOT YET. The MX has a TTL of 86400 s (1 d) at"))
        #expect(last(.unknown).hasPrefix("Ready to switch: CANNOT TELL."))
        #expect(last(.switched).hasPrefix("Ready to switch: DONE already"))
        #expect(last(.nonexistent).contains("check") == false)
    }

    @Test("Times are local with their offset; what is to be done stands below what was found")
    func lines() {
        let text = Self.table(.wishful)
        #expect(text.contains("2026-11-23 19:05:00 +0100  Switch the MX"))
        #expect(text.contains("→ lower it to 600 s (the guide: 600 to 1800 s)"))
        #expect(text.contains("! the first pass has 1 h until the switch, not the guide's 24 h"))
        #expect(text.contains("(wait until 2026-11-25 18:05:00 +0100)"))
    }

    @Test("No line is wider than the terminal", arguments: PlanSituation.allCases, [40, 60, 80, 120])
    func width(situation: PlanSituation, width: Int) {
        for line in Self.table(situation, width: width).split(separator: "\n") {
            // A name alone may be longer than any line.
            let isOneWord = !line.drop { $0 == " " || $0 == "→" }.contains(" ")
            #expect(line.count <= width || isOneWord, "\(line)")
        }
    }

    @Test("Nothing from the network steers the terminal", arguments: [PlanSituation.hostile, .nonexistent])
    func hostile(situation: PlanSituation) {
        for text in [Self.table(situation), Self.runbook(situation), Self.calendar([situation])] {
            #expect(!text.contains("\u{1B}"), "\(text)")
        }
        #expect(Self.table(.nonexistent).contains("\\u{1B}[2J"))
    }

    @Test("Several domains: a row each, the obstacle beside it, and the worst exit code")
    func overview() {
        var overview = PlanOverviewRenderer(TextStyle(width: nil, zone: .utc))
        #expect(overview.header.contains("EARLIEST SWITCH"))
        #expect(overview.add(PlanSituation.ready.status).hasPrefix("✓ example.it               ready    900"))
        #expect(
            overview.add(PlanSituation.notLowered.status).contains(
                "2026-11-25 17:05:00 UTC   the MX has a TTL"))
        #expect(overview.add(PlanSituation.switched.status).hasPrefix("✓ example.it               switched"))
        #expect(overview.summary == "2 of 3 domains are ready. (exit code 1)\n")
        #expect(overview.add(PlanSituation.unknown.status).hasPrefix("? example.it               unknown"))
        #expect(overview.summary == "2 of 4 domains are ready, and we cannot tell for 1. (exit code 2)\n")
    }
}

// MARK: - The calendar (RFC 5545)

extension PlanFaceTests {
    private static func calendar(_ situations: [PlanSituation]) -> String {
        var calendar = PlanCalendar(createdAt: PlanSituation.clock.wall, commands: PlanSituation.commands)
        for situation in situations { calendar.add(situation.status) }
        return String(decoding: calendar.octets, as: UTF8.self)
    }

    @Test("Every line ends with CRLF and has at most 75 octets", arguments: PlanSituation.allCases)
    func folding(situation: PlanSituation) {
        let text = Self.calendar([situation])
        #expect(text.hasSuffix("END:VCALENDAR\r\n"))
        for line in text.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 75 && !line.contains("\n") && !line.contains("\r"), "\(line)")
        }
    }

    @Test("Folding tears no character, and unfolding gives the line back")
    func unfolding() {
        let line = "DESCRIPTION:" + String(repeating: "è€𝄞", count: 60)
        var octets: [UInt8] = []
        PlanCalendar.append(line, to: &octets)
        let text = String(decoding: octets, as: UTF8.self)
        #expect(text.replacingOccurrences(of: "\r\n ", with: "") == line + "\r\n")
        for piece in text.components(separatedBy: "\r\n") { #expect(piece.utf8.count <= 75) }
    }

    @Test("Text values are escaped (§3.3.11)")
    func escaping() {
        #expect(PlanCalendar.text("a, b; c\\d\ne: f") == "a\\, b\\; c\\\\d\\ne: f")
        #expect(PlanCalendar.text("\u{1B}\r") == "\\\\u{1B}\\\\u{D}")
        #expect(PlanCalendar.text("a;\u{301},\u{308}b") == "a\\;\u{301}\\,\u{308}b")
    }

    @Test("An event a step, each with a UID of its own that stays")
    func events() {
        let text = Self.calendar([.wishful])
        let steps = PlanSituation.wishful.status.timeline?.steps.count
        #expect(text.components(separatedBy: "BEGIN:VEVENT").count - 1 == steps)
        #expect(text.contains("UID:switch.example.it@plan.propaga\r\n"))
        #expect(
            text.contains("DTSTAMP:20261123T170500Z\r\n") && text.contains("DTSTART:20261123T180500Z\r\n"))
    }

    @Test("A domain without a timeline has no event, and a calendar without events is empty")
    func empty() {
        var calendar = PlanCalendar(createdAt: PlanSituation.clock.wall, commands: PlanSituation.commands)
        for situation in [PlanSituation.nonexistent, .switched, .silent] { calendar.add(situation.status) }
        #expect(calendar.isEmpty)
    }
}

// MARK: - The runbook

extension PlanFaceTests {
    private static func runbook(_ situation: PlanSituation) -> String {
        PlanRunbook(zone: .fixed(3600), commands: PlanSituation.commands).section(
            situation.status(.fixed(3600)))
    }

    @Test("Every step has its commands, with the options of this run, ready for a shell")
    func commands() {
        let text = Self.runbook(.wishful)
        let options = "--resolvers 'my list.conf' example.it\n"
        for command in [
            "propaga plan --also news.example.it \(options)", "propaga watch --until published \(options)",
            "propaga plan --forwarding postfix \(options)",
            "propaga watch --until propagated \(options)", "propaga watch --until second-pass \(options)",
            "propaga watch --until decommission \(options)",
        ] {
            #expect(text.contains("   \(command)"), "\(command)\n\(text)")
        }
        // What copies are left at the switch is known where it is known since when the TTL is low.
        let ready = Self.runbook(.ready)
        #expect(ready.contains("propaga watch --until propagated --previous-ttl 900 \(options)"))
        #expect(
            ready.contains("propaga plan -q --also news.example.it --resolvers 'my list.conf' example.it &&"))
    }

    @Test("Names that move along are forwarded and followed too")
    func subdomainsInCommands() {
        let text = Self.runbook(.subdomains)
        #expect(
            text.contains(
                "propaga plan --forwarding postfix --also news.example.it --resolvers 'my list.conf' example.it\n"
            ))
        #expect(
            text.contains(
                "propaga watch --until published --resolvers 'my list.conf' example.it news.example.it\n"))
    }

    @Test("No command of a runbook or calendar says what nobody has said", arguments: PlanSituation.allCases)
    func nothingMadeUp(situation: PlanSituation) {
        for text in [Self.runbook(situation), Self.calendar([situation]).replacing("\r\n ", with: "")] {
            let commands = text.split(separator: "propaga ").dropFirst().map { $0.prefix { !$0.isNewline } }
            for command in commands where command.hasPrefix("plan") || command.hasPrefix("watch") {
                #expect(!command.contains("--mta-sts-checked") && !command.contains("--published-at"))
                #expect(!command.contains("--lowered-at 2"), "\(command)")
            }
        }
    }

    @Test("Since when the TTL is low, the shell asks where it is not known, and stops without it")
    func loweringAsked() throws {
        let text = Self.runbook(.wishful)
        let gate = try #require(text.split(separator: "\n").first { $0.contains("propaga plan -q") })
        #expect(gate.contains("--lowered-at \"${LOWERED_AT:?when the TTL was lowered"))
        for (time, code) in [(nil, false), ("2026-11-25T17:05:00Z", true)] {
            let shell = Process()
            shell.executableURL = URL(filePath: "/bin/sh")
            shell.arguments = ["-c", "propaga() { test \"$5 $6\" = \"--lowered-at $LOWERED_AT\"; }\n\(gate)"]
            shell.environment = time.map { ["LOWERED_AT": $0] } ?? [:]
            shell.standardOutput = FileHandle.nullDevice
            shell.standardError = FileHandle.nullDevice
            try shell.run()
            shell.waitUntilExit()
            #expect((shell.terminationStatus == 0) == code)
        }
    }

    @Test("The switch's event has what was not in order, and how to mend it")
    func preparations() {
        let text = Self.calendar([.unknown]).replacing("\r\n ", with: "")
        let event = text.split(separator: "BEGIN:VEVENT").first { $0.contains("UID:switch.") } ?? ""
        for line in PlanSituation.unknown.status.obstacles {
            #expect(
                event.contains("- \(PlanCalendar.text("\(line.topic.words) (\(line.status)): \(line.text)"))")
            )
        }
        #expect(event.contains("MTA-STS (unknown)") && event.contains(": run the plan again"))
        #expect(!Self.calendar([.ready]).contains("Do this first"))
    }

    @Test("Steps and what the wish costs")
    func steps() {
        let text = Self.runbook(.wishful)
        #expect(text.contains("1. [ ] **Lower the TTL**, 2026-11-23 18:05:00 +0100\n"))
        #expect(text.contains("6. [ ] **Second pass**, not before 2026-11-24 20:05:00 +0100\n"), "\(text)")
        #expect(text.contains("> **Note:** with a switch at that time, mail may still reach the old server"))
        #expect(
            text.contains("Copy the mailboxes for the first time: the second pass skips what you copy now.")
        )
        #expect(text.contains("Have mail.old.it forward mail for example.it to mx01.cbsolt.net."))
        #expect(text.contains("Ask the old provider to delete example.it"))
        #expect(
            Self.runbook(.switched).contains(
                "propaga watch --until second-pass --resolvers 'my list.conf' example.it\n"))
    }

    @Test("Without an MX it is the SOA whose TTL is lowered and raised again")
    func negativeTTL() {
        let text = Self.runbook(.noMXLong)
        let names = "the TTL and the last field (MINIMUM) of the SOA of example.it"
        #expect(text.contains("Set \(names) to 600 s; it is 86400 s (1 d) now"), "\(text)")
        #expect(text.contains("Set \(names) back to 86400 s (1 d)"))
        #expect(!text.contains("TTL of the MX"))
    }

    @Test("A wait that is long because nobody looked at the lowering says so")
    func seenLate() {
        let text = Self.runbook(.seenLate)
        #expect(text.contains("because nobody looked at the servers in between"), "\(text)")
        #expect(text.contains("wait until 2026-11-24 18:05:00 +0100"))
        #expect(!Self.runbook(.lowered).contains("in between"))
    }

    @Test("The earliest good moment of a switch that is wanted later lies ahead, and is said so")
    func laterThanEarliest() {
        let text = Self.table(.later)
        #expect(
            text.contains("The earliest good time for the switch is 2026-11-25 18:05:00 +0100."), "\(text)")
    }

    @Test("Text from the network is no markup")
    func markup() {
        #expect(
            "a*b_c`d[e](f)<g>|#@&!~\\".escapedForMarkdown
                == "a\\*b\\_c\\`d\\[e\\](f)\\<g\\>\\|\\#\\@\\&\\!\\~\\\\")
        #expect("example.it (10, 20)".escapedForMarkdown == "example.it (10, 20)")
        // A mark that combines hides no sign, and what looks like an address becomes no link.
        #expect("`\u{301}<\u{338}b".escapedForMarkdown == "\\`\u{301}\\<\u{338}b")
        #expect("id=https://evil.example/x".escapedForMarkdown == "id=https\\://evil.example/x")
        #expect("://\u{301}".escapedForMarkdown == "\\://\u{301}")
        #expect("www.evil.example Www.a w.b".escapedForMarkdown == "www\\.evil.example Www\\.a w.b")
    }

    @Test("Words for a shell")
    func shell() {
        #expect("a.it".quotedForShell == "a.it" && "192.0.2.1:53".quotedForShell == "192.0.2.1:53")
        #expect("".quotedForShell == "''" && "a b".quotedForShell == "'a b'")
        #expect("a'b".quotedForShell == "'a'\\''b'" && "$(x)".quotedForShell == "'$(x)'")
        #expect("[2001:db8::1]:53".quotedForShell == "'[2001:db8::1]:53'")
    }

    @Test(
        "A word means the same to a shell, whatever is in it, and steers no terminal",
        arguments: [
            "a\tb.conf", "\u{1B}[2J", "a\n'b' $(c) `d` \"e\" \\f %s", "\u{202E}gpj.è", "my 'r'.conf", "è €",
            "-", "100%\t",
        ])
    func shellReadsItBack(word: String) throws {
        let quoted = word.quotedForShell
        #expect(quoted == quoted.escapedForDisplay)
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "printf '%s.' \(quoted)"]
        shell.standardOutput = output
        try shell.run()
        let read = output.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        #expect(String(decoding: read, as: UTF8.self) == word + ".")
    }

    @Test(
        "Resolvers that were read from standard input are asked for: a later command cannot read them again")
    func standardInput() {
        let commands = PlanCommands(
            options: ["--resolvers", "-"], planOptions: [], loweredAt: nil, isRemembered: true)
        let text = PlanRunbook(zone: .utc, commands: commands).section(PlanSituation.ready.status)
        #expect(text.contains("propaga watch --until published --resolvers \"${RESOLVERS:?a file with"))
        #expect(!text.contains("--resolvers -"))
    }
}
