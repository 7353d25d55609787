import Foundation

/// Judges documents by JSON Schema 2020-12, with Python's jsonschema.
enum Schema {
    /// - Returns: exit code 0 for a valid document, 1 for another.
    static func validate(_ json: String, by schema: String, in folder: URL) async throws -> Child.Ending {
        try json.write(to: folder.appending(path: "status.json"), atomically: true, encoding: .utf8)
        try schema.write(to: folder.appending(path: "schema.json"), atomically: true, encoding: .utf8)
        let program = """
            import json, sys, jsonschema
            schema, status = (json.load(open(sys.argv[1] + "/" + name)) for name in ("schema.json", "status.json"))
            jsonschema.Draft202012Validator.check_schema(schema)
            checker = jsonschema.FormatChecker()
            errors = list(jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(status))
            for error in errors: print(error.json_path, error.message)
            sys.exit(1 if errors else 0)
            """
        let python = try Child(
            "/usr/bin/python3", ["-W", "ignore", "-c", program, folder.path], name: "jsonschema",
            folder: folder)
        let ending = try await python.end(within: .seconds(30))
        if case .exited(let code) = ending, code > 1 || python.errors.contains("Traceback") {
            throw HarnessError("the validator failed\n\(python.transcript)")
        }
        return ending
    }
}
