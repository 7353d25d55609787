import DNS

extension [UInt8] {
    /// Appends a value as JSON (RFC 8259): without white space, members in the order in which they are declared,
    /// `generatedAt` as `generated_at`, and `null` for what is `nil`.
    ///
    /// Foundation's encoder keeps no order and leaves out what is `nil`.
    package mutating func append(json value: some Encodable) {
        let json = JSONEncoding(octets: self)
        self = []
        do {
            try json.write(value)
        } catch {
            preconditionFailure("a document holds what has no form in JSON: \(error)")
        }
        self = json.output.octets
    }
}

/// One value on its way into octets.
private final class JSONEncoding: Encoder {
    var output: Output
    /// How many objects and lists were open before the value that is being written.
    private var outside = 0

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(octets: [UInt8]) { output = Output(octets: octets) }

    func write<Value: Encodable>(_ value: Value) throws {
        // What most of a document is made of: its own way through text would take longer.
        if Value.self == Timestamp.self { return output.append(value as! Timestamp) }
        if Value.self == DomainName.self { return output.append(value as! DomainName) }
        if Value.self == Endpoint.self { return output.append(value as! Endpoint) }
        if Value.self == Milliseconds.self { return output.append(value as! Milliseconds) }
        let before = outside
        outside = output.depth
        try value.encode(to: self)
        output.end(to: outside)
        outside = before
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        // One value may ask more than once: what it adds goes into the same object.
        let depth = output.depth > outside ? outside + 1 : output.begin("{", "}")
        return KeyedEncodingContainer(Members(json: self, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        Elements(json: self, depth: output.begin("[", "]"))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(json: self) }
}

/// The octets written so far, and what has begun in them.
private struct Output {
    var octets: [UInt8]
    /// The objects and lists that have begun and not ended, from the outside in.
    private var open: [(end: UInt8, isEmpty: Bool)] = []

    init(octets: [UInt8]) { self.octets = octets }

    var depth: Int { open.count }

    /// - Returns: how many are open then.
    mutating func begin(_ start: Unicode.Scalar, _ end: Unicode.Scalar) -> Int {
        octets.append(UInt8(ascii: start))
        open.append((UInt8(ascii: end), true))
        return open.count
    }

    /// Ends what has begun since; a container has no end of its own.
    mutating func end(to depth: Int) {
        while open.count > depth { octets.append(open.removeLast().end) }
    }

    /// Begins the next member or element of what is open at this depth.
    mutating func next(at depth: Int) {
        end(to: depth)
        if open[depth - 1].isEmpty {
            open[depth - 1].isEmpty = false
        } else {
            octets.append(UInt8(ascii: ","))
        }
    }

    mutating func next(at depth: Int, name: String) {
        next(at: depth)
        octets.append(UInt8(ascii: "\""))
        append(snakeCase: name)
        octets.append("\":")
    }

    /// `generatedAt` as `generated_at`.
    private mutating func append(snakeCase name: String) {
        var name = name
        name.withUTF8 { name in
            var rest = unsafe name[...]
            while let capital = unsafe rest.firstIndex(where: { $0 < UInt8(ascii: "_") }) {
                unsafe octets.append(contentsOf: rest[..<capital])
                octets.append(UInt8(ascii: "_"))
                unsafe octets.append(rest[capital] | 0x20)
                unsafe rest = unsafe rest[(capital + 1)...]
            }
            unsafe octets.append(contentsOf: rest)
        }
    }

    mutating func append(_ value: some JSONText) { value.append(to: &octets) }

    mutating func appendNull() { octets.append("null") }
}

// MARK: - Containers

/// The members of an object.
private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let json: JSONEncoding
    let depth: Int

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) {
        json.output.next(at: depth, name: key.stringValue)
        json.output.appendNull()
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        json.output.next(at: depth, name: key.stringValue)
        try json.write(value)
    }

    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
    }

    private func write<Value: JSONText>(_ value: Value?, _ key: Key) {
        json.output.next(at: depth, name: key.stringValue)
        if let value { json.output.append(value) } else { json.output.appendNull() }
    }

    func encode(_ value: Bool, forKey key: Key) { write(value, key) }
    func encode(_ value: String, forKey key: Key) { write(value, key) }
    func encode(_ value: Double, forKey key: Key) { write(value, key) }
    func encode(_ value: Float, forKey key: Key) { write(value, key) }
    func encode(_ value: Int, forKey key: Key) { write(value, key) }
    func encode(_ value: Int8, forKey key: Key) { write(value, key) }
    func encode(_ value: Int16, forKey key: Key) { write(value, key) }
    func encode(_ value: Int32, forKey key: Key) { write(value, key) }
    func encode(_ value: Int64, forKey key: Key) { write(value, key) }
    func encode(_ value: UInt8, forKey key: Key) { write(value, key) }
    func encode(_ value: UInt16, forKey key: Key) { write(value, key) }
    func encode(_ value: UInt32, forKey key: Key) { write(value, key) }
    func encode(_ value: UInt64, forKey key: Key) { write(value, key) }
    func encode(_ value: UInt, forKey key: Key) { write(value, key) }

    // What the protocol would do for each of these types leaves out what is `nil`.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) { write(value, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) { write(value, key) }

    func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
    {
        json.output.next(at: depth, name: key.stringValue)
        return KeyedEncodingContainer(Members<Nested>(json: json, depth: json.output.begin("{", "}")))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        json.output.next(at: depth, name: key.stringValue)
        return Elements(json: json, depth: json.output.begin("[", "]"))
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
        json.output.next(at: depth)
        count += 1
    }

    mutating func encodeNil() {
        next()
        json.output.appendNull()
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        next()
        try json.write(value)
    }

    mutating func nestedContainer<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        next()
        return KeyedEncodingContainer(Members<Key>(json: json, depth: json.output.begin("{", "}")))
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        next()
        return Elements(json: json, depth: json.output.begin("[", "]"))
    }

    func superEncoder() -> any Encoder { preconditionFailure("no document inherits from another") }
}

/// A value that is neither object nor list.
private struct Single: SingleValueEncodingContainer {
    let json: JSONEncoding

    var codingPath: [any CodingKey] { [] }

    func encodeNil() { json.output.appendNull() }
    func encode(_ value: Bool) { json.output.append(value) }
    func encode(_ value: String) { json.output.append(value) }
    func encode(_ value: Double) { json.output.append(value) }
    func encode(_ value: Float) { json.output.append(value) }
    func encode(_ value: Int) { json.output.append(value) }
    func encode(_ value: Int8) { json.output.append(value) }
    func encode(_ value: Int16) { json.output.append(value) }
    func encode(_ value: Int32) { json.output.append(value) }
    func encode(_ value: Int64) { json.output.append(value) }
    func encode(_ value: UInt8) { json.output.append(value) }
    func encode(_ value: UInt16) { json.output.append(value) }
    func encode(_ value: UInt32) { json.output.append(value) }
    func encode(_ value: UInt64) { json.output.append(value) }
    func encode(_ value: UInt) { json.output.append(value) }
    func encode<Value: Encodable>(_ value: Value) throws { try json.write(value) }
}
