import DNS
import Propagation
import Testing

@testable import Storytelling

/// The share of resolvers that are clear, as a step function.
@Suite struct ClearShareTests {
    private typealias B = ChronicleBuilder

    @Test func withoutResolversNothingIsCounted() {
        #expect(B().story.shares == [ClearShare(at: time(0), clear: 0, counted: 0)])
    }

    @Test func eachClearanceIsAStep() {
        var builder = B()
        builder.flips(B.google, at: 100, clear: 110)
        builder.flips(B.quad9, at: 300, clear: 310)
        #expect(
            builder.story.shares == [
                ClearShare(at: time(0), clear: 0, counted: 0), ClearShare(at: time(1), clear: 0, counted: 2),
                ClearShare(at: time(110), clear: 1, counted: 2),
                ClearShare(at: time(310), clear: 2, counted: 2),
            ])
    }

    @Test func whatIsClearNoMoreIsAStepDown() {
        var builder = B()
        builder.flips(B.google, at: 100, clear: 110)
        builder.add(200, .clear(B.google, false))
        builder.add(300, .clear(B.google, true))
        #expect(builder.story.shares.map(\.clear) == [0, 0, 1, 0, 1])
    }

    @Test func theExcludedDoNotCount() {
        var builder = B()
        builder.flips(B.google, at: 100, clear: 110)
        builder.chronicle.resolvers[0].exclusion = .optional
        #expect(builder.story.shares == [ClearShare(at: time(0), clear: 0, counted: 0)])
    }

    @Test func whoeverComesLaterCountsFromThen() {
        var builder = B()
        builder.flips(B.google, at: 100, clear: 110)
        builder.transition(B.quad9, at: 500, from: nil, to: .previous)
        builder.resolver(B.quad9, .previous)
        #expect(
            builder.story.shares.suffix(2) == [
                ClearShare(at: time(110), clear: 1, counted: 1),
                ClearShare(at: time(500), clear: 1, counted: 2),
            ])
    }

    @Test func whoeverLeavesCountsUntilThen() {
        var builder = B(lastLook: 10_000)
        builder.flips(B.google, at: 100, clear: 110)
        builder.transition(B.quad9, at: 1, from: nil, to: .previous)
        builder.resolver(B.quad9, .previous, checkedAt: 400)
        #expect(builder.story.shares.last == ClearShare(at: time(400), clear: 1, counted: 1))
    }

    @Test func aClearOneThatLeavesTakesItsShareWithIt() {
        var builder = B(lastLook: 10_000)
        builder.flips(B.google, at: 100, clear: 110)
        builder.chronicle.resolvers[0].checkedAt = time(400)
        #expect(builder.story.shares.last == ClearShare(at: time(400), clear: 0, counted: 0))
    }

    @Test func howLongItTakesUntilAShareIsClear() {
        var builder = B()
        builder.add(50, .level(.published))
        builder.chronicle.standing.publishedAt = time(50)
        builder.flips(B.google, at: 100, clear: 110)
        builder.flips(B.quad9, at: 300, clear: 310)
        let story = builder.story
        #expect(story.time(toClear: 50) == .seconds(60))
        #expect(story.time(toClear: 51) == .seconds(260))
        #expect(story.time(toClear: 100) == .seconds(260))
        #expect(story.time(toClear: 0) == .zero)
    }

    @Test func aShareThatIsNotReachedTakesNoTime() {
        var builder = B()
        builder.chronicle.standing.publishedAt = time(50)
        builder.transition(B.google, at: 1, from: nil, to: .previous)
        builder.resolver(B.google, .previous)
        #expect(builder.story.time(toClear: 50) == nil)
    }
}
