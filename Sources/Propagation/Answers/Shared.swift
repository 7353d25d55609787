/// A value that several owners hold once: a reading is a resolver's last, its last informative one and the
/// one that it holds at the same time, for hundreds of thousands of resolvers and domains.
final class Shared<Value: Sendable>: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
