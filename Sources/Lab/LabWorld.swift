import DNS

/// Which server of a world.
package enum LabServerID: Hashable, Sendable {
    case authority(Int)
    case resolver(Int)
}

/// A whole DNS: authoritative servers, resolvers and chance, without a clock and without a socket.
///
/// Everything follows from the seed, the queries and their instants, which must not go backwards. `LabNetwork` gives
/// it sockets; a simulation asks it directly.
package struct LabWorld: Sendable {
    package var sources: LabSources
    package var resolvers: [LabResolver]
    private var generator: SeededGenerator

    package init(authorities: [LabAuthority], resolvers: [LabResolver] = [], seed: UInt64 = 1) {
        sources = LabSources(authorities: authorities)
        self.resolvers = resolvers
        generator = SeededGenerator(seed: seed)
    }

    package var authorities: [LabAuthority] {
        _read { yield sources.authorities }
        _modify { yield &sources.authorities }
    }

    /// Every server there is.
    package var servers: [LabServerID] {
        authorities.indices.map(LabServerID.authority) + resolvers.indices.map(LabServerID.resolver)
    }

    /// The resolver of this name; `nil` if there is none.
    package func resolver(named name: String) -> LabServerID? {
        resolvers.firstIndex { $0.name == name }.map(LabServerID.resolver)
    }

    /// How a server treats its packets. A test can change it at any time to get a fault.
    package subscript(mannersOf server: LabServerID) -> LabManners {
        get {
            switch server {
            case .authority(let index): authorities[index].manners
            case .resolver(let index): resolvers[index].manners
            }
        }
        set {
            switch server {
            case .authority(let index): authorities[index].manners = newValue
            case .resolver(let index): resolvers[index].manners = newValue
            }
        }
    }

    /// Where a server lives.
    package func addresses(of server: LabServerID) -> [IPAddress] {
        switch server {
        case .authority(let index): authorities[index].addresses
        case .resolver(let index): resolvers[index].addresses
        }
    }

    /// Loads a copy into one cache of a resolver as if a client had asked at `instant`, which may lie in
    /// the past.
    package mutating func warm(
        _ question: Question, resolver: Int, cache: Int = 0, at instant: Instant
    ) {
        resolvers[resolver].warm(question, cache: cache, from: sources, at: instant, using: &generator)
    }

    /// What a server sends in reply to these octets: nothing, one message or many. Octets that are not a query get no
    /// reply.
    package mutating func replies(
        of server: LabServerID, to octets: [UInt8], over transport: LabTransport, sourcePort: UInt16,
        at now: Instant
    ) -> [LabReply] {
        guard let query = WireReader.query(octets) else { return [] }
        return replies(of: server, to: query, over: transport, sourcePort: sourcePort, at: now)
    }

    /// What a server sends in reply to a query.
    package mutating func replies(
        of server: LabServerID, to query: LabQuery, over transport: LabTransport, sourcePort: UInt16,
        at now: Instant
    ) -> [LabReply] {
        switch server {
        case .authority(let index):
            let authority = authorities[index]
            return authority.manners.replies(to: query, over: transport, using: &generator) { _ in
                authority.answer(query.question, at: now, sourcePort: sourcePort)
            }
        case .resolver(let index):
            let manners = resolvers[index].manners
            return manners.replies(to: query, over: transport, using: &generator) { generator in
                resolvers[index].answer(
                    query, sourcePort: sourcePort, from: sources, at: now, using: &generator)
            }
        }
    }

    /// The answer of a server, without manners; for simulations that need no octets.
    package mutating func answer(
        of server: LabServerID, to query: LabQuery, sourcePort: UInt16, at now: Instant
    ) -> LabAnswer {
        switch server {
        case .authority(let index): authorities[index].answer(query.question, at: now, sourcePort: sourcePort)
        case .resolver(let index):
            resolvers[index].answer(
                query, sourcePort: sourcePort, from: sources, at: now, using: &generator)
        }
    }
}
