import DNS
import Propagation
import Testing

@testable import Storytelling

/// When resolvers flipped and became clear, and what they showed meanwhile.
@Suite struct ResolverStoryTests {
    private typealias B = ChronicleBuilder

    private static func only(_ builder: B) throws -> ResolverStory {
        try #require(builder.story.resolvers.first)
    }

    private static func segment(
        _ from: Int64, _ to: Int64, _ state: MailState?, clear: Bool = false, overdue: Bool = false,
        watched: Bool = true
    ) -> ResolverStory.Segment {
        .init(
            from: time(from), to: time(to),
            condition: .init(state: state, isClear: clear, isOverdue: overdue), isWatched: watched)
    }

    @Test func aFlipAndClearanceMakeSegments() throws {
        var builder = B()
        builder.flips(B.google, at: 400, clear: 420)
        let story = try Self.only(builder)
        #expect(
            story.segments == [
                Self.segment(0, 1, nil), Self.segment(1, 400, .previous), Self.segment(400, 420, .target),
                Self.segment(420, 1000, .target, clear: true),
            ])
        #expect(story.firstFlip == time(400) && story.lastFlip == time(400))
        #expect(story.clearAt == time(420))
    }

    @Test func whatShowsTheTargetFromTheStartHasNotFlipped() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .target)
        builder.resolver(B.google, .target)
        #expect(try Self.only(builder).firstFlip == nil)
    }

    @Test func aFlipThroughSilenceIsOne() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.transition(B.google, at: 100, from: .previous, to: .silent)
        builder.transition(B.google, at: 200, from: .silent, to: .target)
        builder.transition(B.google, at: 300, from: .target, to: .failing)
        builder.transition(B.google, at: 400, from: .failing, to: .target)
        builder.resolver(B.google, .target)
        let story = try Self.only(builder)
        #expect(story.firstFlip == time(200))
        #expect(story.lastFlip == time(200), "silence between two targets is no flip")
    }

    @Test func anAnycastResolverFlipsMoreThanOnce() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.transition(B.google, at: 100, from: .previous, to: .target)
        builder.transition(B.google, at: 200, from: .target, to: .previous)
        builder.transition(B.google, at: 300, from: .previous, to: .target)
        builder.resolver(B.google, .target)
        let story = try Self.only(builder)
        #expect(story.firstFlip == time(100) && story.lastFlip == time(300))
    }

    @Test func flipsBeforeTheChangeBeganBelongToSomethingElse() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.transition(B.google, at: 50, from: .previous, to: .target)
        builder.transition(B.google, at: 60, from: .target, to: .previous)
        builder.add(100, .level(.published))
        builder.transition(B.google, at: 300, from: .previous, to: .target)
        builder.resolver(B.google, .target)
        #expect(try Self.only(builder).firstFlip == time(300))
    }

    @Test func whereResolversDecideEveryFlipCounts() throws {
        var builder = B(basis: .resolvers)
        builder.flips(B.google, at: 50, clear: 60)
        builder.add(60, .level(.published))
        builder.chronicle.standing.publishedAt = time(60)
        #expect(try Self.only(builder).firstFlip == time(50))
    }

    @Test func clearIsCountedFromTheLastTime() throws {
        var builder = B()
        builder.flips(B.google, at: 100, clear: 110)
        builder.add(200, .clear(B.google, false))
        builder.add(300, .clear(B.google, true))
        #expect(try Self.only(builder).clearAt == time(300))
    }

    @Test func whatIsClearNoMoreHasNoInstant() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .target)
        builder.add(10, .clear(B.google, true))
        builder.transition(B.google, at: 20, from: .target, to: .previous)
        builder.add(20, .clear(B.google, false))
        builder.resolver(B.google, .previous)
        let story = try Self.only(builder)
        #expect(story.clearAt == nil)
        #expect(story.segments.last == Self.segment(20, 1000, .previous), "one instant, one turn")
    }

    @Test func clearanceWithTheLastLookIsKept() throws {
        var builder = B()
        builder.flips(B.google, at: 400, clear: 1000)
        let story = try Self.only(builder)
        #expect(story.clearAt == time(1000))
        #expect(builder.story.shares.last == ClearShare(at: time(1000), clear: 1, counted: 1))
    }

    @Test func overdueHasABeginningAndAnEnd() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.add(500, .overdue(B.google, true))
        builder.add(700, .overdue(B.google, false))
        builder.add(800, .overdue(B.google, true))
        builder.resolver(B.google, .previous, isOverdue: true)
        let story = builder.story
        #expect(
            story.resolvers[0].overdue == [.init(from: time(500), to: time(700)), .init(from: time(800))])
        #expect(story.resolvers[0].segments.contains(Self.segment(500, 700, .previous, overdue: true)))
        #expect(story.overdue.map(\.server) == [B.google])
    }

    @Test func whatWasSeenLastHasTheLastWord() throws {
        var builder = B()
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.resolver(B.google, .target, isClear: true, checkedAt: 900)
        let story = try Self.only(builder)
        #expect(story.clearAt == time(900))
        #expect(
            story.segments == [
                Self.segment(0, 1, nil), Self.segment(1, 900, .previous),
                Self.segment(900, 1000, .target, clear: true),
            ])
    }

    @Test func whatWasNeverAskedIsUnknownThroughout() throws {
        var builder = B()
        builder.chronicle.resolvers = [RecordedResolver(server: B.google, state: .silent, cachesSeen: 0)]
        let story = try Self.only(builder)
        #expect(story.segments == [Self.segment(0, 1000, nil)])
        #expect(!story.hasLeft)
    }

    @Test func aClockThatWentBackMakesNoSegmentThatRunsBack() throws {
        var builder = B()
        builder.transition(B.google, at: 500, from: nil, to: .previous)
        builder.add(400, .clockWentBack(100))
        builder.transition(B.google, at: 450, from: .previous, to: .target)
        builder.resolver(B.google, .target)
        let segments = try Self.only(builder).segments
        #expect(segments == [Self.segment(0, 500, nil), Self.segment(500, 1000, .target)])
    }

    @Test func aResolverThatIsNoLongerAskedHasLeft() throws {
        var builder = B(lastLook: 10_000)
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.resolver(B.google, .previous, checkedAt: 2000)
        let story = try Self.only(builder)
        #expect(story.leftAt == time(2000))
        #expect(story.segments.last == Self.segment(1, 2000, .previous))
    }

    @Test func aShortPauseIsNoLeaving() throws {
        var builder = B(lastLook: 10_000)
        let pause = Chronicle.Look.longestPause.components.seconds
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.resolver(B.google, .previous, checkedAt: 10_000 - pause)
        #expect(try !Self.only(builder).hasLeft)
    }

    @Test func aResolverOfWhichOnlyEntriesAreKeptIsShownAndDoesNotCount() throws {
        var builder = B()
        builder.transition(B.quad9, at: 10, from: nil, to: .previous)
        builder.transition(B.quad9, at: 50, from: .previous, to: .target)
        builder.resolver(B.google, .target)
        let stories = builder.story.resolvers
        #expect(stories.map(\.server) == [B.google, B.quad9])
        #expect(stories[1].leftAt == time(50) && !stories[1].counts)
        #expect(stories[1].segments == [Self.segment(0, 10, nil), Self.segment(10, 50, .previous)])
    }

    @Test func betweenTwoLooksNobodyKnew() throws {
        var builder = B()
        builder.chronicle.looks = [
            .init(from: time(0), to: time(100)), .init(from: time(600), to: time(1000)),
        ]
        builder.transition(B.google, at: 0, from: nil, to: .previous)
        builder.transition(B.google, at: 600, from: .previous, to: .target)
        builder.resolver(B.google, .target)
        #expect(
            try Self.only(builder).segments == [
                Self.segment(0, 100, .previous), Self.segment(100, 600, .previous, watched: false),
                Self.segment(600, 1000, .target),
            ])
    }

    @Test func aPauseInWhichNothingChangedIsOneAllTheSame() throws {
        var builder = B()
        builder.chronicle.looks = [
            .init(from: time(0), to: time(100)), .init(from: time(600), to: time(700)),
            .init(from: time(900), to: time(1000)),
        ]
        builder.transition(B.google, at: 0, from: nil, to: .previous)
        builder.resolver(B.google, .previous)
        let segments = try Self.only(builder).segments
        #expect(segments.map(\.isWatched) == [true, false, true, false, true])
        #expect(segments.map(\.from) == [0, 100, 600, 700, 900].map(time))
        #expect(segments.map(\.to) == [100, 600, 700, 900, 1000].map(time))
    }

    @Test func theSlowestIsNotClearOrBecameSoLast() {
        var builder = B()
        builder.flips(B.google, at: 100, clear: 110)
        builder.flips(B.quad9, at: 300, clear: 310)
        let waiting = ServerLabel(name: "waiting", endpoint: Endpoint("192.0.2.60")!)
        let optional = ServerLabel(name: "optional", endpoint: Endpoint("192.0.2.61")!)
        builder.transition(waiting, at: 1, from: nil, to: .previous)
        builder.resolver(waiting, .previous)
        builder.resolver(optional, .previous, exclusion: .optional)
        #expect(builder.story.slowestFirst.map(\.server) == [waiting, B.quad9, B.google])
    }
}
