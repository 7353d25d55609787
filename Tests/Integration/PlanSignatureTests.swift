import Foundation
import Testing

private enum SigningPrograms {
    static let all = ["nsd", "unbound", "dig", "ldns-keygen", "ldns-signzone"]
}

extension RealServers {
    /// Zones signed by ldns-signzone, before a resolver that validates.
    @Suite(
        "plan on signed zones",
        .enabled(
            if: Executable.runs(with: SigningPrograms.all), "needs \(SigningPrograms.all)"))
    struct PlanSignatureTests {
        @Test("Signatures that have expired are to be mended first")
        func expired() async throws {
            let plan = try await plan(signedWith: "-i 20200101000000 -e 20200201000000")
            #expect(plan.exitCode == 1)
            let line = try #require(try plan.domain["dnssec"])
            #expect(line.status == "fix")
            let broken = "SERVFAIL, and gives the record with validation switched off"
            #expect(line.text.contains(broken), "\(line)")
        }

        @Test("Signatures that are valid are seen to be validated")
        func valid() async throws {
            let plan = try await plan(signedWith: "")
            let line = try #require(try plan.domain["dnssec"])
            #expect(
                line.status == "ok" && line.text.contains("the zone is signed, and a resolver validates it"))
            #expect(try plan.domain.obstacles.isEmpty, "\(plan)")
        }

        private func plan(signedWith dates: String) async throws -> PlanDocument {
            try await withTemporaryFolder { folder in
                var files = Zone.before(ttl: 900).files
                let key = try await sign(&files, dates, in: folder)
                let authority = try await Server.start(
                    .nsd, serving: files, in: folder, address: "127.0.0.1", port: nil)
                let cache = try await Server.start(asking: authority, validatingBy: key, in: folder)
                let resolvers = folder.appending(path: "resolvers.conf")
                try "\(cache.endpoint)\n".write(to: resolvers, atomically: true, encoding: .utf8)
                let run = try await Propaga.run([
                    "plan", Zone.origin, "--format", "json", "--previous-ttl", "900",
                    "--resolvers", resolvers.path, "--authority", authority.endpoint,
                ])
                await cache.stop()
                await authority.stop()
                return try PlanDocument(run)
            }
        }

        /// Signs the domain's zone; the path of the file with its key.
        private func sign(_ files: inout [String: String], _ dates: String, in folder: URL) async throws
            -> String
        {
            let zone = folder.appending(path: "unsigned.zone")
            try files[Zone.origin]?.write(to: zone, atomically: true, encoding: .utf8)
            let command = """
                cd '\(folder.path)' && key=$(ldns-keygen -a ECDSAP256SHA256 -k \(Zone.origin)) &&
                ldns-signzone \(dates) -o \(Zone.origin) -f signed.zone unsigned.zone "$key" && echo "$key"
                """
            let child = try Child("/bin/sh", ["-c", command], name: "ldns-signzone", folder: folder)
            guard try await child.end(within: .seconds(30)) == .exited(0) else {
                throw HarnessError("the zone was not signed\n\(child.transcript)")
            }
            files[Zone.origin] = try String(
                contentsOf: folder.appending(path: "signed.zone"), encoding: .utf8)
            let name = child.output.split(separator: "\n").last.map(String.init) ?? ""
            return folder.appending(path: "\(name).key").path
        }
    }
}
