import Foundation
import Testing

/// The source tree that these tests were compiled from.
enum Tree {
    /// The package's folder: two above this one.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What the tree is made of. Build products and what lies around beside them are no part of it.
    private static let places = [
        "Sources", "Tests", "Benchmarks", "Documentation", "seeds", ".ci", "Package.swift", "Makefile",
        "README.md", "README.it.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "resolvers.conf",
        ".swift-format",
    ]

    /// Paths from the root, sorted, of every file in the tree.
    static let files: [String] = places.flatMap { place in
        isFolder(place) ? filesBelow(place) : exists(place) ? [place] : []
    }.sorted()

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    static func isFolder(_ path: String) -> Bool {
        var folder: ObjCBool = false
        let found = FileManager.default.fileExists(
            atPath: root.appending(path: path).path, isDirectory: &folder)
        return found && folder.boolValue
    }

    /// The names of the folders right below a folder.
    static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path)
            .filter { isFolder("\(path)/\($0)") }.sorted()
    }

    static func filesBelow(_ path: String) -> [String] {
        let walk = FileManager.default.enumerator(atPath: root.appending(path: path).path)
        return (walk?.allObjects as? [String] ?? []).map { "\(path)/\($0)" }
            .filter { !isFolder($0) && !$0.contains("/__pycache__/") }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The text of a file, or `nil` where it is no UTF-8 (test data may hold raw messages).
    static func textIfAny(_ path: String) -> String? {
        try? text(path)
    }

    static func lines(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n", omittingEmptySubsequences: false)
    }
}

@Suite("The tree is found")
struct TreeTests {
    @Test("A tree without sources would pass every other test here")
    func hasSources() {
        #expect(Tree.files.count { $0.hasPrefix("Sources/") && $0.hasSuffix(".swift") } > 10)
        #expect(Tree.exists("Package.swift"))
    }
}
