import Foundation

/// Chromium without a window, which reaches nothing but this host's loopback addresses.
struct Browser {
    static let programs = ["chromium", "pdfinfo", "python3"]

    /// For its profile, and for what it writes.
    let folder: URL

    enum Scheme: Int {
        case dark = 0
        case light = 1
    }

    /// The document as the browser made it of the page.
    func dom(of page: URL, more: [String] = []) async throws -> String {
        try await run(["--dump-dom"] + more + [page.absoluteString])
    }

    /// A picture in PNG.
    func screenshot(
        of page: URL, name: String, width: Int, height: Int, scheme: Scheme = .light
    ) async throws -> URL {
        let file = folder.appending(path: name)
        try await run([
            "--screenshot=\(file.path)", "--window-size=\(width),\(height)", "--hide-scrollbars",
            "--blink-settings=preferredColorScheme=\(scheme.rawValue)", page.absoluteString,
        ])
        return file
    }

    /// What a printer would get, as PDF.
    func print(_ page: URL, name: String) async throws -> URL {
        let file = folder.appending(path: name)
        try await run(["--print-to-pdf=\(file.path)", "--no-pdf-header-footer", page.absoluteString])
        return file
    }

    /// Starts it and leaves it running.
    func start(_ arguments: [String]) throws -> Child {
        let profile = folder.appending(path: "profile-\(UUID().uuidString.prefix(8))")
        return try Child(
            Executable.require("chromium"),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-extensions", "--disable-default-apps",
                "--metrics-recording-only",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server",
                "--user-data-dir=\(profile.path)",
            ] + arguments, name: "chromium", folder: folder)
    }

    @discardableResult
    private func run(_ arguments: [String]) async throws -> String {
        let child = try start(arguments)
        let ending = try await child.end(within: .seconds(90))
        let output = child.output
        // Helpers of its own may outlive it.
        await child.stop()
        guard ending == .exited(0) else {
            throw HarnessError("chromium ended with \(ending)\n\(child.transcript)")
        }
        return output
    }
}

/// A TCP port on loopback that nobody serves: whoever connects is counted, and gets no answer.
final class Listener {
    let port: UInt16
    private let descriptor: Int32
    private var peers: [Int32] = []

    init() throws {
        port = try Port.free()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &name.sin_addr)
        let isBound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(descriptor, 64) == 0 else {
            close(descriptor)
            throw HarnessError("cannot listen on port \(port)")
        }
    }

    deinit { (peers + [descriptor]).forEach { close($0) } }

    /// How many have connected so far.
    func connections() -> Int {
        while case let peer = accept(descriptor, nil, nil), peer >= 0 { peers.append(peer) }
        return peers.count
    }

    /// How many have connected and sent something so far. A browser may connect ahead of a request that it then does
    /// not make.
    func requests() -> Int {
        _ = connections()
        return peers.count {
            var octet: UInt8 = 0
            return recv($0, &octet, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
        }
    }
}
