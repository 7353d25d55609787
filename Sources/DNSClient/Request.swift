import DNS

/// One question for one server.
package struct Request: Sendable, Hashable {
    package var server: Endpoint
    package var question: Question
    /// Set towards resolvers, clear towards authoritative servers (RFC 1035 §4.1.1).
    package var recursionDesired: Bool
    /// What is asked of a resolver that validates signatures.
    package var validation: Validation
    /// Whether the server is one of the domain's own, which may get `Configuration.authorityRate`.
    package var isPoll: Bool
    /// Whether it goes before the other requests that wait for this server.
    package var goesFirst: Bool

    package init(
        server: Endpoint, question: Question, recursionDesired: Bool, validation: Validation = .unspecified,
        isPoll: Bool = false, goesFirst: Bool = false
    ) {
        self.server = server
        self.question = question
        self.recursionDesired = recursionDesired
        self.validation = validation
        self.isPoll = isPoll
        self.goesFirst = goesFirst
    }
}

/// The result of a request.
package struct Exchange: Sendable {
    package var outcome: Outcome
    /// When the last try left.
    package var sent: Instant
    /// When the answer came, or the last try ended.
    package var received: Instant
    /// How many tries left; 0 if the question was never sent.
    package var tries: Int
    package var usedTCP: Bool
    /// Whether the server answered only a query without EDNS.
    package var isWithoutEDNS: Bool

    /// From the last try's departure to the answer.
    package var roundTrip: Duration { received - sent }

    /// The result for a caller that gave up.
    static func cancelled(at now: Instant) -> Exchange {
        Exchange(outcome: .silent(.cancelled), sent: now, received: now, tries: 0)
    }

    package init(
        outcome: Outcome, sent: Instant, received: Instant, tries: Int = 1, usedTCP: Bool = false,
        isWithoutEDNS: Bool = false
    ) {
        self.outcome = outcome
        self.sent = sent
        self.received = received
        self.tries = tries
        self.usedTCP = usedTCP
        self.isWithoutEDNS = isWithoutEDNS
    }
}

/// What a client has done since it was made. Ignored datagrams ended no query: the wait went on.
package struct Statistics: Sendable, Equatable {
    package var queriesSent = 0
    /// Of these, the tries after a query's first.
    package var retries = 0
    package var answers = 0
    package var timeouts = 0
    package var refusals = 0
    package var malformed = 0
    /// No query with that ID ever left from that socket.
    package var ignoredUnknownID = 0
    /// The query with that ID is over: a duplicate, or an answer after its time.
    package var ignoredLate = 0
    /// The ID was right, but the question was not.
    package var ignoredOtherQuestion = 0
    /// QR is not set: a query, or our own one sent back.
    package var ignoredNoResponse = 0
    /// Shorter than a header.
    package var ignoredGarbage = 0
    package var tcpExchanges = 0
    package var withoutEDNS = 0
    package var socketsOpened = 0
    /// Sockets that could not be opened because descriptors or ports were missing, and were tried again.
    package var socketsDelayed = 0
    /// Questions in progress now.
    package var inFlight = 0
    /// Open sockets now.
    package var socketsOpen = 0
}
