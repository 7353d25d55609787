/// What became of one exchange with one server, all tries included.
package enum Outcome: Hashable, Sendable {
    /// A response to our question, checked as the verdict's §1 demands.
    case response(Message)
    /// The server answered our question with octets that are no DNS message.
    case malformed(reason: String)
    /// The server answered with an error whose header stands alone: nothing shows that it read the question, so
    /// that not even NXDOMAIN is an answer.
    case bareError(ResponseCode)
    /// No acceptable answer came.
    case silent(Silence)

    /// Why no acceptable answer came.
    package enum Silence: Hashable, Sendable {
        /// Every try ran out of time.
        case timeout
        /// An ICMP error or a TCP reset said that nothing listens there.
        case unreachable(String)
        /// This host cannot send to that address family at all: nothing about the server.
        case noRoute(String)
        /// The caller gave up.
        case cancelled
    }
}
