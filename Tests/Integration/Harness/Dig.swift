import Foundation

/// What `dig`, which shares no code with this package, sees at a server.
struct DigAnswer: Sendable, Equatable {
    struct Record: Sendable, Equatable {
        var ttl: Int
        var type: String
        var data: String
    }

    var code: String
    var records: [Record]

    func data(_ type: String) -> [String] { records.filter { $0.type == type }.map(\.data).sorted() }
    func ttl(_ type: String) -> Int? { records.filter { $0.type == type }.map(\.ttl).min() }
    var serial: UInt32? { data("SOA").first.flatMap { UInt32($0.split(separator: " ")[2]) } }
}

enum Dig {
    /// Asks once; `nil` where no answer came within a second.
    static func ask(_ server: Server, _ name: String, _ type: String) async throws -> DigAnswer? {
        try await withTemporaryFolder { folder in
            let arguments = [
                "-r", "@\(server.address)", "-p", "\(server.port)", name, type,
                "+tries=1", "+time=1", "+noall", "+comments", "+answer",
            ]
            let dig = try Child(try Executable.require("dig"), arguments, name: "dig", folder: folder)
            guard try await dig.end(within: .seconds(10)) == .exited(0) else { return nil }
            return parse(dig.output)
        }
    }

    /// The MX and the SOA of the domain that moves.
    static func mail(_ server: Server) async throws -> DigAnswer {
        guard let mx = try await ask(server, Zone.origin, "MX"),
            let soa = try await ask(server, Zone.origin, "SOA")
        else { throw HarnessError("\(server.name) does not answer dig\n\(server.transcript)") }
        return DigAnswer(code: mx.code, records: mx.records + soa.records)
    }

    private static func parse(_ output: String) -> DigAnswer? {
        guard let code = output.firstMatch(of: /status: (\w+)/)?.1 else { return nil }
        let records = output.split(separator: "\n").compactMap { line -> DigAnswer.Record? in
            let words = line.split(maxSplits: 4, whereSeparator: \.isWhitespace)
            guard words.count == 5, !line.hasPrefix(";"), let ttl = Int(words[1]) else { return nil }
            return DigAnswer.Record(ttl: ttl, type: String(words[3]), data: String(words[4]))
        }
        return DigAnswer(code: String(code), records: records)
    }
}
