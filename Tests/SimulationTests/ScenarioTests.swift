import Foundation
import Simulation
import Testing

/// The scripts in `Tests/Scenarios`, each run through the real core on simulated time.
@Suite("Scenarios")
struct ScenarioTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Scenarios")

    static let files: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".scenario") }.sorted()

    @Test("They are found")
    func found() { #expect(Self.files.count >= 25) }

    @Test("What a script expects comes true", arguments: files)
    func scenario(file: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
        let scenario: Scenario
        do {
            scenario = try Scenario(parsing: text)
        } catch {
            Issue.record("\(file):\(error)")
            return
        }
        #expect(!scenario.title.isEmpty, "\(file) has no title")
        #expect(!scenario.expectations.isEmpty, "\(file) expects nothing")
        for failure in ScenarioRun(scenario).failures { Issue.record("\(file):\(failure)") }
    }
}

/// What is wrong in a script is said with its line, and with what belongs there.
@Suite("Reading scenarios")
struct ScenarioReadingTests {
    private static let world =
        "authority ns1\nmx before 10 mail.old.it ttl 300\nresolver r1\nat 00:10:00 switch\n"

    @Test(
        "Faults are named",
        arguments: [
            ("athority ns1", 1, "expected a statement"),
            ("authority ns1 lagg 3s", 1, "expected named, lag"),
            ("authority ns1\nmx before 10 mail.old.it", 2, "expected 'ttl', found the end of the line"),
            ("authority ns1\nresolver r1 caches 33", 2, "expected a number from 1 to 32, found '33'"),
            ("authority ns1\nat 1:00 switch", 2, "expected a time such as 01:30:00"),
            ("authority ns1\nat 01:00:00 sleep soon", 2, "expected a length of time"),
            (
                "authority ns1\nat 01:00:00 on ns2 switch", 2,
                "expected an authority named before, found 'ns2'"
            ),
            ("from 00:00:00 on r9 silent", 1, "expected a resolver or authority named before, found 'r9'"),
            ("expect phase done", 1, "expected undetermined, unpublished"),
            ("expect publisched between 00:00:00 and 00:01:00", 1, "expected never, at, an event"),
            ("end 01:00:00 sharp", 1, "expected the end of the line, found 'sharp'"),
            ("authority ns1", 1, "expected a line 'end TIME'"),
            ("end 01:00:00", 1, "expected a line 'authority NAME'"),
            (
                world + "at 00:10:00 rollback\nend 01:00:00", 5,
                "expected one change at an instant, found two"
            ),
        ])
    func faults(text: String, line: Int, message: String) {
        do {
            _ = try Scenario(parsing: text)
            Issue.record("it was read: \(text)")
        } catch {
            #expect(error.line == line)
            #expect(error.message.contains(message), "\(error)")
        }
    }

    @Test(
        "An expectation can fail",
        arguments: [
            "expect at 00:20:00 phase unpublished", "expect never published", "expect exit 1",
            "expect bound 00:17:00", "expect bound none", "expect warning probableTypo",
            "expect reason holding", "expect resolver r1 overdue", "expect resolver r1 caches 9",
            "expect regression between 00:00:00 and 00:59:00", "expect propagated before published",
            "expect published between 00:00:00 and 00:09:00", "expect wall 00:00:00",
            "expect unpropagated before published",
        ])
    func fails(expectation: String) throws {
        let settings = "watch settle 0 previous-ttl 300\n"
        let scenario = try Scenario(parsing: Self.world + settings + expectation + "\nend 01:00:00")
        let failures = ScenarioRun(scenario).failures
        #expect(failures.map(\.line) == [6])
        #expect(failures.first?.message.hasPrefix("expected ") ?? false)
    }
}
