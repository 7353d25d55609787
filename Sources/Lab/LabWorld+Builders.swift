import DNS

extension LabWorld {
    /// One plain resolver per delay, which takes exactly so long, and one authoritative server.
    ///
    /// - Parameters:
    ///   - domains: Each is a zone with the mail of `mail`.
    ///   - mail: What the domains serve at first. A test switches it through `authorities[0].zones`.
    package static func plain(
        delays: [Duration], domains: [DomainName] = ["example.it"],
        mail: LabMail = .hosts("mx01.cbsolt.net", "mx02.qboxmail.com", ttl: 300), seed: UInt64 = 1
    ) -> LabWorld {
        let zones = domains.map { domain in
            var zone = LabZone(domain, nameServers: ["ns1.example.net"])
            zone.setMail(mail)
            return zone
        }
        let resolvers = delays.enumerated().map { index, delay in
            LabResolver("plain-\(index + 1)", manners: .delayed(delay))
        }
        return LabWorld(
            authorities: [LabAuthority("ns1.example.net", zones: zones)], resolvers: resolvers, seed: seed)
    }

    /// One authoritative server with one zone, whose mail switches at an instant, and the given resolvers.
    package static func switching(
        _ domain: DomainName = "example.it", from old: LabMail, to new: LabMail, at instant: Instant,
        resolvers: [LabResolver], minimum: UInt32 = 300, seed: UInt64 = 1
    ) -> LabWorld {
        var zone = LabZone(domain, nameServers: ["ns1.example.net"], minimum: minimum)
        zone.setMail(old)
        zone.switchMail(at: instant, to: new)
        return LabWorld(
            authorities: [LabAuthority("ns1.example.net", zones: [zone])], resolvers: resolvers, seed: seed)
    }
}
