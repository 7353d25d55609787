import Foundation
import Testing

/// The live screen in a real terminal. Everything it asks is on loopback.
@Suite(
    "The live screen", .serialized,
    .enabled(if: Executable.runs(with: TerminalWindow.programs), "needs \(TerminalWindow.programs)"))
struct LiveTests {
    @Test("A demonstration is drawn to its end, and leaves the last table on the normal screen")
    func wholeDemo() async throws {
        try await TerminalWindow.with { window in
            _ = try await window.start("demo")
            let first = try await window.wait("every resolver has been asked") { lines in
                lines.count { $0.contains(" previous ") || $0.contains(" no_mx ") } >= 13
            }
            #expect(first.count == 24)
            #expect(first[0].hasPrefix("example.it  unpublished  ────────────────  0/1"))
            #expect(first[1].hasPrefix("authority 0/2 target, serial 2026112301"))
            #expect(first.contains { $0.hasPrefix("Second pass: NOT YET. ") })
            let row = try #require(first.first { $0.contains("ttl-floor-18") })
            // Nobody asks this resolver for 18 s: only the countdown moves.
            try await window.wait("the bar has moved") { lines in
                lines.contains { $0.contains("ttl-floor-18") && Self.bar($0) != Self.bar(row) }
            }
            try await window.wait("the change has been noticed") { lines in
                lines.contains { $0.contains("target 1/3") || $0.contains("target 2/3") }
            }
            let last = try await window.waitForEnd(code: 0)
            #expect(last.contains { $0.hasPrefix("Second pass: YES since ") })
            #expect(last.contains { $0.hasPrefix("✓  ") && $0.contains("target") })
            #expect(try await window.faults() == [])
        }
    }

    @Test("A resize redraws; help comes and goes; q leaves with the last status and its code")
    func resizeAndHelp() async throws {
        try await TerminalWindow.with { window in
            _ = try await window.start("demo")
            try await Self.waitForRows(window)
            for (columns, rows) in [(120, 40), (40, 15), (20, 5), (80, 24)] {
                try await window.resize(columns: columns, rows: rows)
                try await window.wait("\(columns)x\(rows) is filled") { lines in
                    let clock = lines.first?.firstMatch(of: /\d\d:\d\d:\d\d$/) != nil
                    let isWide = columns < 80 || clock && lines.first?.count == columns
                    let footer = rows < 8 || lines.last?.contains("q quit") == true
                    return lines.count == rows && isWide && footer
                        && lines.contains { $0.hasPrefix("Second pass:") }
                }
            }
            try await window.press("?")
            try await window.wait("help is there") { $0.first == "Keys" }
            try await window.press("?")
            try await window.wait("help is gone") { $0.first?.hasPrefix("example.it") == true }
            try await window.press("q")
            let last = try await window.waitForEnd(code: 1)
            #expect(Self.hasLastTable(last), "\(last.joined(separator: "\n"))")
            #expect(try await window.faults() == [])
        }
    }

    @Test("In a short window the list scrolls")
    func scrolls() async throws {
        try await TerminalWindow.with(columns: 80, rows: 12) { window in
            _ = try await window.start("demo")
            try await Self.waitForRows(window)
            let top = try await window.wait("the footer counts") {
                Self.firstRow($0) == 1 && Self.hasVerdict($0)
            }
            #expect(try #require(top.last).contains(" of 15  j/k scroll  ? help  q quit"))
            for (key, row) in [("j", 2), ("Down", 3), ("k", 2), ("Up", 1)] {
                try await window.press(key)
                try await window.wait("\(key) leads to row \(row)") { Self.firstRow($0) == row }
            }
            try await window.press("End")
            let end = try await window.wait("the last row") { $0.last?.contains("-15 of 15") == true }
            #expect(end.contains { $0.hasPrefix("- refuses") })
            try await window.press("PPage")
            try await window.wait("a page up") { $0.last?.contains("-15 of 15") == false }
            try await window.press("g")
            try await window.wait("the first row") { Self.firstRow($0) == 1 }
            // Standard input is the terminal here; elsewhere keys come from /dev/tty.
            try await window.press("q")
            _ = try await window.waitForEnd(code: 1)
        }
    }

    /// Whether the closing sentence stands there, whatever the verdict is so early, and wherever it is broken.
    private static func hasLastTable(_ lines: [String]) -> Bool {
        lines.joined(separator: " ").contains("(exit code ")
    }

    @Test(
        "Every way out gives the terminal back",
        arguments: [
            (SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129), (SIGQUIT, 131), (SIGABRT, 134), (SIGSEGV, 139),
            (SIGTRAP, 133), (SIGILL, 132), (SIGBUS, 135), (SIGFPE, 136),
        ] as [(Int32, Int32)])
    func waysOut(signal: Int32, code: Int32) async throws {
        try await TerminalWindow.with { window in
            // The shell must not write a core file into the tree.
            try await window.enter("ulimit -c 0")
            let process = try await window.start("demo")
            try await Self.waitForRows(window)
            kill(process, signal)
            let last = try await window.waitForEnd(code: code)
            let isOrderly = [SIGTERM, SIGINT, SIGHUP].contains(signal)
            #expect(Self.hasLastTable(last) == isOrderly, "\(last.joined(separator: "\n"))")
            #expect(try await window.faults() == [])
        }
    }

    @Test("Ctrl-C is an interruption, and the last table is printed")
    func interrupted() async throws {
        try await TerminalWindow.with { window in
            _ = try await window.start("demo")
            try await Self.waitForRows(window)
            try await window.press("C-c")
            let last = try await window.waitForEnd(code: 130)
            #expect(Self.hasLastTable(last), "\(last.joined(separator: "\n"))")
            #expect(try await window.faults() == [])
        }
    }

    @Test("Ctrl-Z suspends with the terminal as it was, and fg comes back")
    func suspended() async throws {
        try await TerminalWindow.with { window in
            _ = try await window.start("demo")
            try await Self.waitForRows(window)
            try await window.press("C-z")
            try await window.wait("the shell is back") { lines in lines.contains { $0.contains("Stopped") } }
            #expect(try await window.faults() == [])
            try await window.enter("fg")
            try await Self.waitForRows(window)
            try await window.press("C-l")
            try await window.press("q")
            _ = try await window.wait("it has ended") { lines in
                Self.hasLastTable(lines)
            }
            #expect(try await window.faults() == [])
        }
    }

    @Test("Keys come from the terminal where standard input is something else")
    func keysFromTheTerminal() async throws {
        try await TerminalWindow.with { window in
            _ = try await window.start("demo", redirecting: "</dev/null")
            try await Self.waitForRows(window)
            try await window.press("q")
            _ = try await window.waitForEnd(code: 1)
            #expect(try await window.faults() == [])
        }
    }

    @Test("No colour and no Unicode where they are not wanted")
    func plain() async throws {
        try await TerminalWindow.with(environment: ["LC_ALL": "C"]) { window in
            _ = try await window.start("demo")
            let lines = try await window.wait("rows are there") { lines in
                lines.contains { $0.hasPrefix("x ") } && Self.hasVerdict(lines)
            }
            #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 })
            #expect(try await window.lines(withColor: true).contains { $0.contains("\u{1B}[31mx") })
            try await window.press("q")
            _ = try await window.waitForEnd(code: 1)
            _ = try await window.start("demo --no-color")
            try await window.wait("rows are there") { lines in
                lines.contains { $0.hasPrefix("x ") } && Self.hasVerdict(lines)
            }
            #expect(try await !window.lines(withColor: true).joined().contains("\u{1B}"))
            try await window.press("q")
            _ = try await window.waitForEnd(code: 1)
        }
    }

    @Test("Several domains have a row each; Enter opens one and Escape returns")
    func severalDomains() async throws {
        try await TerminalWindow.with(columns: 80, rows: 12) { window in
            // Nobody listens there, so every resolver is silent.
            try "127.0.0.1:\(Port.free()) silent\n".write(
                to: window.folder.appending(path: "resolvers.conf"), atomically: true, encoding: .utf8)
            try (1...30).map { "domain-\($0).zz\n" }.joined().write(
                to: window.folder.appending(path: "domains.txt"), atomically: true, encoding: .utf8)
            _ = try await window.start(
                "watch --file domains.txt --resolvers resolvers.conf --no-authority --timeout 500ms --tries 1"
            )
            try await window.wait("the overview is there") { lines in
                lines.first?.hasPrefix("30 domains") == true && lines.contains { $0.hasPrefix("▸ ") }
                    && lines.contains { $0.hasPrefix("domain-1.zz: Second pass: CANNOT TELL.") }
            }
            try await window.press("j")
            try await window.wait("the second is selected") { lines in
                lines.contains { $0.hasPrefix("▸ ") && $0.contains(" domain-2.zz ") }
            }
            try await window.press("Enter")
            try await window.wait("its detail is there") { $0.first?.hasPrefix("domain-2.zz  ") == true }
            try await window.press("Escape")
            try await window.wait("the overview is back") { $0.first?.hasPrefix("30 domains") == true }
            try await window.press("G")
            try await window.wait("the last is selected") { lines in
                lines.contains { $0.hasPrefix("▸ ") && $0.contains(" domain-30.zz ") }
            }
            try await window.press("q")
            try await window.waitForEnd(code: 2).expect("0 of 30 domains are propagated")
            #expect(try await window.faults() == [])
        }
    }

    /// Waits for rows, and for a verdict: before enough has answered, the exit code would be another.
    private static func waitForRows(_ window: TerminalWindow) async throws {
        try await window.wait("the rows are there") { lines in
            lines.first?.hasPrefix("example.it") == true && hasVerdict(lines)
                && lines.contains { $0.contains(" previous ") || $0.contains(" target ") }
        }
    }

    private static func hasVerdict(_ lines: [String]) -> Bool {
        lines.contains { $0.hasPrefix("Second pass: NOT YET") }
    }

    /// What stands in the column of the countdown.
    private static func bar(_ line: String) -> String? {
        line.firstMatch(of: /[━╸─]{4}/).map { String($0.0) }
    }

    /// The number of the first row in sight, as the footer counts.
    private static func firstRow(_ lines: [String]) -> Int? {
        lines.last?.prefixMatch(of: /(\d+)-\d+ of \d+\b/).flatMap { Int($0.1) }
    }
}

extension [String] {
    fileprivate func expect(_ text: String, _ location: SourceLocation = #_sourceLocation) {
        #expect(
            contains { $0.contains(text) }, "\(joined(separator: "\n"))", sourceLocation: location)
    }
}
