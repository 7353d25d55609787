import DNS
import Propagation

/// One domain on the live screen: a header with its bar, the authoritative servers in brief, one row per
/// resolver with its countdown, and the sentence.
package struct LiveDetail {
    private let page: LivePage
    private let settings: LiveSettings
    private var style: TextStyle { settings.style }
    private var width: Int { page.width }

    package init(_ settings: LiveSettings, _ size: ScreenSize) {
        self.settings = settings
        page = LivePage(settings: settings, size: size)
    }

    /// - Parameters:
    ///   - status: made with the style's zone, so that its sentences name times in that zone.
    ///   - note: a message about the watch itself. It is shown in place of the last event.
    ///   - isAlone: whether this is the only domain, so that there is no page to go back to.
    package func frame(
        _ status: DomainStatus, at time: WallTime, event: ReportedEvent? = nil, note: String? = nil,
        isAlone: Bool = true,
        view: inout LiveView
    ) -> LiveFrame {
        let now = Timestamp(time)
        let table = page.lines(table(ResolverOrder.sorted(status.resolvers), now: now))
        let sentence = SecondPassSentence(
            status, at: now, zone: style.zone, confirmations: settings.confirmations)
        let content = LivePage.Content(
            header: page.withClock(header(status), at: now), summary: authority(status),
            rows: status.resolvers.count, event: page.eventLine(event, note: note, named: false),
            sentence: page.sentence(sentence),
            remarks: warnings(status) + assumptions(status),
            footer: { extent, top in
                let scroll = extent.rows > extent.visible ? ["j/k scroll"] : []
                return page.footer(extent, top: top, keys: scroll + (isAlone ? [] : ["Esc back"]))
            })
        return page.frame(content, view: &view) { rows in
            Array(table.prefix(1)) + table[(rows.lowerBound + 1)..<(rows.upperBound + 1)]
        }
    }
}

// MARK: - Above the list

extension LiveDetail {
    private func header(_ status: DomainStatus) -> StyledLine {
        let isAsking = status.resolvers.allSatisfy { $0.checkedAt == nil }
        let phase = isAsking ? page.asking : status.phase.rawValue.replacing("_", with: " ")
        let color: TextTable.Color =
            status.phase == .undetermined ? .gray : status.propagated.reached ? .green : .yellow
        var count = "\(status.resolversClear)/\(status.resolversCounted)"
        if width >= 34 { count += " clear" }
        if width >= 64, status.resolversExcluded > 0 { count += ", \(status.resolversExcluded) not counted" }
        let barWidth = width < 50 ? 0 : width < 100 ? 16 : 30
        let taken = phase.displayWidth + count.count + (barWidth > 0 ? barWidth + 2 : 0) + 4
        let name = style.name(status.domain).shortened(to: max(8, width - taken), ellipsis: style.ellipsis)
        var line = StyledLine(name, bold: true)
        line.append("  \(phase)  ", color, bold: true)
        if barWidth > 0 {
            let bar = page.bar(status.resolversClear, of: status.resolversCounted, width: barWidth)
            line.append("\(bar)  ", color)
        }
        line.append(count)
        return line
    }

    private func authority(_ status: DomainStatus) -> StyledLine {
        let servers = status.authority.servers
        if status.published.basis == .resolvers {
            return StyledLine("authority not asked: the resolvers alone decide", .gray)
        }
        guard servers.contains(where: { $0.state != nil }) else {
            return StyledLine("authority \(page.asking)", .gray)
        }
        let atTarget = servers.filter { $0.state == .target }
        let isWhole = atTarget.count == servers.count
        var line = StyledLine("authority ")
        line.append("\(atTarget.count)/\(servers.count) target", isWhole ? .green : .yellow)
        let serials = Set(servers.compactMap(\.soaSerial)).sorted(by: >).map { "\($0)" }
        if !serials.isEmpty {
            line.append(", \(serials.count == 1 ? "serial" : "serials") \(serials.joined(separator: ", "))")
        }
        let others = others(servers)
        if !others.isEmpty { line.append("; \(others)", .yellow) }
        return line
    }

    /// The servers that do not serve the target, by name; in one word if all of them are alike.
    private func others(_ servers: [AuthorityServerStatus]) -> String {
        func word(_ server: AuthorityServerStatus) -> String {
            server.error ?? server.state?.rawValue ?? page.asking
        }
        let others = servers.filter { $0.state != .target }
        let words = Set(others.map(word))
        if others.count == servers.count, others.count > 1, words.count == 1, let word = words.first {
            return "\(Sentences.all(others.count)) \(word)"
        }
        return others.map { server in
            "\(server.name?.description ?? server.address.shortDescription) \(word(server))"
        }.joined(separator: ", ")
    }

    /// Each begins with a sign, so that colour is not needed.
    private func warnings(_ status: DomainStatus) -> [String] {
        status.warnings.map { "! \(style.isASCII ? $0.inASCII : $0)" }
    }
}

extension LiveDetail {
    private func assumptions(_ status: DomainStatus) -> [String] {
        status.assumptions.sentences.map { "? \(style.isASCII ? $0.inASCII : $0)" }
    }
}

// MARK: - The list

extension LiveDetail {
    /// The widths of the columns depend on these.
    private var isWide: Bool { width >= 100 }
    private var isVeryWide: Bool { width >= 130 }
    private var barWidth: Int { width < 100 ? 4 : width < 140 ? 10 : 20 }
    private static let stateWidth = "target 2/3".count

    private func table(_ resolvers: [ResolverStatus], now: Timestamp) -> TextTable {
        var table = TextTable(columns: [
            .init(title: ""), .init(title: "RESOLVER", minimum: width < 40 ? 6 : 12),
            .init(title: "CC", rank: 8), .init(title: "ADDRESS", minimum: 15, rank: 5),
            .init(title: "STATE", rank: 1), .init(title: "SINCE", rank: 3),
            .init(title: "MX", minimum: isWide ? 12 : 11, rank: 4), .init(title: "LEFT", rank: 2),
            .init(title: "CACHES", alignsRight: true, rank: 7),
            .init(title: "AGO", alignsRight: true, rank: 6),
            .init(title: "RTT", alignsRight: true, rank: 9), .init(title: "NOTE", minimum: 18, rank: 10),
        ])
        table.gap = isWide ? 2 : 1
        table.rows = resolvers.map { row($0, now: now) }
        return table
    }

    private func row(_ resolver: ResolverStatus, now: Timestamp) -> [TextTable.Cell] {
        let mark = mark(resolver)
        let ago = resolver.checkedAt.map { DurationText.compact(seconds: now.seconds - $0.seconds) }
        let since = resolver.targetSince.map { BriefTimes(zone: style.zone, now: now).text($0) }
        let roundTrip = resolver.roundTrip.map { "\(($0.tenths + 5) / 10) ms" }
        return [
            mark, .init(resolver.name), .init(isWide ? settings.countries[resolver.address] ?? "" : ""),
            .init(resolver.address.shortDescription),
            .init(state(resolver).padded(to: Self.stateWidth), mark.color), .init(since ?? ""),
            .init(mail(resolver)),
            .init(countdown(resolver), mark.color == .green ? .gray : mark.color),
            .init(resolver.cachesSeen > 0 ? "\(resolver.cachesSeen)" : ""), .init(ago ?? ""),
            .init(isVeryWide ? roundTrip ?? "" : ""), .init(isVeryWide ? note(resolver) : "", .gray),
        ]
    }

    /// The usual sign, except for resolvers that do not count.
    private func mark(_ resolver: ResolverStatus) -> TextTable.Cell {
        if resolver.excluded != nil { return .init("-", .gray) }
        if resolver.checkedAt == nil { return .init(style.isASCII ? "." : "·", .gray) }
        return style.mark(resolver.state, isClear: resolver.clear)
    }

    private func state(_ resolver: ResolverStatus) -> String {
        if resolver.checkedAt == nil { return page.asking }
        guard resolver.state == .target, !resolver.clear, resolver.excluded == nil else {
            return resolver.state.rawValue
        }
        let needed = settings.confirmations
        return "target \(min(resolver.confirmations, needed))/\(needed)"
    }

    /// What the resolver serves, or why that is not known.
    private func mail(_ resolver: ResolverStatus) -> String {
        switch resolver.state {
        case .noMX: return resolver.rcode == "NXDOMAIN" ? "NXDOMAIN" : "none"
        case .failing, .silent: return resolver.error ?? ""
        case .target, .mixed, .previous:
            let exchanges =
                isVeryWide
                ? exchangesText(resolver.mx)
                : resolver.mx.map(\.exchange.description).joined(separator: ", ")
            return resolver.overdue ? "overdue: \(exchanges)" : exchanges
        }
    }

    /// ` 25m ━━━╸─`: how long the shown copy still lives, and which part of its TTL that is.
    private func countdown(_ resolver: ResolverStatus) -> String {
        guard let left = resolver.ttlRemaining, let whole = resolver.ttl else { return "" }
        let bar = Bar(part: left, total: Int64(whole)).text(width: barWidth, isASCII: style.isASCII)
        return DurationText.compact(seconds: left).padded(to: 4, alignsRight: true) + " " + bar
    }

    private func note(_ resolver: ResolverStatus) -> String {
        if let excluded = resolver.excluded { return excluded }
        if resolver.state.isInformative, let error = resolver.error { return error }
        return resolver.isWithoutEDNS ? onlyWithoutEDNS : ""
    }
}
