import DNS
import Foundation
import Propagation
import Reporting
import Testing

/// The page of `propaga report` in a browser that reaches nothing.
///
/// With `PROPAGA_REPORT_PICTURES` set to a folder, the pages, pictures and prints stay there to be looked at.
@Suite(
    "The report's page in Chromium", .serialized,
    .enabled(if: Executable.runs(with: Browser.programs), "needs \(Browser.programs)"))
struct ReportPageTests {
    static let worlds: [(name: String, chronicle: Chronicle)] = [
        ("hours", RecordedMigration.hours), ("single", RecordedMigration.single),
        ("days", RecordedMigration.days), ("nothing", RecordedMigration.nothing),
    ]

    /// Writes the page of a chronicle into a folder.
    private static func page(_ chronicle: Chronicle, _ name: String, in folder: URL) throws -> URL {
        let document = ReportDocument(
            chronicle, generatedAt: WallTime(milliseconds: chronicle.lastLook.milliseconds + 60_000))
        let file = folder.appending(path: "\(name).html")
        try Data(ReportPage(document, zone: .fixed(3600)).html.utf8).write(to: file)
        return file
    }

    private static func keep(_ file: URL) throws {
        guard let folder = ProcessInfo.processInfo.environment["PROPAGA_REPORT_PICTURES"] else { return }
        let kept = URL(filePath: folder).appending(path: file.lastPathComponent)
        try FileManager.default.createDirectory(
            at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: kept)
        try FileManager.default.copyItem(at: file, to: kept)
    }

    @Test("pictures", arguments: worlds.map(\.name))
    func pictures(name: String) async throws {
        let chronicle = Self.worlds.first { $0.name == name }!.chronicle
        try await withTemporaryFolder { folder in
            let browser = Browser(folder: folder)
            let page = try Self.page(chronicle, name, in: folder)
            try Self.keep(page)
            for scheme in [Browser.Scheme.light, .dark] {
                let picture = try await browser.screenshot(
                    of: page, name: "\(name)-\(scheme).png", width: 1100, height: 2600, scheme: scheme)
                try Self.keep(picture)
            }
            let print = try await browser.print(page, name: "\(name).pdf")
            try Self.keep(print)
        }
    }
}
