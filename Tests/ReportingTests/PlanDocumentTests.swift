import DNS
import Foundation
import Propagation
import Testing

@testable import Reporting

@Suite("propaga/plan/1")
struct PlanDocumentTests {
    private static func text(_ situations: [PlanSituation]) -> String {
        var document = DocumentStream()
        var buffer: [UInt8] = []
        document.start(
            PlanStatus.Head(
                generatedAt: PlanSituation.clock.wall, target: .qboxmail, strategy: .after, policy: Policy()),
            into: &buffer)
        for situation in situations { document.append(situation.status, into: &buffer) }
        document.finish(PlanStatus.Tail(exitCode: 1), into: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    private static func document(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    @Test("Every real document is valid by the schema, as another program judges")
    func valid() throws {
        let documents =
            try PlanSituation.allCases.map { try Self.document(Self.text([$0])) }
            + [Self.document(Self.text(PlanSituation.allCases))]
        guard let faults = try SchemaTests.faults(documents, by: DocumentSchema.plan) else { return }
        for (index, fault) in faults.enumerated() { #expect(fault == nil, "document \(index)") }
        #expect(faults.count == documents.count)
    }

    private static let spoilers: [(from: String, to: String)] = [
        ("\"switched\":false", "\"switched\":false,\"extra\":1"), ("\"subdomains\":[],", ""),
        ("propaga/plan/1", "propaga/plan/2"), ("\"status\":\"wait\"", "\"status\":\"fix\""),
        ("\"status\":\"ok\"", "\"status\":\"wait\""), ("\"ttl\":86400", "\"ttl\":\"86400\""),
        ("\"ttl\":86400", "\"ttl\":604801"), ("\"remedy\":null", "\"remedy\":\"\""),
        ("\"step\":\"lower_ttl\"", "\"step\":\"lower\""), ("\"check\":\"mx_ttl\"", "\"check\":\"ttl\""),
        ("\"earliest_switch\":\"2026-", "\"earliest_switch\":\"26-"),
        ("\"readiness\":\"not_yet\"", "\"readiness\":\"no\""),
        ("\"kind\":\"long_copies\"", "\"kind\":\"copies\""), ("\"exit_code\":1", "\"exit_code\":3"),
    ]

    @Test("Documents in which one thing is spoiled are not")
    func spoiled() throws {
        let text = Self.text([.wishful])
        let documents = try Self.spoilers.map { spoiler in
            let place = try #require(
                text.range(of: spoiler.from), "\(spoiler.from) is not there to be spoiled")
            return try Self.document(text.replacingCharacters(in: place, with: spoiler.to))
        }
        guard let faults = try SchemaTests.faults(documents, by: DocumentSchema.plan) else { return }
        for (fault, spoiler) in zip(faults, Self.spoilers) { #expect(fault != nil, "\(spoiler.to)") }
        #expect(faults.count == Self.spoilers.count)
    }

    @Test("Every line has a sentence, and every one to be fixed says how", arguments: PlanSituation.allCases)
    func sentences(situation: PlanSituation) {
        for line in situation.status.lines {
            #expect(
                !line.text.isEmpty && line.text.first?.isUppercase == situation.startsWithName(line),
                "\(line)")
            #expect(line.text == line.text.escapedForDisplay, "\(line)")
            if line.status == "fix" { #expect(line.remedy?.isEmpty == false, "\(line)") }
            if line.status == "ok" { #expect(line.remedy == nil, "\(line)") }
        }
    }

    @Test("The instants are those that were wished for, to the second")
    func exactInstants() {
        let status = PlanSituation.wishful.status
        #expect(status.timeline?.switchAt.description == "2026-11-23T18:05:00Z")
        #expect(status.timeline?.steps.first?.notBefore.description == "2026-11-23T17:05:00Z")
        #expect(
            status.timeline?.costs.map(\.kind) == ["long_copies", "less_than_two_days", "short_first_pass"])
    }
}

extension PlanSituation {
    /// Sentences begin without a capital, unless a name does.
    fileprivate func startsWithName(_ line: PlanStatus.Line) -> Bool {
        line.text.prefix { $0 != " " }.contains { $0 == "." }
            && line.text.first?.isUppercase == true
    }
}
