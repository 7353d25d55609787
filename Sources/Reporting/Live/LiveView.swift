/// What a person looks at on the live screen: which page, from which row on, with which domain selected.
///
///              Enter                    ?
///     overview ─────► detail     page ◄───► help
///              ◄─────
///             Esc, ⌫
///
/// It knows no terminal and no status: keys and extents go in, and it tells what to draw.
package struct LiveView: Sendable, Equatable {
    package enum Page: Sendable, Equatable {
        case overview
        /// The domain's index.
        case detail(Int)
    }

    /// How long the list is, and how much of it the screen shows.
    package struct Extent: Sendable, Equatable {
        package var rows: Int
        /// 0 on a screen too small for any row.
        package var visible: Int

        package init(rows: Int, visible: Int) {
            self.rows = rows
            self.visible = visible
        }

        var lastTop: Int { max(0, rows - visible) }
    }

    /// What a key asks for, other than another view.
    package enum Action: Sendable, Equatable { case quit, repaint }

    package private(set) var page: Page
    package private(set) var showsHelp = false
    /// The selected row of the overview.
    package private(set) var selection = 0
    private var overviewTop = 0
    private var detailTop = 0
    private let domains: Int

    /// - Parameter domains: if there is only one, its detail is the only page.
    package init(domains: Int) {
        self.domains = domains
        page = domains == 1 ? .detail(0) : .overview
    }

    /// The first row in sight.
    package var top: Int { page == .overview ? overviewTop : detailTop }

    /// - Parameter extent: of the page as it was last drawn.
    package mutating func handle(_ key: Key, _ extent: Extent) -> Action? {
        switch key {
        case .quit: return .quit
        case .repaint: return .repaint
        case .help: showsHelp.toggle()
        case .back where showsHelp, .enter where showsHelp: showsHelp = false
        case _ where showsHelp: break
        case .enter:
            guard page == .overview, selection < domains else { return nil }
            page = .detail(selection)
            detailTop = 0
        case .back: if domains != 1 { page = .overview }
        default: move(key, extent)
        }
        return nil
    }

    /// Keeps the list on the screen, after a resize or when the list has become shorter.
    package mutating func fit(_ extent: Extent) {
        switch page {
        case .detail: detailTop = min(max(0, detailTop), extent.lastTop)
        case .overview:
            selection = min(max(0, selection), max(0, extent.rows - 1))
            let least = selection - max(1, extent.visible) + 1
            overviewTop = min(max(overviewTop, least, 0), selection, extent.lastTop)
        }
    }

    private mutating func move(_ key: Key, _ extent: Extent) {
        let page = max(1, extent.visible)
        let distance =
            switch key {
            case .up: -1
            case .down: 1
            // A row of the page before stays in sight.
            case .pageUp: -max(1, page - 1)
            case .pageDown: max(1, page - 1)
            case .home: -extent.rows
            default: extent.rows
            }
        if self.page == .overview { selection += distance } else { detailTop += distance }
        fit(extent)
    }
}
