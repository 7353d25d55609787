import DNS

/// What carries a query and its replies.
package enum LabTransport: Hashable, Sendable {
    case udp
    case tcp
}

/// One message that a laboratory server sends.
package struct LabReply: Hashable, Sendable {
    /// How long after the query it leaves.
    package var delay: Duration
    package var octets: [UInt8]
    /// Whether it leaves from another port than the one that was asked (UDP only).
    package var fromOtherPort: Bool

    package init(delay: Duration = .zero, _ octets: [UInt8], fromOtherPort: Bool = false) {
        self.delay = delay
        self.octets = octets
        self.fromOtherPort = fromOtherPort
    }
}

/// How a server, whatever it knows, treats its packets: delay, loss, EDNS, truncation and lies.
package struct LabManners: Sendable {
    /// What the server makes of EDNS.
    package enum EDNSManner: Hashable, Sendable {
        case speaks
        /// It answers FORMERR without an OPT, as old servers do (RFC 6891 §7).
        case formatError
        /// It answers as if there were no OPT, as firewalls and some old servers make it look.
        case ignores
    }

    /// A reply that is sent ahead of, or besides, the honest one.
    package enum Mischief: Hashable, Sendable {
        /// The ID differs in one bit: a blind forger's guess.
        case wrongID
        /// It answers another question.
        case wrongQuestion(Question)
        /// It comes from another port of the same address.
        case otherPort
        /// The QR bit is clear: no response at all.
        case notAResponse
        /// Octets at random, this many; those of the query's ID among them, so that only the decoder can tell.
        case garbage(Int)
        /// The honest reply once more.
        case duplicate
        /// The honest reply once more, this long after.
        case late(Duration)
        /// These very octets, under the query's ID.
        case raw([UInt8])
    }

    /// Turns the honest octets into whatever a test needs; the delay drawn comes along.
    package typealias Rewrite = @Sendable (LabQuery, LabTransport, _ honest: LabReply) -> [LabReply]

    /// How long a reply takes, evenly distributed; resolvers' real ones reach from 1 ms to seconds.
    package var delay: ClosedRange<Duration>
    /// The probability that a datagram is lost, 0 to 1, on one of its two ways. TCP loses nothing.
    package var loss: Double
    package var edns: EDNSManner
    /// The most octets of a UDP response; the client's payload size (512 without EDNS) limits it too.
    package var payloadSize: Int
    /// Whether every UDP response is empty and has TC set, so that the question comes over TCP.
    package var truncatesDatagrams: Bool
    package var mischief: [Mischief]
    /// What the forged replies say; what the honest one says where `nil`.
    package var lie: LabAnswer?
    /// Whether the honest reply is sent too.
    package var isHonest: Bool
    package var stream: LabStreamFault
    package var rewrite: Rewrite?

    package init(
        delay: ClosedRange<Duration> = .zero...(.zero), loss: Double = 0, edns: EDNSManner = .speaks,
        payloadSize: Int = 1232, truncatesDatagrams: Bool = false, mischief: [Mischief] = [],
        lie: LabAnswer? = nil, isHonest: Bool = true, stream: LabStreamFault = .none, rewrite: Rewrite? = nil
    ) {
        self.delay = delay
        self.loss = loss
        self.edns = edns
        self.payloadSize = payloadSize
        self.truncatesDatagrams = truncatesDatagrams
        self.mischief = mischief
        self.lie = lie
        self.isHonest = isHonest
        self.stream = stream
        self.rewrite = rewrite
    }

    /// Manners that take exactly this long.
    package static func delayed(_ delay: Duration) -> LabManners { LabManners(delay: delay...delay) }
}

extension LabManners {
    /// What is sent in reply to `query` where the server knows `answer`; it is asked for only when needed.
    func replies(
        to query: LabQuery, over transport: LabTransport, using generator: inout SeededGenerator,
        answer: (inout SeededGenerator) -> LabAnswer
    ) -> [LabReply] {
        guard transport == .tcp || !generator.happens(loss) else { return [] }
        let delay = generator.duration(in: delay)
        var understood = query
        if edns != .speaks { understood.edns = nil }
        if query.edns != nil, edns == .formatError {
            return [LabReply(delay: delay, LabAnswer(.formatError).octets(for: understood))]
        }
        if let version = understood.edns?.version, version > 0 {
            return [LabReply(delay: delay, LabAnswer(.badVersion).octets(for: understood))]
        }
        let truth = answer(&generator)
        let honest = LabReply(delay: delay, write(truth, for: understood, over: transport))
        if let rewrite { return rewrite(query, transport, honest) }
        let forgeries = mischief.map {
            reply(
                $0, to: understood, knowing: lie ?? truth, honest: honest, over: transport, using: &generator)
        }
        return forgeries + (isHonest ? [honest] : [])
    }

    private func write(_ answer: LabAnswer, for query: LabQuery, over transport: LabTransport) -> [UInt8] {
        guard transport == .udp else { return answer.octets(for: query) }
        let limit = min(payloadSize, max(512, Int(query.edns?.payloadSize ?? 512)))
        return answer.octets(for: query, limit: limit, isTruncated: truncatesDatagrams)
    }

    private func reply(
        _ mischief: Mischief, to query: LabQuery, knowing answer: LabAnswer, honest: LabReply,
        over transport: LabTransport, using generator: inout SeededGenerator
    ) -> LabReply {
        var asked = query
        var forgery = honest
        switch mischief {
        case .wrongID:
            asked.id ^= 1 << UInt16.random(in: 0..<16, using: &generator)
            forgery.octets = write(answer, for: asked, over: transport)
        case .wrongQuestion(let question):
            asked.question = question
            forgery.octets = write(answer, for: asked, over: transport)
        case .otherPort:
            forgery.octets = write(answer, for: query, over: transport)
            forgery.fromOtherPort = true
        case .notAResponse:
            forgery.octets = write(answer, for: query, over: transport)
            forgery.octets[2] &= 0x7F
        case .garbage(let count):
            forgery.octets = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            forgery.octets.replaceID(with: query.id)
        case .duplicate: break
        case .late(let delay): forgery.delay += delay
        case .raw(let octets):
            forgery.octets = octets
            forgery.octets.replaceID(with: query.id)
        }
        return forgery
    }
}

extension [UInt8] {
    fileprivate mutating func replaceID(with id: UInt16) {
        guard count >= 2 else { return }
        self[0] = UInt8(id >> 8)
        self[1] = UInt8(id & 0xFF)
    }
}
