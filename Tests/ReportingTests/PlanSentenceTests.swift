import DNS
import Planning
import Propagation
import Testing

@testable import Reporting

@Suite("Every finding of a plan in words")
struct PlanSentenceTests {
    private static let server = Situation.ns1
    private static let name: DomainName = "mail.old.it"
    private static let ttl = TTL(seconds: 7200)

    private static var sentences: PlanSentences {
        PlanSentences(
            PlanSituation.ready.plan,
            TimeText(zone: .utc, clock: PlanSituation.clock, now: PlanSituation.clock.wall))
    }

    /// What is found, and what its sentence and remedy must say.
    private static var findings: [(PlanFinding, String, String?)] {
        let lifetimes = PlanSituation.notLowered.plan.lifetimes!
        let include: DomainName = "spf.qboxmail.com"
        let lower = "lower it to 600 s"
        return [
            (.nonexistent("a.it does not exist"), "a.it does not exist", "check the spelling"),
            (.authorityUnknown("why"), "we could not find the authoritative servers (why)", "--authority"),
            (.authorityNotAsked, "we did not ask the authoritative servers", "--no-authority"),
            (.authoritySilent(asked: 1), "the authoritative server gave no", "--authority"),
            (.authoritySilent(asked: 3), "none of 3", "--authority"),
            (
                .partlySwitched(others: [server], of: 1), "half done: ns1.example.it (192.0.2.1) still names",
                "finish"
            ),
            (
                .partlySwitched(others: [server], of: 2), "(192.0.2.1), of 2 that answer, still names",
                "finish"
            ),
            (.inZone("it"), "in the zone it", nil),
            (
                .timeToLiveTooLong(ttl, servers: [server], of: 2),
                "7200 s (2 h) at ns1.example.it (192.0.2.1), of 2", lower
            ),
            (.negativeTTLTooLong(ttl), "no MX yet", "MINIMUM"),
            (.notLowered(lifetimes), "even if you lower the TTL now", nil),
            (.lowered(since: PlanSituation.now, lifetimes), "this low since 17:05:00 UTC: copies", nil),
            (.longerBefore(lifetimes), "was longer until recently", "--lowered-at"),
            (.loweredUnknown(lifetimes), "we do not know since when", "--previous-ttl"),
            (.longCopies(resolvers: 1, of: 2), "1 of 2 resolvers has", nil),
            (.noQuorum(counted: 0, eligible: 2, needed: 2), "none of 2 resolvers", "--resolvers"),
            (.authorityDiffers, "different MX", "transfers"),
            (.unresolvedNameServers([name]), "did not ask the name server mail.old.it", "again"),
            (.delegationUnknown, "neither the parent nor the zone", "again"),
            (.fault(.silentAuthority(server: server, "why")), "does not answer", "repair it"),
            (.fault(.lame(server: server, "why")), "is not (why)", "delegation"),
            (
                .fault(.lagging(server: server, serial: SerialNumber(1), newest: SerialNumber(2))),
                "has an old zone",
                "up to date"
            ),
            (
                .fault(.delegationMismatch(onlyAtParent: [name], onlyAtChild: [])), "only the parent names",
                "registrar"
            ),
            (.fault(.unequalTTLs(server: "ns1")), "different TTLs", "same TTL"),
            (.fault(.unresolvable(name)), "has no address", "do not publish"),
            (.fault(.exchangeIsAlias(name)), "is an alias", "do not publish"),
            (.newExchangesUnknown([name]), "no resolver gave the addresses of mail.old.it", "again"),
            (
                .transportPolicy(id: nil), "MTA-STS record: senders",
                "https://mta-sts.example.it/.well-known/mta-sts.txt"
            ),
            (.transportPolicy(id: "1"), "did not fetch", "max_age"),
            (
                .senderPolicyLacks(include: include, lookups: 9, hasAll: true),
                "does not include spf.qboxmail.com",
                "add include:spf.qboxmail.com before its 'all' (what"
            ),
            (
                .senderPolicyLacks(include: include, lookups: 9, hasAll: false), "does not include",
                "qboxmail.com, and keep the rest while the old server sends. A check may make 10 lookups"
            ),
            (.severalSenderPolicies(2), "2 SPF records", "merge"),
            (.signedUnvalidated, "none of the resolvers", "--resolvers"),
            (
                .brokenSignatures(Situation.resolvers), "answer SERVFAIL, and give the record",
                "signed again"
            ),
            (.wildcardTooLong(name, ttl), "*.mail.old.it has an MX", lower),
            (
                .ofSubdomain(name, .timeToLiveTooLong(ttl, servers: [server], of: 1)),
                "mail.old.it: the MX has a TTL of 7200 s", lower
            ),
            (
                .ofSubdomain(name, .longCopies(resolvers: 1, of: 2)), "mail.old.it: 1 of 2 resolvers has",
                nil
            ),
            (.subdomainAddressesUntold(name), "gave its own addresses", "again"),
            (.subdomainUntold(name), "gave the MX of mail.old.it", "again"),
            (
                .firstPass(from: PlanSituation.now), "not before 17:05:00 UTC",
                "without --strategy two-pass"
            ),
        ]
            + [PlanTopic.transportPolicy, .senderPolicy, .associations, .signatures, .wildcard].map {
                (.untold($0), "we got no answer", "again")
            }
    }

    @Test("What is not well says what it is, and what to do")
    func obstacles() {
        for (finding, text, remedy) in Self.findings {
            let line = PlanLine(.fix, finding)
            #expect(
                Self.sentences.sentence(line).contains(text), "\(finding): \(Self.sentences.sentence(line))")
            if let remedy { #expect(Self.sentences.remedy(line)?.contains(remedy) == true, "\(finding)") }
            #expect((Self.sentences.remedy(line) == nil) == (remedy == nil), "\(finding)")
        }
    }

    @Test("What is well is said too, and asks for nothing")
    func well() {
        let lifetimes = PlanSituation.ready.plan.lifetimes!
        let include: DomainName = "spf.qboxmail.com"
        let findings: [(PlanFinding, String)] = [
            (.switched(servers: 2), "both authoritative servers that answer serve the new MX"),
            (.timeToLive(TTL(seconds: 900), servers: 1), "within the guide's 600 to 1800 s"),
            (
                .timeToLive(TTL(seconds: 60), servers: 3),
                "shorter than the guide's 600 to 1800 s, but that does no harm"
            ),
            (.negativeTTL(TTL(seconds: 60)), "caches keep that answer for 60 s"),
            (.lowered(since: PlanSituation.now, lifetimes), "and was never longer than 900 s"),
            (.neverLonger(TTL(seconds: 900)), "never longer than 900 s in the last days"),
            (.longerCopiesGone(lifetimes), "copies from before (up to 15 min) are gone since 17:20:00 UTC"),
            (.noLongCopies(resolvers: 1), "the resolver has no copy"),
            (
                .stretchedCopies(resolvers: 1, of: 2, Self.ttl),
                "1 of 2 resolvers keeps copies longer than their TTL, 7200 s (2 h) or more"
            ),
            (.noLongCopies(resolvers: 2), "none of 2 resolvers"),
            (.authorityConsistent(servers: 2, serial: SerialNumber(7)), "the same MX, with serial 7"),
            (.delegation(Self.ttl), "for up to 2 h"),
            (.nameServers([Self.name], nil), "--leave-nameservers"),
            (
                .leavingNameServers([Self.name], Self.ttl),
                "at mail.old.it too, and have the zone deleted there in the end: resolvers ask it for up to 2 h"
            ),
            (.newExchanges([Self.name]), "mail.old.it has an address and is no alias"),
            (.noPresentExchange(.noData, own: nil), "no resolver gave"),
            (.noPresentExchange(.noData, own: []), "gets no mail yet"),
            (.noPresentExchange(.noData, own: [.v4(1)]), "own address 0.0.0.1"),
            (.noPresentExchange(.nullMX, own: nil), "null MX"),
            (.noPresentExchange(.nameError, own: nil), "does not exist in its zone"),
            (.noTransportPolicy, "no MTA-STS record"),
            (.transportPolicyChecked(id: "1"), "(id 1), and --mta-sts-checked says"),
            (.noAssociations, "no TLSA records"),
            (.associations(present: [Self.name], newHave: true), "The new exchanges have their own"),
            (.noSenderPolicy(include: include), "no SPF record"),
            (.senderPolicy(include: include), "includes spf.qboxmail.com"),
            (.senderPolicyByMX, "after the switch that is the new provider's"),
            (.unsigned, "not signed"), (.signed(resolvers: 2), "2 resolvers validate it"),
            (.signedInVain(resolvers: 1), "a resolver that validates treats it as unsigned"),
            (.noWildcard, "no wildcard MX"),
            (.wildcard(Self.name, [Self.name], Self.ttl), "Change it at the switch too"),
            (.subdomain(Self.name, [Self.name], Self.ttl), "Change it at the switch too"),
            (.subdomainByAddress(Self.name, [.v4(1)], Self.ttl), "mail goes to its own address 0.0.0.1"),
            (.subdomainSwitched(Self.name), "has switched already"),
            (.subdomainWithoutMail(Self.name), "nothing to switch"),
        ]
        for (finding, text) in findings {
            let line = PlanLine(.ok, finding)
            #expect(
                Self.sentences.sentence(line).contains(text), "\(finding): \(Self.sentences.sentence(line))")
            #expect(Self.sentences.remedy(line) == nil, "\(finding)")
        }
    }
}
