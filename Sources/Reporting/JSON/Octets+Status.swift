import DNS
import Propagation

// The members of each row, in the order in which the interface shows them.

extension [UInt8] {
    mutating func append(json domain: DomainStatus) {
        append("{\"domain\":")
        append(json: domain.domain)
        append(",\"phase\":")
        append(json: domain.phase.rawValue)
        append(",\"condition_met\":")
        append(json: domain.conditionMet)
        appendLevels(domain)
        append(",\"reasons\":")
        append(json: domain.reasons) { $0.append(json: $1) }
        append(",\"warnings\":")
        append(json: domain.warnings) { $0.append(json: $1) }
        append(",\"assumptions\":")
        append(json: domain.assumptions.brief) { $0.append(json: $1) }
        append(",\"resolvers_counted\":")
        append(decimal: Int64(domain.resolversCounted))
        append(",\"resolvers_clear\":")
        append(decimal: Int64(domain.resolversClear))
        append(",\"resolvers_excluded\":")
        append(decimal: Int64(domain.resolversExcluded))
        append(",\"authority\":{\"zone\":")
        append(json: domain.authority.zone) { $0.append(json: $1) }
        append(",\"consistent\":")
        append(json: domain.authority.consistent) { $0.append(json: $1) }
        append(",\"servers\":")
        append(json: domain.authority.servers) { $0.append(json: $1) }
        append("},\"resolvers\":")
        append(json: domain.resolvers) { $0.append(json: $1) }
        append("}")
    }

    private mutating func appendLevels(_ domain: DomainStatus) {
        append(",\"published\":{\"reached\":")
        append(json: domain.published.reached)
        append(",\"at\":")
        append(json: domain.published.at) { $0.append(json: $1) }
        append(",\"basis\":")
        append(json: domain.published.basis.rawValue)
        append("},\"propagated\":{\"reached\":")
        append(json: domain.propagated.reached)
        append(",\"at\":")
        append(json: domain.propagated.at) { $0.append(json: $1) }
        append(",\"not_before\":")
        append(json: domain.propagated.notBefore) { $0.append(json: $1) }
        append("},\"second_pass\":{\"safe\":")
        append(json: domain.secondPass.safe)
        append(",\"at\":")
        append(json: domain.secondPass.at) { $0.append(json: $1) }
        append(",\"not_before\":")
        append(json: domain.secondPass.notBefore) { $0.append(json: $1) }
        append(",\"bound\":")
        append(json: domain.secondPass.bound) { $0.append(json: $1) }
        append(",\"settle\":")
        append(decimal: domain.secondPass.settle)
        append("},\"decommission\":{\"safe\":")
        append(json: domain.decommission.safe)
        append(",\"not_before\":")
        append(json: domain.decommission.notBefore) { $0.append(json: $1) }
        append("}")
    }

    private mutating func append(json server: AuthorityServerStatus) {
        append("{\"name\":")
        append(json: server.name) { $0.append(json: $1) }
        append(",\"address\":")
        append(json: server.address)
        append(",\"state\":")
        append(json: server.state) { $0.append(json: $1.rawValue) }
        append(",\"mx\":")
        append(json: server.mx) { $0.append(json: $1) }
        append(",\"ttl\":")
        append(json: server.ttl) { $0.append(decimal: Int64($1)) }
        append(",\"soa_serial\":")
        append(json: server.soaSerial) { $0.append(decimal: Int64($1)) }
        append(",\"rtt_ms\":")
        append(json: server.roundTrip) { $0.append(json: $1) }
        append(",\"error\":")
        append(json: server.error) { $0.append(json: $1) }
        append("}")
    }

    mutating func append(json exchange: ReadExchange) {
        append("{\"preference\":")
        append(decimal: Int64(exchange.preference))
        append(",\"exchange\":")
        append(json: exchange.exchange)
        append(",\"accepted\":")
        append(json: exchange.accepted)
        append("}")
    }
}

// MARK: - The row of a resolver

extension [UInt8] {
    private mutating func append(json resolver: ResolverStatus) {
        append("{\"name\":")
        append(json: resolver.name)
        append(",\"address\":")
        append(json: resolver.address)
        append(",\"transport\":")
        append(json: resolver.transport.rawValue)
        appendStanding(resolver)
        appendCopies(resolver)
        appendLastAnswer(resolver)
        append("}")
    }

    private mutating func appendStanding(_ resolver: ResolverStatus) {
        append(",\"state\":")
        append(json: resolver.state.rawValue)
        append(",\"target_since\":")
        append(json: resolver.targetSince) { $0.append(json: $1) }
        append(",\"clear\":")
        append(json: resolver.clear)
        append(",\"overdue\":")
        append(json: resolver.overdue)
        append(",\"excluded\":")
        append(json: resolver.excluded) { $0.append(json: $1) }
    }

    private mutating func appendCopies(_ resolver: ResolverStatus) {
        append(",\"mx\":")
        append(json: resolver.mx) { $0.append(json: $1) }
        append(",\"ttl\":")
        append(json: resolver.ttl) { $0.append(decimal: Int64($1)) }
        append(",\"ttl_remaining\":")
        append(json: resolver.ttlRemaining) { $0.append(decimal: $1) }
        append(",\"expires_at\":")
        append(json: resolver.expiresAt) { $0.append(json: $1) }
        append(",\"old_until\":")
        append(json: resolver.oldUntil) { $0.append(json: $1) }
        append(",\"caches_seen\":")
        append(decimal: Int64(resolver.cachesSeen))
        append(",\"confirmations\":")
        append(decimal: Int64(resolver.confirmations))
        append(",\"soa_serial\":")
        append(json: resolver.soaSerial) { $0.append(decimal: Int64($1)) }
    }

    private mutating func appendLastAnswer(_ resolver: ResolverStatus) {
        append(",\"rcode\":")
        append(json: resolver.rcode) { $0.append(json: $1) }
        append(",\"nsid\":")
        append(json: resolver.nsid) { $0.append(json: $1) }
        append(",\"ede\":")
        append(json: resolver.ede) { $0.append(json: $1) }
        append(",\"rtt_ms\":")
        append(json: resolver.roundTrip) { $0.append(json: $1) }
        append(",\"checked_at\":")
        append(json: resolver.checkedAt) { $0.append(json: $1) }
        append(",\"error\":")
        append(json: resolver.error) { $0.append(json: $1) }
    }

    private mutating func append(json error: ExtendedErrorStatus) {
        append("{\"code\":")
        append(decimal: Int64(error.code))
        append(",\"text\":")
        append(json: error.text) { $0.append(json: $1) }
        append("}")
    }
}
