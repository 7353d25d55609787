import Foundation
import Testing

@testable import Reporting

/// The document against its schema, by a validator that shares no code with this program.
@Suite struct SchemaTests {
    private static let python = "/usr/bin/python3"

    /// Reads `{"schema", "documents"}`; answers a list: `null` for valid, else the first fault.
    private static let validator = """
        import json, sys
        from jsonschema import Draft202012Validator, FormatChecker
        work = json.load(sys.stdin)
        Draft202012Validator.check_schema(work["schema"])
        validator = Draft202012Validator(work["schema"], format_checker=FormatChecker())
        print(json.dumps([next((e.message for e in validator.iter_errors(d)), None) for d in work["documents"]]))
        """

    /// What is wrong with each document, `nil` for nothing; no list at all where the validator is not installed,
    /// which is a failure where CI promises it.
    static func faults(_ documents: [Any], by text: String = DocumentSchema.status) throws -> [String?]? {
        guard try run(["-c", "import jsonschema"], input: Data()).status == 0 else {
            let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
            if isCI { Issue.record("python3-jsonschema is not installed") }
            return nil
        }
        let schema = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let work = try JSONSerialization.data(withJSONObject: ["schema": schema, "documents": documents])
        let (status, output) = try run(["-c", validator], input: work)
        try #require(status == 0, "the schema is no valid JSON Schema 2020-12")
        return try JSONDecoder().decode([String?].self, from: output)
    }

    private static func run(_ arguments: [String], input: Data) throws -> (status: Int32, output: Data) {
        guard FileManager.default.isExecutableFile(atPath: python) else { return (127, Data()) }
        let process = Process()
        let (stdin, stdout) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        (process.standardInput, process.standardOutput) = (stdin, stdout)
        try process.run()
        // The child reads all before it writes, so this cannot block for ever.
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    private static func document(_ situations: [Situation]) throws -> Any {
        try JSONSerialization.jsonObject(with: DocumentTests.written(DocumentTests.status(situations)))
    }

    @Test func everyRealDocumentIsValid() throws {
        let documents =
            try Situation.allCases.map { try Self.document([$0]) } + [Self.document(Situation.allCases)]
        guard let faults = try Self.faults(documents) else { return }
        for (index, fault) in faults.enumerated() {
            #expect(fault == nil, "document \(index)")
        }
        #expect(faults.count == Situation.allCases.count + 1)
    }

    /// Each spoils one thing in an otherwise valid document.
    private static let spoilers: [(name: String, from: String, to: String)] = [
        ("a member too many", "\"deadline_passed\":", "\"extra\":1,\"deadline_passed\":"),
        ("a member missing", "\"deadline_passed\":false,", ""),
        ("another version", "propaga/status/1", "propaga/status/2"),
        ("an unknown phase", "\"phase\":\"propagating\"", "\"phase\":\"done\""),
        ("a state in capitals", "\"state\":\"previous\"", "\"state\":\"PREVIOUS\""),
        (
            "an offset instead of Z", "\"checked_at\":\"2026-11-23T17:05:00Z\"",
            "\"checked_at\":\"2026-11-23T18:05:00+01:00\""
        ),
        ("a month that does not exist", "\"checked_at\":\"2026-11-23", "\"checked_at\":\"2026-13-23"),
        ("a negative TTL", "\"ttl_remaining\":1500", "\"ttl_remaining\":-1"),
        ("a TTL as text", "\"ttl\":1600", "\"ttl\":\"1600\""),
        ("a fraction of a TTL", "\"ttl\":1600", "\"ttl\":1600.5"),
        ("an empty string for null", "\"error\":null", "\"error\":\"\""),
        ("null for a list", "\"ede\":[]", "\"ede\":null"),
        ("an address without a port", "8.8.8.8:53", "8.8.8.8"),
    ]

    @Test func spoiledDocumentsAreRejected() throws {
        var text = try String(
            decoding: JSONSerialization.data(
                withJSONObject: Self.document([.holding]), options: [.withoutEscapingSlashes, .sortedKeys]),
            as: UTF8.self)
        text = text.replacingOccurrences(of: "\"deadline_passed\" :", with: "\"deadline_passed\":")
        let documents = try Self.spoilers.map { spoiler in
            let spoiled = text.replacingOccurrences(of: spoiler.from, with: spoiler.to)
            try #require(spoiled != text, "\(spoiler.name) finds nothing to spoil")
            return try JSONSerialization.jsonObject(with: Data(spoiled.utf8))
        }
        guard let faults = try Self.faults(documents) else { return }
        for (fault, spoiler) in zip(faults, Self.spoilers) {
            #expect(fault != nil, "\(spoiler.name)")
        }
        #expect(faults.count == Self.spoilers.count)
    }
}
