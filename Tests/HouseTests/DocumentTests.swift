import Testing

/// What the documents say of the tree is so.
@Suite("Documents")
struct DocumentTests {
    static let doors = ["README.md", "README.it.md"]

    @Test(
        "The documents are there",
        arguments: [
            "README.md", "README.it.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
            "seeds/guide.md",
        ])
    func exist(path: String) {
        #expect(Tree.exists(path))
    }

    @Test("A README is the door: 200 lines at most, and it leads to every page", arguments: doors)
    func door(path: String) throws {
        #expect(try Tree.lines(path).count - 1 <= 200)
        let links = Set(Self.links(in: try Tree.text(path)))
        let pages = Tree.files.filter { $0.hasPrefix("Documentation/") && $0.hasSuffix(".md") }
        #expect(pages.count >= 9, "the pages were not found")
        for page in pages { #expect(links.contains(page), "\(path) does not lead to \(page)") }
    }

    @Test("The files that a document names exist")
    func references() throws {
        var found = 0
        for path in Tree.files where path.hasSuffix(".md") {
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            let text = try Tree.text(path)
            for reference in Self.paths(in: text) {
                found += 1
                #expect(Tree.exists(reference), "\(path) names \(reference), which is not there")
            }
            for link in Self.links(in: text) {
                found += 1
                let target = folder.isEmpty ? link : "\(folder)/\(link)"
                #expect(Tree.exists(target), "\(path) links to \(link), which is not there")
            }
        }
        #expect(found > 5, "the references were not found")
    }

    @Test("Each fact of the guide names code and tests that exist, or says 'not yet'")
    func facts() throws {
        var seen: [String] = []
        for line in try Tree.lines("seeds/guide.md") {
            let cells = line.split(separator: "|").map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard let id = cells.first?.prefixMatch(of: /G\d+/)?.0 else { continue }
            seen.append(String(id))
            try #require(cells.count == 4, "\(id): expected id, fact, code and test")
            for cell in cells[2...] {
                let paths = Self.paths(in: String(cell))
                #expect(!paths.isEmpty || cell.contains("not yet"), "\(id): '\(cell)' names no file")
                for path in paths { #expect(Tree.exists(path), "\(id): \(path) is not there") }
            }
        }
        #expect(seen == (1...8).map { "G\($0)" })
    }

    /// Paths of the tree in code spans; those with wildcards or placeholders are left out.
    static func paths(in text: String) -> [String] {
        text.matches(of: /`((?:Sources|Tests|Benchmarks|Documentation|seeds|\.ci)\/[^`\s*{<…]*)`/)
            .map { String($0.1) }
    }

    /// Targets of relative links, their anchors left out.
    static func links(in text: String) -> [String] {
        text.matches(of: /\]\(([^)\s#:]+)(?:#[^)]*)?\)/).map { String($0.1) }
    }

    @Test("References are recognised")
    func recognises() {
        let text =
            "see `Sources/DNS/Message.swift`, [the map](ARCHITECTURE.md#arrows), `Sources/*/P` and [a](https://b.c)"
        #expect(Self.paths(in: text) == ["Sources/DNS/Message.swift"])
        #expect(Self.links(in: text) == ["ARCHITECTURE.md"])
    }
}

/// The list that ships.
@Suite("resolvers.conf")
struct ShippedResolverTests {
    /// The words of each line that names a resolver.
    private static func resolvers() throws -> [[String]] {
        try Tree.lines("resolvers.conf").compactMap { line in
            let words = line.split(separator: " ").prefix { !$0.hasPrefix("#") }.map(String.init)
            return words.isEmpty ? nil : words
        }
    }

    @Test("At least 40 addresses, each once, and each name once")
    func count() throws {
        let resolvers = try Self.resolvers()
        #expect(resolvers.count >= 40)
        #expect(Set(resolvers.map { $0[0] }).count == resolvers.count)
        #expect(Set(resolvers.map { $0[1] }).count == resolvers.count)
    }

    @Test("Every resolver has a country and an operator")
    func attributes() throws {
        for words in try Self.resolvers() {
            #expect(words.contains { $0.wholeMatch(of: /country=[A-Z]{2}/) != nil }, "\(words[0])")
            #expect(words.contains { $0.wholeMatch(of: /operator=\S+/) != nil }, "\(words[0])")
        }
    }

    @Test("At least 30 count, run by at least 15 operators")
    func breadth() throws {
        let counting = try Self.resolvers().filter { !$0.contains("optional") }
        let operators = Set(counting.compactMap { $0.first { $0.hasPrefix("operator=") } })
        #expect(counting.count >= 30)
        #expect(operators.count >= 15)
    }
}
