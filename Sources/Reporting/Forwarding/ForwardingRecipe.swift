/// How an old server is made to forward to the new provider, and how that is taken back.
package struct ForwardingRecipe: Sendable, Equatable {
    package let kind: ForwardingKind
    /// A heading: what is forwarded, and where to.
    package let title: String
    /// Paragraphs: what it does, when to set it up, when to take it away, and what to watch out for.
    package let introduction: [String]
    /// Files to write before the steps.
    package let files: [ForwardingFile]
    /// What to do then, in this order.
    package let steps: [ForwardingStep]
    /// What takes it away again, in this order.
    package let undo: [ForwardingStep]

    /// The commands of the steps with this purpose, in order.
    package func commands(_ purpose: ForwardingStep.Purpose) -> [String] {
        steps.filter { $0.purpose == purpose }.flatMap(\.commands)
    }
}

/// A file of a recipe.
package struct ForwardingFile: Sendable, Equatable {
    package enum Placement: Sendable, Equatable {
        /// The file is the recipe's own.
        case own
        /// The lines go to the end of a file that may exist. Two marks around them let the undo find them.
        case appended
    }

    /// Absolute.
    package let path: String
    package let placement: Placement
    /// Whole lines, the last one ended as well.
    package let contents: String

    /// What undoes `.appended`.
    var removal: String { "sed -i '/^\(Self.begin)$/,/^\(Self.end)$/d' \(path)" }

    static let begin = "# propaga: begin"
    static let end = "# propaga: end"

    static func own(_ path: String, _ lines: [String]) -> ForwardingFile {
        ForwardingFile(path: path, placement: .own, contents: text(lines))
    }

    /// `#` must begin a comment in that file.
    static func appended(to path: String, _ lines: [String]) -> ForwardingFile {
        ForwardingFile(path: path, placement: .appended, contents: text([begin] + lines + [end]))
    }

    private static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

/// Something to do as root.
package struct ForwardingStep: Sendable, Equatable {
    package enum Purpose: String, CaseIterable, Sendable {
        /// Makes the server's configuration lead to the files.
        case configure
        /// Checks the configuration before it is loaded: the exit code or the output tells the result.
        case check
        /// From here on mail is forwarded.
        case load
        /// Shows that mail is forwarded.
        case verify
    }

    package let purpose: Purpose
    package let text: String
    /// Lines for a POSIX shell, each complete in itself.
    package let commands: [String]

    init(_ purpose: Purpose, _ text: String, _ commands: [String] = []) {
        self.purpose = purpose
        self.text = text
        self.commands = commands
    }
}

// MARK: - Text

extension ForwardingRecipe {
    /// The recipe as Markdown that reads well in a terminal too. The reader copies what stands in fences.
    package var text: String {
        var lines = ["# \(title)"]
        for paragraph in introduction { lines += [""] + wrapped(paragraph) }
        lines += ["", "## Files"]
        for file in files {
            lines += ["", "`\(file.path)`, \(file.placement.text):", ""] + fenced(file.contents.dropLast())
        }
        lines += ["", "## Commands, as root"] + numbered(steps)
        lines += ["", "## Undo, as root"] + numbered(undo)
        return lines.map { $0 + "\n" }.joined()
    }

    private func numbered(_ steps: [ForwardingStep]) -> [String] {
        steps.enumerated().flatMap { index, step in
            [""] + wrapped("\(index + 1). \(step.text)")
                + (step.commands.isEmpty ? [] : [""] + fenced(step.commands.joined(separator: "\n")[...]))
        }
    }

    /// Not indented: in many configurations white space at the start of a line continues the line before.
    private func fenced(_ text: Substring) -> [String] {
        ["```"] + text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) + ["```"]
    }

    /// Lines of at most `columns` if possible. Text between back quotes stays on one line, because the reader
    /// copies it.
    private func wrapped(_ paragraph: String, columns: Int = 100) -> [String] {
        var lines: [String] = []
        var line = ""
        var word = ""
        for part in paragraph.split(separator: " ") {
            word += (word.isEmpty ? "" : " ") + part
            guard word.utf8.count(where: { $0 == UInt8(ascii: "`") }) % 2 == 0 else { continue }
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > columns {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
            word = ""
        }
        return lines + [line]
    }
}

extension ForwardingFile.Placement {
    fileprivate var text: String {
        switch self {
        case .own: "a file of its own"
        case .appended: "at its end (if an earlier recipe's lines are there, undo that first)"
        }
    }
}
