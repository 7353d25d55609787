import DNS
import Lab
import Propagation

/// A world's *story*: the domain's MX over time, and who serves it.
struct Story {
    struct Step {
        var at: Instant
        var mail: LabMail
    }

    /// The MX before all steps.
    var beginning = LabMail.absent
    /// In order of time.
    var steps: [Step] = []
    /// Until the switch the domain is an alias for the old provider's name: the CNAME's TTL; else `nil`.
    var aliasTTL: TTL?
    /// The old servers keep the previous zone, and others take over with a zone of their own.
    var movesDelegation = false
    var switched = SimulatedWorld.origin
    /// The longest lifetime of a copy from before the switch.
    var longestTTL = TTL(seconds: 0)
    /// The zone's numbering, and that of the servers that take over.
    var numbering = SimulatedWorld.Numbering.steps
    var newNumbering = SimulatedWorld.Numbering.steps
    /// When other records are edited.
    var edits: [Instant] = []
    /// Whether the second change restores the serial before the first one, and the third that of the first.
    var goesBack = false
    /// SOA MINIMUM.
    var minimum: UInt32 = 300

    var changes: [Instant] { steps.map(\.at) }
    var lastChange: Instant { max(switched, changes.last ?? switched) }
}

extension WorldDraw {
    private static let usualTTLs = [30, 60, 120, 300, 300, 300, 600, 900, 1800, 1800, 3600, 3600, 7200]
    private static let longTTLs = [3600, 3600, 7200, 7200, 14_400, 14_400, 21_600, 21_600, 43_200, 86_400]

    mutating func drawStory() {
        let isSeen = happens(0.7)
        story.switched = isSeen ? origin + seconds(20...2400) : origin - seconds(10...5400)
        story.minimum = UInt32(pick([30, 60, 300, 900, 3600]))
        story.movesDelegation = isSeen && happens(0.1)
        drawTTLs()
        if !story.movesDelegation { drawReturns() }
    }

    /// Draws the TTLs up to the switch, the switch, and a TTL raised after it.
    private mutating func drawTTLs() {
        let ttl = pick(Self.usualTTLs)
        let longer = max(ttl, pick(Self.longTTLs))
        story.beginning = .hosts("mail.old.it", ttl: ttl)
        switch number(0...9) {
        case 0...3: story.beginning = previousMail(ttl: ttl)
        case 4, 5: lower(from: longer, to: ttl, at: story.switched - .seconds(172_800))
        case 6, 7: lower(from: longer, to: ttl, at: story.switched - seconds(1800...5400))
        default: lower(from: longer, to: ttl, at: min(origin, story.switched) - seconds(60...7200))
        }
        if case .exchanges = story.beginning, story.steps.isEmpty, happens(0.06) {
            story.aliasTTL = TTL(seconds: pick(Self.usualTTLs))
        }
        note(story.beginning)
        if story.movesDelegation { return }
        let target = LabMail.target(ttl: pick(Self.usualTTLs))
        story.steps.append(Story.Step(at: story.switched, mail: target))
        if happens(0.15) {
            let raised = LabMail.target(ttl: pick(Self.longTTLs))
            story.steps.append(Story.Step(at: story.switched + seconds(60...3600), mail: raised))
        }
    }

    private mutating func previousMail(ttl: Int) -> LabMail {
        switch number(0...9) {
        case 0: .absent
        case 1: .null(ttl: TTL(seconds: ttl))
        case 2 where domain != zoneApex: .nonexistent
        case 3: .hosts("mx01.cbsolt.net", "mail.old.it", ttl: ttl)
        default: .hosts("mail.old.it", ttl: ttl)
        }
    }

    private mutating func lower(from longer: Int, to ttl: Int, at instant: Instant) {
        story.beginning = .hosts("mail.old.it", ttl: longer)
        story.steps.append(Story.Step(at: instant, mail: .hosts("mail.old.it", ttl: ttl)))
    }

    /// Draws rollbacks and second switches, some too short for any poll to see.
    ///
    /// These keep the MX's TTL: a longer one than ever seen, over within ten minutes, no watch can know of.
    private mutating func drawReturns() {
        guard happens(0.25) else { return }
        let target = story.steps[story.steps.count - 1].mail
        let usual = story.steps.dropLast().last { $0.at < story.switched }?.mail ?? story.beginning
        let hasOtherTTL = happens(0.2)
        let previous = hasOtherTTL ? .hosts("mail.old.it", ttl: pick(Self.usualTTLs)) : usual
        note(previous)
        for _ in 1...(happens(0.2) ? 2 : 1) {
            let away = story.steps[story.steps.count - 1].at + seconds(20...3600)
            let back = away + (happens(0.5) && !hasOtherTTL ? seconds(20...240) : seconds(660...2400))
            story.steps.append(Story.Step(at: away, mail: previous))
            story.steps.append(Story.Step(at: back, mail: target))
        }
    }

    private mutating func note(_ mail: LabMail) {
        let ttl: TTL =
            switch mail {
            case .exchanges(_, let ttl), .null(let ttl): ttl
            case .absent, .nonexistent: TTL(wire: min(story.minimum, 3600))
            }
        story.longestTTL = max(story.longestTTL, ttl)
        if let aliasTTL = story.aliasTTL { story.longestTTL = max(story.longestTTL, aliasTTL) }
    }
}

extension LabMail {
    /// The MX RRset's TTL; where there is none, the longest negative TTL here.
    var ttl: TTL {
        switch self {
        case .exchanges(_, let ttl), .null(let ttl): ttl
        case .absent, .nonexistent: TTL(seconds: 3600)
        }
    }

    /// The MX after the switch.
    static func target(ttl: Int) -> LabMail { .hosts("mx01.cbsolt.net", "mx02.qboxmail.com", ttl: ttl) }
}

// MARK: - The zone

extension WorldDraw {
    /// The zone with the story's history; where others take over, what the old servers keep of it.
    func zone(nameServers: [DomainName]) -> LabZone {
        var zone = emptyZone(nameServers, story.numbering)
        if let aliasTTL = story.aliasTTL {
            zone.add(ResourceRecord(owner: domain, type: .cname, ttl: aliasTTL, data: .cname(Self.aliasEnd)))
        } else {
            zone.setMail(story.beginning, of: domain)
        }
        var edits = story.edits.sorted()[...]
        func edit(before end: Instant) {
            while let at = edits.first, at < end {
                edits.removeFirst()
                if zone.changes.last.map({ $0 < at }) ?? true { touch(&zone, at: at) }
            }
        }
        for (index, step) in story.steps.enumerated() {
            let mail = step.mail
            edit(before: step.at)
            let isBack = story.goesBack && index == 1
            let last = zone.serial(at: step.at).value
            let next = isBack ? last &- 1 : story.numbering.serial(after: last, at: step.at)
            let serial = SerialNumber(next)
            guard story.aliasTTL != nil else {
                zone.switchMail(at: step.at, to: mail, of: domain, serial: serial)
                continue
            }
            zone.change(at: step.at, serial: serial) { [domain] records in
                records[Question(domain, .cname)] = nil
                guard case .exchanges(let exchanges, let ttl) = mail else { return }
                records[Question(domain, .mx)] = exchanges.map {
                    ResourceRecord(owner: domain, type: .mx, ttl: ttl, data: .mx($0))
                }
            }
        }
        edit(before: Instant(nanoseconds: .max))
        return zone
    }

    /// Edits another record: only the serial shows it.
    private func touch(_ zone: inout LabZone, at instant: Instant) {
        let serial = story.numbering.serial(after: zone.serial(at: instant).value, at: instant)
        zone.change(at: instant, serial: SerialNumber(serial)) { _ in }
    }

    /// The zone of the servers that take over.
    func newZone(nameServers: [DomainName]) -> LabZone {
        var zone = emptyZone(nameServers, story.newNumbering)
        zone.setMail(.target(ttl: 300), of: domain)
        return zone
    }

    /// The zone of the old provider, where an alias leads.
    var aliasZone: LabZone? {
        guard story.aliasTTL != nil else { return nil }
        var zone = LabZone("old.it", nameServers: ["ns1.example.net"])
        zone.setMail(story.beginning, of: Self.aliasEnd)
        return zone
    }

    private static let aliasEnd: DomainName = "customers.old.it"

    private func emptyZone(_ nameServers: [DomainName], _ numbering: SimulatedWorld.Numbering) -> LabZone {
        var zone = LabZone(
            zoneApex, nameServers: nameServers, serial: numbering.first, refresh: refresh,
            retry: UInt32(retry), minimum: story.minimum)
        if domain != zoneApex, story.aliasTTL == nil, story.beginning != .nonexistent {
            zone.add(ResourceRecord(owner: domain, type: .txt, ttl: TTL(seconds: 300), data: .txt([])))
        }
        return zone
    }
}
