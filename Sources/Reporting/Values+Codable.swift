import DNS
import Propagation

extension DomainName: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(presentation: try container.decode(String.self))
        } catch let error as DomainNameError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Endpoint: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let endpoint = Endpoint(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no address with a port")
        }
        self = endpoint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Endpoint {
    /// For people: the port only where it is not DNS's own.
    var shortDescription: String { port == Self.standardPort ? address.description : description }

    /// Appends `description` as ASCII octets.
    func append(to text: inout [UInt8]) {
        guard case .v4(let value) = address else { return text.append(text: description) }
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            text.append(decimal: Int64(value >> shift & 0xFF))
            text.append(shift > 0 ? UInt8(ascii: ".") : UInt8(ascii: ":"))
        }
        text.append(decimal: Int64(port))
    }
}

extension ReadExchange: Codable {
    private enum CodingKeys: String, CodingKey {
        case preference, exchange, accepted
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            preference: try container.decode(UInt16.self, forKey: .preference),
            exchange: try container.decode(DomainName.self, forKey: .exchange),
            accepted: try container.decode(Bool.self, forKey: .accepted))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(preference, forKey: .preference)
        try container.encode(exchange, forKey: .exchange)
        try container.encode(accepted, forKey: .accepted)
    }
}

extension MailState: Codable {}
extension Phase: Codable {}
extension Basis: Codable {}
extension Condition: Codable {}
