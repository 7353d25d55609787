import DNS

extension Endpoint {
    /// For people: with the port only if it is not 53.
    var shortDescription: String { port == Self.standardPort ? address.description : description }

    /// Appends `description` as ASCII octets.
    func appendText(to text: inout [UInt8]) {
        guard case .v4(let value) = address else { return text.append(text: description) }
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            text.append(decimal: Int64(value >> shift & 0xFF))
            text.append(shift > 0 ? UInt8(ascii: ".") : UInt8(ascii: ":"))
        }
        text.append(decimal: Int64(port))
    }
}
