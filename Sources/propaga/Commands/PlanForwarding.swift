import ArgumentParser
import DNS
import Monitoring
import Propagation
import Reporting

extension ForwardingKind: ExpressibleByArgument {}

/// `propaga plan --forwarding`: how to make the old server forward mail (G3, G4). It asks nobody if the recipe needs
/// no address.
struct PlanForwarding {
    private let session: Session
    private let kind: ForwardingKind
    /// The domains, then the subdomains that move too.
    private let names: [DomainName]
    /// Where the old server takes mail, as the operator says; if empty, the present exchanges tell it.
    private let oldServers: [IPAddress]
    /// The options of this run, for the commands in the recipe.
    private let options: [String]

    init(
        _ session: Session, _ kind: ForwardingKind, subdomains: [DomainName], oldServers: [IPAddress],
        options: [String]
    ) {
        self.session = session
        self.kind = kind
        names = session.domains + subdomains
        self.oldServers = oldServers
        self.options = options
    }

    /// Prints the recipe.
    ///
    /// - Throws: exit code 64 if a name is not possible in the recipe, 2 if it needs an address that is not known.
    func show() async throws {
        var addresses = Addresses()
        if kind.forwardsConnections { addresses = try await lookUp() }
        let recipe: ForwardingRecipe
        do throws(ForwardingError) {
            let forwarding = try Forwarding(
                domains: names, exchange: session.monitor.settings.target.primary,
                exchangeAddresses: addresses.exchange, serverAddresses: addresses.servers, options: options)
            if kind == .haproxy, forwarding.serverAddresses.isEmpty, !addresses.switched.isEmpty {
                throw ForwardingError.switchedAlready(addresses.switched)
            }
            recipe = try forwarding.recipe(kind)
        } catch {
            throw failure(Self.exitCode(error), "--forwarding \(kind.rawValue): \(escaped("\(error)"))")
        }
        var output = StandardOutput()
        try output.append(recipe.text)
        try output.flush()
    }

    private struct Addresses {
        /// Of the new provider's main exchange.
        var exchange: [IPAddress] = []
        /// Of the exchanges that get the mail now.
        var servers: [IPAddress] = []
        /// Names whose present exchanges are the new ones already.
        var switched: [String] = []
    }

    private func lookUp() async throws -> Addresses {
        let target = session.monitor.settings.target
        var addresses = Addresses()
        session.monitor.prepare()
        let wanted = Preflight.Wanted(samples: 1)
        try await Preflight(session.monitor).lookAtAll(names, wanted: wanted) { _, looked in
            let facts = looked.facts
            let primary = facts.accepted.filter { $0.name == target.primary }
            addresses.exchange += primary.flatMap { $0.addresses ?? [] }
            let left = facts.present.filter { !target.accepts($0.name) }
            addresses.servers += left.flatMap { $0.addresses ?? [] } + (facts.ownAddresses ?? [])
            if facts.tracker.authority.agree { addresses.switched.append(facts.domain.description) }
        }
        if !oldServers.isEmpty { addresses.servers = oldServers }
        return addresses
    }

    private static func exitCode(_ error: ForwardingError) -> ExitCode {
        switch error {
        case .noDomain, .unsuitableName, .underscore: ExitStatus.usage
        case .noExchangeAddress, .noServerAddress, .switchedAlready: ExitCode(2)
        }
    }
}
