/// Writes messages octet by octet and checks nothing, so that a test can write wrong ones.
struct MessageWriter {
    private(set) var octets: [UInt8]

    init(
        id: UInt16 = 0x2B67, flags: UInt16 = 0x8180, questions: UInt16 = 1, answers: UInt16 = 0,
        authority: UInt16 = 0, additional: UInt16 = 0
    ) {
        octets = [id, flags, questions, answers, authority, additional].flatMap(big16)
    }

    /// Adds octets as they are.
    func raw(_ added: [UInt8]) -> Self {
        var copy = self
        copy.octets += added
        return copy
    }

    func question(_ name: [UInt8] = name("example.it"), type: UInt16 = 15, class recordClass: UInt16 = 1)
        -> Self
    {
        raw(name + big16(type) + big16(recordClass))
    }

    /// Adds a record, by default one that the question's name owns; `length` lies about the data.
    func record(
        _ owner: [UInt8] = pointer(12), type: UInt16, class recordClass: UInt16 = 1, ttl: UInt32 = 300,
        length: UInt16? = nil, _ data: [UInt8]
    ) -> Self {
        raw(owner + big16(type) + big16(recordClass) + big32(ttl))
            .raw(big16(length ?? UInt16(data.count)) + data)
    }

    func mx(_ owner: [UInt8], _ preference: UInt16, _ exchange: [UInt8]) -> Self {
        record(owner, type: 15, big16(preference) + exchange)
    }

    /// Adds an MX of the question's name; `length` lies about the data.
    func mx(ttl: UInt32 = 300, length: UInt16? = nil, _ preference: UInt16, _ exchange: [UInt8]) -> Self {
        record(type: 15, ttl: ttl, length: length, big16(preference) + exchange)
    }

    /// Adds an OPT with these octets of options; `ttl` is extended RCODE, version and flags.
    func opt(_ options: [UInt8] = [], owner: [UInt8] = [0], ttl: UInt32 = 0, length: UInt16? = nil) -> Self {
        record(owner, type: 41, class: 1232, ttl: ttl, length: length, options)
    }
}

func big16(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
func big32(_ value: UInt32) -> [UInt8] { big16(UInt16(value >> 16)) + big16(UInt16(value & 0xFFFF)) }

/// One label whose length octet tells the truth.
func label(_ octets: some Collection<UInt8>) -> [UInt8] { [UInt8(octets.count)] + octets }

/// A name of plain labels, the root at its end.
func name(_ text: String) -> [UInt8] {
    text.utf8.split(separator: UInt8(ascii: ".")).flatMap { label($0) } + [0]
}

/// Labels of `lengths` letters each, without a root.
func labels(_ lengths: Int...) -> [UInt8] {
    lengths.flatMap { [UInt8($0)] + [UInt8](repeating: UInt8(ascii: "a"), count: $0) }
}

/// A compression pointer.
func pointer(_ offset: Int) -> [UInt8] { big16(0xC000 | UInt16(offset)) }

/// A character string of TXT RDATA.
func text(_ text: String) -> [UInt8] { label(Array(text.utf8)) }

/// An EDNS option; `length` lies about the data.
func option(_ code: UInt16, _ data: [UInt8], length: UInt16? = nil) -> [UInt8] {
    big16(code) + big16(length ?? UInt16(data.count)) + data
}

/// RDATA of an SOA whose names are in `example.it`.
func soa(serial: UInt32 = 2_026_112_401, minimum: UInt32 = 900) -> [UInt8] {
    label("ns1".utf8) + pointer(12) + label("hostmaster".utf8) + pointer(12)
        + [serial, 7200, 3600, 1_209_600, minimum].flatMap(big32)
}
