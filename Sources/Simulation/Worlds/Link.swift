import DNS

/// The way between the watch and one server, and what goes wrong on it or at its end at times.
///
/// It concerns the watch alone: resolvers reach the authoritative servers as the laboratory has it.
package struct Link: Sendable {
    /// How long question and answer take together.
    package var delay: ClosedRange<Duration>
    /// The probability that a question or its answer is lost, 0 to 1.
    package var loss: Double
    /// Whether the delay is spent on the way out, so that what is told is news; else on the way back, so that
    /// it is as old as the round trip is long.
    package var isSlowOutward: Bool
    package var faults: [Fault]

    /// Something that is wrong for a while.
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
        /// It will not tell, and says why (RFC 8914 §4.16 to §4.19).
        case filtering(UInt16)
        /// It says that there is no such name, as a filter does.
        case denying
        /// A portal answers in its place, for a zone of its own.
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
    /// From an instant on, for ever.
    package static func from(_ instant: Instant) -> Range<Instant> {
        instant..<Instant(nanoseconds: .max)
    }

    package static var always: Range<Instant> { Instant(nanoseconds: .min)..<Instant(nanoseconds: .max) }
}
