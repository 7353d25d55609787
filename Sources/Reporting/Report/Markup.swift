/// A node of HTML or SVG. Text and attributes are escaped when they are written, so that no caller can forget it.
///
/// The output is well-formed XML too (HTML's polyglot form): every element is closed.
indirect enum Markup: Sendable, Equatable {
    case text(String)
    case element(String, [Attribute], [Markup])
    /// A style sheet of this program's own: written as it is.
    case style(String)

    struct Attribute: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// Elements that have no content and no end tag (HTML, §13.1.2).
    private static let void: Set<String> = ["meta", "br", "hr", "col"]
    /// Drawn without content, they are closed in place, as SVG allows.
    private static let drawn: Set<String> = ["rect", "line", "circle", "path"]

    func append(to text: inout String) {
        switch self {
        case .text(let content): text += content.escapedForMarkup
        case .style(let content): text += "<style>\n\(content)</style>"
        case .element(let name, let attributes, let children):
            text += "<\(name)"
            for attribute in attributes {
                text += " \(attribute.name)=\"\(attribute.value.escapedForMarkup)\""
            }
            if Self.void.contains(name) || (Self.drawn.contains(name) && children.isEmpty) {
                text += "/>"
                return
            }
            text += ">"
            for child in children { child.append(to: &text) }
            text += "</\(name)>"
            if Self.isBlock(name) { text += "\n" }
        }
    }

    /// Ends a line in the source, for those who read it.
    private static func isBlock(_ name: String) -> Bool {
        [
            "head", "body", "title", "header", "main", "section", "figure", "table", "tr", "p", "h1", "h2",
            "svg",
        ]
        .contains(name)
    }
}

extension Markup: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self = .text(value) }
}

/// An element: `element("p", ["class": "note"], ["Text"])`.
func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
) -> Markup {
    .element(name, attributes.map { Markup.Attribute(name: $0.key, value: $0.value) }, children)
}

extension String {
    /// Safe as HTML text and within a quoted attribute; signs that could steer a reader's eye are escaped.
    var escapedForMarkup: String {
        var text = ""
        for character in escapedForDisplay.unicodeScalars {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
