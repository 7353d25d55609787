import DNS

/// A zone with its whole history and its future changes: what it says from which instant on.
///
/// A zone is a value without a clock: `find(_:at:)` says what a server that has the zone's state of
/// that instant finds. An NS RRset below the apex is a zone cut, whose addresses are glue.
package struct LabZone: Sendable {
    /// The records by owner and type, as they stand from one instant on.
    package typealias Records = [Question: [ResourceRecord]]

    private struct Version: Sendable {
        var since: Instant
        var serial: SerialNumber
        var records: Records
        /// Every name in the zone, also empty ones between names (RFC 4592 §2.2.2).
        var names: Set<DomainName>
    }

    package let apex: DomainName
    private let refresh: UInt32
    private let retry: UInt32
    private let minimum: UInt32
    private let ttl: TTL
    private let nameServers: [DomainName]
    private var versions: [Version] = []

    /// A zone with its SOA and NS RRsets and nothing else.
    ///
    /// - Parameters:
    ///   - nameServers: The first of them is the primary.
    ///   - refresh: SOA REFRESH, in seconds.
    ///   - retry: SOA RETRY, in seconds.
    ///   - minimum: SOA MINIMUM, in seconds: with the SOA's TTL the limit of negative caching (RFC 2308 §4).
    ///   - ttl: The TTL of SOA and NS.
    package init(
        _ apex: DomainName, nameServers: [DomainName], serial: UInt32 = 1, refresh: UInt32 = 3600,
        retry: UInt32 = 0, minimum: UInt32 = 300, ttl: TTL = TTL(seconds: 3600)
    ) {
        self.apex = apex
        self.refresh = refresh
        self.retry = retry
        self.minimum = minimum
        self.ttl = ttl
        self.nameServers = nameServers
        let servers = nameServers.map { ResourceRecord(owner: apex, type: .ns, ttl: ttl, data: .ns($0)) }
        append(
            [Question(apex, .ns): servers], since: Instant(nanoseconds: .min), serial: SerialNumber(serial))
    }

    /// Adds records that are there from the beginning; to be called before any change is scheduled.
    package mutating func add(_ records: ResourceRecord...) {
        precondition(versions.count == 1, "records from the beginning come before the first change")
        var all = versions[0].records
        for record in records { all[Question(record.owner, record.type), default: []].append(record) }
        replaceBeginning(by: all)
    }

    /// Adds an A or AAAA record that is there from the beginning.
    package mutating func add(_ name: DomainName, _ address: IPAddress, ttl: Int = 3600) {
        add(
            ResourceRecord(
                owner: name, type: address.isV6 ? .aaaa : .a, ttl: TTL(seconds: ttl), data: .address(address))
        )
    }

    /// Sets the first answer for the mail of a name (the apex if `nil`).
    package mutating func setMail(_ mail: LabMail, of name: DomainName? = nil) {
        precondition(versions.count == 1, "the mail from the beginning comes before the first change")
        var all = versions[0].records
        Self.put(mail, name ?? apex, &all)
        replaceBeginning(by: all)
    }

    /// Schedules another answer for the mail of a name (the apex if `nil`) from `instant` on.
    ///
    /// - Parameter serial: The new serial; one more than before if `nil`.
    package mutating func switchMail(
        at instant: Instant, to mail: LabMail, of name: DomainName? = nil, serial: SerialNumber? = nil
    ) {
        let name = name ?? apex
        change(at: instant, serial: serial) { Self.put(mail, name, &$0) }
    }

    /// Schedules any change of the records; changes are scheduled in the order in which they happen.
    package mutating func change(
        at instant: Instant, serial: SerialNumber? = nil, _ change: (inout Records) -> Void
    ) {
        let last = versions[versions.count - 1]
        precondition(last.since < instant, "changes are scheduled in order")
        var records = last.records
        change(&records)
        append(records, since: instant, serial: serial ?? SerialNumber(last.serial.value &+ 1))
    }

    /// Schedules a rollback: the records from before the last change return with a new serial.
    package mutating func rollBack(at instant: Instant, serial: SerialNumber? = nil) {
        precondition(versions.count > 1, "there is nothing to take back")
        let former = versions[versions.count - 2].records
        change(at: instant, serial: serial) { $0 = former }
    }

    /// The instants at which the zone changes, in order.
    package var changes: [Instant] { versions.dropFirst().map(\.since) }

    /// The serial at `instant`.
    package func serial(at instant: Instant) -> SerialNumber { version(at: instant).serial }

    /// What the zone's state of `instant` says about a question whose name lies in the zone.
    package func find(_ question: Question, at instant: Instant) -> LabFinding {
        guard question.name.isAtOrBelow(apex) else { return .failure(.refused) }
        let version = version(at: instant)
        if let referral = referral(for: question.name, in: version) { return referral }
        if let found = match(question, owner: question.name, in: version) { return found }
        let start = startOfAuthority(version)
        if version.names.contains(question.name) { return .noData(start) }
        return wildcard(question, in: version) ?? .nameError(start)
    }

    private func version(at instant: Instant) -> Version {
        versions.last { $0.since <= instant } ?? versions[0]
    }

    private func referral(for name: DomainName, in version: Version) -> LabFinding? {
        var cut: [ResourceRecord]?
        var position = name
        while position != apex, let parent = position.parent {
            cut = version.records[Question(position, .ns)] ?? cut
            position = parent
        }
        guard let cut else { return nil }
        let glue = cut.flatMap { record -> [ResourceRecord] in
            guard case .ns(let server) = record.data else { return [] }
            return [RecordType.a, .aaaa].flatMap { version.records[Question(server, $0)] ?? [] }
        }
        return .referral(cut, glue: glue)
    }

    private func match(_ question: Question, owner: DomainName, in version: Version) -> LabFinding? {
        if question.name == apex, question.type == .soa, version.names.contains(apex) {
            return .records([startOfAuthority(version)])
        }
        if let records = version.records[Question(owner, question.type)] {
            return .records(records.map { Self.renamed($0, question.name) })
        }
        if let record = version.records[Question(owner, .cname)]?.first, case .cname(let target) = record.data
        {
            return .alias(Self.renamed(record, question.name), to: target)
        }
        return nil
    }

    /// Synthesis from `*` at the closest encloser (RFC 4592 §3.3.1).
    private func wildcard(_ question: Question, in version: Version) -> LabFinding? {
        var encloser = question.name.parent
        while let name = encloser, name.isAtOrBelow(apex), !version.names.contains(name) {
            encloser = name.parent
        }
        guard let encloser, let wildcard = try? DomainName(labels: [[UInt8(ascii: "*")]] + encloser.labels),
            version.names.contains(wildcard)
        else { return nil }
        return match(question, owner: wildcard, in: version) ?? .noData(startOfAuthority(version))
    }

    private func startOfAuthority(_ version: Version) -> ResourceRecord {
        let start = StartOfAuthority(
            primary: nameServers.first ?? apex, serial: version.serial, refresh: refresh,
            retry: retry, minimum: minimum)
        return ResourceRecord(owner: apex, type: .soa, ttl: ttl, data: .soa(start))
    }

    private static func renamed(_ record: ResourceRecord, _ owner: DomainName) -> ResourceRecord {
        ResourceRecord(owner: owner, type: record.type, ttl: record.ttl, data: record.data)
    }

    private static func put(_ mail: LabMail, _ name: DomainName, _ records: inout Records) {
        let key = Question(name, .mx)
        switch mail {
        case .exchanges(let exchanges, let ttl):
            records[key] = exchanges.map { ResourceRecord(owner: name, type: .mx, ttl: ttl, data: .mx($0)) }
        case .null(let ttl):
            let null = MailExchange(preference: 0, exchange: .root)
            records[key] = [ResourceRecord(owner: name, type: .mx, ttl: ttl, data: .mx(null))]
        case .absent: records[key] = nil
        case .nonexistent: records = records.filter { $0.key.name != name }
        }
    }

    private mutating func replaceBeginning(by records: Records) {
        let beginning = versions.removeFirst()
        append(records, since: beginning.since, serial: beginning.serial)
    }

    private mutating func append(_ records: Records, since: Instant, serial: SerialNumber) {
        var names: Set<DomainName> = []
        for key in records.keys {
            var name: DomainName? = key.name
            while let present = name, present != apex, names.insert(present).inserted {
                name = present.parent
            }
            if key.name == apex { names.insert(apex) }
        }
        versions.append(Version(since: since, serial: serial, records: records, names: names))
    }
}
