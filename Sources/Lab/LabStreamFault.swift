/// What goes wrong on a server's TCP connections.
package enum LabStreamFault: Hashable, Sendable {
    case none
    /// The connection is accepted, but nothing ever comes.
    case stallsAfterConnect
    /// Half of the first message comes, and nothing after it.
    case stallsMidMessage
    /// Half of the first message comes, then the end of the stream.
    case closesMidMessage
    /// The stream ends when the first query has come.
    case closesWithoutAnswer
    /// A reset comes in place of the answer.
    case resets
    /// The length prefix claims this many octets more (or fewer) than follow, and the stream ends after them.
    case liesAboutLength(Int)
    /// The answer is padded with zero octets to the greatest length there is, 65,535.
    case oversized
    /// The octets come one by one, each in a segment of its own.
    case trickles
}
