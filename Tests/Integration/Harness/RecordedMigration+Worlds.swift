import DNS
import Propagation
import Storytelling

extension RecordedMigration {
    private static let names = [
        "google", "cloudflare", "quad9", "opendns", "verisign", "dns0-zero", "controld", "adguard-unfiltered",
        "cleanbrowsing-security", "yandex", "alidns", "nextdns", "telecom-italia", "fastweb", "neustar",
        "safedns",
    ]

    /// A few hours: a TTL lowered two days ahead, one slow secondary, an overdue resolver, one that flaps, one that
    /// fails for a while, one that does not count, one that is no longer asked, and a pause in which nobody looked.
    static var hours: Chronicle {
        var migration = RecordedMigration(first: 172_800, last: 11_400, phase: .secondPassSafe)
        migration.server(1, ttl: 86_400, lowered: (to: 3600, at: -170_000), switched: 5)
        migration.server(2, ttl: 86_400, lowered: (to: 3600, at: -169_400), switched: 245)
        migration.level(.published, at: 275)
        for index in 0..<22 {
            let name = index < names.count ? names[index] : "resolver-\(index)"
            migration.resolver(name, "198.51.100.\(index + 1)", flip: 20 + migration.draw(below: 3400))
        }
        let flapping = migration.chronicle.resolvers[3].server
        migration.add(200, .transition(flapping, from: .previous, to: .mixed, .init()))
        migration.resolver("stretching", "198.51.100.40", flip: 4620, clearAfter: 20)
        migration.add(3900, .overdue(migration.chronicle.resolvers[22].server, true))
        migration.add(4620, .overdue(migration.chronicle.resolvers[22].server, false))
        let failing = migration.chronicle.resolvers[5].server
        migration.add(60, .transition(failing, from: .previous, to: .failing, .init()))
        migration.add(190, .transition(failing, from: .failing, to: .previous, .init()))
        migration.resolver("office", "[2001:db8::53]:53", flip: 900, exclusion: .optional)
        migration.resolver("gone", "198.51.100.50", flip: nil)
        migration.chronicle.resolvers[24].checkedAt = time(1900)
        migration.level(.propagated, at: 4640)
        migration.level(.secondPassSafe, at: 11_050)
        migration.finish(bound: 3845)
        migration.chronicle.standing.counted = 23
        migration.chronicle.looks = [
            .init(from: time(-172_800), to: time(-169_000)), .init(from: time(-600), to: time(5200)),
            .init(from: time(7000), to: time(11_400)),
        ]
        return migration.chronicle
    }

    /// Twenty minutes with one resolver; the second pass is not reached.
    static var single: Chronicle {
        var migration = RecordedMigration(first: 120, last: 1080, phase: .propagated)
        migration.server(1, ttl: 600, switched: 12)
        migration.level(.published, at: 12)
        migration.resolver("unbound", "127.0.0.1:5353", flip: 590, clearAfter: 10)
        migration.level(.propagated, at: 600)
        migration.finish(bound: 612)
        return migration.chronicle
    }

    /// Eight days with sixty resolvers: the change is taken back and made again.
    static var days: Chronicle {
        let day: Int64 = 86_400
        var migration = RecordedMigration(first: 7200, last: 8 * day, phase: .decommissionSafe)
        migration.server(1, ttl: 86_400, switched: 30)
        migration.server(2, ttl: 86_400, switched: 3600)
        migration.level(.published, at: 3600)
        migration.level(.regression, at: day)
        migration.level(.published, at: day + 20_000)
        for index in 0..<60 {
            let name = index < names.count ? names[index] : "resolver-\(index)"
            migration.resolver(
                name, "203.0.113.\(index + 1)", flip: 3600 + migration.draw(below: 2 * day), clearAfter: 3600)
        }
        migration.level(.propagated, at: 2 * day + 9000)
        migration.level(.secondPassSafe, at: 2 * day + 20_000)
        migration.level(.decommissionSafe, at: 6 * day + 20_000)
        migration.finish(bound: 2 * day + 12_800)
        return migration.chronicle
    }

    /// Names that would be markup, and one that would turn a line around.
    ///
    /// - Parameter address: where markup that came through would connect to.
    static func hostile(fetching address: String) -> Chronicle {
        var migration = single
        let name =
            "\"><img src='http://\(address)/r'><script src=\"http://\(address)/s\"></script>\u{202E}\u{1B}[2J"
        let label = ServerLabel(name: name, endpoint: migration.resolvers[0].server.endpoint)
        migration.resolvers[0].server = label
        migration.resolvers[0].exclusion = .neverAnswered("</td><img src=//\(address)/e>")
        migration.entries = []
        migration.target.name = "<style>@import url(http://\(address)/c)</style>"
        for index in migration.served.indices {
            migration.served[index].server.name = "</svg><iframe src=\"http://\(address)/n\"></iframe>"
        }
        return migration
    }

    /// Somebody looked once, and nothing was there.
    static var nothing: Chronicle {
        var migration = RecordedMigration(first: 0, last: 0, phase: .undetermined)
        migration.finish(bound: nil)
        return migration.chronicle
    }
}
