/// The result of one exchange with one server, with all its tries.
package enum Outcome: Hashable, Sendable {
    /// A response to our question, after the checks of the verdict's §1.
    case response(Message)
    /// The server answered our question with octets that are not a DNS message.
    case malformed(reason: String)
    /// The server answered with an error of a header alone. Nothing shows that it read the question, so even NXDOMAIN is
    /// not an answer.
    case bareError(ResponseCode)
    /// No acceptable answer came.
    case silent(Silence)

    /// Why no acceptable answer came.
    package enum Silence: Hashable, Sendable {
        /// Every try ran out of time.
        case timeout
        /// An ICMP error or a TCP reset said that nothing listens there.
        case unreachable(String)
        /// This host cannot send to that address family at all. That tells nothing about the server.
        case noRoute(String)
        /// The caller gave up.
        case cancelled
    }
}
