import DNS
import Foundation
import Lab
import Testing

/// `dig` reads what the writer writes: a decoder that this project had no hand in.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Dig.isWanted, "dig (bind9-dnsutils) is not installed"))
struct DigTests {
    @Test("MX, SOA and NS of an authoritative server")
    func mxSOAAndNSOfAnAuthoritativeServer() async throws {
        let zone = ZoneTests.zone()
        let world = LabWorld(authorities: [LabAuthority("ns1.example.it", zones: [zone])])
        try await LabNetwork.run(world, now: monotonic) { network in
            let server = try #require(network.endpoint(of: .authority(0)))
            let mail = try await Dig.ask(server, "example.it", "MX", "+norecurse")
            #expect(mail.fields.contains(["example.it.", "100", "IN", "MX", "10", "mail.old.example."]))
            #expect(mail.flags == ["qr", "aa"] && mail.status == "NOERROR" && mail.warnings.isEmpty)
            let start = try await Dig.ask(server, "example.it", "SOA", "+norecurse")
            #expect(
                start.fields.contains([
                    "example.it.", "3600", "IN", "SOA", "ns1.example.it.", "hostmaster.example.it.", "7",
                    "3600",
                    "900", "1209600", "60",
                ]))
            let servers = try await Dig.ask(server, "example.it", "NS", "+norecurse")
            #expect(servers.fields.map(\.last) == ["ns1.example.it.", "ns2.example.it."])
            let six = try await Dig.ask(server, "deep.under.example.it", "AAAA", "+norecurse")
            #expect(six.fields.map(\.last) == ["::1"])
            let text = try await Dig.ask(server, "x.wild.example.it", "TXT", "+norecurse")
            #expect(text.fields == [["x.wild.example.it.", "5", "IN", "TXT", "\"A\""]])
            let nobody = try await Dig.ask(server, "nobody.example.it", "MX", "+norecurse")
            #expect(nobody.status == "NXDOMAIN" && nobody.fields.map { $0[3] } == ["SOA"])
            let chain = try await Dig.ask(server, "shop.example.it", "MX", "+norecurse")
            #expect(chain.fields.map { $0[3] } == ["CNAME", "MX"])
            #expect(try await Dig.ask(server, "example.com", "MX", "+norecurse").status == "REFUSED")
        }
    }

    @Test("truncation leads to TCP")
    func truncationLeadsToTCP() async throws {
        let world = FaceTests.world(LabManners(truncatesDatagrams: true))
        try await LabNetwork.run(world, now: monotonic) { network in
            let server = try #require(network.endpoint(of: .resolver(0)))
            let answer = try await Dig.ask(server, "example.it", "MX")
            #expect(answer.text.contains("Truncated, retrying in TCP mode"))
            #expect(answer.fields.map(\.last) == ["mail.old.example."])
            let ignoring = try await Dig.ask(server, "example.it", "MX", "+ignore")
            #expect(ignoring.flags.contains("tc") && ignoring.fields.isEmpty)
        }
    }

    @Test("what is too long for the client is truncated by itself")
    func whatIsTooLongForTheClientIsTruncatedByItself() async throws {
        var zone = LabZone("example.it", nameServers: ["ns1.example.it"])
        zone.setMail(
            .exchanges(
                (0..<40).map { number in
                    let host = DomainName(stringLiteral: "mail-number-\(number).example.it")
                    return MailExchange(preference: 1, exchange: host)
                }, ttl: TTL(seconds: 9)))
        let world = LabWorld(authorities: [LabAuthority("ns1.example.it", zones: [zone])])
        try await LabNetwork.run(world, now: monotonic) { network in
            let server = try #require(network.endpoint(of: .authority(0)))
            let short = try await Dig.ask(server, "example.it", "MX", "+norecurse", "+ignore", "+noedns")
            #expect(short.flags.contains("tc") && short.fields.isEmpty)
            let whole = try await Dig.ask(server, "example.it", "MX", "+norecurse", "+tcp")
            #expect(whole.fields.count == 40)
        }
    }

    @Test("NSID names the cache, for who asks")
    func nsidNamesTheCacheForWhoAsks() async throws {
        try await LabNetwork.run(FaceTests.world(cacheCount: 3), now: monotonic) { network in
            let server = try #require(network.endpoint(of: .resolver(0)))
            let named = try await Dig.ask(server, "example.it", "MX", "+nsid")
            #expect(["one-1", "one-2", "one-3"].contains { named.text.contains("(\"\($0)\")") })
            #expect(try await !Dig.ask(server, "example.it", "MX").text.contains("NSID"))
            #expect(try await !Dig.ask(server, "example.it", "MX", "+noedns").text.contains("EDNS"))
        }
    }

    @Test("extended errors are read with their meaning")
    func extendedErrorsAreReadWithTheirMeaning() async throws {
        let stale = CachePolicy.ServeStale()
        var world = LabWorld.switching(
            from: oldMail, to: newMail, at: monotonic(),
            resolvers: [
                LabResolver("stale", policy: CachePolicy(serveStale: stale)),
                LabResolver("filters", conduct: .filtering(ExtendedError(code: 15, text: "not for you"))),
            ])
        world.warm(mx, resolver: 0, at: monotonic() - .seconds(500))
        try await LabNetwork.run(world, now: monotonic) { network in
            let first = try #require(network.endpoint(of: .resolver(0)))
            let second = try #require(network.endpoint(of: .resolver(1)))
            let past = try await Dig.ask(first, "example.it", "MX")
            #expect(past.text.contains("EDE: 3 (Stale Answer)"))
            #expect(past.fields == [["example.it.", "30", "IN", "MX", "10", "mail.old.example."]])
            let fresh = try await Dig.ask(first, "example.it", "MX")
            #expect(!fresh.text.contains("EDE") && fresh.fields.count == 2)
            let blocked = try await Dig.ask(second, "example.it", "MX")
            #expect(blocked.text.contains("EDE: 15 (Blocked): (not for you)"))
        }
    }

    @Test("a server without EDNS says FORMERR, and answers the plain question")
    func aServerWithoutEDNSSaysFORMERRAndAnswersThePlainQuestion() async throws {
        try await LabNetwork.run(FaceTests.world(LabManners(edns: .formatError)), now: monotonic) { network in
            let server = try #require(network.endpoint(of: .resolver(0)))
            let refused = try await Dig.ask(server, "example.it", "MX", "+edns=0")
            #expect(refused.text.contains("FORMERR"))
            let plain = try await Dig.ask(server, "example.it", "MX", "+noedns")
            #expect(plain.status == "NOERROR" && plain.fields.count == 1)
        }
        try await LabNetwork.run(FaceTests.world(), now: monotonic) { network in
            let server = try #require(network.endpoint(of: .resolver(0)))
            let answer = try await Dig.ask(server, "example.it", "MX", "+edns=1", "+noednsnegotiation")
            #expect(answer.status == "BADVERS")
        }
    }

    @Test("a parent refers")
    func aParentRefers() async throws {
        let demo = DemoWorld(seed: 1, start: monotonic())
        try await LabNetwork.run(demo.world, now: monotonic) { network in
            let parent = try #require(network.endpoint(of: .authority(2)))
            let answer = try await Dig.ask(parent, "example.it", "MX", "+norecurse")
            #expect(answer.flags == ["qr"])
            #expect(answer.fields.map { $0[3] } == ["NS", "NS", "A", "A"])
        }
    }
}

/// One run of dig, and what it printed.
struct Dig {
    var text: String

    private static let path = "/usr/bin/dig"
    /// Where dig is missing its tests are skipped, but not on a machine that is there to run them.
    static var isWanted: Bool {
        FileManager.default.isExecutableFile(atPath: path)
            || ProcessInfo.processInfo.environment["CI"] == "true"
    }

    static func ask(_ server: Endpoint, _ name: String, _ type: String, _ options: String...) async throws
        -> Dig
    {
        precondition(server.address.isLoopback)
        let arguments =
            ["-r", "@\(server.address)", "-p", "\(server.port)", name, type, "+tries=1", "+time=5"] + options
        return try await blocking {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            let output = Pipe()
            process.standardOutput = output
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Dig(text: String(decoding: data, as: UTF8.self))
        }
    }

    private var lines: [Substring] { text.split(separator: "\n") }
    /// The records of all sections, split at white space.
    var fields: [[String]] {
        lines.filter { !$0.hasPrefix(";") }.map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    }
    var status: String? { part(after: "status: ", before: ",") }
    var flags: [String] {
        (part(after: ";; flags: ", before: ";") ?? "").split(separator: " ").map(String.init)
    }
    /// What dig found odd in the message.
    var warnings: [Substring] { lines.filter { $0.lowercased().contains("warning") } }

    private func part(after start: String, before end: String) -> String? {
        guard let from = text.range(of: start),
            let to = text.range(of: end, range: from.upperBound..<text.endIndex)
        else { return nil }
        return String(text[from.upperBound..<to.lowerBound])
    }
}
