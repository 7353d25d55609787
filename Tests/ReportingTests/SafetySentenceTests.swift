import DNS
import Propagation
import Testing

@testable import Reporting

/// What is said of the levels above "propagated", and of delegations.
@Suite struct SafetySentenceTests {
    private static let start = Situation.start.instant
    private static let later = SentenceTests.later
    private static let hour = TTL(seconds: 3600)

    private static func row<Subject>(_ subject: Subject, _ parts: String...) -> (Subject, String) {
        (subject, parts.joined())
    }

    static let reasons: [(Reason, String)] = [
        row(
            Reason.bounded(Bound(at: later, basis: .witnessed)),
            "caches that nobody sees may hold another MX until 17:31:40 UTC,",
            " by the TTL that the authoritative servers gave it"),
        row(
            .bounded(
                Bound(at: later, basis: .unwitnessed(ttl: Policy.assumedTTL, since: start, isAssumed: true))),
            "caches that nobody sees may hold another MX until 17:31:40 UTC:",
            " its TTL before 17:05:00 UTC was not seen, and 1 d is assumed;",
            " --previous-ttl SECONDS, the longest it had, shortens this"),
        row(
            .bounded(Bound(at: later, basis: .unwitnessed(ttl: hour, since: start, isAssumed: false))),
            "caches that nobody sees may hold another MX until 17:31:40 UTC:",
            " copies from before 17:05:00 UTC live for up to 1 h (--previous-ttl)"),
        row(
            .bounded(Bound(at: later, basis: .formerServers)),
            "caches that nobody sees may hold another MX until 17:31:40 UTC,",
            " by the TTL of the former name servers and of what they serve"),
        row(
            .formerServers([SentenceTests.ns1], until: later),
            "ns1.example.it (192.0.2.1) is no longer among the name servers, and may still give another MX",
            " to resolvers that know the former delegation, until 17:31:40 UTC;",
            " change the MX there too, or have the zone deleted there"),
        row(
            .settling(until: later),
            "everything has flipped; the guide's \"some hours\" run until 17:31:40 UTC (see --settle)"),
        row(
            .awaitingConfirmation(silent: []),
            "the servers are asked once more before the next level is called reached"),
        row(
            .awaitingConfirmation(silent: [SentenceTests.ns1]),
            "the next level needs one more answer of the authoritative servers,",
            " and ns1.example.it (192.0.2.1) does not answer"),
        row(.authorityPending, "the authoritative servers have not been heard yet"),
        row(
            .servedWithoutAuthority(servers: [SentenceTests.ns1]),
            "ns1.example.it (192.0.2.1) is listed as authoritative, is not, and gives another MX,",
            " which resolvers may take: change it there, or correct the delegation"),
        row(
            .secondPassSafe(since: start),
            "since 17:05:00 UTC no mail can reach the old server by a cached MX: start the second pass"),
        row(
            .senderPatience(until: later),
            "mail that was queued before the change may still reach the old server until 17:31:40 UTC:",
            " senders retry for up to 5 days (RFC 5321 §4.5.4.1)"),
        row(
            .decommissionSafe(since: start),
            "since 17:05:00 UTC queued mail has come or been given up:",
            " ask the old provider to delete the domain"),
        row(
            .nonexistent("example.itt does not exist, as the servers of the root zone say"),
            "example.itt does not exist, as the servers of the root zone say:",
            " check how it is spelt, and that it is registered"),
        row(
            .holding(resolvers: 1, of: 2, until: later, states: [.noMX]),
            "1 of 2 resolvers still serves no MX at all; the last known copy expires at 17:31:40 UTC"),
    ]

    @Test(arguments: reasons) func everyReasonIsASentence(_ reason: Reason, _ text: String) {
        #expect(SentenceTests.sentences.sentence(reason) == text)
    }

    @Test("warnings of a kind do not flood: four or more are one sentence")
    func manyOfAKind() {
        func sentences(_ count: Int) -> [String] {
            let names = (1...count).map { DomainName(stringLiteral: "mx\($0).example.it") }
            return SentenceTests.sentences.sentences(
                [.viaAlias("other.it")] + names.map(Warning.unresolvable) + [.nullBesideOthers])
        }
        #expect(sentences(3).count == 5)
        #expect(
            sentences(60)[1]
                == "60 exchanges have no address: mx1.example.it, mx2.example.it, mx3.example.it and 57 more;"
                + " no mail can be delivered to them")
        #expect(sentences(60).count == 3)
    }

    static let kinds: [(Warning, String)] = [
        row(Warning.equalPreference(foreign: "a.it", preference: 10), "4 exchanges have the same preference"),
        row(
            .foreignExchange("a.it", preference: 10),
            "4 other exchanges are left among the MX: a.it, a.it, a.it and 1 more"),
        row(.exchangeIsAlias("a.it"), "4 exchanges are aliases (CNAME)"),
        row(.missingDot("a.it", meant: "a"), "4 exchanges have the zone's name behind them: a.it"),
        row(.exchangeIsAddress("192.0.2.1"), "4 exchanges are IP addresses: 192.0.2.1"),
        row(.probableTypo("a.it", meant: "b.it"), "4 exchanges look like typos"),
        row(.unequalTTLs(server: "a"), "4 servers give the MX records different TTLs"),
        row(
            .lagging(server: SentenceTests.bare, serial: SerialNumber(1), newest: nil),
            "4 authoritative servers lag behind: [2001:db8::1]:5300"),
        row(
            .lame(server: SentenceTests.bare, "x"),
            "4 servers are listed as authoritative and are not: [2001:db8::1]:5300"),
        row(
            .silentAuthority(server: SentenceTests.bare, "x"),
            "4 authoritative servers do not answer: [2001:db8::1]:5300"),
        row(
            .unreachableFamily(server: SentenceTests.bare),
            "4 authoritative servers were left out: [2001:db8::1]:5300"),
        row(.setAside(resolver: "a", "x"), "4 resolvers are left out of the count: a, a, a and 1 more; "),
        row(.longerThanServed(resolver: "a", held: hour, served: hour), "4 resolvers hold copies for longer"),
    ]

    @Test(arguments: kinds) func eachKindHasASentence(_ warning: Warning, _ start: String) {
        let sentences = SentenceTests.sentences.sentences(Array(repeating: warning, count: 4))
        #expect(sentences.count == 1)
        #expect(sentences[0].hasPrefix(start), "\(sentences)")
    }

    /// From four minutes before `start` to it.
    private static func doubt(_ edits: Int) -> AuthorityState.Doubt {
        AuthorityState.Doubt(edits: edits, from: start - .seconds(240), until: start)
    }

    static let warnings: [(Warning, String)] = [
        row(
            Warning.foreignExchange("mail.old.it", preference: 50),
            "mail.old.it is left among the MX with preference 50: it goes on getting mail; remove it"),
        row(
            .missingDot("mx01.cbsolt.net.example.it", meant: "mx01.cbsolt.net"),
            "mx01.cbsolt.net.example.it has the zone's name behind it: the final dot is missing in the zone file;",
            " write mx01.cbsolt.net."),
        row(
            .exchangeIsAddress("192.0.2.7"),
            "192.0.2.7 is an IP address, and an MX must be a name (RFC 1035 §3.3.9): write the mail server's name"
        ),
        row(
            .exchangeIsDomain("example.it"),
            "example.it is its own MX: mail goes to the domain's own address, not to the new provider; replace it"
        ),
        row(.nullBesideOthers, "a null MX (0 .) stands beside others, which RFC 7505 §3 forbids: remove it"),
        row(
            .belowApex("www.example.it", zone: "example.it"),
            "www.example.it has no MX of its own, and lies in the zone example.it: did you mean example.it?"),
        row(
            .notAsked(["ns1.example.it", "ns2.example.it"], given: [SentenceTests.bare]),
            "ns1.example.it and ns2.example.it also serve this zone and are not asked: levels and dates rest on",
            " [2001:db8::1]:5300 alone; leave out --authority to ask them"),
        row(
            .nonexistent(resolvers: 5),
            "the domain does not exist, as all 5 resolvers say that told anything (NXDOMAIN):",
            " check how it is spelt"),
        row(
            .unseenChanges(doubt(3), waitUntil: nil),
            "the zone was edited at least 3 times between 17:01:00 UTC and 17:05:00 UTC, and we did not see what it",
            " served in between: so we count as if the old MX was served until then"),
        row(
            .unseenChanges(doubt(1), waitUntil: start + .seconds(1800)),
            "the MX changed, but the zone's serial did not, between 17:01:00 UTC and 17:05:00 UTC, and we did not",
            " see what it served in between. If the second pass has not started, wait until 17:35:00 UTC"),
        row(
            .lame(server: SentenceTests.bare, "REFUSED"),
            "[2001:db8::1]:5300, which was given, does not answer for this domain (REFUSED):",
            " name another server with --authority"),
        row(
            .delegationMismatch(onlyAtParent: ["ns1.old.it"], onlyAtChild: []),
            "the delegation and the zone disagree: only the parent names ns1.old.it;",
            " make both NS RRsets the same"),
        row(
            .delegationMismatch(onlyAtParent: ["ns1.old.it"], onlyAtChild: ["ns1.new.it", "ns2.new.it"]),
            "the delegation and the zone disagree: only the parent names ns1.old.it,",
            " only the zone itself names ns1.new.it and ns2.new.it; make both NS RRsets the same"),
        row(
            .longerThanServed(resolver: "stretcher", held: TTL(seconds: 300), served: TTL(seconds: 60)),
            "stretcher holds a copy for 5 min, longer than the longest TTL known of the authoritative servers",
            " (1 min): it stretches TTLs, or the TTL was longer before; check --previous-ttl"),
    ]

    @Test(arguments: warnings) func everyWarningIsASentence(_ warning: Warning, _ text: String) {
        #expect(SentenceTests.sentences.sentence(warning) == text)
    }

    @Test func bothSafeLevelsAreEvents() {
        #expect(
            Sentences.sentence(Event.secondPassSafe, resolvers: [])
                == "the second pass is safe: no mail can reach the old server by a cached MX")
        #expect(
            Sentences.sentence(Event.secondPassUnsafe, resolvers: [])
                == "the second pass is not called safe any more: another MX was seen again")
        #expect(
            Sentences.sentence(Event.decommissionSafe, resolvers: [])
                == "the old provider may be asked to delete the domain")
    }
}
