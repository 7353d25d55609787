import DNS
import Propagation

@testable import Reporting

/// Statuses for the live screen, made by hand: many resolvers in many states, and hostile texts.
enum LiveSample {
    static let now = Timestamp(Situation.start.wall)
    static let columns = [20, 21, 33, 40, 59, 60, 79, 80, 81, 99, 100, 120, 129, 130, 200]
    static let rows = [5, 6, 7, 8, 9, 10, 11, 14, 15, 19, 20, 24, 40, 60]

    static func settings(
        usesColor: Bool = false, isASCII: Bool = false, hasKeys: Bool = true
    ) -> LiveSettings {
        LiveSettings(
            condition: .propagated,
            style: TextStyle(usesColor: usesColor, isASCII: isASCII, zone: .utc),
            resolvers: [
                ResolverIdentity(name: "r0", endpoint: endpoint(0), country: "IT"),
                ResolverIdentity(name: "r1", endpoint: endpoint(1), country: "DE"),
            ], confirmations: 3, hasKeys: hasKeys)
    }

    static func endpoint(_ index: Int) -> Endpoint { Endpoint("192.0.2.\(index)")! }

    static func resolver(
        _ index: Int, _ state: MailState, name: String? = nil, left: Int64 = 300, clear: Bool = false
    ) -> ResolverStatus {
        let isOld = state == .previous || state == .mixed || state == .noMX
        let exchange: DomainName = isOld ? "mail.old.example" : "mx01.cbsolt.net"
        let mx =
            state.isInformative && state != .noMX
            ? [ReadExchange(preference: 10, exchange: exchange, accepted: !isOld)] : []
        let expiry = Timestamp(seconds: now.seconds + left)
        return ResolverStatus(
            name: name ?? "r\(index)", address: endpoint(index), transport: .udp, state: state,
            targetSince: state == .target ? now : nil, clear: clear, overdue: false, excluded: nil, mx: mx,
            ttl: state.isInformative ? 600 : nil, ttlRemaining: state.isInformative ? left : nil,
            expiresAt: expiry, oldUntil: isOld ? expiry : nil, cachesSeen: 2, confirmations: clear ? 3 : 1,
            soaSerial: nil, rcode: "NOERROR", nsid: nil, ede: [], roundTrip: nil,
            checkedAt: Timestamp(seconds: now.seconds - 12),
            error: state.isInformative ? nil : "no answer in time")
    }

    /// Forty resolvers, among them every state.
    static func forty() -> DomainStatus {
        let states = MailState.allCases
        var status = Situation.holding.status
        status.resolvers = (0..<40).map { index in
            let state = states[index % states.count]
            return resolver(
                index, state, left: Int64(index * 37 % 600), clear: state == .target && index % 4 == 0)
        }
        (status.resolversCounted, status.resolversClear) = (40, 4)
        return status
    }

    static func detail(
        _ status: DomainStatus, _ columns: Int, _ rows: Int, _ settings: LiveSettings = settings(),
        event: ReportedEvent? = nil
    ) -> [String] {
        var view = LiveView(domains: 1)
        return LiveDetail(settings, ScreenSize(columns: columns, rows: rows))
            .frame(status, at: Situation.start.wall, event: event, view: &view).lines
    }

    static func withoutColor(_ line: String) -> String { line.replacing(/\u{1B}\[[0-9]+m/, with: "") }
}
