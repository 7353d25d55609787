import DNS
import Propagation

extension Monitor {
    /// Questions that the sweeps under way may hold at once, a little more than a client sends at once by default:
    /// enough to keep it busy, few enough that memory does not grow with the list of domains.
    static let questionsAtOnce = 1_250
    static let domainsAtOnce = 2...256
    /// What a check asks a resolver about a domain that has not switched: MX and SOA.
    package static let questionsOfFirstPart = 2
    /// How far the order of output may hold finished domains back, in windows.
    static let windowsAhead = 4

    /// Checks many domains, a window of them at a time, and hands each over in the list's order.
    ///
    /// - Parameters:
    ///   - isRemembered: whether a later run goes on from what is learnt.
    ///   - begin: what is known of a domain when its sweep begins; nothing, if left out.
    ///   - take: gets the domain's index and what was learnt.
    /// - Throws: what `begin` or `take` throws; that ends the run.
    package func checkAll(
        _ domains: [DomainName], samples: Int, isRemembered: Bool = true,
        begin: ((DomainName) throws -> DomainTracker)? = nil, take: (Int, CheckResult) throws -> Void
    ) async throws {
        let questions = resolvers.count * Self.questionsOfFirstPart + 4
        try await forAll(
            domains, questions: questions, begin: begin ?? tracker(for:),
            look: { await check($0, samples: samples, isRemembered: isRemembered) }, take: take)
    }

    /// Looks at many domains, a window of them at a time, and hands what was learnt over in the list's order.
    ///
    /// - Parameters:
    ///   - questions: how many one look has on their way at once, at most.
    ///   - begin: what is known of a domain when its look begins.
    func forAll<Known: Sendable, Learnt: Sendable>(
        _ domains: [DomainName], questions: Int, begin: (DomainName) throws -> Known,
        look: @escaping @Sendable (Known) async -> Learnt, take: (Int, Learnt) throws -> Void
    ) async throws {
        let window = min(
            max(Self.questionsAtOnce / questions, Self.domainsAtOnce.lowerBound),
            Self.domainsAtOnce.upperBound)
        try await withThrowingTaskGroup(of: (Int, Learnt).self) { group in
            var next = 0
            var handedOver = 0
            var running = 0
            var finished: [Int: Learnt] = [:]
            while handedOver < domains.count {
                while running < window, next < domains.count, next - handedOver < window * Self.windowsAhead {
                    let (index, start) = (next, try begin(domains[next]))
                    group.addTask { (index, await look(start)) }
                    next += 1
                    running += 1
                }
                guard let (index, learnt) = try await group.next() else { return }
                running -= 1
                finished[index] = learnt
                while let learnt = finished.removeValue(forKey: handedOver) {
                    try take(handedOver, learnt)
                    handedOver += 1
                }
            }
        }
    }
}
