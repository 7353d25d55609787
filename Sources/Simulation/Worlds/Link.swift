import DNS

/// A *link*: the way between the watch and one server, and what goes wrong on it or at the server.
///
/// It concerns the watch alone; resolvers reach the authoritative servers as the laboratory models it.
package struct Link: Sendable {
    /// The round trip.
    package var delay: ClosedRange<Duration>
    /// The probability that a question or its answer is lost, 0 to 1.
    package var loss: Double
    /// Whether the delay is on the way out, so that the answer is new when it comes; else on the way back, so
    /// that it is as old as the round trip is long.
    package var isSlowOutward: Bool
    package var faults: [Fault]

    /// A fault for a while.
    package struct Fault: Sendable {
        package var during: Range<Instant>
        package var kind: Kind

        package init(_ kind: Kind, during: Range<Instant>) {
            self.kind = kind
            self.during = during
        }
    }

    package enum Kind: Hashable, Sendable {
        case silent
        /// It answers all with this code.
        case failing(ResponseCode)
        /// It refuses with this EDE (RFC 8914 §4.16 to §4.19).
        case filtering(UInt16)
        /// It says NXDOMAIN, as a filter does.
        case denying
        /// A captive portal answers in its place, for a zone of its own.
        case captive
        /// Octets that are no message.
        case garbage
        /// This host has no route to the address's family.
        case noRoute
    }

    package init(
        delay: ClosedRange<Duration> = .milliseconds(20)...(.milliseconds(40)), loss: Double = 0,
        isSlowOutward: Bool = false, faults: [Fault] = []
    ) {
        self.delay = delay
        self.loss = loss
        self.isSlowOutward = isSlowOutward
        self.faults = faults
    }

    func fault(at now: Instant) -> Kind? {
        faults.isEmpty ? nil : faults.first { $0.during.contains(now) }?.kind
    }
}

extension Range<Instant> {
    /// From an instant on, without end.
    package static func from(_ instant: Instant) -> Range<Instant> {
        instant..<Instant(nanoseconds: .max)
    }

    package static var always: Range<Instant> { Instant(nanoseconds: .min)..<Instant(nanoseconds: .max) }
}
