import DNS

extension [UInt8] {
    /// Appends a value as JSON (RFC 8259): without white space, members in the order in which they are declared,
    /// `generatedAt` as `generated_at`, and `null` for what is `nil`.
    ///
    /// Foundation's encoder keeps no order and leaves out what is `nil`.
    package mutating func append(json value: some Encodable) {
        let encoding = JSONEncoding(octets: self)
        self = []
        do {
            try encoding.write(value)
        } catch {
            preconditionFailure("a document holds what has no form in JSON: \(error)")
        }
        self = encoding.octets
    }
}

/// One value on its way into octets.
private final class JSONEncoding: Encoder {
    var octets: [UInt8]
    /// The objects and lists that have begun and not ended, from the outside in.
    private var open: [Open] = []
    /// How many of them were there before the value that is being written.
    private var outside = 0

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    private struct Open {
        let end: UInt8
        var isEmpty = true
    }

    init(octets: [UInt8]) { self.octets = octets }

    func write<Value: Encodable>(_ value: Value) throws {
        // What most of a document is made of: its own way through text would take longer.
        if Value.self == Timestamp.self { return octets.append(json: value as! Timestamp) }
        if Value.self == DomainName.self { return octets.append(json: value as! DomainName) }
        if Value.self == Endpoint.self { return octets.append(json: value as! Endpoint) }
        if Value.self == Milliseconds.self { return octets.append(json: value as! Milliseconds) }
        let before = outside
        outside = open.count
        try value.encode(to: self)
        end(to: outside)
        outside = before
    }

    /// Ends what has begun since; a container has no end of its own.
    func end(to depth: Int) {
        while open.count > depth { octets.append(open.removeLast().end) }
    }

    /// Begins the next member or element of the innermost object or list.
    func separate() {
        if open[open.count - 1].isEmpty {
            open[open.count - 1].isEmpty = false
        } else {
            octets.append(UInt8(ascii: ","))
        }
    }

    /// - Returns: how many are open then.
    func begin(_ start: Unicode.Scalar, _ end: Unicode.Scalar) -> Int {
        octets.append(UInt8(ascii: start))
        open.append(Open(end: UInt8(ascii: end)))
        return open.count
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        // One value may ask more than once: what it adds goes into the same object.
        let depth = open.count > outside ? outside + 1 : begin("{", "}")
        return KeyedEncodingContainer(Members(json: self, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        Elements(json: self, depth: begin("[", "]"))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(json: self) }
}

// MARK: - Containers

/// The members of an object.
private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let json: JSONEncoding
    let depth: Int

    var codingPath: [any CodingKey] { [] }

    private func name(_ key: Key) {
        json.end(to: depth)
        json.separate()
        json.octets.append(UInt8(ascii: "\""))
        json.octets.append(snakeCase: key.stringValue)
        json.octets.append("\":")
    }

    func encodeNil(forKey key: Key) {
        name(key)
        json.octets.append("null")
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        name(key)
        try json.write(value)
    }

    private func present<Value: Encodable>(_ value: Value?, _ key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    // What the protocol would do for each of these types leaves out what is `nil`.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try present(value, key) }
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        try present(value, key)
    }

    func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
    {
        name(key)
        return KeyedEncodingContainer(Members<Nested>(json: json, depth: json.begin("{", "}")))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        name(key)
        return Elements(json: json, depth: json.begin("[", "]"))
    }

    func superEncoder() -> any Encoder { preconditionFailure("no document inherits from another") }
    func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }
}

/// The elements of a list.
private struct Elements: UnkeyedEncodingContainer {
    let json: JSONEncoding
    let depth: Int
    private(set) var count = 0

    var codingPath: [any CodingKey] { [] }

    init(json: JSONEncoding, depth: Int) {
        self.json = json
        self.depth = depth
    }

    private mutating func next() {
        json.end(to: depth)
        json.separate()
        count += 1
    }

    mutating func encodeNil() {
        next()
        json.octets.append("null")
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        next()
        try json.write(value)
    }

    mutating func nestedContainer<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        next()
        return KeyedEncodingContainer(Members<Key>(json: json, depth: json.begin("{", "}")))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next()
        return Elements(json: json, depth: json.begin("[", "]"))
    }

    func superEncoder() -> any Encoder { preconditionFailure("no document inherits from another") }
}

/// A value that is neither object nor list.
private struct Single: SingleValueEncodingContainer {
    let json: JSONEncoding

    var codingPath: [any CodingKey] { [] }

    func encodeNil() { json.octets.append("null") }
    func encode(_ value: Bool) { json.octets.append(json: value) }
    func encode(_ value: String) { json.octets.append(json: value) }
    func encode(_ value: Float) throws { try encode(Double(value)) }
    func encode(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: "not finite"))
        }
        json.octets.append(text: "\(value)")
    }
    func encode(_ value: Int) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: Int8) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: Int16) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: Int32) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: Int64) { json.octets.append(decimal: value) }
    func encode(_ value: UInt) { json.octets.append(text: "\(value)") }
    func encode(_ value: UInt8) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: UInt16) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: UInt32) { json.octets.append(decimal: Int64(value)) }
    func encode(_ value: UInt64) { json.octets.append(text: "\(value)") }
    func encode<Value: Encodable>(_ value: Value) throws { try json.write(value) }
}
