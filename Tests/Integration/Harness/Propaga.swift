import Foundation
import Testing

/// The program under test, run as a person or a script runs it.
enum Propaga {
    struct Run: Sendable {
        var ending: Child.Ending
        var output: String
        var errors: String

        func status() throws -> StatusDocument { try StatusDocument(json: output) }
    }

    /// Runs it to its end, in a folder of its own, so that no `resolvers.conf` of the surroundings counts.
    static func run(_ arguments: [String], within limit: Duration = .seconds(30)) async throws -> Run {
        try await withTemporaryFolder { folder in
            let child = try start(arguments, in: folder)
            let ending = try await child.end(within: limit)
            return Run(ending: ending, output: child.output, errors: child.errors)
        }
    }

    static func start(_ arguments: [String], in folder: URL) throws -> Child {
        try Child(
            Executable.propaga, arguments, name: "propaga", folder: folder,
            environment: ["NO_COLOR": "1", "XDG_STATE_HOME": folder.path])
    }
}

/// The part of `propaga/status/1` that the tests compare; the names are those of the document.
struct StatusDocument: Decodable, Sendable {
    struct Exchange: Decodable, Sendable {
        var preference: Int
        var exchange: String
        var accepted: Bool
    }

    struct Level: Decodable, Sendable {
        var reached: Bool
        var at: String?
        var basis: String?
    }

    struct SecondPass: Decodable, Sendable {
        var safe: Bool
        var bound: String?
        var settle: Int
    }

    struct ServerEntry: Decodable, Sendable {
        var name: String?
        var address: String
        var state: String?
        var mx: [Exchange]
        var ttl: Int?
        var ttlRemaining: Int?
        var soaSerial: UInt32?
        var clear: Bool?
        var rcode: String?
        var error: String?

        /// The MX RDATA as `dig` prints it, sorted.
        var exchanges: [String] { mx.map { "\($0.preference) \($0.exchange)." }.sorted() }
    }

    struct Authority: Decodable, Sendable {
        var zone: String?
        var consistent: Bool?
        var servers: [ServerEntry]
    }

    struct Domain: Decodable, Sendable {
        var domain: String
        var phase: String
        var conditionMet: Bool
        var published: Level
        var propagated: Level
        var secondPass: SecondPass
        var reasons: [String]
        var warnings: [String]
        var assumptions: [String]?
        var resolversCounted: Int
        var resolversClear: Int
        var authority: Authority
        var resolvers: [ServerEntry]
    }

    var schema: String
    var generatedAt: String
    var condition: String
    var exitCode: Int
    var deadlinePassed: Bool
    var domains: [Domain]

    init(json: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(Self.self, from: Data(json.utf8))
        } catch {
            throw HarnessError("no status document: \(error)\n\(json.prefix(2000))")
        }
    }

    /// The one domain of a status about one domain.
    var domain: Domain {
        get throws {
            try #require(domains.count == 1)
            return domains[0]
        }
    }
}

/// One line of `--format ndjson`.
struct EventLine: Decodable, Sendable {
    var event: String
    var at: String
    var domain: String?
    var resolver: String?
    var address: String?
    var from: String?
    var to: String?
    var level: String?
    var status: StatusDocument?

    static func lines(_ output: String) throws -> [EventLine] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // The last piece is empty, or a line that is still being written.
        return try output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            do {
                return try decoder.decode(EventLine.self, from: Data(line.utf8))
            } catch {
                throw HarnessError("no event: \(line): \(error)")
            }
        }
    }

    var time: Date {
        get throws {
            let plain = try? Date(at, strategy: .iso8601)
            let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return try plain ?? Date(at, strategy: fractional)
        }
    }
}
