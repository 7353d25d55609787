import DNS
import DNSClient

/// An NS RRset, without the names beyond the limit.
struct NameServerSet: Sendable, Equatable {
    /// Each once, in the order of their text.
    var names: [DomainName]
    /// The greatest TTL of its records: a copy may live so long.
    var ttl: TTL

    /// A zone may name this many servers; more are left out. Real zones have up to 13; a hostile one must not
    /// make us ask thousands.
    static let maximumServers = 16

    /// `nil` if none of the records is an NS of this owner.
    init?(of owner: DomainName, in records: [ResourceRecord]) {
        var found: Set<DomainName> = []
        var longest: TTL?
        for record in records where record.owner == owner {
            guard case .ns(let name) = record.data else { continue }
            found.insert(name)
            longest = max(longest ?? record.ttl, record.ttl)
        }
        guard let longest else { return nil }
        names = Array(found.sorted { $0.description < $1.description }.prefix(Self.maximumServers))
        ttl = longest
    }
}

/// A zone, and where its servers are.
struct ZoneServers: Sendable, Equatable {
    var zone: DomainName
    /// One list per server: its addresses, in the order in which to try them.
    var servers: [[Endpoint]]
}

/// What the servers of a zone say about a name in it or below it: who is responsible for the name.
enum Responsibility: Sendable, Equatable {
    /// A zone cut: the servers of the zone below are (RFC 1034 §4.3.2, step 3b).
    case referral(Referral)
    /// The asked servers themselves are, for this zone. If that is a zone below the one whose servers were asked, they
    /// give the zone's own data and not the delegation.
    case own(zone: DomainName)
    /// Nobody: there is no such name.
    case nonexistent
}

/// A delegation as the parent has it.
struct Referral: Sendable, Equatable {
    var zone: DomainName
    var servers: NameServerSet
    /// Addresses of servers whose names are in the parent's bailiwick (RFC 9499 §7), each with its record's TTL. The
    /// parent has no authority over others.
    var glue: [DomainName: [IPAddress: TTL]]
    /// Names that only some of the parent's servers have, of those that refer to the zone.
    var onlyAtSomeServers: [DomainName] = []
}

// MARK: - What one server says

extension Responsibility {
    /// What a server of `parent` answers to `name NS` without recursion.
    ///
    /// `nil` if it says nothing: a failure, a referral upwards, an answer from a cache.
    init?(_ message: Message, about name: DomainName, from parent: DomainName) {
        guard message.responseCode == .noError || message.responseCode == .nameError else { return nil }
        if let referral = Referral(message, for: name, from: parent) {
            self = .referral(referral)
            return
        }
        guard message.isAuthoritative else { return nil }
        if NameServerSet(of: name, in: message.answer) != nil {
            // A name that has records exists.
            guard message.responseCode == .noError else { return nil }
            self = .own(zone: name)
            return
        }
        let owner = AuthorityDiscovery.zone(of: name, in: message) ?? parent
        let zone = owner.isAtOrBelow(parent) ? owner : parent
        self = message.responseCode == .nameError && zone == parent ? .nonexistent : .own(zone: zone)
    }
}

extension Referral {
    fileprivate init?(_ message: Message, for name: DomainName, from parent: DomainName) {
        guard message.responseCode == .noError, message.answer.isEmpty,
            let cut = message.authority.first(where: { $0.type == .ns })?.owner,
            name.isAtOrBelow(cut), cut.isAtOrBelow(parent), cut != parent,
            let servers = NameServerSet(of: cut, in: message.authority)
        else { return nil }
        zone = cut
        self.servers = servers
        glue = [:]
        for record in message.additional
        where servers.names.contains(record.owner) && record.owner.isAtOrBelow(parent) {
            guard let address = record.serverAddress else { continue }
            glue[record.owner, default: [:]].note(record.ttl, of: address)
        }
    }
}

// MARK: - What all of them say together

extension Responsibility {
    /// A resolver may ask any of the servers, so every referral counts. A server with an old zone does not know a new name
    /// yet: its denial counts only if no other server knows the name.
    ///
    /// `nil` if none said anything.
    init?(joining said: [Responsibility]) {
        var referrals: [Referral] = []
        var zones: [DomainName] = []
        for one in said {
            switch one {
            case .referral(let referral): referrals.append(referral)
            case .own(let zone): zones.append(zone)
            case .nonexistent: break
            }
        }
        if let referral = Referral(joining: referrals) {
            self = .referral(referral)
        } else if let zone = zones.max(by: { $0.wire.count < $1.wire.count }) {
            self = .own(zone: zone)
        } else if said.isEmpty {
            return nil
        } else {
            self = .nonexistent
        }
    }
}

extension Referral {
    /// Everything that any of them names, of those that refer to the zone closest to the name; `nil` if there
    /// is none.
    fileprivate init?(joining all: [Referral]) {
        guard var joined = all.max(by: { $0.zone.wire.count < $1.zone.wire.count }) else { return nil }
        let same = all.filter { $0.zone == joined.zone }
        for other in same {
            joined.servers.form(unionWith: other.servers)
            for (name, addresses) in other.glue {
                for (address, ttl) in addresses { joined.glue[name, default: [:]].note(ttl, of: address) }
            }
        }
        joined.onlyAtSomeServers = joined.servers.names.filter { name in
            !same.allSatisfy { $0.servers.names.contains(name) }
        }
        self = joined
    }
}

extension NameServerSet {
    fileprivate mutating func form(unionWith other: NameServerSet) {
        names = Set(names).union(other.names).sorted { $0.description < $1.description }
        ttl = max(ttl, other.ttl)
    }
}
