import DNS
import DNSClient
import Testing

@testable import Monitoring

@Suite("What an answer from a parent's server says")
struct ResponsibilityTests {
    private static func message(
        _ code: ResponseCode = .noError, aa: Bool = true, answer: [ResourceRecord] = [],
        authority: [ResourceRecord] = []
    ) -> Message {
        Message(
            isAuthoritative: aa, responseCode: code, question: Question("a.example.it", .ns), answer: answer,
            authority: authority)
    }

    private static func says(_ message: Message) -> Responsibility? {
        Responsibility(message, about: "a.example.it", from: "it")
    }

    @Test("an answer from above tells a cut, its own data, a denial, or nothing")
    func responsibility() {
        let cut = { (owner: DomainName) in [Make.record(owner, .ns, .ns("ns.example.net"))] }
        let referral = Referral(
            zone: "example.it", servers: NameServerSet(of: "example.it", in: cut("example.it"))!, glue: [:])
        #expect(Self.says(Self.message(aa: false, authority: cut("example.it"))) == .referral(referral))
        // Some servers set AA there.
        #expect(Self.says(Self.message(authority: cut("example.it"))) == .referral(referral))
        // Upwards, sideways, and to itself.
        for owner in [.root, "other.it", "it"] as [DomainName] {
            #expect(Self.says(Self.message(aa: false, authority: cut(owner))) == nil)
        }
        #expect(Self.says(Self.message(answer: cut("a.example.it"))) == .own(zone: "a.example.it"))
        #expect(Self.says(Self.message(aa: false, answer: cut("a.example.it"))) == nil)
        let soa = { (owner: DomainName) in [Make.soa(owner)] }
        #expect(Self.says(Self.message(authority: soa("it"))) == .own(zone: "it"))
        #expect(Self.says(Self.message(authority: soa("example.it"))) == .own(zone: "example.it"))
        #expect(Self.says(Self.message(.nameError, authority: soa("it"))) == .nonexistent)
        #expect(Self.says(Self.message(.nameError, aa: false, authority: soa("it"))) == nil)
        // The same server has the zone below, and the name is missing there.
        #expect(Self.says(Self.message(.nameError, authority: soa("example.it"))) == .own(zone: "example.it"))
        #expect(Self.says(Self.message(.refused, aa: false)) == nil)
        #expect(Self.says(Self.message(aa: false)) == nil)
    }
}
