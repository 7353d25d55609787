import DNS
import Propagation

/// How text is set for people.
package struct TextStyle: Sendable {
    /// Columns of the terminal; with `nil`, as for a pipe, nothing is cut.
    package var width: Int?
    package var usesColor: Bool
    /// For a locale that is not UTF-8.
    package var isASCII: Bool
    package var zone: TimeZoneChoice
    /// Whether to show the rows even if they all say the same: that nothing was reached.
    package var isVerbose: Bool

    package init(
        width: Int? = 80, usesColor: Bool = false, isASCII: Bool = false, zone: TimeZoneChoice = .local,
        isVerbose: Bool = false
    ) {
        self.width = width
        self.usesColor = usesColor
        self.isASCII = isASCII
        self.zone = zone
        self.isVerbose = isVerbose
    }

    var ellipsis: String { isASCII ? ".." : "…" }

    /// A domain that is the subject of what follows.
    func name(_ domain: DomainName) -> String { isASCII ? domain.description : domain.displayText }

    /// A sign that can be told apart without colour, and its colour.
    func mark(_ state: MailState?, isClear: Bool) -> TextTable.Cell {
        switch state {
        case .target where isClear: .init(isASCII ? "+" : "✓", .green)
        case .target, .mixed: .init("~", .yellow)
        case .previous, .noMX: .init(isASCII ? "x" : "✗", .red)
        case .failing, .silent, nil: .init("?", .gray)
        }
    }
}

/// One domain for people: its authoritative servers, its resolvers, and one plain sentence at the end.
package struct TableRenderer: Sendable {
    private let style: TextStyle

    package init(_ style: TextStyle) { self.style = style }

    /// The whole text, each line with its end.
    ///
    /// - Parameter status: made with the style's zone, so that its sentences name times in that zone.
    package func render(_ status: DomainStatus, condition: Condition, at time: WallTime) -> String {
        var lines = "\(style.name(status.domain)): \(status.phase.rawValue), \(status.clearText)".wrapped(
            to: style.width)
        let isUnreached = status.isUnreached && !style.isVerbose
        if isUnreached { lines += [""] + unreached(status.resolvers).wrapped(to: style.width) }
        if !status.authority.servers.isEmpty, !isUnreached {
            let zone = status.authority.zone.map { " of \($0)" } ?? ""
            lines += ["", "Authoritative servers\(zone)".shortened(to: style.width ?? .max, ellipsis: "")]
            lines += tableLines(authorityTable(status.authority))
        }
        if !status.resolvers.isEmpty, !isUnreached {
            lines += ["", "Resolvers"] + tableLines(resolverTable(status.resolvers, now: Timestamp(time)))
        }
        lines += list("Reasons", status.reasons, bullet: "-")
        lines += list("Warnings", status.warnings, bullet: "!")
        lines += list("Assumptions", status.assumptions.sentences, bullet: "?")
        let times = TimeText(zone: style.zone, now: Timestamp(time))
        lines += [""] + closingSentence(status, condition: condition, times: times).wrapped(to: style.width)
        return lines.map { $0 + "\n" }.joined()
    }

    /// One text in place of rows that would all say the same.
    private func unreached(_ resolvers: [ResolverStatus]) -> String {
        let errors = Dictionary(resolvers.map { ($0.error ?? "no answer", 1) }, uniquingKeysWith: +)
        let most = errors.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
        return "None of \(resolvers.count) resolvers was reached (\(most))."
            + " Check this host's network, and that it lets port 53 through. Add -v to see a row for each."
    }

    private func tableLines(_ table: TextTable) -> [String] {
        table.lines(width: style.width, usesColor: style.usesColor, ellipsis: style.ellipsis)
    }

    private func list(_ title: String, _ sentences: [String], bullet: String) -> [String] {
        guard !sentences.isEmpty else { return [] }
        let items = sentences.flatMap { sentence in
            sentence.wrapped(to: style.width.map { max(10, $0 - 2) }).enumerated().map { index, line in
                (index == 0 ? "\(bullet) " : "  ") + line
            }
        }
        return ["", title] + items
    }
}

extension DomainStatus {
    /// `22 of 24 resolvers have only the new MX (1 not counted)`.
    var clearText: String {
        guard resolversCounted > 0 else { return "no resolver counts" }
        let excluded = resolversExcluded > 0 ? " (\(resolversExcluded) not counted)" : ""
        return Sentences.clear(resolversClear, of: resolversCounted) + excluded
    }

    /// Whether many resolvers were asked and none of them answered, nor any authoritative server.
    fileprivate var isUnreached: Bool {
        resolvers.count > 3 && resolvers.allSatisfy { $0.state == .silent }
            && authority.servers.allSatisfy { $0.state == .silent || $0.state == nil }
    }
}

// MARK: - The two tables

extension TableRenderer {
    private func authorityTable(_ authority: AuthorityStatus) -> TextTable {
        var table = TextTable(columns: [
            .init(title: ""), .init(title: "NAME", minimum: 10), .init(title: "ADDRESS", rank: 5),
            .init(title: "STATE"), .init(title: "MX", minimum: 12),
            .init(title: "TTL", alignsRight: true, rank: 3),
            .init(title: "SERIAL", alignsRight: true, rank: 4),
            .init(title: "RTT", alignsRight: true, rank: 6),
            .init(title: "NOTE", minimum: 18, rank: 2),
        ])
        for server in authority.servers {
            let mark = style.mark(server.state, isClear: server.state == .target && server.error == nil)
            table.rows.append([
                mark, .init(server.name?.description ?? server.address.shortDescription),
                .init(server.address.shortDescription),
                .init(server.state?.rawValue ?? "unasked", mark.color),
                .init(exchangesText(server.mx)), .init(server.ttl.map { "\($0)" } ?? ""),
                .init(server.soaSerial.map { "\($0)" } ?? ""), .init(rttText(server.roundTrip)),
                .init(server.error ?? (server.isWithoutEDNS ? onlyWithoutEDNS : "")),
            ])
        }
        return table
    }

    private func resolverTable(_ resolvers: [ResolverStatus], now: Timestamp) -> TextTable {
        let times = BriefTimes(zone: style.zone, now: now)
        // Room for `10 mx01.cbsolt.net`: less important columns go first.
        let mail = style.width ?? 80 >= 80 ? 18 : 12
        var table = TextTable(columns: [
            .init(title: ""), .init(title: "NAME", minimum: 8), .init(title: "ADDRESS", rank: 5),
            .init(title: "STATE"), .init(title: "SINCE", rank: 1), .init(title: "MX", minimum: mail),
            .init(title: "LEFT", alignsRight: true, rank: 2),
            .init(title: "CACHES", alignsRight: true, rank: 6),
            .init(title: "RTT", alignsRight: true, rank: 7),
            .init(title: "NOTE", minimum: 18, rank: 4),
        ])
        for resolver in resolvers {
            let mark = style.mark(resolver.state, isClear: resolver.clear)
            table.rows.append([
                mark, .init(resolver.name), .init(resolver.address.shortDescription),
                .init(resolver.state.rawValue, mark.color),
                .init(resolver.targetSince.map(times.text) ?? ""), .init(exchangesText(resolver.mx)),
                .init(resolver.ttlRemaining.map(DurationText.compact) ?? ""),
                .init(resolver.cachesSeen > 0 ? "\(resolver.cachesSeen)" : ""),
                .init(rttText(resolver.roundTrip)), .init(note(resolver), .gray),
            ])
        }
        return table
    }

    private func note(_ resolver: ResolverStatus) -> String {
        if let excluded = resolver.excluded { return excluded }
        if let error = resolver.error { return error }
        if resolver.overdue { return "overdue" }
        if resolver.state == .target, !resolver.clear { return "not confirmed yet" }
        return resolver.isWithoutEDNS ? onlyWithoutEDNS : ""
    }

    private func rttText(_ time: Milliseconds?) -> String { time.map { "\(($0.tenths + 5) / 10) ms" } ?? "" }
}

/// The note for a server that does not take EDNS.
let onlyWithoutEDNS = "answers only without EDNS"

// MARK: - The closing sentence

extension TableRenderer {
    private func closingSentence(_ status: DomainStatus, condition: Condition, times: TimeText) -> String {
        let level = LevelText(condition)
        switch status.exitCode {
        case 0:
            let since = level.reachedAt(status).map { " since \(times.text($0))" } ?? ""
            return "\(level.title): YES\(since). (exit code 0: the condition is met)"
        case 1:
            let when = level.notBefore(status).map { ", not before \(times.text($0))" } ?? ""
            return
                "\(level.title): NOT YET\(when).\(firstReason(status)) (exit code 1: not yet, and that is certain)"
        default:
            return "\(level.title): CANNOT TELL.\(firstReason(status)) (exit code 2: no verdict is possible)"
        }
    }

    private func firstReason(_ status: DomainStatus) -> String {
        guard let first = status.reasons.first, let letter = first.first else { return "" }
        // A name at the start keeps its case.
        let startsWithWord = first.prefix { $0 != " " }.allSatisfy(\.isLetter)
        return " " + (startsWithWord ? letter.uppercased() + first.dropFirst() : first) + "."
    }
}
