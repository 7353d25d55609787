import DNS
import Lab
import Propagation

/// Reads a scenario's statements, and makes the world of them.
struct ScenarioParser {
    struct Authority {
        /// The scenario's word for it; the server's name unless that is given apart.
        var label: String
        var name: DomainName
        var lag: Duration = .zero
        var backEnds: [Duration] = []
        var front: LabAuthority.Front?
        var missingAuthority = 0
        /// Its own numbering, where it is another provider's.
        var numbering: SimulatedWorld.Numbering?
        var conduct = LabAuthority.Conduct.authoritative
        var keepsOld = false
        var servesNew = false
        var link = Link()
        /// What happens at this server alone.
        var steps: [Step] = []
    }

    struct Resolver {
        var resolver: LabResolver
        var link = Link()
        var age: Duration?
        var isEmpty = false
        var isOptional = false
    }

    /// Something that happens to the zone.
    struct Step {
        enum Kind {
            case switched, rollback, touch
            case ttl(TTL)
            case mail(LabMail)
        }
        var line: Int
        var at: Instant
        var kind: Kind
        /// The zone's serial from then on; one more than before where not given.
        var serial: SerialNumber?
    }

    /// Whom the parent delegates to from an instant on, by the servers' labels.
    struct Delegated {
        var line: Int
        var at: Instant?
        var names: [Substring] = []
        var glue: [Substring] = []
        var behind: [Substring] = []
        var ttl = TTL(seconds: 0)
        var addressTTL: TTL?
    }

    var title = ""
    var domain: DomainName = "example.it"
    var before = LabMail.absent
    var after = LabMail.hosts("mx01.cbsolt.net", ttl: 300)
    var alias: (name: DomainName, ttl: TTL)?
    var minimum: UInt32 = 300
    var refresh: UInt32 = 3600
    var retry: UInt32 = 0
    var authorities: [Authority] = []
    var resolvers: [Resolver] = []
    var steps: [Step] = []
    var delegations: [Delegated] = []
    var rotating: (line: Int, names: [Substring])?
    var numbering: SimulatedWorld.Numbering?
    /// How often other records are edited, and how often a run begins.
    var touchInterval: Duration?
    var runInterval: Duration?
    var visits: [SimulatedWorld.Visit] = []
    var sleeps: [Range<Instant>] = []
    var interruptions: [Range<Instant>] = []
    var wallSteps: [SimulatedWorld.WallStep] = []
    var watch = WatchPlan()
    var expectations: [Scenario.Expectation] = []
    var end: Instant?

    mutating func read(_ words: inout ScenarioWords, text: Substring) throws(ScenarioError) {
        let statement =
            "a statement: title, domain, authority, mx, alias, minimum, refresh, retry, serials, delegation, "
            + "rotating, resolver, watch, at, every, from, expect or end"
        let word = try words.take(statement)
        switch word {
        case "title":
            _ = words.takeAll()
            title = String(text.drop { $0 == " " }.dropFirst("title ".count))
        case "domain": domain = try words.name()
        case "authority": try readAuthority(&words)
        case "mx": try readMail(&words)
        case "alias":
            let name = try words.name()
            try words.require("ttl")
            alias = (name, try words.ttl())
        case "minimum": minimum = try words.ttl().seconds
        case "refresh": refresh = try words.ttl().seconds
        case "retry": retry = try words.ttl().seconds
        case "serials": numbering = try Self.numbering(&words)
        case "delegation": delegations.append(try readDelegation(&words, at: nil))
        case "rotating": rotating = (words.line, words.takeAll())
        case "resolver": try readResolver(&words)
        case "watch": try readWatch(&words)
        case "at": try readStep(&words)
        case "every": try readEvery(&words)
        case "from": try readFault(&words)
        case "expect": expectations.append(try readExpectation(&words))
        case "end": end = try words.time()
        default: throw words.fault(statement, found: "'\(word)'")
        }
    }

    private mutating func readAuthority(_ words: inout ScenarioWords) throws(ScenarioError) {
        let label = words.next.map(String.init) ?? ""
        var authority = Authority(label: label, name: try words.name())
        while !words.isEmpty {
            let word = try words.take("an option")
            switch word {
            case "named": authority.name = try words.name()
            case "lag": authority.lag = try words.duration()
            case "back-end": authority.backEnds.append(try words.duration())
            case "front":
                let period = try words.duration()
                authority.front = LabAuthority.Front(caches: 4, period: Int(period.inSeconds))
            case "aa-missing": authority.missingAuthority = Int((try words.percent() * 100).rounded())
            case "serials": authority.numbering = try Self.numbering(&words)
            case "silent": authority.link.faults = [Link.Fault(.silent, during: .always)]
            case "lame": authority.conduct = .lame
            case "without-authority": authority.conduct = .withoutAuthority
            case "keeps-old": authority.keepsOld = true
            case "serves-new": authority.servesNew = true
            case "delay": authority.link.delay = Self.exactly(try words.duration())
            case "loss": authority.link.loss = try words.percent()
            default:
                throw words.fault(
                    "named, lag, back-end, front, aa-missing, serials, silent, lame, without-authority, keeps-old, "
                        + "serves-new, delay or loss",
                    found: "'\(word)'")
            }
        }
        authorities.append(authority)
    }

    private static func numbering(
        _ words: inout ScenarioWords
    ) throws(ScenarioError) -> SimulatedWorld.Numbering {
        let word = try words.take("steps, date, clock or fixed")
        switch word {
        case "steps": return .steps
        case "date": return .date
        case "clock": return .clock
        case "fixed": return .fixed
        default: throw words.fault("steps, date, clock or fixed", found: "'\(word)'")
        }
    }

    private mutating func readEvery(_ words: inout ScenarioWords) throws(ScenarioError) {
        let interval = try words.duration()
        let word = try words.take("touch or run")
        switch word {
        case "touch": touchInterval = interval
        case "run": runInterval = interval
        default: throw words.fault("touch or run", found: "'\(word)'")
        }
    }

    private mutating func readResolver(_ words: inout ScenarioWords) throws(ScenarioError) {
        let name = String(try words.take("a resolver's name"))
        var (caches, isByPort, policy) = (1, false, CachePolicy())
        var new = Resolver(resolver: LabResolver(name))
        while !words.isEmpty {
            let word = try words.take("an option")
            switch word {
            case "caches": caches = try words.number(1...32)
            case "by-port": isByPort = true
            case "cap": policy.cap = try words.ttl()
            case "floor": policy.floor = try words.ttl()
            case "negative-cap": policy.negativeCap = try words.ttl()
            case "prefetch": policy.prefetches = true
            case "parent": new.resolver.isParentCentric = true
            case "stale", "stale-unsaid":
                policy.serveStale = CachePolicy.ServeStale(
                    refreshesAfter: try words.duration(), saysSo: word == "stale")
            case "optional": new.isOptional = true
            case "age": new.age = try words.duration()
            case "empty": new.isEmpty = true
            case "delay": new.link.delay = Self.exactly(try words.duration())
            case "loss": new.link.loss = try words.percent()
            default:
                throw words.fault(
                    "caches, by-port, cap, floor, negative-cap, prefetch, parent, stale, stale-unsaid, "
                        + "optional, age, empty, delay or loss", found: "'\(word)'")
            }
        }
        let isParentCentric = new.resolver.isParentCentric
        new.resolver = LabResolver(
            name, cacheCount: caches, balancing: isByPort ? .sourcePort : .random, policy: policy)
        new.resolver.isParentCentric = isParentCentric
        resolvers.append(new)
    }

    private mutating func readMail(_ words: inout ScenarioWords) throws(ScenarioError) {
        let when = try words.take("'before' or 'after'")
        switch when {
        case "before": before = try Self.mail(&words)
        case "after": after = try Self.mail(&words)
        default: throw words.fault("'before' or 'after'", found: "'\(when)'")
        }
    }

    /// `10 mx01.cbsolt.net, 50 mail.old.it ttl 300`, `none`, `null ttl 300` or `nxdomain`.
    static func mail(_ words: inout ScenarioWords) throws(ScenarioError) -> LabMail {
        if words.takes("none") { return .absent }
        if words.takes("nxdomain") { return .nonexistent }
        if words.takes("null") {
            try words.require("ttl")
            return .null(ttl: try words.ttl())
        }
        var exchanges: [MailExchange] = []
        repeat {
            let preference = try words.number(0...Int(UInt16.max))
            exchanges.append(MailExchange(preference: UInt16(preference), exchange: try words.name()))
        } while !words.isEmpty && words.next != "ttl"
        try words.require("ttl")
        return .exchanges(exchanges, ttl: try words.ttl())
    }

    private mutating func readWatch(_ words: inout ScenarioWords) throws(ScenarioError) {
        while !words.isEmpty {
            let word = try words.take("an option")
            switch word {
            case "settle": watch.policy.settle = try words.duration()
            case "confirmations": watch.policy.confirmations = try words.number(Policy.confirmationRange)
            case "quorum": watch.policy.quorum = try words.number(Policy.quorumRange)
            case "previous-ttl": watch.policy.previousTTL = try words.ttl()
            case "published-at": watch.publishedAt = try words.time()
            case "name-servers-since": watch.nameServersSince = try words.time()
            case "said-again": watch.isSaidAgain = true
            case "later-ttl": watch.laterTTL = try words.ttl()
            case "no-authority": watch.asksAuthority = false
            case "until":
                let name = try words.take("a condition")
                guard let condition = Condition(rawValue: String(name)) else {
                    throw words.fault(
                        Condition.allCases.map(\.rawValue).joined(separator: ", "), found: "'\(name)'")
                }
                watch.condition = condition
            default:
                throw words.fault(
                    "settle, confirmations, quorum, previous-ttl, published-at, name-servers-since, said-again, "
                        + "later-ttl, "
                        + "no-authority or until", found: "'\(word)'")
            }
        }
    }

    private static func exactly(_ delay: Duration) -> ClosedRange<Duration> { delay...delay }
}
