import Foundation
import Testing

/// The part of `propaga/plan/1` that the tests compare; the names are those of the document.
struct PlanDocument: Decodable, Sendable {
    struct Check: Decodable, Sendable {
        var check: String
        var status: String
        var until: Date?
        var text: String
        var remedy: String?
    }

    struct Step: Decodable, Sendable {
        var step: String
        var notBefore: Date
    }

    struct Timeline: Decodable, Sendable {
        struct Cost: Decodable, Sendable { var kind: String }
        var earliestSwitch: Date
        var switchAt: Date
        var bound: Date
        var costs: [Cost]
        var steps: [Step]

        subscript(step: String) -> Date? { steps.first { $0.step == step }?.notBefore }
    }

    struct Exchange: Decodable, Sendable {
        var exchange: String
        var addresses: [String]?
    }

    struct Domain: Decodable, Sendable {
        var domain: String
        var zone: String?
        var readiness: String
        var switched: Bool
        var ttl: Int?
        var mx: [Exchange]
        var checks: [Check]
        var timeline: Timeline?

        /// The line about a topic; several for some.
        subscript(topic: String) -> Check? { checks.first { $0.check == topic } }
        /// The topics that are not ok.
        var obstacles: [String] { checks.filter { $0.status != "ok" }.map { "\($0.check): \($0.status)" } }
    }

    var schema: String
    var exitCode: Int
    var generatedAt: Date
    var domains: [Domain]

    init(_ run: Propaga.Run) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .iso8601
        do {
            self = try decoder.decode(Self.self, from: Data(run.output.utf8))
        } catch {
            throw HarnessError("no plan: \(error)\n\(run.output.prefix(2000))\n\(run.errors)")
        }
        #expect(schema == "propaga/plan/1")
        #expect(run.ending == .exited(Int32(exitCode)))
    }

    /// The one domain of a plan about one domain.
    var domain: Domain {
        get throws {
            try #require(domains.count == 1)
            return domains[0]
        }
    }
}
