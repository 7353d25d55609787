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

extension TTL: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(wire: try decoder.singleValueContainer().decode(UInt32.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }
}

extension SerialNumber: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt32.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

extension ResponseCode: Codable {}

extension CodingUserInfoKey {
    /// A `Duration` that is added to every decoded instant: monotonic clocks begin again with each start of a machine.
    package static let instantShift = CodingUserInfoKey(rawValue: "instantShift")!
}

/// Nanoseconds since the origin of the clock that the instant was taken from.
extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        let shift = decoder.userInfo[.instantShift] as? Duration ?? .zero
        self =
            Instant(nanoseconds: try decoder.singleValueContainer().decode(Int64.self)) + shift
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }
}
