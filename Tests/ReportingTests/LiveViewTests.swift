import Testing

@testable import Reporting

@Suite struct LiveViewTests {
    private static let extent = LiveView.Extent(rows: 40, visible: 15)

    private static func view(_ keys: [Key], domains: Int, _ extent: LiveView.Extent = extent) -> LiveView {
        var view = LiveView(domains: domains)
        for key in keys { _ = view.handle(key, extent) }
        return view
    }

    @Test(arguments: [
        ([Key.down], 1), ([.down, .up, .up], 0), ([.pageDown], 14), ([.end], 25), ([.end, .down], 25),
        ([.end, .home], 0), ([.pageDown, .pageDown, .pageDown], 25), ([.end, .pageUp], 11),
    ]) func aListScrollsAndStaysFull(_ keys: [Key], _ top: Int) {
        #expect(Self.view(keys, domains: 1).top == top)
    }

    @Test func aShortListDoesNotScroll() {
        let view = Self.view([.down, .end, .pageDown], domains: 1, .init(rows: 3, visible: 15))
        #expect(view.top == 0)
    }

    @Test func aScreenWithoutRowsDoesNoHarm() {
        let view = Self.view([.down, .pageDown, .end, .up], domains: 40, .init(rows: 40, visible: 0))
        #expect(view.selection == 38 && view.top <= 38)
    }

    @Test func theSelectionStaysInSight() {
        var view = LiveView(domains: 40)
        for key in [Key.down, .down, .pageDown, .end, .up, .pageUp, .pageUp, .home, .down] {
            _ = view.handle(key, Self.extent)
            #expect((view.top..<view.top + 15).contains(view.selection), "after \(key)")
        }
    }

    @Test func aResizeKeepsTheListOnTheScreen() {
        var view = Self.view([.end], domains: 1)
        view.fit(.init(rows: 40, visible: 40))
        #expect(view.top == 0)
        view = Self.view([.end], domains: 40)
        view.fit(.init(rows: 40, visible: 5))
        #expect(view.top == 35 && view.selection == 39)
    }

    @Test func enterOpensAndEscapeReturns() {
        var view = Self.view([.down, .down, .enter], domains: 40)
        #expect(view.page == .detail(2) && view.top == 0)
        _ = view.handle(.end, Self.extent)
        _ = view.handle(.back, Self.extent)
        #expect(view.page == .overview && view.selection == 2 && view.top == 0)
        _ = view.handle(.enter, Self.extent)
        #expect(view.top == 0)
    }

    @Test func oneDomainHasOnlyItsDetail() {
        let view = Self.view([.back, .enter, .back], domains: 1)
        #expect(view.page == .detail(0))
    }

    @Test func helpTogglesAndTakesNoOtherKeys() {
        #expect(Self.view([.help], domains: 1).showsHelp)
        #expect(!Self.view([.help, .help], domains: 1).showsHelp)
        let view = Self.view([.help, .down, .back], domains: 40)
        #expect(!view.showsHelp && view.selection == 0 && view.page == .overview)
    }

    @Test func quitAndRepaintAreTheCallersToDo() {
        var view = LiveView(domains: 1)
        #expect(view.handle(.quit, Self.extent) == .quit)
        #expect(view.handle(.repaint, Self.extent) == .repaint)
        #expect(view.handle(.down, Self.extent) == nil)
    }
}

@Suite struct KeyDecoderTests {
    @Test(arguments: [
        ("jk", [Key.down, .up]), ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OA\u{1B}OB", [.up, .down]),
        ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("gG", [.home, .end]),
        ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~\u{1B}OH\u{1B}OF", [.home, .end, .home, .end, .home, .end]),
        ("\r\n\u{7F}\u{8}", [.enter, .enter, .back, .back]), ("q?\u{C}", [.quit, .help, .repaint]),
        ("xyz", []), ("\u{1B}[1;5Aq", [.quit]), ("\u{1B}[200~q", [.quit]), ("\u{1B}jq", [.quit]),
        ("\u{1B}\u{1B}[A", [.back, .up]), ("\u{1B}[\u{1B}[B", [.down]),
    ]) func keys(_ typed: String, _ keys: [Key]) {
        var whole = KeyDecoder()
        #expect(whole.take(typed.utf8) == keys)
        // As it comes over a slow line.
        var pieces = KeyDecoder()
        #expect(typed.utf8.flatMap { pieces.take([$0]) } == keys)
    }

    @Test func anEscapeThatNothingFollowsIsTheKey() {
        var decoder = KeyDecoder()
        #expect(decoder.take([0x1B]) == [] && decoder.isWaiting)
        #expect(decoder.flush() == [.back] && !decoder.isWaiting)
        #expect(decoder.take(Array("\u{1B}[".utf8)) == [] && decoder.flush() == [])
        #expect(decoder.take(Array("j".utf8)) == [.down])
    }

    @Test func anythingMayBeTyped() {
        var (decoder, random) = (KeyDecoder(), SystemRandomNumberGenerator())
        for _ in 0..<2000 {
            let octets = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = decoder.take(octets)
        }
        _ = decoder.take([UInt8](repeating: 0x31, count: 100) + Array("A".utf8))
        _ = decoder.flush()
        #expect(decoder.take(Array("q".utf8)) == [.quit])
    }
}

@Suite struct ScreenDiffTests {
    private static func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
    private static let begin = "\u{1B}[?2026h"
    private static let end = "\u{1B}[?2026l"

    @Test func onlyChangedLinesAreWritten() {
        var diff = ScreenDiff()
        #expect(
            Self.text(diff.update(to: ["a", "b"]))
                == "\(Self.begin)\u{1B}[0m\u{1B}[2J\u{1B}[1;1H\u{1B}[2Ka\u{1B}[2;1H\u{1B}[2Kb\(Self.end)")
        #expect(diff.update(to: ["a", "b"]).isEmpty)
        #expect(Self.text(diff.update(to: ["a", "c"])) == "\(Self.begin)\u{1B}[2;1H\u{1B}[2Kc\(Self.end)")
        #expect(Self.text(diff.update(to: ["a"])) == "\(Self.begin)\u{1B}[2;1H\u{1B}[2K\(Self.end)")
        diff.forget()
        #expect(Self.text(diff.update(to: ["a"])).contains("\u{1B}[2J"))
    }
}

@Suite struct BarTests {
    @Test(arguments: [
        (Int64(0), Int64(10), "─────", "-----"), (10, 10, "━━━━━", "====="), (11, 10, "━━━━━", "====="),
        (5, 10, "━━╸──", "===--"), (1, 1000, "╸────", "=----"), (999, 1000, "━━━━╸", "====="),
        (0, 0, "─────", "-----"), (-3, 10, "─────", "-----"), (4, 10, "━━───", "==---"),
    ]) func aBarHasItsWidth(_ part: Int64, _ total: Int64, _ text: String, _ ascii: String) {
        #expect(Bar(part: part, total: total).text(width: 5, isASCII: false) == text)
        #expect(Bar(part: part, total: total).text(width: 5, isASCII: true) == ascii)
        #expect(Bar(part: part, total: total).text(width: 0, isASCII: false).isEmpty)
    }

    @Test func itMovesWithEverySecondOfAShortTTL() {
        let bars = (0...10).map { Bar(part: $0, total: 10).text(width: 5, isASCII: false) }
        #expect(Set(bars).count == 11)
    }
}
