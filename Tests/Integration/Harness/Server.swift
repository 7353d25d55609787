import Foundation

/// A name server that runs on loopback for one test.
final class Server: Sendable {
    let name: String
    let address: String
    let port: UInt16
    private let folder: URL
    private let child: Child

    /// `ADDRESS:PORT`, as `propaga` takes it.
    var endpoint: String { "\(address):\(port)" }
    var transcript: String { child.transcript }

    private init(name: String, address: String, port: UInt16, folder: URL, child: Child) {
        self.name = name
        self.address = address
        self.port = port
        self.folder = folder
        self.child = child
    }

    func stop() async { await child.stop() }

    /// Starts an authoritative server and waits until it serves the zone.
    ///
    /// - Parameter port: a port to listen on; a free one where there is none.
    static func start(
        _ kind: AuthorityKind, serving zone: Zone, in folder: URL, address: String = "127.0.0.1",
        port: UInt16? = nil
    ) async throws -> Server {
        try await start(kind, serving: zone.files, in: folder, address: address, port: port)
    }

    /// The same with any zones, by origin; `qboxmail.com` with serial 1 must be among them.
    static func start(
        _ kind: AuthorityKind, serving files: [String: String], in folder: URL, address: String,
        port: UInt16?
    ) async throws -> Server {
        try await start(kind.rawValue, kind.program, in: folder, address: address, port: port) { place in
            try write(files, to: place.folder)
            return try kind.configure(place, origins: files.keys.sorted())
        }
    }

    /// Starts a caching resolver that asks `authority` about everything, and waits until it does.
    static func start(_ kind: CacheKind, asking authority: Server, in folder: URL) async throws -> Server {
        try await start(kind.rawValue, kind.program, in: folder, address: "127.0.0.1", port: nil) { place in
            try kind.configure(place, authority: authority)
        }
    }

    /// Starts an unbound that resolves from the root on, and knows no other root than this.
    static func start(resolvingFrom root: Server, in folder: URL) async throws -> Server {
        try await start("unbound", "unbound", in: folder, address: "127.0.0.1", port: nil) { place in
            try CacheKind.configureUnbound(place, root: root)
        }
    }

    /// Starts an unbound that asks `authority` about everything and validates by a trust anchor.
    static func start(
        asking authority: Server, validatingBy trustAnchor: String, in folder: URL
    ) async throws -> Server {
        try await start("unbound", "unbound", in: folder, address: "127.0.0.1", port: nil) { place in
            try CacheKind.configureUnbound(place, authority: authority, trustAnchor: trustAnchor)
        }
    }

    /// Serves another version of the zone from now on; returns when the server does.
    func switchZone(to zone: Zone) async throws {
        try await reload(zone.files, until: Zone.origin, serial: zone.serial)
    }

    /// Serves these zones from now on; returns when it serves the serial of one of them.
    func reload(_ files: [String: String], until origin: String, serial: UInt32) async throws {
        try Self.write(files, to: folder)
        child.signal(SIGHUP)
        try await eventually("\(name) serves serial \(serial)", within: .seconds(10)) {
            try await Dig.ask(self, origin, "SOA")?.serial == serial ? true : nil
        }
    }

    private static func start(
        _ name: String, _ program: String, in parent: URL, address: String, port: UInt16?,
        configure: (Place) throws -> [String]
    ) async throws -> Server {
        let executable = try Executable.require(program)
        var failure = HarnessError("\(name) was not tried")
        // Another program may take a free port before the server does; then another port is tried.
        for attempt in 1...3 {
            let folder = parent.appending(path: "\(name)-\(attempt)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let place = Place(folder: folder, address: address, port: try port ?? Port.free(on: address))
            let child = try Child(
                executable, try configure(place), name: name, folder: folder)
            let server = Server(
                name: name, address: address, port: place.port, folder: folder, child: child)
            do {
                try await server.waitUntilReady()
                return server
            } catch {
                await child.stop()
                failure = HarnessError("\(error)\n\(child.transcript)")
            }
        }
        throw failure
    }

    /// Asks for a name that no test is about, so that the caches hold nothing of the domain yet.
    private func waitUntilReady() async throws {
        try await eventually("\(name) answers at \(endpoint)", within: .seconds(15)) {
            if let ending = child.poll() { throw HarnessError("\(name) ended at once: \(ending)") }
            return try await Dig.ask(self, "qboxmail.com", "SOA")?.serial == 1 ? true : nil
        }
    }

    private static func write(_ files: [String: String], to folder: URL) throws {
        for (origin, text) in files {
            try text.write(
                to: folder.appending(path: Zone.fileName(of: origin)), atomically: true, encoding: .utf8)
        }
    }
}

/// Where a server lives: its folder, and where it listens.
struct Place {
    var folder: URL
    var address: String
    var port: UInt16

    var path: String { folder.path }

    /// Writes a configuration file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }
}
