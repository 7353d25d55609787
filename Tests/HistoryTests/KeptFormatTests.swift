import DNS
import Foundation
import Propagation
import Testing

/// What the first version wrote. Files of users hold it: it must be read for ever, and more must be optional.
@Suite("The form in which state is kept")
struct KeptFormatTests {
    private static let domain = """
        {"authority":{"agreedSince":3000,"doubts":1,"doubtedSerial":7,"firstTold":1000,"former":[{"state":{
        "checkedAt":2000,"exposure":{"current":600,"endedBound":5000,"servesTarget":false},"hasTold":true,
        "isFresh":false,"isSerialFresh":false,"joinedAt":900,"joinedLate":true,"joinedAfter":800,
        "olderSerialsInARow":0,"sharedIdentity":{"name":"ns9.example.it","endpoint":"192.0.2.9:53",
        "alias":"a.example.it"},"standing":{"silent":{"_0":"no answer in time"}},"silentSince":2000,
        "wasSilentAtFirst":false},"until":9000}],"formerBound":8000,"hasAgreed":true,"hasLeftUnheard":false,
        "isDenied":false,"lastDoubt":2500,"lastFirstTold":1000,"lastOther":2400,
        "nameServerLifetime":{"current":3600,"loweredBound":7000},"onlyAtChild":["ns2.example.it"],
        "onlyAtParent":[],"searchedAt":3000,"served":{"entries":[{"lifetime":600,"last":2400}],"longest":600},
        "servers":[{"checkedAt":3000,"exposure":{"servesTarget":true},"hasTold":true,"isFresh":false,
        "isSerialFresh":true,"joinedAt":900,"joinedLate":false,"lastHeardAt":3000,"lastToldAt":3000,
        "newestSerial":61,"olderSerialsInARow":0,"refresh":3600,"roundTrip":[0,2113394000000000],"serial":61,
        "sharedIdentity":{"endpoint":"127.0.53.11:5311"},"sharedReading":{"exchanges":[{"accepted":true,
        "exchange":"mx01.cbsolt.net","preference":10}],"isAuthoritative":true,"responseCode":0,"state":"target",
        "ttl":30},"standing":{"answering":{}},"toldSerial":61,"toldSerialAt":3000,"wasSilentAtFirst":false}],
        "unresolvedLeft":{"since":1,"until":2},"unresolvedNames":["ns3.example.it",{"since":5,
        "joinedLate":false}],"wordUntil":2900,"zone":"example.it"},"isOperatorContradicted":false,
        "levels":{"authority":{"propagatedAt":3000,"publishedAt":3000,"regressedAt":10}},"longestHeld":900,
        "operatorPreviousTTL":1800,"operatorPublishedAt":500,"refetchedAt":400,"takenAt":3100}
        """
    private static let resolver = """
        {"isClear":false,"shown":"previous","state":{"checkedAt":3000,"confirmations":0,"copies":{"alive":[
        {"expiry":3600,"isTarget":false,"nsid":[102,114,97]}],"most":2},"failureCountedAt":100,
        "failing":{"error":"SERVFAIL","responseCode":2,"state":"failing"},"holding":{"exchanges":[{
        "accepted":false,"exchange":"mail.old.it","preference":10}],"extendedErrors":[{"code":3,"text":"stale"}],
        "lifetime":900,"nsid":[102,114,97],"responseCode":0,"state":"previous","ttl":600},"holdingExpiry":3600,
        "informative":{"absence":"NODATA","state":"no_mx","ttl":300},"informedAt":3000,"last":{"state":"silent",
        "hasNoRoute":true},"lastOldAt":3000,"oldUntil":3900,"overdueEvidence":{"expired":2000,"seen":3000},
        "refusedSince":50,"roundTrip":[0,7759773000000000],"runBarredUntil":3000,"runBegan":1,"runLast":2,
        "serial":60,"serialAt":3000,"stayedClearWhileUninformed":false,"uninformativeInARow":2}}
        """

    @Test("What the first version wrote of a domain is read")
    func readsDomain() throws {
        let memory = try JSONDecoder().decode(DomainMemory.self, from: Data(Self.domain.utf8))
        var tracker = Make.tracker()
        tracker.recall(Recollection(domain: memory, resolvers: [:]), at: Instant(nanoseconds: 4000))
        #expect(tracker.operatorPublishedAt == Instant(nanoseconds: 500))
        #expect(tracker.policy.previousTTL == TTL(seconds: 1800))
        #expect(tracker.authority.former.first?.state.exposure.current == TTL(seconds: 600))
        #expect(tracker.authority.servers.first?.serial == SerialNumber(61))
        #expect(tracker.authority.unresolved == ["ns3.example.it"])
        // And what is written now is read with it.
        let again = try JSONEncoder().encode(tracker.memory(at: Instant(nanoseconds: 4000)))
        #expect(
            try JSONDecoder().decode(DomainMemory.self, from: again).takenAt == Instant(nanoseconds: 4000))
    }

    @Test("What the first version wrote of a resolver is read, in another timeline")
    func readsResolver() throws {
        let decoder = JSONDecoder()
        decoder.userInfo[.instantShift] = Duration.nanoseconds(1_000)
        let memory = try decoder.decode(ResolverMemory.self, from: Data(Self.resolver.utf8))
        let domain = try JSONDecoder().decode(DomainMemory.self, from: Data(Self.domain.utf8))
        var tracker = Make.tracker()
        tracker.recall(
            Recollection(domain: domain, resolvers: [Make.resolvers[0].endpoint: memory]),
            at: Instant(nanoseconds: 9000))
        let state = tracker.resolvers[0]
        #expect(state.oldUntil == Instant(nanoseconds: 4900))
        #expect(state.cachesSeen == 2 && state.holding?.exchanges.first?.exchange == "mail.old.it")
        #expect(state.holding?.isDeclaredStale == true && state.holding?.lifetime == TTL(seconds: 900))
        #expect(state.lastInformative?.absence == .noData)
        #expect(state.identity.name == "cache-1")
    }
}
