/// A value that several owners share: one reading can be a resolver's last, last informative and holding one,
/// for hundreds of thousands of resolvers and domains.
final class Shared<Value: Sendable>: Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
