import DNS
import Propagation
import Testing

@testable import Storytelling

@Suite("When the TTL was seen to be lowered")
struct LoweringTests {
    private typealias B = ChronicleBuilder
    private static let limit = TTL(seconds: 1800)

    @Test("From the first look that saw it, at the last of the servers")
    func lowered() {
        var builder = B(lastLook: 5000)
        builder.served(B.ns1, .previous, ttl: 86_400, from: 0, until: 900)
        builder.chronicle.served[0].goneAt = time(1000)
        builder.served(B.ns1, .previous, ttl: 600, from: 1000, until: 5000)
        builder.served(B.ns2, .previous, ttl: 86_400, from: 0, until: 1900)
        builder.chronicle.served[2].goneAt = time(2000)
        builder.served(B.ns2, .previous, ttl: 600, from: 2000, until: 5000)
        #expect(builder.chronicle.loweredSince(to: Self.limit) == time(2000))
    }

    @Test("Other exchanges and other low TTLs do not begin it anew")
    func changes() {
        var builder = B(lastLook: 5000)
        builder.served(B.ns1, .previous, ttl: 3600, from: 0, until: 90)
        builder.served(B.ns1, .previous, ttl: 1800, from: 100, until: 900)
        builder.served(B.ns1, .previous, ttl: 600, from: 1000, until: 5000, exchanges: B.target)
        for index in 0...1 { builder.chronicle.served[index].goneAt = time(1000) }
        #expect(builder.chronicle.loweredSince(to: Self.limit) == time(100))
    }

    @Test("A TTL that was low at the first look may have been lowered a minute before")
    func firstLook() {
        var builder = B(lastLook: 5000)
        builder.served(B.ns1, .previous, ttl: 600, from: 0, until: 5000)
        #expect(builder.chronicle.loweredSince(to: Self.limit) == nil)
        // One server that was watched says nothing of another.
        builder.served(B.ns2, .previous, ttl: 3600, from: 0, until: 900)
        builder.chronicle.served[1].goneAt = time(1000)
        builder.served(B.ns2, .previous, ttl: 600, from: 1000, until: 5000)
        #expect(builder.chronicle.loweredSince(to: Self.limit) == nil)
    }

    @Test("Not while one server still has a longer one, nor where none was seen")
    func stillLong() {
        var builder = B(lastLook: 5000)
        #expect(builder.chronicle.loweredSince(to: Self.limit) == nil)
        builder.served(B.ns1, .previous, ttl: 600, from: 0, until: 5000)
        builder.served(B.ns2, .previous, ttl: 3600, from: 0, until: 5000)
        #expect(builder.chronicle.loweredSince(to: Self.limit) == nil)
    }

    @Test("A server that has left, or is silent, does not hold it back")
    func left() {
        var builder = B(lastLook: 50_000)
        builder.served(B.ns1, .previous, ttl: 3600, from: 0, until: 5000)
        builder.served(B.ns2, .previous, ttl: 3600, from: 0, until: 5000)
        builder.chronicle.served[1].goneAt = time(6000)
        builder.served(B.ns2, .previous, ttl: 600, from: 6000, until: 50_000)
        #expect(builder.chronicle.loweredSince(to: Self.limit) == time(6000))
    }
}
