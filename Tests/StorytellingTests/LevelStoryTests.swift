import DNS
import Propagation
import Testing

@testable import Storytelling

/// Levels reached and taken back, and the lengths of time between them.
@Suite struct LevelStoryTests {
    private typealias B = ChronicleBuilder

    private static func spans(_ story: PropagationStory, _ condition: Condition) -> [RecordedSpan] {
        story.level(condition).spans
    }

    @Test func aDomainThatWasNeverPublishedHasReachedNothing() {
        let story = B(phase: .unpublished).story
        #expect(story.levels.map(\.condition) == Condition.allCases)
        #expect(story.levels.allSatisfy { $0.spans.isEmpty && $0.reachedAt == nil })
        #expect(story.publishedAt == nil && story.time(to: .published) == nil && story.timeToBound == nil)
        #expect(story.time(toClear: 0) == nil)
    }

    @Test func aLevelGoesOnUntilItIsTakenBack() {
        var builder = B()
        builder.add(100, .level(.published))
        builder.add(200, .level(.propagated))
        builder.add(300, .level(.unpropagated))
        builder.chronicle.standing.publishedAt = time(100)
        let story = builder.story
        #expect(Self.spans(story, .published) == [.init(from: time(100))])
        #expect(Self.spans(story, .propagated) == [.init(from: time(200), to: time(300))])
        #expect(story.level(.propagated).reachedAt == nil)
        #expect(story.level(.published).reachedAt == time(100))
    }

    @Test func aRegressionTakesEverythingBack() {
        var builder = B(phase: .publishing)
        builder.add(100, .level(.published))
        builder.add(200, .level(.propagated))
        builder.add(300, .level(.secondPassSafe))
        builder.add(400, .level(.decommissionSafe))
        builder.add(500, .level(.regression))
        let story = builder.story
        for (level, at) in zip(story.levels, [100, 200, 300, 400] as [Int64]) {
            #expect(level.spans == [.init(from: time(at), to: time(500))], "\(level.condition)")
        }
        #expect(story.regressions == [.init(from: time(500))])
    }

    @Test func anUnsafeSecondPassTakesDecommissionWithItAndNothingBelow() {
        var builder = B()
        builder.add(100, .level(.published))
        builder.add(200, .level(.propagated))
        builder.add(300, .level(.secondPassSafe))
        builder.add(400, .level(.decommissionSafe))
        builder.add(500, .level(.secondPassUnsafe))
        (builder.chronicle.standing.publishedAt, builder.chronicle.standing.propagatedAt) = (
            time(100), time(200)
        )
        let story = builder.story
        #expect(story.level(.propagated).reachedAt == time(200))
        #expect(Self.spans(story, .secondPass) == [.init(from: time(300), to: time(500))])
        #expect(Self.spans(story, .decommission) == [.init(from: time(400), to: time(500))])
    }

    @Test func aRegressionEndsWithTheNextPublication() {
        var builder = B()
        builder.add(100, .level(.published))
        builder.add(200, .level(.regression))
        builder.add(300, .level(.published))
        builder.add(350, .level(.propagated))
        builder.chronicle.standing.publishedAt = time(300)
        builder.chronicle.standing.propagatedAt = time(350)
        let story = builder.story
        #expect(story.regressions == [.init(from: time(200), to: time(300))])
        #expect(
            Self.spans(story, .published) == [
                .init(from: time(100), to: time(200)), .init(from: time(300)),
            ])
        #expect(story.time(to: .propagated) == .seconds(50), "from the publication that counts")
    }

    @Test func theStandingHasTheLastWordOnNow() {
        var builder = B()
        builder.add(100, .level(.published))
        builder.add(200, .level(.propagated))
        // The operator's word puts it earlier; the propagation was lost; the second pass has no entry.
        builder.chronicle.standing.publishedAt = time(40)
        builder.chronicle.standing.secondPassAt = time(300)
        let story = builder.story
        #expect(Self.spans(story, .published) == [.init(from: time(40))])
        #expect(Self.spans(story, .propagated) == [.init(from: time(200), to: time(1000))])
        #expect(Self.spans(story, .secondPass) == [.init(from: time(300))])
    }

    @Test func lengthsOfTimeBeginWithThePublication() {
        var builder = B()
        builder.chronicle.standing.publishedAt = time(100)
        builder.chronicle.standing.propagatedAt = time(700)
        builder.chronicle.standing.bound = time(650)
        let story = builder.story
        #expect(story.time(to: .published) == .zero)
        #expect(story.time(to: .propagated) == .seconds(600))
        #expect(story.time(to: .secondPass) == nil)
        #expect(story.timeToBound == .seconds(550))
    }

    @Test func withoutServersTheChangeBeganWithThePublicationUnlessResolversDecide() {
        var builder = B()
        builder.add(100, .level(.published))
        builder.chronicle.standing.publishedAt = time(100)
        #expect(builder.story.changeBegan == time(100))
        builder.chronicle.standing.basis = .resolvers
        #expect(builder.story.changeBegan == nil)
    }
}
