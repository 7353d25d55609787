import Foundation
import Testing

/// Rules on every file that a formatter does not know.
@Suite("Tidiness")
struct TidyTests {
    /// Longer files are two files.
    static let mostLines = 400

    @Test("No file of code has over 400 lines")
    func length() throws {
        for path in Tree.files where [".swift", ".py", ".sh", ".h"].contains(where: path.hasSuffix) {
            let count = try Tree.lines(path).count - 1
            #expect(count <= Self.mostLines, "\(path) has \(count) lines")
        }
    }

    /// Further files belong in a folder whose name says what they have in common.
    static let mostFiles = 22

    @Test("No folder has over 22 files of code side by side")
    func folders() {
        let code = Tree.files.filter { $0.hasSuffix(".swift") }
        let folders = Dictionary(grouping: code) { $0[..<($0.lastIndex(of: "/") ?? $0.startIndex)] }
        #expect(folders.count > 20, "the folders were not found")
        for (folder, files) in folders {
            #expect(files.count <= Self.mostFiles, "\(folder) has \(files.count) files")
        }
    }

    @Test("Nothing is put off, and no path of somebody's machine stands in the tree")
    func words() {
        // Spelt in two halves, or this file would be found.
        let unwanted = [
            "TO" + "DO", "FIX" + "ME", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/",
            "/w/" + "p",
        ]
        for path in Tree.files {
            guard let text = Tree.textIfAny(path) else { continue }
            for word in unwanted {
                #expect(!text.contains(word), "\(path) has '\(word)'")
            }
        }
    }

    @Test("Text files end with one newline and have no white space at the end of a line")
    func whiteSpace() {
        for path in Tree.files where [".swift", ".py", ".sh", ".md", ".conf"].contains(where: path.hasSuffix)
        {
            guard let text = Tree.textIfAny(path), !text.isEmpty else { continue }
            #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"), "\(path) ends wrongly")
            #expect(
                !text.contains(" \n") && !text.contains("\t\n"),
                "\(path) has white space at the end of a line")
        }
    }

    @Test("Scripts can be run", arguments: [".ci/run", ".ci/packages", ".ci/mail-servers"])
    func executable(path: String) {
        #expect(FileManager.default.isExecutableFile(atPath: Tree.root.appending(path: path).path))
    }
}

/// Package.swift and the folders agree.
@Suite("The manifest")
struct ManifestTests {
    private struct Target {
        var name: String
        var folder: String
    }

    @Test("Every target has its folder, and every folder with code its target")
    func targets() throws {
        let targets = try Self.targets()
        #expect(targets.count > 10, "the targets were not found")
        for target in targets {
            #expect(Tree.isFolder(target.folder), "\(target.name) has no folder \(target.folder)")
        }
        let known = Set(targets.map(\.folder))
        for place in ["Sources", "Tests"] {
            for name in try Tree.folders(in: place) where Self.hasCode("\(place)/\(name)") {
                #expect(known.contains("\(place)/\(name)"), "\(place)/\(name) belongs to no target")
            }
        }
    }

    private static func targets() throws -> [Target] {
        let manifest = try Tree.text("Package.swift")
        let form = /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name:\s*"(\w+)"/
        let matches = manifest.matches(of: form)
        return matches.enumerated().map { index, match in
            let end = index + 1 < matches.count ? matches[index + 1].range.lowerBound : manifest.endIndex
            let path = manifest[match.range.upperBound..<end].firstMatch(of: /\bpath:\s*"([^"]+)"/)
            let place = match.1 == "testTarget" ? "Tests" : "Sources"
            return Target(name: String(match.2), folder: path.map { String($0.1) } ?? "\(place)/\(match.2)")
        }
    }

    private static func hasCode(_ folder: String) -> Bool {
        Tree.filesBelow(folder).contains { $0.hasSuffix(".swift") || $0.hasSuffix(".modulemap") }
    }
}
