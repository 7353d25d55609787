import DNS

/// *Sightings*: what the watch was shown, as the judge reads it from the very messages.
package struct Sightings: Sendable {
    /// What one answer says about where mail goes.
    package enum Answer: Hashable, Sendable {
        case target
        /// Something else, with the lifetime of its copies.
        case other(lifetime: TTL, isNegative: Bool)
        /// Not informative.
        case nothing
    }

    /// What one server told.
    struct Server: Sendable {
        /// When the question of its last authoritative answer left, and what that said.
        var asked: Instant?
        var told = Answer.nothing
        /// When it last told something else, before it first told the target.
        var otherAt: Instant?
        /// When it last told something else.
        var lastOtherAt: Instant?
        var hasToldTarget = false
    }

    /// What one resolver told.
    struct Resolver: Sendable {
        /// Its last answer, and the last informative one.
        var last = Answer.nothing
        var lastInformative = Answer.nothing
        var informedAt: Instant?
        /// When the last copy of something else that it showed expires.
        var aliveUntil: Instant?
        /// When it last showed something else.
        var otherAt: Instant?
        /// Target answers since the last other one.
        var targetsInARow = 0
    }

    private(set) var servers: [Int: Server] = [:]
    private(set) var resolvers: [Int: Resolver] = [:]
    /// When the oldest answered question of the last complete poll left.
    private(set) var pollAsked: Instant?
    /// The same of any poll, complete or not.
    private(set) var lastAsked: Instant?
    /// When the last authoritative server to tell something first did.
    private(set) var lastFirstTold: Instant?
    /// The longest lifetime of something else that a non-optional resolver showed, or a server told.
    private(set) var longestShown: TTL?
    /// The latest expiry of a copy that such a resolver showed.
    private(set) var latestCopyEnd: Instant?
    /// Copies of something else that resolvers showed: when first seen, and their expiry.
    private(set) var copies: [(seen: Instant, until: Instant)] = []
    /// Name servers in copies of the NS RRset that resolvers gave.
    private(set) var namesInCopies: Set<DomainName> = []

    /// Whether a server gave a negative answer, and whether one went back to something else.
    private var hasToldAbsence = false
    private var hasComeBack = false

    /// Whether `copies` is kept: a hidden server's are needed.
    private let keepsCopies: Bool
    private let domain: DomainName
    private let accepted: Set<DomainName>
    private let optionalResolvers: Set<Int>

    package init(_ facts: WorldFacts) {
        keepsCopies = facts.hiddenServer != nil
        domain = facts.domain
        accepted = facts.accepted
        optionalResolvers = facts.optionalResolvers
    }

    /// Takes in an answer of a resolver about the MX; `nil` for silence.
    package mutating func note(resolver index: Int, _ message: Message?, at instant: Instant) {
        var resolver = resolvers[index] ?? Resolver()
        resolver.last = answer(message)
        switch resolver.last {
        case .nothing: break
        case .target: resolver.targetsInARow += 1
        case .other(let lifetime, let isNegative):
            resolver.targetsInARow = 0
            resolver.otherAt = instant
            let end = instant + lifetime.duration
            resolver.aliveUntil = max(resolver.aliveUntil ?? end, end)
            if keepsCopies,
                !copies.contains(where: { end < $0.until + .seconds(2) && $0.until < end + .seconds(2) })
            {
                copies.append((instant, end))
            }
            if !optionalResolvers.contains(index) {
                noteEvidence(lifetime, isNegative: isNegative, until: end)
            }
        }
        if message?.responseCode == .nameError { resolver.otherAt = instant }
        if resolver.last != .nothing {
            resolver.lastInformative = resolver.last
            resolver.informedAt = instant
        }
        resolvers[index] = resolver
    }

    /// Keeps evidence of the time before the watch: not what came back later, nor an absence that no server
    /// told.
    private mutating func noteEvidence(_ lifetime: TTL, isNegative: Bool, until: Instant?) {
        if hasComeBack || (isNegative && !hasToldAbsence) { return }
        longestShown = max(longestShown ?? lifetime, lifetime)
        if let until { latestCopyEnd = max(latestCopyEnd ?? until, until) }
    }

    package mutating func note(nameServers message: Message?) {
        for record in message?.answer ?? [] {
            if case .ns(let name) = record.data { namesInCopies.insert(name) }
        }
    }

    /// Takes in one poll's answers about the MX, with the instants at which the questions left.
    ///
    /// - Parameter isComplete: whether every server was asked.
    package mutating func note(
        poll answers: [(server: Int, message: Message?, asked: Instant)], isComplete: Bool,
        at instant: Instant
    ) {
        var oldest: Instant?
        for (index, message, asked) in answers {
            guard let message, message.isAuthoritative else { continue }
            let told = answer(message)
            guard told != .nothing else { continue }
            var server = servers[index] ?? Server()
            if server.asked == nil { lastFirstTold = instant }
            if case .other(let lifetime, let isNegative) = told {
                if isNegative { hasToldAbsence = true }
                server.lastOtherAt = asked
                if server.hasToldTarget { hasComeBack = true } else { server.otherAt = asked }
                noteEvidence(lifetime, isNegative: isNegative, until: nil)
            }
            if told == .target { server.hasToldTarget = true }
            (server.asked, server.told) = (asked, told)
            servers[index] = server
            oldest = min(oldest ?? asked, asked)
        }
        lastAsked = oldest ?? lastAsked
        if isComplete { pollAsked = oldest ?? pollAsked }
    }

    private func answer(_ message: Message?) -> Answer {
        guard let message, message.responseCode == .noError || message.responseCode == .nameError,
            message.edns?.extendedErrors.isEmpty ?? true
        else { return .nothing }
        var exchanges: [DomainName] = []
        var longest = TTL(seconds: 0)
        for record in message.answer {
            longest = max(longest, record.ttl)
            if case .mx(let exchange) = record.data { exchanges.append(exchange.exchange) }
        }
        if !exchanges.isEmpty {
            let isTarget = message.responseCode == .noError && exchanges.allSatisfy(accepted.contains)
            return isTarget ? .target : .other(lifetime: longest, isNegative: false)
        }
        for record in message.authority {
            guard case .soa(let start) = record.data else { continue }
            guard domain.isAtOrBelow(record.owner) || longest.seconds > 0 else { return .nothing }
            let negative = min(min(record.ttl, TTL(wire: start.minimum)), TTL(seconds: 10_800))
            return .other(lifetime: max(longest, negative), isNegative: true)
        }
        return .nothing
    }
}
