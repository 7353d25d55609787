import Testing

/// The direction of the imports, as ARCHITECTURE.md draws it.
@Suite("Arrows between targets")
struct ArrowTests {
    /// What each target may import; a final `*` stands for any ending. `Glibc` and the standard library's
    /// own modules are no arrows, except in the core, which must reach no clock and no socket.
    static let allowed: [String: [String]] = [
        "CLDNS": [],
        "CIDN2": [],
        "DNS": ["CIDN2", "Glibc"],
        "LDNS": ["DNS", "CLDNS", "Glibc"],
        "DNSClient": ["DNS", "LDNS", "NIO*", "*Module", "Collections", "Glibc", "Synchronization"],
        "Propagation": ["DNS", "DequeModule", "HeapModule"],
        "Planning": ["DNS", "Propagation"],
        "Storytelling": ["DNS", "Propagation"],
        "Monitoring": ["DNS", "DNSClient", "Propagation", "Planning", "Logging", "Glibc", "Synchronization"],
        "History": [
            "DNS", "Propagation", "Storytelling", "GRDB", "Foundation", "Dispatch", "Synchronization",
            "Glibc",
        ],
        "Reporting": ["DNS", "Propagation", "Planning", "Storytelling", "Glibc"],
        "Lab": ["DNS", "NIO*", "Glibc", "Synchronization"],
        // The judge shares nothing with the core that it judges.
        "Judging": ["DNS", "Lab"],
        "Simulation": ["DNS", "Judging", "Propagation", "Lab", "HeapModule"],
        "propaga": [
            "DNS", "DNSClient", "Propagation", "Planning", "Storytelling", "Monitoring", "History",
            "Reporting", "Lab", "ArgumentParser", "Logging", "NIO*", "UnixSignals", "Glibc",
            "Synchronization", "Dispatch",
        ],
    ]

    @Test("Every target imports what it may, and nothing else")
    func arrows() throws {
        var found = 0
        for path in Tree.files where path.hasPrefix("Sources/") && path.hasSuffix(".swift") {
            let target = String(path.split(separator: "/")[1])
            let patterns = try #require(Self.allowed[target], "\(target) has no row in the table")
            for module in try Self.imports(of: path) {
                found += 1
                #expect(
                    patterns.contains { Self.matches(module, $0) },
                    "\(path) imports \(module), which \(target) must not")
            }
        }
        #expect(found > 20, "the import lines were not found")
    }

    @Test("Every folder of Sources has a row")
    func rows() throws {
        #expect(Set(try Tree.folders(in: "Sources")) == Set(Self.allowed.keys))
    }

    @Test("Only LDNS knows the C library")
    func onlyLDNSImportsCLDNS() throws {
        for path in Tree.files where path.hasSuffix(".swift") && !path.hasPrefix("Sources/LDNS/") {
            #expect(try !Self.imports(of: path).contains("CLDNS"), "\(path) imports CLDNS")
        }
    }

    @Test("Only History knows the database")
    func onlyHistoryImportsGRDB() throws {
        for path in Tree.files where path.hasPrefix("Sources/") && path.hasSuffix(".swift") {
            guard !path.hasPrefix("Sources/History/") else { continue }
            #expect(try !Self.imports(of: path).contains("GRDB"), "\(path) imports GRDB")
        }
    }

    @Test(
        "The core reads no clock",
        arguments: ["ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday"])
    func noClock(name: String) throws {
        for path in Tree.files where Self.isPure(path) {
            #expect(try !Tree.text(path).contains(name), "\(path) mentions \(name)")
        }
    }

    @Test("The core asks nobody for now")
    func noNow() throws {
        for path in Tree.files where Self.isPure(path) {
            for (index, line) in try Tree.lines(path).enumerated() where !Self.isComment(line) {
                #expect(line.firstMatch(of: /\.now\b/) == nil, "\(path):\(index + 1) reads a clock")
            }
        }
    }

    @Test(
        "The parser of import lines reads every form",
        arguments: [
            ("import DNS", "DNS"), ("@preconcurrency import NIOCore", "NIOCore"),
            ("package import struct DNS.TTL", "DNS"), ("@_spi(Testing) public import Lab", "Lab"),
            ("    import Glibc // why", "Glibc"),
        ])
    func parses(line: String, module: String) {
        #expect(Self.module(importedBy: Substring(line)) == module)
    }

    @Test(
        "The parser takes nothing else for an import",
        arguments: ["// import DNS", "let import1 = 2", "important()"])
    func parsesNothing(line: String) {
        #expect(Self.module(importedBy: Substring(line)) == nil)
    }

    /// The core, and what stands on it alone.
    private static func isPure(_ path: String) -> Bool {
        ["Propagation", "Planning", "Storytelling"].contains { path.hasPrefix("Sources/\($0)/") }
    }

    private static func imports(of path: String) throws -> [String] {
        try Tree.lines(path).compactMap { module(importedBy: $0) }
    }

    private static func module(importedBy line: Substring) -> String? {
        let form =
            /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:package|public|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        return line.firstMatch(of: form).map { String($0.1) }
    }

    private static func matches(_ module: String, _ pattern: String) -> Bool {
        if pattern.hasSuffix("*") { return module.hasPrefix(pattern.dropLast()) }
        if pattern.hasPrefix("*") { return module.hasSuffix(pattern.dropFirst()) }
        return module == pattern
    }

    private static func isComment(_ line: Substring) -> Bool {
        line.drop { $0 == " " }.hasPrefix("//")
    }
}
