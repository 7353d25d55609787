import ArgumentParser
import DNS
import Monitoring
import Propagation
import Reporting

extension ForwardingKind: ExpressibleByArgument {}

/// `propaga plan --forwarding`: how the old server passes mail on (G3, G4). Nobody is asked where the recipe needs
/// no address.
struct PlanForwarding {
    private let session: Session
    private let kind: ForwardingKind

    init(_ session: Session, _ kind: ForwardingKind) {
        self.session = session
        self.kind = kind
    }

    /// Prints the recipe.
    ///
    /// - Throws: exit code 64 where a name stands in the way, 2 where an address that is needed is not known.
    func show() async throws {
        var addresses = Addresses()
        if kind.forwardsConnections { addresses = try await lookUp() }
        let recipe: ForwardingRecipe
        do {
            let forwarding = try Forwarding(
                domains: session.domains, exchange: session.monitor.settings.target.primary,
                exchangeAddresses: addresses.exchange, serverAddresses: addresses.servers)
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
    }

    private func lookUp() async throws -> Addresses {
        let target = session.monitor.settings.target
        var addresses = Addresses()
        session.monitor.prepare()
        let wanted = Preflight.Wanted(samples: 1)
        try await Preflight(session.monitor).lookAtAll(session.domains, wanted: wanted) { _, looked in
            let facts = looked.facts
            let primary = facts.accepted.filter { $0.name == target.primary }
            addresses.exchange += primary.flatMap { $0.addresses ?? [] }
            let left = facts.present.filter { !target.accepts($0.name) }
            addresses.servers += left.flatMap { $0.addresses ?? [] } + (facts.ownAddresses ?? [])
        }
        return addresses
    }

    private static func exitCode(_ error: ForwardingError) -> ExitCode {
        switch error {
        case .noDomain, .unsuitableName: ExitStatus.usage
        case .noExchangeAddress, .noServerAddress: ExitCode(2)
        }
    }
}
