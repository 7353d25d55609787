import DNS
import Propagation

extension Monitor {
    /// How many questions the running sweeps may have together: a little more than a client sends at once by default. It
    /// keeps the client busy, and memory does not grow with the list of domains.
    static let questionsAtOnce = 1_250
    static let domainsAtOnce = 2...256
    /// Few resolvers are asked about several domains in one batch, so that a batch has about so many questions:
    /// what a batch costs, above all its way to the client's thread and back, is then little for a domain. Fewer
    /// if authoritative servers are asked: a domain whose servers are dead holds up those of its batch.
    private var questionsOfABatch: Int { settings.authority == .none ? 32 : 8 }
    /// What a check asks a resolver about a domain that has not switched: MX and SOA.
    package static let questionsOfFirstPart = 2
    /// How many windows of finished domains may wait for their turn in the output.
    static let windowsAhead = 4

    /// Checks many domains, a window of them at a time, and hands each over in the list's order.
    ///
    /// - Parameters:
    ///   - isRemembered: whether a later run continues from this one.
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
            together: max(1, questionsOfABatch / (max(1, resolvers.count) * Self.questionsOfFirstPart)),
            look: { await check($0, samples: samples, isRemembered: isRemembered) }, take: take)
    }

    /// Looks at many domains, a window of them at a time, and hands what was learnt over in the list's order.
    ///
    /// - Parameters:
    ///   - questions: how many the look at one domain has on their way at once, at most.
    ///   - begin: what is known of a domain when its look begins.
    ///   - together: so many domains are looked at in one go, at most.
    ///   - look: what was learnt, in the order of what it is given.
    func forAll<Known: Sendable, Learnt: Sendable>(
        _ domains: [DomainName], questions: Int, begin: (DomainName) throws -> Known, together: Int,
        look: @escaping @Sendable ([Known]) async -> [Learnt], take: (Int, Learnt) throws -> Void
    ) async throws {
        let window = min(
            max(Self.questionsAtOnce / questions, Self.domainsAtOnce.lowerBound),
            Self.domainsAtOnce.upperBound)
        try await withThrowingTaskGroup(of: (Range<Int>, [Learnt]).self) { group in
            var next = 0
            var handedOver = 0
            var running = 0
            var finished: [Int: [Learnt]] = [:]
            while handedOver < domains.count {
                while running < window, next < domains.count, next - handedOver < window * Self.windowsAhead {
                    let batch = next..<min(next + together, domains.count)
                    let known = try domains[batch].map(begin)
                    group.addTask { (batch, await look(known)) }
                    next = batch.upperBound
                    running += batch.count
                }
                guard let (batch, learnt) = try await group.next() else { return }
                running -= batch.count
                finished[batch.lowerBound] = learnt
                while let learnt = finished.removeValue(forKey: handedOver) {
                    for (offset, learnt) in learnt.enumerated() { try take(handedOver + offset, learnt) }
                    handedOver += learnt.count
                }
            }
        }
    }
}
