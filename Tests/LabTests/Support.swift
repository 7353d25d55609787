import DNS
import Dispatch
import Foundation
import Lab
import Synchronization

func seconds(_ value: Double) -> Instant { Instant(nanoseconds: Int64(value * 1e9)) }

let oldMail = LabMail.hosts("mail.old.example", ttl: 100)
let newMail = LabMail.hosts("mx01.cbsolt.net", "mx02.qboxmail.com", ttl: 600)
let mx = Question("example.it", .mx)

/// Whether a finding is the MX RRset after the switch.
func isTarget(_ finding: LabFinding) -> Bool {
    finding.exchanges?.allSatisfy { $0.exchange != "mail.old.example" } ?? false
}

extension LabAnswer {
    var exchanges: [DomainName] {
        answer.compactMap { if case .mx(let exchange) = $0.data { exchange.exchange } else { nil } }
    }
    var isOld: Bool { exchanges == ["mail.old.example"] }
    var ttl: Int? { (answer.first ?? authority.first).map { Int($0.ttl.seconds) } }
}

extension LabWorld {
    /// Asks a resolver for the MX of `example.it`.
    mutating func ask(_ resolver: Int = 0, at time: Double, port: UInt16 = 4000) -> LabAnswer {
        answer(of: .resolver(resolver), to: LabQuery(question: mx), sourcePort: port, at: seconds(time))
    }
}

/// Runs code that blocks on a thread that may block.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}

/// The clock of the tests that use sockets.
let monotonic: @Sendable () -> Instant = {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

/// A plain socket that is closed when it is no longer used; every wait ends after 10 s.
final class Socket: Sendable {
    let descriptor: CInt

    init(_ endpoint: Endpoint, stream: Bool, connected: Bool = true) throws {
        let kind = Int32((stream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        descriptor = socket(endpoint.address.isV6 ? AF_INET6 : AF_INET, kind, 0)
        // Long enough where the whole suite wants the same two threads.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if connected { try connect(to: endpoint) }
    }
    deinit { close(descriptor) }

    struct Failure: Error, Equatable { let code: CInt }

    private func connect(to endpoint: Endpoint) throws {
        let status = withAddress(endpoint) { Foundation.connect(descriptor, $0, $1) }
        guard status == 0 else { throw Failure(code: errno) }
    }

    func write(_ octets: [UInt8]) {
        _ = Foundation.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends to an endpoint from a socket that is not connected, which so hears from everybody.
    func write(_ octets: [UInt8], to endpoint: Endpoint) {
        _ = withAddress(endpoint) { sendto(descriptor, octets, octets.count, 0, $0, $1) }
    }

    /// What comes next: a datagram, or some octets of a stream; empty at its end.
    func read(atMost limit: Int = 70_000) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(code: errno) }
        return Array(buffer[..<count])
    }

    /// All octets until `count` are there or the stream ends.
    func read(_ count: Int) throws -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            let more = try read(atMost: count - octets.count)
            if more.isEmpty { break }
            octets += more
        }
        return octets
    }

    /// One datagram and the port that it came from.
    func readWithPort() throws -> (octets: [UInt8], port: UInt16) {
        var buffer = [UInt8](repeating: 0, count: 70_000)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { throw Failure(code: errno) }
        return (Array(buffer[..<count]), UInt16(bigEndian: address.sin_port))
    }

    private func withAddress<Result>(
        _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        let octets = endpoint.address.octets
        return withUnsafeMutableBytes(of: &storage) { bytes in
            if endpoint.address.isV6 {
                let address = bytes.bindMemory(to: sockaddr_in6.self)
                address[0].sin6_family = sa_family_t(AF_INET6)
                address[0].sin6_port = endpoint.port.bigEndian
                withUnsafeMutableBytes(of: &address[0].sin6_addr) { $0.copyBytes(from: octets) }
            } else {
                let address = bytes.bindMemory(to: sockaddr_in.self)
                address[0].sin_family = sa_family_t(AF_INET)
                address[0].sin_port = endpoint.port.bigEndian
                withUnsafeMutableBytes(of: &address[0].sin_addr) { $0.copyBytes(from: octets) }
            }
            let length =
                endpoint.address.isV6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
            return body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(length))
        }
    }
}

/// Tells when the last one lets go of it.
final class Witness: Sendable {
    private let onRelease: @Sendable () -> Void
    init(onRelease: @escaping @Sendable () -> Void) { self.onRelease = onRelease }
    deinit { onRelease() }
}
