import ArgumentParser
import Monitoring

/// Finds the list of resolvers: the given file, or else `./resolvers.conf`, the system's file, the built-in copy.
enum ResolverSource {
    static let systemPath = "/etc/propaga/resolvers.conf"
    static let builtInName = "the built-in resolvers.conf"

    /// - Throws: exit code 66 if the file cannot be read, 78 if it is malformed.
    static func load(_ path: String?) throws -> (list: ResolverList, origin: String) {
        let found = path ?? ["./resolvers.conf", systemPath].first(where: InputFiles.exists)
        let text = try found.map(InputFiles.text(of:)) ?? builtIn
        let origin = found.map { $0 == "-" ? "standard input" : $0 } ?? builtInName
        do {
            return (try ResolverList(parsing: text, file: origin), origin)
        } catch {
            throw failure(ExitStatus.configuration, "\(error)")
        }
    }

    private static var builtIn: String {
        String(decoding: PackageResources.resolvers_conf, as: UTF8.self)
    }
}
