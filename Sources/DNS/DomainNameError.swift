/// Why a text, or octets, cannot be a domain name.
package struct DomainNameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of fault, for programs; the message is for people.
    package struct Code: Hashable, Sendable {
        fileprivate enum Value {
            case empty, emptyLabel, labelTooLong, nameTooLong, truncated, badEscape, badIDN, badCharacter
        }
        fileprivate let value: Value
        package static let empty = Code(value: .empty)
        package static let emptyLabel = Code(value: .emptyLabel)
        package static let labelTooLong = Code(value: .labelTooLong)
        package static let nameTooLong = Code(value: .nameTooLong)
        package static let truncated = Code(value: .truncated)
        package static let badEscape = Code(value: .badEscape)
        package static let badIDN = Code(value: .badIDN)
        package static let badCharacter = Code(value: .badCharacter)
    }

    package let code: Code
    /// A sentence for a person, without the name itself.
    package let message: String
    package var description: String { message }

    package static let empty = DomainNameError(code: .empty, message: "the name is empty")
    package static let emptyLabel = DomainNameError(
        code: .emptyLabel, message: "a label is empty (two dots in a row, or a dot at the start)")
    package static let truncated = DomainNameError(
        code: .truncated, message: "the name does not end with the root label")
    package static func labelTooLong(_ octets: Int) -> DomainNameError {
        DomainNameError(
            code: .labelTooLong, message: "a label has \(octets) octets; at most 63 are allowed")
    }
    package static func nameTooLong(_ octets: Int) -> DomainNameError {
        DomainNameError(
            code: .nameTooLong, message: "the name has \(octets) octets in wire form; at most 255 are allowed"
        )
    }
    package static func badEscape(_ text: String) -> DomainNameError {
        DomainNameError(
            code: .badEscape,
            message:
                "the escape '\(text)' must be a backslash with three digits up to 255, or a backslash with a character"
        )
    }
    package static func badIDN(_ reason: String) -> DomainNameError {
        DomainNameError(code: .badIDN, message: "the name is not a valid internationalized name: \(reason)")
    }
    package static func badCharacter(_ reason: String) -> DomainNameError {
        DomainNameError(code: .badCharacter, message: reason)
    }
}
