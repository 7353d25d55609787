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
            "caches we cannot see may still have the previous MX until 17:31:40 UTC:",
            " that follows from the TTL that the authoritative servers gave it"),
        row(
            .bounded(
                Bound(at: later, basis: .unwitnessed(ttl: Policy.assumedTTL, since: start, isAssumed: true))),
            "caches we cannot see may still have the previous MX until 17:31:40 UTC.",
            " We did not see its TTL before 17:05:00 UTC, so we assume 1 day.",
            " If you know the longest TTL it had in the last days,",
            " add --previous-ttl SECONDS and the wait gets shorter"),
        row(
            .bounded(Bound(at: later, basis: .unwitnessed(ttl: hour, since: start, isAssumed: false))),
            "caches we cannot see may still have the previous MX until 17:31:40 UTC:",
            " copies from before 17:05:00 UTC live for up to 1 h (see --previous-ttl)"),
        row(
            .bounded(Bound(at: later, basis: .formerServers)),
            "caches we cannot see may still have the previous MX until 17:31:40 UTC:",
            " that follows from the TTL of the former name servers and of what they serve"),
        row(
            .formerServers([SentenceTests.ns1], until: later),
            "ns1.example.it (192.0.2.1) may still give another MX until 17:31:40 UTC.",
            " Change the MX there too, or have the zone deleted there:",
            " it has left the name servers, but some resolvers still know the former delegation"),
        row(
            .settling(until: later),
            "waiting period until 17:31:40 UTC (the guide's \"some hours\", see --settle):",
            " everything we can see has changed"),
        row(
            .awaitingConfirmation(silent: []),
            "we ask the servers once more before the next level counts as reached"),
        row(
            .awaitingConfirmation(silent: [SentenceTests.ns1]),
            "the next level needs one more answer from the authoritative servers,",
            " but ns1.example.it (192.0.2.1) does not answer"),
        row(.authorityPending, "no authoritative server has answered yet"),
        row(
            .servedWithoutAuthority(servers: [SentenceTests.ns1]),
            "ns1.example.it (192.0.2.1) gives another MX, which resolvers may take.",
            " Change it there, or correct the delegation: it is listed as authoritative but is not"),
        row(
            .secondPassSafe(since: start),
            "since 17:05:00 UTC no mail can reach the old server by a cached MX: start the second pass"),
        row(
            .senderPatience(until: later),
            "mail that was queued before the change may still reach the old server until 17:31:40 UTC:",
            " senders retry for up to 5 days (RFC 5321 §4.5.4.1)"),
        row(
            .decommissionSafe(since: start),
            "ask the old provider to delete the domain: since 17:05:00 UTC all queued mail has arrived,",
            " or its senders have given up"),
        row(
            .nonexistent("example.itt does not exist, as the servers of the root zone say"),
            "example.itt does not exist, as the servers of the root zone say.",
            " Check the spelling, and that the domain is registered"),
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
                == "60 exchanges have no address: mx1.example.it, mx2.example.it, mx3.example.it and 57 more."
                + " No mail can be delivered to them")
        #expect(sentences(60).count == 3)
    }

    static let kinds: [(Warning, String)] = [
        row(Warning.equalPreference(foreign: "a.it", preference: 10), "4 exchanges have the same preference"),
        row(
            .foreignExchange("a.it", preference: 10),
            "4 other exchanges are left in the MX: a.it, a.it, a.it and 1 more"),
        row(.exchangeIsAlias("a.it"), "4 exchanges are aliases (CNAME)"),
        row(.missingDot("a.it", meant: "a"), "4 exchanges have the zone's name behind them: a.it"),
        row(.exchangeIsAddress("192.0.2.1"), "4 exchanges are IP addresses: 192.0.2.1"),
        row(.probableTypo("a.it", meant: "b.it"), "4 exchanges look like typos"),
        row(.unequalTTLs(server: "a"), "4 servers give the MX records different TTLs"),
        row(
            .lagging(server: SentenceTests.bare, serial: SerialNumber(1), newest: nil),
            "4 authoritative servers have an old zone: [2001:db8::1]:5300"),
        row(
            .lame(server: SentenceTests.bare, "x"),
            "4 servers are listed as authoritative but are not: [2001:db8::1]:5300"),
        row(
            .silentAuthority(server: SentenceTests.bare, "x"),
            "4 authoritative servers do not answer: [2001:db8::1]:5300"),
        row(
            .unreachableFamily(server: SentenceTests.bare),
            "4 authoritative servers are left out: [2001:db8::1]:5300"),
        row(.setAside(resolver: "a", "x"), "4 resolvers are left out of the count: a, a, a and 1 more. "),
        row(
            .longerThanServed(resolver: "a", held: hour, served: hour),
            "4 resolvers have copies that live longer"),
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
            "mail.old.it is left in the MX with preference 50. Remove it: it still gets mail"),
        row(
            .missingDot("mx01.cbsolt.net.example.it", meant: "mx01.cbsolt.net"),
            "mx01.cbsolt.net.example.it has the zone's name behind it, because the final dot is missing",
            " in the zone file. Write mx01.cbsolt.net."),
        row(
            .exchangeIsAddress("192.0.2.7"),
            "192.0.2.7 is an IP address. Write the mail server's name: an MX must be a name (RFC 1035 §3.3.9)"
        ),
        row(
            .exchangeIsDomain("example.it"),
            "example.it is its own MX. Replace it: mail goes to the domain's own address, not to the new provider"
        ),
        row(
            .nullBesideOthers,
            "a null MX (0 .) stands next to other MX records. Remove it: RFC 7505 §3 forbids that"),
        row(
            .belowApex("www.example.it", zone: "example.it"),
            "www.example.it has no MX of its own, and lies in the zone example.it. Did you mean example.it?"),
        row(
            .notAsked(["ns1.example.it", "ns2.example.it"], given: [SentenceTests.bare]),
            "ns1.example.it and ns2.example.it also serve this zone, but we do not ask them. Leave out --authority",
            " to change that: all levels and dates rest on [2001:db8::1]:5300 alone"),
        row(
            .nonexistent(resolvers: 5),
            "the domain does not exist (NXDOMAIN), according to all 5 resolvers that gave a usable answer.",
            " Check the spelling"),
        row(
            .unseenChanges(doubt(3), waitUntil: nil),
            "the zone was edited at least 3 times between 17:01:00 UTC and 17:05:00 UTC, and we did not see what it",
            " served in between. So we count as if the previous MX was served until then"),
        row(
            .unseenChanges(doubt(1), waitUntil: start + .seconds(1800)),
            "the MX changed, but the zone's serial did not, between 17:01:00 UTC and 17:05:00 UTC, and we did not",
            " see what it served in between. If the second pass has not started, wait until 17:35:00 UTC"),
        row(
            .lame(server: SentenceTests.bare, "REFUSED"),
            "[2001:db8::1]:5300, which you gave, does not answer for this domain (REFUSED).",
            " Name another server with --authority"),
        row(
            .delegationMismatch(onlyAtParent: ["ns1.old.it"], onlyAtChild: []),
            "the delegation and the zone disagree: only the parent names ns1.old.it.",
            " Make both NS RRsets the same"),
        row(
            .delegationMismatch(onlyAtParent: ["ns1.old.it"], onlyAtChild: ["ns1.new.it", "ns2.new.it"]),
            "the delegation and the zone disagree: only the parent names ns1.old.it,",
            " only the zone itself names ns1.new.it and ns2.new.it. Make both NS RRsets the same"),
        row(
            .longerThanServed(resolver: "stretcher", held: TTL(seconds: 300), served: TTL(seconds: 60)),
            "stretcher has a copy that lives 5 min, longer than any TTL we know from the authoritative servers",
            " (1 min). Check --previous-ttl: the TTL was longer before, or the resolver keeps copies for too long"
        ),
    ]

    @Test(arguments: warnings) func everyWarningIsASentence(_ warning: Warning, _ text: String) {
        #expect(SentenceTests.sentences.sentence(warning) == text)
    }

    @Test func bothSafeLevelsAreEvents() {
        #expect(
            Sentences.sentence(LevelChange.secondPassSafe)
                == "the second pass is safe: no mail can reach the old server by a cached MX")
        #expect(
            Sentences.sentence(LevelChange.secondPassUnsafe)
                == "the second pass is no longer safe: another MX was seen again")
        #expect(
            Sentences.sentence(LevelChange.decommissionSafe)
                == "you can ask the old provider to delete the domain")
    }
}
