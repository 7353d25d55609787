import DNS
import Propagation

/// How many of the resolvers that count are clear, from `at` until the next step.
package struct ClearShare: Sendable, Hashable {
    package var at: WallTime
    package var clear: Int
    /// 0 while none was known.
    package var counted: Int

    package init(at: WallTime, clear: Int, counted: Int) {
        self.at = at
        self.clear = clear
        self.counted = counted
    }

    package func isAtLeast(_ percent: Int) -> Bool { clear * 100 >= counted * percent }

    /// The steps from the first look to the last. A resolver counts from the first time that it showed
    /// something until the last look that asked it, if it counted when last seen.
    static func steps(_ resolvers: [ResolverStory], in chronicle: Chronicle) -> [ClearShare] {
        var changes: [WallTime: (clear: Int, counted: Int)] = [chronicle.firstLook: (0, 0)]
        func change(_ at: WallTime, clear: Int = 0, counted: Int = 0) {
            changes[at, default: (0, 0)].clear += clear
            changes[at, default: (0, 0)].counted += counted
        }
        for story in resolvers where story.counts {
            let known = story.turns.drop { $0.condition.state == nil && !$0.condition.isClear }
            guard let first = known.first else { continue }
            change(first.at, counted: 1)
            var isClear = false
            for turn in known where turn.condition.isClear != isClear {
                isClear.toggle()
                change(turn.at, clear: isClear ? 1 : -1)
            }
            if let leftAt = story.leftAt {
                change(
                    max(leftAt, story.turns[story.turns.count - 1].at), clear: isClear ? -1 : 0, counted: -1)
            }
        }
        var step = ClearShare(at: chronicle.firstLook, clear: 0, counted: 0)
        var steps: [ClearShare] = []
        for (at, delta) in changes.sorted(by: { $0.key < $1.key }) {
            step = ClearShare(at: at, clear: step.clear + delta.clear, counted: step.counted + delta.counted)
            let isNews = steps.last.map { ($0.clear, $0.counted) != (step.clear, step.counted) } ?? true
            if isNews { steps.append(step) }
        }
        return steps
    }
}
