import DNS
import Propagation
import Testing

@testable import Storytelling

/// When authoritative servers lowered TTLs and switched.
@Suite struct ServerStoryTests {
    private typealias B = ChronicleBuilder

    @Test func aTTLThatFallsWhileTheRRsetStaysWasLowered() throws {
        var builder = B()
        builder.served(B.ns1, .previous, ttl: 86_400, from: 0, until: 90)
        builder.served(B.ns1, .previous, ttl: 600, from: 120, until: 490)
        builder.served(B.ns1, .target, ttl: 600, from: 500, until: 1000)
        let server = try #require(builder.story.servers.first)
        #expect(
            server.lowerings == [
                .init(
                    from: TTL(seconds: 86_400), to: TTL(seconds: 600),
                    seen: .init(at: time(120), after: time(90)))
            ])
        #expect(server.timeToLiveBeforeSwitch == TTL(seconds: 600))
    }

    @Test func aTTLInStepsIsLoweredTwiceAndARaiseIsNone() throws {
        var builder = B()
        builder.served(B.ns1, .previous, ttl: 7200, from: 0, until: 90)
        builder.served(B.ns1, .previous, ttl: 3600, from: 100, until: 190)
        builder.served(B.ns1, .previous, ttl: 7200, from: 200, until: 290)
        builder.served(B.ns1, .previous, ttl: 600, from: 300, until: 390)
        let lowerings = try #require(builder.story.servers.first).lowerings
        #expect(lowerings.map(\.to.seconds) == [3600, 600])
        #expect(lowerings.map(\.seen.at) == [time(100), time(300)])
    }

    @Test func aLowerTTLOfAnotherRRsetIsNoLowering() throws {
        var builder = B()
        let other = [ReadExchange(preference: 20, exchange: "mail.other.it", accepted: false)]
        builder.served(B.ns1, .previous, ttl: 7200, from: 0, until: 90)
        builder.served(B.ns1, .previous, ttl: 600, from: 100, until: 190, exchanges: other)
        #expect(try #require(builder.story.servers.first).lowerings.isEmpty)
    }

    @Test func aLowerTTLAfterTheSwitchIsNoLowering() throws {
        var builder = B()
        builder.served(B.ns1, .previous, ttl: 7200, from: 0, until: 90)
        builder.served(B.ns1, .target, ttl: 7200, from: 100, until: 190)
        builder.served(B.ns1, .target, ttl: 600, from: 200, until: 290)
        let server = try #require(builder.story.servers.first)
        #expect(server.lowerings.isEmpty)
        #expect(server.timeToLiveBeforeSwitch == TTL(seconds: 7200))
    }

    @Test func eachServerSwitchesForItself() {
        var builder = B()
        builder.served(B.ns1, .previous, ttl: 600, from: 0, until: 90)
        builder.served(B.ns2, .previous, ttl: 600, from: 0, until: 290)
        builder.served(B.ns1, .target, ttl: 600, from: 100, until: 1000)
        builder.served(B.ns2, .target, ttl: 600, from: 300, until: 1000)
        let story = builder.story
        #expect(story.servers.map(\.server) == [B.ns1, B.ns2])
        #expect(story.servers[0].switches == [.init(at: time(100), after: time(90))])
        #expect(story.servers[1].switches == [.init(at: time(300), after: time(290))])
        #expect(story.changeBegan == time(100))
    }

    @Test func aTargetFromTheStartIsNoSwitch() throws {
        var builder = B()
        builder.served(B.ns1, .target, ttl: 600, from: 0, until: 1000)
        let server = try #require(builder.story.servers.first)
        #expect(server.switches.isEmpty && server.servedTargetFromTheStart)
        #expect(server.timeToLiveBeforeSwitch == nil)
    }

    @Test func aServerMayTurnBackAndSwitchAgain() throws {
        var builder = B()
        builder.served(B.ns1, .previous, ttl: 600, from: 0, until: 90)
        builder.served(B.ns1, .target, ttl: 600, from: 100, until: 190)
        builder.served(B.ns1, .noMX, ttl: 300, from: 200, until: 290, exchanges: [])
        builder.served(B.ns1, .target, ttl: 600, from: 300, until: 1000)
        let server = try #require(builder.story.servers.first)
        #expect(server.switches.map(\.at) == [time(100), time(300)])
        #expect(server.turnsBack == [.init(at: time(200), after: time(190))])
    }

    @Test func aTTLThatIsRaisedAfterTheSwitchIsNoSecondSwitch() throws {
        var builder = B()
        builder.served(B.ns1, .previous, ttl: 600, from: 0, until: 90)
        builder.served(B.ns1, .target, ttl: 600, from: 100, until: 190)
        builder.served(B.ns1, .target, ttl: 3600, from: 200, until: 1000)
        #expect(try #require(builder.story.servers.first).switches.count == 1)
    }

    @Test func aChronicleWithoutServersHasNone() {
        #expect(B().story.servers.isEmpty)
        #expect(B().story.changeBegan == nil)
    }
}
