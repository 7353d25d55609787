import DNS
import Foundation
import Propagation
import Storytelling

@testable import Reporting

/// Chronicles in many situations, made by hand. Instants are seconds after 2026-11-23T16:00:00Z.
enum ReportSituation: String, CaseIterable, Sendable {
    case nothing, unpublished, propagating, overdue, complete, takenBack, resolversOnly, left, paused, hostile

    static let hostileName = "\"><script>alert(1)</script><b x='&\u{202E}\u{1B}[2J\u{0}\u{2028}"

    static func time(_ seconds: Int64) -> WallTime {
        WallTime(milliseconds: (1_795_449_600 + seconds) * 1000)
    }

    var document: ReportDocument {
        ReportDocument(
            chronicle, generatedAt: WallTime(milliseconds: chronicle.lastLook.milliseconds + 5000))
    }

    var page: String { ReportPage(document, zone: .fixed(3600)).html }

    func text(width: Int? = 80, isASCII: Bool = false) -> String {
        ReportTable(TextStyle(width: width, isASCII: isASCII, zone: .fixed(3600))).render(document)
    }

    var chronicle: Chronicle {
        var chronicle = Chronicle(
            domain: "example.it", target: RecordedTarget(.qboxmail), firstLook: Self.time(0),
            lastLook: Self.time(self == .nothing ? 0 : 9000),
            standing: RecordedStanding(phase: .undetermined, basis: .authority))
        if self == .nothing { return chronicle }
        addServers(to: &chronicle)
        addResolvers(to: &chronicle)
        addLevels(to: &chronicle)
        chronicle.entries.sort { $0.at < $1.at }
        let counted = chronicle.resolvers.filter { $0.exclusion == nil }
        chronicle.standing.counted = counted.count
        chronicle.standing.clear = counted.count(where: \.isClear)
        return chronicle
    }
}

extension ReportSituation {
    private static let target = [ReadExchange(preference: 10, exchange: "mx01.cbsolt.net", accepted: true)]
    private static let previous = [ReadExchange(preference: 10, exchange: "mail.old.it", accepted: false)]

    private func addServers(to chronicle: inout Chronicle) {
        if self == .resolversOnly { return }
        let name = self == .hostile ? Self.hostileName : "ns1.example.it"
        let server = ServerLabel(name: name, endpoint: Endpoint("192.0.2.1")!)
        func span(_ state: MailState, _ ttl: Int, _ from: Int64, _ to: Int64) -> ServedSpan {
            ServedSpan(
                server: server, state: state, exchanges: state == .target ? Self.target : Self.previous,
                ttl: TTL(seconds: ttl), firstSeen: Self.time(from), lastSeen: Self.time(to),
                goneAt: to < 9000 ? Self.time(to + 30) : nil)
        }
        chronicle.served = [span(.previous, 3600, 0, 270), span(.previous, 600, 300, 570)]
        if self != .unpublished { chronicle.served.append(span(.target, 600, 600, 9000)) }
    }

    private func addResolvers(to chronicle: inout Chronicle) {
        let name = self == .hostile ? Self.hostileName : "google"
        let google = ServerLabel(name: name, endpoint: Endpoint("8.8.8.8")!)
        let quad9 = ServerLabel(name: "quad9", endpoint: Endpoint("[2620:fe::10]:53")!)
        let optional = ServerLabel(name: "9.9.9.9", endpoint: Endpoint("9.9.9.9")!)
        func add(_ seconds: Int64, _ kind: Chronicle.Kind) {
            chronicle.entries.append(.init(at: Self.time(seconds), kind))
        }
        for server in [google, quad9, optional] {
            add(2, .transition(server, from: nil, to: .previous, .init(exchanges: Self.previous, ttl: 3600)))
        }
        let flips = self != .unpublished
        if flips {
            add(700, .transition(google, from: .previous, to: .target, .init(exchanges: Self.target)))
            add(710, .clear(google, true))
        }
        let isLate = self == .propagating || self == .overdue || self == .left
        if flips, !isLate {
            add(1190, .transition(quad9, from: .previous, to: .target, .init(exchanges: Self.target)))
            add(1200, .clear(quad9, true))
        }
        if self == .overdue { add(1300, .overdue(quad9, true)) }
        let error = self == .hostile ? Exclusion.neverAnswered(Self.hostileName) : .optional
        chronicle.resolvers = [
            RecordedResolver(
                server: google, state: flips ? .target : .previous, isClear: flips, cachesSeen: 3,
                checkedAt: chronicle.lastLook),
            RecordedResolver(
                server: quad9, state: flips && !isLate ? .target : .previous, isClear: flips && !isLate,
                isOverdue: self == .overdue,
                checkedAt: self == .left ? Self.time(1500) : chronicle.lastLook),
            RecordedResolver(
                server: optional, state: .previous, exclusion: error, checkedAt: chronicle.lastLook),
        ]
    }

    private func addLevels(to chronicle: inout Chronicle) {
        func level(_ change: LevelChange, _ seconds: Int64) -> WallTime {
            chronicle.entries.append(.init(at: Self.time(seconds), .level(change)))
            return Self.time(seconds)
        }
        switch self {
        case .nothing: return
        case .unpublished: return chronicle.standing.phase = .unpublished
        case .resolversOnly: chronicle.standing.basis = .resolvers
        default: break
        }
        chronicle.standing.phase = .propagating
        chronicle.standing.publishedAt = level(.published, self == .resolversOnly ? 1200 : 600)
        chronicle.standing.bound = Self.time(4170)
        if self == .propagating || self == .overdue || self == .left { return }
        chronicle.standing.propagatedAt = level(.propagated, 1200)
        chronicle.standing.phase = .propagated
        if self == .paused {
            chronicle.looks = [
                .init(from: Self.time(0), to: Self.time(800)),
                .init(from: Self.time(1190), to: Self.time(9000)),
            ]
        }
        if self == .complete || self == .hostile {
            chronicle.standing.secondPassAt = level(.secondPassSafe, 4200)
            chronicle.standing.phase = .secondPassSafe
        }
        guard self == .takenBack else { return }
        _ = level(.regression, 2000)
        chronicle.standing = RecordedStanding(phase: .unpublished, basis: .authority)
    }
}
