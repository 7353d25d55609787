// swift-tools-version: 6.2
import PackageDescription

/// Targets in the order a question travels: out through the codec and the client, back into the
/// pure core, on to the faces. ARCHITECTURE.md draws the arrows; a test in HouseTests checks them.
let package = Package(
    name: "propaga",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.95.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .systemLibrary(name: "CLDNS", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .target(name: "DNS", dependencies: ["CIDN2"]),
        .target(name: "LDNS", dependencies: ["CLDNS", "DNS"]),
        .target(
            name: "DNSClient",
            dependencies: [
                "DNS", "LDNS",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "Propagation",
            dependencies: [
                "DNS",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .target(name: "Planning", dependencies: ["DNS", "Propagation"]),
        .target(name: "Storytelling", dependencies: ["DNS", "Propagation"]),
        .target(
            name: "Monitoring",
            dependencies: ["DNS", "DNSClient", "Propagation", "Planning"]),
        .target(
            name: "History",
            dependencies: [
                "DNS", "Propagation", "Storytelling", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(
            name: "Reporting", dependencies: ["DNS", "Propagation", "Planning", "Storytelling"],
            resources: ["status", "plan", "report", "history", "shared"].map {
                .embedInCode("Resources/\($0).schema.json")
            } + [.embedInCode("Resources/report.css")]),
        .target(
            name: "Lab",
            dependencies: [
                "DNS",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Whether the core is right, in a simulated world. It cannot import the core.
        .target(name: "Judging", dependencies: ["DNS", "Lab"]),
        .target(
            name: "Simulation",
            dependencies: [
                "DNS", "Propagation", "Lab", "Judging",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .executableTarget(
            name: "propaga",
            dependencies: [
                "DNS", "DNSClient", "Propagation", "Planning", "Storytelling", "Monitoring", "History",
                "Reporting", "Lab",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            // The copy of resolvers.conf that the program falls back to.
            resources: [.embedInCode("resolvers.conf")]),
        // What `make bench` runs beside the program.
        .executableTarget(
            name: "scale", dependencies: ["DNS", "DNSClient", "Propagation", "Monitoring", "History"],
            path: "Benchmarks/Scale"),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "Propagation", "Simulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Simulate"),
        .testTarget(name: "DNSTests", dependencies: ["DNS"]),
        .testTarget(name: "LDNSTests", dependencies: ["DNS", "LDNS", "Lab"]),
        .testTarget(
            name: "DNSClientTests",
            dependencies: [
                "DNS", "DNSClient", "Lab",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // Short ways to make what the core takes in.
        .target(name: "Builders", dependencies: ["DNS", "Propagation"], path: "Tests/Builders"),
        .testTarget(name: "PropagationTests", dependencies: ["DNS", "Propagation", "Builders"]),
        .testTarget(name: "PlanningTests", dependencies: ["DNS", "Propagation", "Planning", "Builders"]),
        .testTarget(name: "StorytellingTests", dependencies: ["DNS", "Propagation", "Storytelling"]),
        .testTarget(
            name: "MonitoringTests",
            dependencies: [
                "DNS", "LDNS", "DNSClient", "Propagation", "Planning", "Monitoring", "History", "Lab",
            ],
            // Read by path: a message names the file.
            exclude: ["Fixtures"]),
        .testTarget(
            name: "HistoryTests",
            dependencies: [
                "DNS", "Propagation", "Storytelling", "Monitoring", "History",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["DNS", "Propagation", "Planning", "Storytelling", "Reporting"]),
        .testTarget(name: "LabTests", dependencies: ["DNS", "LDNS", "Lab"]),
        .testTarget(
            name: "SimulationTests", dependencies: ["DNS", "Judging", "Propagation", "Lab", "Simulation"]),
        .testTarget(name: "HouseTests"),
        // Depends on the program, so that it is built and lies beside the test bundle.
        .testTarget(
            name: "Integration", dependencies: ["propaga", "DNS", "Propagation", "Storytelling", "Reporting"]),
    ],
    swiftLanguageModes: [.v6]
)

// What touches C, or memory by hand: there the source marks it with `unsafe`.
let unsafeTargets: Set = ["DNS", "LDNS", "DNSClient", "History", "Reporting", "propaga"]
for target in package.targets where unsafeTargets.contains(target.name) {
    target.swiftSettings = [.strictMemorySafety()]
}

// Continuous integration builds our own targets with warnings as errors. Not by `-Xswiftc`, which
// reaches the dependencies too and contradicts the flag that silences theirs.
if Context.environment["PROPAGA_STRICT"] != nil {
    for target in package.targets where target.type != .system {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-warnings-as-errors"])]
    }
}
