import ArgumentParser
import DNS
import DNSClient
import Lab
import Monitoring
import Propagation
import Reporting

/// `propaga demo`: a whole propagation on loopback, watched with the code of `watch`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows a whole propagation in under a minute, on loopback and without a network.",
        discussion: """
            propaga starts two authoritative servers and more than a dozen different resolvers on loopback ports, \
            moves example.it to Qboxmail, and watches it until the second pass is safe, with the same code as \
            'propaga watch'. Seconds here are hours in real life.

            EXAMPLES
              propaga demo
              propaga demo --format ndjson --seed 7
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Decides about loss, delays and ages. The same seed gives the same demo.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "live, log or ndjson.", discussion: "Default: live on a terminal, otherwise log.",
            valueName: "format")
    )
    var format: WatchCommand.Format?

    @Flag(name: .long, help: "No colour (also with NO_COLOR set).")
    var noColor = false

    /// The waiting period; in real life it is "some hours".
    private static let settle: Duration = .seconds(8)
    /// A demo that takes longer has gone wrong.
    private static let deadline: Duration = .seconds(90)

    func validate() throws {
        try format?.validate()
    }

    func run() async throws {
        let clock = MonitorClock.system
        let demo = DemoWorld(seed: seed, start: clock.now())
        let code = try await LabNetwork.run(demo.world, now: clock.now) { network in
            introduce(demo)
            let session = session(demo, on: network)
            let printer = (format ?? .standard()).printer(
                for: session, style: .forTerminal(noColor: noColor))
            return try await WatchRun(session: session, printer: printer, deadline: Self.deadline).run()
        }
        if code != 0 { throw ExitCode(code) }
    }

    private func session(_ demo: DemoWorld, on network: LabNetwork) -> Session {
        let entries = demo.characters.compactMap { character in
            network.endpoint(of: character.server).map {
                ResolverList.Entry(
                    identity: ResolverIdentity(
                        name: character.name, endpoint: $0, isOptional: character.isOptional))
            }
        }
        let authorities = demo.authorities.flatMap(network.endpoints(of:))
        var configuration = Configuration(now: MonitorClock.system.now)
        configuration.timeout = .milliseconds(700)
        // The demo's TTLs are a hundredth of real ones, and so are its other times. The resolver that stretches TTLs
        // would refute a shorter previous TTL, and then the verdict would assume a day.
        var policy = Policy(settle: Self.settle, previousTTL: TTL(seconds: DemoWorld.stretched))
        policy.publicationInterval = .seconds(5)
        return Session(
            domains: [demo.domain], list: ResolverList(entries: entries),
            settings: MonitorSettings(policy: policy, authority: .given(authorities)),
            condition: .secondPass, configuration: configuration, verbose: false)
    }

    private func introduce(_ demo: DemoWorld) {
        let width = demo.characters.map(\.name.count).max() ?? 0
        var text =
            "\(demo.domain) moves to Qboxmail in 3 s. One of its two authoritative servers changes later.\n"
        text +=
            "The previous MX has a TTL of \(DemoWorld.previousTTL) s. These resolvers have it in their caches:\n"
        for character in demo.characters {
            let padding = String(repeating: " ", count: width - character.name.count)
            text +=
                "  \(character.name)\(padding)  \(character.summary)\(character.isOptional ? " (optional)" : "")\n"
        }
        StandardError.write(text + "\n")
    }
}
