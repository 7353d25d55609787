import DNS
import Foundation
import Glibc
import Synchronization

/// A server on loopback that does whatever a test tells it to, over UDP and TCP on one port.
final class Peer: Sendable {
    /// One query as it came over UDP.
    struct Query: Sendable {
        var octets: [UInt8]
        var sourcePort: UInt16
        /// 0 for the first query that this peer saw.
        var index: Int

        var id: UInt16 { UInt16(octets[0]) << 8 | UInt16(octets[1]) }
        /// Whether there is an OPT in the additional section.
        var hasEDNS: Bool { octets[11] == 1 }
    }

    /// A datagram in return.
    struct Reply: Sendable {
        var octets: [UInt8]
        var fromOtherPort = false
    }

    typealias Answering = @Sendable (Query) -> [Reply]
    /// Takes a connected socket and the query that came over it; the socket is closed afterwards.
    typealias Streaming = @Sendable (_ socket: CInt, _ query: [UInt8]) -> Void

    let endpoint: Endpoint
    private let datagrams: CInt
    private let otherPort: CInt
    private let listener: CInt
    private let wakeUp: CInt
    private let wakeUpSender: CInt
    private let queries = Mutex<[Query]>([])
    private let connections = Mutex(0)
    private let answering: Answering
    private let streaming: Streaming?

    /// What came over UDP so far.
    var seen: [Query] { queries.withLock { $0 } }
    var connectionCount: Int { connections.withLock { $0 } }

    /// A peer that nobody listens at over TCP.
    convenience init(isV6: Bool = false, answering: @escaping Answering = { [$0.positive] }) {
        self.init(isV6: isV6, streaming: nil, answering: answering)
    }

    init(isV6: Bool = false, streaming: Streaming?, answering: @escaping Answering) {
        self.answering = answering
        self.streaming = streaming
        let address = IPAddress(isV6 ? "::1" : "127.0.0.1")!
        var bound: (UInt16, CInt, CInt)?
        while bound == nil {
            let datagrams = openSocket(address, SOCK_DGRAM, port: 0)!
            let port = localPort(datagrams)
            guard let listener = openSocket(address, SOCK_STREAM, port: port) else {
                close(datagrams)
                continue
            }
            bound = (port, datagrams, listener)
        }
        (_, datagrams, listener) = bound!
        if streaming != nil { listen(listener, 1024) }
        endpoint = Endpoint(address, port: bound!.0)
        otherPort = openSocket(address, SOCK_DGRAM, port: 0)!
        var ends: [CInt] = [0, 0]
        pipe(&ends)
        (wakeUp, wakeUpSender) = (ends[0], ends[1])
        Thread.detachNewThread { self.serve() }
    }

    /// Ends the thread, which closes the sockets.
    func stop() { close(wakeUpSender) }

    private func serve() {
        var events = [datagrams, wakeUp, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A socket that does not listen reports a hang-up for ever.
        if streaming == nil { events.removeLast() }
        while true {
            poll(&events, nfds_t(events.count), -1)
            if events[1].revents != 0 { break }
            if events[0].revents != 0 { takeDatagram() }
            if events.count > 2, events[2].revents != 0 { takeConnection() }
        }
        for socket in [datagrams, otherPort, listener, wakeUp] { close(socket) }
    }

    private func takeDatagram() {
        var octets = [UInt8](repeating: 0, count: 4096)
        var source = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &source) { source in
            source.withMemoryRebound(to: sockaddr.self, capacity: 1) { source in
                recvfrom(datagrams, &octets, octets.count, 0, source, &length)
            }
        }
        guard count >= 12 else { return }
        let port = withUnsafeBytes(of: &source) { UInt16($0[2]) << 8 | UInt16($0[3]) }
        let query = queries.withLock { queries in
            let query = Query(octets: Array(octets[..<count]), sourcePort: port, index: queries.count)
            queries.append(query)
            return query
        }
        for reply in answering(query) {
            withUnsafePointer(to: &source) { source in
                source.withMemoryRebound(to: sockaddr.self, capacity: 1) { source in
                    let socket = reply.fromOtherPort ? otherPort : datagrams
                    _ = sendto(socket, reply.octets, reply.octets.count, 0, source, length)
                }
            }
        }
    }

    private func takeConnection() {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { return }
        defer { close(socket) }
        connections.withLock { $0 += 1 }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var octets = [UInt8](repeating: 0, count: 600)
        let count = recv(socket, &octets, octets.count, 0)
        guard count > 14 else { return }
        streaming?(socket, Array(octets[2..<count]))
    }
}

/// Sends octets over a stream, all of them.
func write(_ octets: [UInt8], to socket: CInt) {
    var rest = octets[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(socket, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// Waits until the other side has closed the stream, five seconds at most.
func waitForEnd(of socket: CInt) {
    var octets = [UInt8](repeating: 0, count: 64)
    while recv(socket, &octets, octets.count, 0) > 0 {}
}

private func openSocket(_ address: IPAddress, _ type: __socket_type, port: UInt16) -> CInt? {
    let socket = Glibc.socket(address.isV6 ? AF_INET6 : AF_INET, Int32(type.rawValue), 0)
    var room: CInt = 1 << 22
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<CInt>.size))
    var result: CInt
    if address.isV6 {
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = port.bigEndian
        name.sin6_addr = in6addr_loopback
        result = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    } else {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        result = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
    if result != 0 {
        close(socket)
        return nil
    }
    return socket
}

private func localPort(_ socket: CInt) -> UInt16 {
    var name = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &name) { name in
        name.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
    }
    return withUnsafeBytes(of: &name) { UInt16($0[2]) << 8 | UInt16($0[3]) }
}
