import DNS
import Testing

@Suite("Addresses and endpoints")
struct AddressTests {
    @Test(
        "addresses, read and written",
        arguments: [
            ("8.8.8.8", "8.8.8.8", [8, 8, 8, 8]),
            ("255.255.255.255", "255.255.255.255", [255, 255, 255, 255]),
            ("0.0.0.0", "0.0.0.0", [0, 0, 0, 0]),
            ("2001:DB8::1", "2001:db8::1", [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("::", "::", [UInt8](repeating: 0, count: 16)),
            ("fe80:0:0:0:1:2:3:4", "fe80::1:2:3:4", [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4]),
            (
                "::ffff:192.0.2.1", "::ffff:192.0.2.1",
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1]
            ),
        ] as [(String, String, [UInt8])])
    func addresses(_ text: String, _ shown: String, _ octets: [UInt8]) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == shown)
        #expect(address.octets == octets)
        #expect(IPAddress(octets: octets) == address)
        #expect(address.isV6 == (octets.count == 16))
    }

    @Test(
        "text that is no address",
        arguments: [
            "", " ", "8.8.8", "8.8.8.8.8", "8.8.8.256", "08.8.8.8", "8.8.8.8 ", " 8.8.8.8", "8.8.8.-8",
            "0x8.8.8.8",
            "134744072", "example.it", "fe80::1%eth0", "[::1]", ":::", "1::2::3", "12345::", "8.8.8.8\0",
            "8.8.8.8\0.it",
            "::1\0", "８.8.8.8",
        ])
    func badAddresses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("octets of another count are no address", arguments: [0, 3, 5, 15, 17])
    func badOctets(_ count: Int) {
        #expect(IPAddress(octets: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test(
        "loopback",
        arguments: [
            ("127.0.0.1", true), ("127.255.255.255", true), ("126.255.255.255", false), ("128.0.0.0", false),
            ("::1", true),
            ("::", false), ("::2", false), ("1::1", false), ("::ffff:127.0.0.1", false),
        ] as [(String, Bool)])
    func loopback(_ text: String, _ isLoopback: Bool) throws {
        #expect(try #require(IPAddress(text)).isLoopback == isLoopback)
    }

    @Test(
        "endpoints, read and written",
        arguments: [
            ("8.8.8.8", "8.8.8.8:53"), ("8.8.8.8:5300", "8.8.8.8:5300"), ("8.8.8.8:65535", "8.8.8.8:65535"),
            ("2001:db8::1", "[2001:db8::1]:53"), ("[2001:db8::1]:53", "[2001:db8::1]:53"),
            ("[::1]:1", "[::1]:1"),
            // A port cannot be told from a group of an address without brackets.
            ("2001:db8::1:53", "[2001:db8::1:53]:53"),
        ] as [(String, String)])
    func endpoints(_ text: String, _ shown: String) throws {
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.description == shown)
        #expect(Endpoint(shown) == endpoint)
    }

    @Test(
        "text that is no endpoint",
        arguments: [
            "", ":", ":53", "8.8.8.8:", "8.8.8.8:0", "8.8.8.8:65536", "8.8.8.8:+53", "8.8.8.8:-1",
            "8.8.8.8: 53", "8.8.8.8:5x",
            "8.8.8.8:٥٣", "[8.8.8.8]:53", "[2001:db8::1]", "[2001:db8::1]:", "[2001:db8::1]53",
            "[2001:db8::1:53", "[]:53",
            "[fe80::1%eth0]:53", "example.it:53", "8.8.8.8\0:53",
        ])
    func badEndpoints(_ text: String) {
        #expect(Endpoint(text) == nil)
    }
}
