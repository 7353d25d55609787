/// Message IDs that cannot be guessed (RFC 5452 §9.2): the system's generator, four at a draw.
struct SecureIdentifiers {
    private var generator = SystemRandomNumberGenerator()
    private var pool: UInt64 = 0
    private var left = 0

    mutating func next() -> UInt16 {
        if left == 0 {
            pool = generator.next()
            left = 4
        }
        left -= 1
        defer { pool >>= 16 }
        return UInt16(truncatingIfNeeded: pool)
    }

    /// A number from 0 to `bound - 1`; `bound` is at most 65,536, so the bias is below one in a thousand
    /// for the few lanes that it chooses among.
    mutating func below(_ bound: Int) -> Int { Int(next()) % bound }
}
