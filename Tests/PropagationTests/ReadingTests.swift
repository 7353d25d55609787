import Builders
import DNS
import Propagation
import Testing

@Suite("Reading one answer (§1)")
struct ReadingTests {
    @Test(
        "exchanges decide between target, mixed and previous",
        arguments: [
            ([(10, "mx01.cbsolt.net")], MailState.target),
            ([(10, "MX01.CBSolt.Net")], .target),
            ([(10, "mx01.qboxmail.com"), (20, "mx02.qboxmail.com")], .target),
            ([(10, "anything.cbsolt.net")], .target),
            ([(10, "cbsolt.net")], .previous),
            ([(10, "mx01.cbslot.net")], .previous),
            ([(10, "evilcbsolt.net")], .previous),
            ([(10, "mail.old.it")], .previous),
            ([(10, "mx01.cbsolt.net"), (50, "mail.old.it")], .mixed),
            ([(10, "mx01.cbsolt.net"), (0, ".")], .mixed),
            ([(10, "mail.old.it"), (0, ".")], .previous),
        ] as [([(UInt16, DomainName)], MailState)])
    func classes(exchanges: [(UInt16, DomainName)], expected: MailState) {
        #expect(Make.reading(Make.answer(Make.mx(exchanges))).state == expected)
    }

    @Test("a suffix accepts what lies below it, never itself")
    func suffixes() {
        let target = Target(name: "t", primary: "mx.new.it", hosts: ["mx.new.it"], suffixes: ["in.new.it"])
        #expect(target.accepts("a.in.new.it"))
        #expect(target.accepts("a.b.IN.new.it"))
        #expect(!target.accepts("in.new.it"))
        #expect(!target.accepts("xin.new.it"))
        #expect(target.patterns == ["mx.new.it", "*.in.new.it"])
    }

    @Test func exchangesStandByPreferenceThenName() {
        let reading = Make.reading(
            Make.answer(Make.mx([(20, "mx02.qboxmail.com"), (10, "b.old.it"), (10, "a.old.it")])))
        #expect(reading.exchanges.map(\.exchange) == ["a.old.it", "b.old.it", "mx02.qboxmail.com"])
        #expect(reading.exchanges.map(\.accepted) == [false, false, true])
    }

    @Test(
        "no MX: which of the three, and for how long a copy can live",
        arguments: [
            (Make.answer([], authority: [Make.soa(ttl: 900, minimum: 300)]), Absence.noData, 300),
            (Make.answer([], authority: [Make.soa(ttl: 60, minimum: 300)]), .noData, 60),
            (
                Make.answer([], authority: [Make.soa(ttl: 900, minimum: 300)], code: .nameError), .nameError,
                300
            ),
            (Make.answer([]), .noData, 300),
            (Make.answer(Make.mx([(0, ".")], ttl: 77)), .nullMX, 77),
        ])
    func absences(outcome: Outcome, absence: Absence, ttl: Int) {
        let reading = Make.reading(outcome)
        #expect(reading.state == .noMX)
        #expect(reading.absence == absence)
        #expect(reading.ttl == TTL(seconds: ttl))
        #expect(reading.exchanges.isEmpty)
    }

    @Test(
        "answers that tell neither old nor new",
        arguments: [
            (ResponseCode.serverFailure, false), (.refused, true), (.notImplemented, true),
            (.formatError, true),
            (.notAuthoritative, false), (ResponseCode(rawValue: 23), false),
        ])
    func failures(code: ResponseCode, isRefusal: Bool) {
        let reading = Make.reading(Make.answer([], code: code))
        #expect(reading.state == .failing)
        #expect(reading.isRefusal == isRefusal)
        #expect(reading.ttl == nil)
    }

    @Test(
        "MX records under an error are none, NXDOMAIN among them",
        arguments: [
            ResponseCode.formatError, .serverFailure, .nameError, .notImplemented, .refused,
            .notAuthoritative,
            ResponseCode(rawValue: 11), .badVersion,
        ], ["mx01.cbsolt.net", "mail.old.it", "."] as [DomainName])
    func errorWithAnswer(code: ResponseCode, exchange: DomainName) {
        let reading = Make.reading(Make.answer(Make.mx([(10, exchange)]), code: code))
        #expect(reading.state == .failing)
        #expect(reading.exchanges.isEmpty && reading.absence == nil && reading.ttl == nil)
        #expect(reading.error == "\(code), with MX records")
        #expect(reading.responseCode == code)
    }

    @Test(
        "an error whose header stands alone is no answer, even NXDOMAIN",
        arguments: [(ResponseCode.nameError, false), (.serverFailure, false), (.refused, true)])
    func bareErrors(code: ResponseCode, isRefusal: Bool) {
        let reading = Make.reading(.bareError(code))
        #expect(reading.state == .failing)
        #expect(reading.absence == nil)
        #expect(reading.responseCode == code)
        #expect(reading.isRefusal == isRefusal)
        #expect(reading.error == "\(code), without the question")
    }

    @Test(
        "a filtering EDE is a refusal, whatever else the answer says",
        arguments: [15, 16, 17, 18] as [UInt16])
    func filtered(code: UInt16) {
        let edns = EDNS(payloadSize: 1232, extendedErrors: [ExtendedError(code: code, text: "no")])
        let reading = Make.reading(Make.answer(Make.mx([(10, "mx01.cbsolt.net")]), edns: edns))
        #expect(reading.state == .failing)
        #expect(reading.isRefusal)
    }

    @Test(
        "malformed and silent",
        arguments: [
            (Outcome.malformed(reason: "x"), MailState.failing), (.silent(.timeout), .silent),
            (.silent(.unreachable("x")), .silent), (.silent(.cancelled), .silent),
        ])
    func noAnswer(outcome: Outcome, expected: MailState) {
        #expect(Make.reading(outcome).state == expected)
        #expect(Make.reading(outcome).error != nil)
    }

    @Test("a referral is no negative answer")
    func referral() {
        let ns = ResourceRecord(owner: "it", type: .ns, ttl: TTL(seconds: 60), data: .ns("a.nic.it"))
        #expect(Make.reading(Make.answer([], authority: [ns])).state == .failing)
    }

    @Test("unequal TTLs: the lowest counts, and the fault is noted; the lifetime is the highest link's")
    func unequalTTLs() {
        let records =
            Make.mx([(10, "mx01.cbsolt.net")], ttl: 300) + Make.mx([(20, "mx02.qboxmail.com")], ttl: 100)
        let reading = Make.reading(Make.answer(records))
        #expect(reading.ttl?.seconds == 100)
        #expect(reading.hasUnequalTTLs)
    }

    @Test("records of other owners and types are ignored")
    func otherRecords() {
        let records = Make.mx([(10, "mail.old.it")], owner: "other.it") + Make.mx([(10, "mx01.cbsolt.net")])
        #expect(Make.reading(Make.answer(records)).state == .target)
        #expect(
            Make.reading(Make.answer(Make.mx([(10, "mx01.cbsolt.net")], owner: "other.it"))).state == .noMX)
    }
}

@Suite("CNAME at the mail domain (§1)")
struct ChainTests {
    private func chain(_ links: Int, ttl: Int = 50) -> [ResourceRecord] {
        (0..<links).map { link in
            let owner: DomainName = link == 0 ? Make.domain : DomainName("c\(link).it")!
            return Make.cname(owner, DomainName("c\(link + 1).it")!, ttl: ttl)
        }
    }

    @Test("up to eight links are followed, in any order of records", arguments: 1...8)
    func followed(links: Int) {
        let records =
            Make.mx([(10, "mx01.cbsolt.net")], owner: DomainName("c\(links).it")!) + chain(links).reversed()
        let reading = Make.reading(Make.answer(records))
        #expect(reading.state == .target)
        #expect(reading.canonicalName == DomainName("c\(links).it"))
    }

    @Test("nine links are an error")
    func tooLong() {
        let records = chain(9) + Make.mx([(10, "mx01.cbsolt.net")], owner: "c9.it")
        #expect(Make.reading(Make.answer(records)).state == .failing)
    }

    @Test("loops are an error")
    func loops() {
        #expect(Make.reading(Make.answer([Make.cname(Make.domain, Make.domain)])).state == .failing)
        let two = [Make.cname(Make.domain, "b.it"), Make.cname("b.it", Make.domain)]
        #expect(Make.reading(Make.answer(two)).state == .failing)
    }

    @Test("a copy lives as long as the longest of its links")
    func lifetime() {
        let records = chain(1, ttl: 5000) + Make.mx([(10, "mail.old.it")], ttl: 60, owner: "c1.it")
        let reading = Make.reading(Make.answer(records))
        #expect(reading.ttl?.seconds == 60)
        #expect(reading.lifetime?.seconds == 5000)
    }

    @Test("an answer that breaks off at a CNAME tells nothing")
    func brokenOff() {
        #expect(Make.reading(Make.answer(chain(1), isAuthoritative: true)).state == .failing)
        var start = Make.soa()
        start.owner = "c1.it"
        #expect(Make.reading(Make.answer(chain(1), authority: [start])).state == .noMX)
    }

    @Test(
        "a negative answer of a zone that the name is not in tells nothing: a captive portal's (RFC 2308 §2)")
    func foreignNegative() {
        var start = Make.soa(ttl: 604_800, minimum: 604_800)
        #expect(
            Make.reading(Make.answer([], authority: [start], code: .nameError)).lifetime?.seconds == 10_800)
        start.owner = "portal.lan"
        let answer = Make.answer([], authority: [start], code: .nameError)
        #expect(Make.reading(answer).state == .failing)
    }
}

@Suite("Probable typos")
struct TypoTests {
    @Test(
        arguments: [
            ("mx01.cbslot.net", "mx01.cbsolt.net"), ("mx1.cbsolt.net.evil", nil),
            ("mx01.cbsolt.ne", "mx01.cbsolt.net"),
            ("mail.old.it", nil), ("mx03.qboxmail.co", "mx01.qboxmail.com"), ("mx01.cbsolt.net", nil),
        ] as [(DomainName, DomainName?)])
    func distance(foreign: DomainName, meant: DomainName?) {
        #expect(Target.qboxmail.probableTypo(foreign) == meant)
    }
}
