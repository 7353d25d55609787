import Foundation

/// Where programs lie.
enum Executable {
    /// `propaga` as this package built it: beside the test bundle that runs now.
    static let propaga: String = {
        let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let candidates =
            [running, CommandLine.arguments[0]]
            .map { URL(filePath: $0).deletingLastPathComponent() }
            + [URL(filePath: #filePath).appending(path: "../../../../.build/debug").standardizedFileURL]
        return candidates.map { $0.appending(path: "propaga").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "propaga (not built)"
    }()

    /// A program of the system. Daemons lie in `sbin`, which an ordinary user's PATH leaves out.
    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin", "/sbin"]
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func require(_ name: String) throws -> String {
        guard let path = find(name) else {
            throw HarnessError("\(name) is not installed; `make test` installs what the tests need")
        }
        return path
    }

    /// Whether tests that need these programs are to run. In continuous integration they always do, and
    /// fail where one is missing: a test that skips itself everywhere guards nothing.
    static func runs(with names: [String]) -> Bool {
        ProcessInfo.processInfo.environment["CI"] == "true" || names.allSatisfy { find($0) != nil }
    }
}

/// Free ports on loopback.
enum Port {
    /// A port that was free for UDP and TCP a moment ago.
    static func free(on address: String = "127.0.0.1") throws -> UInt16 {
        for _ in 0..<50 {
            let port = UInt16.random(in: 20_000..<32_000)
            if canBind(address, port, SOCK_DGRAM), canBind(address, port, SOCK_STREAM) { return port }
        }
        throw HarnessError("no free port on \(address)")
    }

    /// Whether this process may listen there, and nobody does.
    static func isFree(_ port: UInt16, on address: String) -> Bool {
        canBind(address, port, SOCK_DGRAM) && canBind(address, port, SOCK_STREAM)
    }

    private static func canBind(_ address: String, _ port: UInt16, _ type: __socket_type) -> Bool {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        return withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
