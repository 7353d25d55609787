import Foundation

/// What went wrong around the tests, as opposed to in what they test.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks again and again until there is a value, and gives up after `limit`.
@discardableResult
func eventually<Value>(
    _ what: String, within limit: Duration, _ ask: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await ask() { return value }
        guard ContinuousClock.now < deadline else {
            throw HarnessError("waited \(limit) in vain until \(what)")
        }
        try? await Task.sleep(for: .milliseconds(20))
    }
}

/// A folder for one test, gone when `body` returns or throws.
func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "propaga-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
