import Synchronization

/// A world that several servers, and a test that changes things under them, use at once.
package final class SharedWorld: Sendable {
    private let world: Mutex<LabWorld>

    package init(_ world: LabWorld) { self.world = Mutex(world) }

    /// Reads or changes the world while nobody else uses it.
    package func withWorld<Result: Sendable>(_ body: (inout LabWorld) -> Result) -> Result {
        world.withLock { world in body(&world) }
    }
}
