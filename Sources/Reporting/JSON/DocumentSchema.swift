/// The JSON Schemas (2020-12) of the documents, which `--schema` prints: `Resources/*.schema.json`.
///
/// Strict: every member is required and no other is allowed, so that a document cannot change without its version.
package enum DocumentSchema {
    /// `propaga/status/1`.
    package static var status: String { whole(PackageResources.status_schema_json) }
    /// `propaga/plan/1`.
    package static var plan: String { whole(PackageResources.plan_schema_json) }
    /// `propaga/report/1`.
    package static var report: String { whole(PackageResources.report_schema_json) }
    /// `propaga/history/1`.
    package static var history: String { whole(PackageResources.history_schema_json) }

    /// With the definitions that all have in common, which stand in a file of their own.
    private static func whole(_ own: [UInt8]) -> String {
        let start = "  \"$defs\": {\n"
        var schema = String(decoding: own, as: UTF8.self)
        let shared = String(decoding: PackageResources.shared_schema_json, as: UTF8.self)
        guard let place = schema.firstRange(of: start), let begin = shared.firstRange(of: start),
            let end = shared.firstRange(of: "\n  }\n}\n")
        else { preconditionFailure("a schema without definitions") }
        schema.insert(
            contentsOf: shared[begin.upperBound..<end.lowerBound] + ",\n", at: place.upperBound)
        return schema
    }
}
