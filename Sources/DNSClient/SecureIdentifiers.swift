import Glibc

/// Message IDs that cannot be guessed (RFC 5452 §9.2): the kernel's generator, 128 at a draw, since each
/// draw is a system call.
struct SecureIdentifiers {
    private var pool = [UInt16](repeating: 0, count: Self.drawn)
    private var left = 0

    /// 256 octets, as many as `getentropy` gives at once.
    private static let drawn = 128

    mutating func next() -> UInt16 {
        if left == 0 { draw() }
        left -= 1
        return pool[left]
    }

    /// A number from 0 to `bound - 1`; `bound` is at most 65,536, and the bias below one in a thousand
    /// for the few lanes that it chooses among.
    mutating func below(_ bound: Int) -> Int { Int(next()) % bound }

    private mutating func draw() {
        let isDrawn = unsafe pool.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress!, $0.count) == 0 }
        if !isDrawn {
            var generator = SystemRandomNumberGenerator()
            for index in pool.indices { pool[index] = generator.next() }
        }
        left = Self.drawn
    }
}
