import DNS
import Foundation
import Propagation
import Reporting
import Storytelling
import Testing

/// The page of `propaga report` in a browser that reaches nothing but loopback.
///
/// With `PROPAGA_REPORT_PICTURES` set to a folder, the pages, pictures and prints stay there to be looked at.
@Suite(
    "The report's page in Chromium", .serialized,
    .enabled(if: Executable.runs(with: Browser.programs), "needs \(Browser.programs)"))
struct ReportPageTests {
    static let worlds: [String: Chronicle] = [
        "hours": RecordedMigration.hours, "single": RecordedMigration.single,
        "days": RecordedMigration.days, "nothing": RecordedMigration.nothing,
        "hostile": RecordedMigration.hostile(fetching: "127.0.0.1:9"),
    ]

    @Test("Both plots are there, with a bar for each resolver and a table with the same numbers")
    func plots() async throws {
        for (name, chronicle) in Self.worlds where name != "nothing" {
            try await Self.withPage(chronicle, name) { browser, page in
                let report = Self.document(chronicle)
                let dom = try await browser.dom(of: page)
                #expect(dom.contains("It was clear after 9 min 48 s.") == (name == "single"), "\(name)")
                let plots = Self.elements("svg", in: dom).filter { $0.attributes.contains("role=\"img\"") }
                #expect(plots.count { $0.attributes.contains("class=\"plot\"") } == 1, "\(name)")
                let bars = plots.filter { $0.attributes.contains("class=\"bar\"") }
                #expect(bars.count == report.resolvers.count, "\(name)")
                for plot in plots {
                    #expect(plot.content.contains("<title") && plot.content.contains("<desc"), "\(name)")
                }
                let rows = Self.rows(of: "share", in: dom)
                #expect(
                    rows.map { Array($0[1...2]) } == report.shares.map { ["\($0.clear)", "\($0.counted)"] },
                    "\(name)")
                #expect(try Self.sharesDrawn(in: dom) == Self.sharesToDraw(report), "\(name)")
                let segments = Self.rows(of: "bars", in: dom)
                #expect(segments.count == report.resolvers.reduce(0) { $0 + $1.segments.count }, "\(name)")
            }
        }
    }

    @Test("A domain of which nothing is known has a page too")
    func nothing() async throws {
        try await Self.withPage(RecordedMigration.nothing, "nothing") { browser, page in
            let dom = try await browser.dom(of: page)
            #expect(dom.contains("No resolver counted") && !dom.contains("class=\"plot\""))
        }
    }

    @Test("Hostile names stay text: no element of theirs, no request, no script")
    func hostile() async throws {
        let listener = try Listener()
        let address = "127.0.0.1:\(listener.port)"
        try await withTemporaryFolder { folder in
            // What would reach the listener if it came through does reach it.
            let browser = Browser(folder: folder)
            let bait = folder.appending(path: "bait.html")
            try Data("<!DOCTYPE html><img src='http://\(address)/r'>".utf8).write(to: bait)
            let child = try browser.start(["--dump-dom", bait.absoluteString])
            try await eventually("the bait is taken", within: .seconds(60)) {
                listener.requests() > 0 ? true : nil
            }
            await child.stop()
            let before = listener.connections()

            let page = try Self.page(RecordedMigration.hostile(fetching: address), "hostile", in: folder)
            let dom = try await browser.dom(of: page)
            #expect(listener.connections() == before, "the page fetched something")
            for name in ["img", "script", "iframe", "link"] {
                #expect(Self.elements(name, in: dom).isEmpty && !dom.contains("<\(name)"), "\(name)")
            }
            #expect(dom.contains("&lt;img src='http://\(address)/r'&gt;"), "the name is not shown")
            #expect(dom.contains("\\u{202E}\\u{1B}[2J"))
        }
    }

    @Test("Even markup that came through would load nothing: the policy holds")
    func policy() async throws {
        let listener = try Listener()
        let address = "127.0.0.1:\(listener.port)"
        try await withTemporaryFolder { folder in
            let page = try Self.page(RecordedMigration.single, "single", in: folder)
            let bait = """
                <img src="http://\(address)/i"><script src="http://\(address)/s"></script>
                <link rel="stylesheet" href="http://\(address)/c"><iframe src="http://\(address)/f"></iframe>
                <p style="background: url(http://\(address)/b)">x</p>
                <script>document.title = "ran"</script></body>
                """
            let html = try String(contentsOf: page, encoding: .utf8)
            let baited = html.replacingOccurrences(of: "</body>", with: bait)
            try #require(baited != html)
            try Data(baited.utf8).write(to: page)
            let dom = try await Browser(folder: folder).dom(of: page)
            #expect(dom.contains("<title>example.it: propagation report</title>"), "a script ran")
            #expect(listener.requests() == 0, "something was fetched")
        }
    }

    @Test(
        "On 360 pixels nothing sticks out, and every bar has room",
        arguments: ["hours", "single", "days", "hostile"])
    func narrow(name: String) async throws {
        let chronicle = try #require(Self.worlds[name])
        try await Self.withPage(chronicle, name) { browser, page in
            let frame = page.deletingLastPathComponent().appending(path: "frame.html")
            try Data(Self.frame(page.lastPathComponent, width: 360).utf8).write(to: frame)
            let dom = try await browser.dom(of: frame, more: ["--allow-file-access-from-files"])
            let measures = try #require(dom.firstMatch(of: /measured (\d+) (\d+)/), "\(dom)")
            #expect(try #require(Int(measures.1)) <= 360, "the page is wider than the screen")
            #expect(try #require(Int(measures.2)) >= 250, "the bars are too narrow")
            try Self.keep(
                await browser.screenshot(of: frame, name: "\(name)-narrow.png", width: 500, height: 2800))
        }
    }

    @Test("Light is light and dark is dark", arguments: ["hours", "single", "days", "nothing"])
    func schemes(name: String) async throws {
        let chronicle = try #require(Self.worlds[name])
        try await Self.withPage(chronicle, name) { browser, page in
            try Self.keep(page)
            for (scheme, color) in [(Browser.Scheme.light, "fdfcfa"), (.dark, "15181b")] {
                let picture = try await browser.screenshot(
                    of: page, name: "\(name)-\(scheme).png", width: 1100, height: 2600, scheme: scheme)
                try Self.keep(picture)
                #expect(try await Self.firstPixel(of: picture) == color, "\(scheme)")
            }
        }
    }

    @Test(
        "Printed on A4, each page of bars has the time axis, and every resolver is there",
        arguments: [("hours", 3...5), ("single", 1...2), ("days", 5...7)])
    func print(name: String, pages: ClosedRange<Int>) async throws {
        let chronicle = try #require(Self.worlds[name])
        try await Self.withPage(chronicle, name) { browser, page in
            let folder = page.deletingLastPathComponent()
            let file = try await browser.print(page, name: "\(name).pdf")
            try Self.keep(file)
            let facts = try await Self.run("pdfinfo", [file.path], in: folder)
            #expect(facts.contains("(A4)"))
            let count = try #require(facts.firstMatch(of: /Pages:\s+(\d+)/).flatMap { Int($0.1) })
            #expect(pages.contains(count), "\(count) pages")
            let text = try await Self.run("pdftotext", ["-layout", file.path, "-"], in: folder)
            for resolver in Self.document(chronicle).resolvers { #expect(text.contains(resolver.name)) }
            // A page of the plot names who stands in each row, and when each was clear.
            let plotPages = text.split(separator: "\u{C}").filter { $0.contains("Clear after") }
            #expect(!plotPages.isEmpty)
            #expect(plotPages.allSatisfy { $0.contains("Nov") }, "an axis is missing")
        }
    }
}

// MARK: - Pages and what is in them

extension ReportPageTests {
    private static func document(_ chronicle: Chronicle) -> ReportDocument {
        ReportDocument(
            chronicle, generatedAt: WallTime(milliseconds: chronicle.lastLook.milliseconds + 60_000))
    }

    private static func page(_ chronicle: Chronicle, _ name: String, in folder: URL) throws -> URL {
        let file = folder.appending(path: "\(name).html")
        try Data(ReportPage(document(chronicle), zone: .fixed(3600)).html.utf8).write(to: file)
        return file
    }

    private static func withPage(
        _ chronicle: Chronicle, _ name: String, _ body: (Browser, URL) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await body(Browser(folder: folder), page(chronicle, name, in: folder))
        }
    }

    private static func keep(_ file: URL) throws {
        guard let folder = ProcessInfo.processInfo.environment["PROPAGA_REPORT_PICTURES"] else { return }
        let kept = URL(filePath: folder).appending(path: file.lastPathComponent)
        try FileManager.default.createDirectory(
            at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: kept)
        try FileManager.default.copyItem(at: file, to: kept)
    }

    /// A screen of some width: the browser's own window does not get so narrow.
    private static func frame(_ page: String, width: Int) -> String {
        """
        <!DOCTYPE html><body style="margin:0"><p id="out"></p>
        <iframe src="\(page)" style="width:\(width)px;height:2600px;border:0"></iframe>
        <script>
        addEventListener("load", () => {
          const page = document.querySelector("iframe").contentDocument;
          const bars = [...page.querySelectorAll("svg.bar")].map(bar => bar.getBoundingClientRect().width);
          document.getElementById("out").textContent = "measured " + page.documentElement.scrollWidth + " "
            + Math.floor(Math.min(...bars));
        });
        </script></body>
        """
    }

    private static func elements(_ name: String, in dom: String) -> [(attributes: String, content: String)] {
        let form = try! Regex(
            "(?s)<\(name)\\b([^>]*)>(.*?)</\(name)>", as: (Substring, Substring, Substring).self)
        return dom.matches(of: form).map { (String($0.output.1), String($0.output.2)) }
    }

    /// The cells of the table behind the plot in a section, row by row.
    private static func rows(of section: String, in dom: String) -> [[String]] {
        guard let start = dom.firstRange(of: "<section id=\"\(section)\""),
            let details = dom[start.upperBound...].firstRange(of: "<details>"),
            let end = dom[details.upperBound...].firstRange(of: "</details>")
        else { return [] }
        let table = String(dom[details.upperBound..<end.lowerBound])
        return elements("tr", in: table).dropFirst().map { row in
            row.content.matches(of: /(?s)<t[hd][^>]*>(.*?)<\/t[hd]>/).map { cell in
                String(cell.1).replacing(/<[^>]*>/, with: "")
            }
        }
    }

    /// Hundredths of the plot's height, of each step that is drawn.
    private static func sharesDrawn(in dom: String) throws -> [Int] {
        let height = 190.0
        return try dom.matches(of: /<rect class="share"[^>]* height="([0-9.]+)"/).map {
            Int((try #require(Double($0.1)) / height * 100).rounded())
        }
    }

    /// What the plot should show: each step that lasts within its window.
    private static func sharesToDraw(_ report: ReportDocument) -> [Int] {
        let window = PlotWindow(report)
        return report.shares.enumerated().compactMap { index, step in
            let end = index + 1 < report.shares.count ? report.shares[index + 1].at : report.lastLook
            guard step.counted > 0, window.position(end) > window.position(step.at) else { return nil }
            let height = (Double(step.clear) / Double(step.counted) * 190).rounded()
            return Int((height / 190 * 100).rounded())
        }
    }

    private static func run(_ name: String, _ arguments: [String], in folder: URL) async throws -> String {
        let child = try Child(Executable.require(name), arguments, name: name, folder: folder)
        guard try await child.end(within: .seconds(30)) == .exited(0) else {
            throw HarnessError("\(name) failed\n\(child.transcript)")
        }
        return child.output
    }

    /// The colour of the top left corner as six hexadecimal digits. A PNG's first pixel is itself whatever its row's
    /// filter, since all that a filter could add lies outside.
    private static func firstPixel(of picture: URL) async throws -> String {
        let program = """
            import sys, zlib
            octets = open(sys.argv[1], "rb").read()
            position, data = 8, b""
            while position < len(octets):
                length = int.from_bytes(octets[position:position + 4], "big")
                if octets[position + 4:position + 8] == b"IDAT":
                    data += octets[position + 8:position + 8 + length]
                position += 12 + length
            print(zlib.decompress(data)[1:4].hex())
            """
        let output = try await run(
            "python3", ["-c", program, picture.path], in: picture.deletingLastPathComponent())
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
