import DNS
import Propagation
import Testing

@testable import Reporting

@Suite struct SentenceTests {
    static let sentences = Sentences(TimeText(zone: .utc, clock: Situation.start))
    static let later = Situation.start.instant + .seconds(1600)
    static let (ns1, ns2) = (Situation.ns1, Situation.ns2)
    static let bare = AuthorityIdentity(name: nil, endpoint: Endpoint("[2001:db8::1]:5300")!)
    static let nasty = "\u{1B}[2J\r\u{202E}"

    /// The parts stand for one sentence; long chains of `+` are beyond the type checker.
    private static func row<Subject>(_ subject: Subject, _ parts: String...) -> (Subject, String) {
        (subject, parts.joined())
    }

    static let reasons: [(Reason, String)] = [
        row(Reason.notAsked, "nothing has been asked yet"),
        row(
            .noQuorum(counted: 3, eligible: 24, needed: 20),
            "only 3 of 24 resolvers gave a usable answer. A verdict needs 20 (see --quorum)"),
        row(
            .noQuorum(counted: 0, eligible: 1, needed: 1),
            "none of 1 resolver gave a usable answer. A verdict needs 1 (see --quorum)"),
        row(
            .noQuorum(counted: 0, eligible: 0, needed: 1),
            "no resolver can count.",
            " List one that is not optional and that this host can reach (see --resolvers)"),
        row(
            .authorityUnknown(nasty),
            #"we could not find the authoritative servers (\u{1B}[2J\u{D}\u{202E})."#,
            " Name one with --authority ADDRESS, or let the resolvers alone decide with --no-authority"),
        row(
            .authoritySilent(asked: 1),
            "the authoritative server gave no authoritative answer.",
            " Name one with --authority ADDRESS, or let the resolvers alone decide with --no-authority"),
        row(
            .authoritySilent(asked: 4),
            "none of 4 authoritative servers gave an authoritative answer.",
            " Name one with --authority ADDRESS, or let the resolvers alone decide with --no-authority"),
        row(
            .notPublished(servers: [ns1], of: 1),
            "the authoritative server ns1.example.it (192.0.2.1) does not serve the new MX"),
        row(
            .notPublished(servers: [ns1, bare], of: 3),
            "2 of 3 authoritative servers do not serve the new MX:",
            " ns1.example.it (192.0.2.1) and [2001:db8::1]:5300"),
        row(
            .authorityBlocked(servers: [ns2], until: later),
            "ns2.example.it (192.0.2.2) does not answer and may still serve the previous MX.",
            " We wait until 17:31:40 UTC, and then go on without it if the others still agree"),
        row(
            .authorityBlocked(
                servers: [AuthorityIdentity(name: "ns3.example.it", endpoint: Endpoint(.v4(0)))], until: later
            ),
            "ns3.example.it (no address found) does not answer and may still serve the previous MX.",
            " We wait until 17:31:40 UTC, and then go on without it if the others still agree"),
        row(
            .regression(since: Situation.start.instant),
            "the change was taken back: since 17:05:00 UTC an authoritative server serves another MX"),
        row(
            .holding(resolvers: 2, of: 24, until: later, states: [.previous]),
            "2 of 24 resolvers still serve the previous MX; the last known copy expires at 17:31:40 UTC"),
        row(
            .holding(resolvers: 1, of: 1, until: later + .seconds(86400), states: [.mixed, .previous]),
            "1 of 1 resolver still serves an MX with another mail server in it or the previous MX;",
            " the last known copy expires at 2026-11-24 17:31:40 UTC"),
        row(
            .overdue(resolvers: ["a"]),
            "a still serves a copy that should have expired. Wait, or ask the operator to flush it.",
            " It keeps copies for longer than the TTL, or serves stale data"),
        row(
            .overdue(resolvers: ["a", "b", "c", "d", "e", "f", "g"]),
            "a, b, c, d, e and 2 more still serve a copy that should have expired.",
            " Wait, or ask the operator to flush it.",
            " They keep copies for longer than the TTL, or serve stale data"),
        row(
            .unconfirmed(resolvers: 1, of: 24, needed: 3),
            "1 of 24 resolvers is not confirmed yet: we need",
            " 3 answers in a row with the new MX from it, in a watch over 10 s (see --confirmations)"),
        row(
            .unconfirmed(resolvers: 2, of: 24, needed: 1),
            "2 of 24 resolvers are not confirmed yet: we need",
            " 1 answer with the new MX from each, in a watch over 10 s (see --confirmations)"),
        row(
            .uninformed(resolvers: ["a"]),
            "1 resolver gives no usable answer (a). It counts as not propagated until it does.",
            " After 30 minutes we leave it out of the count"),
        row(
            .uninformed(resolvers: ["a", "b"]),
            "2 resolvers give no usable answer (a and b). They count as not propagated until they do.",
            " After 30 minutes we leave them out of the count"),
        row(
            .publicationAhead(later),
            "the change is announced for 17:31:40 UTC (--published-at), and that time has not come yet"),
        row(
            .propagated(resolvers: 1),
            "the only resolver that counts shows the new MX, and we know of no other copy"),
        row(
            .propagated(resolvers: 24),
            "all 24 resolvers that count show the new MX, and we know of no other copy"),
        row(.published(servers: 1), "the only authoritative server that answers serves the new MX"),
        row(.published(servers: 2), "both authoritative servers that answer serve the new MX"),
    ]

    @Test(arguments: reasons) func everyReasonIsASentence(_ reason: Reason, _ text: String) {
        #expect(Self.sentences.sentence(reason) == text)
    }

    static let warnings: [(Warning, String)] = [
        row(
            .onlyInGlue(
                server: AuthorityIdentity(name: "ns1.example.it", endpoint: Endpoint("192.0.2.1:53")!),
                .previous),
            "the parent's glue for ns1.example.it (192.0.2.1) leads to a server that still has the previous MX."
                + " Have the registrar correct it"),
        row(
            .refutedTTL(said: TTL(seconds: 300), seen: TTL(seconds: 14_400)),
            "we ignore --previous-ttl 300 and assume 1 day: a resolver has a copy that lives for another 14400 s."
                + " If that resolver keeps copies for longer than their TTL, mark it optional"),
        row(
            .parentsDisagree(on: ["ns1.old.it"]),
            "only some of the parent's servers name ns1.old.it. The delegation has just changed, or one of them has"
                + " an old zone. We ask all of them until they agree"),
        row(
            Warning.primaryAbsent("mx01.cbsolt.net"),
            "mx01.cbsolt.net is not in the MX. Add it: the provider's guide asks for it"),
        row(
            .equalPreference(foreign: "mail.old.it", preference: 10),
            "mail.old.it has preference 10, the same as the new provider's exchange.",
            " Remove it: mail goes to either of them"),
        row(
            .probableTypo("mx01.cbslot.net", meant: "mx01.cbsolt.net"),
            "mx01.cbslot.net looks like a typo of mx01.cbsolt.net. Did you mean that?"),
        row(
            .unresolvable("mx01.cbsolt.net"), "mx01.cbsolt.net has no address: no mail can be delivered to it"
        ),
        row(
            .exchangeIsAlias("mx.example.it"),
            "mx.example.it is an alias (CNAME). An MX must not point at an alias (RFC 2181 §10.3)"),
        row(
            .unequalTTLs(server: nasty),
            #"\u{1B}[2J\u{D}\u{202E} gives the MX records different TTLs (RFC 2181 §5.2). The lowest counts"#),
        row(
            .lagging(server: ns2, serial: SerialNumber(6), newest: SerialNumber(7)),
            "ns2.example.it (192.0.2.2) has an old zone, serial 6; another server has 7.",
            " Check its zone transfers"),
        row(
            .lame(server: ns1, nasty),
            #"ns1.example.it (192.0.2.1) is listed as authoritative but is not (\u{1B}[2J\u{D}\u{202E})."#,
            " Correct the delegation"),
        row(
            .silentAuthority(server: ns1, "no answer in time"),
            "ns1.example.it (192.0.2.1) is authoritative and does not answer (no answer in time)"),
        row(
            .unreachableFamily(server: bare),
            "[2001:db8::1]:5300 is left out: this host has no route to IPv6 addresses"),
        row(.viaAlias("other.it"), "the domain is an alias (CNAME): its MX is that of other.it"),
    ]

    @Test(arguments: warnings) func everyWarningIsASentence(_ warning: Warning, _ text: String) {
        #expect(Self.sentences.sentence(warning) == text)
    }

    static let exclusions: [(Exclusion, String)] = [
        row(Exclusion.optional, "optional: shown, never counted"),
        row(.noRoute, "this host has no route to it"),
        row(.neverAnswered(nasty), #"never gave a usable answer: \u{1B}[2J\u{D}\u{202E}"#),
        row(.refuses("REFUSED"), "refuses to answer us: REFUSED"),
    ]

    @Test(arguments: exclusions) func everyExclusionIsASentence(_ exclusion: Exclusion, _ text: String) {
        #expect(Sentences.sentence(exclusion) == text)
    }

    static let events: [(Event, String)] = [
        row(
            Event.transition(resolver: 0, from: .previous, to: .target),
            "google (8.8.8.8) went from previous to target"),
        row(
            .transition(resolver: 2, from: nil, to: .noMX),
            "1.1.1.1 (1.1.1.1:5353) went from unknown to no_mx"),
        row(.level(.published), "the new MX is published"),
        row(.level(.regression), "the new MX is no longer published: an authoritative server serves another"),
        row(.level(.propagated), "the new MX has propagated to every resolver that counts"),
        row(.level(.unpropagated), "the new MX is no longer seen at every resolver that counts"),
    ]

    @Test(arguments: events) func everyEventIsASentence(_ event: Event, _ text: String) {
        #expect(Sentences.sentence(event, resolvers: Situation.resolvers) == text)
    }

    static let escapes: [(String, String)] = [
        ("plain text", "plain text"), ("\u{1B}[31mred", #"\u{1B}[31mred"#),
        ("a\rb\nc\td", #"a\u{D}b\u{A}c\u{9}d"#),
        ("\r\n", #"\u{D}\u{A}"#), ("a\u{0}b", #"a\u{0}b"#), ("\u{7F}", #"\u{7F}"#),
        ("\u{9B}2J", #"\u{9B}2J"#),
        ("\u{202E}evil\u{202C}", #"\u{202E}evil\u{202C}"#),
        ("\u{2066}\u{2069}\u{200F}\u{61C}", #"\u{2066}\u{2069}\u{200F}\u{61C}"#),
        ("\u{2028}\u{2029}\u{85}", #"\u{2028}\u{2029}\u{85}"#), ("\u{FEFF}\u{200B}", #"\u{FEFF}\u{200B}"#),
        ("città 東京 Ελλάδα", "città 東京 Ελλάδα"), (#"C:\dir"#, #"C:\dir"#), ("", ""),
        ("\u{E000}", #"\u{E000}"#),
    ]

    @Test(arguments: escapes) func whatCouldSteerATerminalIsMadeVisible(_ text: String, _ escaped: String) {
        #expect(Array(text.escapedForDisplay.utf8) == Array(escaped.utf8))
        #expect(escaped.escapedForDisplay == escaped)
    }

    @Test(arguments: [
        (Array("gpdns-fra".utf8), "gpdns-fra"), ([0x1B, 0x41], "hex:1b41"), ([0xC3, 0xA0], "hex:c3a0"),
        ([], "hex:"), ([0x0A], "hex:0a"),
    ]) func anIdentifierIsTextOnlyWherePrintable(_ octets: [UInt8], _ text: String) {
        #expect(nameServerIdentifierText(octets) == text)
    }
}
