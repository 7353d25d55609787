import DNS
import Foundation
import FoundationXML
import Propagation
import Testing

@testable import Reporting

/// The page as text: what it holds, and what it cannot hold. The browser's view is tested with real Chromium.
@Suite struct ReportPageTests {
    /// Reads the page as XML, which knows no leniency: elements by name with their attributes, and all text.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String])] = []
        var text = ""

        static func read(_ page: String) throws -> Reader {
            let reader = Reader()
            let parser = XMLParser(data: Data(page.utf8))
            parser.delegate = reader
            guard parser.parse() else { throw parser.parserError ?? CancellationError() }
            return reader
        }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            elements.append((name, attributes))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

        func count(_ name: String) -> Int { elements.count { $0.name == name } }
    }

    @Test(arguments: ReportSituation.allCases) func thePageIsWellFormed(_ situation: ReportSituation) throws {
        let reader = try Reader.read(situation.page)
        #expect(reader.count("h1") == 1 && reader.count("title") >= 1)
        #expect(reader.elements.first?.name == "html" && reader.elements.first?.attributes["lang"] == "en")
    }

    @Test(arguments: ReportSituation.allCases) func nothingIsFetchedAndNothingRuns(
        _ situation: ReportSituation
    ) throws {
        let reader = try Reader.read(situation.page)
        let unwanted: Set = [
            "script", "img", "link", "iframe", "object", "embed", "base", "form", "a", "use",
        ]
        for (name, attributes) in reader.elements {
            #expect(!unwanted.contains(name), "an element \(name)")
            for attribute in attributes.keys {
                #expect(
                    !["src", "href", "xlink:href", "srcset", "action", "style"].contains(attribute)
                        && !attribute.hasPrefix("on"), "\(name) has \(attribute)")
            }
        }
        let sheet = ReportStyle.sheet
        #expect(!sheet.contains("@import") && !sheet.contains("http"))
        #expect(sheet.matches(of: /url\(/).count == sheet.matches(of: /url\(#/).count)
        let policy = reader.elements.first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
        #expect(
            policy?.attributes["content"]
                == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
    }

    @Test func hostileNamesStayText() throws {
        let page = ReportSituation.hostile.page
        #expect(!page.contains("<script") && !page.contains("<b "))
        for scalar in page.unicodeScalars where scalar != "\n" {
            #expect(scalar.value >= 0x20 && scalar != "\u{202E}" && scalar != "\u{2028}")
        }
        let shown = ReportSituation.hostileName.escapedForDisplay
        #expect(try Reader.read(page).text.contains(shown))
    }

    @Test func everyResolverHasABarWithATextOfItsOwn() throws {
        let reader = try Reader.read(ReportSituation.complete.page)
        let bars = reader.elements.filter { $0.attributes["class"] == "bar" }
        #expect(bars.count == 3 && bars.allSatisfy { $0.attributes["role"] == "img" })
        let identifiers = reader.elements.compactMap { $0.attributes["id"] }
        #expect(identifiers.count == Set(identifiers).count, "an id is there twice")
        for bar in bars {
            for identifier in bar.attributes["aria-labelledby"]?.split(separator: " ") ?? [] {
                #expect(identifiers.contains(String(identifier)))
            }
        }
    }

    @Test func everyInstantCanBeReadByMachines() throws {
        let reader = try Reader.read(ReportSituation.complete.page)
        let times = reader.elements.filter { $0.name == "time" }
        #expect(times.count > 10)
        for time in times { _ = try RFC3339.parse(time.attributes["datetime"] ?? "") }
    }

    @Test func timesSayInWhichZoneTheyAre() {
        let report = ReportSituation.complete.document
        #expect(ReportPage(report, zone: .utc).html.contains("Times are in UTC."))
        let local = ReportPage(report, zone: .fixed(3600)).html
        #expect(local.contains("Times are local, +0100 from UTC.") && local.contains("2026-11-23 17:10:00<"))
    }

    @Test func whatIsNotThereIsNotDrawn() throws {
        let nothing = try Reader.read(ReportSituation.nothing.page)
        #expect(nothing.elements.allSatisfy { $0.attributes["class"] != "plot" })
        #expect(nothing.text.contains("No resolver counted"))
        let open = try Reader.read(ReportSituation.propagating.page)
        #expect(open.text.contains("Decommission safe") && open.text.contains("not reached"))
    }

    @Test func theSlowestAndTheUnclearAreNamed() {
        #expect(
            ReportSituation.complete.page.contains("The slowest was quad9 (2620:fe::10): clear after 10 min.")
        )
        #expect(ReportSituation.overdue.page.contains("Not clear at the last look: quad9 (2620:fe::10)."))
    }
}

/// WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for what is drawn (1.4.11).
@Suite struct ReportContrastTests {
    enum Theme: CaseIterable { case light, dark }

    @Test(arguments: Theme.allCases) func colorsAreFarEnoughApart(_ theme: Theme) throws {
        let parts = ReportStyle.sheet.split(separator: "@media screen and (prefers-color-scheme: dark)")
        let sheet = parts[theme == .light ? 0 : 1]
        var colors: [String: Double] = [:]
        for match in sheet.matches(of: /--([a-z-]+): #([0-9a-f]{6});?/) {
            let value = try #require(Int(match.2, radix: 16))
            if colors[String(match.1)] == nil { colors[String(match.1)] = Self.luminance(value) }
        }
        func contrast(_ one: String, _ other: String) throws -> Double {
            let (a, b) = (try #require(colors[one], "\(one)"), try #require(colors[other], "\(other)"))
            return (max(a, b) + 0.05) / (min(a, b) + 0.05)
        }
        for text in ["ink", "muted", "accent"] {
            #expect(try contrast(text, "paper") >= 4.5, "\(text) on paper")
        }
        #expect(try contrast("muted", "raised") >= 4.5)
        let drawn = [
            "clear", "previous", "overdue", "fresh-ink", "mixed-ink", "absent-ink", "failing-ink",
            "silent-ink",
        ]
        for name in drawn { #expect(try contrast(name, "paper") >= 3, "\(name) on paper") }
        // What follows what in a bar is told apart by more than a shade.
        #expect(try contrast("fresh-ink", "fresh") >= 3)
        #expect(try contrast("mixed-ink", "mixed") >= 3)
        #expect(try contrast("absent-ink", "absent") >= 3)
    }

    /// Relative luminance of an sRGB colour.
    private static func luminance(_ color: Int) -> Double {
        let parts = [16, 8, 0].map { (shift: Int) -> Double in
            let part = Double(color >> shift & 0xFF) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
