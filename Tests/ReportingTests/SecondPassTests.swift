import DNS
import Propagation
import Testing

@testable import Reporting

@Suite struct SecondPassSentenceTests {
    private static func time(_ text: String) -> Timestamp { Timestamp(try! RFC3339.parse(text)) }

    private static func sentence(
        _ status: DomainStatus, at now: Timestamp = LiveSample.now, zone: TimeZoneChoice = .utc
    ) -> SecondPassSentence {
        SecondPassSentence(status, at: now, zone: zone, confirmations: 3)
    }

    /// 24 resolvers, two of which hold the previous MX; the change is published.
    private static var holding: DomainStatus {
        var status = Situation.holding.status
        status.resolvers = (0..<24).map { LiveSample.resolver($0, .target, clear: true) }
        status.resolvers[3] = LiveSample.resolver(3, .previous, left: 1600)
        status.resolvers[4] = LiveSample.resolver(4, .noMX, left: 20)
        (status.resolversCounted, status.resolversClear) = (24, 22)
        (status.secondPass.bound, status.secondPass.notBefore) = (nil, nil)
        return status
    }

    @Test func aBoundThatIsAssumedNamesTheRemedy() {
        var status = Situation.published.status
        status.secondPass.bound = Self.time("2026-11-23T17:30:00Z")
        #expect(
            Self.sentence(status).text.contains(
                " No cache may keep the previous MX after 17:30 (--previous-ttl would shorten this). "))
    }

    @Test func twoResolversHoldThePreviousMX() {
        var status = Self.holding
        status.reasons = []
        status.resolvers[4] = LiveSample.resolver(4, .previous, left: 20)
        status.secondPass.bound = Self.time("2026-11-23T17:00:12Z")
        status.secondPass.notBefore = Self.time("2026-11-23T19:31:40Z")
        let sentence = Self.sentence(status)
        #expect(
            sentence.text
                == "Second pass: NOT YET, not before 19:31. 2 of 24 resolvers still have the previous MX, the last"
                + " until 17:31. No cache may keep the previous MX after 17:00. Then a waiting period of 2 h."
        )
        #expect(
            sentence.level == .notYet && sentence.verdict == "Second pass: NOT YET, not before 19:31.")
        let local = Self.sentence(status, zone: .fixed(3600)).text
        #expect(local.hasPrefix("Second pass: NOT YET, not before 20:31. "))
        #expect(local.contains("the last until 18:31. No cache may keep the previous MX after 18:00."))
    }

    @Test func anotherDayIsNamedAndTheNextMinutesHaveSeconds() {
        var status = Self.holding
        status.reasons = []
        status.resolvers[3] = LiveSample.resolver(3, .previous, left: 33)
        status.resolvers[4] = LiveSample.resolver(4, .previous, left: 20)
        status.secondPass.bound = Self.time("2026-11-23T17:05:00Z")
        status.secondPass.notBefore = Self.time("2026-11-24T00:10:00Z")
        #expect(
            Self.sentence(status).text
                == "Second pass: NOT YET, not before 2026-11-24 00:10. 2 of 24 resolvers still have the previous MX,"
                + " the last until 17:05:33. No cache may keep the previous MX after 17:05."
                + " Then a waiting period of 2 h.")
    }

    @Test func whatElseIsWaitedFor() {
        var status = Self.holding
        for index in 0..<24 { status.resolvers[index] = LiveSample.resolver(index, .target, clear: true) }
        status.resolvers[1] = LiveSample.resolver(1, .target, name: "slow")
        status.resolvers[2] = LiveSample.resolver(2, .silent, name: "mute")
        status.resolvers[5] = LiveSample.resolver(5, .previous, name: "stretchy", left: -30)
        status.resolvers[5].overdue = true
        status.resolvers[6] = LiveSample.resolver(6, .previous, name: "late", left: -1)
        status.resolvers[7] = LiveSample.resolver(7, .previous, name: "optional")
        status.resolvers[7].excluded = "optional: shown, never counted"
        let sentences = [
            "stretchy still serves a copy that should have expired.",
            "late had a copy that has expired now, and we ask it again.",
            "mute gives no usable answer, and counts as not propagated until it does.",
            "slow shows the new MX but needs 2 more answers to be sure.",
            "We do not know yet until when caches may keep the previous MX.",
        ]
        #expect(Self.sentence(status).explanation == sentences.joined(separator: " "))
        for index in 8..<12 { status.resolvers[index] = LiveSample.resolver(index, .target) }
        status.resolvers[2] = status.resolvers[0]
        let many = " 5 resolvers show the new MX but need 2 more answers to be sure. "
        #expect(Self.sentence(status).explanation.contains(many))
        status.resolvers[8].confirmations = 2
        #expect(Self.sentence(status).explanation.contains(" need up to 2 more answers to be sure. "))
    }

    @Test func whatIsHeldIsNamed() {
        var status = Self.holding
        #expect(Self.sentence(status).text.contains(" have the previous MX or no MX at all, the last until "))
        status.resolvers[3] = LiveSample.resolver(3, .mixed, left: 1600)
        status.resolvers[4].clear = true
        #expect(
            Self.sentence(status).text.contains(
                " 1 of 24 resolvers still has an MX with another mail server in it, until 17:31."))
    }

    @Test func propagatedAndSettling() {
        var status = Situation.published.status
        status.reasons = []
        status.secondPass.bound = Self.time("2026-11-23T17:30:00Z")
        status.secondPass.notBefore = Self.time("2026-11-23T19:31:40Z")
        #expect(
            Self.sentence(status).text
                == "Second pass: NOT YET, not before 19:31. All 3 resolvers that count show the new MX."
                + " No cache may keep the previous MX after 17:30. Then a waiting period of 2 h.")
        status.secondPass.settle = 0
        #expect(Self.sentence(status).text.hasSuffix(" No cache may keep the previous MX after 17:30."))
        status.secondPass.notBefore = LiveSample.now
        #expect(Self.sentence(status).text.hasPrefix("Second pass: NOT YET. All 3 "))
        #expect(Self.sentence(status).text.hasSuffix(". We ask the authoritative servers once more."))
    }

    @Test func safe() {
        var status = Situation.published.status
        status.secondPass.safe = true
        status.secondPass.at = Self.time("2026-11-23T19:31:40Z")
        status.secondPass.notBefore = Self.time("2026-11-23T20:40:00Z")
        let later = Self.time("2026-11-23T20:00:00Z")
        status.decommission.notBefore = nil
        #expect(
            Self.sentence(status, at: later).text.hasPrefix(
                "Second pass: SAFE since 19:31. If it has not started, wait until 20:40."),
            "the bound has moved")
        status.secondPass.notBefore = status.secondPass.at
        #expect(
            Self.sentence(status, at: later).text
                == "Second pass: SAFE since 19:31. Start the second pass. We assume that the name servers have not"
                + " changed since before 2026-11-21 17:05:00 UTC. If they have, add --name-servers-since TIME."
        )
        status.assumptions.sentences = []
        #expect(
            Self.sentence(status, at: later).text
                == "Second pass: SAFE since 19:31. Start the second pass.")
        status.decommission.notBefore = Self.time("2026-11-28T16:00:12Z")
        #expect(
            Self.sentence(status, at: later).text
                == "Second pass: SAFE since 19:31. Start the second pass."
                + " Decommission: not before 2026-11-28 16:00.")
        status.decommission.safe = true
        #expect(
            Self.sentence(status, at: later).text
                == "Second pass: SAFE since 19:31. Start the second pass."
                + " Decommission: SAFE, the old provider may delete the domain.")
        #expect(Self.sentence(status).level == .safe)
    }

    @Test func whereNoVerdictIsPossibleNothingElseCounts() {
        var status = Situation.noQuorum.status
        status.secondPass.safe = true
        let sentence = Self.sentence(status)
        #expect(sentence.level == .cannotTell)
        #expect(
            sentence.text.hasPrefix(
                "Second pass: CANNOT TELL. None of 3 resolvers gave a usable answer. A verdict needs 3"))
    }

    @Test func beforeTheChangeIsMadeTheReasonSpeaks() {
        #expect(
            Self.sentence(Situation.contradiction.status).text
                == "Second pass: NOT YET. 2 of 2 authoritative servers do not serve the new MX:"
                + " ns1.example.it (192.0.2.1) and ns2.example.it (192.0.2.2).")
        #expect(
            Self.sentence(Situation.regression.status).explanation.hasPrefix("The change was taken back: "))
    }

    @Test(arguments: Situation.allCases) func everySituationHasOneSentenceThatEnds(_ situation: Situation) {
        let text = Self.sentence(situation.status).text
        #expect(text.hasPrefix("Second pass: ") && text.hasSuffix(".") && !text.hasSuffix(".."))
    }
}

@Suite struct ResolverOrderTests {
    @Test func theMostPressingComesFirst() {
        var excluded = LiveSample.resolver(1, .previous, name: "excluded", left: 5000)
        excluded.excluded = "optional: shown, never counted"
        var unasked = LiveSample.resolver(2, .silent, name: "unasked")
        unasked.checkedAt = nil
        let resolvers = [
            LiveSample.resolver(3, .target, name: "clear-b", clear: true), excluded,
            LiveSample.resolver(4, .silent, name: "silent"), unasked,
            LiveSample.resolver(5, .target, name: "unconfirmed"),
            LiveSample.resolver(6, .previous, name: "soon", left: 10),
            LiveSample.resolver(7, .noMX, name: "later", left: 100),
            LiveSample.resolver(8, .mixed, name: "last", left: 1000),
            LiveSample.resolver(9, .failing, name: "failing"),
            LiveSample.resolver(10, .target, name: "clear-a", clear: true),
        ]
        let expected = [
            "last", "later", "soon", "unconfirmed", "failing", "silent", "unasked", "clear-a", "clear-b",
            "excluded",
        ]
        #expect(ResolverOrder.sorted(resolvers).map(\.name) == expected)
        #expect(ResolverOrder.sorted(resolvers.reversed()).map(\.name) == expected)
    }

    @Test func twinsStayInPlace() {
        let twins = (0..<20).map { LiveSample.resolver($0, .previous, name: "same") }
        let order = ResolverOrder.sorted(twins).map(\.address)
        for _ in 0..<20 { #expect(ResolverOrder.sorted(twins.shuffled()).map(\.address) == order) }
    }
}

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("plain", 5), ("città", 5), ("漢字", 4), ("e\u{301}", 2), ("한국", 4), ("😀", 2), ("ｗ", 2), ("", 0),
    ]) func columns(_ text: String, _ width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test func whatIsCutNeverTakesMore() {
        for text in ["漢字漢字", "a漢b字c", "e\u{301}e\u{301}e\u{301}", "plain text"] {
            for width in 0...12 {
                for ellipsis in ["…", "..", ""] {
                    let cut = text.shortened(to: width, ellipsis: ellipsis)
                    #expect(cut.displayWidth <= width)
                    #expect(text.displayWidth > width || cut == text)
                }
            }
        }
    }

    @Test func aLineOfPiecesIsCutWithASign() {
        var line = StyledLine("abc", .red)
        line.append("def", bold: true)
        #expect(line.text(TextStyle(), width: 6) == "abcdef")
        #expect(line.text(TextStyle(), width: 5) == "abcd…")
        #expect(line.text(TextStyle(), width: 3) == "ab…")
        #expect(line.text(TextStyle(isASCII: true), width: 4) == "ab..")
        #expect(
            line.text(TextStyle(usesColor: true), width: 6) == "\u{1B}[31mabc\u{1B}[0m\u{1B}[1mdef\u{1B}[0m")
    }
}
