import DNS
import DNSClient
import Lab
import Propagation
import Testing

@testable import Monitoring

/// `--authority` beside the zone's own servers.
@Suite("Authoritative servers that were given", .timeLimit(.minutes(5)))
struct GivenServersTests {
    private static func notAsked(_ numbers: [Int], _ realm: Realm = Realm()) async -> [DomainName]? {
        let given = numbers.map(Realm.endpoint)
        let (tracker, verdict, requests) = await realm.check(authority: .given(given))
        #expect(!requests.contains { !$0.recursionDesired && !given.contains($0.server) })
        for case .notAsked(let names, let servers) in verdict.warnings {
            #expect(servers.map(\.endpoint) == given)
            #expect(verdict.reasons.contains(.published(servers: given.count, notAsked: names.count)))
            return names
        }
        #expect(tracker.authority.notAsked == [])
        return nil
    }

    @Test(
        "those of the zone that are not given are named, and not asked",
        arguments: [
            ([1], ["ns2.example.net"]), ([2], ["ns1.example.net"]),
            ([3], ["ns1.example.net", "ns2.example.net"]),
            ([1, 2], nil), ([1, 2, 3], nil),
        ] as [([Int], [DomainName]?)])
    func others(given: [Int], expected: [DomainName]?) async {
        #expect(await Self.notAsked(given) == expected)
    }

    @Test("nothing is said where the others have no address")
    func withoutAddress() async {
        var realm = Realm()
        realm.hosting = LabZone("example.net", nameServers: ["ns1.example.net"])
        realm.hosting.add("ns1.example.net", Realm.endpoint(1).address)
        #expect(await Self.notAsked([1], realm) == nil)
    }
}
